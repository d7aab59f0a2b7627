/* SPDX-License-Identifier: MIT */
/*
 * When to try again after a failure, and whether to.
 *
 * How long: full jitter.  Retry n (0, 1, 2 ...) waits a uniform time in
 * [0, min(cap, base * 2^n)].  With base 500 ms and cap 30 s the upper ends are 0.5, 1, 2, 4, 8,
 * 16, 30, 30 ... s.  When the server said how long to wait (Retry-After), the wait is
 * max(jittered, hint) plus a spread of at most min(1 s, hint / 10), so that a fleet that was sent
 * away in one instant does not come back in one instant.  A hint is a floor: never undercut.
 *
 * Whether: the retry bucket.  It holds 500 tokens.  A retry takes 14, a call that succeeds
 * at its first try puts 1 back, a call that succeeds after a retry puts its 14 back.  A healthy service
 * can be retried 35 times in a burst; a service that is down for good sees one retry for every 14 first-try
 * successes (7 %), not six times the traffic.
 *
 * Pure: chance comes from the caller's generator, no clock is read.
 */
#ifndef AD_ENGINE_BACKOFF_H
#define AD_ENGINE_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"

#define AD_RETRY_BUCKET_CAPACITY 500
#define AD_RETRY_BUCKET_COST 14

/*
 * Milliseconds to wait before retry number `attempt` (0 for the first retry; below 0 reads as 0).
 * `hint_ms` is the server's Retry-After, -1 for none.  Overflow safe for every argument;
 * the answer is in [0, INT64_MAX].
 */
int64_t ad_backoff_ms(int attempt, int64_t base_ms, int64_t cap_ms, int64_t hint_ms, struct ad_rng *rng);

struct ad_retry_bucket {
    int32_t tokens; /* 0 .. AD_RETRY_BUCKET_CAPACITY */
};

/* Starts full. */
void ad_retry_bucket_init(struct ad_retry_bucket *bucket);

/* Pays for one retry.  False: the bucket is too empty; the caller waits for the longest backoff instead. */
bool ad_retry_bucket_take(struct ad_retry_bucket *bucket);

/* A call succeeded: at its first try (+1) or after at least one retry (the last retry's cost back). */
void ad_retry_bucket_success(struct ad_retry_bucket *bucket, bool first_try);

#endif
