/* SPDX-License-Identifier: MIT */
/*
 * The quota-free half of the bench: (polls per job, delay) of the planner for a sweep of prices, of fixed intervals
 * for a sweep of intervals, and of exponential backoff, on the same arrivals; and the drawing of it.
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
 * The planner's delay over that of the best fixed interval that costs no more polls (half a percent aside).  Below
 * 1 the planner wins, against somebody who knew the best interval.  0 when no fixed interval is that thrifty.
 */
double curve_ratio(const struct curve *curve, const struct curve_point *point);

void curve_draw(FILE *file, const struct curve *curves, size_t count);

#endif
