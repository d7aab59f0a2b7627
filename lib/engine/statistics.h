/* SPDX-License-Identifier: MIT */
/*
 * Counters of a client, and how long its requests took.  Durations are kept in a histogram per step, with geometric
 * cells, in which older values fade.
 */
#ifndef AD_ENGINE_STATISTICS_H
#define AD_ENGINE_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/statistics.h>

#include "engine/step_count.h"

#define AD_STATISTICS (ANIMALDETECT_STAT_CLOCK_OFFSET_MS + 1) /* number of values of enum animaldetect_statistic */
#define AD_LATENCY_CELLS 200

struct ad_latency {
    uint32_t cells[AD_LATENCY_CELLS];
    uint32_t count; /* sum of all cells */
};

struct ad_statistics {
    int64_t counters[AD_STATISTICS];            /* unused for gauges */
    struct ad_latency latencies[AD_STEP_COUNT]; /* by enum animaldetect_step; NONE is a whole run */
};

void ad_latency_add(struct ad_latency *latency, int64_t ms);
/* False when there are no values. */
bool ad_latency_quantile(const struct ad_latency *latency, double quantile, int64_t *out_ms);

#endif
