/* SPDX-License-Identifier: MIT */
/** @file
 * Driving a client from an event loop, or waiting for whichever job is done next.
 *
 * A host watches `animaldetect_client_fd` for reading. When it is readable the host calls
 * `animaldetect_client_process` once, then takes finished jobs with `animaldetect_client_next_done`:
 *
 *     while (animaldetect_client_process(client), animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) ...
 *
 * The descriptor is readable while there is work or a finished job that was not taken. Level-triggered and
 * edge-triggered hosts lose nothing as long as each wake calls `animaldetect_client_process`, even if they take only
 * one finished job per wake.
 */
#ifndef ANIMALDETECT_LOOP_H
#define ANIMALDETECT_LOOP_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The one descriptor to watch for reading. It never changes; do not read, write or close it.
 *
 * @return  the descriptor; ANIMALDETECT_E_UNSUPPORTED where there is none (use `animaldetect_client_wait`),
 *          ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_FORKED, ANIMALDETECT_E_BUSY
 */
ANIMALDETECT_API int32_t animaldetect_client_fd(animaldetect_client *client);

/** Does what is ready, a bounded amount, and returns. Callbacks run in here. */
ANIMALDETECT_API int32_t animaldetect_client_process(animaldetect_client *client);

/**
 * Takes the next job whose call has ended, cancelled ones included. Each ended call is handed out exactly once, here
 * or by `animaldetect_job_wait`, in the order in which the calls ended.
 *
 * @param out  receives the handle that the caller made with `animaldetect_job_new`: borrowed, not a second reference;
 *             NULL when there is none
 * @return  also ANIMALDETECT_AGAIN when there is none. The status of the call is in `animaldetect_job_status`.
 */
ANIMALDETECT_API int32_t animaldetect_client_next_done(animaldetect_client *client, animaldetect_job **out);

/**
 * How long a host that cannot watch the descriptor may sleep before it calls `animaldetect_client_process` again.
 *
 * @return  milliseconds; 0 when there is work now, -1 when only sockets (or nothing) can bring work, or
 *          ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_BUSY, ANIMALDETECT_E_FORKED (all below -1). While requests
 *          are on the wire such a host should not sleep longer than it wants to be late.
 */
ANIMALDETECT_API int64_t animaldetect_client_timeout_ms(animaldetect_client *client);

/**
 * Blocks until a finished job can be taken with `animaldetect_client_next_done`, and drives the client meanwhile. While
 * one that was not taken is there it does not block; the other jobs are moved on all the same.
 *
 * @param timeout_ms  how long to wait; 0 looks once, -1 has no limit
 * @return  also ANIMALDETECT_AGAIN after the timeout or a wakeup,
 *          ANIMALDETECT_E_STATE when the client is being freed, ANIMALDETECT_E_SYSTEM
 * @threads any number at once
 * @blocks yes
 */
ANIMALDETECT_API int32_t animaldetect_client_wait(animaldetect_client *client, int64_t timeout_ms);

/**
 * Makes every `animaldetect_client_wait` that is blocked now return ANIMALDETECT_AGAIN. When none is blocked, the next
 * one returns at once. Not needed for adding work from another thread.
 */
ANIMALDETECT_API int32_t animaldetect_client_wakeup(animaldetect_client *client);

/**
 * Number of jobs with a call in flight, plus ended calls that were not taken yet.
 *
 * @return  the number, or a negative status: ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_BUSY,
 *          ANIMALDETECT_E_FORKED
 */
ANIMALDETECT_API int64_t animaldetect_client_in_flight(animaldetect_client *client);

#ifdef __cplusplus
}
#endif

#endif
