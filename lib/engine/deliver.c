/* SPDX-License-Identifier: MIT */
/*
 * Handles completed exchanges: counts each, reports it to the pacer, gets the verdict from `protocol`, and acts on it.
 */
#include "engine/deliver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "engine/act.h"
#include "engine/call.h"
#include "engine/exchange.h"
#include "engine/offline.h"
#include "engine/quota.h"
#include "engine/retry.h"
#include "engine/unread.h"
#include "protocol/expiry.h"

static void log_response(const struct ad_exchange *exchange)
{
    const char *id = exchange->job->remote.id;
    char line[256];

    if (!ad_log_takes(exchange->engine->log, ANIMALDETECT_LOG_DEBUG))
        return;
    (void)snprintf(line, sizeof line, "%s: %" PRId32 " in %" PRId64 " ms [job %s]", exchange->step->name,
                   exchange->transfer.http_status, exchange->engine->now_ms - exchange->sent_ms, id == NULL ? "-" : id);
    ad_exchange_log(exchange, ANIMALDETECT_LOG_DEBUG, "", line);
}

/* Publishes the fields of the last response that the host can read, whatever the verdict. */
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
    struct ad_statistics *statistics = &engine->statistics;
    int64_t held_ms;

    statistics->counters[ANIMALDETECT_STAT_BYTES_SENT] += (int64_t)transfer->sent;
    if (exchange->step->traits.storage && (transfer->net != AD_NET_OK || transfer->http_status / 100 != 2))
        statistics->counters[ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN] += (int64_t)transfer->sent;
    statistics->counters[ANIMALDETECT_STAT_BYTES_RECEIVED] += (int64_t)transfer->answer.size;
    if (transfer->net != AD_NET_OK)
        return;
    ad_latency_add(&statistics->latencies[exchange->step_number], engine->now_ms - exchange->sent_ms);
    if (!exchange->step->traits.storage && !ad_exchange_is_foreign(exchange))
        engine->parts.shared = transfer->multiplexed;
    if (!exchange->step->paced || ad_exchange_is_foreign(exchange))
        return;
    held_ms = ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms);
    ad_quota_hint(exchange);
    if (ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms) > held_ms) {
        engine->hold.service.asked_ms = engine->now_ms;
        engine->hold.service.busy = false;
    }
}

/* Warns about a wrong clock.  Nothing depends on it: setting the clock is up to people. */
static void compare_clocks(const struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    int64_t wall_s = engine->transport->ops->wall_s(engine->transport);

    if (exchange->hints.date_s >= 0 && wall_s > 0)
        engine->clock_offset_ms = (exchange->hints.date_s - wall_s) * 1000;
}

/* A response of the service itself ends the network hold. */
static void deliver_responded(const struct ad_exchange *exchange, enum ad_action action)
{
    struct ad_engine *engine = exchange->engine;
    int32_t http_status = exchange->transfer.http_status;

    if (exchange->transfer.net != AD_NET_OK || action == AD_OFFLINE)
        return;
    ad_offline_responded(exchange);
    if (exchange->step->traits.storage || ad_exchange_is_foreign(exchange))
        return;
    compare_clocks(exchange);
    if (http_status < 500 && action != AD_THROTTLED && ad_exchange_asks_about_wait(exchange)) {
        ad_pacer_lift(&engine->pacer, engine->now_ms);
        engine->hold.service.logged_ms = engine->now_ms;
    }
    if (http_status < 300 && exchange->key_number == engine->hold.account.key)
        ad_hold_accepted(&engine->hold.account, exchange->step_number == ANIMALDETECT_STEP_CREATE);
}

/* Whether the upload URL had expired, by the storage's clock or by ours. */
static bool is_past_its_time(const struct ad_exchange *exchange)
{
    struct ad_transport *transport = exchange->engine->transport;
    const struct ad_target *target = exchange->job->remote.target;
    int64_t end_s = target == NULL ? -1 : ad_expiry_read(target->expires_at);
    int64_t now_s = exchange->hints.date_s >= 0 ? exchange->hints.date_s : transport->ops->wall_s(transport);

    return exchange->step->traits.storage && end_s >= 0 && now_s >= end_s;
}

/*
 * Whether an earlier attempt, by this call or another process, may have stored the image already.  Or this one: a
 * transport sends a request again when a kept connection breaks.
 */
static bool may_be_stored(const struct ad_exchange *exchange)
{
    const animaldetect_job *job = exchange->job;

    return job->remote.uploads > 1 || job->input.restored || job->remote.found || exchange->reading.twice;
}

/* The transport's message may contain text from the network or from the host's code. */
static void mask_transport_message(struct ad_exchange *exchange)
{
    struct ad_transfer *transfer = &exchange->transfer;
    char message[sizeof transfer->error_text];

    if (transfer->error_text[0] == '\0')
        return;
    memcpy(message, transfer->error_text, sizeof message);
    (void)ad_mask_text(exchange->engine->mask, transfer->error_text, sizeof transfer->error_text, message,
                       strlen(message));
}

/* Whether the whole body was sent and verified.  A success of an upload without that is not a success. */
static bool is_whole(const struct ad_exchange *exchange)
{
    return exchange->transfer.sent >= exchange->transfer.body.size && ad_reading_is_whole(&exchange->reading);
}

#define YEAR_2020_S INT64_C(1577836800)

/*
 * A machine without a battery for its clock boots in 1970, before any certificate is valid.  Every request fails until
 * the clock is set, and the TLS error message alone would be misleading.
 */
static void name_wrong_clock(struct ad_exchange *exchange)
{
    struct ad_transport *transport = exchange->engine->transport;
    char *text = exchange->transfer.error_text;
    int64_t wall_s = transport->ops->wall_s(transport);
    char message[sizeof exchange->transfer.error_text];
    char day[AD_DATE_TEXT_SIZE];

    if (wall_s <= 0 || wall_s >= YEAR_2020_S) /* 0: unknown */
        return;
    memcpy(message, text, sizeof message);
    ad_date_write_day(wall_s, day);
    (void)snprintf(text, sizeof message, "the clock of this machine is wrong (%s): %.*s", day, (int)sizeof message - 64,
                   *message == '\0' ? "certificates are not yet valid" : message);
}

/* Whether the request has arrived, as far as can be known. */
static enum ad_permit_end end_of(enum ad_net net)
{
    switch (net) {
    case AD_NET_OK:
    case AD_NET_TOO_LARGE:
    case AD_NET_CODED:
        return AD_PERMIT_ANSWERED;
    case AD_NET_CONNECT:
    case AD_NET_CONNECT_TIMEOUT:
    case AD_NET_TLS:
    case AD_NET_INTERNAL:
    case AD_NET_DESCRIPTORS:
        return AD_PERMIT_UNSENT;
    case AD_NET_BROKEN:
    case AD_NET_TIMEOUT:
    case AD_NET_BODY:
    case AD_NET_NO_MEMORY:
        break;
    }
    return AD_PERMIT_LOST;
}

static void deliver_one(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    struct ad_transfer *transfer = &exchange->transfer;
    const struct ad_input *input = &exchange->job->input;
    struct ad_reply reply = {
        .net = transfer->net, .http_status = transfer->http_status, .foreign = ad_exchange_is_foreign(exchange)};

    engine->now_ms = ad_engine_clock_ms(engine);
    mask_transport_message(exchange);
    if (transfer->net == AD_NET_TLS)
        name_wrong_clock(exchange);
    if (exchange->step->traits.storage && reply.net == AD_NET_OK && reply.http_status / 100 == 2 && !is_whole(exchange))
        reply.net = transfer->net = AD_NET_BROKEN;
    if (reply.net == AD_NET_OK && reply.http_status >= 400) {
        ad_service_error_read(&exchange->error, ad_buf_string(&transfer->answer), transfer->answer.size, engine->mask);
        reply.error = &exchange->error;
        reply.expired = is_past_its_time(exchange);
        reply.stored = may_be_stored(exchange);
        reply.own_key = input->key != NULL && !input->random_key && !input->kept_key;
    }
    ad_quota_end(exchange, end_of(transfer->net));
    deliver_count(exchange);
    deliver_publish(exchange);
    log_response(exchange);
    /* Off the wire first: the rest may queue the job for its next exchange. */
    ad_exchange_leave_wire(exchange);
    /* Requests that wait for the slot need another iteration: this may be the last act of the current one. */
    if (ad_engine_waiting(engine) > 0)
        engine->more = true;
    engine->current = exchange;
    if (transfer->net == AD_NET_BODY) {
        ad_unread(engine, exchange->job, transfer->body_status, &exchange->reading.fault);
    } else {
        struct ad_verdict verdict = ad_verdict_of(&exchange->step->traits, &reply);

        deliver_responded(exchange, verdict.action);
        ad_act(exchange, verdict);
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
