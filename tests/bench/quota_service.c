/* SPDX-License-Identifier: MIT */
/*
 * How long the service of the quota bench takes: the six kinds of quota_sim.h. Pure: all randomness comes from the
 * caller's generator.
 */
#include <math.h>

#include "quota_sim.h"

const char *quota_service_name(enum quota_service service)
{
    static const char *const names[QUOTA_SERVICES] = {"constant 10 s",  "lognormal 1.5 s", "lognormal 8 s",
                                                      "lognormal 60 s", "bimodal 4/30 s",  "growing fifo"};

    return names[service];
}

static double normal(struct ad_rng *rng)
{
    double radius = sqrt(-2.0 * log(1.0 - ad_rng_unit(rng)));

    return radius * cos(6.283185307179586 * ad_rng_unit(rng));
}

static int64_t lognormal(struct ad_rng *rng, double median_ms, double sigma)
{
    return (int64_t)(median_ms * exp(sigma * normal(rng)));
}

int64_t quota_finish_ms(const struct quota_run *run, int64_t now_ms, int64_t *worker_free_ms, struct ad_rng *rng)
{
    int64_t each;

    switch (run->service) {
    case QUOTA_CONSTANT:
        return now_ms + 10000;
    case QUOTA_FAST:
        return now_ms + lognormal(rng, 1500, 0.6);
    case QUOTA_MIDDLE:
        return now_ms + lognormal(rng, 8000, 0.6);
    case QUOTA_SLOW:
        return now_ms + lognormal(rng, 60000, 0.6);
    case QUOTA_BIMODAL:
        return now_ms + (ad_rng_unit(rng) < 0.9 ? lognormal(rng, 4000, 0.4) : lognormal(rng, 30000, 0.3));
    default:
        /* One worker, 2 % slower than images arrive: at best one image per four requests under a quota. */
        each = run->every_ms > 0 ? run->every_ms : 4 * 60000 / run->per_minute;
        if (*worker_free_ms < now_ms)
            *worker_free_ms = now_ms;
        *worker_free_ms += each + each / 50 + 1;
        return *worker_free_ms;
    }
}
