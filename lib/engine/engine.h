/* SPDX-License-Identifier: MIT */
/*
 * Moves jobs along.  One engine per client; every function is called with the client's lock held.
 *
 * One turn: deliver what the transport has, wake what is due, hash a slice, admit what may go on the wire, and say when
 * the next turn is due.  Work per turn is bounded and never depends on the number of jobs that wait.
 *
 *   idle -> hashing -> waiting -> wire -> (sleeping -> waiting -> wire)* -> done -> idle
 */
#ifndef AD_ENGINE_ENGINE_H
#define AD_ENGINE_ENGINE_H

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
#include "engine/job.h"
#include "engine/pacer.h"
#include "engine/planner.h"
#include "engine/statistics.h"
#include "transport/transport.h"

/* Who goes first when places or quota are short. */
enum ad_class {
    AD_CLASS_RESULT,
    AD_CLASS_SUBMIT,
    AD_CLASS_HOT_POLL,    /* probably done */
    AD_CLASS_FREE_CREATE, /* of an image that is under way already, or that will not be polled: the gate is not for it
                           */
    AD_CLASS_CREATE,
    AD_CLASS_POLL,
    AD_CLASS_UPLOAD, /* not paced */
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
    void (*ended)(void *context, animaldetect_job *job); /* a call has ended: wakes who waits for it */
    void *ended_context;

    struct ad_rng rng;
    struct ad_pacer pacer;
    struct ad_planner planner;
    struct ad_retry_bucket bucket;
    struct ad_statistics statistics;

    struct ad_heap timers;
    struct ad_list flight; /* every job with a call, ended ones that were not taken included */
    struct ad_list waiting[AD_CLASSES];
    struct ad_list hashing;
    struct ad_list done;
    struct ad_list spare;           /* exchanges to use again */
    struct ad_reading hash_reading; /* of the first job in `hashing`, when hash_open */
    struct ad_digest hash_digest;
    struct ad_exchange *current; /* whose end is being dealt with, or NULL */
    animaldetect_job *hash_job;  /* NULL when no reading is open */
    int32_t active;              /* exchanges on the wire */
    int32_t active_uploads;
    int32_t open;       /* run calls between their create and their end */
    int64_t now_ms;     /* of this turn */
    int64_t turn_end_ms; /* when this turn has used up its time */
    int64_t due_ms;     /* when the next turn is due, AD_TIME_NEVER */
    int64_t pressed_ms; /* when the planner was last told of pressure */
    int os_error;       /* errno behind the last refusal of a source, 0 for none */
    bool pressed;
    bool announced; /* the host's loop was told of ended calls */
    bool more;      /* work was left over for the next turn */
};

/* Takes over the transport, also on failure.  ANIMALDETECT_OK or E_NO_MEMORY. */
int32_t ad_engine_init(struct ad_engine *engine, const struct ad_config *config, struct ad_secret *key,
                       const struct ad_mask *mask, struct ad_log *log, struct ad_transport *transport, uint64_t seed);

/* Ends every call silently with E_CANCELED and closes the transport. */
void ad_engine_close(struct ad_engine *engine, bool forked);

/* Starts a call.  E_BUSY, E_STATE, E_NO_API_KEY, E_NO_MEMORY, E_INVALID_ARGUMENT: nothing was started. */
int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal);

/* Ends the call in flight with E_CANCELED, handed out like any other.  Nothing without a call. */
void ad_engine_cancel(struct ad_engine *engine, animaldetect_job *job);

/* Forgets the job: aborts its exchange, takes it out of every queue, hands nothing out. */
void ad_engine_forget(struct ad_engine *engine, animaldetect_job *job);

/*
 * Does what is ready, bounded in number and in time: about AD_SLICE_MS and the one piece of work that passes it.  What is
 * left makes the next turn due.
 */
void ad_engine_turn(struct ad_engine *engine);

/* The next ended call, or NULL; it is idle afterwards. */
animaldetect_job *ad_engine_take(struct ad_engine *engine);
/* Takes this job's end. */
void ad_engine_take_job(struct ad_engine *engine, animaldetect_job *job);

/* Milliseconds until the next turn is due; 0 now, -1 when only the transport can tell. */
int64_t ad_engine_timeout_ms(const struct ad_engine *engine);

/* Has this turn used up its time? */
bool ad_engine_turn_is_over(const struct ad_engine *engine);

bool ad_engine_logs(const struct ad_engine *engine, int32_t level);
void ad_engine_log(struct ad_engine *engine, int32_t level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
