/* SPDX-License-Identifier: MIT */
/*
 * The tables of saved_fields.h.  Only data: the writer is saved_write.c, the reader saved_read.c.
 */
#include "protocol/saved_fields.h"

const char *const ad_saved_inputs[AD_SAVED_INPUT_COUNT] = {"none", "file", "bytes", "borrowed", "reader", "source_url"};
const char *const ad_saved_stages[AD_SAVED_STAGE_COUNT] = {"new", "created", "uploaded", "submitted", "finished"};
const int32_t ad_saved_stage_numbers[AD_SAVED_STAGE_COUNT] = {
    ANIMALDETECT_STAGE_NEW,       ANIMALDETECT_STAGE_CREATED,  ANIMALDETECT_STAGE_UPLOADED,
    ANIMALDETECT_STAGE_SUBMITTED, ANIMALDETECT_STAGE_FINISHED,
};

const struct ad_saved_text ad_saved_texts[AD_SAVED_TEXT_COUNT] = {
    {"operation", offsetof(struct ad_saved, operation), AD_SAVED_OPERATION},
    {"job_id", offsetof(struct ad_saved, job_id), AD_SAVED_JOB_ID},
    {"idempotency_key", offsetof(struct ad_saved, idempotency_key), AD_SAVED_KEY},
    {"filename", offsetof(struct ad_saved, filename), AD_SAVED_FILE_NAME},
    {"content_type", offsetof(struct ad_saved, content_type), AD_SAVED_MEDIA_TYPE},
    {"client_reference_id", offsetof(struct ad_saved, client_reference_id), AD_SAVED_REFERENCE},
    {"note", offsetof(struct ad_saved, note), AD_SAVED_NOTE},
    {"source_url", offsetof(struct ad_saved, source_url), AD_SAVED_SOURCE},
    {"file_path", offsetof(struct ad_saved, file_path), AD_SAVED_PATH},
    {"sha256", offsetof(struct ad_saved, sha256), AD_SAVED_SHA256},
    {"submit_url", offsetof(struct ad_saved, submit_url), AD_SAVED_URL},
    {"status_url", offsetof(struct ad_saved, status_url), AD_SAVED_URL},
    {"result_url", offsetof(struct ad_saved, result_url), AD_SAVED_URL},
    {"expires_at", offsetof(struct ad_saved, expires_at), AD_SAVED_WORDS},
    {"state", offsetof(struct ad_saved, state_text), AD_SAVED_WORDS},
    {"error_code", offsetof(struct ad_saved, error_code), AD_SAVED_WORDS},
    {"error_message", offsetof(struct ad_saved, error_message), AD_SAVED_WORDS},
    {"upload_method", offsetof(struct ad_saved, upload_method), AD_SAVED_METHOD},
    {"upload_url", offsetof(struct ad_saved, upload_url), AD_SAVED_URL},
    {"upload_expires_at", offsetof(struct ad_saved, upload_expires_at), AD_SAVED_WORDS},
};

const struct ad_saved_flag ad_saved_flags[AD_SAVED_FLAG_COUNT] = {
    {"own_key", offsetof(struct ad_saved, own_key)},
    {"random_key", offsetof(struct ad_saved, random_key)},
    {"reconcile", offsetof(struct ad_saved, reconcile)},
};
