/* SPDX-License-Identifier: MIT */
/*
 * Applies a good response to the job, step by step.  URLs are checked against the trusted origins here, before anything
 * else is sent for the job, the image included.
 */
#include "engine/apply.h"

#include <string.h>

#include "base/text.h"
#include "engine/flow.h"
#include "engine/progress.h"
#include "protocol/json.h"
#include "protocol/result.h"
#include "protocol/rules.h"

#define MAX_WASTE (64 * 1024)
#define PLAIN_HTTP "plain http is allowed only while the base URL is plain http on loopback"

/* Names the origin, so that a person can decide whether to trust it. */
static void name_origin(const char *url, const char *name, const char *verdict, struct ad_problem *problem)
{
    char text[AD_ORIGIN_TEXT_SIZE];
    struct ad_origin origin;

    if (ad_origin_parse(url, &origin) == ANIMALDETECT_OK) {
        ad_origin_format(&origin, text, sizeof text);
        (void)ad_problem_set(problem, "%s is at %s: %s", name, text, verdict);
    } else {
        (void)ad_problem_set(problem, "%s cannot be used: %s", name, verdict);
    }
}

static int32_t check_url(const struct ad_engine *engine, const char *url, const char *name, struct ad_problem *problem)
{
    int32_t status = url == NULL ? ANIMALDETECT_OK : ad_config_check_api_url(engine->config, url);

    if (status == ANIMALDETECT_E_UNTRUSTED_URL)
        name_origin(url, name, "the origin is not trusted; the API key was not sent", problem);
    else if (status == ANIMALDETECT_E_INSECURE_URL)
        name_origin(url, name, PLAIN_HTTP, problem);
    return status;
}

static int32_t apply_check_urls(const struct ad_engine *engine, const struct ad_job_answer *answer,
                                struct ad_problem *problem)
{
    int32_t status = check_url(engine, answer->status_url, "status_url", problem);

    if (status == ANIMALDETECT_OK)
        status = check_url(engine, answer->submit_url, "submit_url", problem);
    if (status == ANIMALDETECT_OK)
        status = check_url(engine, answer->result_url, "result_url", problem);
    if (status == ANIMALDETECT_OK && answer->has_upload) {
        status = ad_config_check_upload_url(engine->config, answer->upload_url);
        if (status == ANIMALDETECT_E_INSECURE_URL)
            name_origin(answer->upload_url, "upload.url", PLAIN_HTTP, problem);
        else if (status != ANIMALDETECT_OK)
            problem->text = "upload.url is not usable";
    }
    return status;
}

/*
 * Keeps a text for display.  The host may hold the previous ones until the call completes, so their memory is not
 * reused until then.  If the service sends a new text in every response, the first few hundred are kept.
 */
static int32_t keep_text(animaldetect_job *job, const char **field, const char *message)
{
    if (message == NULL || (*field != NULL && job->texts_waste >= MAX_WASTE))
        return ANIMALDETECT_OK;
    return ad_job_set_text(job, field, message);
}

static int32_t keep_urls(const struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *answer)
{
    const char *base = ad_engine_base_url(engine);
    int32_t status = ANIMALDETECT_OK;

    /* The service sends new URLs in every response: keep the last ones. */
    if (job->texts_waste >= MAX_WASTE && job->remote.status_url != NULL)
        return ANIMALDETECT_OK;
    status = ad_job_set_url(job, AD_URL_STATUS, base, answer->status_url);
    if (status == ANIMALDETECT_OK)
        status = ad_job_set_url(job, AD_URL_SUBMIT, base, answer->submit_url);
    if (status == ANIMALDETECT_OK)
        status = ad_job_set_url(job, AD_URL_RESULT, base, answer->result_url);
    return status == ANIMALDETECT_OK ? keep_text(job, &job->remote.expires_at, answer->expires_at) : status;
}

static int32_t keep_target(animaldetect_job *job, const struct ad_job_answer *answer, struct ad_problem *problem)
{
    struct ad_target *target = NULL;
    int32_t status = ad_target_new(answer, &target, problem);

    if (status != ANIMALDETECT_OK)
        return status;
    ad_job_drop_target(job);
    job->remote.target = target;
    job->remote.need_target = false;
    return ANIMALDETECT_OK;
}

/* Everything that can fail for lack of memory is done before the state changes. */
static int32_t keep_state(struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *answer)
{
    uint8_t stage = ad_flow_stage_of(answer->state);
    bool was_finished = job->remote.stage >= ANIMALDETECT_STAGE_FINISHED;
    int64_t *counters = engine->statistics.counters;
    int32_t status = ANIMALDETECT_OK;

    if (answer->state == ANIMALDETECT_STATE_OTHER)
        status = keep_text(job, &job->remote.state_word, answer->state_text);
    if (status == ANIMALDETECT_OK)
        status = keep_text(job, &job->remote.error_code, answer->error_code);
    if (status == ANIMALDETECT_OK)
        status = keep_text(job, &job->remote.error_message, answer->error_message);
    if (status != ANIMALDETECT_OK)
        return status;
    job->remote.state = (uint8_t)answer->state;
    if (stage > job->remote.stage)
        job->remote.stage = stage;
    if (job->remote.stage >= ANIMALDETECT_STAGE_UPLOADED)
        ad_job_drop_target(job);
    if (was_finished)
        return ANIMALDETECT_OK;
    counters[ANIMALDETECT_STAT_JOBS_SUCCEEDED] += answer->state == ANIMALDETECT_STATE_SUCCEEDED;
    counters[ANIMALDETECT_STAT_JOBS_FAILED] += answer->state == ANIMALDETECT_STATE_FAILED;
    counters[ANIMALDETECT_STAT_JOBS_EXPIRED] += answer->state == ANIMALDETECT_STATE_EXPIRED;
    return ANIMALDETECT_OK;
}

static bool in_service(int32_t state)
{
    return ad_flow_stage_of(state) == ANIMALDETECT_STAGE_SUBMITTED;
}

/* If the service returns another id, everything known about the old job is dropped. */
static int32_t keep_id(animaldetect_job *job, const char *id)
{
    if (job->remote.id != NULL && strcmp(job->remote.id, id) == 0)
        return ANIMALDETECT_OK;
    ad_job_drop_text(job, &job->remote.submit_url);
    ad_job_drop_text(job, &job->remote.status_url);
    ad_job_drop_text(job, &job->remote.result_url);
    job->remote.stage = ANIMALDETECT_STAGE_NEW;
    return ad_job_set_text(job, &job->remote.id, id);
}

/* A response about another job is rejected. */
static int32_t check_id(const animaldetect_job *job, const struct ad_job_answer *answer, struct ad_problem *problem)
{
    if (answer->job_id == NULL || job->remote.id == NULL || strcmp(answer->job_id, job->remote.id) == 0)
        return ANIMALDETECT_OK;
    problem->text = "the response is for a different job id";
    return ANIMALDETECT_E_PROTOCOL;
}

static int32_t keep_created(struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *answer,
                            bool replay, struct ad_problem *problem)
{
    bool ended = answer->state == ANIMALDETECT_STATE_FAILED || answer->state == ANIMALDETECT_STATE_EXPIRED;
    bool found = replay && job->remote.id == NULL;
    /* A new job (201) replaces one that the service has forgotten; an existing one (200) must be ours. */
    int32_t status = replay ? check_id(job, answer, problem) : ANIMALDETECT_OK;

    if (status == ANIMALDETECT_OK)
        status = apply_check_urls(engine, answer, problem);

    if (status == ANIMALDETECT_OK && answer->state == ANIMALDETECT_STATE_AWAITING_UPLOAD && !answer->has_upload) {
        problem->text = replay ? "the service returned no fresh upload URL" : "upload is missing in the response";
        status = replay ? ANIMALDETECT_E_UPLOAD_EXPIRED : ANIMALDETECT_E_PROTOCOL;
    }
    if (status == ANIMALDETECT_OK && answer->has_upload && answer->state == ANIMALDETECT_STATE_AWAITING_UPLOAD)
        status = keep_target(job, answer, problem);
    if (status == ANIMALDETECT_OK)
        status = keep_id(job, answer->job_id);
    if (status == ANIMALDETECT_OK)
        status = keep_urls(engine, job, answer);
    if (status == ANIMALDETECT_OK)
        status = keep_state(engine, job, answer);
    if (status != ANIMALDETECT_OK)
        return status;
    job->remote.ask_first = false;
    job->remote.found = job->remote.found || found;
    job->remote.ended_before = found && ended;
    engine->statistics.counters[ANIMALDETECT_STAT_REPLAYS] += replay;
    if (in_service(answer->state) && replay)
        ad_poll_plan_restored(&job->remote.plan, engine->now_ms, &engine->rng);
    else if (in_service(answer->state))
        ad_poll_plan_submitted(&job->remote.plan, engine->now_ms, &engine->rng);
    return ANIMALDETECT_OK;
}

static int32_t keep_submitted(struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *answer,
                              const struct ad_hints *hints, struct ad_problem *problem)
{
    int32_t status = check_id(job, answer, problem);

    if (status == ANIMALDETECT_OK && ad_flow_stage_of(answer->state) >= ANIMALDETECT_STAGE_SUBMITTED)
        status = keep_state(engine, job, answer);
    if (status != ANIMALDETECT_OK)
        return status;
    if (job->remote.state == ANIMALDETECT_STATE_AWAITING_UPLOAD)
        job->remote.state = ANIMALDETECT_STATE_QUEUED;
    if (job->remote.stage < ANIMALDETECT_STAGE_SUBMITTED)
        job->remote.stage = ANIMALDETECT_STAGE_SUBMITTED;
    ad_progress_submitted(engine, job, hints);
    ad_job_drop_target(job);
    ad_poll_plan_submitted(&job->remote.plan, engine->now_ms, &engine->rng);
    return ANIMALDETECT_OK;
}

/* Adds the observation of a poll to the planner's sample, unless an outage delayed it. */
static void teach_planner(struct ad_engine *engine, animaldetect_job *job, bool done, int64_t hint_ms)
{
    int operation = ad_planner_operation(job->input.operation);
    struct ad_poll_plan *plan = &job->remote.plan;

    if (ad_sight_was_lost(&engine->sight, ad_planner_next_ms(&engine->planner, operation, plan), engine->now_ms))
        ad_poll_plan_hidden(plan);
    ad_planner_observed(&engine->planner, operation, plan, done, done ? -1 : hint_ms, engine->now_ms);
}

static int32_t keep_status(struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *answer,
                           const struct ad_hints *hints, struct ad_problem *problem)
{
    int64_t hint_ms = ad_hints_retry_after_ms(hints, 0);
    int32_t outlook = ANIMALDETECT_OK;
    bool first = job->remote.ask_first || job->remote.stage < ANIMALDETECT_STAGE_SUBMITTED;
    bool done = ad_flow_stage_of(answer->state) >= ANIMALDETECT_STAGE_FINISHED;
    int32_t status = check_id(job, answer, problem);

    if (status == ANIMALDETECT_OK)
        status = apply_check_urls(engine, answer, problem);
    if (status == ANIMALDETECT_OK)
        status = keep_urls(engine, job, answer);
    if (status == ANIMALDETECT_OK && job->input.operation == NULL && answer->operation != NULL &&
        ad_operation_is_good(answer->operation))
        status = ad_job_set_text(job, &job->input.operation, answer->operation);
    if (status == ANIMALDETECT_OK && answer->has_upload && job->remote.target == NULL &&
        answer->state == ANIMALDETECT_STATE_AWAITING_UPLOAD && job->remote.stage < ANIMALDETECT_STAGE_UPLOADED)
        status = keep_target(job, answer, problem);
    if (status == ANIMALDETECT_OK) {
        outlook = ad_progress_polled(engine, job, answer, hints, problem);
        status = keep_state(engine, job, answer);
    }
    if (status != ANIMALDETECT_OK)
        return status;
    job->remote.ask_first = false;
    job->call.asked = true;
    job->remote.polls++;
    if (first && in_service(answer->state)) {
        ad_poll_plan_restored(&job->remote.plan, engine->now_ms, &engine->rng);
        teach_planner(engine, job, false, hint_ms);
    } else if (!first) {
        teach_planner(engine, job, done, hint_ms);
    }
    return outlook;
}

/* Reads a response about a job; clear it in every case. */
static int32_t apply_read_job(const struct ad_engine *engine, enum ad_answer_kind kind, const struct ad_answer *answer,
                              struct ad_job_answer *out, struct ad_problem *problem)
{
    return ad_job_answer_read(out, kind, answer->bytes, answer->size, engine->mask, problem);
}

int32_t ad_apply_create(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem)
{
    struct ad_job_answer said;
    int32_t status = apply_read_job(engine, AD_ANSWER_CREATE, answer, &said, problem);

    if (status == ANIMALDETECT_OK)
        status = keep_created(engine, job, &said, answer->http_status == 200, problem);
    ad_job_answer_clear(&said);
    return status;
}

int32_t ad_apply_upload(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem)
{
    (void)engine;
    (void)answer;
    (void)problem;
    job->remote.stage = ANIMALDETECT_STAGE_UPLOADED;
    ad_job_drop_target(job);
    return ANIMALDETECT_OK;
}

int32_t ad_apply_submit(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem)
{
    struct ad_job_answer said;
    int32_t status = apply_read_job(engine, AD_ANSWER_SUBMIT, answer, &said, problem);

    if (status == ANIMALDETECT_OK)
        status = keep_submitted(engine, job, &said, answer->hints, problem);
    ad_job_answer_clear(&said);
    return status;
}

int32_t ad_apply_poll(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                      struct ad_problem *problem)
{
    struct ad_job_answer said;
    int32_t status = apply_read_job(engine, AD_ANSWER_STATUS, answer, &said, problem);

    if (status == ANIMALDETECT_OK)
        status = keep_status(engine, job, &said, answer->hints, problem);
    ad_job_answer_clear(&said);
    return status;
}

int32_t ad_apply_fetch(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                       struct ad_problem *problem)
{
    animaldetect_result *result = NULL;
    int32_t status = ad_result_read(answer->bytes, answer->size, &result, problem);

    (void)engine;
    if (status != ANIMALDETECT_OK)
        return status;
    ad_result_release(job->remote.result);
    job->remote.result = result;
    job->remote.stage = ANIMALDETECT_STAGE_FETCHED;
    return ANIMALDETECT_OK;
}
