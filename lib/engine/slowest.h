/* SPDX-License-Identifier: MIT */
/*
 * The 99th percentile of job durations.  Only finished jobs count, so jobs that never finish do not affect it.  Pure,
 * fixed size.
 */
#ifndef AD_ENGINE_SLOWEST_H
#define AD_ENGINE_SLOWEST_H

#include <stdint.h>

#define AD_SLOWEST_SIZE 200

struct ad_slowest {
    float seen_ms[AD_SLOWEST_SIZE]; /* the newest, a ring */
    uint32_t count;                 /* ever added, saturating */
    uint8_t head;
    double p99_ms;
};

void ad_slowest_init(struct ad_slowest *slowest);
void ad_slowest_add(struct ad_slowest *slowest, double duration_ms);

#endif
