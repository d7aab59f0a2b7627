/* SPDX-License-Identifier: MIT */
/*
 * The slots and windows of meter.h.  Amounts and times are capped so that every sum and product fits 64 bits.
 */
#include "engine/meter.h"

#include <string.h>

#define WINDOWS 4
#define SLOTS_A_WINDOW 10
#define LEAST_MS 500                 /* minimum duration of the first window */
#define BYTES_MAX ((int64_t)1 << 47) /* per slot: 44 of them, times 1000, are below 2^63 */
#define MS_MAX ((int64_t)1 << 50)

void ad_meter_init(struct ad_meter *meter)
{
    memset(meter, 0, sizeof(*meter));
}

static int64_t add_capped(int64_t sum, uint64_t more, int64_t most)
{
    return more > (uint64_t)(most - sum) ? most : sum + (int64_t)more;
}

void ad_meter_add(struct ad_meter *meter, uint64_t bytes, int64_t ms, int64_t window_ms)
{
    uint64_t time = ms > 0 ? (uint64_t)ms : 0;

    if (meter->ms[meter->newest] >= window_ms / SLOTS_A_WINDOW && time > 0) {
        meter->newest = (meter->newest + 1) % AD_METER_SLOTS;
        meter->ms[meter->newest] = 0;
        meter->bytes[meter->newest] = 0;
    }
    meter->ms[meter->newest] = add_capped(meter->ms[meter->newest], time, MS_MAX);
    meter->bytes[meter->newest] = add_capped(meter->bytes[meter->newest], bytes, BYTES_MAX);
}

static int64_t rate_of(int64_t bytes, int64_t ms)
{
    int64_t rate = bytes * 1000 / ms;

    return rate < AD_METER_RATE_MAX ? rate : AD_METER_RATE_MAX;
}

static int64_t best_of(const struct ad_meter *meter, int64_t window_ms, int windows)
{
    int64_t best = -1;
    int64_t bytes = 0;
    int64_t ms = 0;

    for (int i = 0; i < AD_METER_SLOTS && windows > 0; i++) {
        int32_t slot = (meter->newest + AD_METER_SLOTS - i) % AD_METER_SLOTS;

        bytes += meter->bytes[slot];
        ms += meter->ms[slot];
        if (ms < window_ms || ms <= 0)
            continue;
        if (rate_of(bytes, ms) > best)
            best = rate_of(bytes, ms);
        bytes = ms = 0;
        windows--;
    }
    return best >= 0 ? best : rate_of(bytes, ms > LEAST_MS ? ms : LEAST_MS);
}

int64_t ad_meter_rate(const struct ad_meter *meter, int64_t window_ms)
{
    return best_of(meter, window_ms, WINDOWS);
}

int64_t ad_meter_rate_now(const struct ad_meter *meter, int64_t window_ms)
{
    return best_of(meter, window_ms, 1);
}
