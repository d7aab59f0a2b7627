/* SPDX-License-Identifier: MIT */
/*
 * Helpers for all parts of the engine (see core.h).
 */
#include "engine/core.h"

int64_t ad_engine_clock_ms(const struct ad_engine *engine)
{
    return engine->transport->ops->now_ms(engine->transport);
}

const char *ad_engine_base_url(const struct ad_engine *engine)
{
    return engine->moved_base != NULL ? engine->moved_base : engine->config->base_url;
}

bool ad_engine_slice_is_over(const struct ad_engine *engine)
{
    return ad_engine_clock_ms(engine) >= engine->slice_end_ms;
}

int64_t ad_engine_waiting(const struct ad_engine *engine)
{
    int64_t sum = 0;

    for (int i = 0; i < AD_CLASSES; i++)
        sum += (int64_t)ad_queue_count(&engine->waiting[i]);
    return sum;
}

void ad_engine_signal(const struct ad_engine *engine)
{
    struct ad_reactor *reactor = engine->transport->reactor;

    reactor->ops->signal(reactor);
}
