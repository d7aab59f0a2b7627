/* SPDX-License-Identifier: MIT */
/** @file
 * libanimaldetect: a client for the Animal Detect asynchronous image API.
 *
 * One `animaldetect_client` holds the configuration, the connections and the quota. One `animaldetect_job`
 * takes one image through create, upload, submit, poll and fetch. One `animaldetect_result` holds what was seen.
 *
 * Rules that hold for every function:
 *  - Status: `int32_t`, 0 is success, errors are negative (`types.h`). The words that go with an error are read from
 *    the object it happened on: `animaldetect_job_message`, `animaldetect_client_message`.
 *  - Ownership: a returned pointer is borrowed from its parent and is never freed by the caller. What comes through
 *    an `out` parameter is owned by the caller and has a `_free` function. The one exception is
 *    `animaldetect_client_next_done`, which hands back a handle that the caller owns already.
 *  - Inputs are copied, so they may be freed when the call returns. The one exception says so in its name:
 *    `animaldetect_job_set_bytes_borrowed`.
 *  - Nothing is consumed on failure, and `*out` is set to NULL on failure.
 *  - Every `_free` accepts NULL. Handles may be freed in any order: a job or result outlives its client safely.
 *  - Text is UTF-8 and NUL-terminated, durations are `int64_t` milliseconds, sizes are bytes, coordinates are
 *    fractions of the image with the origin at the top left.
 *  - Passing NULL where a handle is expected answers ANIMALDETECT_E_INVALID_ARGUMENT (or NULL, 0, -1 for getters).
 *  - A value of an enumeration that the caller does not know must be treated as "other": new ones are added.
 */
#ifndef ANIMALDETECT_ANIMALDETECT_H
#define ANIMALDETECT_ANIMALDETECT_H

#include <animaldetect/types.h>

#include <animaldetect/client.h>
#include <animaldetect/exchange.h>
#include <animaldetect/job.h>
#include <animaldetect/job_info.h>
#include <animaldetect/job_input.h>
#include <animaldetect/loop.h>
#include <animaldetect/result.h>
#include <animaldetect/statistics.h>
#include <animaldetect/transport.h>
#include <animaldetect/version.h>

#endif
