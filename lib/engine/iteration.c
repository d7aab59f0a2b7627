/* SPDX-License-Identifier: MIT */
/*
 * The loop's iteration: read this first.  Everything that happens to a job outside of public calls happens here.
 */
#include "engine/iteration.h"

#include "engine/admit.h"
#include "engine/deliver.h"
#include "engine/prepare.h"
#include "engine/quota.h"
#include "engine/wake.h"

#define DONE_BUDGET 64   /* exchanges handled per part */
#define WAKE_BUDGET 256  /* timers */
#define START_BUDGET 256 /* requests started */

/* When the next iteration is due, apart from events of the transport. */
static int64_t next_due(struct ad_engine *engine, int64_t ready_ms)
{
    const struct ad_heap_node *first = ad_heap_first(&engine->timers);
    int64_t due = first == NULL ? AD_TIME_NEVER : first->key;
    int64_t permits_ms = ad_quota_next_ms(engine);

    if (permits_ms < due)
        due = permits_ms;
    return ready_ms != 0 && ready_ms < due ? ready_ms : due;
}

/*
 * Makes the descriptor readable while completed calls are uncollected.  Repeated in every iteration: an edge-triggered
 * host that collects one per wakeup would otherwise stop.
 */
static void announce(struct ad_engine *engine)
{
    struct ad_reactor *reactor = engine->transport->reactor;
    bool there = ad_list_first(&engine->done) != NULL;

    if (there || engine->announced)
        reactor->ops->announce(reactor, there);
    engine->announced = there;
}

/* Admits requests and starts sending them.  Returns when quota allows the next one, see ad_admit. */
static int64_t admit(struct ad_engine *engine, bool *more)
{
    int32_t active = engine->active;
    int64_t ready_ms;

    engine->more = false;
    ready_ms = ad_admit(engine, START_BUDGET);
    if (engine->active > active && ad_engine_slice_is_over(engine))
        *more = true;
    else if (engine->active > active)
        *more = ad_deliver(engine, DONE_BUDGET) || *more;
    *more = *more || engine->more;
    return ready_ms;
}

void ad_engine_iterate(struct ad_engine *engine)
{
    struct ad_transport *transport = engine->transport;
    int64_t ready_ms;
    bool more;

    engine->statistics.counters[ANIMALDETECT_STAT_ITERATIONS]++;
    transport->reactor->ops->acknowledge(transport->reactor);
    engine->now_ms = ad_engine_clock_ms(engine);
    engine->slice_end_ms = engine->now_ms + AD_SLICE_MS;
    more = ad_deliver(engine, DONE_BUDGET);
    engine->now_ms = ad_engine_clock_ms(engine);
    more = ad_wake_due(engine, WAKE_BUDGET) || more;
    more = ad_prepare_some(engine) || more;
    ready_ms = admit(engine, &more);
    engine->due_ms = next_due(engine, ready_ms);
    transport->ops->arm(transport, engine->due_ms);
    /* A timer that expires in this same millisecond causes no second edge for an edge-triggered host. */
    engine->more = more || engine->due_ms <= engine->now_ms;
    if (engine->more)
        ad_engine_signal(engine);
    announce(engine);
}
