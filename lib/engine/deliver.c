/* SPDX-License-Identifier: MIT */
/*
 * An exchange that has completed: count it, report it to the pacer, ask `protocol` for the verdict, and act on that.
 */
#include "engine/deliver.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "engine/apply.h"
#include "engine/call.h"
#include "engine/exchange.h"
#include "engine/explain.h"
#include "protocol/verdict.h"

#define BACKOFF_BASE_MS 500
#define BACKOFF_CAP_MS 30000

/* When a 429 ends: by Retry-After, else at the reset of the window when nothing remains in it; -1 unknown. */
static int64_t end_of_429(const struct ad_exchange *exchange)
{
    const struct ad_hints *hints = &exchange->hints;
    int64_t hint = ad_exchange_hint_ms(exchange);

    if (hint >= 0 || hints->remaining > 0 || hints->reset_ms <= 0 || hints->reset_ms > AD_PACER_RESET_MAX_MS)
        return hint;
    return hints->reset_ms;
}

static void deliver_fail(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem)
{
    struct ad_explanation explanation;

    if (!exchange->step->traits.idempotent)
        exchange->job->remote.ask_first = true; /* the next call must not submit again blindly */
    ad_exchange_explain(exchange, status, problem, &explanation);
    ad_call_fail(exchange->engine, exchange->job, &explanation.facts);
}

/*
 * Counts a failure that may be tried again, and remembers it in case the deadline comes.  False: it was the last try,
 * and the call has completed.  `more` tries are granted beyond what the host allows.
 */
static bool record_failure_or_end(struct ad_exchange *exchange, int32_t status, int32_t more)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    struct ad_explanation explanation;

    if (job->call.failures[exchange->step_number] < UINT16_MAX)
        job->call.failures[exchange->step_number]++;
    if (job->call.failures[exchange->step_number] >= engine->config->retry_limit + more) {
        deliver_fail(exchange, status, NULL);
        return false;
    }
    ad_exchange_explain(exchange, status, NULL, &explanation);
    free(job->call.pending);
    job->call.pending = ad_failure_new(&explanation.facts);
    ad_engine_log(engine, ANIMALDETECT_LOG_WARNING, "will try again: %s",
                  job->call.pending == NULL ? animaldetect_status_text(status) : job->call.pending->line);
    return true;
}

/*
 * When the retry bucket is empty the call is not failed: a library that must not lose an image has no business giving
 * it up because of other images.  Its next try waits for the whole cap instead, which bounds the load on a service that
 * is down just as well.
 */
static void deliver_retry_later(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    int64_t hint = ad_exchange_hint_ms(exchange);
    int attempt = ad_retry_bucket_take(&engine->bucket) ? job->call.failures[exchange->step_number] - 1 : -1;
    int64_t wait = attempt >= 0
                       ? ad_backoff_ms(attempt, BACKOFF_BASE_MS, BACKOFF_CAP_MS, hint, &engine->rng)
                       : BACKOFF_CAP_MS + ad_backoff_ms(0, BACKOFF_CAP_MS / 2, BACKOFF_CAP_MS, hint, &engine->rng);

    if (job->call.deadline_at_ms != AD_TIME_NEVER && hint >= 0 && hint >= job->call.deadline_at_ms - engine->now_ms)
        ad_call_fail_deadline(engine, job, hint);
    else
        ad_call_sleep(engine, job, engine->now_ms + wait);
}

static void deliver_throttled(struct ad_exchange *exchange, int32_t status)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    int64_t hint = end_of_429(exchange);
    int64_t until;

    engine->statistics.counters[ANIMALDETECT_STAT_RATE_LIMITED]++;
    ad_pacer_throttled(&engine->pacer, exchange->sent_ms, engine->now_ms, hint);
    if (!record_failure_or_end(exchange, status, 0))
        return;
    until = ad_pacer_frozen_until_ms(&engine->pacer, engine->now_ms);
    if (job->call.deadline_at_ms != AD_TIME_NEVER && until >= job->call.deadline_at_ms)
        ad_call_fail_deadline(engine, job, hint >= 0 ? hint : until - engine->now_ms);
    else
        ad_call_again(engine, job);
}

static void deliver_reconcile(struct ad_exchange *exchange, int32_t status)
{
    animaldetect_job *job = exchange->job;
    bool refused = exchange->transfer.net == AD_NET_OK && exchange->transfer.http_status < 500 &&
                   exchange->transfer.http_status != 408;

    job->remote.ask_first = true;
    /* To ask after a refusal is no second try of the submit: somebody else may have made it. */
    if (!record_failure_or_end(exchange, status, refused ? 1 : 0))
        return;
    /*
     * If the service then still says awaiting_upload it does not have the image: it is uploaded again through a fresh
     * create, under the same key.
     */
    if (refused) {
        job->remote.stage = ANIMALDETECT_STAGE_CREATED;
        ad_job_drop_target(job);
    }
    deliver_retry_later(exchange);
}

static void deliver_refresh(struct ad_exchange *exchange, int32_t status)
{
    animaldetect_job *job = exchange->job;

    if (!record_failure_or_end(exchange, status, 0))
        return;
    if (job->input.operation == NULL || job->input.source.kind == AD_SOURCE_NONE) {
        deliver_fail(exchange, status, NULL);
        return;
    }
    job->remote.need_target = true;
    /* The first time at once.  A service that names an expired URL again must not be asked in a tight circle. */
    if (job->call.failures[exchange->step_number] > 1)
        deliver_retry_later(exchange);
    else
        ad_call_schedule(exchange->engine, job);
}

static void deliver_advance(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    animaldetect_job *job = exchange->job;
    struct ad_problem problem = {.text = ""};
    struct ad_answer answer = {exchange->transfer.http_status, ad_buf_string(&exchange->transfer.answer),
                               exchange->transfer.answer.size, &exchange->hints};
    int32_t status = exchange->step->apply(engine, job, &answer, &problem);

    if (status != ANIMALDETECT_OK) {
        deliver_fail(exchange, status, &problem);
        return;
    }
    ad_retry_bucket_success(&engine->bucket, job->call.failures[exchange->step_number] == 0);
    job->call.failures[exchange->step_number] = 0;
    free(job->call.pending);
    job->call.pending = NULL;
    ad_call_schedule(engine, job);
}

static void deliver_act(struct ad_exchange *exchange, struct ad_verdict verdict)
{
    switch (verdict.action) {
    case AD_ADVANCE:
        deliver_advance(exchange);
        break;
    case AD_THROTTLED:
        deliver_throttled(exchange, verdict.status);
        break;
    case AD_REFRESH:
        deliver_refresh(exchange, verdict.status);
        break;
    case AD_RECONCILE:
        deliver_reconcile(exchange, verdict.status);
        break;
    case AD_RETRY:
        if (record_failure_or_end(exchange, verdict.status, 0))
            deliver_retry_later(exchange);
        break;
    case AD_FAIL:
        deliver_fail(exchange, verdict.status, NULL);
        break;
    }
}

/* What the host reads of the last answer, whatever the verdict. */
static void deliver_publish(struct ad_exchange *exchange)
{
    animaldetect_job *job = exchange->job;

    job->remote.http_status = exchange->transfer.http_status;
    if (exchange->step->traits.storage)
        job->remote.upload_sent = exchange->transfer.sent;
}

static void deliver_count(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    struct ad_transfer *transfer = &exchange->transfer;
    struct ad_hints *hints = &exchange->hints;
    struct ad_statistics *statistics = &engine->statistics;

    statistics->counters[ANIMALDETECT_STAT_BYTES_SENT] += (int64_t)transfer->sent;
    statistics->counters[ANIMALDETECT_STAT_BYTES_RECEIVED] += (int64_t)transfer->answer.size;
    if (transfer->net != AD_NET_OK)
        return;
    ad_latency_add(&statistics->latencies[exchange->step_number], engine->now_ms - exchange->sent_ms);
    if (exchange->step->paced)
        ad_pacer_hint(&engine->pacer, hints->limit, hints->window_ms, hints->remaining, hints->reset_ms,
                      engine->now_ms);
}

/* The transport's words may repeat what it read from the network, or from the host that it belongs to. */
static void mask_transport_words(struct ad_exchange *exchange)
{
    struct ad_transfer *transfer = &exchange->transfer;
    char words[sizeof transfer->error_text];

    if (transfer->error_text[0] == '\0')
        return;
    memcpy(words, transfer->error_text, sizeof words);
    (void)ad_mask_text(exchange->engine->mask, transfer->error_text, sizeof transfer->error_text, words, strlen(words));
}

static void deliver_one(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    struct ad_transfer *transfer = &exchange->transfer;
    struct ad_reply reply = {transfer->net, transfer->http_status, NULL};

    engine->now_ms = ad_engine_clock_ms(engine);
    mask_transport_words(exchange);
    /* A good answer to an upload that did not take the whole image is no good answer. */
    if (exchange->step->traits.storage && reply.net == AD_NET_OK && reply.http_status / 100 == 2 &&
        transfer->sent < transfer->body.size)
        reply.net = transfer->net = AD_NET_BROKEN;
    if (reply.net == AD_NET_OK && reply.http_status >= 400) {
        ad_service_error_read(&exchange->error, ad_buf_string(&transfer->answer), transfer->answer.size, engine->mask);
        reply.error = &exchange->error;
    }
    deliver_count(exchange);
    deliver_publish(exchange);
    if (ad_engine_logs(engine, ANIMALDETECT_LOG_DEBUG))
        ad_engine_log(engine, ANIMALDETECT_LOG_DEBUG, "%s: %" PRId32 " in %" PRId64 " ms [job %s]",
                      exchange->step->name, transfer->http_status, engine->now_ms - exchange->sent_ms,
                      exchange->job->remote.id == NULL ? "-" : exchange->job->remote.id);
    /* Off the wire before anything else: what follows may queue the job for its next exchange. */
    ad_exchange_leave_wire(exchange);
    /* Whoever waits for the slot must not have to wait for something else: this may be the last act of an iteration. */
    if (ad_engine_waiting(engine) > 0)
        engine->more = true;
    engine->current = exchange;
    if (transfer->net == AD_NET_BODY) {
        engine->os_error = exchange->reading.error;
        ad_call_fail_source(engine, exchange->job, transfer->body_status, exchange->reading.reason);
    } else {
        deliver_act(exchange, ad_verdict_of(&exchange->step->traits, &reply));
    }
    engine->current = NULL;
    ad_exchange_release(exchange);
}

bool ad_deliver(struct ad_engine *engine, int32_t budget)
{
    struct ad_transport *transport = engine->transport;
    bool more = transport->ops->drive(transport);
    int64_t end_ms = ad_engine_clock_ms(engine) + AD_SLICE_MS;
    struct ad_transfer *transfer;

    while ((transfer = transport->ops->take(transport)) != NULL) {
        deliver_one(AD_OWNER(transfer, struct ad_exchange, transfer));
        if (--budget == 0 || engine->now_ms >= end_ms)
            return true;
    }
    return more;
}
