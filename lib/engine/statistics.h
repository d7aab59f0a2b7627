/* SPDX-License-Identifier: MIT */
/*
 * Counters of a client, and how long its requests took.  Durations are kept as a histogram with geometric cells for
 * each step, in which older values fade.
 */
#ifndef AD_ENGINE_STATISTICS_H
#define AD_ENGINE_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/statistics.h>

#include "engine/step_count.h"

#define AD_STATISTICS (ANIMALDETECT_STAT_CLOCK_OFFSET_MS + 1) /* values of enum animaldetect_statistic */
#define AD_LATENCY_CELLS 200

struct ad_latency {
    uint32_t cells[AD_LATENCY_CELLS];
    uint32_t count; /* of all cells */
};

struct ad_statistics {
    int64_t counters[AD_STATISTICS]; /* gauges leave theirs unused */
    struct ad_latency latencies[AD_STEP_COUNT]; /* by enum animaldetect_step; NONE is a whole run */
};

void ad_latency_add(struct ad_latency *latency, int64_t ms);
/* False when nothing was added yet. */
bool ad_latency_quantile(const struct ad_latency *latency, double quantile, int64_t *out_ms);

#endif
