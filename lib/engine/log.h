/* SPDX-License-Identifier: MIT */
/*
 * The engine's log records: job, step, request, and a message.  A record lives on the stack of the function that logs
 * it.
 */
#ifndef AD_ENGINE_LOG_H
#define AD_ENGINE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/log.h>

#include "base/release.h"

struct animaldetect_log_record {
    int32_t level;
    int32_t step;                /* ANIMALDETECT_STEP_NONE: a whole call, or not about a step */
    int32_t http_status;         /* 0: no response */
    int64_t duration_ms;         /* -1: not applicable */
    const animaldetect_job *job; /* NULL: the whole client */
    const char *request_id;      /* NULL or "": none */
    /* Filled in by ad_log_write. */
    animaldetect_client *client;
    const char *text;
};

struct ad_log {
    animaldetect_client *client; /* the client that logs */
    animaldetect_log_callback callback;
    void *user;
    struct ad_release *release; /* of `user` */
    int32_t level;
};

bool ad_log_takes(const struct ad_log *log, int32_t level);

/* Fills in the record and passes it to the host, if the host wants its level. */
void ad_log_write(const struct ad_log *log, struct animaldetect_log_record *record, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
