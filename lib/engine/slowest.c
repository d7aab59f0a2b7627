/* SPDX-License-Identifier: MIT */
/*
 * The percentile of slowest.h: the third largest of 200, recomputed for each new one.
 */
#include "engine/slowest.h"

#include <string.h>

/* Of the lognormal of median 5 s, sigma 0.9, the prior of sample.c. */
#define FIRST_P99_MS 40500.0
#define ENOUGH 100 /* known durations above which the prior no longer counts */
#define RANKS 3

_Static_assert(AD_SLOWEST_SIZE <= UINT8_MAX, "head counts the ring");

void ad_slowest_init(struct ad_slowest *slowest)
{
    memset(slowest, 0, sizeof *slowest);
    slowest->p99_ms = FIRST_P99_MS;
}

/* The third largest of 200, the second of 100, the largest of fewer. */
static double nearly_largest(const struct ad_slowest *slowest)
{
    uint32_t known = 0;
    float largest[RANKS] = {0};

    for (; known < AD_SLOWEST_SIZE && known < slowest->count; known++) {
        float value = slowest->seen_ms[known];

        for (int rank = 0; rank < RANKS; rank++) {
            if (value > largest[rank]) {
                float smaller = largest[rank];

                largest[rank] = value;
                value = smaller;
            }
        }
    }
    return (double)largest[known / 100 < RANKS ? known / 100 : RANKS - 1];
}

void ad_slowest_add(struct ad_slowest *slowest, double duration_ms)
{
    slowest->seen_ms[slowest->head] = duration_ms > 0.0 && duration_ms < 1e12 ? (float)duration_ms : 1.0F;
    slowest->head = (uint8_t)((slowest->head + 1) % AD_SLOWEST_SIZE);
    if (slowest->count < UINT32_MAX)
        slowest->count++;
    slowest->p99_ms = nearly_largest(slowest);
    if (slowest->count < ENOUGH && slowest->p99_ms < FIRST_P99_MS)
        slowest->p99_ms = FIRST_P99_MS;
}
