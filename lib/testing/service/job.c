/* SPDX-License-Identifier: MIT */
/*
 * A job's life: its state at a time, its answer, and the routes submit, status and result.
 * A state is computed from the job's times when it is asked for; nothing ticks in between.
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
    svc_table_put(&svc->by_payload, job->payload, sizeof(job->payload), job);
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

static const char *shown_state(const struct svc_exchange *exchange, const struct svc_job *job, enum svc_state state)
{
    const struct svc_config *config = &exchange->svc->config;

    if (config->odd_status && job->queued_ms >= 0 && !job->forced &&
        exchange->now_ms < job->queued_ms + config->odd_status_ms)
        return config->odd_status;
    return svc_state_name(state);
}

static void set_error(json_t *object, const struct svc_job *job, enum svc_state state)
{
    const char *code = job->error_code;
    const char *message = job->error_message;

    if (state == SVC_EXPIRED) {
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
    json_t *object = json_object();
    char when[32];

    json_object_set_new(object, "job_id", json_string(job->id));
    json_object_set_new(object, "status", json_string(shown_state(exchange, job, state)));
    json_object_set_new(object, "operation", json_string(svc_operation_name(job->operation)));
    if (job->reference)
        json_object_set_new(object, "client_reference_id", json_string(job->reference));
    if (job->content_type)
        set_url(object, exchange, "submit_url", job, "/submit");
    set_url(object, exchange, "status_url", job, "");
    set_url(object, exchange, "result_url", job, "/result");
    svc_format_iso(job->expires_ms + exchange->svc->config.clock_skew_ms, when);
    json_object_set_new(object, "expires_at", json_string(when));
    if (state == SVC_FAILED || state == SVC_EXPIRED)
        set_error(object, job, state);
    return object;
}

/* The job that the path names; NULL after a 404. */
static struct svc_job *find_or_404(struct svc_exchange *exchange)
{
    struct svc_job *job = svc_job_find(exchange->svc, exchange->id);

    if (!job) {
        svc_violate(exchange->svc, "unknown_job", "%s", exchange->id);
        svc_answer_error(exchange, 404, "not_found", "no such job");
    }
    return job;
}

static void answer_submitted(struct svc_exchange *exchange, const struct svc_job *job)
{
    switch (exchange->svc->config.submit) {
    case SVC_SUBMIT_200_JOB:
        svc_answer_json(exchange, 200, svc_job_json(exchange, job));
        return;
    case SVC_SUBMIT_202_EMPTY:
        exchange->response->status = 202;
        return;
    case SVC_SUBMIT_200_OTHER:
        svc_answer_json(exchange, 200, json_pack("{s:b}", "accepted", 1));
        return;
    case SVC_SUBMIT_202_JOB:
        svc_answer_json(exchange, 202, svc_job_json(exchange, job));
        return;
    }
}

void svc_submit(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = find_or_404(exchange);

    if (!job)
        return;
    if (svc_job_state_at(job, exchange->now_ms) != SVC_AWAITING) {
        if (job->queued_ms >= 0 && !svc->config.shared_jobs)
            svc_violate(svc, "double_submit", "%s", job->id);
        svc_answer_error(exchange, 409, "invalid_state", "the job is not awaiting an upload");
        return;
    }
    if (!job->uploaded) {
        svc_violate(svc, "submit_before_upload", "%s", job->id);
        svc_answer_error(exchange, 400, "upload_missing", "the upload was not found");
        return;
    }
    svc_processing_start(svc, job, exchange->now_ms);
    /* A job that was forced back to awaiting_upload goes on from here. */
    job->forced = false;
    svc->counts[SVC_COUNT_SUBMITS]++;
    svc_journal_submit(svc, job);
    answer_submitted(exchange, job);
}

void svc_status(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = find_or_404(exchange);
    enum svc_state state;

    svc->counts[SVC_COUNT_POLLS]++;
    if (!job)
        return;
    if (job->end_told == svc->life && !svc->config.shared_jobs)
        svc_violate(svc, "poll_after_end", "%s", job->id);
    state = svc_job_state_at(job, exchange->now_ms);
    if (state >= SVC_SUCCEEDED && shown_state(exchange, job, state) == svc_state_name(state))
        exchange->told_end = job;
    else if (svc->config.poll_hint_s > 0)
        svc_answer_retry_after(exchange, svc->config.poll_hint_s);
    svc_answer_json(exchange, 200, svc_job_json(exchange, job));
}

void svc_result(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = find_or_404(exchange);
    enum svc_state state;

    if (!job)
        return;
    state = svc_job_state_at(job, exchange->now_ms);
    if (state == SVC_SUCCEEDED) {
        svc->counts[SVC_COUNT_RESULTS]++;
        svc_answer_json(exchange, 200, svc_result_json(svc, job));
        return;
    }
    /* Asking for the result of a job that expired since is no fault of the client's. */
    if (state != SVC_EXPIRED)
        svc_violate(svc, "result_before_success", "%s is %s", job->id, svc_state_name(state));
    svc_answer_error(exchange, svc->config.result_early_status, "not_ready", "the job has no result");
}
