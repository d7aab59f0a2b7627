/* SPDX-License-Identifier: MIT */
/*
 * The life of one call: from step to step, sleeping in between, to its completion.  A call in flight has one timer: the
 * earlier of its wake time and its timeout.
 */
#include "engine/call.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/exchange.h"
#include "engine/flow.h"
#include "engine/progress.h"
#include "engine/quota.h"

/* Space was reserved when the call started, so the push cannot fail. */
static void retime(struct ad_engine *engine, animaldetect_job *job)
{
    int64_t when = job->call.timeout_at_ms;

    if (job->call.activity == AD_ACTIVITY_SLEEPING && job->call.wake_ms < when)
        when = job->call.wake_ms;
    if (when == AD_TIME_NEVER || job->call.activity == AD_ACTIVITY_DONE)
        ad_heap_remove(&engine->timers, &job->call.timer);
    else if (ad_heap_holds(&job->call.timer))
        ad_heap_update(&engine->timers, &job->call.timer, when);
    else
        AD_IGNORE(ad_heap_push(&engine->timers, &job->call.timer, when));
}

void ad_call_unqueue(struct ad_engine *engine, animaldetect_job *job)
{
    switch ((enum ad_activity)job->call.activity) {
    case AD_ACTIVITY_HASHING:
        ad_hashing_remove(&engine->hashing, job);
        break;
    case AD_ACTIVITY_WAITING:
        ad_queue_remove(&engine->waiting[job->call.queue_class], job);
        break;
    case AD_ACTIVITY_DONE:
        ad_list_remove(&engine->done, &job->call.queue);
        break;
    case AD_ACTIVITY_IDLE:
    case AD_ACTIVITY_WIRE:
    case AD_ACTIVITY_SLEEPING:
        break;
    }
}

static void call_enter(struct ad_engine *engine, animaldetect_job *job, enum ad_activity activity)
{
    ad_call_unqueue(engine, job);
    job->call.ahead = job->call.past_hold || (job->call.blocks && engine->hold.account.status != ANIMALDETECT_OK);
    job->call.activity = (uint8_t)activity;
    retime(engine, job);
}

/* Accounts the time spent in the previous step, including waiting. */
static void enter_step(struct ad_engine *engine, animaldetect_job *job, int32_t step)
{
    int64_t spent = engine->now_ms - job->call.step_entered_ms;

    if (job->call.step == step)
        return;
    if (job->call.step != ANIMALDETECT_STEP_NONE && spent > 0)
        job->step_ms[job->call.step] = spent > INT32_MAX - job->step_ms[job->call.step]
                                           ? INT32_MAX
                                           : job->step_ms[job->call.step] + (int32_t)spent;
    job->call.step = (uint8_t)step;
    job->call.step_entered_ms = engine->now_ms;
}

static void call_queue(struct ad_engine *engine, animaldetect_job *job, bool in_front)
{
    call_enter(engine, job, AD_ACTIVITY_WAITING);
    job->call.queue_class = (uint8_t)ad_step_of(job->call.step)->class_of(engine, job);
    ad_queue_add(&engine->waiting[job->call.queue_class], job, in_front);
    engine->more = true;
}

void ad_call_again(struct ad_engine *engine, animaldetect_job *job)
{
    call_queue(engine, job, true);
}

void ad_call_sleep(struct ad_engine *engine, animaldetect_job *job, int64_t until_ms)
{
    job->call.wake_ms = until_ms;
    call_enter(engine, job, AD_ACTIVITY_SLEEPING);
}

/* Schedules the next poll of a job in processing. */
static void schedule_poll(struct ad_engine *engine, animaldetect_job *job)
{
    int operation = ad_planner_operation(job->input.operation);
    int64_t due = engine->now_ms;

    if (!job->remote.ask_first && job->call.goal != AD_GOAL_POLL)
        due = ad_progress_due_ms(job, ad_planner_next_ms(&engine->planner, operation, &job->remote.plan));
    if (due > engine->now_ms)
        ad_call_sleep(engine, job, due);
    else
        call_queue(engine, job, false);
}

static void call_hash(struct ad_engine *engine, animaldetect_job *job)
{
    call_enter(engine, job, AD_ACTIVITY_HASHING);
    ad_hashing_add(&engine->hashing, job);
    engine->more = true;
}

void ad_call_begin(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal)
{
    engine->now_ms = ad_engine_clock_ms(engine);
    /* Scheduled polls are hours apart by now, but the host asks. */
    if (job->call.status == ANIMALDETECT_E_OVERDUE || job->call.status == ANIMALDETECT_E_STATE_UNKNOWN)
        ad_poll_plan_pull(&job->remote.plan);
    job->refusal = NULL;
    job->remote.http_status = 0;
    job->input.started = true;
    job->call = (struct ad_call){.goal = (uint8_t)goal,
                                 .status = ANIMALDETECT_AGAIN,
                                 .previous = job->call.failure,
                                 .step = ANIMALDETECT_STEP_NONE,
                                 .started_ms = engine->now_ms,
                                 .step_entered_ms = engine->now_ms,
                                 .timeout_at_ms = AD_TIME_NEVER};
    ad_heap_node_init(&job->call.timer);
    ad_heap_node_init(&job->call.rank);
    ad_list_node_init(&job->call.straggler);
    if (job->input.call_timeout_ms >= 0 && job->input.call_timeout_ms < AD_TIME_NEVER - engine->now_ms)
        job->call.timeout_at_ms = engine->now_ms + job->input.call_timeout_ms;
    /* There is no image to upload, but another process may have uploaded it since. */
    if (job->input.restored && job->input.source.kind == AD_SOURCE_NONE &&
        job->remote.stage < ANIMALDETECT_STAGE_SUBMITTED)
        job->remote.ask_first = true;
    /* A call that only creates leaves the upload to a later call. */
    if (goal != AD_GOAL_CREATE && job->input.source.kind != AD_SOURCE_NONE && job->input.source.kind != AD_SOURCE_URL)
        engine->parts.uploads = true;
    ad_list_append(&engine->flight, &job->call.flight);
}

/* The job has failed or expired. */
static void call_end_of_job(struct ad_engine *engine, animaldetect_job *job, int32_t status)
{
    struct ad_failure_facts facts = {.status = status, .retry_after_ms = -1};
    const char *message = status == ANIMALDETECT_E_JOB_FAILED ? job->remote.error_message : NULL;
    char reason[AD_ERROR_MESSAGE_SIZE + 128];

    facts.code = job->remote.error_code;
    facts.message = job->remote.error_message;
    facts.reason = message;
    if (job->remote.ended_before) {
        (void)snprintf(reason, sizeof reason, "%s%s%s (in an earlier run; use a rerun to start a new one)",
                       animaldetect_status_text(status), message == NULL ? "" : ": ", message == NULL ? "" : message);
        facts.reason = reason;
    }
    ad_call_fail(engine, job, &facts);
}

void ad_call_schedule(struct ad_engine *engine, animaldetect_job *job)
{
    struct ad_next next = ad_flow_next(job);

    if (next.step == ANIMALDETECT_STEP_NONE && next.status == ANIMALDETECT_OK) {
        ad_call_succeed(engine, job);
        return;
    }
    if (next.step == ANIMALDETECT_STEP_NONE) {
        call_end_of_job(engine, job, next.status);
        return;
    }
    enter_step(engine, job, next.step);
    if (next.step == ANIMALDETECT_STEP_PREPARE)
        call_hash(engine, job);
    else if (next.step == ANIMALDETECT_STEP_POLL)
        schedule_poll(engine, job);
    else
        /* A partial upload is lost if its URL expires, so it goes first. */
        call_queue(engine, job, next.step == ANIMALDETECT_STEP_UPLOAD && job->remote.uploads > 0);
}

static void count_completion(struct ad_engine *engine, const animaldetect_job *job)
{
    int64_t *counters = engine->statistics.counters;

    if (job->call.status == ANIMALDETECT_OK)
        counters[ANIMALDETECT_STAT_CALLS_SUCCEEDED]++;
    else if (job->call.status == ANIMALDETECT_E_CANCELED)
        counters[ANIMALDETECT_STAT_CALLS_CANCELED]++;
    else
        counters[ANIMALDETECT_STAT_CALLS_FAILED]++;
    if (job->call.status == ANIMALDETECT_OK && job->call.goal == AD_GOAL_RUN)
        ad_latency_add(&engine->statistics.latencies[ANIMALDETECT_STEP_NONE], engine->now_ms - job->call.started_ms);
}

/* Common to every completion; `job->call.failure` and `job->call.status` are set. */
static void call_complete(struct ad_engine *engine, animaldetect_job *job)
{
    enter_step(engine, job, ANIMALDETECT_STEP_NONE);
    if (job->call.in_window)
        engine->window--;
    job->call.in_window = false;
    ad_list_remove(&engine->stragglers, &job->call.straggler);
    free(job->call.pending);
    free(job->call.previous);
    job->call.pending = job->call.previous = NULL;
    free(job->call.hop);
    job->call.hop = NULL;
    ad_job_free_retired(job);
    ad_job_tidy(job);
    /* A text that the host may hold changes only here, on completion. */
    if (engine->current != NULL && engine->current->job == job && *engine->current->hints.request_id != '\0')
        memcpy(job->remote.request_id, engine->current->hints.request_id, sizeof job->remote.request_id);
    job->refusal = NULL;
    count_completion(engine, job);
    call_enter(engine, job, AD_ACTIVITY_DONE);
    ad_list_append(&engine->done, &job->call.queue);
    engine->completions++;
}

static void log_completion(struct ad_engine *engine, const animaldetect_job *job)
{
    const struct ad_exchange *exchange =
        engine->current != NULL && engine->current->job == job ? engine->current : NULL;
    const struct ad_failure *failure = job->call.failure;
    struct animaldetect_log_record record = {
        .level = job->call.status == ANIMALDETECT_OK ? ANIMALDETECT_LOG_INFO : ANIMALDETECT_LOG_ERROR,
        .step = failure == NULL ? ANIMALDETECT_STEP_NONE : failure->step,
        .http_status = exchange == NULL ? 0 : exchange->transfer.http_status,
        .duration_ms = engine->now_ms - job->call.started_ms,
        .job = job,
        .request_id = exchange == NULL ? NULL : exchange->hints.request_id,
    };

    if (job->call.status == ANIMALDETECT_OK)
        ad_log_write(engine->log, &record, "call succeeded [job %s]", job->remote.id == NULL ? "-" : job->remote.id);
    else
        ad_log_write(engine->log, &record, "%s: %s", animaldetect_status_name(job->call.status),
                     failure == NULL ? "" : failure->line);
}

void ad_call_succeed(struct ad_engine *engine, animaldetect_job *job)
{
    job->call.status = ANIMALDETECT_OK;
    log_completion(engine, job);
    call_complete(engine, job);
}

void ad_call_fail(struct ad_engine *engine, animaldetect_job *job, struct ad_failure_facts *facts)
{
    facts->step = job->call.step;
    facts->step_name = job->call.step == ANIMALDETECT_STEP_NONE ? NULL : ad_step_of(job->call.step)->name;
    facts->attempts = ad_job_attempts(job, job->call.step);
    facts->job_id = job->remote.id;
    job->call.failure = ad_failure_new(facts);
    job->call.status = facts->status;
    log_completion(engine, job);
    call_complete(engine, job);
}

void ad_call_refuse(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason)
{
    struct ad_failure_facts facts = {.status = status, .retry_after_ms = -1, .reason = reason};

    ad_call_fail(engine, job, &facts);
}

/* Describes what a call without a failure of its own was waiting for.  False: nothing in particular. */
static bool describe_wait(const struct ad_engine *engine, const animaldetect_job *job, char *out, size_t size)
{
    const char *state = job->remote.state == ANIMALDETECT_STATE_OTHER ? job->remote.state_word
                                                                      : animaldetect_state_name(job->remote.state);
    /* An image that is not hashed yet waits for those before it. */
    bool waits = job->call.activity == AD_ACTIVITY_WAITING || job->call.activity == AD_ACTIVITY_HASHING;

    if (engine->hold.network.on)
        (void)snprintf(out, size, "the call timeout expired while there was no network: %s",
                       engine->hold.network.message);
    else if (waits && engine->hold.account.status != ANIMALDETECT_OK)
        (void)snprintf(out, size, "the call timeout expired while the service rejected the API key or the account");
    else if (waits && ad_quota_is_out_of_permits(engine))
        (void)snprintf(out, size, "the call timeout expired while no permit for a request was granted");
    else if (waits && ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms) != 0)
        (void)snprintf(out, size, "the call timeout expired during a wait requested by the service");
    else if (job->call.step == ANIMALDETECT_STEP_POLL && state != NULL)
        (void)snprintf(out, size, "the call timeout expired; the job is \"%s\"", state);
    else
        return false;
    return true;
}

void ad_call_fail_timeout(struct ad_engine *engine, animaldetect_job *job, int64_t hint_ms)
{
    const struct ad_failure *met = job->call.pending;
    struct ad_failure_facts facts = {.status = ANIMALDETECT_E_CALL_TIMEOUT, .retry_after_ms = hint_ms};
    char line[640];

    if (met != NULL) {
        facts.http_status = met->http_status;
        facts.code = met->code;
        facts.message = met->message;
        facts.request_id = met->request_id;
        (void)snprintf(line, sizeof line, "%s; last error: %s",
                       hint_ms < 0 ? "the call timeout expired"
                                   : "the next allowed retry would be after the call timeout",
                       met->reason);
        facts.reason = line;
    } else if (describe_wait(engine, job, line, sizeof line)) {
        facts.reason = line;
    }
    ad_call_fail(engine, job, &facts);
}
