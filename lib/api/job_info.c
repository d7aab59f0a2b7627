/* SPDX-License-Identifier: MIT */
/*
 * The job's getters.  Each reads under the lock; inside a callback the lock is held already.
 */
#include <animaldetect/job_info.h>

#include <stdlib.h>
#include <string.h>

#include "api/job.h"
#include "engine/exchange.h"
#include "protocol/result.h"
#include "protocol/rules.h"

/* Reads one expression of `job` under the lock; `absent` for a NULL job. */
#define READ(type, absent, expression) \
    do {                               \
        type value_;                   \
        bool locked_;                  \
        if (job == NULL)               \
            return (absent);           \
        locked_ = ad_read_begin(job);  \
        value_ = (expression);         \
        ad_read_end(job, locked_);     \
        return value_;                 \
    } while (0)

animaldetect_client *animaldetect_job_client(const animaldetect_job *job)
{
    READ(animaldetect_client *, NULL, job->client->closed ? NULL : job->client);
}

void *animaldetect_job_user_data(const animaldetect_job *job)
{
    READ(void *, NULL, job->user_data);
}

int32_t animaldetect_job_status(const animaldetect_job *job)
{
    READ(int32_t, ANIMALDETECT_E_INVALID_ARGUMENT, job->call.status);
}

int32_t animaldetect_job_state(const animaldetect_job *job)
{
    READ(int32_t, ANIMALDETECT_STATE_NONE, job->remote.state);
}

static const char *state_text(const animaldetect_job *job)
{
    if (job->remote.state == ANIMALDETECT_STATE_OTHER && job->remote.state_word != NULL)
        return job->remote.state_word;
    return animaldetect_state_name(job->remote.state);
}

const char *animaldetect_job_state_text(const animaldetect_job *job)
{
    READ(const char *, NULL, state_text(job));
}

int32_t animaldetect_job_stage(const animaldetect_job *job)
{
    READ(int32_t, ANIMALDETECT_STAGE_NEW, job->remote.stage);
}

static const char *message(const animaldetect_job *job)
{
    if (job->refusal != NULL)
        return job->refusal;
    if (job->call.failure != NULL)
        return job->call.failure->line;
    /* out of memory for the record: use the text of the status */
    if (job->call.status < 0 && job->input.started)
        return animaldetect_status_text(job->call.status);
    return "";
}

const char *animaldetect_job_message(const animaldetect_job *job)
{
    READ(const char *, NULL, message(job));
}

int32_t animaldetect_job_http_status(const animaldetect_job *job)
{
    READ(int32_t, 0, job->remote.http_status);
}

const char *animaldetect_job_service_code(const animaldetect_job *job)
{
    READ(const char *, NULL, job->call.failure == NULL ? job->remote.error_code : job->call.failure->code);
}

const char *animaldetect_job_service_message(const animaldetect_job *job)
{
    READ(const char *, NULL, job->call.failure == NULL ? job->remote.error_message : job->call.failure->message);
}

const char *animaldetect_job_request_id(const animaldetect_job *job)
{
    READ(const char *, NULL, *job->remote.request_id == '\0' ? NULL : job->remote.request_id);
}

int32_t animaldetect_job_failed_step(const animaldetect_job *job)
{
    READ(int32_t, ANIMALDETECT_STEP_NONE, job->call.failure == NULL ? ANIMALDETECT_STEP_NONE : job->call.failure->step);
}

int64_t animaldetect_job_retry_after_ms(const animaldetect_job *job)
{
    READ(int64_t, -1, job->call.failure == NULL ? -1 : job->call.failure->retry_after_ms);
}

static uint64_t upload_sent(const animaldetect_job *job)
{
    if (job->call.exchange != NULL && job->call.step == ANIMALDETECT_STEP_UPLOAD)
        return job->call.exchange->transfer.sent;
    return job->remote.upload_sent;
}

uint64_t animaldetect_job_upload_sent(const animaldetect_job *job)
{
    READ(uint64_t, 0, upload_sent(job));
}

uint64_t animaldetect_job_upload_total(const animaldetect_job *job)
{
    READ(uint64_t, 0, job->input.source.kind == AD_SOURCE_URL ? 0 : job->input.source.size);
}

int32_t animaldetect_job_attempts(const animaldetect_job *job)
{
    READ(int32_t, 0, job->call.attempts);
}

int32_t animaldetect_job_polls(const animaldetect_job *job)
{
    READ(int32_t, 0, job->remote.polls);
}

static int64_t step_ms(const animaldetect_job *job, int32_t step)
{
    int64_t now = job->call.step == step && job->client->running
                      ? ad_engine_clock_ms(&job->client->engine) - job->call.step_entered_ms
                      : 0;

    return job->step_ms[step] + (now > 0 ? now : 0);
}

int64_t animaldetect_job_step_ms(const animaldetect_job *job, int32_t step)
{
    if (step <= ANIMALDETECT_STEP_NONE || step >= AD_STEP_COUNT)
        return -1;
    READ(int64_t, 0, step_ms(job, step));
}

const char *animaldetect_job_expires_at(const animaldetect_job *job)
{
    READ(const char *, NULL, job->remote.expires_at);
}

/* The host holds a text of the upload target from now on: it must live until a call of this job completes. */
static const struct ad_target *borrow_target(const animaldetect_job *job)
{
    static const struct ad_target none = {0};

    if (job->remote.target == NULL)
        return &none;
    ad_job_own(job)->remote.target_borrowed = true;
    return job->remote.target;
}

const char *animaldetect_job_upload_expires_at(const animaldetect_job *job)
{
    READ(const char *, NULL, borrow_target(job)->expires_at);
}

const char *animaldetect_job_id(const animaldetect_job *job)
{
    READ(const char *, NULL, job->remote.id);
}

const char *animaldetect_job_operation(const animaldetect_job *job)
{
    READ(const char *, NULL, job->input.operation);
}

/* The name that was set, or that the path will give. */
static const char *filename(const animaldetect_job *job)
{
    const char *slash;
    const char *name;

    if (job->input.filename != NULL || job->input.source.kind != AD_SOURCE_FILE)
        return job->input.filename;
    slash = strrchr(job->input.source.from.path, '/');
    name = slash == NULL ? job->input.source.from.path : slash + 1;
    return ad_file_name_is_good(name) ? name : NULL; /* it will be cleaned when the image is hashed */
}

const char *animaldetect_job_filename(const animaldetect_job *job)
{
    READ(const char *, NULL, filename(job));
}

const char *animaldetect_job_path(const animaldetect_job *job)
{
    READ(const char *, NULL, job->input.source.kind == AD_SOURCE_FILE ? job->input.source.from.path : NULL);
}

const char *animaldetect_job_source_url(const animaldetect_job *job)
{
    READ(const char *, NULL, job->input.source.kind == AD_SOURCE_URL ? job->input.source.from.url : NULL);
}

const char *animaldetect_job_client_reference_id(const animaldetect_job *job)
{
    READ(const char *, NULL, job->input.client_reference_id);
}

int32_t animaldetect_job_rerun_number(const animaldetect_job *job)
{
    READ(int32_t, 0, job->input.rerun);
}

int32_t animaldetect_job_priority(const animaldetect_job *job)
{
    READ(int32_t, 0, job->input.priority);
}

const char *animaldetect_job_note(const animaldetect_job *job)
{
    READ(const char *, NULL, job->note);
}

/* Derived keys are computed on request: a waiting job does not store them. */
static const char *key(const animaldetect_job *job)
{
    char text[AD_KEY_TEXT_SIZE];

    if (job->input.key != NULL)
        return job->input.key;
    if (!job->input.prepared || job->input.operation == NULL)
        return NULL;
    if (job->key_text == NULL &&
        (ad_job_key(job, job->client->config.checksum_field, text) != ANIMALDETECT_OK ||
         ad_job_set_text(ad_job_own(job), &ad_job_own(job)->key_text, text) != ANIMALDETECT_OK))
        return NULL;
    return job->key_text;
}

const char *animaldetect_job_idempotency_key(const animaldetect_job *job)
{
    READ(const char *, NULL, key(job));
}

static const char *sha256(const animaldetect_job *job)
{
    char hex[AD_DIGEST_HEX_SIZE];

    if (!job->input.has_sha256)
        return NULL;
    ad_digest_hex(job->input.sha256, hex);
    if (ad_job_set_text(ad_job_own(job), &ad_job_own(job)->sha256_text, hex) != ANIMALDETECT_OK)
        return NULL;
    return job->sha256_text;
}

const char *animaldetect_job_sha256(const animaldetect_job *job)
{
    READ(const char *, NULL, sha256(job));
}

int32_t animaldetect_job_result(const animaldetect_job *job, animaldetect_result **out)
{
    bool locked;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    if (job == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (ad_is_forked(job->client))
        return ANIMALDETECT_E_FORKED;
    if (ad_is_inside(job->client))
        return ANIMALDETECT_E_REENTRANT;
    locked = ad_read_begin(job);
    *out = ad_result_reference(job->remote.result);
    ad_read_end(job, locked);
    return *out == NULL ? ANIMALDETECT_E_STATE : ANIMALDETECT_OK;
}

const char *animaldetect_job_result_json(const animaldetect_job *job, size_t *size)
{
    const char *json = NULL;
    size_t length = 0;
    bool locked;

    if (job != NULL) {
        locked = ad_read_begin(job);
        json = animaldetect_result_json(job->remote.result, &length);
        if (json == NULL) {
            json = job->remote.unread;
            length = job->remote.unread_size;
        }
        ad_read_end(job, locked);
    }
    if (size != NULL)
        *size = json == NULL ? 0 : length;
    return json;
}
