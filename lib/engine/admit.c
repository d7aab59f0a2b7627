/* SPDX-License-Identifier: MIT */
/*
 * Admission: who goes on the wire next.  What is nearly finished goes before what is new, so that the number of jobs
 * under way, and with it the memory and the polls, stays no larger than needed.
 */
#include "engine/admit.h"

#include "engine/call.h"
#include "engine/exchange.h"

#define PRESSURE_MS 500 /* how often the planner is told that images wait */

static const enum ad_class ORDER[AD_CLASSES] = {AD_CLASS_RESULT, AD_CLASS_SUBMIT,      AD_CLASS_HOT_POLL,
                                                AD_CLASS_UPLOAD, AD_CLASS_FREE_CREATE, AD_CLASS_CREATE,
                                                AD_CLASS_POLL};

/* Uploads may not take every place, or a slow link would keep results back. */
static int32_t upload_places(const struct ad_engine *engine)
{
    int32_t places = engine->config->max_active - engine->config->max_active / 4;

    if (places == engine->config->max_active && places > 1)
        places--;
    return places;
}

/*
 * By Little's law more images under way than this would only wait, and be polled while they do.  Images that are under
 * way have a queue of their own: behind one that is held back here they would wait for themselves.
 */
static bool create_is_gated(const struct ad_engine *engine, const animaldetect_job *job)
{
    int64_t rate = ad_pacer_rate_per_minute_x1000(&engine->pacer);

    return rate != 0 && engine->open >= ad_planner_in_flight_target(&engine->planner, rate,
                                                                    ad_planner_operation(job->input.operation));
}

static bool has_place(const struct ad_engine *engine, enum ad_class which)
{
    if (engine->active >= engine->config->max_active)
        return false;
    return which != AD_CLASS_UPLOAD || engine->active_uploads < upload_places(engine);
}

static void send(struct ad_engine *engine, animaldetect_job *job)
{
    int64_t *counters = engine->statistics.counters;
    bool upload = job->call.step == ANIMALDETECT_STEP_UPLOAD;
    const char *reason;
    int32_t status;

    ad_list_remove(&engine->waiting[job->call.queue_class], &job->call.queue);
    job->call.activity = AD_ACTIVITY_WIRE;
    if (!upload)
        ad_pacer_take(&engine->pacer, engine->now_ms);
    status = ad_exchange_start(engine, job, &reason);
    if (status != ANIMALDETECT_OK) {
        if (!upload)
            ad_pacer_return(&engine->pacer, engine->now_ms, engine->now_ms);
        if (upload)
            ad_call_fail_source(engine, job, status, reason);
        else
            ad_call_refuse(engine, job, status, reason);
        return;
    }
    counters[ANIMALDETECT_STAT_REQUESTS_CREATE + job->call.step - ANIMALDETECT_STEP_CREATE]++;
    counters[ANIMALDETECT_STAT_RETRIES] += job->call.failures[job->call.step] > 0;
    job->call.attempts++;
    if (job->call.step == ANIMALDETECT_STEP_CREATE && job->call.goal == AD_GOAL_RUN && !job->call.in_window) {
        job->call.in_window = true;
        engine->open++;
    }
}

static void tell_pressure(struct ad_engine *engine, bool pressed)
{
    if (pressed == engine->pressed && !(pressed && engine->now_ms - engine->pressed_ms >= PRESSURE_MS))
        return;
    engine->pressed = pressed;
    engine->pressed_ms = engine->now_ms;
    ad_planner_pressure(&engine->planner, pressed, engine->now_ms);
}

int64_t ad_admit(struct ad_engine *engine, int32_t budget)
{
    int64_t ready = 0;
    bool gated = false;
    bool sent = false;

    for (int i = 0; i < AD_CLASSES; i++) {
        enum ad_class which = ORDER[i];
        struct ad_list_node *node;

        while ((node = ad_list_first(&engine->waiting[which])) != NULL && has_place(engine, which)) {
            animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.queue);

            if (which == AD_CLASS_CREATE && create_is_gated(engine, job)) {
                gated = true;
                break;
            }
            if (which != AD_CLASS_UPLOAD && ready == 0)
                ready = ad_pacer_ready_ms(&engine->pacer, engine->now_ms);
            if (which != AD_CLASS_UPLOAD && ready != 0)
                break;
            if (budget-- == 0 || (sent && ad_engine_turn_is_over(engine))) {
                engine->more = true;
                return 0;
            }
            send(engine, job);
            sent = true; /* at least one in each turn, however busy the network is */
        }
    }
    tell_pressure(engine, ad_list_first(&engine->waiting[AD_CLASS_CREATE]) != NULL && (gated || ready != 0));
    return ready;
}

int64_t ad_admit_waiting(const struct ad_engine *engine)
{
    int64_t sum = 0;

    for (int i = 0; i < AD_CLASSES; i++)
        sum += (int64_t)engine->waiting[i].count;
    return sum;
}
