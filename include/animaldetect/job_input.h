/* SPDX-License-Identifier: MIT */
/** @file
 * The input of a job: the image, its metadata, the options of the service.
 *
 * Besides the statuses of every job function a setter returns ANIMALDETECT_E_STATE once a call was started (the call
 * timeout, the priority, the note, the user data and the input of a restored job excepted), and
 * ANIMALDETECT_E_NO_MEMORY. A setter that fails changes nothing.
 */
#ifndef ANIMALDETECT_JOB_INPUT_H
#define ANIMALDETECT_JOB_INPUT_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- input: exactly one of these five ---- */

/**
 * Takes the image from a file. The file is opened later: once to hash it, at the earliest about a minute before its
 * create is sent, and again to upload it. Its bytes must be the same both times (ANIMALDETECT_E_FILE_CHANGED); its
 * inode and times may change. The file name is the last part of the path unless `animaldetect_job_set_filename` sets
 * another. It is part of the default idempotency key: a renamed copy is another image and is billed separately.
 *
 * @param path  path in the file system; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_file(animaldetect_job *job, const char *path);

/**
 * Takes a copy of the image.
 *
 * @param bytes  the encoded image (JPEG, PNG, WebP, HEIC, HEIF); copied
 * @param size   in bytes, more than 0
 */
ANIMALDETECT_API int32_t animaldetect_job_set_bytes(animaldetect_job *job, const void *bytes, size_t size);

/**
 * Takes the image without copying it.
 *
 * @param bytes    the encoded image; borrowed, must stay unchanged until `release` is called, or, without one, until
 *                 the job is freed
 * @param size     in bytes, more than 0
 * @param user     passed to `release`
 * @param release  called with `user` when the bytes are not used any more: when the job is freed, or a restored job is
 *                 given other input; NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_job_set_bytes_borrowed(animaldetect_job *job, const void *bytes, size_t size,
                                                             void *user, animaldetect_release_callback release);

/**
 * Takes the image from the host's own reader. With `rewind` the image is read twice (hash, upload) and again for each
 * retry, and must have the same bytes each time (ANIMALDETECT_E_FILE_CHANGED). Without `rewind` it is read once: the
 * idempotency key is then random (keep it with `animaldetect_job_save`), the content type and the file name must be
 * set, and a broken upload cannot be retried.
 *
 * @param size     size of the image in bytes: what `read` returns in total, more than 0
 * @param read     reads the next bytes
 * @param rewind   goes back to the first byte, or NULL
 * @param user     passed to all three
 * @param release  called with `user` when the reader is not used any more: when the job is freed, or a restored job is
 *                 given other input; NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_job_set_reader(animaldetect_job *job, uint64_t size,
                                                     animaldetect_read_callback read,
                                                     animaldetect_rewind_callback rewind, void *user,
                                                     animaldetect_release_callback release);

/**
 * Lets the service fetch a public image itself: nothing is uploaded.
 *
 * @param url  http or https URL; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_source_url(animaldetect_job *job, const char *url);

/* ---- metadata and options ---- */

/**
 * Sets the file name that the service sees. To the service it is metadata only, but it is part of the payload, and so
 * of the default idempotency key: the same bytes under another name are another job, billed separately. A host that
 * renames or copies images should set a stable name. Default: the last part of the path; without a path, "image" and
 * the extension of the type.
 *
 * @param name  UTF-8 without control characters and path separators, 1 to 255 bytes; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_filename(animaldetect_job *job, const char *name);

/**
 * Sets the content type instead of reading it from the first bytes of the image. It is part of the default idempotency
 * key.
 *
 * @param type  such as "image/jpeg"; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_content_type(animaldetect_job *job, const char *type);

/**
 * Sets the SHA-256 of the image if the host knows it, so that it is not computed again. A wrong one makes the job's
 * idempotency key wrong; with `animaldetect_client_set_checksum_field` the service detects it. It is only compared with
 * a file whose inode or times have changed.
 *
 * @param hex  64 hex digits; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_sha256(animaldetect_job *job, const char *hex);

/**
 * Sets an id from the host's own system. It is part of the payload, and so of the default idempotency key.
 *
 * @param id  UTF-8 without control characters, 1 to 512 bytes; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_client_reference_id(animaldetect_job *job, const char *id);

/**
 * Sets the idempotency key instead of deriving it from the payload (see `animaldetect_job_idempotency_key`). The
 * service refuses a used key with another payload (ANIMALDETECT_E_CONFLICT).
 *
 * @param key  printable ASCII without spaces, 1 to 255 bytes; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_idempotency_key(animaldetect_job *job, const char *key);

/**
 * Asks for a new, separately billed run of a payload that ran before. Run 0 is the first; the same number finds the
 * same job. For a job that was already started use `animaldetect_job_rerun`.
 *
 * @param number  0 or more
 */
ANIMALDETECT_API int32_t animaldetect_job_set_rerun(animaldetect_job *job, int32_t number);

/**
 * Sets how long each call on this job may take, from its start. Default none.
 *
 * @param timeout_ms  1 or more; -1 for none
 */
ANIMALDETECT_API int32_t animaldetect_job_set_call_timeout_ms(animaldetect_job *job, int64_t timeout_ms);

/**
 * Sets the priority of the job. Of requests of the same kind that wait for quota or for a slot, the one with the
 * smaller number is sent first, and of equal ones the one that has waited longer. Images are hashed in the same order.
 * Default 0; saved with the job; may be changed at any time.
 *
 * @param priority  any number; smaller goes first
 */
ANIMALDETECT_API int32_t animaldetect_job_set_priority(animaldetect_job *job, int32_t priority);

/**
 * Attaches a text of the host, such as the database row that the job belongs to. It is never sent; it is saved and
 * restored with the job. May be changed at any time.
 *
 * @param note  UTF-8 without NUL, at most 4,096 bytes; NULL or "" for none; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_note(animaldetect_job *job, const char *note);

/**
 * Stores a pointer for the host; may be changed at any time.
 *
 * @param user  any pointer; never dereferenced by the library
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT
 */
ANIMALDETECT_API int32_t animaldetect_job_set_user_data(animaldetect_job *job, void *user);

/**
 * Option: detections with a lower score are dropped. The service's default is 0.2.
 *
 * @param threshold  0.01 to 0.99
 */
ANIMALDETECT_API int32_t animaldetect_job_set_threshold(animaldetect_job *job, double threshold);

/**
 * Option: the country whose species are expected. Blanks at its ends are dropped, and a code is sent in capital
 * letters, so "us " and "US" are one payload and one key; "US" and "USA" are two.
 *
 * @param country  two- or three-letter code or English name, 1 to 128 bytes that are not all blanks; copied
 */
ANIMALDETECT_API int32_t animaldetect_job_set_country(animaldetect_job *job, const char *country);

/**
 * Option: identify species (1, the service's default) or only animal, human, vehicle (0).
 *
 * @param classify  0 or 1
 */
ANIMALDETECT_API int32_t animaldetect_job_set_classify(animaldetect_job *job, int32_t classify);

/**
 * Option: return the metadata found in the image.
 *
 * @param metadata  0 or 1
 */
ANIMALDETECT_API int32_t animaldetect_job_set_metadata(animaldetect_job *job, int32_t metadata);

/**
 * Option: give similar animals of one image a common label.
 *
 * @param smooth  0 or 1
 */
ANIMALDETECT_API int32_t animaldetect_job_set_smooth_herd(animaldetect_job *job, int32_t smooth);

/**
 * Option: how many candidates to return for each detection.
 *
 * @param count  0 to 1,000
 */
ANIMALDETECT_API int32_t animaldetect_job_set_top_candidate(animaldetect_job *job, int32_t count);

/**
 * Option: where the image was taken; has effect only together with a country. -0.0 is sent as 0.0.
 *
 * @param latitude   degrees, -90 to 90
 * @param longitude  degrees, -180 to 180
 */
ANIMALDETECT_API int32_t animaldetect_job_set_location(animaldetect_job *job, double latitude, double longitude);

/**
 * Sets an option that the service adds later, or any option as JSON. The last value set under a name applies. -0.0 is
 * sent as 0.0 at any depth, and the text of "country" as `animaldetect_job_set_country` sends it.
 *
 * @param name  letters, digits, underscores, 1 to 64; copied
 * @param json  one JSON value, at most 64 KiB; copied. All options of a job together have at most 128 KiB and 10,000
 *              values
 */
ANIMALDETECT_API int32_t animaldetect_job_set_option_json(animaldetect_job *job, const char *name, const char *json);

#ifdef __cplusplus
}
#endif

#endif
