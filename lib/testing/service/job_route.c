/* SPDX-License-Identifier: MIT */
/*
 * The routes of an existing job: submit, poll and fetch.
 */
#include "testing/service/internal.h"

/* The job named by the path; NULL after a 404. */
static struct svc_job *find_or_404(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = svc_job_find(svc, exchange->id);

    if (job && exchange->now_ms >= job->created_ms + svc->config.late_job_ms)
        return job;
    if (!job)
        svc_violate(svc, "unknown_job", "%s", exchange->id);
    svc_answer_error(exchange, 404, "not_found", "no such job");
    return NULL;
}

/* A submit without effect gets the same response as any other. */
static json_t *submitted_json(struct svc_exchange *exchange, const struct svc_job *job)
{
    json_t *object = svc_job_json(exchange, job);

    if (svc_job_state_at(job, exchange->now_ms) == SVC_AWAITING)
        json_object_set_new(object, "status", json_string(svc_state_name(SVC_QUEUED)));
    return object;
}

static void answer_submitted(struct svc_exchange *exchange, const struct svc_job *job)
{
    switch (exchange->svc->config.submit) {
    case SVC_SUBMIT_200_JOB:
        svc_odd_answer(exchange, 200, submitted_json(exchange, job), false);
        return;
    case SVC_SUBMIT_202_EMPTY:
        exchange->response->status = 202;
        return;
    case SVC_SUBMIT_200_OTHER:
        svc_answer_json(exchange, 200, json_pack("{s:b}", "accepted", 1));
        return;
    case SVC_SUBMIT_202_JOB:
        svc_odd_answer(exchange, 202, submitted_json(exchange, job), false);
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
    if (svc_deviation_loses_submit(svc, job)) {
        job->submit_lost = true;
        svc_journal_lost_submit(svc, job);
        answer_submitted(exchange, job);
        return;
    }
    svc_processing_start(svc, job, exchange->now_ms);
    /* A job that was forced back to awaiting_upload continues from here. */
    job->forced = false;
    svc->counts[SVC_COUNT_SUBMITS]++;
    svc_journal_submit(svc, job);
    svc_work_submitted(svc, job, exchange->now_ms);
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
    if (state >= SVC_SUCCEEDED && svc_job_shown_state(exchange, job, state) == svc_state_name(state))
        exchange->told_end = job;
    else if (svc->config.poll_hint_s > 0)
        svc_answer_retry_after(exchange, svc->config.poll_hint_s);
    svc_odd_answer(exchange, 200, svc_job_json(exchange, job), false);
}

static void answer_late_result(struct svc_exchange *exchange, const struct svc_job *job)
{
    switch (exchange->svc->config.late_result_status) {
    case 202:
        svc_answer_json(exchange, 202, json_pack("{s:s,s:s}", "job_id", job->id, "status", "running"));
        return;
    case 204:
        exchange->response->status = 204;
        return;
    case 404:
        svc_answer_error(exchange, 404, "not_found", "no such result");
        return;
    default:
        svc_answer_error(exchange, 409, "not_ready", "the job has no result");
    }
}

void svc_answer_result(struct svc_exchange *exchange, struct svc_job *job)
{
    exchange->svc->counts[SVC_COUNT_RESULTS]++;
    exchange->told_result = job;
    svc_odd_answer(exchange, 200, svc_result_json(exchange->svc, job), true);
}

void svc_judge_early_fetch(struct svc_exchange *exchange, const struct svc_job *job, enum svc_state state)
{
    if (state != SVC_EXPIRED && svc_job_shown_state(exchange, job, state) == svc_state_name(state))
        svc_violate(exchange->svc, "result_before_success", "%s is %s", job->id, svc_state_name(state));
}

void svc_result(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = find_or_404(exchange);
    enum svc_state state;

    if (!job)
        return;
    state = svc_job_state_at(job, exchange->now_ms);
    if (state == SVC_SUCCEEDED && !job->forced && exchange->now_ms < job->done_ms + svc->config.late_result_ms) {
        answer_late_result(exchange, job);
        return;
    }
    if (state == SVC_SUCCEEDED) {
        svc_answer_result(exchange, job);
        return;
    }
    svc_judge_early_fetch(exchange, job, state);
    svc_answer_error(exchange, svc->config.result_early_status, "not_ready", "the job has no result");
}
