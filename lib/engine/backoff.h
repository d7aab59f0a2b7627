/* SPDX-License-Identifier: MIT */
/*
 * Decides when to retry after a failure, and whether to.
 *
 * When: full jitter.  Retry n (0, 1, 2 ...) waits a uniformly random time in [0, min(cap, base * 2^n)]. With base 500
 * ms and cap 30 s the upper bounds are 0.5, 1, 2, 4, 8, 16, 30, 30 ... s.  If the server sent Retry-After, the delay is
 * max(jittered, hint) plus a random time of at most min(1 s, hint / 10), so that a fleet that was refused at one moment
 * does not return at one moment.  The delay is never shorter than the hint.
 *
 * Whether: the retry bucket.  It holds 500 tokens.  A retry takes 14, a call that succeeds at the first attempt puts 1
 * back, a call that succeeds after a retry puts its 14 back.  A healthy service can be retried 35 times in a burst; a
 * service that stays down gets one retry per 14 first-attempt successes (7 %), not six times the traffic.
 *
 * Pure: randomness comes from the caller's generator, no clock is read.
 */
#ifndef AD_ENGINE_BACKOFF_H
#define AD_ENGINE_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

#define AD_RETRY_BUCKET_CAPACITY 500
#define AD_RETRY_BUCKET_COST 14

/*
 * Delay in milliseconds before retry number `attempt` (0 for the first retry; negative counts as 0).  `hint_ms` is the
 * server's Retry-After, -1 for none.  Cannot overflow; the result is in [0, INT64_MAX].
 */
int64_t ad_backoff_ms(int attempt, int64_t base_ms, int64_t cap_ms, int64_t hint_ms, struct ad_rng *rng);

struct ad_retry_bucket {
    int32_t tokens; /* 0 .. AD_RETRY_BUCKET_CAPACITY */
};

/* Starts full. */
void ad_retry_bucket_init(struct ad_retry_bucket *bucket);

/* Takes the tokens of one retry.  False: not enough; the caller waits for the longest backoff instead. */
bool ad_retry_bucket_take(struct ad_retry_bucket *bucket);

/* A call succeeded: at its first attempt (+1) or after at least one retry (the last retry's tokens back). */
void ad_retry_bucket_success(struct ad_retry_bucket *bucket, bool first_try);

#endif
