/* SPDX-License-Identifier: MIT */
/*
 * For how long nobody could look at jobs: the times without one good answer of the API.
 *
 * A job that ends in an outage is seen at its end, whenever that is.  The look says when the outage was over and
 * nothing of how long the job has taken, so the planner must not learn from it.  What kept the looks away does not
 * matter: no network, a wait that the service asked for, 5xx, a pause, a host or a machine that slept.  While answers
 * come in, for whatever job, a look that is late waited for its turn, and is a lesson.
 *
 * Pure.  The last such time is kept; those that follow each other within a minute are one.
 */
#ifndef AD_ENGINE_SIGHT_H
#define AD_ENGINE_SIGHT_H

#include <stdbool.h>
#include <stdint.h>

#define AD_SIGHT_LOST_MS 60000 /* of a look's delay: what is shorter is an ordinary wait */

struct ad_sight {
    int64_t good_ms; /* last good answer, or the beginning */
    int64_t from_ms; /* the last time without any, of AD_SIGHT_LOST_MS at least */
    int64_t to_ms;
};

void ad_sight_init(struct ad_sight *sight, int64_t now_ms);

/* The API answered well. */
void ad_sight_good(struct ad_sight *sight, int64_t now_ms);

/* Was a look that was due then, and is answered now, kept away for too long?  Ask before ad_sight_good. */
bool ad_sight_was_lost(const struct ad_sight *sight, int64_t due_ms, int64_t now_ms);

#endif
