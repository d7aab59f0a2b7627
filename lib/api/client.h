/* SPDX-License-Identifier: MIT */
/*
 * The struct behind animaldetect_client: configuration, engine, lock, and the waiting threads.
 *
 * Locking: `lock` protects everything after it.  `owner` names the thread that holds it, so that a call from inside a
 * callback is refused instead of deadlocking.  The struct lives until its last job is freed, even after
 * animaldetect_client_free.
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

/* Creates the transport when the first call is started or the descriptor is requested. */
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
    struct ad_environment environment;      /* copied when the client was created */
    animaldetect_transport *host_transport; /* set by the host, referenced; NULL: libcurl */
    uint64_t seed;

    pthread_mutex_t turnstile; /* taken briefly before `lock`: see ad_lock */
    pthread_mutex_t lock;
    struct ad_config config;
    struct ad_secret key;
    struct ad_mask mask; /* every key that was ever set, to be masked in texts */
    struct ad_log log;
    struct ad_engine engine; /* when `running` */
    struct ad_list waiters;
    uint64_t notified;           /* completions of the engine that waiters were woken for */
    pthread_cond_t left;         /* signaled when the last waiter leaves a closing client */
    uint64_t references;         /* the host's, and one per job */
    struct ad_release *releases; /* the host's release functions to call after the unlock */
    animaldetect_job *freed;     /* jobs freed by the host, to be destroyed at the unlock */
    uint64_t wakeups;            /* calls of animaldetect_client_wakeup */
    bool wakeup_pending;         /* a wakeup that no thread has received */
    bool running;                /* the transport exists: six settings are fixed */
    bool stopped;                /* by the host: no call may start */
    bool closed;                 /* freed by the host */
    bool driving;                /* a thread is blocked in the transport's `block` */
    char message[256];
};

/*
 * Creates a client over any transport, with randomness from `seed` (0: a random one). animaldetect_client_new uses it
 * with libcurl, tests with the mock transport.
 */
AD_CHECKED int32_t ad_client_new_over(ad_transport_factory factory, void *context, uint64_t seed,
                                      animaldetect_client **out);

#endif
