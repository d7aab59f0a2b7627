/* SPDX-License-Identifier: MIT */
/*
 * Threads that block: one of them drives the client, the others sleep.  The driver iterates with the lock held and
 * blocks in the transport without it.  The others sleep, each on a condition of its own, and are woken when their job
 * has completed, when the driver leaves, on wakeup, or when the client is freed.  No hidden thread.
 */
#ifndef AD_API_WAIT_H
#define AD_API_WAIT_H

#include "api/client.h"
#include "base/check.h"

/*
 * Blocks until `job` has no call in flight (job not NULL), or until a finished job can be taken (NULL).  Locked on
 * entry and exit. ANIMALDETECT_OK, ANIMALDETECT_AGAIN (timeout; for NULL also a wakeup), E_CLIENT_FREED (being
 * freed), E_CANCELED (NULL only: stopped, and nothing can be taken), E_SYSTEM.
 */
AD_CHECKED int32_t ad_wait(animaldetect_client *client, animaldetect_job *job, int64_t timeout_ms);

/*
 * Wakes who waits for the calls that have completed since the last time.  After every function of the engine that may
 * complete one (start, cancel, iterate), before the lock is given back.  Locked.
 */
void ad_waiters_notify(animaldetect_client *client);

/* Wakes everybody, to look again.  Locked. */
void ad_waiters_wake(animaldetect_client *client);

/* Wakes everybody and returns when all have left; the client is closed.  Locked. */
void ad_waiters_drain(animaldetect_client *client);

#endif
