/* SPDX-License-Identifier: MIT */
/*
 * How many uploads at once a link takes without a queue: N of uplink.h, on behalf of uplink.c alone.
 *
 * d is the smoothed round trip less the smallest.  N is judged every max(0.5 s, 2 R), until the first queue every
 * max(0.25 s, 2 R):
 *
 *     d > 20 ms + 1.5 R                          a queue: N x 0.8
 *     d < 10 ms + 0.5 R and N are in flight      none: N x 1.25 + 1, then x 1.5, x 1.8, x 2
 *
 * Beyond 8 in flight N grows only if B has grown by a tenth, or was cut by a quarter, within max(10 s, 20 R):
 * congestion control that leaves no queue looks like room for more.  A late answer (uplink.h) cuts N as a queue does,
 * and N does not grow before a prompt one.
 *
 * Where R < 5 ms a whole upload takes less time than the clock of these steps; N grows by one with each answer there,
 * so it doubles with each round of uploads.
 *
 * Without round trips N is found by trials: twice as many for 1.5 s, kept if B grows by half of what that promises.
 * After a trial that failed N is 1, and the next one begins 4 s later, then 8 s, at most 60 s, and not before those
 * that it brought are over: it would begin from more than the link needs.
 */
#ifndef AD_ENGINE_UPLINK_GROWTH_H
#define AD_ENGINE_UPLINK_GROWTH_H

#include "engine/uplink.h"

void ad_uplink_growth_init(struct ad_uplink *uplink);

/* After what the view says was taken in. */
void ad_uplink_growth_see(struct ad_uplink *uplink);

/* There is a queue, in the network or behind a relay. */
void ad_uplink_growth_shrink(struct ad_uplink *uplink);

void ad_uplink_growth_answered(struct ad_uplink *uplink);

/* When N may change next, if nothing happens until then. */
int64_t ad_uplink_growth_due_ms(const struct ad_uplink *uplink);

#endif
