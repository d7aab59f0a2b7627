/* SPDX-License-Identifier: MIT */
/*
 * One request of a job on the wire: everything that is needed only while it is there.  Exchanges are pooled by the
 * engine, so there are never more of them than requests at once.
 */
#ifndef AD_ENGINE_EXCHANGE_H
#define AD_ENGINE_EXCHANGE_H

#include "base/check.h"
#include "engine/core.h"
#include "engine/steps.h"
#include "protocol/hints.h"
#include "protocol/request.h"

struct ad_exchange {
    struct ad_transfer transfer;
    struct ad_request request;
    struct ad_list_node spare;
    struct ad_engine *engine;
    animaldetect_job *job;
    const struct ad_step *step;
    struct ad_reading reading; /* of an upload */
    struct ad_hints hints;
    struct ad_service_error error; /* when the answer was 400 or more */
    int64_t sent_ms;
    uint8_t step_number; /* enum animaldetect_step */
};

/*
 * Puts the job's current step on the wire.  ANIMALDETECT_OK: it is there, `job->call.exchange` is set.  Otherwise
 * nothing was sent, and `reason` has static words.
 */
AD_CHECKED int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, const char **reason);

/* It has completed: its slot is free, `job->call.exchange` is NULL.  What it brought is still here. */
void ad_exchange_leave_wire(struct ad_exchange *exchange);

/* Takes an exchange off the wire before it has completed, and back to the pool. */
void ad_exchange_abort(struct ad_exchange *exchange);

/* Back to the pool, on the wire or not; never tells the transport. */
void ad_exchange_release(struct ad_exchange *exchange);

/* Frees the pool. */
void ad_exchange_free_spares(struct ad_engine *engine);

#endif
