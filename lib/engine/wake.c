/* SPDX-License-Identifier: MIT */
/*
 * Wakes the calls whose timers are due.
 */
#include "engine/wake.h"

#include "engine/call.h"
#include "engine/exchange.h"

static void wake_job(struct ad_engine *engine, animaldetect_job *job)
{
    if (job->call.timeout_at_ms <= engine->now_ms) {
        if (job->call.exchange != NULL)
            ad_exchange_abort(job->call.exchange);
        ad_call_fail_timeout(engine, job, -1);
    } else {
        ad_call_schedule(engine, job);
    }
}

bool ad_wake_due(struct ad_engine *engine, int32_t budget)
{
    struct ad_heap_node *first;

    while ((first = ad_heap_first(&engine->timers)) != NULL && first->key <= engine->now_ms) {
        if (budget-- == 0)
            return true;
        wake_job(engine, AD_OWNER(first, animaldetect_job, call.timer));
        if (ad_engine_slice_is_over(engine))
            budget = 0;
    }
    return false;
}
