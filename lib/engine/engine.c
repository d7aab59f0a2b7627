/* SPDX-License-Identifier: MIT */
/*
 * The entry points of the engine: start, cancel, forget, take.  What they begin, iterations carry on.
 */
#include "engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "engine/call.h"
#include "engine/exchange.h"
#include "engine/prepare.h"

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
    ad_pacer_init(&engine->pacer, config->rate_per_minute, config->rate_burst, engine->now_ms);
    ad_planner_init(&engine->planner, (enum ad_planner_mode)config->poll_mode);
    ad_engine_set_polling(engine);
    ad_retry_bucket_init(&engine->bucket);
    ad_heap_init(&engine->timers);
    ad_list_init(&engine->flight);
    ad_hashing_init(&engine->hashing);
    ad_list_init(&engine->done);
    ad_list_init(&engine->spare);
    for (int i = 0; i < AD_CLASSES; i++)
        ad_list_init(&engine->waiting[i]);
}

void ad_engine_set_quota(struct ad_engine *engine)
{
    const struct ad_config *config = engine->config;

    ad_pacer_set_limit(&engine->pacer, config->rate_per_minute, config->rate_burst, ad_engine_clock_ms(engine));
    ad_engine_signal(engine); /* what waits may go earlier now */
}

void ad_engine_set_polling(struct ad_engine *engine)
{
    const struct ad_config *config = engine->config;

    ad_planner_set_mode(&engine->planner, (enum ad_planner_mode)config->poll_mode);
    if (config->poll_bounded)
        ad_planner_set_bounds(&engine->planner, config->poll_min_ms, config->poll_max_ms);
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
    engine->transport->ops->close(engine->transport, forked);
    engine->transport = NULL;
}

/* What the setters left behind as a JSON tree becomes text once: a waiting job must stay small. */
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

int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal)
{
    int32_t status = settle_options(job);

    if (status == ANIMALDETECT_OK)
        status = ad_heap_reserve(&engine->timers, engine->flight.count + 1);
    if (status != ANIMALDETECT_OK)
        return status;
    ad_prepare_reset(job);
    ad_call_begin(engine, job, goal);
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

static void leave_flight(struct ad_engine *engine, animaldetect_job *job)
{
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
    /* An abort would speak to the peer, over a connection that the parent uses. */
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

    /* A signal is work that came in between iterations: a start, a cancel, a slot that was freed. */
    if (engine->more || ad_list_first(&engine->done) != NULL || reactor->ops->is_signaled(reactor))
        return 0;
    if (engine->due_ms == AD_TIME_NEVER)
        return -1;
    return engine->due_ms > now ? engine->due_ms - now : 0;
}
