/* SPDX-License-Identifier: MIT */
/*
 * One request of a job on the wire, with everything that it needs only there.  Exchanges are pooled by the engine, so
 * there are never more of them than concurrent requests.
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
    uint64_t acked;             /* acknowledged bytes when they last increased */
    int64_t moved_ms;           /* when they last increased */
    struct ad_engine *engine;
    animaldetect_job *job;
    const struct ad_step *step;
    struct ad_reading reading; /* of an upload */
    struct ad_hints hints;
    struct ad_location location;   /* of the response */
    struct ad_hop *hop;            /* the redirect that led to this request, malloc; NULL: none */
    struct ad_service_error error; /* if the HTTP status is 400 or more */
    int64_t sent_ms;
    uint32_t key_number; /* number of the API key that it carries, see ad_account_hold */
    bool probe;          /* sent as a probe while others are held */
    bool permit;         /* holds a permit, see quota.h */
    uint8_t step_number; /* enum animaldetect_step */
};

/*
 * Puts the job's current step on the wire.  ANIMALDETECT_OK: `job->call.exchange` is set.  Otherwise nothing was sent,
 * and `fault` has a static reason and the error of the image file.
 */
AD_CHECKED int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, struct ad_file_fault *fault);

/* Frees the slot after completion; `job->call.exchange` becomes NULL.  The response is still readable. */
void ad_exchange_leave_wire(struct ad_exchange *exchange);

/* Takes an exchange off the wire before it has completed, and returns it to the pool. */
void ad_exchange_abort(struct ad_exchange *exchange);

/* Returns it to the pool, whether on the wire or not, without calling the transport. */
void ad_exchange_release(struct ad_exchange *exchange);

/*
 * Whether a redirect led this request outside the service.  Then it is not paced, and its response says nothing about
 * the API.
 */
bool ad_exchange_is_foreign(const struct ad_exchange *exchange);

/*
 * Whether its response tells if the hold that the service asked for still applies: not if the hold began after it was
 * sent.
 */
bool ad_exchange_asks_about_wait(const struct ad_exchange *exchange);

/* Frees the pool. */
void ad_exchange_free_spares(struct ad_engine *engine);

#endif
