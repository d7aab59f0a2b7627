/* SPDX-License-Identifier: MIT */
/*
 * The entry points of the engine: start, cancel, forget, take.  Iterations do the rest.
 */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include <animaldetect/control.h>

#include "engine/call.h"
#include "engine/exchange.h"
#include "engine/prepare.h"
#include "engine/quota.h"

void ad_engine_init(struct ad_engine *engine, const struct ad_config *config, struct ad_secret *key,
                    const struct ad_mask *mask, struct ad_log *log, struct ad_transport *transport, uint64_t seed)
{
    memset(engine, 0, sizeof *engine);
    engine->config = config;
    engine->key = key;
    engine->mask = mask;
    engine->log = log;
    engine->transport = transport;
    engine->now_ms = ad_engine_clock_ms(engine);
    ad_rng_seed(&engine->rng, seed);
    ad_quota_init(engine);
    ad_planner_init(&engine->planner, (enum ad_planner_mode)config->poll_mode);
    ad_engine_set_polling(engine);
    ad_parts_init(&engine->parts, engine->now_ms);
    ad_retry_bucket_init(&engine->bucket);
    ad_hold_init(&engine->hold);
    ad_heap_init(&engine->timers);
    ad_list_init(&engine->flight);
    ad_hashing_init(&engine->hashing);
    ad_list_init(&engine->done);
    ad_list_init(&engine->stragglers);
    ad_uploads_init(&engine->uploads);
    engine->ended_ms = engine->now_ms;
    ad_sight_init(&engine->sight, engine->now_ms);
    ad_list_init(&engine->spare);
    for (int i = 0; i < AD_CLASSES; i++)
        ad_queue_init(&engine->waiting[i]);
}

void ad_engine_set_quota(struct ad_engine *engine)
{
    const struct ad_config *config = engine->config;

    ad_pacer_set_limit(&engine->pacer, config->rate_per_minute, config->rate_burst, ad_engine_clock_ms(engine));
    ad_engine_signal(engine); /* waiting requests may go earlier now */
}

void ad_engine_set_polling(struct ad_engine *engine)
{
    const struct ad_config *config = engine->config;

    ad_planner_set_mode(&engine->planner, (enum ad_planner_mode)config->poll_mode);
    if (config->poll_bounded)
        ad_planner_set_bounds(&engine->planner, config->poll_min_ms, config->poll_max_ms);
}

void ad_engine_set_waits(struct ad_engine *engine)
{
    ad_hold_network_patience(&engine->hold.network, engine->config);
    ad_engine_signal(engine); /* waiting calls may have run out of patience */
}

struct ad_transport_settings ad_engine_settings(const struct ad_config *config)
{
    return (struct ad_transport_settings){config->proxy, config->ca_file, config->ca_pem, config->ca_pem_size,
                                          config->max_requests};
}

int32_t ad_engine_configure(struct ad_engine *engine, const struct ad_config *config)
{
    struct ad_transport *transport = engine->transport;
    struct ad_transport_settings settings = ad_engine_settings(config);
    int32_t status = ANIMALDETECT_OK;

    if (transport->ops->configure != NULL)
        status = transport->ops->configure(transport, &settings);
    if (status == ANIMALDETECT_OK)
        ad_engine_signal(engine); /* there may be slots for waiting requests */
    return status;
}

void ad_engine_close(struct ad_engine *engine, bool forked)
{
    struct ad_list_node *node;

    while ((node = ad_list_first(&engine->flight)) != NULL) {
        animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.flight);

        if (forked)
            ad_engine_forget_forked(engine, job);
        else
            ad_engine_forget(engine, job);
    }
    ad_exchange_free_spares(engine);
    ad_heap_free(&engine->timers);
    free(engine->moved_base);
    ad_hashing_free(&engine->hashing);
    for (int i = 0; i < AD_CLASSES; i++)
        ad_queue_free(&engine->waiting[i]);
    engine->transport->ops->close(engine->transport, forked);
    engine->transport = NULL;
}

/* Converts the options from the setters' JSON tree to text once: a waiting job must stay small. */
static int32_t settle_options(animaldetect_job *job)
{
    char *text;
    int32_t status;

    if (job->input.options == NULL)
        return ANIMALDETECT_OK;
    if (json_object_size(job->input.options) > 0) {
        text = ad_options_serialize(job->input.options);
        if (text == NULL)
            return ANIMALDETECT_E_NO_MEMORY;
        status = ad_job_set_text(job, &job->input.options_text, text);
        free(text);
        if (status != ANIMALDETECT_OK)
            return status;
    }
    json_decref(job->input.options);
    job->input.options = NULL;
    return ANIMALDETECT_OK;
}

/* A job of nonzero priority may be in any of the heaps, so space for it is reserved in all. */
static int32_t reserve_queues(struct ad_engine *engine, size_t count)
{
    int32_t status = ad_hashing_reserve(&engine->hashing, count);

    for (int i = 0; i < AD_CLASSES && status == ANIMALDETECT_OK; i++)
        status = ad_queue_reserve(&engine->waiting[i], count);
    return status;
}

int32_t ad_engine_set_priority(struct ad_engine *engine, animaldetect_job *job, int32_t priority)
{
    enum ad_activity activity = (enum ad_activity)job->call.activity;
    int32_t status = priority == 0 ? ANIMALDETECT_OK : reserve_queues(engine, engine->flight.count);

    if (status != ANIMALDETECT_OK)
        return status;
    if (activity == AD_ACTIVITY_HASHING)
        ad_hashing_leave(&engine->hashing, job);
    else if (activity == AD_ACTIVITY_WAITING)
        ad_queue_remove(&engine->waiting[job->call.queue_class], job);
    job->input.priority = priority;
    if (activity == AD_ACTIVITY_HASHING)
        ad_hashing_add(&engine->hashing, job);
    else if (activity == AD_ACTIVITY_WAITING)
        ad_queue_add(&engine->waiting[job->call.queue_class], job, false);
    return ANIMALDETECT_OK;
}

int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal, bool blocks)
{
    const struct ad_account_hold *account = &engine->hold.account;
    int32_t status = settle_options(job);
    bool past_hold;

    if (status == ANIMALDETECT_OK)
        status = ad_heap_reserve(&engine->timers, engine->flight.count + 1);
    if (status == ANIMALDETECT_OK && job->input.priority != 0)
        status = reserve_queues(engine, engine->flight.count + 1);
    if (status != ANIMALDETECT_OK)
        return status;
    ad_prepare_reset(job);
    past_hold = account->status != ANIMALDETECT_OK && (blocks || job->call.status == account->status);
    ad_call_begin(engine, job, goal);
    job->call.past_hold = past_hold;
    job->call.blocks = blocks;
    ad_call_schedule(engine, job);
    ad_engine_signal(engine);
    return ANIMALDETECT_OK;
}

void ad_engine_cancel(struct ad_engine *engine, animaldetect_job *job)
{
    if (job->call.activity == AD_ACTIVITY_IDLE || job->call.activity == AD_ACTIVITY_DONE)
        return;
    engine->now_ms = ad_engine_clock_ms(engine);
    if (job->call.exchange != NULL)
        ad_exchange_abort(job->call.exchange);
    ad_call_refuse(engine, job, ANIMALDETECT_E_CANCELED, NULL);
    ad_engine_signal(engine);
}

void ad_engine_cancel_all(struct ad_engine *engine)
{
    for (struct ad_list_node *node = engine->flight.root.next; node != &engine->flight.root; node = node->next)
        ad_engine_cancel(engine, AD_OWNER(node, animaldetect_job, call.flight));
}

void ad_engine_key_changed(struct ad_engine *engine)
{
    engine->hold.account.key++;
    ad_hold_resume(&engine->hold.account);
    ad_engine_signal(engine);
}

void ad_engine_resume(struct ad_engine *engine)
{
    ad_hold_resume(&engine->hold.account);
    ad_hold_network_probe_now(&engine->hold.network, ad_engine_clock_ms(engine));
    ad_engine_signal(engine);
}

/* Converts to this machine's wall clock. */
static int64_t wall_ms(const struct ad_engine *engine, int64_t at_ms)
{
    struct ad_transport *transport = engine->transport;
    int64_t left_ms = at_ms - ad_engine_clock_ms(engine);

    return transport->ops->wall_s(transport) * 1000 + (left_ms > 0 ? left_ms : 0);
}

struct ad_hold_report ad_engine_hold(const struct ad_engine *engine)
{
    const struct ad_hold *hold = &engine->hold;
    int64_t until_ms = ad_pacer_hold_until_ms(&engine->pacer, ad_engine_clock_ms(engine));
    int64_t probe_ms = hold->service.asked_ms + engine->config->max_retry_after_ms;

    if (hold->network.on)
        return (struct ad_hold_report){ANIMALDETECT_HOLD_NETWORK, wall_ms(engine, hold->network.probe_ms)};
    if (until_ms != 0)
        return (struct ad_hold_report){hold->service.busy ? ANIMALDETECT_HOLD_SERVICE : ANIMALDETECT_HOLD_RATE_LIMIT,
                                       wall_ms(engine, until_ms < probe_ms ? until_ms : probe_ms)};
    if (hold->account.status != ANIMALDETECT_OK)
        return (struct ad_hold_report){ANIMALDETECT_HOLD_ACCOUNT, -1};
    return (struct ad_hold_report){ANIMALDETECT_HOLD_NONE, 0};
}

int64_t ad_engine_held_ms(const struct ad_engine *engine)
{
    int64_t now_ms = ad_engine_clock_ms(engine);
    int64_t until_ms = ad_pacer_hold_until_ms(&engine->pacer, now_ms);

    return until_ms > now_ms ? until_ms - now_ms : 0;
}

void ad_engine_hold_requests(struct ad_engine *engine, int64_t wait_ms)
{
    struct ad_service_hold *service = &engine->hold.service;

    engine->now_ms = ad_engine_clock_ms(engine);
    if (wait_ms <= ad_engine_held_ms(engine))
        return;
    ad_pacer_hold(&engine->pacer, engine->now_ms, wait_ms);
    service->asked_ms = engine->now_ms;
    service->busy = false;
    service->logged_ms = ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms);
    ad_engine_signal(engine);
}

int32_t ad_engine_check_blocking(const struct ad_engine *engine, const animaldetect_job *job)
{
    bool create = job->remote.id == NULL;

    if (job->call.status == engine->hold.account.status)
        return ANIMALDETECT_OK; /* the host was told already: it asks again on purpose */
    return ad_hold_refuses(&engine->hold.account, create, ad_engine_clock_ms(engine)) ? engine->hold.account.status
                                                                                      : ANIMALDETECT_OK;
}

/* Whether the error was the network's or a captive portal's, and the service asked for no delay. */
static bool is_networks(const struct ad_failure *met)
{
    return met != NULL && met->retry_after_ms < 0 &&
           animaldetect_status_scope(met->status) == ANIMALDETECT_SCOPE_NETWORK;
}

/* Failures of the old network are retried without waiting for their backoff. */
void ad_engine_network_changed(struct ad_engine *engine)
{
    struct ad_transport *transport = engine->transport;

    if (transport->ops->network_changed != NULL)
        transport->ops->network_changed(transport);
    engine->now_ms = ad_engine_clock_ms(engine);
    ad_hold_network_probe_now(&engine->hold.network, engine->now_ms);
    ad_uploads_forget(engine);
    for (struct ad_list_node *node = engine->flight.root.next; node != &engine->flight.root; node = node->next) {
        animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.flight);

        if (job->call.activity == AD_ACTIVITY_SLEEPING && is_networks(job->call.pending))
            ad_call_sleep(engine, job, engine->now_ms);
    }
    ad_engine_signal(engine);
}

static void leave_flight(struct ad_engine *engine, animaldetect_job *job)
{
    ad_list_remove(&engine->stragglers, &job->call.straggler);
    ad_list_remove(&engine->flight, &job->call.flight);
    job->call.activity = AD_ACTIVITY_IDLE;
}

void ad_engine_forget(struct ad_engine *engine, animaldetect_job *job)
{
    bool done = job->call.activity == AD_ACTIVITY_DONE;

    if (job->call.activity == AD_ACTIVITY_IDLE)
        return;
    if (job->call.exchange != NULL)
        ad_exchange_abort(job->call.exchange);
    if (!done) {
        if (job->call.in_window)
            engine->window--;
        job->call.in_window = false;
        job->call.status = ANIMALDETECT_E_CANCELED;
        engine->statistics.counters[ANIMALDETECT_STAT_CALLS_CANCELED]++;
    }
    ad_heap_remove(&engine->timers, &job->call.timer);
    ad_call_unqueue(engine, job);
    leave_flight(engine, job);
}

void ad_engine_forget_forked(struct ad_engine *engine, animaldetect_job *job)
{
    /* An abort would send data over a connection that the parent process uses. */
    if (job->call.exchange != NULL)
        ad_exchange_release(job->call.exchange);
    ad_engine_forget(engine, job);
}

animaldetect_job *ad_engine_take(struct ad_engine *engine)
{
    struct ad_list_node *node = ad_list_first(&engine->done);
    animaldetect_job *job;

    if (node == NULL) {
        if (engine->announced)
            engine->transport->reactor->ops->announce(engine->transport->reactor, false);
        engine->announced = false;
        return NULL;
    }
    job = AD_OWNER(node, animaldetect_job, call.queue);
    ad_engine_take_job(engine, job);
    return job;
}

void ad_engine_take_job(struct ad_engine *engine, animaldetect_job *job)
{
    ad_list_remove(&engine->done, &job->call.queue);
    leave_flight(engine, job);
}

int64_t ad_engine_timeout_ms(const struct ad_engine *engine)
{
    struct ad_reactor *reactor = engine->transport->reactor;
    int64_t now = ad_engine_clock_ms(engine);

    /* A signal means work since the last iteration: a start, a cancel, a freed slot. */
    if (engine->more || ad_list_first(&engine->done) != NULL || reactor->ops->is_signaled(reactor))
        return 0;
    if (engine->due_ms == AD_TIME_NEVER)
        return -1;
    return engine->due_ms > now ? engine->due_ms - now : 0;
}
