/* SPDX-License-Identifier: MIT */
/*
 * Attempts and delays, see retry.h.
 */
#include "engine/retry.h"

#include <stdlib.h>

#include "engine/call.h"
#include "engine/explain.h"

#define BACKOFF_BASE_MS 500

void ad_exchange_log(const struct ad_exchange *exchange, int32_t level, const char *before, const char *message)
{
    struct animaldetect_log_record record = {
        .level = level,
        .step = exchange->step_number,
        .http_status = exchange->transfer.http_status,
        .duration_ms = exchange->engine->now_ms - exchange->sent_ms,
        .job = exchange->job,
        .request_id = exchange->hints.request_id,
    };

    ad_log_write(exchange->engine->log, &record, "%s%s", before, message);
}

void ad_retry_end(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem)
{
    const struct ad_buf *answer = &exchange->transfer.answer;
    struct ad_explanation explanation;

    if (!exchange->step->traits.idempotent)
        exchange->job->remote.ask_first = true; /* the next call must not submit again blindly */
    /* The host may inspect the body received instead of a result. */
    if (exchange->step_number == ANIMALDETECT_STEP_FETCH && status == ANIMALDETECT_E_PROTOCOL && answer->size > 0)
        ad_job_keep_unread(exchange->job, ad_buf_string(answer), answer->size);
    ad_exchange_explain(exchange, status, problem, &explanation);
    ad_call_fail(exchange->engine, exchange->job, &explanation.facts);
}

void ad_retry_remember(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem)
{
    struct ad_explanation explanation;

    ad_exchange_explain(exchange, status, problem, &explanation);
    free(exchange->job->call.pending);
    exchange->job->call.pending = ad_failure_new(&explanation.facts);
}

bool ad_retry_may(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem, int32_t more)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;

    if (job->call.failures[exchange->step_number] < UINT16_MAX)
        job->call.failures[exchange->step_number]++;
    if (job->call.failures[exchange->step_number] >= engine->config->max_tries + more) {
        ad_retry_end(exchange, status, problem);
        return false;
    }
    ad_retry_remember(exchange, status, problem);
    ad_exchange_log(exchange, ANIMALDETECT_LOG_WARNING, "retrying: ",
                    job->call.pending == NULL ? animaldetect_status_text(status) : job->call.pending->line);
    return true;
}

void ad_retry_sleep(struct ad_exchange *exchange, int attempt)
{
    struct ad_engine *engine = exchange->engine;

    ad_call_sleep(engine, exchange->job,
                  engine->now_ms + ad_backoff_ms(attempt, BACKOFF_BASE_MS, AD_RETRY_CAP_MS, -1, &engine->rng));
}

/*
 * With an empty retry bucket the call does not fail: an image must not be lost because of other images.  Instead its
 * next attempt waits for the maximum delay, which bounds the load on a service that is down as well.
 */
void ad_retry_later(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    int64_t hint = ad_exchange_hint_ms(exchange);
    bool paid = ad_retry_bucket_take(&engine->bucket);
    int attempt = paid ? job->call.failures[exchange->step_number] - 1 : 0;
    int64_t base = paid ? BACKOFF_BASE_MS : AD_RETRY_CAP_MS / 2;
    int64_t wait;

    if (job->call.timeout_at_ms != AD_TIME_NEVER && hint >= 0 && hint >= job->call.timeout_at_ms - engine->now_ms) {
        ad_call_fail_timeout(engine, job, hint);
        return;
    }
    if (hint > engine->config->max_retry_after_ms)
        hint = engine->config->max_retry_after_ms;
    wait = ad_backoff_ms(attempt, base, AD_RETRY_CAP_MS, hint, &engine->rng);
    ad_call_sleep(engine, job, engine->now_ms + wait + (paid ? 0 : AD_RETRY_CAP_MS));
}
