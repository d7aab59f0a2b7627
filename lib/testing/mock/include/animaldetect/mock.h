/* SPDX-License-Identifier: MIT */
/** @file
 * libanimaldetect-mock: the Animal Detect service in memory, for the tests of programs that use libanimaldetect.
 *
 * A mock is a service, a network and a clock. It needs no socket and no real time: when a thread would block, the
 * virtual clock moves on to the next thing that happens. Without a script it is a good service: every image is stored,
 * processed and answered. Faults and scripts make it a bad one. It records what was asked for, and what broke the
 * contract (`mock_record.h`).
 *
 * It is built on `transport.h` alone, and it is for tests: running out of memory ends the process, and requests are
 * kept in memory with their headers, the API key among them. All calls may be made from any thread.
 */
#ifndef ANIMALDETECT_MOCK_H
#define ANIMALDETECT_MOCK_H

#include <animaldetect/mock_record.h>
#include <animaldetect/transport.h>
#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a mock with the default configuration.
 *
 * @param out  receives the mock; owned by the caller, free with `animaldetect_mock_free`
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_new(animaldetect_mock **out);

/**
 * Gives the mock back. Clients that use it keep it going until they are freed; what was borrowed from it is gone then.
 *
 * @param mock  the mock, or NULL
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API void animaldetect_mock_free(animaldetect_mock *mock);

/**
 * The transport to give to the clients of the program under test, with `animaldetect_client_set_transport`. Any number
 * of clients may use it: they then share one service and one clock.
 *
 * @param mock  the mock
 * @return  the transport; borrowed, valid until `animaldetect_mock_free`; NULL without a mock
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API animaldetect_transport *animaldetect_mock_transport(animaldetect_mock *mock);

/**
 * Makes a client that has the mock's API key and its transport.
 *
 * @param mock  the mock
 * @param out   receives the client; owned by the caller, free with `animaldetect_client_free`
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_new_client(animaldetect_mock *mock, animaldetect_client **out);

/**
 * Words for the last argument that was refused.
 *
 * @param mock  the mock
 * @return  one line, "" when none was; borrowed, valid until the next refusal
 * @threads the one that made the refused call
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_message(const animaldetect_mock *mock);

/**
 * Sets the API key that the service accepts. Default "sk_test_mock".
 *
 * @param mock  the mock
 * @param key   the key; copied
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_STATE once the service is in use (a
 *          request, a fault, answers)
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_api_key(animaldetect_mock *mock, const char *key);

/**
 * Sets where all chance comes from, that of the clients included: the same seed and calls give the same course.
 * Default 1.
 *
 * @param mock  the mock
 * @param seed  any number but 0
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_STATE once a client uses the mock
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_seed(animaldetect_mock *mock, uint64_t seed);

/**
 * Sets how long the service takes for an image. Default "fixed:1000".
 *
 * @param mock        the mock
 * @param processing  "fixed:MS", "lognormal:MEDIAN_MS:SIGMA", "bimodal:MS1:MS2:P" or "fifo:SERVICE_MS"; copied
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_STATE once the service is in use (a
 *          request, a fault, answers)
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_processing(animaldetect_mock *mock, const char *processing);

/**
 * Sets how long a request takes on its way there and back. Default 40 ms.
 *
 * @param mock        the mock
 * @param latency_ms  0 to 3,600,000 ms of virtual time
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_latency_ms(animaldetect_mock *mock, int64_t latency_ms);

/**
 * Sets the quota of the key: API requests in any 60 seconds. What is more is answered with 429 and Retry-After.
 *
 * @param mock                 the mock
 * @param requests_per_minute  0 for no limit (default), to 1,000,000
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_STATE once the service is in use (a
 *          request, a fault, answers)
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_rate_limit(animaldetect_mock *mock, int32_t requests_per_minute);

/**
 * Reads what is to be seen on which image. Other images get an answer drawn from their bytes.
 *
 * @param mock  the mock
 * @param path  JSON file: {"images": {NAME: {"sha256": HEX, "animal_detect_like": RESULT}}}
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_FILE; `animaldetect_mock_message` has the
 *          reason
 * @threads any
 * @blocks  on the file
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_load_answers(animaldetect_mock *mock, const char *path);

/**
 * Adds a fault to the service. It acts from now on; those that were added first are tried first.
 *
 * @param mock   the mock
 * @param fault  "ROUTE:KIND[:key=value]...", such as "submit:reset-after:n=1"; doc/mock.md and
 *               animaldetect-emulator(1) have all words; copied
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT; `animaldetect_mock_message` has the reason
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_add_fault(animaldetect_mock *mock, const char *fault);

/**
 * Takes all faults and scripts away.
 *
 * @param mock  the mock
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_clear_faults(animaldetect_mock *mock);

/**
 * Scripts an answer in place of the service's: the service does not see the request. Of two scripts that fit a request
 * the one that was added first counts.
 *
 * @param mock         the mock
 * @param route        "create", "upload", "submit", "status", "result", "other" or "any"
 * @param nth          which request of the route, counted from 1 and from the beginning; 0 for each
 * @param http_status  200 to 599
 * @param headers      "Name: value" lines with a newline between them, or NULL for none; copied
 * @param body         text, or NULL for none; copied
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_answer(animaldetect_mock *mock, const char *route, int32_t nth,
                                                  int32_t http_status, const char *headers, const char *body);

/**
 * Scripts a failure of the network: the service does not see the request. A request that is lost after its effect is
 * the fault "ROUTE:reset-after".
 *
 * @param mock     the mock
 * @param route    "create", "upload", "submit", "status", "result", "other" or "any"
 * @param nth      which request of the route, counted from 1 and from the beginning; 0 for each
 * @param failure  a value of `enum animaldetect_failure`; with ANIMALDETECT_FAILURE_TIMEOUT no answer ever comes, and
 *                 the client gives up after its own timeout
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_fail(animaldetect_mock *mock, const char *route, int32_t nth,
                                                int32_t failure);

/**
 * Scripts a delay of an answer, whatever it is.
 *
 * @param mock      the mock
 * @param route     "create", "upload", "submit", "status", "result", "other" or "any"
 * @param nth       which request of the route, counted from 1 and from the beginning; 0 for each
 * @param delay_ms  1 to 86,400,000 ms of virtual time, on top of the latency
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_delay(animaldetect_mock *mock, const char *route, int32_t nth,
                                                 int64_t delay_ms);

/**
 * Puts a job of the service into a state, such as "failed" or "expired".
 *
 * @param mock    the mock
 * @param job_id  as `animaldetect_job_id` and `animaldetect_mock_job_id` give it
 * @param state   one of the six words of the service
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_NOT_FOUND
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_job_state(animaldetect_mock *mock, const char *job_id,
                                                         const char *state);

/**
 * Lets every upload URL that was given out so far expire now.
 *
 * @param mock  the mock
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_expire_uploads(animaldetect_mock *mock);

/**
 * The virtual time. It begins at 1,000,000 ms, and with it the service's wall clock at 2026-06-17T13:00:00Z.
 *
 * @param mock  the mock
 * @return  milliseconds, or ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int64_t animaldetect_mock_now_ms(const animaldetect_mock *mock);

/**
 * Moves time on and hands out the answers that are due. Clients that have work then become readable; they are not
 * processed in here, so what they would have done in between comes late: use `animaldetect_mock_step` for going there
 * exactly.
 *
 * @param mock  the mock
 * @param ms    0 to 31,622,400,000 ms (366 days)
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any, but not inside a callback of a client
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_advance_ms(animaldetect_mock *mock, int64_t ms);

/**
 * Moves time on to the next thing that happens: an answer, or the time that a client waits for. For hosts with a loop
 * of their own: step, process, take what is done, and again.
 *
 * @param mock  the mock
 * @return  by how many milliseconds time went on; 0 when a client has work at this time; -1 when nothing would ever
 *          happen; or ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any, but not inside a callback of a client
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int64_t animaldetect_mock_step(animaldetect_mock *mock);

/**
 * Lets time move on whenever a client is processed and nothing is due, and keeps its descriptor readable while
 * anything is on its way: a program with an event loop then runs unchanged. A wait with a timeout may then come back
 * late by the virtual clock. A blocking call or wait needs none of this: time always moves on when a thread would
 * block.
 *
 * @param mock  the mock
 * @param on    1 or 0 (default)
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_auto_advance(animaldetect_mock *mock, int32_t on);

#ifdef __cplusplus
}
#endif

#endif
