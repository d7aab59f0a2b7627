/* SPDX-License-Identifier: MIT */
/*
 * How long nearly all jobs take at most: the 99th percentile of the durations that were seen to their end.  Jobs that
 * never end have no say in it, whatever their share.  Pure, fixed size.
 */
#ifndef AD_ENGINE_SLOWEST_H
#define AD_ENGINE_SLOWEST_H

#include <stdint.h>

#define AD_SLOWEST_SIZE 200

struct ad_slowest {
    float seen_ms[AD_SLOWEST_SIZE]; /* the newest, as a ring */
    uint32_t count;                 /* ever, saturating */
    uint8_t head;
    double p99_ms;
};

void ad_slowest_init(struct ad_slowest *slowest);
void ad_slowest_add(struct ad_slowest *slowest, double duration_ms);

#endif
