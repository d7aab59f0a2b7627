/* SPDX-License-Identifier: MIT */
/*
 * The saved job: a versioned JSON object without the API key.  Reading is strict about types and ignores unknown
 * fields.
 */
#ifndef AD_PROTOCOL_SAVED_H
#define AD_PROTOCOL_SAVED_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "protocol/answer.h"

#define AD_SAVED_VERSION 1
#define AD_SAVED_MAX_SIZE (1024 * 1024)

enum ad_source_kind {
    AD_SOURCE_NONE,
    AD_SOURCE_FILE,
    AD_SOURCE_BYTES,
    AD_SOURCE_BORROWED,
    AD_SOURCE_READER,
    AD_SOURCE_URL
};

/* All texts are borrowed: from the job when writing, from `root` when reading.  NULL when absent. */
struct ad_saved {
    json_t *root; /* owned, reading only */
    const struct ad_mask *mask; /* reading only */
    const char *operation;
    const char *job_id;
    const char *idempotency_key;
    const char *filename;
    const char *content_type;
    const char *client_reference_id;
    const char *note;
    const char *options; /* when writing, the text of a canonical JSON object; when reading, use options_json */
    const json_t *options_json;
    const char *source_url;
    const char *file_path; /* input kind FILE */
    const char *sha256;    /* 64 hex digits */
    const char *submit_url;
    const char *status_url;
    const char *result_url;
    const char *expires_at;
    const char *state_text;
    const char *error_code; /* of a job that failed at the service; also the next */
    const char *error_message;
    const char *upload_method;
    const char *upload_url;
    const char *upload_expires_at;
    struct ad_header upload_headers[AD_UPLOAD_MAX_HEADERS];
    size_t upload_header_count;
    uint64_t size;         /* 0 when unknown */
    int32_t input;         /* enum ad_source_kind */
    int32_t stage;         /* enum animaldetect_stage, at most FINISHED */
    int32_t state;         /* enum animaldetect_state */
    int64_t submitted_s;   /* submit time by the service's clock; 0 when unknown */
    int32_t rerun;
    int32_t priority;
    bool own_key;          /* the host set the key */
    bool random_key;       /* the key is random: it cannot be derived again */
    bool reconcile;        /* a submit was sent and its response is not known */
};

/* New text from malloc, NUL-terminated.  ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY. */
AD_CHECKED int32_t ad_saved_write(const struct ad_saved *saved, char **out, size_t *size);

/*
 * Accepts only what a setter or a response could have set: others may have written to the disk it was stored on.
 * ANIMALDETECT_OK, ANIMALDETECT_E_SAVED_JOB (problem says why), ANIMALDETECT_E_NO_MEMORY.  Clear it afterwards in every
 * case.
 */
AD_CHECKED int32_t ad_saved_read(struct ad_saved *out, const char *text, size_t size, const struct ad_mask *mask,
                      struct ad_problem *problem);
void ad_saved_clear(struct ad_saved *saved);

#endif
