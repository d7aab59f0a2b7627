/* SPDX-License-Identifier: MIT */
/*
 * Saves a job as text, and restores it in any process.
 */
#include <animaldetect/job.h>

#include <stdlib.h>
#include <string.h>

#include "api/job.h"
#include "base/text.h"
#include "engine/exchange.h"
#include "engine/flow.h"

static void gather_target(const struct ad_target *target, struct ad_saved *saved)
{
    if (target == NULL)
        return;
    saved->upload_method = target->method;
    saved->upload_url = target->url;
    saved->upload_expires_at = target->expires_at;
    saved->upload_header_count = target->header_count;
    memcpy(saved->upload_headers, target->headers, target->header_count * sizeof target->headers[0]);
}

/* The service's name of the state; NULL before the first poll. */
static const char *state_word(const animaldetect_job *job)
{
    if (job->remote.state == ANIMALDETECT_STATE_NONE)
        return NULL;
    return job->remote.state == ANIMALDETECT_STATE_OTHER ? job->remote.state_word
                                                         : animaldetect_state_name(job->remote.state);
}

static void gather(const animaldetect_job *job, struct ad_saved *saved, char hex[AD_DIGEST_HEX_SIZE])
{
    bool submitting = job->call.exchange != NULL && job->call.step == ANIMALDETECT_STEP_SUBMIT;

    memset(saved, 0, sizeof *saved);
    saved->operation = job->input.operation;
    saved->job_id = job->remote.id;
    saved->filename = job->input.filename;
    saved->content_type = job->input.content_type;
    saved->client_reference_id = job->input.client_reference_id;
    saved->note = job->note;
    saved->options = job->input.options_text;
    saved->source_url = job->input.source.kind == AD_SOURCE_URL ? job->input.source.from.url : NULL;
    saved->file_path = job->input.source.kind == AD_SOURCE_FILE ? job->input.source.from.path : NULL;
    if (job->input.has_sha256) {
        ad_digest_hex(job->input.sha256, hex);
        saved->sha256 = hex;
    }
    saved->submit_url = job->remote.submit_url;
    saved->status_url = job->remote.status_url;
    saved->result_url = job->remote.result_url;
    saved->expires_at = job->remote.expires_at;
    saved->state_text = state_word(job);
    saved->error_code = job->remote.error_code;
    saved->error_message = job->remote.error_message;
    gather_target(job->remote.target, saved);
    saved->size = job->input.source.kind == AD_SOURCE_URL ? 0 : job->input.source.size;
    saved->input = (int32_t)job->input.source.kind;
    saved->stage = job->remote.stage > ANIMALDETECT_STAGE_FINISHED ? ANIMALDETECT_STAGE_FINISHED : job->remote.stage;
    saved->state = job->remote.state;
    saved->rerun = job->input.rerun;
    saved->priority = job->input.priority;
    saved->submitted_s = job->remote.progress.submitted_s;
    saved->own_key = job->input.key != NULL && !job->input.random_key && !job->input.kept_key;
    saved->random_key = job->input.random_key;
    saved->reconcile = job->remote.ask_first || submitting;
}

/* The digest of a file that was not hashed yet.  A restored job accepts no other contents. */
struct late_digest {
    uint8_t sha256[AD_DIGEST_SIZE];
    uint64_t size;
    bool done;
};

static bool needs_digest(const animaldetect_job *job)
{
    return job->input.source.kind == AD_SOURCE_FILE && !job->input.has_sha256 &&
           job->remote.stage < ANIMALDETECT_STAGE_UPLOADED;
}

static void hash_file(const char *path, uint64_t limit, struct late_digest *late)
{
    struct ad_source input = {.kind = AD_SOURCE_FILE, .from.path = path};
    struct ad_reading reading;

    ad_reading_init(&reading, &input, limit);
    late->done = ad_reading_open(&reading) == ANIMALDETECT_OK && ad_reading_digest(&reading, late->sha256);
    late->size = input.size;
    ad_reading_close(&reading);
}

/* A file that cannot be read does not prevent saving the rest. */
static void hash_unhashed(const animaldetect_job *job, struct late_digest *late)
{
    char *path;
    uint64_t limit = job->client->config.max_image_bytes;

    late->done = false;
    if (!needs_digest(job))
        return;
    path = strdup(job->input.source.from.path);
    if (path == NULL)
        return;
    ad_unlock(job->client);
    hash_file(path, limit, late);
    ad_lock(job->client);
    free(path);
}

/*
 * From now on job and text mean the same bytes.  If the job used other bytes later, a host that restores the text after
 * a power loss would send them again, as another run.
 */
static void keep_digest(animaldetect_job *job, const struct late_digest *late)
{
    struct ad_input *input = &job->input;

    if (late->done) {
        memcpy(input->sha256, late->sha256, sizeof input->sha256);
        input->has_sha256 = true;
    }
    if (input->source.kind == AD_SOURCE_FILE && input->has_sha256 && !input->host_sha256)
        input->verify_sha256 = true;
}

int32_t animaldetect_job_save(const animaldetect_job *job, char **out, size_t *size)
{
    struct ad_saved saved;
    struct late_digest late;
    char hex[AD_DIGEST_HEX_SIZE];
    char key[AD_KEY_TEXT_SIZE];
    char *options = NULL;
    int32_t status = ANIMALDETECT_OK;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    if (job == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (ad_is_forked(job->client))
        return ANIMALDETECT_E_FORKED;
    if (ad_is_inside(job->client))
        return ANIMALDETECT_E_REENTRANT;
    ad_lock(job->client);
    hash_unhashed(job, &late);
    late.done = late.done && needs_digest(job); /* it may have been hashed meanwhile */
    keep_digest(ad_job_own(job), &late);
    gather(job, &saved, hex);
    if (late.done)
        saved.size = late.size;
    if (job->input.options != NULL && json_object_size(job->input.options) > 0) {
        options = ad_options_serialize(job->input.options);
        saved.options = options;
        if (options == NULL)
            status = ANIMALDETECT_E_NO_MEMORY;
    }
    if (status == ANIMALDETECT_OK &&
        (job->input.key != NULL || (job->input.operation != NULL && job->input.prepared))) {
        status = ad_job_key(job, job->client->config.checksum_field, key);
        saved.idempotency_key = key;
    }
    if (status == ANIMALDETECT_OK)
        status = ad_saved_write(&saved, out, size);
    free(options);
    ad_unlock(job->client);
    return status;
}

/* A URL from a saved text is trusted no more than one from a response. */
static int32_t save_check_urls(animaldetect_client *client, const struct ad_saved *saved)
{
    const char *const urls[] = {saved->submit_url, saved->status_url, saved->result_url};
    int32_t status = ANIMALDETECT_OK;

    for (size_t i = 0; i < sizeof urls / sizeof urls[0] && status == ANIMALDETECT_OK; i++)
        if (urls[i] != NULL)
            status = ad_config_check_api_url(&client->config, urls[i]);
    if (status != ANIMALDETECT_OK)
        return ad_client_refuse(client, status, "the saved job contains a URL that must not receive the API key");
    if (saved->upload_url != NULL) {
        status = ad_config_check_upload_url(&client->config, saved->upload_url);
        if (status == ANIMALDETECT_E_PROTOCOL)
            status = ANIMALDETECT_E_SAVED_JOB;
    }
    return status == ANIMALDETECT_OK ? status
                                     : ad_client_refuse(client, status, "the saved job's upload URL cannot be used");
}

static int32_t restore_texts(animaldetect_job *job, const struct ad_saved *saved)
{
    const struct {
        const char **field;
        const char *text;
    } texts[] = {
        {&job->remote.id, saved->job_id},
        {&job->input.filename, saved->filename},
        {&job->input.content_type, saved->content_type},
        {&job->input.client_reference_id, saved->client_reference_id},
        {&job->input.key, saved->idempotency_key}, /* verbatim, whatever its kind: another key would be billed */
        {&job->remote.submit_url, saved->submit_url},
        {&job->remote.status_url, saved->status_url},
        {&job->remote.result_url, saved->result_url},
        {&job->remote.expires_at, saved->expires_at},
        {&job->remote.state_word, saved->state_text},
        {&job->remote.error_code, saved->error_code},
        {&job->remote.error_message, saved->error_message},
    };
    int32_t status = ANIMALDETECT_OK;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0] && status == ANIMALDETECT_OK; i++)
        if (texts[i].text != NULL)
            status = ad_job_set_text(job, texts[i].field, texts[i].text);
    return status;
}

static int32_t restore_options(animaldetect_job *job, const struct ad_saved *saved)
{
    char *text;
    int32_t status;

    if (saved->options_json == NULL)
        return ANIMALDETECT_OK;
    text = ad_options_serialize(saved->options_json);
    if (text == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    status = ad_job_set_text(job, &job->input.options_text, text);
    free(text);
    return status;
}

static int32_t restore_target(animaldetect_job *job, const struct ad_saved *saved, struct ad_problem *problem)
{
    struct ad_job_answer answer = {0};
    int32_t status;

    if (saved->upload_url == NULL || saved->stage >= ANIMALDETECT_STAGE_UPLOADED)
        return ANIMALDETECT_OK;
    answer.upload_method = saved->upload_method == NULL ? "PUT" : saved->upload_method;
    answer.upload_url = saved->upload_url;
    answer.upload_expires_at = saved->upload_expires_at;
    answer.upload_header_count = saved->upload_header_count;
    memcpy(answer.upload_headers, saved->upload_headers, sizeof answer.upload_headers);
    status = ad_target_new(&answer, &job->remote.target, problem);
    return status == ANIMALDETECT_E_PROTOCOL ? ANIMALDETECT_E_SAVED_JOB : status;
}

static int32_t restore_input(animaldetect_job *job, const struct ad_saved *saved)
{
    job->input.source.size = saved->size;
    /*
     * A file is read only if it is the image that was saved: whoever can write the saved text could name any file that
     * we can read.  Without a digest to compare, the image counts as not set, as for a job made from bytes.
     */
    if (saved->input == AD_SOURCE_FILE && saved->file_path != NULL && saved->sha256 != NULL) {
        job->input.source.kind = AD_SOURCE_FILE;
        job->input.source.guarded = true;
        job->input.source.from.path = ad_arena_copy(&job->texts, saved->file_path);
        return job->input.source.from.path == NULL ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_OK;
    }
    if (saved->input == AD_SOURCE_URL && saved->source_url != NULL) {
        job->input.source.kind = AD_SOURCE_URL;
        job->input.prepared = true;
        job->input.source.from.url = ad_arena_copy(&job->texts, saved->source_url);
        return job->input.source.from.url == NULL ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_OK;
    }
    return ANIMALDETECT_OK;
}

/* A result may have been found although the state is not known to be final. */
static bool is_final(const struct ad_saved *saved)
{
    return saved->stage >= ANIMALDETECT_STAGE_FINISHED && ad_flow_stage_of(saved->state) >= ANIMALDETECT_STAGE_FINISHED;
}

static int32_t fill(animaldetect_job *job, const struct ad_saved *saved, struct ad_problem *problem)
{
    int32_t status = restore_texts(job, saved);

    if (status == ANIMALDETECT_OK && saved->note != NULL) {
        job->note = strdup(saved->note);
        status = job->note == NULL ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_OK;
    }
    if (status == ANIMALDETECT_OK)
        status = restore_options(job, saved);
    if (status == ANIMALDETECT_OK)
        status = restore_target(job, saved, problem);
    if (status == ANIMALDETECT_OK)
        status = restore_input(job, saved);
    if (status != ANIMALDETECT_OK)
        return status;
    if (saved->sha256 != NULL)
        job->input.has_sha256 = job->input.verify_sha256 = ad_digest_from_hex(saved->sha256, job->input.sha256);
    job->input.rerun = saved->rerun;
    job->input.priority = saved->priority;
    job->remote.progress.submitted_s = saved->submitted_s;
    job->input.random_key = saved->random_key;
    job->input.kept_key = saved->idempotency_key != NULL && !saved->own_key && !saved->random_key;
    job->remote.stage = (uint8_t)saved->stage;
    job->remote.state = (uint8_t)saved->state;
    job->input.restored = true;
    /* Polls first what a call in another process may have changed; a final state cannot change. */
    job->remote.ask_first = job->remote.id != NULL && (saved->reconcile || !is_final(saved));
    return ANIMALDETECT_OK;
}

int32_t animaldetect_job_restore(animaldetect_client *client, const char *saved, size_t size, animaldetect_job **out)
{
    struct ad_saved read;
    struct ad_problem problem = {.text = ""};
    animaldetect_job *job = NULL;
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (saved == NULL) {
        ad_unlock(client);
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    }
    status = ad_saved_read(&read, saved, size, &client->mask, &problem);
    if (status == ANIMALDETECT_OK)
        status = save_check_urls(client, &read);
    if (status == ANIMALDETECT_OK) {
        job = ad_client_add_job(client, read.operation);
        status = job == NULL ? ANIMALDETECT_E_NO_MEMORY : fill(job, &read, &problem);
    }
    ad_saved_clear(&read);
    if (status == ANIMALDETECT_OK)
        *out = job;
    else if (job != NULL)
        ad_client_drop_job(client, job);
    if (*problem.text != '\0')
        (void)ad_client_refuse(client, status, "cannot read the saved job: %s", problem.text);
    ad_unlock(client);
    return status;
}
