/* SPDX-License-Identifier: MIT */
/** @file
 * Driving a client from an event loop, or waiting for the next finished job.
 *
 * A host watches `animaldetect_client_fd` for reading. When it is readable the host calls
 * `animaldetect_client_process` once, then collects finished jobs with `animaldetect_client_next_done`:
 *
 *     animaldetect_client_process(client);
 *     while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) ...
 *
 * The descriptor is readable while there is work, or a finished job that was not collected. Level-triggered and
 * edge-triggered hosts miss nothing as long as they call `animaldetect_client_process` at each wakeup, even if they
 * collect only one finished job per wakeup.
 *
 * The first of these calls creates the transport (`animaldetect_client_fd`, `animaldetect_client_process`,
 * `animaldetect_client_wait`, `animaldetect_client_wakeup`, or the first step of a job).
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
 *          ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_REENTRANT, ANIMALDETECT_E_FORKED; ANIMALDETECT_E_NO_MEMORY
 *          or ANIMALDETECT_E_SYSTEM when the transport cannot be created
 */
ANIMALDETECT_API int32_t animaldetect_client_fd(animaldetect_client *client);

/**
 * Does a bounded amount of the work that is ready, and returns. Callbacks run inside this call.
 *
 * @return  also ANIMALDETECT_E_NO_MEMORY or ANIMALDETECT_E_SYSTEM when the transport cannot be created
 */
ANIMALDETECT_API int32_t animaldetect_client_process(animaldetect_client *client);

/**
 * Collects the next job whose call has completed, canceled calls included. Each completion is handed out exactly once,
 * here or by `animaldetect_job_wait`, in the order in which the calls completed.
 *
 * @param out  receives the handle that the caller made with `animaldetect_job_new`: borrowed, not a second reference;
 *             NULL when there is none
 * @return  also ANIMALDETECT_AGAIN when there is none. The status of the call is in `animaldetect_job_status`.
 */
ANIMALDETECT_API int32_t animaldetect_client_next_done(animaldetect_client *client, animaldetect_job **out);

/**
 * How long a host that cannot watch the descriptor may sleep before it calls `animaldetect_client_process` again.
 *
 * @return  milliseconds; 0 when there is work now, -1 when only socket events (or nothing) can bring work, or
 *          ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_REENTRANT, ANIMALDETECT_E_FORKED (all below -1). While
 *          requests are on the wire, such a host should not sleep longer than the delay that it accepts.
 */
ANIMALDETECT_API int64_t animaldetect_client_timeout_ms(animaldetect_client *client);

/**
 * Blocks until a finished job can be collected with `animaldetect_client_next_done`, and drives the client meanwhile.
 * While a finished job is uncollected it does not block, but still processes the other jobs.
 *
 * @param timeout_ms  how long to wait; 0 polls once, -1 has no limit
 * @return  also ANIMALDETECT_AGAIN after the timeout or a wakeup; ANIMALDETECT_E_CANCELED when the client was stopped
 *          and every completion collected; ANIMALDETECT_E_CLIENT_FREED when the client is freed meanwhile;
 *          ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 * @threads any number at once
 * @blocks  yes
 */
ANIMALDETECT_API int32_t animaldetect_client_wait(animaldetect_client *client, int64_t timeout_ms);

/**
 * Makes every `animaldetect_client_wait` that is blocked now return ANIMALDETECT_AGAIN. When none is blocked, the next
 * one returns at once. Not needed for adding work from another thread.
 *
 * @return  also ANIMALDETECT_E_NO_MEMORY or ANIMALDETECT_E_SYSTEM when the transport cannot be created
 */
ANIMALDETECT_API int32_t animaldetect_client_wakeup(animaldetect_client *client);

/**
 * Number of jobs with a call in flight, plus completed calls that were not collected yet.
 *
 * @return  the number, or a negative status: ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_REENTRANT,
 *          ANIMALDETECT_E_FORKED
 */
ANIMALDETECT_API int64_t animaldetect_client_in_flight(animaldetect_client *client);

#ifdef __cplusplus
}
#endif

#endif
