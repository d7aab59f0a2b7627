/* SPDX-License-Identifier: MIT */
/*
 * Detects periods without a good response of the API, in which polls say nothing about durations.
 *
 * A job that finishes during an outage is found finished when the outage ends.  That poll says when the outage ended,
 * not how long the job took, so the planner must not learn from it.  The cause of the gap does not matter: no network,
 * a Retry-After, 5xx, a pause, a suspended machine.  While good responses arrive, for any job, a late poll was only
 * queued and is a valid observation.
 *
 * Pure.  Only the last such period is kept; periods less than a minute apart are merged.
 */
#ifndef AD_ENGINE_SIGHT_H
#define AD_ENGINE_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#define AD_SIGHT_LOST_MS 60000 /* minimum delay of a poll; a shorter one is ordinary queueing */

struct ad_sight {
    int64_t good_ms; /* last good response, initially the start */
    int64_t from_ms; /* start of the last period without any, of at least AD_SIGHT_LOST_MS */
    int64_t to_ms;
};

void ad_sight_init(struct ad_sight *sight, int64_t now_ms);

/* The API sent a good response. */
void ad_sight_responded(struct ad_sight *sight, int64_t now_ms);

/* Whether a poll due at `due_ms`, and answered now, was prevented for too long.  Call it before ad_sight_responded. */
bool ad_sight_was_lost(const struct ad_sight *sight, int64_t due_ms, int64_t now_ms);

#endif
