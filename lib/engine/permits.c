/* SPDX-License-Identifier: MIT */
/*
 * Counts permits from grant to settlement, see permits.h.
 */
#include "engine/permits.h"

#include <string.h>

#include "base/time.h"

#define WINDOW_MS 60000
#define SLOT_MS 1000
#define RATE_LEAST_MS 5000 /* minimum duration for measuring the rate of an initial burst */

/* ---- rings of groups ---- */

static struct ad_permit_group *group_at(struct ad_permit_ring *ring, int32_t index)
{
    return &ring->groups[(ring->first + index) % AD_PERMIT_GROUPS];
}

static void drop_first(struct ad_permit_ring *ring)
{
    ring->permits -= ring->groups[ring->first].count;
    ring->first = (ring->first + 1) % AD_PERMIT_GROUPS;
    ring->count--;
}

/* Adds permits under a time not before those already in the ring. */
static void ring_add(struct ad_permit_ring *ring, int64_t at_ms, int32_t count)
{
    struct ad_permit_group *last = ring->count == 0 ? NULL : group_at(ring, ring->count - 1);
    struct ad_permit_group *before = ring->count < 2 ? NULL : group_at(ring, ring->count - 2);

    ring->permits += count;
    /* Merge into the last group if it is recent or the ring is full. */
    if (last != NULL && (ring->count == AD_PERMIT_GROUPS || at_ms <= last->at_ms ||
                         (before != NULL && at_ms - before->at_ms <= AD_PERMIT_GROUP_MS))) {
        last->count += count;
        if (at_ms > last->at_ms)
            last->at_ms = at_ms;
        return;
    }
    *group_at(ring, ring->count++) = (struct ad_permit_group){at_ms, count};
}

/* ---- time ---- */

static void drop_grant(struct ad_permits *permits, int32_t index)
{
    permits->in_hand -= permits->grants[index].count;
    permits->grant_count--;
    memmove(&permits->grants[index], &permits->grants[index + 1],
            (size_t)(permits->grant_count - index) * sizeof permits->grants[0]);
}

/* Expires grants, settles lagging permits, drops groups outside of every window. */
static int64_t advance(struct ad_permits *permits, int64_t now_ms)
{
    struct ad_permit_ring *lagging = &permits->lagging;
    struct ad_permit_ring *settled = &permits->settled;

    if (now_ms < permits->last_ms)
        now_ms = permits->last_ms;
    permits->last_ms = now_ms;
    while (permits->grant_count > 0 && permits->grants[0].at_ms <= now_ms)
        drop_grant(permits, 0);
    while (lagging->count > 0 && group_at(lagging, 0)->at_ms <= now_ms) {
        struct ad_permit_group due = *group_at(lagging, 0);

        drop_first(lagging);
        ring_add(settled, due.at_ms, due.count);
    }
    while (settled->count > 0 && now_ms - group_at(settled, 0)->at_ms > AD_PERMIT_KEEP_MS)
        drop_first(settled);
    return now_ms;
}

void ad_permits_init(struct ad_permits *permits, int64_t now_ms)
{
    memset(permits, 0, sizeof *permits);
    permits->last_ms = permits->used_ms = now_ms;
    permits->begun_ms = permits->limited_ms = -1;
}

/* ---- grants ---- */

void ad_permits_grant(struct ad_permits *permits, int32_t count, int64_t end_ms, int64_t now_ms)
{
    int32_t index = 0;

    now_ms = advance(permits, now_ms);
    permits->used_ms = now_ms;
    permits->on_share = false;
    if (end_ms <= now_ms)
        return;
    while (index < permits->grant_count && permits->grants[index].at_ms <= end_ms)
        index++;
    permits->in_hand += count;
    if (index > 0 && (permits->grants[index - 1].at_ms == end_ms || permits->grant_count == AD_PERMIT_GRANTS)) {
        permits->grants[index - 1].count += count;
        return;
    }
    if (permits->grant_count == AD_PERMIT_GRANTS) { /* it ends before all others: merge those into it */
        permits->grants[0].at_ms = end_ms;
        permits->grants[0].count += count;
        return;
    }
    memmove(&permits->grants[index + 1], &permits->grants[index],
            (size_t)(permits->grant_count - index) * sizeof permits->grants[0]);
    permits->grants[index] = (struct ad_permit_group){end_ms, count};
    permits->grant_count++;
}

int32_t ad_permits_return(struct ad_permits *permits, int32_t count, int64_t now_ms)
{
    int32_t returned = 0;

    (void)advance(permits, now_ms);
    while (returned < count && permits->grant_count > 0) {
        struct ad_permit_group *last = &permits->grants[permits->grant_count - 1];
        int32_t some = count - returned < last->count ? count - returned : last->count;

        last->count -= some;
        permits->in_hand -= some;
        returned += some;
        if (last->count == 0)
            permits->grant_count--;
    }
    return returned;
}

int32_t ad_permits_in_hand(struct ad_permits *permits, int64_t now_ms)
{
    (void)advance(permits, now_ms);
    return permits->in_hand;
}

/* ---- the share ---- */

void ad_permits_set_share(struct ad_permits *permits, int32_t per_minute, int64_t after_ms, int64_t now_ms)
{
    now_ms = advance(permits, now_ms);
    permits->share = per_minute;
    permits->share_after_ms = after_ms;
    if (permits->on_share && per_minute > 0)
        ad_pacer_set_limit(&permits->pacer, per_minute, 0, now_ms);
    permits->on_share = permits->on_share && per_minute > 0;
}

/* When the share starts; AD_TIME_NEVER: never. */
static int64_t share_ms(const struct ad_permits *permits)
{
    return permits->share == 0 ? AD_TIME_NEVER : permits->used_ms + permits->share_after_ms;
}

static bool lives_on_share(struct ad_permits *permits, int64_t now_ms)
{
    if (permits->on_share || permits->in_hand > 0 || now_ms < share_ms(permits))
        return permits->on_share;
    ad_pacer_init(&permits->pacer, permits->share, 0, now_ms);
    permits->on_share = true;
    return true;
}

/* ---- requests ---- */

int64_t ad_permits_ready_ms(struct ad_permits *permits, int64_t now_ms)
{
    now_ms = advance(permits, now_ms);
    if (permits->in_hand > 0)
        return 0;
    return lives_on_share(permits, now_ms) ? ad_pacer_ready_ms(&permits->pacer, now_ms) : share_ms(permits);
}

/* Clears the slots that have started since. */
static void turn_slots(struct ad_permits *permits, int64_t now_ms)
{
    int64_t begun = (now_ms - permits->slot_ms) / SLOT_MS;

    for (int64_t i = 0; i < begun && i < AD_PERMIT_RATE_SLOTS; i++)
        permits->used[(permits->slot_ms / SLOT_MS + 1 + i) % AD_PERMIT_RATE_SLOTS] = 0;
    permits->slot_ms += begun * SLOT_MS;
}

static void count_use(struct ad_permits *permits, int64_t now_ms)
{
    if (permits->begun_ms < 0 || now_ms - permits->taken_ms >= WINDOW_MS) {
        memset(permits->used, 0, sizeof permits->used);
        permits->begun_ms = now_ms;
        permits->slot_ms = now_ms - now_ms % SLOT_MS;
    }
    turn_slots(permits, now_ms);
    permits->taken_ms = now_ms;
    permits->used[permits->slot_ms / SLOT_MS % AD_PERMIT_RATE_SLOTS]++;
}

void ad_permits_take(struct ad_permits *permits, int64_t now_ms)
{
    now_ms = advance(permits, now_ms);
    permits->on_wire++;
    count_use(permits, now_ms);
    if (permits->on_share) {
        ad_pacer_take(&permits->pacer, now_ms);
        return;
    }
    permits->used_ms = now_ms;
    if (permits->grant_count == 0)
        return;
    permits->in_hand--;
    if (--permits->grants[0].count == 0)
        drop_grant(permits, 0);
}

void ad_permits_adopt(struct ad_permits *permits, int64_t now_ms)
{
    (void)advance(permits, now_ms);
    permits->on_wire++;
}

void ad_permits_end(struct ad_permits *permits, enum ad_permit_end end, int64_t lag_ms, int64_t now_ms)
{
    now_ms = advance(permits, now_ms);
    permits->on_wire--;
    switch (end) {
    case AD_PERMIT_ANSWERED:
        ring_add(&permits->settled, now_ms, 1);
        break;
    case AD_PERMIT_LOST:
        ring_add(&permits->lagging, now_ms + lag_ms, 1);
        break;
    case AD_PERMIT_UNSENT:
        break;
    }
}

void ad_permits_limited(struct ad_permits *permits, int64_t sent_ms, int64_t now_ms)
{
    now_ms = advance(permits, now_ms);
    if (sent_ms < permits->limited_ms)
        return;
    permits->limited_ms = now_ms;
    permits->limited++;
}

int32_t ad_permits_take_limited(struct ad_permits *permits)
{
    int32_t limited = permits->limited;

    permits->limited = 0;
    return limited;
}

/* ---- reports to the host ---- */

int32_t ad_permits_report(struct ad_permits *permits, int64_t *ages_ms, int32_t capacity, int64_t *outstanding,
                          int64_t now_ms)
{
    struct ad_permit_ring *settled = &permits->settled;
    int32_t told = 0;

    now_ms = advance(permits, now_ms);
    while (told < capacity && settled->count > 0) {
        struct ad_permit_group *first = group_at(settled, 0);

        ages_ms[told++] = now_ms - first->at_ms;
        settled->permits--;
        if (--first->count == 0)
            drop_first(settled);
    }
    *outstanding = permits->in_hand + permits->on_wire + permits->lagging.permits + settled->permits;
    return told;
}

int64_t ad_permits_rate_per_minute_x1000(struct ad_permits *permits, int64_t now_ms)
{
    int64_t used = 0;
    int64_t over_ms;

    now_ms = advance(permits, now_ms);
    if (permits->begun_ms < 0 || now_ms - permits->taken_ms >= WINDOW_MS)
        return 0;
    turn_slots(permits, now_ms);
    for (int32_t i = 0; i < AD_PERMIT_RATE_SLOTS; i++)
        used += permits->used[i];
    over_ms = now_ms - permits->begun_ms;
    if (over_ms < RATE_LEAST_MS)
        over_ms = RATE_LEAST_MS;
    if (over_ms > WINDOW_MS)
        over_ms = WINDOW_MS;
    return used * 1000 * WINDOW_MS / over_ms;
}

int64_t ad_permits_next_ms(struct ad_permits *permits, int64_t now_ms)
{
    int64_t next_ms;

    now_ms = advance(permits, now_ms);
    next_ms = permits->on_share || permits->in_hand > 0 ? AD_TIME_NEVER : share_ms(permits);
    if (next_ms <= now_ms)
        next_ms = AD_TIME_NEVER; /* it starts with the next request */
    if (permits->grant_count > 0 && permits->grants[0].at_ms < next_ms)
        next_ms = permits->grants[0].at_ms;
    if (permits->lagging.count > 0 && group_at(&permits->lagging, 0)->at_ms < next_ms)
        next_ms = group_at(&permits->lagging, 0)->at_ms;
    return next_ms;
}
