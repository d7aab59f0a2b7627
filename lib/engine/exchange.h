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
#include "protocol/redirect.h"
#include "protocol/request.h"

struct ad_exchange {
    struct ad_transfer transfer;
    struct ad_request request;
    struct ad_list_node spare;
    struct ad_list_node upload; /* in ad_uploads.on_wire, as the next two */
    uint64_t acked;             /* bytes that had been acknowledged when that was last more than before */
    int64_t moved_ms;           /* when that was */
    struct ad_engine *engine;
    animaldetect_job *job;
    const struct ad_step *step;
    struct ad_reading reading; /* of an upload */
    struct ad_hints hints;
    struct ad_location location;   /* of the answer */
    struct ad_hop *hop;            /* the redirect that led to this request, malloc; NULL: none */
    struct ad_service_error error; /* when the answer was 400 or more */
    int64_t sent_ms;
    uint32_t key_number; /* of the API key that it carries, see ad_account_hold */
    bool probe;          /* let through while others are held */
    bool permit;         /* it has a permit, see quota.h */
    uint8_t step_number; /* enum animaldetect_step */
};

/*
 * Puts the job's current step on the wire.  ANIMALDETECT_OK: it is there, `job->call.exchange` is set.  Otherwise
 * nothing was sent, and `fault` has static words and what the system said of the image.
 */
AD_CHECKED int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, struct ad_file_fault *fault);

/* It has completed: its slot is free, `job->call.exchange` is NULL.  What it brought is still here. */
void ad_exchange_leave_wire(struct ad_exchange *exchange);

/* Takes an exchange off the wire before it has completed, and back to the pool. */
void ad_exchange_abort(struct ad_exchange *exchange);

/* Back to the pool, on the wire or not; never tells the transport. */
void ad_exchange_release(struct ad_exchange *exchange);

/* Has a redirect led this request out of the service?  Then it is not paced, and its answer says nothing of the API. */
bool ad_exchange_is_foreign(const struct ad_exchange *exchange);

/* Does its answer say whether the service's wait still holds?  Not of a wait that began after it was sent. */
bool ad_exchange_asks_about_wait(const struct ad_exchange *exchange);

/* Frees the pool. */
void ad_exchange_free_spares(struct ad_engine *engine);

#endif
