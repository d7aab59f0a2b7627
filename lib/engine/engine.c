/* SPDX-License-Identifier: MIT */
/*
 * The engine's turn, and the entrances: start, cancel, forget, take.
 */
#include "engine/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/admit.h"
#include "engine/advance.h"
#include "engine/call.h"
#include "engine/exchange.h"
#include "engine/flow.h"
#include "engine/prepare.h"

#define DONE_BUDGET 64   /* exchanges that end in one turn */
#define WAKE_BUDGET 256  /* timers in one turn */
#define START_BUDGET 256 /* requests that begin in one turn */

static int64_t clock_ms(const struct ad_engine *engine)
{
    return engine->transport->ops->now_ms(engine->transport);
}

int32_t ad_engine_init(struct ad_engine *engine, const struct ad_config *config, struct ad_secret *key,
                       const struct ad_mask *mask, struct ad_log *log, struct ad_transport *transport, uint64_t seed)
{
    memset(engine, 0, sizeof *engine);
    engine->config = config;
    engine->key = key;
    engine->mask = mask;
    engine->log = log;
    engine->transport = transport;
    engine->now_ms = clock_ms(engine);
    ad_rng_seed(&engine->rng, seed);
    ad_pacer_init(&engine->pacer, config->rate_per_minute, config->rate_burst, engine->now_ms);
    ad_planner_init(&engine->planner, (enum ad_planner_mode)config->poll_mode);
    if (config->poll_bounded)
        ad_planner_set_bounds(&engine->planner, config->poll_min_ms, config->poll_max_ms);
    ad_retry_bucket_init(&engine->bucket);
    ad_heap_init(&engine->timers);
    ad_list_init(&engine->flight);
    ad_list_init(&engine->hashing);
    ad_list_init(&engine->done);
    ad_list_init(&engine->spare);
    for (int i = 0; i < AD_CLASSES; i++)
        ad_list_init(&engine->waiting[i]);
    return ANIMALDETECT_OK;
}

void ad_engine_close(struct ad_engine *engine, bool forked)
{
    struct ad_list_node *node;

    while ((node = ad_list_first(&engine->flight)) != NULL) {
        animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.flight);

        if (forked && job->call.exchange != NULL)
            ad_exchange_release(job->call.exchange);
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
        text = ad_options_text(job->input.options);
        if (text == NULL)
            return ANIMALDETECT_E_NO_MEMORY;
        status = ad_job_text(job, &job->input.options_text, text);
        free(text);
        if (status != ANIMALDETECT_OK)
            return status;
    }
    json_decref(job->input.options);
    job->input.options = NULL;
    return ANIMALDETECT_OK;
}

static void begin_call(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal)
{
    engine->now_ms = clock_ms(engine);
    job->call.goal = (uint8_t)goal;
    job->input.started = true;
    /* Here and not where the call ends: what a host reads of a failure stays until it starts the next call itself. */
    free(job->call.failure);
    job->call.failure = NULL;
    job->refusal = NULL;
    job->call.status = ANIMALDETECT_AGAIN;
    job->call.asked = false;
    job->call.attempts = 0;
    job->remote.http_status = 0;
    memset(job->call.failures, 0, sizeof job->call.failures);
    /* An image that is not here cannot be uploaded from here, but another process may have done so since. */
    if (job->input.restored && job->input.source.kind == AD_SOURCE_NONE &&
        job->remote.stage < ANIMALDETECT_STAGE_SUBMITTED)
        job->remote.ask_first = true;
    job->call.started_ms = engine->now_ms;
    job->call.step = ANIMALDETECT_STEP_NONE;
    job->call.step_entered_ms = engine->now_ms;
    job->call.deadline_at_ms = AD_TIME_NEVER;
    if (job->input.deadline_ms >= 0 && job->input.deadline_ms < AD_TIME_NEVER - engine->now_ms)
        job->call.deadline_at_ms = engine->now_ms + job->input.deadline_ms;
    ad_list_append(&engine->flight, &job->call.flight);
}

int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal)
{
    int32_t status = settle_options(job);

    if (status == ANIMALDETECT_OK)
        status = ad_heap_reserve(&engine->timers, engine->flight.count + 1);
    if (status != ANIMALDETECT_OK)
        return status;
    ad_prepare_reset(job);
    begin_call(engine, job, goal);
    ad_call_schedule(engine, job);
    engine->transport->reactor->ops->signal(engine->transport->reactor);
    return ANIMALDETECT_OK;
}

void ad_engine_cancel(struct ad_engine *engine, animaldetect_job *job)
{
    if (job->call.activity == AD_ACTIVITY_IDLE || job->call.activity == AD_ACTIVITY_DONE)
        return;
    engine->now_ms = clock_ms(engine);
    if (job->call.exchange != NULL)
        ad_exchange_abort(job->call.exchange);
    ad_call_refuse(engine, job, ANIMALDETECT_E_CANCELED, NULL);
    engine->transport->reactor->ops->signal(engine->transport->reactor);
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
            engine->open--;
        job->call.in_window = false;
        job->call.status = ANIMALDETECT_E_CANCELED;
        engine->statistics.counters[ANIMALDETECT_STAT_CALLS_CANCELED]++;
    }
    ad_heap_remove(&engine->timers, &job->call.timer);
    ad_call_unqueue(engine, job);
    leave_flight(engine, job);
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

/* When the next turn is due, apart from what the transport itself waits for. */
static int64_t next_due(struct ad_engine *engine, int64_t ready_ms)
{
    const struct ad_heap_node *first = ad_heap_first(&engine->timers);
    int64_t due = first == NULL ? AD_TIME_NEVER : first->key;

    return ready_ms != 0 && ready_ms < due ? ready_ms : due;
}

/* Tells the host's loop of ended calls; anew after every turn, or an edge-triggered host that takes one per wake would
 * stop. */
static void announce(struct ad_engine *engine)
{
    bool there = ad_list_first(&engine->done) != NULL;

    if (there || engine->announced)
        engine->transport->reactor->ops->announce(engine->transport->reactor, there);
    engine->announced = there;
}

/* Moves bytes, and handles what has completed.  True when more is ready. */
static bool drive(struct ad_engine *engine)
{
    bool more = engine->transport->ops->drive(engine->transport);

    return ad_deliver(engine, DONE_BUDGET) || more;
}

void ad_engine_turn(struct ad_engine *engine)
{
    struct ad_transport *transport = engine->transport;
    int64_t ready;
    int32_t active;
    bool more;

    engine->statistics.counters[ANIMALDETECT_STAT_TURNS]++;
    transport->reactor->ops->acknowledge(transport->reactor);
    engine->now_ms = clock_ms(engine);
    engine->turn_end_ms = engine->now_ms + AD_SLICE_MS;
    more = drive(engine);
    engine->now_ms = clock_ms(engine);
    more = ad_call_wake_due(engine, WAKE_BUDGET) || more;
    more = ad_prepare_some(engine) || more;
    engine->more = false;
    active = engine->active;
    ready = ad_admit(engine, START_BUDGET);
    if (engine->active > active && ad_engine_turn_is_over(engine))
        more = true;
    else if (engine->active > active)
        more = drive(engine) || more; /* what was started gets going in this turn */
    more = more || engine->more;
    engine->due_ms = next_due(engine, ready);
    transport->ops->arm(transport, engine->due_ms);
    /* A timer that has gone off in this very millisecond makes no second edge for a host that waits for edges. */
    more = more || engine->due_ms <= engine->now_ms;
    engine->more = more;
    if (more)
        transport->reactor->ops->signal(transport->reactor);
    announce(engine);
}

bool ad_engine_turn_is_over(const struct ad_engine *engine)
{
    return clock_ms(engine) >= engine->turn_end_ms;
}

int64_t ad_engine_timeout_ms(const struct ad_engine *engine)
{
    int64_t now = clock_ms(engine);

    if (engine->more || ad_list_first(&engine->done) != NULL)
        return 0;
    if (engine->due_ms == AD_TIME_NEVER)
        return -1;
    return engine->due_ms > now ? engine->due_ms - now : 0;
}

bool ad_engine_logs(const struct ad_engine *engine, int32_t level)
{
    return engine->log->callback != NULL && level <= engine->log->level;
}

void ad_engine_log(struct ad_engine *engine, int32_t level, const char *format, ...)
{
    char line[1024];
    va_list arguments;

    if (!ad_engine_logs(engine, level))
        return;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    engine->log->callback(level, line, engine->log->user);
}
