/* SPDX-License-Identifier: MIT */
/*
 * The list of stragglers, oldest first, and how the end of a stall spreads through it.
 */
#include "engine/straggler.h"

#include "engine/call.h"

#define PULLED 3     /* polls moved forward per finished job: their number at least doubles with each round of polls */
#define EXAMINED_MOST 16 /* late jobs per call */
#define STALL_LEAST_MS 60000

/* Whether its next poll only waits for time, and the service has not asked for a delay. */
static bool can_be_pulled(const animaldetect_job *job)
{
    return job->call.activity == AD_ACTIVITY_SLEEPING && job->call.step == ANIMALDETECT_STEP_POLL &&
           job->call.pending == NULL && job->remote.plan.hint_ms == 0;
}

static void pull_oldest(struct ad_engine *engine)
{
    int pulled = 0;

    for (int i = 0; i < EXAMINED_MOST && pulled < PULLED; i++) {
        struct ad_list_node *first = ad_list_first(&engine->stragglers);
        animaldetect_job *job;

        if (first == NULL)
            return;
        job = AD_OWNER(first, animaldetect_job, call.straggler);
        ad_list_remove(&engine->stragglers, first);
        ad_list_append(&engine->stragglers, first); /* rotate, so that the next ones pulled are others */
        if (!can_be_pulled(job))
            continue;
        ad_poll_plan_pull(&job->remote.plan);
        ad_call_schedule(engine, job);
        pulled++;
    }
}

/* Whether no job has finished for longer than nearly all take, and longer than chance explains when few are created. */
static bool was_stalled(const struct ad_engine *engine, int operation)
{
    int64_t silence_ms = engine->now_ms - engine->ended_ms;

    return silence_ms > STALL_LEAST_MS && (double)silence_ms > engine->planner.slowest[operation].p99_ms;
}

void ad_straggler_observe(struct ad_engine *engine, animaldetect_job *job)
{
    int operation = ad_planner_operation(job->input.operation);
    bool late = ad_list_holds(&job->call.straggler);
    bool stalled;

    if (job->remote.stage < ANIMALDETECT_STAGE_FINISHED) {
        if (late || !ad_planner_is_late(&engine->planner, operation, &job->remote.plan, engine->now_ms))
            return;
        ad_list_append(&engine->stragglers, &job->call.straggler);
        if (job->call.in_window) {
            job->call.in_window = false;
            engine->window--;
            engine->more = true;
        }
        return;
    }
    stalled = was_stalled(engine, operation);
    engine->ended_ms = engine->now_ms;
    ad_list_remove(&engine->stragglers, &job->call.straggler);
    if (late || stalled)
        pull_oldest(engine);
}
