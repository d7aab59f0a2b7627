/* SPDX-License-Identifier: MIT */
/** @file
 * What every other header needs: the export macro, the opaque types, status codes and the named values.
 * Enumerations only name values; functions take and return `int32_t`, so that their size is the same for every
 * compiler.
 */
#ifndef ANIMALDETECT_TYPES_H
#define ANIMALDETECT_TYPES_H

#include <stddef.h>
#include <stdint.h>

/** Marks what the library exports. Nothing for a host to define or use. */
#if defined(ANIMALDETECT_BUILD) && (defined(__GNUC__) || defined(__clang__))
#define ANIMALDETECT_API __attribute__((visibility("default")))
#else
#define ANIMALDETECT_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Configuration, connections, quota and engine. Free with `animaldetect_client_free`. */
typedef struct animaldetect_client animaldetect_client;
/** One image and its processing by the service. Free with `animaldetect_job_free`. */
typedef struct animaldetect_job animaldetect_job;
/** Parsed, immutable detections of one image. Free with `animaldetect_result_free`. */
typedef struct animaldetect_result animaldetect_result;
/** One detection of a result: a view, borrowed from its result, never freed. */
typedef struct animaldetect_detection animaldetect_detection;
/** An alternative label for a detection: a view, borrowed from its result, never freed. */
typedef struct animaldetect_candidate animaldetect_candidate;

/** Status codes. A number is never reused; treat an unknown negative number as a final error. */
enum animaldetect_status {
  /** Success. */
  ANIMALDETECT_OK = 0,
  /** No completion to hand out yet, or the wait timed out. Not an error: call again. */
  ANIMALDETECT_AGAIN = -1,
  /** An argument is NULL, out of range, or has control characters. Nothing was changed. */
  ANIMALDETECT_E_INVALID_ARGUMENT = -2,
  /** Out of memory. Calls in flight continue; the function may be called again. */
  ANIMALDETECT_E_NO_MEMORY = -3,
  /** Invalid state for this call: a step out of order, a setter after the start, a freed client. */
  ANIMALDETECT_E_STATE = -4,
  /** A call is in flight on this job, or the call came from inside one of this client's callbacks. */
  ANIMALDETECT_E_BUSY = -5,
  /** The process was forked after the client was made; the child must make its own. */
  ANIMALDETECT_E_FORKED = -6,
  /** Not available on this system. */
  ANIMALDETECT_E_UNSUPPORTED = -7,
  /** The call was canceled with `animaldetect_job_cancel`, or its client was freed. */
  ANIMALDETECT_E_CANCELED = -8,
  /** The job's deadline passed, or the next allowed retry would be after it. */
  ANIMALDETECT_E_DEADLINE = -9,
  /** No API key was set. */
  ANIMALDETECT_E_NO_API_KEY = -10,
  /** The image file cannot be opened or read, or is not a regular file. */
  ANIMALDETECT_E_FILE = -11,
  /** The image changed between hashing and the end of the upload. The upload was not completed. */
  ANIMALDETECT_E_FILE_CHANGED = -12,
  /** The image has no bytes. */
  ANIMALDETECT_E_IMAGE_EMPTY = -13,
  /** The image is larger than the limit (`animaldetect_client_set_max_image_bytes`). */
  ANIMALDETECT_E_IMAGE_TOO_LARGE = -14,
  /** The image is none of JPEG, PNG, WebP, HEIC, HEIF and no content type was set. */
  ANIMALDETECT_E_IMAGE_TYPE = -15,
  /** The host's reader failed, or returned another number of bytes than was announced. */
  ANIMALDETECT_E_READER = -16,
  /** The server could not be reached, or the connection broke, on every try. */
  ANIMALDETECT_E_NETWORK = -17,
  /** A connect, stall or request timeout on every try. */
  ANIMALDETECT_E_TIMEOUT = -18,
  /** The TLS handshake failed or the certificate was rejected. Not retried. */
  ANIMALDETECT_E_TLS = -19,
  /** The service named a URL outside the trusted origins; nothing was sent there. */
  ANIMALDETECT_E_UNTRUSTED_URL = -20,
  /** A plain http URL that is not loopback, without `animaldetect_client_set_allow_insecure_http`. */
  ANIMALDETECT_E_INSECURE_URL = -21,
  /** 400 (or another 4xx without a code of its own): the service refused the request. */
  ANIMALDETECT_E_BAD_REQUEST = -22,
  /** 401: the API key is invalid, missing or revoked. */
  ANIMALDETECT_E_UNAUTHORIZED = -23,
  /** 402: payment required, insufficient credit or plan. */
  ANIMALDETECT_E_PAYMENT_REQUIRED = -24,
  /** 403: the API key lacks permission for this operation. */
  ANIMALDETECT_E_FORBIDDEN = -25,
  /** 404: the service does not know the job. */
  ANIMALDETECT_E_NOT_FOUND = -26,
  /** 409 on create: the idempotency key was used before with another payload. */
  ANIMALDETECT_E_CONFLICT = -27,
  /** 429 on every try. */
  ANIMALDETECT_E_RATE_LIMITED = -28,
  /** 5xx on every try. */
  ANIMALDETECT_E_SERVICE = -29,
  /** An HTTP status that the contract does not name, such as a redirect. */
  ANIMALDETECT_E_HTTP = -30,
  /** The response violates the API contract: not JSON, a wrong type, a required field missing. */
  ANIMALDETECT_E_PROTOCOL = -31,
  /** The response is larger than the limit (`animaldetect_client_set_max_answer_bytes`). */
  ANIMALDETECT_E_ANSWER_TOO_LARGE = -32,
  /** The upload URL expired and the service gave no fresh one. */
  ANIMALDETECT_E_UPLOAD_EXPIRED = -33,
  /** The storage refused the upload for a reason other than expiry. */
  ANIMALDETECT_E_UPLOAD_REFUSED = -34,
  /** The service processed the image and failed. */
  ANIMALDETECT_E_JOB_FAILED = -35,
  /** The service dropped the job before it was finished. */
  ANIMALDETECT_E_JOB_EXPIRED = -36,
  /** The text given to `animaldetect_job_restore` is not a saved job, or was saved by a newer version. */
  ANIMALDETECT_E_SAVED_JOB = -37,
  /** The image's bytes are needed and were not set (attached or restored job without input). */
  ANIMALDETECT_E_NO_INPUT = -38,
  /** The optional field is not in the result. */
  ANIMALDETECT_ABSENT = -39,
  /** A system call failed unexpectedly. */
  ANIMALDETECT_E_SYSTEM = -40
};

/**
 * Name of a status code as in this header, such as "ANIMALDETECT_E_CONFLICT".
 *
 * @param status  any number
 * @return  static text; "ANIMALDETECT_E_UNKNOWN" for a number this version does not know
 */
ANIMALDETECT_API const char *animaldetect_status_name(int32_t status);

/**
 * A short English text for a status code, without detail.
 *
 * @param status  any number
 * @return  static text, never NULL
 */
ANIMALDETECT_API const char *animaldetect_status_text(int32_t status);

/**
 * Whether retrying the same call later may succeed (network, timeout, rate limit, 5xx, deadline, memory).
 *
 * @param status  any number
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_status_is_retriable(int32_t status);

/** Operation for `animaldetect_job_new`: detections with their species. */
#define ANIMALDETECT_OPERATION_DETECT "detect"
/** Operation for `animaldetect_job_new`: as detect, by the urban model. */
#define ANIMALDETECT_OPERATION_DETECT_URBAN "detect_urban"
/** Operation for `animaldetect_job_new`: screening for animal, human and vehicle. */
#define ANIMALDETECT_OPERATION_FILTER "filter"
/** Operation for `animaldetect_job_new`: as filter, by the urban model. */
#define ANIMALDETECT_OPERATION_FILTER_URBAN "filter_urban"

/** The service's word for a job's state. */
enum animaldetect_state {
  ANIMALDETECT_STATE_NONE = 0,            /**< the service has not reported a state yet */
  ANIMALDETECT_STATE_AWAITING_UPLOAD = 1, /**< the job exists, its image or the submit is missing */
  ANIMALDETECT_STATE_QUEUED = 2,          /**< submitted, not started */
  ANIMALDETECT_STATE_RUNNING = 3,         /**< being processed */
  ANIMALDETECT_STATE_SUCCEEDED = 4,       /**< the result can be fetched */
  ANIMALDETECT_STATE_FAILED = 5,          /**< final: the service could not process the image */
  ANIMALDETECT_STATE_EXPIRED = 6,         /**< final: the service dropped the job */
  ANIMALDETECT_STATE_OTHER = 7            /**< a state added later; means "not finished" */
};

/** The stage that a job has reached. The order is the order of the flow; new stages are not inserted. */
enum animaldetect_stage {
  ANIMALDETECT_STAGE_NEW = 0,       /**< no create request has succeeded */
  ANIMALDETECT_STAGE_CREATED = 1,   /**< the service knows the job */
  ANIMALDETECT_STAGE_UPLOADED = 2,  /**< the image is in the storage */
  ANIMALDETECT_STAGE_SUBMITTED = 3, /**< the service was asked to start */
  ANIMALDETECT_STAGE_FINISHED = 4,  /**< succeeded, failed or expired */
  ANIMALDETECT_STAGE_FETCHED = 5    /**< the result was fetched */
};

/** The step that a call was in, for errors and times. */
enum animaldetect_step {
  ANIMALDETECT_STEP_NONE = 0,    /**< no step */
  ANIMALDETECT_STEP_PREPARE = 1, /**< open, check and hash the image */
  ANIMALDETECT_STEP_CREATE = 2,  /**< ask the service for a job */
  ANIMALDETECT_STEP_UPLOAD = 3,  /**< send the image to the storage */
  ANIMALDETECT_STEP_SUBMIT = 4,  /**< tell the service that the image is uploaded */
  ANIMALDETECT_STEP_POLL = 5,    /**< ask for the state */
  ANIMALDETECT_STEP_FETCH = 6    /**< fetch the result */
};

/**
 * Name of a state: the service's word, or "none", "other".
 *
 * @param state  a value of `enum animaldetect_state`
 * @return  static text, never NULL; "other" for an unknown number
 */
ANIMALDETECT_API const char *animaldetect_state_name(int32_t state);

/**
 * Name of a stage, such as "uploaded".
 *
 * @param stage  a value of `enum animaldetect_stage`
 * @return  static text, never NULL; "other" for an unknown number
 */
ANIMALDETECT_API const char *animaldetect_stage_name(int32_t stage);

/**
 * Name of a step, such as "upload".
 *
 * @param step  a value of `enum animaldetect_step`
 * @return  static text, never NULL; "other" for an unknown number
 */
ANIMALDETECT_API const char *animaldetect_step_name(int32_t step);

/** What polling optimizes for, for `animaldetect_client_set_poll_mode`. */
enum animaldetect_poll_mode {
  ANIMALDETECT_POLL_LATENCY = 0,   /**< find a finished job soon; costs requests */
  ANIMALDETECT_POLL_BALANCED = 1,  /**< soon while there is spare quota, fewer polls when jobs wait for it */
  ANIMALDETECT_POLL_THROUGHPUT = 2 /**< the most images per minute; a result may be found late */
};

/** Log levels; a client logs the chosen level and all below it. */
enum animaldetect_log_level {
  ANIMALDETECT_LOG_NONE = 0,    /**< nothing */
  ANIMALDETECT_LOG_ERROR = 1,   /**< calls that failed */
  ANIMALDETECT_LOG_WARNING = 2, /**< requests that failed and are retried */
  ANIMALDETECT_LOG_INFO = 3,    /**< calls that succeeded */
  ANIMALDETECT_LOG_DEBUG = 4    /**< the status and time of every response */
};

/** Taxonomic ranks, for `animaldetect_detection_taxonomy`. */
enum animaldetect_rank {
  ANIMALDETECT_RANK_ID = 0,     /**< the SpeciesNet class uuid */
  ANIMALDETECT_RANK_CLASS = 1,  /**< such as "mammalia" */
  ANIMALDETECT_RANK_ORDER = 2,  /**< such as "carnivora" */
  ANIMALDETECT_RANK_FAMILY = 3, /**< such as "canidae" */
  ANIMALDETECT_RANK_GENUS = 4,  /**< such as "vulpes" */
  ANIMALDETECT_RANK_SPECIES = 5 /**< the epithet ("vulpes") or the binomial ("vulpes vulpes"): the service sends both */
};

/**
 * Receives one line of the log.
 *
 * Runs inside a call on the client, with the client locked: it must not call the library on the same client
 * (such a call returns ANIMALDETECT_E_BUSY) and should return soon.
 *
 * @param level    a value of `enum animaldetect_log_level`
 * @param message  one line without a line end, never with a secret; valid during the callback
 * @param user     what was given to `animaldetect_client_set_log`
 */
typedef void (*animaldetect_log_callback)(int32_t level, const char *message, void *user);

/**
 * Reads the next bytes of an image, for `animaldetect_job_set_reader`.
 *
 * Runs inside a call on the client, with the client locked; it must not block for long.
 *
 * @param user    what was given to `animaldetect_job_set_reader`
 * @param buffer  receives the bytes
 * @param size    how many bytes fit, more than 0
 * @return  the number of bytes put into `buffer`, 0 at the end, a negative number on failure
 */
typedef int64_t (*animaldetect_read_callback)(void *user, uint8_t *buffer, size_t size);

/**
 * Goes back to the first byte of an image, so that it can be read again (hash, then upload; retry).
 *
 * @param user  what was given to `animaldetect_job_set_reader`
 * @return  0 on success, else a negative number
 */
typedef int32_t (*animaldetect_rewind_callback)(void *user);

/**
 * Frees text that the library returned through an `out` parameter.
 *
 * @param text  the text, or NULL
 */
ANIMALDETECT_API void animaldetect_text_free(char *text);

#ifdef __cplusplus
}
#endif

#endif
