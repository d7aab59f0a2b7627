/* SPDX-License-Identifier: MIT */
/** @file
 * What functions and calls return: the statuses, their names and texts, and what a host can decide by.
 */
#ifndef ANIMALDETECT_STATUS_H
#define ANIMALDETECT_STATUS_H

#include <stdint.h>

#include <animaldetect/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Status codes. 0 is success, a negative number is an error, a positive one is neither: nothing failed, and there is
 * nothing to hand out. A number is never reused. Treat an unknown negative number as a final error of scope
 * ANIMALDETECT_SCOPE_OTHER, an unknown positive number as ANIMALDETECT_AGAIN. "Every status" in `doc/faults.md` also
 * says what the library has done before it returned one.
 */
enum animaldetect_status {
  /* statuses: begin, made from lib/abi/statuses */
  /** Success. */
  ANIMALDETECT_OK = 0,
  /** No completion is available yet, or the wait timed out. Not an error. Next: Call again. */
  ANIMALDETECT_AGAIN = 100,
  /**
   * An argument is NULL, out of range or malformed, or contains control characters.
   * Next: Correct the argument; `animaldetect_client_copy_message` or `animaldetect_job_message` gives the reason.
   */
  ANIMALDETECT_E_INVALID_ARGUMENT = -2,
  /** An allocation failed. Next: Free memory and call again; a job continues from the stage it has reached. */
  ANIMALDETECT_E_NO_MEMORY = -3,
  /**
   * The object is in the wrong state: a step out of order, a setter after the start, nothing to wait for.
   * Next: Correct the order of the calls; the message says what is wrong.
   */
  ANIMALDETECT_E_STATE = -4,
  /**
   * A call is in flight on this job, or its completion has not been collected.
   * Next: Collect its completion (`animaldetect_job_wait`, `animaldetect_client_next_done`), then call again.
   */
  ANIMALDETECT_E_BUSY = -5,
  /**
   * The process forked after the client was created.
   * Next: Create a client in the child with `animaldetect_client_new`.
   */
  ANIMALDETECT_E_FORKED = -6,
  /**
   * Not available on this system, or libcurl lacks a feature that a request needs. The message names it.
   * Next: Do without it; `animaldetect_feature_text` lists what is available.
   */
  ANIMALDETECT_E_UNSUPPORTED = -7,
  /**
   * The call was canceled: `animaldetect_job_cancel`, `animaldetect_client_stop`, or the client was freed.
   * Next: To continue, run the job again; after a stop, save it and restore it with a new client.
   */
  ANIMALDETECT_E_CANCELED = -8,
  /**
   * The call timeout (`animaldetect_job_set_call_timeout_ms`) expired, or the next allowed retry would be after it.
   * Next: Run the job again, with a longer timeout if needed; it continues from the stage it has reached.
   */
  ANIMALDETECT_E_CALL_TIMEOUT = -9,
  /** No API key is set. Next: Call `animaldetect_client_set_api_key`, then run the job. */
  ANIMALDETECT_E_NO_API_KEY = -10,
  /**
   * The image file cannot be opened or read, or is not a regular file.
   * Next: Skip the image. If the path or the permissions were wrong, correct them and run the job again.
   */
  ANIMALDETECT_E_FILE = -11,
  /**
   * The image's bytes differ from those that were hashed, or from those of the saved job. A file whose inode or times
   * changed is first compared by its digest.
   * Next: Call `animaldetect_job_rerun` and run the job: it starts from the new bytes. If the old bytes are restored,
   * run the job again.
   */
  ANIMALDETECT_E_FILE_CHANGED = -12,
  /** The image has no bytes. Next: Skip the image. */
  ANIMALDETECT_E_IMAGE_EMPTY = -13,
  /**
   * The image is larger than the limit (`animaldetect_client_set_max_image_bytes`).
   * Next: Skip the image, or make it smaller.
   */
  ANIMALDETECT_E_IMAGE_TOO_LARGE = -14,
  /**
   * The image is not JPEG, PNG, WebP, HEIC or HEIF, and no content type was set.
   * Next: Skip the image, or create a new job and call `animaldetect_job_set_content_type`.
   */
  ANIMALDETECT_E_IMAGE_TYPE = -15,
  /**
   * The host's reader returned a number from -1 to -999, or more or fewer bytes than announced, or cannot be rewound
   * for a retry. A number of ANIMALDETECT_E_HOST or below becomes the status of the call itself.
   * Next: Skip the image, or correct the reader and run the job again. A reader without a rewind callback needs a new
   * job.
   */
  ANIMALDETECT_E_READER = -16,
  /**
   * The server could not be reached, the connection broke, or a portal or proxy answered in its place.
   * Next: Keep the image and run the job again later; it continues from the stage it has reached.
   */
  ANIMALDETECT_E_NETWORK = -17,
  /**
   * A connect, stall or request timeout expired, or the response was 408.
   * Next: Keep the image and run the job again later; it continues from the stage it has reached.
   */
  ANIMALDETECT_E_TIMEOUT = -18,
  /**
   * The TLS handshake failed or the certificate was rejected: a portal, a proxy, a wrong clock, or a missing CA
   * certificate.
   * Next: Keep the image and run the job again later; if it recurs, check the clock, the proxy and
   * `animaldetect_client_set_ca_file`.
   */
  ANIMALDETECT_E_TLS = -19,
  /**
   * The service returned, or a saved job contains, a URL outside the trusted origins. The message names the origin.
   * Next: Keep the image and alert an operator. If the origin should be trusted, create a new client and call
   * `animaldetect_client_add_trusted_origin`.
   */
  ANIMALDETECT_E_UNTRUSTED_URL = -20,
  /**
   * A plain http URL. It is allowed only on loopback while the base URL is also plain http on loopback, or after
   * `animaldetect_client_set_allow_insecure_http`.
   * Next: Use https, or allow plain http before the first use of the client.
   */
  ANIMALDETECT_E_INSECURE_URL = -21,
  /**
   * 400 (or another 4xx without a status of its own): the service rejected the request.
   * Next: Skip the image; if every image gets this status, correct the options of the jobs.
   */
  ANIMALDETECT_E_BAD_REQUEST = -22,
  /**
   * 401: the API key is invalid, missing or revoked.
   * Next: Keep all images. Call `animaldetect_client_set_api_key` or `animaldetect_client_resume`, which end the hold,
   * then run the jobs again.
   */
  ANIMALDETECT_E_UNAUTHORIZED = -23,
  /**
   * 402: payment required, insufficient credit or plan.
   * Next: Keep all images. When the account has credit again, call `animaldetect_client_resume` (or, for another
   * account, `animaldetect_client_set_api_key`), which ends the hold, then run the jobs again.
   */
  ANIMALDETECT_E_PAYMENT_REQUIRED = -24,
  /**
   * 403: the API key lacks permission for this operation.
   * Next: Keep the image and alert an operator; run the job again when the key has the permission or was replaced
   * (`animaldetect_client_set_api_key`).
   */
  ANIMALDETECT_E_FORBIDDEN = -25,
  /**
   * 404: the service does not have the job. On create: there is no such API at the base URL.
   * Next: Call `animaldetect_job_rerun` for a new job, which is billed separately. After a create, correct the base
   * URL.
   */
  ANIMALDETECT_E_NOT_FOUND = -26,
  /**
   * 409 on create: an earlier request with this key did not finish within 2 minutes, or the service reports that the
   * key belongs to a different payload. With a key set by the host: any 409, unless it says "in progress".
   * Next: Call `animaldetect_job_rerun` for a new job, which is billed separately. With a key set by the host, create a
   * new job with another key.
   */
  ANIMALDETECT_E_CONFLICT = -27,
  /**
   * 429 from the storage, or from another origin that a result was redirected to, on every try. After a 429 from the
   * API the client waits instead.
   * Next: Keep the image and run the job again after `animaldetect_job_retry_after_ms`; if it recurs, set the quota
   * with `animaldetect_client_set_rate_limit`.
   */
  ANIMALDETECT_E_RATE_LIMITED = -28,
  /**
   * 5xx or 425 on every try, or no result 5 minutes after the job succeeded.
   * Next: Keep the image and run the job again later; it continues from the stage it has reached.
   */
  ANIMALDETECT_E_SERVICE = -29,
  /**
   * A redirect that must not be followed, or a status that HTTP does not define. The message names the origin.
   * Next: Keep the image and alert an operator; correct the base URL, or add the origin of the redirect to a new client
   * (`animaldetect_client_add_trusted_origin`).
   */
  ANIMALDETECT_E_HTTP = -30,
  /**
   * The response violates the API contract: not JSON, a required field missing, a different job, an unrequested coding.
   * Next: Keep the image and run the job again later. `animaldetect_job_result_json` has the bytes that were received
   * in place of a result.
   */
  ANIMALDETECT_E_PROTOCOL = -31,
  /**
   * The response is larger than the limit (`animaldetect_client_set_max_answer_bytes`), or exceeds a fixed bound: the
   * length of its headers or, if it is not a result, the number, size or depth of its JSON values.
   * Next: Keep the image, raise the limit and run the job again; if that does not help, report it to the service.
   */
  ANIMALDETECT_E_ANSWER_TOO_LARGE = -32,
  /**
   * The upload URL expired and the service returned no fresh one.
   * Next: Run the job again; if that does not help, call `animaldetect_job_rerun` for a new job, which is billed
   * separately.
   */
  ANIMALDETECT_E_UPLOAD_EXPIRED = -33,
  /**
   * The storage rejected the upload for a reason other than expiry.
   * Next: Keep the image and report the message to the service; run the job again when the problem is solved.
   */
  ANIMALDETECT_E_UPLOAD_REFUSED = -34,
  /**
   * The service could not process the image.
   * Next: Call `animaldetect_job_rerun` for a new job, which is billed separately; if that fails too, skip the image.
   */
  ANIMALDETECT_E_JOB_FAILED = -35,
  /**
   * The service deleted the job: it did not finish in time, or the retention period of its result is over.
   * Next: Call `animaldetect_job_rerun` for a new job, which is billed separately.
   */
  ANIMALDETECT_E_JOB_EXPIRED = -36,
  /**
   * The text given to `animaldetect_job_restore` is not a saved job, or was saved by a newer version.
   * Next: Create a new job with the same image and options: the derived key finds the existing job at the service.
   */
  ANIMALDETECT_E_SAVED_JOB = -37,
  /**
   * The image's bytes are required but not set (an attached or restored job without input).
   * Next: Set the image (`animaldetect_job_set_file` or another input) and run the job again; an attached job takes
   * none.
   */
  ANIMALDETECT_E_NO_INPUT = -38,
  /**
   * The optional field is not in the result, or nothing was measured yet. Not an error.
   * Next: Treat the value as absent, not as 0.
   */
  ANIMALDETECT_ABSENT = -39,
  /**
   * A system call failed unexpectedly; also when no file descriptors are left for a new client.
   * Next: Correct what the message names, often a limit of the process, and call again.
   */
  ANIMALDETECT_E_SYSTEM = -40,
  /**
   * The function was called from within one of this client's callbacks: a bug in the host.
   * Next: Correct the program: make the call after the callback has returned.
   */
  ANIMALDETECT_E_REENTRANT = -41,
  /**
   * The client of this job was freed, or is being freed while a thread waits on it.
   * Next: Free the job, or save it and restore it with a new client (`animaldetect_job_restore`).
   */
  ANIMALDETECT_E_CLIENT_FREED = -42,
  /**
   * The client has as many calls in flight as `animaldetect_client_set_max_jobs` allows.
   * Next: Collect a completion (`animaldetect_client_next_done`), then start the call again.
   */
  ANIMALDETECT_E_QUEUE_FULL = -43,
  /**
   * The service had not finished the job when the processing timeout expired
   * (`animaldetect_client_set_processing_timeout_ms`).
   * Next: Run the same job again later to poll it again, or call `animaldetect_job_rerun` for a new job, which is
   * billed even if the old one finishes after all.
   */
  ANIMALDETECT_E_OVERDUE = -44,
  /**
   * For 5 minutes the service reported a state that this version does not know, together with an error. The message has
   * the name of the state.
   * Next: Run the job again later, or call `animaldetect_job_rerun` for a new job, which is billed even if the old one
   * finishes after all.
   */
  ANIMALDETECT_E_STATE_UNKNOWN = -45,
  /**
   * The process, or the system, has no file descriptor left for the image or for a connection.
   * Next: Raise the limit (`ulimit -n`) or lower `animaldetect_client_set_max_requests`, then run the job again; it
   * continues from the stage it has reached.
   */
  ANIMALDETECT_E_NO_DESCRIPTORS = -46,
  /**
   * The medium that holds the image file failed or is gone: an input/output error, a card that was removed, a file
   * system that was unmounted, a network share that does not respond.
   * Next: Keep the image. When the medium is back, run the job again; it continues from the stage it has reached. If
   * only this image gets this status, skip it.
   */
  ANIMALDETECT_E_MEDIUM = -47,
  /**
   * The image file changed while it was hashed: it is still being written.
   * Next: Keep the image and run the job again when the file is complete; it starts from the bytes that are there then.
   */
  ANIMALDETECT_E_FILE_UNFINISHED = -48,
  /**
   * The host's reader returned this number or one below it. The library itself never returns them.
   * Next: Handle it as the host defines it.
   */
  ANIMALDETECT_E_HOST = -1000
  /* statuses: end */
};

/** What a status concerns, for `animaldetect_status_scope`: what a host may decide by. */
enum animaldetect_scope {
  ANIMALDETECT_SCOPE_NONE = 0,    /**< no failure */
  ANIMALDETECT_SCOPE_CALLER = 1,  /**< the host, its machine or its own limits: keep the image, look at the program */
  ANIMALDETECT_SCOPE_IMAGE = 2,   /**< this image as it is: set it aside, the others are fine */
  ANIMALDETECT_SCOPE_JOB = 3,     /**< this job at the service: `animaldetect_job_rerun` may help */
  ANIMALDETECT_SCOPE_ACCOUNT = 4, /**< key, permission or payment: keep all images, alert an operator */
  ANIMALDETECT_SCOPE_NETWORK = 5, /**< route, portal, proxy, TLS, clock: keep all images, retry later */
  ANIMALDETECT_SCOPE_SERVICE = 6, /**< the service or its storage: keep all images, retry later */
  ANIMALDETECT_SCOPE_OTHER = 7    /**< a status that this version does not know: keep the image */
};

/**
 * Name of a status code as in this header, such as "ANIMALDETECT_E_CONFLICT".
 *
 * @param status  any number
 * @return  static text, always valid; for a number that this version does not know "ANIMALDETECT_E_UNKNOWN", or
 *          "ANIMALDETECT_UNKNOWN" when it is positive; "ANIMALDETECT_E_HOST" for each of the host's own
 */
ANIMALDETECT_API const char *animaldetect_status_name(int32_t status);

/**
 * A short English text for a status code, without detail.
 *
 * @param status  any number
 * @return  static text, always valid, never NULL
 */
ANIMALDETECT_API const char *animaldetect_status_text(int32_t status);

/**
 * Whether the same call, made again later, may succeed (network, timeout, TLS, rate limit, 5xx, not finished yet, call
 * timeout, memory). `animaldetect_status_scope` says what to do with the image: a rejected key is not retriable, but
 * the image is not the cause.
 *
 * @param status  any number
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_status_is_retriable(int32_t status);

/**
 * What a status concerns. It alone tells a host whether to keep an image, set it aside, retry later or alert an
 * operator.
 *
 * @param status  any number
 * @return  a value of `enum animaldetect_scope`
 */
ANIMALDETECT_API int32_t animaldetect_status_scope(int32_t status);

#ifdef __cplusplus
}
#endif

#endif
