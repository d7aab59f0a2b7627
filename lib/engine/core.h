/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the engine share: its queues, timers, pools, and common helpers.  One engine per client; every
 * function of the engine is called with the client's lock held.
 *
 * The parts call each other in one direction only:
 *
 *   engine (start, cancel, forget, take), iteration
 *     deliver, wake, prepare, admit      the parts of an iteration, in this order
 *       call                             one call: from step to step, sleeping in between, to its completion
 *         exchange                       one request on the wire
 *           transport
 */
#ifndef AD_ENGINE_CORE_H
#define AD_ENGINE_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/statistics.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/mask.h"
#include "base/rng.h"
#include "base/secret.h"
#include "engine/backoff.h"
#include "engine/config.h"
#include "engine/hashing.h"
#include "engine/hold.h"
#include "engine/job.h"
#include "engine/log.h"
#include "engine/pacer.h"
#include "engine/parts.h"
#include "engine/planner.h"
#include "engine/queue.h"
#include "engine/sight.h"
#include "engine/statistics.h"
#include "engine/uploads.h"
#include "transport/transport.h"

/*
 * Admission classes, in the order in which they get slots and quota.  What is nearly finished goes before what is new,
 * so that the number of images in flight, and with it memory and polls, stays no larger than needed.
 */
enum ad_class {
    AD_CLASS_FETCH,
    AD_CLASS_SUBMIT,
    AD_CLASS_HOT_POLL,    /* probably done */
    AD_CLASS_UPLOAD,      /* not paced */
    AD_CLASS_FRESH_URL,   /* a create for an image in flight whose upload URL is no longer valid */
    AD_CLASS_FREE_CREATE, /* of an image that will not be polled: not limited by the window */
    AD_CLASS_CREATE,
    AD_CLASS_POLL,
    AD_CLASS_LATE_POLL, /* of a straggler; has a small share ahead of new images */
    AD_CLASSES
};

struct ad_engine {
    const struct ad_config *config;
    struct ad_secret *key;
    const struct ad_mask *mask; /* every key that was ever set */
    struct ad_transport *transport;
    struct ad_log *log;

    struct ad_rng rng;
    struct ad_pacer pacer;
    struct ad_planner planner;
    struct ad_sight sight;
    struct ad_retry_bucket bucket;
    struct ad_hold hold;
    struct ad_uploads uploads;
    struct ad_statistics statistics;
    int64_t clock_offset_ms; /* service clock minus ours, by the last Date; 0: unknown */

    struct ad_heap timers;
    struct ad_list flight; /* every job with a call, including completed ones not yet collected */
    struct ad_queue waiting[AD_CLASSES];
    struct ad_list done;
    struct ad_list stragglers; /* calls whose jobs take longer than nearly all others */
    uint64_t completions;      /* completions so far; a change wakes waiting threads */
    struct ad_list spare;      /* pool of exchanges */
    struct ad_hashing hashing;
    char *moved_base;            /* the base URL after permanent redirects, malloc; NULL: not moved */
    uint8_t base_moves;          /* number of moves */
    struct ad_exchange *current; /* whose completion is being handled, or NULL */
    int32_t active;              /* exchanges on the wire */
    struct ad_parts parts;       /* shares of the connections, for API and storage */
    int64_t parts_ms;            /* when a share may grow for a waiting request, 0: not by time */
    int32_t since_late;          /* paced requests since the last poll of a straggler, saturating at its share */
    int32_t window;      /* run calls between their create and their completion: see ad_admit */
    int64_t now_ms;      /* the time of this iteration */
    int64_t slice_end_ms; /* when the time budget of this iteration is used up */
    int64_t due_ms;      /* when the next iteration is due, AD_TIME_NEVER */
    int64_t ended_ms;    /* when a poll last found a finished job, initially the start of the engine */
    int64_t pressed_ms;  /* when pressure was last reported to the planner */
    bool pressed;
    bool link_bound; /* creates wait for the link, not for quota */
    bool announced;  /* the host's loop was notified of completed calls */
    bool more;       /* work is left for the next iteration */
};

/* The current time of the transport's clock; `now_ms` is constant during an iteration. */
int64_t ad_engine_clock_ms(const struct ad_engine *engine);

/* The base URL of requests: the host's, or where permanent redirects moved it.  Trust is decided by the host's. */
const char *ad_engine_base_url(const struct ad_engine *engine);

/* Whether this iteration has used up its time budget. */
bool ad_engine_slice_is_over(const struct ad_engine *engine);

/* The number of requests that wait for a slot or for quota. */
int64_t ad_engine_waiting(const struct ad_engine *engine);

/* Makes an iteration due at once. */
void ad_engine_signal(const struct ad_engine *engine);

#endif
