/* SPDX-License-Identifier: MIT */
/*
 * The life of one call: from step to step, asleep in between, to its completion.  A call in flight has one timer: the
 * earlier of when it wants to wake and its deadline.
 */
#include "engine/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/exchange.h"
#include "engine/flow.h"

/* Room was reserved when the call started, so the push cannot fail. */
static void retime(struct ad_engine *engine, animaldetect_job *job)
{
    int64_t when = job->call.deadline_at_ms;

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
        ad_list_remove(&engine->waiting[job->call.queue_class], &job->call.queue);
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
    job->call.activity = (uint8_t)activity;
    retime(engine, job);
}

/* Adds up how long the job was in a step, waiting included. */
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
    struct ad_list *list;

    call_enter(engine, job, AD_ACTIVITY_WAITING);
    job->call.queue_class = (uint8_t)ad_step_of(job->call.step)->class_of(engine, job);
    list = &engine->waiting[job->call.queue_class];
    if (in_front)
        ad_list_prepend(list, &job->call.queue);
    else
        ad_list_append(list, &job->call.queue);
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

/* When the next poll of a job that is being processed is due. */
static void schedule_poll(struct ad_engine *engine, animaldetect_job *job)
{
    int64_t due = engine->now_ms;

    if (!job->remote.ask_first && job->call.goal != AD_GOAL_POLL)
        due = ad_planner_next_ms(&engine->planner, ad_planner_operation(job->input.operation), &job->remote.plan);
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
    /* Here and not where the call completes: what a host reads of a failure stays until it starts the next call. */
    free(job->call.failure);
    job->refusal = NULL;
    job->remote.http_status = 0;
    job->input.started = true;
    job->call = (struct ad_call){.goal = (uint8_t)goal,
                                 .status = ANIMALDETECT_AGAIN,
                                 .step = ANIMALDETECT_STEP_NONE,
                                 .started_ms = engine->now_ms,
                                 .step_entered_ms = engine->now_ms,
                                 .deadline_at_ms = AD_TIME_NEVER};
    ad_heap_node_init(&job->call.timer);
    if (job->input.deadline_ms >= 0 && job->input.deadline_ms < AD_TIME_NEVER - engine->now_ms)
        job->call.deadline_at_ms = engine->now_ms + job->input.deadline_ms;
    /* An image that is not here cannot be uploaded from here, but another process may have done so since. */
    if (job->input.restored && job->input.source.kind == AD_SOURCE_NONE &&
        job->remote.stage < ANIMALDETECT_STAGE_SUBMITTED)
        job->remote.ask_first = true;
    ad_list_append(&engine->flight, &job->call.flight);
}

void ad_call_schedule(struct ad_engine *engine, animaldetect_job *job)
{
    struct ad_next next = ad_flow_next(job);

    if (next.step == ANIMALDETECT_STEP_NONE && next.status == ANIMALDETECT_OK) {
        ad_call_succeed(engine, job);
        return;
    }
    if (next.step == ANIMALDETECT_STEP_NONE) {
        struct ad_failure_facts facts = {.status = next.status, .retry_after_ms = -1};

        facts.code = job->remote.error_code;
        facts.message = job->remote.error_message;
        facts.reason = next.status == ANIMALDETECT_E_JOB_FAILED ? job->remote.error_message : NULL;
        ad_call_fail(engine, job, &facts);
        return;
    }
    enter_step(engine, job, next.step);
    if (next.step == ANIMALDETECT_STEP_PREPARE)
        call_hash(engine, job);
    else if (next.step == ANIMALDETECT_STEP_POLL)
        schedule_poll(engine, job);
    else
        call_queue(engine, job, false);
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

/* What is common to every completion; `job->call.failure` and `job->call.status` are set. */
static void call_complete(struct ad_engine *engine, animaldetect_job *job)
{
    enter_step(engine, job, ANIMALDETECT_STEP_NONE);
    if (job->call.in_window)
        engine->window--;
    job->call.in_window = false;
    free(job->call.pending);
    job->call.pending = NULL;
    ad_job_free_retired(job);
    ad_job_tidy(job);
    /* Text that a host may hold changes here only, where the call completes. */
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
    if (job->call.status == ANIMALDETECT_OK)
        ad_engine_log(engine, ANIMALDETECT_LOG_INFO, "call ended well [job %s]",
                      job->remote.id == NULL ? "-" : job->remote.id);
    else
        ad_engine_log(engine, ANIMALDETECT_LOG_ERROR, "%s: %s", animaldetect_status_name(job->call.status),
                      job->call.failure == NULL ? "" : job->call.failure->line);
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
    facts->attempts = job->call.failures[job->call.step];
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

/* strerror_r comes in two forms: POSIX returns an int, the GNU one the text. */
static const char *said_posix(int failed, const char *buffer)
{
    return failed == 0 ? buffer : "";
}

static const char *said_gnu(const char *text, const char *buffer)
{
    return text == NULL ? buffer : text;
}

#define SAID(result, buffer) _Generic((result), int : said_posix, char * : said_gnu)((result), (buffer))

void ad_call_fail_source(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason)
{
    char line[768];
    char path[512] = "";
    char error[96] = "";
    const char *said = "";

    if (job->input.source.kind == AD_SOURCE_FILE)
        ad_text_quote(path, sizeof path, job->input.source.from.path, strlen(job->input.source.from.path));
    if (engine->os_error != 0)
        said = SAID(strerror_r(engine->os_error, error, sizeof error), error);
    if (reason == NULL || *reason == '\0')
        reason = animaldetect_status_text(status);
    (void)snprintf(line, sizeof line, "%s%s%s%s%s%s", reason, *said == '\0' ? "" : ": ", said,
                   *path == '\0' ? "" : " (", path, *path == '\0' ? "" : ")");
    engine->os_error = 0;
    ad_call_refuse(engine, job, status, line);
}

void ad_call_fail_deadline(struct ad_engine *engine, animaldetect_job *job, int64_t hint_ms)
{
    const struct ad_failure *met = job->call.pending;
    struct ad_failure_facts facts = {.status = ANIMALDETECT_E_DEADLINE, .retry_after_ms = hint_ms};
    char line[640];

    if (met != NULL) {
        facts.http_status = met->http_status;
        facts.code = met->code;
        facts.message = met->message;
        facts.request_id = met->request_id;
        (void)snprintf(line, sizeof line, "%s; before that: %s",
                       hint_ms < 0 ? "the deadline passed" : "the next permitted try lies behind the deadline",
                       met->reason);
        facts.reason = line;
    }
    ad_call_fail(engine, job, &facts);
}
