/* SPDX-License-Identifier: MIT */
/*
 * One function per verdict.
 */
#include "engine/act.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/account.h"
#include "engine/apply.h"
#include "engine/call.h"
#include "engine/explain.h"
#include "engine/offline.h"
#include "engine/progress.h"
#include "engine/quota.h"
#include "engine/redirect.h"
#include "engine/retry.h"
#include "engine/straggler.h"

#define LATER_BASE_MS 500
#define LATER_CAP_MS 15000
#define LATE_POLLS 3  /* while a result is not available yet, this many fetches per poll */
#define LATER_LEAST 3 /* minimum number of responses, since time spent waiting for a slot or for quota must not count \
                       */

/* When the hold of a 429 ends: by Retry-After, else at the reset of the window if nothing remains in it; -1 unknown. */
static int64_t end_of_429(const struct ad_exchange *exchange)
{
    const struct ad_hints *hints = &exchange->hints;
    int64_t hint = ad_exchange_hint_ms(exchange);

    if (hint >= 0 || hints->remaining > 0 || hints->reset_ms <= 0 || hints->reset_ms > AD_PACER_RESET_MAX_MS)
        return hint;
    return hints->reset_ms;
}

static bool ends_before(const animaldetect_job *job, int64_t until_ms)
{
    return job->call.timeout_at_ms != AD_TIME_NEVER && until_ms >= job->call.timeout_at_ms;
}

/* Holds all API requests for as long as the service asked, and reports that to the host once. */
static void begin_service_hold(struct ad_exchange *exchange, int64_t hint_ms, bool busy)
{
    struct ad_engine *engine = exchange->engine;
    struct ad_service_hold *service = &engine->hold.service;
    bool told = engine->now_ms < service->logged_ms;
    char message[96];

    if (ad_exchange_asks_about_wait(exchange))
        ad_pacer_lift(&engine->pacer, engine->now_ms); /* the latest delay counts, even if it is shorter */
    if (busy)
        ad_pacer_hold(&engine->pacer, engine->now_ms, hint_ms);
    else
        ad_quota_throttled(exchange, hint_ms);
    service->asked_ms = engine->now_ms;
    service->busy = busy;
    service->logged_ms = ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms);
    if (service->logged_ms == 0)
        service->logged_ms = engine->now_ms; /* the service named no time */
    if (told)
        return;
    (void)snprintf(message, sizeof message,
                   "API requests are held for %" PRId64 " ms: ", service->logged_ms - engine->now_ms);
    ad_exchange_log(exchange, ANIMALDETECT_LOG_WARNING, message,
                    exchange->job->call.pending == NULL ? "" : exchange->job->call.pending->line);
}

/* Sends the same request after the hold. */
static void wait_with_service(struct ad_exchange *exchange, int64_t hint_ms)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    int64_t until_ms = ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms);
    int64_t probe_ms = engine->hold.service.asked_ms + engine->config->max_retry_after_ms;

    if (ends_before(job, until_ms < probe_ms ? until_ms : probe_ms))
        ad_call_fail_timeout(engine, job, hint_ms >= 0 ? hint_ms : until_ms - engine->now_ms);
    else if (job->remote.ask_first)
        ad_call_schedule(engine, job);
    else
        ad_call_again(engine, job);
}

static void act_throttled(struct ad_exchange *exchange, int32_t status)
{
    int64_t hint = end_of_429(exchange);

    exchange->engine->statistics.counters[ANIMALDETECT_STAT_RATE_LIMITED]++;
    ad_retry_remember(exchange, status, NULL);
    begin_service_hold(exchange, hint, false);
    wait_with_service(exchange, hint);
}

/* Whether the service asks for a delay longer than a backoff. */
static bool asks_for_hold(const struct ad_exchange *exchange)
{
    return !exchange->step->traits.storage && !ad_exchange_is_foreign(exchange) &&
           exchange->transfer.net == AD_NET_OK && exchange->transfer.http_status == 503 &&
           ad_exchange_hint_ms(exchange) > AD_RETRY_CAP_MS;
}

static void act_busy(struct ad_exchange *exchange, int32_t status)
{
    int64_t hint = ad_exchange_hint_ms(exchange);

    if (!exchange->step->traits.idempotent)
        exchange->job->remote.ask_first = true;
    ad_retry_remember(exchange, status, NULL);
    begin_service_hold(exchange, hint, true);
    wait_with_service(exchange, hint);
}

static void act_reconcile(struct ad_exchange *exchange, int32_t status)
{
    animaldetect_job *job = exchange->job;
    bool refused = status == ANIMALDETECT_E_BAD_REQUEST; /* by the service itself */

    job->remote.ask_first = true;
    /* Polling after a refusal is not a second attempt of the submit: another process may have submitted. */
    if (!ad_retry_may(exchange, status, NULL, refused ? 1 : 0))
        return;
    /*
     * If the service then still says awaiting_upload it does not have the image: it is uploaded again through a fresh
     * create, under the same key.
     */
    if (refused) {
        job->remote.stage = ANIMALDETECT_STAGE_CREATED;
        ad_job_drop_target(job);
    }
    ad_retry_later(exchange);
}

static void act_refresh(struct ad_exchange *exchange, int32_t status)
{
    animaldetect_job *job = exchange->job;

    if (job->input.operation == NULL || job->input.source.kind == AD_SOURCE_NONE ||
        job->call.refreshes >= AD_FRESH_URLS_MOST) {
        ad_retry_end(exchange, status, NULL);
        return;
    }
    ad_retry_remember(exchange, status, NULL);
    ad_exchange_log(exchange, ANIMALDETECT_LOG_WARNING, "requesting a fresh upload URL: ",
                    job->call.pending == NULL ? animaldetect_status_text(status) : job->call.pending->line);
    job->remote.need_target = true;
    /* The first time at once.  A service that returns expired URLs must not be asked in a tight loop. */
    if (job->call.refreshes++ > 0)
        ad_retry_sleep(exchange, job->call.refreshes);
    else
        ad_call_schedule(exchange->engine, job);
}

static struct ad_lateness *lateness(struct ad_exchange *exchange)
{
    return &exchange->job->call.late[exchange->step_number == ANIMALDETECT_STEP_FETCH];
}

/* A response that means "not yet": the time to wait is bounded, and the call timeout still applies. */
static void act_later(struct ad_exchange *exchange, struct ad_verdict verdict)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    int64_t hint = ad_exchange_hint_ms(exchange);
    struct ad_lateness *late = lateness(exchange);
    int64_t until;
    int64_t wake;

    if (late->answers == 0)
        late->since_ms = engine->now_ms;
    until = late->since_ms + verdict.grace_ms;
    if (engine->now_ms >= until && late->answers >= LATER_LEAST) {
        ad_retry_end(exchange, verdict.status, NULL);
        return;
    }
    ad_retry_remember(exchange, verdict.status, NULL);
    if (late->answers == 0)
        ad_exchange_log(exchange, ANIMALDETECT_LOG_WARNING, "retrying: ",
                        job->call.pending == NULL ? animaldetect_status_text(verdict.status) : job->call.pending->line);
    if (exchange->step->traits.conflict == AD_CONFLICT_EARLY && late->answers % LATE_POLLS == LATE_POLLS - 1)
        job->remote.ask_first = true; /* check whether it has really succeeded, then fetch again */
    wake = engine->now_ms + ad_backoff_ms(late->answers, LATER_BASE_MS, LATER_CAP_MS, hint, &engine->rng);
    if (late->answers < UINT16_MAX)
        late->answers++;
    ad_call_sleep(engine, job, until > engine->now_ms && wake > until ? until : wake);
}

/* A missing result between polls is no news: polling continues. */
static void act_no_result(struct ad_exchange *exchange, int32_t status, bool clear)
{
    ad_retry_remember(exchange, status, NULL);
    ad_progress_no_result(exchange->engine, exchange->job, clear);
    ad_call_schedule(exchange->engine, exchange->job);
}

static bool is_result_check(const struct ad_exchange *exchange)
{
    return exchange->step_number == ANIMALDETECT_STEP_FETCH && exchange->job->remote.progress.check_result;
}

/*
 * Whether an unreadable response (a page, an empty or truncated body) may be retried: a proxy may have written it, and
 * the next one may be good.  Requests without side effects may be retried after any unusual response.
 */
static bool may_ask_again(const struct ad_exchange *exchange, const struct ad_problem *problem)
{
    const struct ad_traits *traits = &exchange->step->traits;

    return traits->idempotent && (problem->no_json || traits->conflict != AD_CONFLICT_KEY);
}

static void act_polled(const struct ad_exchange *exchange)
{
    animaldetect_job *job = exchange->job;

    ad_straggler_observe(exchange->engine, job);
    if (job->remote.progress.resubmit)
        ad_exchange_log(exchange, ANIMALDETECT_LOG_WARNING,
                        "submitting again: ", "a minute after a successful submit the job still awaits its upload");
}

static void act_advance(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    struct ad_problem problem = {.text = ""};
    struct ad_answer answer = {exchange->transfer.http_status, ad_buf_string(&exchange->transfer.answer),
                               exchange->transfer.answer.size, &exchange->hints};
    int32_t status = exchange->step->apply(engine, job, &answer, &problem);

    if (status == ANIMALDETECT_E_PROTOCOL && is_result_check(exchange)) {
        act_no_result(exchange, status, false);
        return;
    }
    if (status == ANIMALDETECT_E_PROTOCOL && may_ask_again(exchange, &problem)) {
        if (ad_retry_may(exchange, status, &problem, 0))
            ad_retry_later(exchange);
        return;
    }
    if (status != ANIMALDETECT_OK) {
        ad_retry_end(exchange, status, &problem);
        return;
    }
    ad_redirect_arrived(exchange);
    if (!exchange->step->traits.storage && !ad_exchange_is_foreign(exchange))
        ad_sight_responded(&engine->sight, engine->now_ms);
    lateness(exchange)->answers = 0;
    ad_retry_bucket_success(&engine->bucket, job->call.failures[exchange->step_number] == 0);
    job->call.failures[exchange->step_number] = 0;
    free(job->call.pending);
    job->call.pending = NULL;
    job->call.found_none = false;
    ad_uploads_answered(exchange);
    if (exchange->step_number == ANIMALDETECT_STEP_POLL)
        act_polled(exchange);
    ad_call_schedule(engine, job);
}

/* A redirect that is followed is not a failed attempt. */
static void act_redirect(struct ad_exchange *exchange)
{
    struct ad_problem problem = {.text = ""};
    int32_t status = ad_redirect_follow(exchange, &problem);

    if (status == ANIMALDETECT_OK)
        ad_call_again(exchange->engine, exchange->job);
    else
        ad_retry_end(exchange, status, &problem);
}

static void act_on_answer(struct ad_exchange *exchange, struct ad_verdict verdict)
{
    switch (verdict.action) {
    case AD_ADVANCE:
        act_advance(exchange);
        break;
    case AD_THROTTLED:
        act_throttled(exchange, verdict.status);
        break;
    case AD_OFFLINE:
        ad_offline_act(exchange, verdict.status);
        break;
    case AD_REFUSED:
        ad_account_refused(exchange, verdict.status);
        break;
    case AD_REFRESH:
        act_refresh(exchange, verdict.status);
        break;
    case AD_RECONCILE:
        act_reconcile(exchange, verdict.status);
        break;
    case AD_REDIRECT:
        act_redirect(exchange);
        break;
    case AD_RETRY:
        if (ad_retry_may(exchange, verdict.status, NULL, 0))
            ad_retry_later(exchange);
        break;
    case AD_LATER:
        act_later(exchange, verdict);
        break;
    case AD_FAIL:
        ad_retry_end(exchange, verdict.status, NULL);
        break;
    }
}

void ad_act(struct ad_exchange *exchange, struct ad_verdict verdict)
{
    bool final = verdict.action == AD_RETRY || verdict.action == AD_LATER || verdict.action == AD_FAIL;

    if (ad_offline_is_lost(exchange))
        ad_offline_act(exchange, verdict.status);
    else if (asks_for_hold(exchange))
        act_busy(exchange, verdict.status);
    else if (is_result_check(exchange) && final && verdict.status != ANIMALDETECT_E_NO_MEMORY)
        act_no_result(exchange, verdict.status, verdict.action != AD_RETRY);
    else
        act_on_answer(exchange, verdict);
}
