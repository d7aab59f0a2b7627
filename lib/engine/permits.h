/* SPDX-License-Identifier: MIT */
/*
 * The permits that a client has of a quota which it shares with others, from their grant until they are settled.
 *
 * A source that nobody here sees counts for all clients.  It is exact if it knows, at any moment, of each client how
 * many permits are *outstanding* and when the others were *settled*: a request arrives at the service while its permit
 * is outstanding, or before it was settled.  So a permit that is given out is, until then, one of
 *
 *     in hand     granted, not used; gone when its life ends
 *     on the wire used by a request that has no answer yet
 *     lagging     its request failed, but may reach the service later; settled when the lag has passed
 *     settled     with a time, until the host has fetched that in a report
 *
 *     Example: 4 permits are granted at 0 s with a life of 5 s.  Two requests are sent at 1 s; one is answered at 1.3
 * s, the connection of the other breaks at 2 s.  A report at 2 s says: settled 700 ms ago, 1; outstanding 3 (two in
 * hand, one lagging).  At 5 s the two in hand are gone: outstanding 1.  With a lag of 10 s the last one is settled at
 * 12 s.
 *
 * A request that was certainly not sent frees its permit at once.  It is not used again: the next grant is cheap, and a
 * permit has one way.
 *
 * What is settled is kept in groups of a tenth of a second, each under the *latest* of its times: charged too long by
 * that much, never too short.  Groups older than two minutes count in no window any more and are dropped.
 *
 * Share.  Without a grant for some time the client may live on a share of its own, through a pacer.  Its requests go
 * the same way.  The share begins when nothing was granted and nothing sent for that time, a minute at least: what was
 * sent before is in no window with it.
 *
 * Pure: fixed size, no allocation, time passed in (milliseconds of any clock that starts at >= 0; one that goes back is
 * read as standing still).  Not thread safe: the client's lock covers it.
 */
#ifndef AD_ENGINE_PERMITS_H
#define AD_ENGINE_PERMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/pacer.h"

#define AD_PERMIT_GRANTS 64   /* with different ends; further ones join the one that ends before */
#define AD_PERMIT_GROUPS 1202 /* two minutes of tenths of a second */
#define AD_PERMIT_GROUP_MS 100
#define AD_PERMIT_KEEP_MS 120000
#define AD_PERMIT_RATE_SLOTS 60 /* of a second */

struct ad_permit_group {
    int64_t at_ms;
    int32_t count;
};

/* Groups in the order of their times. */
struct ad_permit_ring {
    struct ad_permit_group groups[AD_PERMIT_GROUPS];
    int32_t first;
    int32_t count;
    int64_t permits; /* in all of them */
};

struct ad_permits {
    struct ad_permit_group grants[AD_PERMIT_GRANTS]; /* `at_ms` is their end; in that order */
    int32_t grant_count;
    int32_t in_hand;
    int64_t on_wire;
    struct ad_permit_ring lagging; /* by when they will be settled */
    struct ad_permit_ring settled;
    struct ad_pacer pacer; /* of the share */
    int64_t last_ms;       /* the latest time ever seen */
    int64_t used_ms;       /* when the last grant or use was */
    int64_t begun_ms;      /* of the first use in the rate: after a minute without any it is measured anew */
    int64_t taken_ms;      /* of the last use */
    int64_t slot_ms;       /* start of the newest slot */
    int64_t limited_ms;    /* when the last 429 that was news came */
    int64_t share_after_ms;
    int32_t share;   /* requests per minute, 0: none */
    int32_t limited; /* 429s that were not fetched */
    int32_t used[AD_PERMIT_RATE_SLOTS];
    bool on_share; /* the pacer has begun */
};

void ad_permits_init(struct ad_permits *permits, int64_t now_ms);
void ad_permits_set_share(struct ad_permits *permits, int32_t per_minute, int64_t after_ms, int64_t now_ms);

void ad_permits_grant(struct ad_permits *permits, int32_t count, int64_t end_ms, int64_t now_ms);
/* Takes unused ones back, at most `count`, and returns how many. */
int32_t ad_permits_return(struct ad_permits *permits, int32_t count, int64_t now_ms);

/* How many are unused. */
int32_t ad_permits_in_hand(struct ad_permits *permits, int64_t now_ms);

/* 0: a request may go now.  Otherwise when to ask again; AD_TIME_NEVER: only a grant helps. */
int64_t ad_permits_ready_ms(struct ad_permits *permits, int64_t now_ms);

/* A request takes one.  Legal without any: it is counted all the same. */
void ad_permits_take(struct ad_permits *permits, int64_t now_ms);

/* What became of a request that took one. */
enum ad_permit_end {
    AD_PERMIT_ANSWERED,
    AD_PERMIT_UNSENT, /* certainly */
    AD_PERMIT_LOST    /* it may have arrived, or may yet */
};
void ad_permits_end(struct ad_permits *permits, enum ad_permit_end end, int64_t lag_ms, int64_t now_ms);

/* A 429 to a request that was sent at `sent_ms`. */
void ad_permits_limited(struct ad_permits *permits, int64_t sent_ms, int64_t now_ms);
int32_t ad_permits_take_limited(struct ad_permits *permits);

/* Takes the settled ones, oldest first, at most `capacity`: their ages.  Returns how many.  `outstanding` is the rest.
 */
int32_t ad_permits_report(struct ad_permits *permits, int64_t *ages_ms, int32_t capacity, int64_t *outstanding,
                          int64_t now_ms);

/* Requests per minute x 1000 that went lately; 0 before the first. */
int64_t ad_permits_rate_per_minute_x1000(struct ad_permits *permits, int64_t now_ms);

/* When a number changes by time alone: a life that ends, a lag, the share that begins.  AD_TIME_NEVER: it will not. */
int64_t ad_permits_next_ms(struct ad_permits *permits, int64_t now_ms);

#endif
