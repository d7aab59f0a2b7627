/* SPDX-License-Identifier: MIT */
/*
 * The uploads on the wire and the link that they share: when the next one, and the next create, may go.  Brings
 * together what the transport sees of each, what the service says of their URLs, and the rule of uplink.h.
 */
#ifndef AD_ENGINE_UPLOADS_H
#define AD_ENGINE_UPLOADS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "engine/uplink.h"

#define AD_FRESH_URLS_MOST 2 /* that one call asks for */

struct ad_engine;
struct ad_exchange;
struct animaldetect_job;

struct ad_uploads {
    struct ad_uplink link;
    struct ad_list on_wire;     /* exchanges */
    uint64_t least_left;        /* unacknowledged bytes of the upload that is nearest to its end */
    struct ad_uplink_view view; /* as of `looked_ms`, kept in step with what begins and ends since */
    uint64_t ended_acked;       /* acknowledged bytes of those that are over */
    int64_t looked_ms;
    int64_t asked_ms;  /* when the transport was last asked */
    int64_t life_ms;   /* of the newest upload URL; 0: not known */
    int64_t create_ms; /* what a create takes, smoothed; 0: not known */
    uint64_t size;     /* of an image, smoothed; 0: not known */
    int32_t creates;   /* on the wire */
    int32_t silent;    /* uploads that are on the wire and not in the view, see uplink.h */
    int32_t probes;    /* that have started since the last answer */
    int64_t answered_ms;
};

void ad_uploads_init(struct ad_uploads *uploads);

/* An exchange goes on the wire, and has left it; of any step. */
void ad_uploads_begin(struct ad_engine *engine, struct ad_exchange *exchange);
void ad_uploads_end(struct ad_engine *engine, struct ad_exchange *exchange);

/* A good answer has come and was applied to the job; of any step. */
void ad_uploads_answered(const struct ad_exchange *exchange);

/* The network is gone, or is another one. */
void ad_uploads_forget(struct ad_engine *engine);

/* The upload that may go out now: the first in line, or a small one behind it; NULL for none. */
struct animaldetect_job *ad_uploads_next(struct ad_engine *engine);

/* When to ask again although nothing happens until then; only after a no. */
int64_t ad_uploads_again_ms(const struct ad_engine *engine);

/* Has the job's upload URL expired, or would it before the image is there?  Then it needs another one first. */
bool ad_uploads_is_too_late(struct ad_engine *engine, const struct animaldetect_job *job);

/* The create that may go out now: one that finds the link free before its upload URL is over; NULL for none. */
struct animaldetect_job *ad_uploads_next_create(struct ad_engine *engine);

#endif
