/* SPDX-License-Identifier: MIT */
/*
 * The client's permits of a shared quota, from their grant until they are settled.
 *
 * The source of permits counts for all clients, without seeing their requests.  Its count is exact if it knows of each
 * client how many permits are *outstanding* and when the others were *settled*: a request arrives at the service while
 * its permit is outstanding, or before it was settled.  A granted permit is one of
 *
 *     in hand       not used; it expires at the end of its lifetime
 *     on the wire   used by a request without a response so far
 *     lagging       its request failed but may reach the service later; settled when the lag has passed
 *     settled       with a time, until the host has collected that in a report
 *
 *     Example: 4 permits are granted at 0 s with a lifetime of 5 s. Two requests are sent at 1 s; one is answered at
 *     1.3 s, the connection of the other breaks at 2 s. A report at 2 s says: settled 700 ms ago, 1; outstanding 3 (two
 *     in hand, one lagging). At 5 s the two in hand expire: outstanding 1. With a lag of 10 s the last one is settled
 *     at 12 s.
 *
 * A request that was certainly not sent frees its permit at once.  The permit is not reused: the next grant is cheap,
 * and a permit never goes backward through these states.
 *
 * Settled permits are grouped by tenths of a second, each group under the *latest* of its times: a permit is charged
 * that much too long, never too short.  Groups older than two minutes are outside every window and are dropped.
 *
 * Share.  If nothing is granted for some time, the client may use a share of its own, through a pacer.  Its requests go
 * through the same states.  The share starts when nothing was granted and nothing sent for that time, at least a
 * minute: no earlier request is then in the same window.
 *
 * Pure: fixed size, no allocation, time passed in (milliseconds of any clock that starts at >= 0; one that goes back is
 * read as standing still).  Not thread safe: protected by the client's lock.
 */
#ifndef AD_ENGINE_PERMITS_H
#define AD_ENGINE_PERMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/pacer.h"

#define AD_PERMIT_GRANTS 64   /* with different ends; more are merged into the one that ends earlier */
#define AD_PERMIT_GROUPS 1202 /* two minutes of tenths of a second */
#define AD_PERMIT_GROUP_MS 100
#define AD_PERMIT_KEEP_MS 120000
#define AD_PERMIT_RATE_SLOTS 60 /* one second each */

struct ad_permit_group {
    int64_t at_ms;
    int32_t count;
};

/* Groups in order of time. */
struct ad_permit_ring {
    struct ad_permit_group groups[AD_PERMIT_GROUPS];
    int32_t first;
    int32_t count;
    int64_t permits; /* in all groups */
};

struct ad_permits {
    struct ad_permit_group grants[AD_PERMIT_GRANTS]; /* `at_ms` is their end; sorted by it */
    int32_t grant_count;
    int32_t in_hand;
    int64_t on_wire;
    struct ad_permit_ring lagging; /* by the time when they will be settled */
    struct ad_permit_ring settled;
    struct ad_pacer pacer; /* of the share */
    int64_t last_ms;       /* the latest time ever seen */
    int64_t used_ms;       /* when the last grant or use was */
    int64_t begun_ms;      /* first use in the rate measurement, which restarts after a minute without use */
    int64_t taken_ms;      /* last use */
    int64_t slot_ms;       /* start of the newest slot */
    int64_t limited_ms;    /* the last 429 that was not a repetition */
    int64_t share_after_ms;
    int32_t share;   /* requests per minute, 0: none */
    int32_t limited; /* 429s not reported yet */
    int32_t used[AD_PERMIT_RATE_SLOTS];
    bool on_share; /* the pacer is in use */
};

void ad_permits_init(struct ad_permits *permits, int64_t now_ms);
void ad_permits_set_share(struct ad_permits *permits, int32_t per_minute, int64_t after_ms, int64_t now_ms);

void ad_permits_grant(struct ad_permits *permits, int32_t count, int64_t end_ms, int64_t now_ms);
/* Gives back at most `count` unused permits; returns how many. */
int32_t ad_permits_return(struct ad_permits *permits, int32_t count, int64_t now_ms);

/* The number of unused permits. */
int32_t ad_permits_in_hand(struct ad_permits *permits, int64_t now_ms);

/* 0: a request may go now.  Otherwise when to check again; AD_TIME_NEVER: only a grant helps. */
int64_t ad_permits_ready_ms(struct ad_permits *permits, int64_t now_ms);

/* A request uses one.  Allowed without any: it is counted anyway. */
void ad_permits_take(struct ad_permits *permits, int64_t now_ms);

/* A request that was sent without permits is on the wire: it counts from now on, and completes like the others. */
void ad_permits_adopt(struct ad_permits *permits, int64_t now_ms);

/* The outcome of a request that used a permit. */
enum ad_permit_end {
    AD_PERMIT_ANSWERED,
    AD_PERMIT_UNSENT, /* certainly not sent */
    AD_PERMIT_LOST    /* it may have arrived, or may arrive later */
};
void ad_permits_end(struct ad_permits *permits, enum ad_permit_end end, int64_t lag_ms, int64_t now_ms);

/* A request sent at `sent_ms` was answered 429. */
void ad_permits_limited(struct ad_permits *permits, int64_t sent_ms, int64_t now_ms);
int32_t ad_permits_take_limited(struct ad_permits *permits);

/*
 * Collects at most `capacity` settled permits, oldest first: stores their ages and returns how many.  `outstanding`:
 * all others.
 */
int32_t ad_permits_report(struct ad_permits *permits, int64_t *ages_ms, int32_t capacity, int64_t *outstanding,
                          int64_t now_ms);

/* Recent requests per minute x 1000; 0 before the first. */
int64_t ad_permits_rate_per_minute_x1000(struct ad_permits *permits, int64_t now_ms);

/* When a number changes by time alone: a lifetime or a lag ends, the share starts.  AD_TIME_NEVER: not at all. */
int64_t ad_permits_next_ms(struct ad_permits *permits, int64_t now_ms);

#endif
