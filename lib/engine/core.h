/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the engine share: its queues, timers and pools, and the few questions that all of them ask.  One
 * engine per client; every function of the engine is called with the client's lock held.
 *
 * The parts call each other in one direction only:
 *
 *   engine (start, cancel, forget, take), iteration
 *     deliver, wake, prepare, admit      what an iteration does, in this order
 *       call                             one call: from step to step, asleep in between, to its completion
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
 * Admission classes: who goes first when slots or quota are short.  What is nearly finished goes before what is new, so
 * that the number of images under way, and with it the memory and the polls, stays no larger than needed.
 */
enum ad_class {
    AD_CLASS_FETCH,
    AD_CLASS_SUBMIT,
    AD_CLASS_HOT_POLL,    /* probably done */
    AD_CLASS_UPLOAD,      /* not paced */
    AD_CLASS_FRESH_URL,   /* a create for an image under way, whose upload URL is no good any more */
    AD_CLASS_FREE_CREATE, /* of an image that will not be polled: not held back by the window */
    AD_CLASS_CREATE,
    AD_CLASS_POLL,
    AD_CLASS_LATE_POLL, /* of a straggler; has a small share before new images */
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
    int64_t clock_offset_ms; /* of the service against ours, by its last Date; 0: not known */

    struct ad_heap timers;
    struct ad_list flight; /* every job with a call, completed ones that were not taken included */
    struct ad_queue waiting[AD_CLASSES];
    struct ad_list done;
    struct ad_list stragglers; /* calls whose jobs take longer than nearly all others */
    uint64_t completions; /* calls that were put there, ever: who waits is woken by what was added */
    struct ad_list spare; /* exchanges to use again */
    struct ad_hashing hashing;
    char *moved_base;            /* where redirects that are for good have moved the base URL, malloc; NULL: nowhere */
    uint8_t base_moves;          /* how often */
    struct ad_exchange *current; /* whose completion is being handled, or NULL */
    int32_t active;              /* exchanges on the wire */
    struct ad_parts parts;       /* of the connections, for API and storage */
    int64_t parts_ms;            /* when one may grow for a request that waits, 0: not by time */
    int32_t since_late;  /* paced requests since the last poll of a straggler, up to its share */
    int32_t window;      /* run calls between their create and their completion: see ad_admit */
    int64_t now_ms;      /* of this iteration */
    int64_t slice_end_ms; /* when this iteration has used up its time */
    int64_t due_ms;      /* when the next iteration is due, AD_TIME_NEVER */
    int64_t ended_ms;    /* when a poll last found a job that has come to its end, or the engine began */
    int64_t pressed_ms;  /* when the planner was last told of pressure */
    bool pressed;
    bool link_bound; /* creates wait for the link, and not for quota */
    bool announced; /* the host's loop knows of completed calls */
    bool more;      /* work was left over for the next iteration */
};

/* The transport's clock, now; `now_ms` is the iteration's. */
int64_t ad_engine_clock_ms(const struct ad_engine *engine);

/* What the URLs of requests begin with: the host's base URL, or where that has moved.  Trust goes by the host's. */
const char *ad_engine_base_url(const struct ad_engine *engine);

/* Has this iteration used up its time? */
bool ad_engine_slice_is_over(const struct ad_engine *engine);

/* Requests that wait for a slot or for quota. */
int64_t ad_engine_waiting(const struct ad_engine *engine);

/* Makes an iteration due at once. */
void ad_engine_signal(const struct ad_engine *engine);

#endif
