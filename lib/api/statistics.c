/* SPDX-License-Identifier: MIT */
/*
 * The public functions of statistics.h: counters, gauges, latencies, and their names.
 */
#include <animaldetect/statistics.h>

#include "api/guard.h"
#include "engine/quota.h"
#include "engine/steps.h"

/* Gauges are computed; the rest are counters. */
static int64_t statistic(struct ad_engine *engine, int32_t which)
{
    switch ((enum animaldetect_statistic)which) {
    case ANIMALDETECT_STAT_CALLS_IN_FLIGHT:
        return (int64_t)engine->flight.count;
    case ANIMALDETECT_STAT_REQUESTS_ACTIVE:
        return engine->active;
    case ANIMALDETECT_STAT_REQUESTS_WAITING:
        return ad_engine_waiting(engine) + (int64_t)ad_hashing_count_new(&engine->hashing);
    case ANIMALDETECT_STAT_PACE_PER_MINUTE:
        return ad_quota_rate_per_minute_x1000(engine) / 1000;
    case ANIMALDETECT_STAT_HOLD_MS:
        return ad_engine_held_ms(engine);
    case ANIMALDETECT_STAT_UPLOADS_ACTIVE:
        return (int64_t)engine->uploads.on_wire.count;
    case ANIMALDETECT_STAT_UPLINK_RATE:
        return engine->uploads.link.rate;
    case ANIMALDETECT_STAT_CLOCK_OFFSET_MS:
        return engine->clock_offset_ms;
    case ANIMALDETECT_STAT_REQUESTS_CREATE:
    case ANIMALDETECT_STAT_REQUESTS_UPLOAD:
    case ANIMALDETECT_STAT_REQUESTS_SUBMIT:
    case ANIMALDETECT_STAT_REQUESTS_POLL:
    case ANIMALDETECT_STAT_REQUESTS_FETCH:
    case ANIMALDETECT_STAT_RETRIES:
    case ANIMALDETECT_STAT_RATE_LIMITED:
    case ANIMALDETECT_STAT_BYTES_SENT:
    case ANIMALDETECT_STAT_BYTES_RECEIVED:
    case ANIMALDETECT_STAT_CALLS_SUCCEEDED:
    case ANIMALDETECT_STAT_CALLS_FAILED:
    case ANIMALDETECT_STAT_CALLS_CANCELED:
    case ANIMALDETECT_STAT_JOBS_SUCCEEDED:
    case ANIMALDETECT_STAT_JOBS_FAILED:
    case ANIMALDETECT_STAT_JOBS_EXPIRED:
    case ANIMALDETECT_STAT_REPLAYS:
    case ANIMALDETECT_STAT_ITERATIONS:
    case ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN:
    case ANIMALDETECT_STAT_FRESH_URLS:
        break;
    }
    return engine->statistics.counters[which];
}

int32_t animaldetect_client_statistic(animaldetect_client *client, int32_t which, int64_t *out)
{
    int32_t status;

    if (out == NULL || which < 0 || which >= AD_STATISTICS)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running)
        *out = statistic(&client->engine, which);
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_latency_ms(animaldetect_client *client, int32_t step, double quantile, int64_t *out_ms)
{
    bool known = step == ANIMALDETECT_STEP_NONE || ad_step_has_request(step);
    int32_t status;

    if (out_ms == NULL || !known || !(quantile >= 0.0 && quantile <= 1.0))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out_ms = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!client->running || !ad_latency_quantile(&client->engine.statistics.latencies[step], quantile, out_ms))
        status = ANIMALDETECT_ABSENT;
    ad_unlock(client);
    return status;
}

static const struct {
    const char *name;
    bool gauge;
} NAMES[] = {
    [ANIMALDETECT_STAT_REQUESTS_CREATE] = {"requests_create", false},
    [ANIMALDETECT_STAT_REQUESTS_UPLOAD] = {"requests_upload", false},
    [ANIMALDETECT_STAT_REQUESTS_SUBMIT] = {"requests_submit", false},
    [ANIMALDETECT_STAT_REQUESTS_POLL] = {"requests_poll", false},
    [ANIMALDETECT_STAT_REQUESTS_FETCH] = {"requests_fetch", false},
    [ANIMALDETECT_STAT_RETRIES] = {"retries", false},
    [ANIMALDETECT_STAT_RATE_LIMITED] = {"rate_limited", false},
    [ANIMALDETECT_STAT_BYTES_SENT] = {"bytes_sent", false},
    [ANIMALDETECT_STAT_BYTES_RECEIVED] = {"bytes_received", false},
    [ANIMALDETECT_STAT_CALLS_SUCCEEDED] = {"calls_succeeded", false},
    [ANIMALDETECT_STAT_CALLS_FAILED] = {"calls_failed", false},
    [ANIMALDETECT_STAT_CALLS_CANCELED] = {"calls_canceled", false},
    [ANIMALDETECT_STAT_JOBS_SUCCEEDED] = {"jobs_succeeded", false},
    [ANIMALDETECT_STAT_JOBS_FAILED] = {"jobs_failed", false},
    [ANIMALDETECT_STAT_JOBS_EXPIRED] = {"jobs_expired", false},
    [ANIMALDETECT_STAT_REPLAYS] = {"replays", false},
    [ANIMALDETECT_STAT_CALLS_IN_FLIGHT] = {"calls_in_flight", true},
    [ANIMALDETECT_STAT_REQUESTS_ACTIVE] = {"requests_active", true},
    [ANIMALDETECT_STAT_REQUESTS_WAITING] = {"requests_waiting", true},
    [ANIMALDETECT_STAT_PACE_PER_MINUTE] = {"pace_per_minute", true},
    [ANIMALDETECT_STAT_HOLD_MS] = {"hold_ms", true},
    [ANIMALDETECT_STAT_ITERATIONS] = {"iterations", false},
    [ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN] = {"bytes_sent_in_vain", false},
    [ANIMALDETECT_STAT_FRESH_URLS] = {"fresh_urls", false},
    [ANIMALDETECT_STAT_UPLOADS_ACTIVE] = {"uploads_active", true},
    [ANIMALDETECT_STAT_UPLINK_RATE] = {"uplink_rate", true},
    [ANIMALDETECT_STAT_CLOCK_OFFSET_MS] = {"clock_offset_ms", true},
};

_Static_assert(sizeof NAMES / sizeof NAMES[0] == AD_STATISTICS, "every statistic has its name");

const char *animaldetect_statistic_name(int32_t which)
{
    return which >= 0 && which < AD_STATISTICS ? NAMES[which].name : NULL;
}

int32_t animaldetect_statistic_is_gauge(int32_t which)
{
    return which >= 0 && which < AD_STATISTICS && NAMES[which].gauge;
}
