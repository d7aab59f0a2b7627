/* SPDX-License-Identifier: MIT */
/*
 * Entry checks of every public function, and the client's lock.  Is there a handle, is this the process it was made
 * in, is this thread not inside the client already; then the lock.
 *
 *   function                     from a callback   in a forked child   client freed   while it runs
 *   steps, setters, loop calls   E_REENTRANT       E_FORKED            E_CLIENT_FREED locked
 *   wait, blocking steps         E_REENTRANT       E_FORKED            E_CLIENT_FREED locked, not while it blocks
 *   getters                      answer            answer              answer         locked, once only
 *   job_free                     when it returns   memory only         memory only    locked
 *   client_free                  ignored           memory only         memory only    locked
 *   result and name functions    answer            answer              answer         no lock: immutable
 */
#ifndef AD_API_GUARD_H
#define AD_API_GUARD_H

#include <stdbool.h>

#include "api/client.h"
#include "base/check.h"

/* ANIMALDETECT_OK: locked, call ad_unlock.  E_INVALID_ARGUMENT (NULL), E_FORKED, E_REENTRANT, E_CLIENT_FREED: not
 * locked. */
AD_CHECKED int32_t ad_enter(animaldetect_client *client);

/*
 * For getters: true when it locked and ad_unlock must be called; false when the caller holds the lock or nobody can
 * (forked child).
 */
bool ad_peek(animaldetect_client *client);

bool ad_is_forked(const animaldetect_client *client);
bool ad_is_inside(const animaldetect_client *client); /* does this thread hold the lock? */

/* pthread_cond_timedwait around the ownership of the lock.  A negative timeout has no end. */
void ad_sleep(animaldetect_client *client, pthread_cond_t *wake, int64_t timeout_ms);

void ad_lock(animaldetect_client *client);
/* Takes apart what the host has freed meanwhile, gives the lock back, and runs the release functions that are owed.
 * With them the client itself may be gone. */
void ad_unlock(animaldetect_client *client);

/* Makes the transport if it is not there yet.  Locked. */
AD_CHECKED int32_t ad_client_open(animaldetect_client *client);

/* One fewer; frees the struct with the last.  Not locked. */
void ad_client_release(animaldetect_client *client);

/* Keeps words for animaldetect_client_copy_message, and returns `status`.  Locked. */
int32_t ad_client_refuse(animaldetect_client *client, int32_t status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
