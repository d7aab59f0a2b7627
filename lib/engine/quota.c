/* SPDX-License-Identifier: MIT */
/*
 * Delegates to the pacer or the permits, see quota.h.
 */
#include "engine/quota.h"

#include <animaldetect/control.h>

#include "base/time.h"
#include "engine/hop.h"

#define SOON_MS 1000    /* a grant requested now arrives by then */
#define SOON_MOST 10000 /* maximum of timers to count */

static struct ad_permits *permits_of(const struct ad_engine *engine)
{
    return engine->config->permits;
}

bool ad_quota_needs_permits(const struct ad_engine *engine)
{
    return engine->config->needs_permits;
}

bool ad_quota_is_out_of_permits(const struct ad_engine *engine)
{
    return ad_quota_needs_permits(engine) && ad_permits_ready_ms(permits_of(engine), engine->now_ms) == AD_TIME_NEVER;
}

void ad_quota_init(struct ad_engine *engine)
{
    const struct ad_config *config = engine->config;

    ad_pacer_init(&engine->pacer, config->rate_per_minute, config->rate_burst, engine->now_ms);
    if (permits_of(engine) == NULL)
        return;
    ad_permits_init(permits_of(engine), engine->now_ms);
    ad_permits_set_share(permits_of(engine), config->permit_share, config->permit_share_after_ms, engine->now_ms);
}

/* What was sent before permits were turned on and has no answer yet may arrive from now on. */
static void adopt_requests(struct ad_engine *engine)
{
    for (struct ad_list_node *node = engine->flight.root.next; node != &engine->flight.root; node = node->next) {
        struct ad_exchange *exchange = AD_OWNER(node, animaldetect_job, call.flight)->call.exchange;

        if (exchange == NULL || exchange->permit || !exchange->step->paced || ad_hop_is_foreign(exchange->hop))
            continue;
        exchange->permit = true;
        ad_permits_adopt(permits_of(engine), ad_engine_clock_ms(engine));
    }
}

void ad_quota_configure(struct ad_engine *engine)
{
    const struct ad_config *config = engine->config;

    if (permits_of(engine) != NULL)
        ad_permits_set_share(permits_of(engine), config->permit_share, config->permit_share_after_ms,
                             ad_engine_clock_ms(engine));
    if (ad_quota_needs_permits(engine))
        adopt_requests(engine);
    ad_engine_signal(engine); /* waiting requests may go earlier now */
}

int64_t ad_quota_ready_ms(struct ad_engine *engine)
{
    int64_t held_ms;
    int64_t ready_ms;

    if (!ad_quota_needs_permits(engine))
        return ad_pacer_ready_ms(&engine->pacer, engine->now_ms);
    held_ms = ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms);
    ready_ms = ad_permits_ready_ms(permits_of(engine), engine->now_ms);
    return held_ms > ready_ms ? held_ms : ready_ms;
}

bool ad_quota_lets_probe(struct ad_engine *engine)
{
    return !ad_quota_needs_permits(engine) || ad_permits_ready_ms(permits_of(engine), engine->now_ms) == 0;
}

void ad_quota_take(struct ad_engine *engine)
{
    if (ad_quota_needs_permits(engine))
        ad_permits_take(permits_of(engine), engine->now_ms);
    else
        ad_pacer_take(&engine->pacer, engine->now_ms);
}

void ad_quota_untake(struct ad_engine *engine)
{
    if (ad_quota_needs_permits(engine))
        ad_permits_end(permits_of(engine), AD_PERMIT_UNSENT, 0, engine->now_ms);
    else
        ad_pacer_return(&engine->pacer, engine->now_ms, engine->now_ms);
}

/* A permit is settled even after permits are turned off. */
void ad_quota_end(struct ad_exchange *exchange, enum ad_permit_end end)
{
    struct ad_engine *engine = exchange->engine;

    if (!exchange->permit)
        return;
    exchange->permit = false;
    ad_permits_end(permits_of(engine), end, engine->config->permit_lag_ms, ad_engine_clock_ms(engine));
}

void ad_quota_throttled(struct ad_exchange *exchange, int64_t hint_ms)
{
    struct ad_engine *engine = exchange->engine;

    if (!ad_quota_needs_permits(engine)) {
        ad_pacer_throttled(&engine->pacer, exchange->sent_ms, engine->now_ms, hint_ms);
        return;
    }
    /* The issuer of permits cuts the pace, for all clients. */
    ad_permits_limited(permits_of(engine), exchange->sent_ms, engine->now_ms);
    ad_pacer_hold(&engine->pacer, engine->now_ms, hint_ms >= 0 ? hint_ms : AD_PACER_WINDOW_MS);
}

void ad_quota_hint(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;
    const struct ad_hints *hints = &exchange->hints;

    if (!ad_quota_needs_permits(engine)) /* the remaining quota is shared by all clients */
        ad_pacer_hint(&engine->pacer, hints->limit, hints->window_ms, hints->remaining, hints->reset_ms,
                      engine->now_ms);
}

int64_t ad_quota_rate_per_minute_x1000(struct ad_engine *engine)
{
    return ad_quota_needs_permits(engine) ? ad_permits_rate_per_minute_x1000(permits_of(engine), engine->now_ms)
                                          : ad_pacer_rate_per_minute_x1000(&engine->pacer);
}

static int64_t waiting_in(const struct ad_engine *engine, enum ad_class which)
{
    return (int64_t)ad_queue_count(&engine->waiting[which]);
}

bool ad_quota_is_idle(struct ad_engine *engine)
{
    int64_t polls = waiting_in(engine, AD_CLASS_POLL) + waiting_in(engine, AD_CLASS_LATE_POLL);

    return ad_quota_needs_permits(engine) && ad_permits_in_hand(permits_of(engine), engine->now_ms) > polls;
}

/* Whether something other than quota holds new images back. */
static bool creates_are_held(const struct ad_engine *engine)
{
    return engine->link_bound || engine->hold.account.status != ANIMALDETECT_OK ||
           engine->config->paused == ANIMALDETECT_PAUSE_CREATES;
}

/* Waiting requests that need a permit; uploads need none. */
static int64_t paced_waiting(const struct ad_engine *engine)
{
    int64_t count = ad_engine_waiting(engine) - waiting_in(engine, AD_CLASS_UPLOAD);

    if (creates_are_held(engine))
        count -= waiting_in(engine, AD_CLASS_CREATE) + waiting_in(engine, AD_CLASS_FREE_CREATE);
    return count;
}

/* Sleeping calls that will soon be ready to send: polls and retries. */
static int64_t due_soon(const struct ad_engine *engine)
{
    return (int64_t)ad_heap_count_until(&engine->timers, engine->now_ms + SOON_MS, SOON_MOST);
}

/* During a hold only one request is useful: the probe. */
static int64_t useful(const struct ad_engine *engine)
{
    int64_t waiting = paced_waiting(engine);

    if (engine->config->paused == ANIMALDETECT_PAUSE_ALL)
        return 0;
    if (engine->hold.network.on || ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms) != 0)
        return waiting > 0;
    return waiting + due_soon(engine);
}

int32_t ad_quota_wanted(struct ad_engine *engine)
{
    int64_t wanted;

    if (!ad_quota_needs_permits(engine))
        return 0;
    engine->now_ms = ad_engine_clock_ms(engine);
    wanted = useful(engine) - ad_permits_in_hand(permits_of(engine), engine->now_ms);
    return wanted < 0 ? 0 : wanted > INT32_MAX ? INT32_MAX : (int32_t)wanted;
}

int64_t ad_quota_next_ms(struct ad_engine *engine)
{
    return permits_of(engine) == NULL ? AD_TIME_NEVER : ad_permits_next_ms(permits_of(engine), engine->now_ms);
}
