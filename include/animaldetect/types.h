/* SPDX-License-Identifier: MIT */
/** @file
 * What every other header needs: the statuses (`status.h`), the opaque types and the named values.
 * Enumerations only name values; functions take and return `int32_t`, so that their size is the same for every
 * compiler.
 */
#ifndef ANIMALDETECT_TYPES_H
#define ANIMALDETECT_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include <animaldetect/status.h>

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

/** Operation for `animaldetect_job_new`: detections with their species. */
#define ANIMALDETECT_OPERATION_DETECT "detect"
/** Operation for `animaldetect_job_new`: as detect, by the urban model. */
#define ANIMALDETECT_OPERATION_DETECT_URBAN "detect_urban"
/** Operation for `animaldetect_job_new`: screening for animal, human and vehicle. */
#define ANIMALDETECT_OPERATION_FILTER "filter"
/** Operation for `animaldetect_job_new`: as filter, by the urban model. */
#define ANIMALDETECT_OPERATION_FILTER_URBAN "filter_urban"

/** The state of a job, as the service reports it. */
enum animaldetect_state {
  ANIMALDETECT_STATE_NONE = 0,            /**< the service has not reported a state yet */
  ANIMALDETECT_STATE_AWAITING_UPLOAD = 1, /**< the job exists, its image or the submit is missing */
  ANIMALDETECT_STATE_QUEUED = 2,          /**< submitted, not started */
  ANIMALDETECT_STATE_RUNNING = 3,         /**< being processed */
  ANIMALDETECT_STATE_SUCCEEDED = 4,       /**< the result can be fetched */
  ANIMALDETECT_STATE_FAILED = 5,          /**< final: the service could not process the image */
  ANIMALDETECT_STATE_EXPIRED = 6,         /**< final: the service dropped the job */
  ANIMALDETECT_STATE_OTHER = 7            /**< a state that this version does not know: not finished */
};

/**
 * The stage that a job has reached. The order of the numbers is the order of the flow. A later version may insert a
 * stage between two: compare with < and >=.
 */
enum animaldetect_stage {
  ANIMALDETECT_STAGE_NEW = 0,        /**< no create request has succeeded */
  ANIMALDETECT_STAGE_CREATED = 10,   /**< the service knows the job */
  ANIMALDETECT_STAGE_UPLOADED = 20,  /**< the image is in the storage */
  ANIMALDETECT_STAGE_SUBMITTED = 30, /**< the service was asked to start */
  ANIMALDETECT_STAGE_FINISHED = 40,  /**< succeeded, failed or expired */
  ANIMALDETECT_STAGE_FETCHED = 50    /**< the result was fetched */
};

/** The step that a call was in, for errors and times. */
enum animaldetect_step {
  ANIMALDETECT_STEP_NONE = 0,    /**< no step */
  ANIMALDETECT_STEP_PREPARE = 1, /**< open, check and hash the image */
  ANIMALDETECT_STEP_CREATE = 2,  /**< create the job at the service */
  ANIMALDETECT_STEP_UPLOAD = 3,  /**< send the image to the storage */
  ANIMALDETECT_STEP_SUBMIT = 4,  /**< ask the service to process the uploaded image */
  ANIMALDETECT_STEP_POLL = 5,    /**< ask for the state */
  ANIMALDETECT_STEP_FETCH = 6    /**< fetch the result */
};

/**
 * Name of a state as the service writes it, or "none", "other".
 *
 * @param state  a value of `enum animaldetect_state`
 * @return  static text, always valid, never NULL; "other" for an unknown number
 */
ANIMALDETECT_API const char *animaldetect_state_name(int32_t state);

/**
 * Name of a stage, such as "uploaded".
 *
 * @param stage  a value of `enum animaldetect_stage`
 * @return  static text, always valid, never NULL; "other" for an unknown number
 */
ANIMALDETECT_API const char *animaldetect_stage_name(int32_t stage);

/**
 * Name of a step, such as "upload".
 *
 * @param step  a value of `enum animaldetect_step`
 * @return  static text, always valid, never NULL; "other" for an unknown number
 */
ANIMALDETECT_API const char *animaldetect_step_name(int32_t step);

/** What polling optimizes for, for `animaldetect_client_set_poll_mode`. */
enum animaldetect_poll_mode {
  ANIMALDETECT_POLL_LATENCY = 0,   /**< find a finished job quickly; costs more requests */
  ANIMALDETECT_POLL_BALANCED = 1,  /**< poll often while quota is free, less often while jobs wait for quota */
  ANIMALDETECT_POLL_THROUGHPUT = 2 /**< most images per minute; a result may be found late */
};

/** Taxonomic ranks, for `animaldetect_detection_taxonomy`. */
enum animaldetect_rank {
  ANIMALDETECT_RANK_ID = 0,     /**< the SpeciesNet class uuid */
  ANIMALDETECT_RANK_CLASS = 1,  /**< such as "mammalia" */
  ANIMALDETECT_RANK_ORDER = 2,  /**< such as "carnivora" */
  ANIMALDETECT_RANK_FAMILY = 3, /**< such as "canidae" */
  ANIMALDETECT_RANK_GENUS = 4,  /**< such as "vulpes" */
  ANIMALDETECT_RANK_SPECIES = 5 /**< the epithet ("vulpes") or the binomial ("vulpes vulpes"); both occur */
};

/**
 * Releases `user`, which the library no longer uses. A function that takes a `user` also takes a release function.
 *
 * Called exactly once, on the thread that made the last use, without a lock of the library. It may call the library,
 * but must not free a client on which a call of the same thread is waiting.
 *
 * @param user  the pointer that was passed together with this function
 */
typedef void (*animaldetect_release_callback)(void *user);

/**
 * Reads the next bytes of an image, for `animaldetect_job_set_reader`.
 *
 * Runs inside a call on the client, with the client locked; it must not block for long.
 *
 * @param user    the pointer passed to `animaldetect_job_set_reader`
 * @param buffer  receives the bytes
 * @param size    size of `buffer` in bytes, more than 0
 * @return  the number of bytes put into `buffer`, 0 at the end, a negative number on failure: from -1 to -999 the call
 *          fails with ANIMALDETECT_E_READER, below that with this number as its status (see ANIMALDETECT_E_HOST)
 */
typedef int64_t (*animaldetect_read_callback)(void *user, uint8_t *buffer, size_t size);

/**
 * Goes back to the first byte of an image, so that it can be read again (hash, then upload; retry).
 *
 * @param user  the pointer passed to `animaldetect_job_set_reader`
 * @return  0 on success, a negative number on failure, as `animaldetect_read_callback` returns it
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
