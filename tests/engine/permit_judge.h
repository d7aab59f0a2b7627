/* SPDX-License-Identifier: MIT */
/*
 * Counts the API requests that arrived at a service, afterwards, from the record of the world. It knows nothing about
 * permits. A request that was canceled or broke off before it arrived may still arrive, up to the lag after it was
 * sent. Half of those arrive as late as possible.
 */
#ifndef ENGINE_PERMIT_JUDGE_H
#define ENGINE_PERMIT_JUDGE_H

#include "base/rng.h"
#include "kit/world/world.h"

struct permit_judge;

struct permit_judge *permit_judge_new(const struct world *world, int64_t lag_ms, struct ad_rng *rng);
void permit_judge_free(struct permit_judge *judge);

int32_t permit_judge_most(const struct permit_judge *judge, int64_t window_ms); /* maximum in (t - window, t] */
int32_t permit_judge_count(const struct permit_judge *judge, int64_t from_ms, int64_t until_ms);
int64_t permit_judge_longest_ms(const struct permit_judge *judge); /* longest time that a request was on the wire */

#endif
