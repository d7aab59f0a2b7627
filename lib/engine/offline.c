/* SPDX-License-Identifier: MIT */
/*
 * How calls wait for the network, see the network part of hold.h.
 */
#include "engine/offline.h"

#include <stdio.h>

#include "engine/call.h"
#include "engine/retry.h"

#define GIVEN_UP_AT_ONCE 64

/* Logs a message about the client as a whole. */
static void tell(const struct ad_engine *engine, int32_t level, const char *what)
{
    struct animaldetect_log_record record = {.level = level, .step = ANIMALDETECT_STEP_NONE, .duration_ms = -1};

    ad_log_write(engine->log, &record, "%s: %s (%s)", what, animaldetect_status_text(engine->hold.network.status),
                 engine->hold.network.message);
}

/* The message of the last failure, without step and attempts. */
static const char *message_of(const struct ad_exchange *exchange)
{
    const struct ad_failure *met = exchange->job->call.pending;

    if (*exchange->transfer.error_text != '\0')
        return exchange->transfer.error_text;
    return met == NULL ? "" : met->reason;
}

/*
 * Counts it as an ordinary failed attempt: if the host has no offline patience, for a storage while nothing is held,
 * and for a host that is down while others of the service respond.
 */
static void count_as_try(struct ad_exchange *exchange, int32_t status, bool storage)
{
    if (status == ANIMALDETECT_E_TLS && !storage && exchange->engine->config->offline_patience_ms == 0)
        ad_retry_end(exchange, status, NULL);
    else if (ad_retry_may(exchange, status, NULL, 0))
        ad_retry_later(exchange);
}

/*
 * Whether this call has failed twice while others succeed.  Not if it was held in between: then it was another outage.
 * That excuses it for as long as the patience, since its own host being down looks the same.
 */
static bool is_alone(const struct ad_engine *engine, const animaldetect_job *job)
{
    const struct ad_network_hold *network = &engine->hold.network;
    int64_t patience_ms = engine->config->offline_patience_ms;

    if (!job->call.found_none || job->call.responses == network->responses)
        return false;
    return job->call.responses >= network->back ||
           (patience_ms >= 0 && engine->now_ms - job->call.none_ms >= patience_ms);
}

bool ad_offline_is_lost(const struct ad_exchange *exchange)
{
    enum ad_net net = exchange->transfer.net;

    return exchange->probe && exchange->engine->hold.network.on && (net == AD_NET_BROKEN || net == AD_NET_TIMEOUT);
}

void ad_offline_act(struct ad_exchange *exchange, int32_t status)
{
    struct ad_engine *engine = exchange->engine;
    struct ad_network_hold *network = &engine->hold.network;
    animaldetect_job *job = exchange->job;
    bool storage = exchange->step->traits.storage || ad_exchange_is_foreign(exchange);
    bool was_on = network->on;
    bool alone = is_alone(engine, job);
    struct ad_network_failure failure = {.status = status, .sent_ms = exchange->sent_ms, .probe = exchange->probe};
    bool used_up;

    /* A portal answered a submit, or the connection broke: the request may have gone through. */
    if (!exchange->step->traits.idempotent && (exchange->transfer.net == AD_NET_OK || ad_offline_is_lost(exchange)))
        job->remote.ask_first = true;
    if (engine->config->offline_patience_ms == 0) {
        count_as_try(exchange, status, storage);
        return;
    }
    if (!job->call.found_none)
        job->call.none_ms = engine->now_ms;
    job->call.found_none = true;
    job->call.responses = network->responses;
    ad_retry_remember(exchange, status, NULL);
    failure.message = message_of(exchange);
    used_up = ad_hold_network_failed(network, engine->config, &failure, engine->now_ms, &engine->rng);
    if (!was_on && network->on) {
        tell(engine, ANIMALDETECT_LOG_WARNING, "no network: all calls wait, one request at a time probes");
        ad_uploads_forget(engine);
    }
    if (used_up) {
        tell(engine, ANIMALDETECT_LOG_ERROR, "no network within the offline patience: the waiting calls fail");
        ad_hold_network_end(network);
        engine->hold.giving_up = (uint64_t)ad_engine_waiting(engine) + (uint64_t)ad_hashing_count_new(&engine->hashing);
        engine->more = true;
        ad_retry_end(exchange, status, NULL);
    } else if ((storage && !was_on) || (alone && !network->on)) {
        count_as_try(exchange, status, storage);
    } else if (network->on) {
        /* A poll is enough to probe the network: an image would cost its bytes. */
        if (exchange->step->traits.storage && ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms) == 0)
            job->remote.ask_first = true;
        ad_call_schedule(engine, job);
    } else {
        ad_exchange_log(exchange, ANIMALDETECT_LOG_WARNING, "retrying: ",
                        job->call.pending == NULL ? animaldetect_status_text(status) : job->call.pending->line);
        ad_retry_sleep(exchange, network->row - 1);
    }
}

void ad_offline_responded(const struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;

    if ((exchange->step->traits.storage || ad_exchange_is_foreign(exchange)) && !exchange->probe)
        return;
    if (ad_hold_network_responded(&engine->hold.network, engine->now_ms))
        tell(engine, ANIMALDETECT_LOG_INFO, "the network is back, calls continue; the last error was");
}

static animaldetect_job *first_waiting(const struct ad_engine *engine)
{
    animaldetect_job *job = NULL;

    for (int which = 0; which < AD_CLASSES && job == NULL; which++)
        job = ad_queue_first(&engine->waiting[which]);
    for (int line = AD_HASH_FREE; line < AD_HASH_LINES && job == NULL; line++)
        job = ad_queue_first(&engine->hashing.lines[line]);
    return job;
}

bool ad_offline_give_up(struct ad_engine *engine)
{
    const struct ad_network_hold *network = &engine->hold.network;
    char reason[sizeof network->message + 160];
    animaldetect_job *job;

    (void)snprintf(reason, sizeof reason, "%s (%s); no request succeeded within the offline patience",
                   animaldetect_status_text(network->status), network->message);
    for (int i = 0; i < GIVEN_UP_AT_ONCE && engine->hold.giving_up > 0; i++) {
        job = first_waiting(engine);
        if (job == NULL) {
            engine->hold.giving_up = 0;
            break;
        }
        engine->hold.giving_up--;
        ad_call_refuse(engine, job, network->status, reason);
    }
    return engine->hold.giving_up > 0;
}
