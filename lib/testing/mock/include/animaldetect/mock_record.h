/* SPDX-License-Identifier: MIT */
/** @file
 * What a mock recorded: the requests of its clients, and the jobs of its service. Include `mock.h`. What a request's
 * getter returns is valid as long as the mock.
 */
#ifndef ANIMALDETECT_MOCK_RECORD_H
#define ANIMALDETECT_MOCK_RECORD_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A service, a network and a clock. Free with `animaldetect_mock_free`. */
typedef struct animaldetect_mock animaldetect_mock;
/** One request that was made: a view, borrowed from its mock, never freed. */
typedef struct animaldetect_mock_request animaldetect_mock_request;

/**
 * How many requests were started.
 *
 * @param route  "create", "upload", "submit", "poll", "fetch", "other" or "any"
 * @return  the number; 0 for an unknown route
 */
ANIMALDETECT_API size_t animaldetect_mock_request_count(const animaldetect_mock *mock, const char *route);

/**
 * A request that was started.
 *
 * @param route  "create", "upload", "submit", "poll", "fetch", "other" or "any"
 * @param index  from 0, in the order in which they were started
 * @return  a view; borrowed, valid as long as the mock; NULL past the end
 */
ANIMALDETECT_API const animaldetect_mock_request *animaldetect_mock_request_at(const animaldetect_mock *mock,
                                                                               const char *route, size_t index);

/**
 * The request's route.
 *
 * @return  one of the route names; static text, always valid; NULL without a request
 */
ANIMALDETECT_API const char *animaldetect_mock_request_route(const animaldetect_mock_request *request);

/**
 * The request's method.
 *
 * @return  such as "POST"; borrowed; NULL without a request
 */
ANIMALDETECT_API const char *animaldetect_mock_request_method(const animaldetect_mock_request *request);

/**
 * The request's URL.
 *
 * @return  the whole URL; borrowed; NULL without a request
 */
ANIMALDETECT_API const char *animaldetect_mock_request_url(const animaldetect_mock_request *request);

/**
 * Value of a header of the request.
 *
 * @param name  the name, in any case
 * @return  the value; borrowed; NULL when the request has none of this name
 */
ANIMALDETECT_API const char *animaldetect_mock_request_header(const animaldetect_mock_request *request,
                                                              const char *name);

/**
 * The request's body, unless it is an image: images are not kept.
 *
 * @return  text; borrowed; NULL for none
 */
ANIMALDETECT_API const char *animaldetect_mock_request_body(const animaldetect_mock_request *request);

/**
 * Size of the request's body, also of an image.
 *
 * @return  bytes
 */
ANIMALDETECT_API uint64_t animaldetect_mock_request_body_size(const animaldetect_mock_request *request);

/**
 * The HTTP status of the response.
 *
 * @return  the status; 0 while the request is pending, and when it got no response
 */
ANIMALDETECT_API int32_t animaldetect_mock_request_http_status(const animaldetect_mock_request *request);

/**
 * When the request was started.
 *
 * @return  milliseconds of virtual time; -1 without a request
 */
ANIMALDETECT_API int64_t animaldetect_mock_request_start_ms(const animaldetect_mock_request *request);

/**
 * When the request ended.
 *
 * @return  milliseconds of virtual time; -1 while it is pending
 */
ANIMALDETECT_API int64_t animaldetect_mock_request_end_ms(const animaldetect_mock_request *request);

/**
 * How many jobs the service has: what would be billed.
 *
 * @return  the number
 */
ANIMALDETECT_API size_t animaldetect_mock_job_count(const animaldetect_mock *mock);

/**
 * Identifier of a job of the service.
 *
 * @param index  from 0, in the order of their creation
 * @return  the identifier; borrowed, valid as long as the mock; NULL past the end
 */
ANIMALDETECT_API const char *animaldetect_mock_job_id(const animaldetect_mock *mock, size_t index);

/**
 * State of a job of the service at this time.
 *
 * @param job_id  the identifier
 * @return  the service's word; static text, always valid; NULL for an unknown job
 */
ANIMALDETECT_API const char *animaldetect_mock_job_state(animaldetect_mock *mock, const char *job_id);

/**
 * How often a client violated the service's contract: the key sent to the storage, a poll after the job was finished, a
 * result requested too early, and so on. The library keeps it at 0. Images that were sent twice show in
 * `animaldetect_mock_job_count`.
 *
 * @return  the number
 */
ANIMALDETECT_API size_t animaldetect_mock_violation_count(const animaldetect_mock *mock);

/**
 * The message for a violation.
 *
 * @param index  from 0; the first 1,000 are kept
 * @return  one line; borrowed, valid as long as the mock; NULL past the end
 */
ANIMALDETECT_API const char *animaldetect_mock_violation(const animaldetect_mock *mock, size_t index);

#ifdef __cplusplus
}
#endif

#endif
