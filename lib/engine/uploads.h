/* SPDX-License-Identifier: MIT */
/*
 * The uploads on the wire and their shared link: decides when the next upload, and the next create, may start.
 * Combines what the transport measures, the lifetimes of the upload URLs, and the rules of uplink.h.
 */
#ifndef AD_ENGINE_UPLOADS_H
#define AD_ENGINE_UPLOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "engine/uplink.h"

#define AD_FRESH_URLS_MOST 2 /* fresh upload URLs per call */

struct ad_engine;
struct ad_exchange;
struct animaldetect_job;

struct ad_uploads {
    struct ad_uplink link;
    struct ad_list on_wire;     /* exchanges */
    uint64_t least_left;        /* unacknowledged bytes of the upload that is nearest to completion */
    struct ad_uplink_view view; /* measured at `measured_ms`, then updated as uploads start and complete */
    uint64_t completed_acked;   /* acknowledged bytes of uploads that have left the wire */
    int64_t measured_ms;
    int64_t asked_ms;  /* when the transport was last asked */
    int64_t life_ms;   /* of the newest upload URL; 0: unknown */
    int64_t create_ms; /* duration of a create, smoothed; 0: unknown */
    uint64_t size;     /* size of an image, smoothed; 0: unknown */
    int32_t creates;   /* on the wire */
    int32_t silent;    /* uploads on the wire that the view excludes, see uplink.h */
    int32_t probes;    /* started since the last response */
    int64_t answered_ms;
};

void ad_uploads_init(struct ad_uploads *uploads);

/* An exchange of any step is put on the wire, or has left it. */
void ad_uploads_begin(struct ad_engine *engine, struct ad_exchange *exchange);
void ad_uploads_end(struct ad_engine *engine, struct ad_exchange *exchange);

/* A good response, of any step, was applied to the job. */
void ad_uploads_answered(const struct ad_exchange *exchange);

/* The network was lost or changed. */
void ad_uploads_forget(struct ad_engine *engine);

/* The upload that may start now: the first in the queue, or a small one behind it; NULL for none. */
struct animaldetect_job *ad_uploads_next(struct ad_engine *engine);

/* After ad_uploads_next returned NULL: when to check again, if nothing happens until then. */
int64_t ad_uploads_again_ms(const struct ad_engine *engine);

/* Whether the job's upload URL has expired, or would before the image is uploaded: it then needs a fresh one first. */
bool ad_uploads_is_too_late(struct ad_engine *engine, const struct animaldetect_job *job);

/* The create that may start now, such that the link will be free before its upload URL expires; NULL for none. */
struct animaldetect_job *ad_uploads_next_create(struct ad_engine *engine);

#endif
