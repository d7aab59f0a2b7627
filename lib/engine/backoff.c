/* SPDX-License-Identifier: MIT */
/*
 * Full jitter and the retry bucket, see backoff.h.  No clock, no allocation, no static state.
 */
#include "engine/backoff.h"

#define SPREAD_MAX_MS 1000

/* min(cap, base * 2^attempt), without overflow. */
static int64_t backoff_ceiling(int attempt, int64_t base_ms, int64_t cap_ms)
{
    int64_t ceiling = base_ms;

    if (base_ms <= 0 || cap_ms <= 0)
        return 0;
    for (int n = 0; n < attempt && ceiling < cap_ms; n++) {
        if (ceiling > cap_ms / 2)
            return cap_ms;
        ceiling *= 2;
    }
    return ceiling < cap_ms ? ceiling : cap_ms;
}

int64_t ad_backoff_ms(int attempt, int64_t base_ms, int64_t cap_ms, int64_t hint_ms, struct ad_rng *rng)
{
    int64_t wait = ad_rng_upto(rng, backoff_ceiling(attempt, base_ms, cap_ms));
    int64_t spread;

    if (hint_ms < 0)
        return wait;
    if (wait < hint_ms)
        wait = hint_ms;
    spread = ad_rng_upto(rng, hint_ms / 10 < SPREAD_MAX_MS ? hint_ms / 10 : SPREAD_MAX_MS);
    return wait > INT64_MAX - spread ? INT64_MAX : wait + spread;
}

void ad_retry_bucket_init(struct ad_retry_bucket *bucket)
{
    bucket->tokens = AD_RETRY_BUCKET_CAPACITY;
}

bool ad_retry_bucket_take(struct ad_retry_bucket *bucket)
{
    if (bucket->tokens < AD_RETRY_BUCKET_COST)
        return false;
    bucket->tokens -= AD_RETRY_BUCKET_COST;
    return true;
}

void ad_retry_bucket_success(struct ad_retry_bucket *bucket, bool first_try)
{
    bucket->tokens += first_try ? 1 : AD_RETRY_BUCKET_COST;
    if (bucket->tokens > AD_RETRY_BUCKET_CAPACITY)
        bucket->tokens = AD_RETRY_BUCKET_CAPACITY;
}
