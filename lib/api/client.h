/* SPDX-License-Identifier: MIT */
/*
 * What stands behind animaldetect_client: configuration, engine, lock, and the threads that wait.
 *
 * Locking: `lock` covers everything below it.  `owner` names the thread that holds it, so that a call from inside a
 * callback is seen and refused instead of hanging.  The struct outlives animaldetect_client_free until its last job is
 * freed.
 */
#ifndef AD_API_CLIENT_H
#define AD_API_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <animaldetect/transport.h>
#include <animaldetect/types.h>

#include "api/fork_mark.h"
#include "base/check.h"
#include "base/environment.h"
#include "base/release.h"
#include "engine/engine.h"

/* Makes the transport when the first call is started or the descriptor is asked for. */
typedef int32_t (*ad_transport_factory)(void *context, const struct ad_config *config, struct ad_transport **out);

/* One thread that is blocked in a wait. */
struct ad_waiter {
    struct ad_list_node node;
    pthread_cond_t wake;
    animaldetect_job *job; /* NULL: any */
    bool signaled;
};

struct animaldetect_client {
    struct ad_fork_mark process;
    _Atomic(uintptr_t) owner;
    ad_transport_factory factory;
    void *factory_context;
    struct ad_environment environment;      /* as it was when the client was made */
    animaldetect_transport *host_transport; /* the host's own, referenced; NULL: libcurl */
    uint64_t seed;

    pthread_mutex_t turnstile; /* passed on the way to `lock`: see ad_lock */
    pthread_mutex_t lock;
    struct ad_config config;
    struct ad_secret key;
    struct ad_mask mask; /* every key that was ever set, to be kept out of texts */
    struct ad_log log;
    struct ad_engine engine; /* when `running` */
    struct ad_list waiters;
    uint64_t notified;           /* completions of the engine that waiters were woken for */
    pthread_cond_t left;         /* the last waiter has left a closing client */
    uint64_t references;         /* the host's, and one per job */
    struct ad_release *releases; /* functions of the host to be called when the lock is given back */
    animaldetect_job *freed;     /* by the host, to be taken apart when the lock is given back */
    uint64_t wakeups;            /* calls of animaldetect_client_wakeup */
    bool wakeup_pending;         /* one that nobody was there to see */
    bool running;                /* the transport was made: six settings are fixed */
    bool stopped;                /* by the host: nothing is started any more */
    bool closed;                 /* freed by the host */
    bool driving;                /* a waiter is inside the transport's `block` */
    char message[256];
};

/*
 * A client over any transport, with randomness from `seed` (0: a random one).  animaldetect_client_new is this with
 * libcurl; tests put the mock transport here.
 */
AD_CHECKED int32_t ad_client_new_over(ad_transport_factory factory, void *context, uint64_t seed,
                                      animaldetect_client **out);

#endif
