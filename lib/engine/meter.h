/* SPDX-License-Identifier: MIT */
/*
 * Measures the throughput of a link in bytes per second.
 *
 * The rate is the highest of the last four windows, so that a short pause does not look like a slow link.  The windows
 * end now and have the requested length; time is divided into slots of a tenth of that.  A slot longer than a window,
 * because nobody called in between, counts as a window of its own: a pause of any length affects one window of four.
 *
 * Pure: fixed size, no allocation, no clock.
 */
#ifndef AD_ENGINE_METER_H
#define AD_ENGINE_METER_H

#include <stdint.h>

#define AD_METER_SLOTS 44 /* four windows and the slots that they cover partly */
#define AD_METER_RATE_MAX ((int64_t)1 << 40)

struct ad_meter {
    int64_t ms[AD_METER_SLOTS];
    int64_t bytes[AD_METER_SLOTS];
    int32_t newest;
};

void ad_meter_init(struct ad_meter *meter);

void ad_meter_add(struct ad_meter *meter, uint64_t bytes, int64_t ms, int64_t window_ms);

/*
 * Bytes per second, 0 to AD_METER_RATE_MAX.  Before the first window is full: over the whole time so far, at least half
 * a second.
 */
int64_t ad_meter_rate(const struct ad_meter *meter, int64_t window_ms);

/* The rate of the newest window alone. */
int64_t ad_meter_rate_now(const struct ad_meter *meter, int64_t window_ms);

#endif
