/* SPDX-License-Identifier: MIT */
/*
 * The questions that all parts of the engine ask (see core.h), and its log.
 */
#include "engine/core.h"

#include <stdarg.h>
#include <stdio.h>

int64_t ad_engine_clock_ms(const struct ad_engine *engine)
{
    return engine->transport->ops->now_ms(engine->transport);
}

bool ad_engine_slice_is_over(const struct ad_engine *engine)
{
    return ad_engine_clock_ms(engine) >= engine->slice_end_ms;
}

int64_t ad_engine_waiting(const struct ad_engine *engine)
{
    int64_t sum = 0;

    for (int i = 0; i < AD_CLASSES; i++)
        sum += (int64_t)engine->waiting[i].count;
    return sum;
}

void ad_engine_signal(const struct ad_engine *engine)
{
    struct ad_reactor *reactor = engine->transport->reactor;

    reactor->ops->signal(reactor);
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
