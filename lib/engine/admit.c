/* SPDX-License-Identifier: MIT */
/*
 * Admission: who goes on the wire next, by class (steps.h) and, in a class, in the order in which they came.
 */
#include "engine/admit.h"

#include "engine/call.h"
#include "engine/exchange.h"

#define PRESSURE_MS 500 /* how often the planner is told that images wait */

/* Uploads may not take every slot, or a slow link would keep results back. */
static int32_t upload_slots(const struct ad_engine *engine)
{
    int32_t slots = engine->config->max_active - engine->config->max_active / 4;

    if (slots == engine->config->max_active && slots > 1)
        slots--;
    return slots;
}

/*
 * By Little's law more images under way than this would only wait, and be polled while they do.  Images that are under
 * way have a queue of their own: behind one that is held back here they would wait for themselves.
 */
static bool create_is_gated(const struct ad_engine *engine, const animaldetect_job *job)
{
    int64_t rate = ad_pacer_rate_per_minute_x1000(&engine->pacer);

    return rate != 0 && engine->window >= ad_planner_in_flight_target(&engine->planner, rate,
                                                                      ad_planner_operation(job->input.operation));
}

static bool has_slot(const struct ad_engine *engine, int which)
{
    if (engine->active >= engine->config->max_active)
        return false;
    return which != AD_CLASS_UPLOAD || engine->active_uploads < upload_slots(engine);
}

static void admit_job(struct ad_engine *engine, animaldetect_job *job)
{
    const struct ad_step *step = ad_step_of(job->call.step);
    int64_t *counters = engine->statistics.counters;
    const char *reason;
    int32_t status;

    ad_list_remove(&engine->waiting[job->call.queue_class], &job->call.queue);
    job->call.activity = AD_ACTIVITY_WIRE;
    if (step->paced)
        ad_pacer_take(&engine->pacer, engine->now_ms);
    status = ad_exchange_start(engine, job, &reason);
    if (status != ANIMALDETECT_OK) {
        if (step->paced)
            ad_pacer_return(&engine->pacer, engine->now_ms, engine->now_ms);
        if (step->traits.storage)
            ad_call_fail_source(engine, job, status, reason);
        else
            ad_call_refuse(engine, job, status, reason);
        /* Its slot and its share of the window are free for a class that was passed over already. */
        if (ad_engine_waiting(engine) > 0)
            engine->more = true;
        return;
    }
    counters[step->counter]++;
    counters[ANIMALDETECT_STAT_RETRIES] += job->call.failures[job->call.step] > 0;
    job->call.attempts++;
    if (job->call.step == ANIMALDETECT_STEP_CREATE && job->call.goal == AD_GOAL_RUN && !job->call.in_window) {
        job->call.in_window = true;
        engine->window++;
    }
}

static void report_pressure(struct ad_engine *engine, bool pressed)
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

    for (int which = 0; which < AD_CLASSES; which++) {
        struct ad_list_node *node;

        while ((node = ad_list_first(&engine->waiting[which])) != NULL && has_slot(engine, which)) {
            animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.queue);
            bool paced = ad_step_of(job->call.step)->paced;

            if (which == AD_CLASS_CREATE && create_is_gated(engine, job)) {
                gated = true;
                break;
            }
            if (paced && ready == 0)
                ready = ad_pacer_ready_ms(&engine->pacer, engine->now_ms);
            if (paced && ready != 0)
                break;
            if (budget-- == 0 || (sent && ad_engine_slice_is_over(engine))) {
                engine->more = true;
                return 0;
            }
            admit_job(engine, job);
            sent = true; /* at least one in each iteration, however busy the network is */
        }
    }
    report_pressure(engine, ad_list_first(&engine->waiting[AD_CLASS_CREATE]) != NULL && (gated || ready != 0));
    return ready;
}
