/* SPDX-License-Identifier: MIT */
/** @file
 * What a mock has seen: the requests of its clients, and the jobs of its service. Include `mock.h`.
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
 * How many requests were begun.
 *
 * @param mock   the mock
 * @param route  "create", "upload", "submit", "status", "result", "other" or "any"
 * @return  the number; 0 for an unknown route
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API size_t animaldetect_mock_request_count(const animaldetect_mock *mock, const char *route);

/**
 * A request that was begun.
 *
 * @param mock   the mock
 * @param route  "create", "upload", "submit", "status", "result", "other" or "any"
 * @param index  from 0, in the order in which they were begun
 * @return  a view; borrowed, valid as long as the mock; NULL past the end
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const animaldetect_mock_request *animaldetect_mock_request_at(const animaldetect_mock *mock,
                                                                               const char *route, size_t index);

/**
 * The request's route.
 *
 * @param request  the request
 * @return  one of the words; static; NULL without a request
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_request_route(const animaldetect_mock_request *request);

/**
 * The request's method.
 *
 * @param request  the request
 * @return  such as "POST"; borrowed; NULL without a request
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_request_method(const animaldetect_mock_request *request);

/**
 * The request's URL.
 *
 * @param request  the request
 * @return  the whole URL; borrowed; NULL without a request
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_request_url(const animaldetect_mock_request *request);

/**
 * Value of a header of the request.
 *
 * @param request  the request
 * @param name     the name, in any case
 * @return  the value; borrowed; NULL when the request has none of this name
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_request_header(const animaldetect_mock_request *request,
                                                              const char *name);

/**
 * The request's body, unless it is an image: those are not kept.
 *
 * @param request  the request
 * @return  text; borrowed; NULL for none
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_request_body(const animaldetect_mock_request *request);

/**
 * Size of the request's body, also of an image.
 *
 * @param request  the request
 * @return  bytes
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API uint64_t animaldetect_mock_request_body_size(const animaldetect_mock_request *request);

/**
 * The status that the request was answered with.
 *
 * @param request  the request
 * @return  the status; 0 while it is on its way, and when it got no answer
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int32_t animaldetect_mock_request_http_status(const animaldetect_mock_request *request);

/**
 * When the request was begun.
 *
 * @param request  the request
 * @return  milliseconds of virtual time; -1 without a request
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int64_t animaldetect_mock_request_start_ms(const animaldetect_mock_request *request);

/**
 * When the request ended.
 *
 * @param request  the request
 * @return  milliseconds of virtual time; -1 while it is on its way
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API int64_t animaldetect_mock_request_end_ms(const animaldetect_mock_request *request);

/**
 * How many jobs the service has: what would be billed.
 *
 * @param mock  the mock
 * @return  the number
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API size_t animaldetect_mock_job_count(const animaldetect_mock *mock);

/**
 * Identifier of a job of the service.
 *
 * @param mock   the mock
 * @param index  from 0, in the order of their creation
 * @return  the identifier; borrowed, valid as long as the mock; NULL past the end
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_job_id(const animaldetect_mock *mock, size_t index);

/**
 * State of a job of the service at this time.
 *
 * @param mock    the mock
 * @param job_id  the identifier
 * @return  the service's word; static; NULL when it is not known
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_job_state(animaldetect_mock *mock, const char *job_id);

/**
 * How often a client did what the service's contract forbids: the key sent to the storage, a poll after the end, a
 * result asked for too early, and so on. The library keeps it at 0. Images that were sent twice are seen in
 * `animaldetect_mock_job_count`.
 *
 * @param mock  the mock
 * @return  the number
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API size_t animaldetect_mock_violation_count(const animaldetect_mock *mock);

/**
 * Words for a violation.
 *
 * @param mock   the mock
 * @param index  from 0; the first 1,000 are kept
 * @return  one line; borrowed, valid as long as the mock; NULL past the end
 * @threads any
 * @blocks  no
 * @since   0.1.0
 */
ANIMALDETECT_API const char *animaldetect_mock_violation(const animaldetect_mock *mock, size_t index);

#ifdef __cplusplus
}
#endif

#endif
