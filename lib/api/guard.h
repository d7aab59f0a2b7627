/* SPDX-License-Identifier: MIT */
/*
 * Entry checks of every public function, and the client's lock.  Checks that the handle is not NULL, that this is the
 * process that made it, and that this thread is not inside the client already; then locks.
 *
 *   function                     from a callback   in a forked child   client freed   while it runs
 *   steps, setters, loop calls   E_REENTRANT       E_FORKED            E_CLIENT_FREED locked
 *   wait, blocking steps         E_REENTRANT       E_FORKED            E_CLIENT_FREED locked, not while it blocks
 *   getters                      works             works               works          locked, if not already
 *   job_free                     deferred          memory only         memory only    locked
 *   client_free                  ignored           memory only         memory only    locked
 *   result and name functions    works             works               works          no lock: immutable
 */
#ifndef AD_API_GUARD_H
#define AD_API_GUARD_H

#include <stdbool.h>

#include "api/client.h"
#include "base/check.h"

/*
 * ANIMALDETECT_OK: locked, call ad_unlock.  Not locked: E_INVALID_ARGUMENT (NULL), E_FORKED, E_REENTRANT,
 * E_CLIENT_FREED.
 */
AD_CHECKED int32_t ad_enter(animaldetect_client *client);

/*
 * For getters.  True: it locked, and ad_unlock must be called.  False: this thread holds the lock already, or cannot
 * take it (forked child).
 */
bool ad_peek(animaldetect_client *client);

bool ad_is_forked(const animaldetect_client *client);
bool ad_is_inside(const animaldetect_client *client); /* whether this thread holds the lock */

/* pthread_cond_timedwait, keeping track of the lock's owner.  A negative timeout means no limit. */
void ad_sleep(animaldetect_client *client, pthread_cond_t *wake, int64_t timeout_ms);

void ad_lock(animaldetect_client *client);
/*
 * Destroys jobs that the host freed meanwhile, unlocks, and runs the pending release functions.  They may free the
 * client itself.
 */
void ad_unlock(animaldetect_client *client);

/* Creates the transport if necessary.  Locked. */
AD_CHECKED int32_t ad_client_open(animaldetect_client *client);

/* Drops a reference; frees the struct with the last one.  Not locked. */
void ad_client_release(animaldetect_client *client);

/* Sets the message of animaldetect_client_copy_message, and returns `status`.  Locked. */
int32_t ad_client_refuse(animaldetect_client *client, int32_t status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
