/* SPDX-License-Identifier: MIT */
/*
 * How many bytes a second a link carries, from amounts and the time that each took.
 *
 * The rate is the highest of the last four windows, so that a short lull does not pass for a slow link.  The windows
 * end now and are as long as asked for; time is kept in slots of a tenth of that.  A slot that took longer than a
 * window, because nobody asked, is a window of its own: a pause of whatever length spoils one of four.
 *
 * Pure: fixed size, no allocation, no clock.
 */
#ifndef AD_ENGINE_METER_H
#define AD_ENGINE_METER_H

#include <stdint.h>

#define AD_METER_SLOTS 44 /* four windows and what their ends do not use of a slot */
#define AD_METER_RATE_MAX ((int64_t)1 << 40)

struct ad_meter {
    int64_t ms[AD_METER_SLOTS];
    int64_t bytes[AD_METER_SLOTS];
    int32_t newest;
};

void ad_meter_init(struct ad_meter *meter);

void ad_meter_add(struct ad_meter *meter, uint64_t bytes, int64_t ms, int64_t window_ms);

/* Bytes a second, 0 to AD_METER_RATE_MAX.  Before the first window is full: of all so far, as if it were half a second
 * at least. */
int64_t ad_meter_rate(const struct ad_meter *meter, int64_t window_ms);

/* The same of the newest window alone. */
int64_t ad_meter_rate_now(const struct ad_meter *meter, int64_t window_ms);

#endif
