/* SPDX-License-Identifier: MIT */
/** @file
 * libanimaldetect-mock: the Animal Detect service in memory, for the tests of programs that use libanimaldetect.
 *
 * A mock is a service, a network and a clock. It needs no socket and no real time: when a thread would block, the
 * virtual clock advances to the next event. Without a script it is a healthy service: every image is stored, processed
 * and gets a result. Faults and scripts make it fail. It records the requests, and the violations of the contract
 * (`mock_record.h`).
 *
 * It is built on `transport.h` alone, and it is for tests: running out of memory ends the process, and requests are
 * kept in memory with their headers, the API key among them. The rules and defaults in `animaldetect.h` hold here too.
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
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 */
ANIMALDETECT_API int32_t animaldetect_mock_new(animaldetect_mock **out);

/**
 * Releases the mock. Clients that use it keep it alive until they are freed; pointers borrowed from it become invalid.
 */
ANIMALDETECT_API void animaldetect_mock_free(animaldetect_mock *mock);

/**
 * The transport to give to the clients of the program under test, with `animaldetect_client_set_transport`. Any number
 * of clients may use it: they then share one service and one clock.
 *
 * @return  the transport; borrowed, valid until `animaldetect_mock_free`; NULL without a mock
 */
ANIMALDETECT_API animaldetect_transport *animaldetect_mock_transport(animaldetect_mock *mock);

/**
 * Makes a client that has the mock's API key and its transport.
 *
 * @param out  receives the client; owned by the caller, free with `animaldetect_client_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 */
ANIMALDETECT_API int32_t animaldetect_mock_new_client(animaldetect_mock *mock, animaldetect_client **out);

/**
 * The message for the last argument that was rejected.
 *
 * @return  one line, "" when none was; borrowed, valid until the next refusal
 * @threads the one that made the refused call
 */
ANIMALDETECT_API const char *animaldetect_mock_message(const animaldetect_mock *mock);

/**
 * Sets the API key that the service accepts. Default "sk_test_mock".
 *
 * @param key  the key; copied
 * @return  also ANIMALDETECT_E_STATE once the service is in use (a request, a fault, answers)
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_api_key(animaldetect_mock *mock, const char *key);

/**
 * Seeds all random numbers, those of the clients included: the same seed and the same calls give the same run.
 * Default 1.
 *
 * @param seed  any number but 0
 * @return  also ANIMALDETECT_E_STATE once a client uses the mock
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_seed(animaldetect_mock *mock, uint64_t seed);

/**
 * Sets how long the service processes an image. Default "fixed:1000".
 *
 * @param processing  "fixed:MS", "lognormal:MEDIAN_MS:SIGMA", "bimodal:MS1:MS2:P" or "fifo:SERVICE_MS"; copied
 * @return  also ANIMALDETECT_E_STATE once the service is in use (a request, a fault, answers)
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_processing(animaldetect_mock *mock, const char *processing);

/**
 * Sets the round-trip time of a request. Default 40 ms.
 *
 * @param latency_ms  0 to 3,600,000 ms of virtual time
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_latency_ms(animaldetect_mock *mock, int64_t latency_ms);

/**
 * Sets the quota of the key: API requests in any 60 seconds. Requests beyond it get 429 and Retry-After.
 *
 * @param requests_per_minute  0 for no limit (default), to 1,000,000
 * @return  also ANIMALDETECT_E_STATE once the service is in use (a request, a fault, answers)
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_rate_limit(animaldetect_mock *mock, int32_t requests_per_minute);

/**
 * Reads the result for each image. Other images get a result derived from their bytes.
 *
 * @param path  JSON file: {"images": {NAME: {"sha256": HEX, "animal_detect_like": RESULT}}}
 * @return  also ANIMALDETECT_E_FILE; `animaldetect_mock_message` has the reason
 * @blocks  on the file
 */
ANIMALDETECT_API int32_t animaldetect_mock_load_answers(animaldetect_mock *mock, const char *path);

/**
 * Adds a fault to the service. It applies from now on; faults are tried in the order in which they were added. If the
 * fault is rejected, `animaldetect_mock_message` has the reason.
 *
 * @param fault  "ROUTE:KIND[:key=value]...", such as "submit:reset-after:n=1"; doc/mock.md and animaldetect-emulator(1)
 *               list all kinds and keys; copied
 */
ANIMALDETECT_API int32_t animaldetect_mock_add_fault(animaldetect_mock *mock, const char *fault);

/** Removes all faults and scripts. */
ANIMALDETECT_API int32_t animaldetect_mock_clear_faults(animaldetect_mock *mock);

/**
 * Scripts a response in place of the service's: the service does not see the request. Of two scripts that match a
 * request the one that was added first applies.
 *
 * @param route        "create", "upload", "submit", "poll", "fetch", "other" or "any"
 * @param nth          which request of the route, counted from 1 since the mock was made; 0 for each
 * @param http_status  200 to 599
 * @param headers      "Name: value" lines with a newline between them, or NULL for none; copied
 * @param body         text, or NULL for none; copied
 */
ANIMALDETECT_API int32_t animaldetect_mock_answer(animaldetect_mock *mock, const char *route, int32_t nth,
                                                  int32_t http_status, const char *headers, const char *body);

/**
 * Scripts a failure of the network: the service does not see the request. A request that is lost after its effect is
 * the fault "ROUTE:reset-after".
 *
 * @param route    "create", "upload", "submit", "poll", "fetch", "other" or "any"
 * @param nth      which request of the route, counted from 1 since the mock was made; 0 for each
 * @param failure  a value of `enum animaldetect_failure`; with ANIMALDETECT_FAILURE_TIMEOUT no response arrives, and
 *                 the request fails at its own timeout
 */
ANIMALDETECT_API int32_t animaldetect_mock_fail(animaldetect_mock *mock, const char *route, int32_t nth,
                                                int32_t failure);

/**
 * Scripts a delay of a response, whichever it is.
 *
 * @param route     "create", "upload", "submit", "poll", "fetch", "other" or "any"
 * @param nth       which request of the route, counted from 1 since the mock was made; 0 for each
 * @param delay_ms  1 to 86,400,000 ms of virtual time, on top of the latency
 */
ANIMALDETECT_API int32_t animaldetect_mock_delay(animaldetect_mock *mock, const char *route, int32_t nth,
                                                 int64_t delay_ms);

/**
 * Puts a job of the service into a state, such as "failed" or "expired".
 *
 * @param job_id  as `animaldetect_job_id` and `animaldetect_mock_job_id` return it
 * @param state   one of the six states of the service
 * @return  also ANIMALDETECT_E_NOT_FOUND
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_job_state(animaldetect_mock *mock, const char *job_id,
                                                         const char *state);

/** Makes every upload URL that was issued so far expire now. */
ANIMALDETECT_API int32_t animaldetect_mock_expire_uploads(animaldetect_mock *mock);

/**
 * The virtual time. It begins at 1,000,000 ms, and with it the service's wall clock at 2026-06-17T13:00:00Z.
 *
 * @return  milliseconds, or ANIMALDETECT_E_INVALID_ARGUMENT
 */
ANIMALDETECT_API int64_t animaldetect_mock_now_ms(const animaldetect_mock *mock);

/**
 * Advances time and delivers the responses that are due. The descriptors of clients that have work then become
 * readable; the clients are not processed inside this call, so work that was due in between is delayed: use
 * `animaldetect_mock_step` to advance event by event.
 *
 * @param ms  0 to 31,622,400,000 ms (366 days)
 * @threads any, but not inside a callback of a client
 */
ANIMALDETECT_API int32_t animaldetect_mock_advance_ms(animaldetect_mock *mock, int64_t ms);

/**
 * Advances time to the next event: a response, or the time that a client waits for. For hosts with their own loop:
 * step, process, collect completions, repeat.
 *
 * @return  by how many milliseconds time advanced; 0 when a client has work at this time; -1 when no event would ever
 *          come; or ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any, but not inside a callback of a client
 */
ANIMALDETECT_API int64_t animaldetect_mock_step(animaldetect_mock *mock);

/**
 * Lets time advance whenever a client is processed and nothing is due, and keeps its descriptor readable while anything
 * is pending: a program with an event loop then runs unchanged. A wait with a timeout may then return late by the
 * virtual clock. A blocking call or wait does not need this: time always advances when a thread would block.
 *
 * @param on  1 or 0 (default)
 */
ANIMALDETECT_API int32_t animaldetect_mock_set_auto_advance(animaldetect_mock *mock, int32_t on);

#ifdef __cplusplus
}
#endif

#endif
