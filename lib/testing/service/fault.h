/* SPDX-License-Identifier: MIT */
/*
 * A fault, parsed by fault_parse.c and applied by fault.c.  The grammar is in fault.c.
 */
#ifndef TESTING_SERVICE_FAULT_H
#define TESTING_SERVICE_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testing/service/internal.h"

enum svc_fault_kind {
    SVC_FAULT_STATUS,
    SVC_FAULT_RESET_BEFORE,
    SVC_FAULT_RESET_AFTER,
    SVC_FAULT_STALL,
    SVC_FAULT_TRUNCATE,
    SVC_FAULT_MALFORMED,
    SVC_FAULT_WRONG_LENGTH,
    SVC_FAULT_SLOW,
    SVC_FAULT_DELAY,
    SVC_FAULT_EARLY,
    SVC_FAULT_FOREIGN_URL,
    SVC_FAULT_HUGE,
    SVC_FAULT_HTML,
    SVC_FAULT_HEADER,
    SVC_FAULT_ODD
};

struct svc_fault {
    unsigned routes; /* bit per enum svc_route */
    enum svc_fault_kind kind;
    int status;
    double probability;
    int64_t count; /* maximum number of times; -1: no limit */
    int64_t from;  /* this many requests are skipped first */
    int64_t every;
    int64_t begin_ms; /* since the first request */
    int64_t end_ms;   /* 0: never */
    int64_t repeat_ms;
    int64_t retry_after_s; /* -1: none */
    int64_t retry_date_s;  /* -1: none */
    int64_t ms;
    int64_t bps;
    int64_t size;
    bool after_effect;
    bool edge;
    char *to;
    enum svc_odd form;
    char *code;
    char *message;
    char *header_name;
    char *header_value;

    int64_t seen;
    int64_t fired;
};

/* Parses a fault.  On failure `error` says why, and nothing needs freeing. */
bool svc_fault_parse(const char *spec, struct svc_fault *fault, char *error, size_t error_size);
void svc_fault_free(struct svc_fault *fault);

#endif
