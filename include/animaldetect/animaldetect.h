/* SPDX-License-Identifier: MIT */
/** @file
 * libanimaldetect: a client for the Animal Detect asynchronous image API.
 *
 * One `animaldetect_client` holds the configuration, the connections and the quota. One `animaldetect_job` takes one
 * image through create, upload, submit, poll and fetch. One `animaldetect_result` holds the detections.
 *
 * Rules that hold for every function:
 *  - Status: `int32_t`, 0 is success, errors are negative (`status.h`). A positive status, such as ANIMALDETECT_AGAIN,
 *    is neither an error nor a success: nothing failed, and `*out` is NULL or 0. The message of an error is read from
 *    the object on which it happened: `animaldetect_job_message`, `animaldetect_client_copy_message`.
 *  - Ownership: a returned pointer is borrowed from its parent and is never freed by the caller. What comes through an
 *    `out` parameter is owned by the caller and has a `_free` function. The one exception is
 *    `animaldetect_client_next_done`, which hands back a handle that the caller owns already.
 *  - Inputs are copied, so they may be freed when the call returns. The one exception says so in its name:
 *    `animaldetect_job_set_bytes_borrowed`.
 *  - Callbacks take `user` first. A function that takes a `user` also takes a release function, or NULL for none: it is
 *    called exactly once with `user`, after the last use, on the thread that made it, without a lock of the library;
 *    not when the setter fails. It may call the library, but must not free a client on which a call of the same thread
 *    is waiting.
 *  - Nothing is consumed on failure, and `*out` is set to NULL on failure.
 *  - Every `_free` accepts NULL. Handles may be freed in any order: a job or result outlives its client safely.
 *  - Text is UTF-8 and NUL-terminated, durations are `int64_t` milliseconds, sizes are bytes, coordinates are fractions
 *    of the image with the origin at the top left.
 *  - When a handle is NULL, a function returns ANIMALDETECT_E_INVALID_ARGUMENT; a getter returns NULL, 0 or -1.
 *  - A value of an enumeration that the caller does not know must be treated as "other": later versions add values.
 *
 * Defaults. In the headers, the comment of a function says only what differs from them; the man pages and the HTML
 * pages show the whole at every function:
 *  - Threads: any.
 *  - Blocks: no.
 *  - Since: 0.2.0.
 *  - Parameters: the handle that a function works on, its first parameter, is not described.
 *  - Return value: a function without one in its comment returns a status of the list below. "also ..." adds to that
 *    list. Any other text is complete.
 *
 * Statuses. A function that returns `int32_t`, and has an `out` parameter or a handle that is not `const`, returns
 *  - ANIMALDETECT_OK on success, ANIMALDETECT_E_INVALID_ARGUMENT when an argument is NULL or not permitted;
 *  - if it works on a client or a job: ANIMALDETECT_E_REENTRANT from inside a callback of the client;
 *    ANIMALDETECT_E_FORKED in a child of the process that made the client;
 *  - if it works on a job that is not `const`: ANIMALDETECT_E_CLIENT_FREED when its client was freed;
 *  - if it is a setter, a step of a job or a getter of a result: what `client.h`, `job_input.h`, `transport.h`, `job.h`
 *    or `result.h` says at its beginning.
 */
#ifndef ANIMALDETECT_ANIMALDETECT_H
#define ANIMALDETECT_ANIMALDETECT_H

#include <animaldetect/types.h>

#include <animaldetect/client.h>
#include <animaldetect/control.h>
#include <animaldetect/exchange.h>
#include <animaldetect/job.h>
#include <animaldetect/job_info.h>
#include <animaldetect/job_input.h>
#include <animaldetect/log.h>
#include <animaldetect/loop.h>
#include <animaldetect/permits.h>
#include <animaldetect/result.h>
#include <animaldetect/statistics.h>
#include <animaldetect/status.h>
#include <animaldetect/transport.h>
#include <animaldetect/version.h>

#endif
