/* SPDX-License-Identifier: MIT */
/** @file
 * Reading a job: state, errors, progress, times, what was set, result.
 *
 * Text is borrowed, valid until a call of this job completes, a setter or a rerun of this job is called or it is freed;
 * NULL when not known. So text that was read after a call had completed stays valid while the next call is in flight. A
 * NULL job gives NULL, 0 or ANIMALDETECT_E_INVALID_ARGUMENT.
 */
#ifndef ANIMALDETECT_JOB_INFO_H
#define ANIMALDETECT_JOB_INFO_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The client that the job was made with.
 *
 * @return  borrowed, valid until it is freed; NULL when it was freed
 */
ANIMALDETECT_API animaldetect_client *animaldetect_job_client(const animaldetect_job *job);

/**
 * The pointer given to `animaldetect_job_set_user_data`.
 *
 * @return  the pointer, valid as long as the host keeps it so; NULL when none was set
 */
ANIMALDETECT_API void *animaldetect_job_user_data(const animaldetect_job *job);

/**
 * The status of the last call.
 *
 * @return  ANIMALDETECT_OK or an error; ANIMALDETECT_AGAIN while a call is in flight; ANIMALDETECT_E_STATE before the
 *          first
 */
ANIMALDETECT_API int32_t animaldetect_job_status(const animaldetect_job *job);

/**
 * The last state that the service reported.
 *
 * @return  a value of `enum animaldetect_state`
 */
ANIMALDETECT_API int32_t animaldetect_job_state(const animaldetect_job *job);

/**
 * The service's own name of the state, useful when `animaldetect_job_state` is ANIMALDETECT_STATE_OTHER.
 *
 * @return  borrowed; "none" when the service reported none yet
 */
ANIMALDETECT_API const char *animaldetect_job_state_text(const animaldetect_job *job);

/**
 * The stage that the job has reached.
 *
 * @return  a value of `enum animaldetect_stage`
 */
ANIMALDETECT_API int32_t animaldetect_job_stage(const animaldetect_job *job);

/**
 * One line for a person that says what failed and what was seen, such as `upload: storage answered 403 (signature
 * expired at 13:15:00Z) after 3 attempts [job 5fd3825f-...]`. It never contains a secret. After a setter or a start
 * that failed it says why.
 *
 * @return  borrowed; "" when the last call succeeded or is running
 */
ANIMALDETECT_API const char *animaldetect_job_message(const animaldetect_job *job);

/**
 * HTTP status of the last response that the last call received.
 *
 * @return  the status, 0 for none
 */
ANIMALDETECT_API int32_t animaldetect_job_http_status(const animaldetect_job *job);

/**
 * The service's own error code.
 *
 * @return  borrowed; NULL when it gave none
 */
ANIMALDETECT_API const char *animaldetect_job_service_code(const animaldetect_job *job);

/**
 * The service's own message for an error.
 *
 * @return  borrowed; NULL when it gave none
 */
ANIMALDETECT_API const char *animaldetect_job_service_message(const animaldetect_job *job);

/**
 * The service's id of the last request, for its support.
 *
 * @return  borrowed; NULL when it gave none
 */
ANIMALDETECT_API const char *animaldetect_job_request_id(const animaldetect_job *job);

/**
 * The step in which the last call failed.
 *
 * @return  a value of `enum animaldetect_step`; ANIMALDETECT_STEP_NONE when it did not fail
 */
ANIMALDETECT_API int32_t animaldetect_job_failed_step(const animaldetect_job *job);

/**
 * The wait that the service requested at the last failure.
 *
 * @return  milliseconds; -1 when it did not say
 */
ANIMALDETECT_API int64_t animaldetect_job_retry_after_ms(const animaldetect_job *job);

/**
 * Bytes of the image sent in the current or last upload; may be read while a call is in flight.
 *
 * @return  bytes
 */
ANIMALDETECT_API uint64_t animaldetect_job_upload_sent(const animaldetect_job *job);

/**
 * Size of the image.
 *
 * @return  bytes; 0 while it is not known
 */
ANIMALDETECT_API uint64_t animaldetect_job_upload_total(const animaldetect_job *job);

/**
 * Requests made by the current or last call, retries included.
 *
 * @return  the number
 */
ANIMALDETECT_API int32_t animaldetect_job_attempts(const animaldetect_job *job);

/**
 * Status requests that received a response, over the life of the handle.
 *
 * @return  the number
 */
ANIMALDETECT_API int32_t animaldetect_job_polls(const animaldetect_job *job);

/**
 * How long a step took in total, waiting and retries included, over the life of the handle.
 *
 * @param step  a value of `enum animaldetect_step`
 * @return  milliseconds; 0 when it was not entered, -1 for an unknown step
 */
ANIMALDETECT_API int64_t animaldetect_job_step_ms(const animaldetect_job *job, int32_t step);

/** When the service will delete the job, as the service writes it (ISO 8601). */
ANIMALDETECT_API const char *animaldetect_job_expires_at(const animaldetect_job *job);

/** When the upload URL expires, as the service writes it (ISO 8601). */
ANIMALDETECT_API const char *animaldetect_job_upload_expires_at(const animaldetect_job *job);

/**
 * The service's id of the job.
 *
 * @return  borrowed; NULL before create
 */
ANIMALDETECT_API const char *animaldetect_job_id(const animaldetect_job *job);

/**
 * The operation.
 *
 * @return  borrowed; NULL for an attached job that was not polled yet
 */
ANIMALDETECT_API const char *animaldetect_job_operation(const animaldetect_job *job);

/**
 * The file name that the service sees: the one that was set, or the last part of the path, in clean UTF-8.
 *
 * @return  borrowed; NULL when there is none, or when it is not known before the image is hashed
 */
ANIMALDETECT_API const char *animaldetect_job_filename(const animaldetect_job *job);

/**
 * The path of the image's file, as it was set.
 *
 * @return  borrowed; NULL when the image is not a file
 */
ANIMALDETECT_API const char *animaldetect_job_path(const animaldetect_job *job);

/**
 * The URL from which the service fetches the image itself.
 *
 * @return  borrowed; NULL when the image is uploaded
 */
ANIMALDETECT_API const char *animaldetect_job_source_url(const animaldetect_job *job);

/**
 * The id from the host's own system, as it was set.
 *
 * @return  borrowed; NULL when none was set
 */
ANIMALDETECT_API const char *animaldetect_job_client_reference_id(const animaldetect_job *job);

/**
 * The number of this run of the payload, see `animaldetect_job_set_rerun`.
 *
 * @return  the number; 0 for the first run
 */
ANIMALDETECT_API int32_t animaldetect_job_rerun_number(const animaldetect_job *job);

/**
 * The priority, see `animaldetect_job_set_priority`.
 *
 * @return  the number; 0 is the default
 */
ANIMALDETECT_API int32_t animaldetect_job_priority(const animaldetect_job *job);

/**
 * The host's own text, see `animaldetect_job_set_note`.
 *
 * @return  borrowed, valid until it is set again or the job is freed; NULL when none was set
 */
ANIMALDETECT_API const char *animaldetect_job_note(const animaldetect_job *job);

/**
 * The idempotency key that was or will be sent. It decides what is billed: jobs with the same key are one job. Unless
 * the host sets it, it follows from the payload: operation, file name, content type, size, SHA-256, source URL, client
 * reference, options, the client's checksum field, and the rerun number. The file name counts: a renamed copy is
 * another image. A reader without `rewind` has a random key; a restored job has the one that was saved.
 *
 * @return  borrowed; NULL before the image was hashed
 */
ANIMALDETECT_API const char *animaldetect_job_idempotency_key(const animaldetect_job *job);

/** SHA-256 of the image in 64 hex digits. */
ANIMALDETECT_API const char *animaldetect_job_sha256(const animaldetect_job *job);

/**
 * The result, once it was fetched.
 *
 * @param out  receives the result; owned by the caller, free with `animaldetect_result_free`; outlives job and client
 * @return  also ANIMALDETECT_E_STATE when it was not fetched
 */
ANIMALDETECT_API int32_t animaldetect_job_result(const animaldetect_job *job, animaldetect_result **out);

/**
 * The bytes of the result as the service sent them, once it was fetched, in any form. After a fetch that failed with
 * ANIMALDETECT_E_PROTOCOL, the bytes that were received in its place.
 *
 * @param size  receives the length in bytes without the final NUL; may be NULL
 * @return  borrowed, NUL-terminated; NULL when nothing was fetched
 */
ANIMALDETECT_API const char *animaldetect_job_result_json(const animaldetect_job *job, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
