/* SPDX-License-Identifier: MIT */
/** @file
 * Logging: records that the host writes where it wants. The library itself never writes to stdout or stderr.
 *
 * A record exists during the callback only, and so does what its getters return. Inside the callback only getters and
 * `animaldetect_job_free` may be called on this client and its jobs. A record never contains a secret.
 */
#ifndef ANIMALDETECT_LOG_H
#define ANIMALDETECT_LOG_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One log record. Valid during the callback that receives it. */
typedef struct animaldetect_log_record animaldetect_log_record;

/** Log levels; a client logs the chosen level and all below it. */
enum animaldetect_log_level {
  ANIMALDETECT_LOG_NONE = 0,    /**< nothing */
  ANIMALDETECT_LOG_ERROR = 1,   /**< calls that failed */
  ANIMALDETECT_LOG_WARNING = 2, /**< requests that failed and are retried */
  ANIMALDETECT_LOG_INFO = 3,    /**< calls that succeeded */
  ANIMALDETECT_LOG_DEBUG = 4    /**< the status and time of every response */
};

/**
 * Receives one record of the log.
 *
 * Runs inside a call on the client, with the client locked, on whichever thread drives it: it should return soon. It
 * may call getters; a call that would change the client or a job returns ANIMALDETECT_E_REENTRANT.
 *
 * @param user    the pointer passed to `animaldetect_client_set_log`
 * @param record  what happened; valid during the callback
 */
typedef void (*animaldetect_log_callback)(void *user, const animaldetect_log_record *record);

/**
 * Sets the log callback, in place of the one before. By default nothing is logged. May be called at any time.
 *
 * @param level     a value of `enum animaldetect_log_level`
 * @param callback  receives each record, or NULL for none
 * @param user      passed to the callback
 * @param release   called with `user` after the callback was replaced or the client freed, when no further record can
 *                  arrive; NULL for none
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_log(animaldetect_client *client, int32_t level,
                                                     animaldetect_log_callback callback, void *user,
                                                     animaldetect_release_callback release);

/**
 * The level of a record.
 *
 * @param record  the record
 * @return  a value of `enum animaldetect_log_level`, ANIMALDETECT_LOG_NONE without a record
 */
ANIMALDETECT_API int32_t animaldetect_log_level(const animaldetect_log_record *record);

/**
 * The whole record as one line for a person, such as "upload: storage answered 503 after 2 attempts [job 5fd3825f]".
 *
 * @param record  the record
 * @return  one line without a line end; valid during the callback; "" without a record
 */
ANIMALDETECT_API const char *animaldetect_log_text(const animaldetect_log_record *record);

/**
 * The client that logs.
 *
 * @param record  the record
 * @return  borrowed, valid until it is freed; NULL without a record
 */
ANIMALDETECT_API animaldetect_client *animaldetect_log_client(const animaldetect_log_record *record);

/**
 * The job that the record is about. Its getters, such as `animaldetect_job_user_data`, may be called.
 *
 * @param record  the record
 * @return  borrowed, valid until it is freed; NULL when the record is about the whole client
 */
ANIMALDETECT_API const animaldetect_job *animaldetect_log_job(const animaldetect_log_record *record);

/**
 * The step that the record is about.
 *
 * @param record  the record
 * @return  a value of `enum animaldetect_step`; ANIMALDETECT_STEP_NONE when it is about none, or about a whole call
 */
ANIMALDETECT_API int32_t animaldetect_log_step(const animaldetect_log_record *record);

/**
 * The HTTP status of the response that the record is about.
 *
 * @param record  the record
 * @return  the status; 0 when there was no response
 */
ANIMALDETECT_API int32_t animaldetect_log_http_status(const animaldetect_log_record *record);

/**
 * The service's id of the request that the record is about.
 *
 * @param record  the record
 * @return  valid during the callback; NULL when the service gave none
 */
ANIMALDETECT_API const char *animaldetect_log_request_id(const animaldetect_log_record *record);

/**
 * How long it took: a request from its start to its response or failure, a call from its start to its completion.
 *
 * @param record  the record
 * @return  milliseconds; -1 when it is about nothing that takes time
 */
ANIMALDETECT_API int64_t animaldetect_log_duration_ms(const animaldetect_log_record *record);

#ifdef __cplusplus
}
#endif

#endif
