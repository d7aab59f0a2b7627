/* SPDX-License-Identifier: MIT */
/*
 * One request of a job on the wire: everything that is needed only while it is there.  Exchanges are pooled by the
 * engine, so there are never more of them than requests at once.
 */
#ifndef AD_ENGINE_EXCHANGE_H
#define AD_ENGINE_EXCHANGE_H

#include "engine/engine.h"
#include "protocol/hints.h"

struct ad_exchange {
    struct ad_transfer transfer;
    struct ad_list_node spare;
    struct ad_engine *engine;
    animaldetect_job *job;
    struct ad_reading reading; /* of an upload */
    struct ad_hints hints;
    struct ad_service_error error; /* when the answer was 400 or more */
    struct ad_buf body;            /* of a create */
    char key[AD_KEY_TEXT_SIZE];
    char length[24];
    int64_t sent_ms;
    int32_t step;
};

/*
 * Puts the job's current step on the wire.  ANIMALDETECT_OK: it is there, `job->call.exchange` is set.  Otherwise nothing
 * was sent, and `reason` has static words.
 */
int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, const char **reason);

/* Takes an exchange off the wire (without its `done`) and back to the pool. */
void ad_exchange_abort(struct ad_exchange *exchange);

/* Back to the pool, after `done`. */
void ad_exchange_release(struct ad_exchange *exchange);

/* Frees the pool. */
void ad_exchange_free_spares(struct ad_engine *engine);

#endif
