/* SPDX-License-Identifier: MIT */
/*
 * The periods of sight.h.
 */
#include "engine/sight.h"

#include <string.h>

void ad_sight_init(struct ad_sight *sight, int64_t now_ms)
{
    memset(sight, 0, sizeof *sight);
    sight->good_ms = sight->from_ms = sight->to_ms = now_ms;
}

void ad_sight_responded(struct ad_sight *sight, int64_t now_ms)
{
    if (now_ms - sight->good_ms >= AD_SIGHT_LOST_MS) {
        if (sight->good_ms - sight->to_ms >= AD_SIGHT_LOST_MS)
            sight->from_ms = sight->good_ms;
        sight->to_ms = now_ms;
    }
    sight->good_ms = now_ms;
}

/* The overlap of due .. now and from .. to. */
static int64_t overlap_ms(int64_t due_ms, int64_t now_ms, int64_t from_ms, int64_t to_ms)
{
    return (now_ms < to_ms ? now_ms : to_ms) - (due_ms > from_ms ? due_ms : from_ms);
}

bool ad_sight_was_lost(const struct ad_sight *sight, int64_t due_ms, int64_t now_ms)
{
    return overlap_ms(due_ms, now_ms, sight->good_ms, now_ms) >= AD_SIGHT_LOST_MS ||
           overlap_ms(due_ms, now_ms, sight->from_ms, sight->to_ms) >= AD_SIGHT_LOST_MS;
}
