/* SPDX-License-Identifier: MIT */
/*
 * The half of the bench without quota: (polls per job, delay) of the planner for a sweep of prices, of fixed intervals
 * for a sweep of intervals, and of exponential backoff, on the same arrivals; and their drawing.
 */
#ifndef AD_BENCH_QUOTA_CURVE_H
#define AD_BENCH_QUOTA_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "quota_sim.h"

#define CURVE_POINTS 64

struct curve_point {
    double setting_ms; /* the price, or the interval */
    double polls;
    double delay_ms;
};

struct curve {
    struct curve_point planner[CURVE_POINTS];
    size_t planner_count;
    struct curve_point fixed[CURVE_POINTS];
    size_t fixed_count;
    struct curve_point exponential;
};

/* False: out of memory. */
bool curve_measure(enum quota_service service, bool quick, struct curve *curve);

/*
 * The planner's delay divided by that of the best fixed interval that needs no more polls (0.5 % tolerance). Below 1
 * the planner wins against somebody who knows the best interval. 0 when every fixed interval needs more polls.
 */
double curve_ratio(const struct curve *curve, const struct curve_point *point);

void curve_draw(FILE *file, const struct curve *curves, size_t count);

#endif
