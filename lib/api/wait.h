/* SPDX-License-Identifier: MIT */
/*
 * Blocking waits: one waiting thread drives the client, the others sleep.  The driver iterates with the lock held and
 * blocks in the transport without it.  The others sleep, each on its own condition variable, and are woken when their
 * job has completed, when the driver leaves, by a wakeup, or when the client is freed.  The library creates no threads.
 */
#ifndef AD_API_WAIT_H
#define AD_API_WAIT_H

#include "api/client.h"
#include "base/check.h"

/*
 * Blocks until `job` has no call in flight, or with NULL until a completion can be collected.  Locked on entry and
 * exit. ANIMALDETECT_OK, ANIMALDETECT_AGAIN (timeout; with NULL also a wakeup), E_CLIENT_FREED (being freed),
 * E_CANCELED (NULL only: the client is stopped, and there is nothing to collect), E_SYSTEM.
 */
AD_CHECKED int32_t ad_wait(animaldetect_client *client, animaldetect_job *job, int64_t timeout_ms);

/*
 * Wakes the threads whose calls have completed since the last time.  Call it after every function of the engine that
 * may complete a call (start, cancel, iterate), before unlocking.  Locked.
 */
void ad_waiters_notify(animaldetect_client *client);

/* Wakes all threads, so that they check their conditions again.  Locked. */
void ad_waiters_wake(animaldetect_client *client);

/* Wakes all threads and returns when they have left; the client is closed.  Locked. */
void ad_waiters_drain(animaldetect_client *client);

#endif
