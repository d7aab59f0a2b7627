/* SPDX-License-Identifier: MIT */
/** @file
 * The job: one image and its processing by the service. The functions of this header create, run, save and free a job;
 * `job_input.h` has its setters, `job_info.h` its getters. The simplest use is `animaldetect_job_new`,
 * `animaldetect_job_set_file`, `animaldetect_job_run`, `animaldetect_job_result`.
 *
 * The steps are create, upload, submit, poll, fetch and run. One call may be in flight per job. A failed call leaves
 * the job where it was: the same step, or `animaldetect_job_run`, may be called again. Each step has two forms:
 *  - The blocking form is the `_async` form followed by `animaldetect_job_wait(job, -1)`. Only the blocking form honors
 *    an `animaldetect_job_cancel` that was called just before it. Threads: any; other threads may use the client
 *    meanwhile. Blocks: until the call has completed.
 *  - The `_async` form starts the call. Returns at once. The completion is handed out once, by
 *    `animaldetect_client_next_done` or `animaldetect_job_wait`, whichever is called first.
 *
 * Besides the statuses of every job function a step returns ANIMALDETECT_E_STATE (step out of order, input missing),
 * ANIMALDETECT_E_BUSY, ANIMALDETECT_E_CANCELED (client stopped), ANIMALDETECT_E_QUEUE_FULL, ANIMALDETECT_E_NO_API_KEY,
 * ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM and ANIMALDETECT_E_UNSUPPORTED (libcurl lacks something that is
 * needed). From the `_async` form: Nothing was started unless ANIMALDETECT_OK. The blocking form returns these, or any
 * other status with which the call completed, see `animaldetect_job_message`.
 */
#ifndef ANIMALDETECT_JOB_H
#define ANIMALDETECT_JOB_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Creates a job. Nothing is sent.
 *
 * @param client     the client that will carry the job
 * @param operation  one of the ANIMALDETECT_OPERATION_ texts, or an operation that the service adds later: lower-case
 *                   letters, digits and underscores, at most 64; copied
 * @param out        receives the job; owned by the caller, free with `animaldetect_job_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_job_new(animaldetect_client *client, const char *operation,
                                              animaldetect_job **out);

/**
 * Creates a job from the text of `animaldetect_job_save`, in any process. The job keeps the idempotency key of the
 * text. The next call continues from the saved stage. If it cannot know the state at the service, it polls first, so
 * nothing is uploaded or billed twice. An image that was set as bytes or by a reader and is not uploaded yet must be
 * set again (same bytes). A file is read only if it has the digest that was saved; when the text has none (a job that
 * 0.1.0 saved before it was hashed) the file must be set again.
 *
 * @param client  the client that will carry the job
 * @param saved   the text; copied
 * @param size    its length in bytes
 * @param out     receives the job; owned by the caller
 * @return  also ANIMALDETECT_E_SAVED_JOB, ANIMALDETECT_E_UNTRUSTED_URL, ANIMALDETECT_E_INSECURE_URL,
 *          ANIMALDETECT_E_NO_MEMORY; the reason is in `animaldetect_client_copy_message`
 */
ANIMALDETECT_API int32_t animaldetect_job_restore(animaldetect_client *client, const char *saved, size_t size,
                                                  animaldetect_job **out);

/**
 * Creates a job of which only the service's id is known. `animaldetect_job_run` polls it and fetches the result; for a
 * job that still awaits its upload it returns ANIMALDETECT_E_NO_INPUT: use `animaldetect_job_save` for such jobs.
 *
 * @param client  the client that will carry the job
 * @param job_id  letters, digits, "-" and "_", at most 128; copied
 * @param out     receives the job; owned by the caller
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_job_attach(animaldetect_client *client, const char *job_id,
                                                 animaldetect_job **out);

/**
 * Frees a job. A call in flight is aborted and is not handed out any more; the service may still process the image, and
 * a new job with the same payload (see `animaldetect_job_idempotency_key`) finds it again. A thread that is blocked in
 * `animaldetect_job_wait` or a blocking step on this job must have returned before. May be called from inside a
 * callback of the client: the handle is invalid at once, and the job is destroyed when the call that invoked the
 * callback returns.
 */
ANIMALDETECT_API void animaldetect_job_free(animaldetect_job *job);

/**
 * Starts a new run of the image: the job returns to ANIMALDETECT_STAGE_NEW with the next rerun number, and the next
 * call creates another job at the service, which is billed. For a job that failed, expired, is overdue or is in
 * conflict, for an image that changed, and for an intentional second run; also for restored jobs. Everything that the
 * service reported about the previous run is dropped, including its result; `animaldetect_job_status` and the message
 * stay until the next call. The image is read again and may have other bytes. An image that was restored without its
 * bytes, or that comes from a reader that cannot rewind, must be set again. "-rerun-" and the number are appended to a
 * key that the host has set. Save the job before the next call if it must survive a power loss: with the same number no
 * second job is created.
 *
 * @return  also ANIMALDETECT_E_BUSY (a call is in flight or not collected), ANIMALDETECT_E_STATE (no call was made yet:
 *          use `animaldetect_job_set_rerun`; the job was attached and its image is not known; no room in the host's
 *          key), ANIMALDETECT_E_NO_MEMORY; nothing has changed then
 */
ANIMALDETECT_API int32_t animaldetect_job_rerun(animaldetect_job *job);

/* ---- the steps, each in a blocking and an `_async` form ---- */

/** Creates the job at the service: hashes the image, derives the idempotency key, sends the create request. */
ANIMALDETECT_API int32_t animaldetect_job_create(animaldetect_job *job);

/** Starts `animaldetect_job_create`. */
ANIMALDETECT_API int32_t animaldetect_job_create_async(animaldetect_job *job);

/** Uploads the image to the URL that the service returned. Does nothing and succeeds for a `source_url` job. */
ANIMALDETECT_API int32_t animaldetect_job_upload(animaldetect_job *job);

/** Starts `animaldetect_job_upload`. */
ANIMALDETECT_API int32_t animaldetect_job_upload_async(animaldetect_job *job);

/** Asks the service to process the uploaded image. Does nothing and succeeds for a `source_url` job. */
ANIMALDETECT_API int32_t animaldetect_job_submit(animaldetect_job *job);

/** Starts `animaldetect_job_submit`. */
ANIMALDETECT_API int32_t animaldetect_job_submit_async(animaldetect_job *job);

/** Polls the state of the job once (retries of a failed request not counted). */
ANIMALDETECT_API int32_t animaldetect_job_poll(animaldetect_job *job);

/** Starts `animaldetect_job_poll`. */
ANIMALDETECT_API int32_t animaldetect_job_poll_async(animaldetect_job *job);

/** Fetches the result of a job that succeeded. */
ANIMALDETECT_API int32_t animaldetect_job_fetch(animaldetect_job *job);

/** Starts `animaldetect_job_fetch`. */
ANIMALDETECT_API int32_t animaldetect_job_fetch_async(animaldetect_job *job);

/**
 * Does all the remaining steps, whatever stage the job has reached, until the result is fetched. Calling it again after
 * a failure is safe.
 */
ANIMALDETECT_API int32_t animaldetect_job_run(animaldetect_job *job);

/** Starts `animaldetect_job_run`. */
ANIMALDETECT_API int32_t animaldetect_job_run_async(animaldetect_job *job);

/**
 * Blocks until the call in flight has completed, and drives the client meanwhile. It collects the completion:
 * `animaldetect_client_next_done` no longer hands it out. Without a call in flight it returns the status of the last
 * one.
 *
 * @param timeout_ms  how long to wait; 0 polls once, -1 has no limit
 * @return  the status of the call, or ANIMALDETECT_AGAIN after the timeout: the call continues; ANIMALDETECT_E_STATE
 *          when no call was made yet; ANIMALDETECT_E_CLIENT_FREED, also when the client is freed meanwhile;
 *          ANIMALDETECT_E_SYSTEM when it cannot wait; ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_REENTRANT,
 *          ANIMALDETECT_E_FORKED
 * @threads any number at once; of two that wait for one job both get its status
 * @blocks  yes
 */
ANIMALDETECT_API int32_t animaldetect_job_wait(animaldetect_job *job, int64_t timeout_ms);

/**
 * Completes the call in flight with ANIMALDETECT_E_CANCELED; this completion is handed out like any other. The service
 * may still process the image. The job may be run again afterwards. If the job has no call in flight, the next call is
 * canceled if it is of the blocking form, so that a thread that is about to block does not miss it. A call of the
 * `_async` form discards such a cancel. A call that has already completed is not changed.
 */
ANIMALDETECT_API int32_t animaldetect_job_cancel(animaldetect_job *job);

/**
 * Writes the job as a small JSON text, without the API key, for `animaldetect_job_restore`. May be called at any time,
 * also while a call is in flight. The text has the note (`animaldetect_job_set_note`) and the priority, not the call
 * timeout and the user data; a relative path stays relative. The text contains the upload URL, whose signature lets
 * anyone upload this image until it expires. Whatever the setters accept can be saved, and whatever was saved can be
 * restored. A save fixes the bytes of a file, in this process too: with other bytes a call fails with
 * ANIMALDETECT_E_FILE_CHANGED, and `animaldetect_job_rerun` continues with them.
 *
 * @param out   receives the text, NUL-terminated; owned by the caller, free with `animaldetect_text_free`
 * @param size  receives its length in bytes; may be NULL
 * @return  also ANIMALDETECT_E_NO_MEMORY
 * @blocks  reads the whole file of a job whose image is a file that was not hashed yet
 */
ANIMALDETECT_API int32_t animaldetect_job_save(const animaldetect_job *job, char **out, size_t *size);

#ifdef __cplusplus
}
#endif

#endif
