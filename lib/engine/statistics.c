/* SPDX-License-Identifier: MIT */
/*
 * The latency histogram: cell n holds times from GROWTH^n - 1 to GROWTH^(n+1) - 1 ms, within 5 percent of its middle.
 */
#include "engine/statistics.h"

#include <math.h>

#define GROWTH 1.1
#define FADE_AT 8192u /* then every cell is halved */

static int latency_cell_of(int64_t ms)
{
    double cell = log1p((double)(ms < 0 ? 0 : ms)) / log(GROWTH);

    return cell >= AD_LATENCY_CELLS - 1 ? AD_LATENCY_CELLS - 1 : (int)cell;
}

void ad_latency_add(struct ad_latency *latency, int64_t ms)
{
    if (latency->count >= FADE_AT) {
        latency->count = 0;
        for (int i = 0; i < AD_LATENCY_CELLS; i++) {
            latency->cells[i] /= 2;
            latency->count += latency->cells[i];
        }
    }
    latency->cells[latency_cell_of(ms)]++;
    latency->count++;
}

bool ad_latency_quantile(const struct ad_latency *latency, double quantile, int64_t *out_ms)
{
    double rank = quantile * (double)latency->count;
    double seen = 0;
    int cell = 0;

    if (latency->count == 0)
        return false;
    for (; cell < AD_LATENCY_CELLS - 1; cell++) {
        seen += latency->cells[cell];
        if (seen > 0 && seen >= rank)
            break;
    }
    /* the geometric middle of the cell */
    *out_ms = (int64_t)llround(pow(GROWTH, cell + 0.5) - 1);
    return true;
}
