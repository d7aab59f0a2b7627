/* SPDX-License-Identifier: MIT */
/*
 * The shares of API and storage in the connections, by the rules of parts.h.
 */
#include "engine/parts.h"

#include <string.h>

#define MINUTE_MS 60000
#define STEP_MS 100
#define SHARED_CONNECTIONS 2 /* of an HTTP/2 API: one that is full or closing, and the next */

void ad_parts_init(struct ad_parts *parts, int64_t now_ms)
{
    memset(parts, 0, sizeof *parts);
    parts->changed_ms = now_ms;
}

static enum ad_side other_side(enum ad_side side)
{
    return side == AD_SIDE_API ? AD_SIDE_STORAGE : AD_SIDE_API;
}

static int32_t held(const struct ad_parts *parts, enum ad_side side)
{
    int32_t size = parts->sides[side].size;

    return side == AD_SIDE_API && parts->shared && size > SHARED_CONNECTIONS ? SHARED_CONNECTIONS : size;
}

/* The maximum of one side.  With two or more connections each side keeps one; a single one serves both. */
static int32_t most_of(const struct ad_parts *parts, enum ad_side side)
{
    int32_t quarter = parts->connections / 4;

    if (side == AD_SIDE_API && (parts->shared || !parts->uploads))
        return parts->connections;
    return parts->connections - (quarter == 0 && parts->connections > 1 ? 1 : quarter);
}

/* If the number is reduced, connections are closed and the shares grow anew. */
static void set_connections(struct ad_parts *parts, int32_t connections)
{
    bool fewer = connections < parts->connections;

    parts->connections = connections;
    for (int i = 0; i < 2; i++) {
        int32_t most = fewer ? 0 : most_of(parts, (enum ad_side)i);

        if (parts->sides[i].size > most)
            parts->sides[i].size = most;
    }
}

static bool is_later(int64_t at_ms, int64_t now_ms, int64_t *ready_ms)
{
    if (at_ms <= now_ms)
        return false;
    if (*ready_ms == 0 || at_ms < *ready_ms)
        *ready_ms = at_ms;
    return true;
}

/* Takes one connection that the other side has not needed for a while. */
static bool take_over(struct ad_parts *parts, enum ad_side side, int64_t now_ms, int64_t *ready_ms)
{
    struct ad_part *part = &parts->sides[side];
    struct ad_part *other = &parts->sides[other_side(side)];
    int32_t fifth = parts->connections / 5;
    int64_t since_ms = other->all_used_ms > parts->changed_ms ? other->all_used_ms : parts->changed_ms;

    if (other->size <= 1 || other->in_flight >= other->size ||
        is_later(since_ms + MINUTE_MS / (fifth > 0 ? fifth : 1), now_ms, ready_ms))
        return false;
    other->size--;
    part->size++;
    parts->changed_ms = now_ms;
    return part->in_flight < part->size;
}

static bool grow(struct ad_parts *parts, enum ad_side side, int64_t now_ms, int64_t *ready_ms)
{
    struct ad_part *part = &parts->sides[side];

    if (part->in_flight >= (parts->connections + 1) / 2 && most_of(parts, side) < parts->connections) {
        if (is_later(parts->changed_ms + STEP_MS, now_ms, ready_ms))
            return false;
        parts->changed_ms = now_ms;
    }
    part->size = part->in_flight + 1;
    return true;
}

bool ad_parts_admit(struct ad_parts *parts, enum ad_side side, int32_t connections, int64_t now_ms, int64_t *ready_ms)
{
    struct ad_part *part = &parts->sides[side];

    set_connections(parts, connections);
    if (connections == 1 || (side == AD_SIDE_API && parts->shared) || part->in_flight < part->size)
        return true;
    if (part->in_flight >= most_of(parts, side))
        return false;
    if (held(parts, other_side(side)) + part->in_flight < connections)
        return grow(parts, side, now_ms, ready_ms);
    return take_over(parts, side, now_ms, ready_ms);
}

static void note_use(struct ad_part *part, int64_t now_ms)
{
    if (part->in_flight >= part->size)
        part->all_used_ms = now_ms;
}

void ad_parts_begin(struct ad_parts *parts, enum ad_side side, int64_t now_ms)
{
    parts->uploads = parts->uploads || side == AD_SIDE_STORAGE;
    parts->sides[side].in_flight++;
    note_use(&parts->sides[side], now_ms);
}

void ad_parts_end(struct ad_parts *parts, enum ad_side side, int64_t now_ms)
{
    note_use(&parts->sides[side], now_ms);
    parts->sides[side].in_flight--;
}
