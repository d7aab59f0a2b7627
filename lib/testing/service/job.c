/* SPDX-License-Identifier: MIT */
/*
 * A job: its state at a time, its image, and its JSON.  The state is computed from the job's times on demand; there are
 * no timers.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

enum svc_state svc_state_from(const char *name)
{
    for (int i = 0; i < SVC_STATE_END; i++) {
        if (strcmp(svc_state_name((enum svc_state)i), name) == 0)
            return (enum svc_state)i;
    }
    return SVC_STATE_END;
}

enum svc_state svc_job_state_at(const struct svc_job *job, int64_t now_ms)
{
    if (job->forced)
        return job->forced_state;
    if (now_ms >= job->expires_ms)
        return SVC_EXPIRED;
    if (job->queued_ms < 0)
        return SVC_AWAITING;
    if (now_ms < job->running_ms)
        return SVC_QUEUED;
    if (now_ms < job->done_ms)
        return SVC_RUNNING;
    return job->fails ? SVC_FAILED : SVC_SUCCEEDED;
}

struct svc_job *svc_job_find(const struct svc *svc, const char *id)
{
    return svc_table_get(&svc->by_id, id, strlen(id));
}

struct svc_job *svc_job_add(struct svc *svc, struct svc_job *job)
{
    if (svc->job_count == svc->job_capacity) {
        svc->job_capacity = svc->job_capacity ? svc->job_capacity * 2 : 256;
        svc->jobs = svc_grow(svc->jobs, svc->job_capacity, sizeof(struct svc_job *));
    }
    svc->jobs[svc->job_count++] = job;
    svc->counts[SVC_COUNT_JOBS]++;
    svc_table_put(&svc->by_id, job->id, strlen(job->id), job);
    if (job->key)
        svc_table_put(&svc->by_key, job->key, strlen(job->key), job);
    return job;
}

void svc_job_free(struct svc_job *job)
{
    free(job->key);
    free(job->reference);
    free(job->content_type);
    free(job->options);
    free(job->error_code);
    free(job->error_message);
    free(job->word);
    free(job);
}

void svc_job_store_image(struct svc *svc, struct svc_job *job, const uint8_t digest[SVC_DIGEST_SIZE], uint64_t size)
{
    memcpy(job->digest, digest, SVC_DIGEST_SIZE);
    job->size = size;
    job->uploaded = true;
    svc->counts[SVC_COUNT_UPLOADS]++;
    if (!svc_table_get(&svc->images, digest, SVC_DIGEST_SIZE)) {
        uint8_t *kept = svc_alloc(SVC_DIGEST_SIZE);

        /* Not job->digest: a later upload of the same job may overwrite that.  Freed with the table. */
        memcpy(kept, digest, SVC_DIGEST_SIZE);
        svc_table_put(&svc->images, kept, SVC_DIGEST_SIZE, kept);
        svc->counts[SVC_COUNT_IMAGES]++;
    }
}

static void set_url(json_t *object, const struct svc_exchange *exchange, const char *name, const struct svc_job *job,
                    const char *end)
{
    char url[SVC_MAX_PATH];
    const char *origin = exchange->foreign_urls ? exchange->svc->config.foreign_origin : exchange->origin;

    (void)snprintf(url, sizeof(url), "%s%s/jobs/%s%s", origin, exchange->base, job->id, end);
    json_object_set_new(object, name, json_string(url));
}

const char *svc_job_shown_state(const struct svc_exchange *exchange, const struct svc_job *job, enum svc_state state)
{
    const struct svc_config *config = &exchange->svc->config;

    if (config->odd_status && job->queued_ms >= 0 && !job->forced &&
        exchange->now_ms < job->queued_ms + config->odd_status_ms)
        return config->odd_status;
    if (job->word && !job->forced && (state == SVC_SUCCEEDED || state == SVC_FAILED))
        return job->word;
    return svc_state_name(state);
}

/* `word`: shown instead of the state; NULL: none. */
static void set_error(json_t *object, const struct svc_job *job, enum svc_state state, const char *word)
{
    char words[128];
    const char *code = job->error_code;
    const char *message = job->error_message;

    if (word) {
        (void)snprintf(words, sizeof(words), "the job is %s", word);
        code = word;
        message = words;
    } else if (state == SVC_EXPIRED) {
        code = code ? code : "job_expired";
        message = message ? message : "the job expired";
    }
    json_object_set_new(object, "error",
                        json_pack("{s:s,s:s}", "code", code ? code : "processing_failed", "message",
                                  message ? message : "the image could not be decoded"));
}

json_t *svc_job_json(struct svc_exchange *exchange, const struct svc_job *job)
{
    enum svc_state state = svc_job_state_at(job, exchange->now_ms);
    const char *shown = svc_job_shown_state(exchange, job, state);
    json_t *object = json_object();
    char when[32];

    json_object_set_new(object, "job_id", json_string(job->id));
    json_object_set_new(object, "status", json_string(shown));
    json_object_set_new(object, "operation", json_string(svc_operation_name(job->operation)));
    if (job->reference)
        json_object_set_new(object, "client_reference_id", json_string(job->reference));
    if (job->content_type)
        set_url(object, exchange, "submit_url", job, "/submit");
    set_url(object, exchange, "status_url", job, "");
    set_url(object, exchange, "result_url", job, "/result");
    svc_format_iso(job->expires_ms + exchange->svc->config.clock_skew_ms, when);
    json_object_set_new(object, "expires_at", json_string(when));
    if (shown == job->word && job->word_error)
        set_error(object, job, state, job->word);
    else if (shown != job->word && (state == SVC_FAILED || state == SVC_EXPIRED))
        set_error(object, job, state, NULL);
    return object;
}
