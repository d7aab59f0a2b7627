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
#include "engine/job.h"
#include "engine/pacer.h"
#include "engine/planner.h"
#include "engine/statistics.h"
#include "transport/transport.h"

/*
 * Admission classes: who goes first when slots or quota are short.  What is nearly finished goes before what is new, so
 * that the number of images under way, and with it the memory and the polls, stays no larger than needed.
 */
enum ad_class {
    AD_CLASS_RESULT,
    AD_CLASS_SUBMIT,
    AD_CLASS_HOT_POLL,    /* probably done */
    AD_CLASS_UPLOAD,      /* not paced */
    AD_CLASS_FREE_CREATE, /* of an image under way, or that will not be polled: not held back by the window */
    AD_CLASS_CREATE,
    AD_CLASS_POLL,
    AD_CLASSES
};

struct ad_log {
    animaldetect_log_callback callback;
    void *user;
    int32_t level;
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
    struct ad_retry_bucket bucket;
    struct ad_statistics statistics;

    struct ad_heap timers;
    struct ad_list flight; /* every job with a call, completed ones that were not taken included */
    struct ad_list waiting[AD_CLASSES];
    struct ad_list done;
    uint64_t completions; /* calls that were put there, ever: who waits is woken by what was added */
    struct ad_list spare; /* exchanges to use again */
    struct ad_hashing hashing;
    struct ad_exchange *current; /* whose completion is being handled, or NULL */
    int32_t active;              /* exchanges on the wire */
    int32_t active_uploads;
    int32_t window;      /* run calls between their create and their completion: see ad_admit */
    int64_t now_ms;      /* of this iteration */
    int64_t slice_end_ms; /* when this iteration has used up its time */
    int64_t due_ms;      /* when the next iteration is due, AD_TIME_NEVER */
    int64_t pressed_ms;  /* when the planner was last told of pressure */
    int os_error;        /* errno behind the last refusal of a source, 0 for none */
    bool pressed;
    bool announced; /* the host's loop knows of completed calls */
    bool more;      /* work was left over for the next iteration */
};

/* The transport's clock, now; `now_ms` is the iteration's. */
int64_t ad_engine_clock_ms(const struct ad_engine *engine);

/* Has this iteration used up its time? */
bool ad_engine_slice_is_over(const struct ad_engine *engine);

/* Requests that wait for a slot or for quota. */
int64_t ad_engine_waiting(const struct ad_engine *engine);

/* Makes an iteration due at once. */
void ad_engine_signal(const struct ad_engine *engine);

bool ad_engine_logs(const struct ad_engine *engine, int32_t level);
void ad_engine_log(struct ad_engine *engine, int32_t level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
