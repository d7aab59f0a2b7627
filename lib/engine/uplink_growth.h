/* SPDX-License-Identifier: MIT */
/*
 * How many concurrent uploads a link takes without a queue: N of uplink.h.  Used by uplink.c only.
 *
 * d is the smoothed round trip minus the smallest.  N is adjusted every max(0.5 s, 2 R), until the first queue every
 * max(0.25 s, 2 R):
 *
 *     d > 20 ms + 1.5 R                          a queue: N x 0.8
 *     d < 10 ms + 0.5 R and N are in flight      none: N x 1.25 + 1, then x 1.5, x 1.8, x 2
 *
 * Beyond 8 in flight N grows only if B has grown by a tenth, or was cut by a quarter, within max(10 s, 20 R):
 * congestion control that leaves no queue looks like spare capacity.  A late response (uplink.h) cuts N as a queue
 * does, and N does not grow again before a prompt one.
 *
 * Where R < 5 ms a whole upload takes less than one such interval.  There N grows by one with each response, so it
 * doubles with each round of uploads.
 *
 * Without round trips N is found by trials: twice as many for 1.5 s, kept if B grows by half of what that promises.
 * After a failed trial N is 1.  The next one starts 4 s later, then 8 s, at most 60 s, and not before the uploads that
 * it added have completed: it would otherwise start from more than the link needs.
 */
#ifndef AD_ENGINE_UPLINK_GROWTH_H
#define AD_ENGINE_UPLINK_GROWTH_H

#include "engine/uplink.h"

void ad_uplink_growth_init(struct ad_uplink *uplink);

/* Adjusts N after the view was taken in. */
void ad_uplink_growth_see(struct ad_uplink *uplink);

/* There is a queue, in the network or behind a relay. */
void ad_uplink_growth_shrink(struct ad_uplink *uplink);

void ad_uplink_growth_answered(struct ad_uplink *uplink);

/* When N may change next, if nothing happens until then. */
int64_t ad_uplink_growth_due_ms(const struct ad_uplink *uplink);

#endif
