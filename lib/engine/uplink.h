/* SPDX-License-Identifier: MIT */
/*
 * How many uploads run at once on the link that is there, and how many jobs are created ahead of them.
 *
 * On a slow link more uploads at once only make each slower, until its URL expires or the link drops and the bytes are
 * sent again.  On a fast one, or a long one, a single upload leaves the link idle between an image and the next.  No
 * fixed number is right on both.  So the link is watched: bytes that the peer has acknowledged, the round trip, and how
 * long a storage takes to answer once it has everything.
 *
 * Rate.  B is the highest rate of acknowledged bytes in the last four windows of max(1 s, 2 R), R the smallest round
 * trip seen.  Only time in which uploads ran counts.
 *
 * The next upload starts when one of these holds:
 *
 *     1. none is in flight;
 *     2. work: fewer bytes are unacknowledged than the link carries in max(0.5 s, 2 R + 0.2 s);
 *     3. no queue: fewer than N are in flight, and this image fits.
 *
 * An image fits if all that is unacknowledged, itself included, takes the link less than L / 4, and if at an equal
 * share of the link it takes less than L / 2, where L is the life of an upload URL.  The first three always fit.
 *
 * N grows while the round trip shows no queue and the link is used to the full, and shrinks when there is one; beyond 8
 * it grows only while B grows with it, since not every queue shows in the round trip (uplink_growth.h).
 *
 *     Example: 1 Mbit/s, R = 80 ms, images of 240 kB.  125 kB/s x 0.5 s = 62 kB, so the next upload starts when 62 kB
 *     of the last one are left: the link is never idle.  The queue soon shows in the round trip, N = 1, and 1.6
 *     uploads are in flight on average.  At 100 Mbit/s and R = 100 ms it is 6.2 MB in flight, 26 images, and more as
 *     long as no queue shows.
 *
 * Without round trips (a transport that cannot tell) rule 2 takes min(2 s, L / 8) instead of 0.5 s, and N is found by
 * trials.
 *
 * Late answers.  A relay, a proxy or a satellite modem acknowledges what it has only buffered: there the rules above
 * see a link without a queue.  What cannot be faked is the storage's answer.  With w the smoothed time from the last
 * acknowledged byte to the answer, w0 the least that w ever was, and s the mean distance of an answer from w,
 *
 *     prompt: w - w0 < 150 ms + w0 + s             W grows by one, by a quarter once an answer was late
 *     late:   w - w0 > 300 ms + 1.5 (w0 + s)       W x 0.8 and N x 0.8, once for all that were in flight together
 *
 * Uploads whose bytes are all acknowledged, and those that are so fresh that the relay may take all their bytes at
 * once, number at most W, 1 at first, and their wait may take at most L / 3.  Where one waits alone and is late four
 * times, w0 is what it waited: the storage has become slower.  One that waits for longer than 2 R + 0.5 s + w0 + s
 * counts as unsent.
 *
 *     Example: 8 Mbit/s behind a relay that buffers 256 kB for each connection, images of 200 kB.  An upload alone
 *     waits 0.3 s, of which the link works 0.2 s.  Two wait 0.4 s each, three 0.6 s and are prompt, six 1.2 s and are
 *     late: about five are in flight, the link is never idle, and 1 s is far from a life of 8 s.
 *
 * Silence.  An upload of which for max(15 s, 4 (w + s)) no byte was acknowledged and no answer came is in nobody's way:
 * it counts as if it were not there.  If for as long no other was answered either, the next one starts only when all
 * in flight are silent, and that time doubles for it: should the link or the storage be gone, few are lost with it.
 *
 *     Example: the storage answers none of the first three.  The fourth starts after 15 s, and if it is answered, the
 *     others follow as usual; else the fifth starts 30 s later, and by then the first is near its timeout.
 *
 * Too late.  An upload that would start now is given another URL first if a quarter of its URL's life is over and what
 * is left is less than twice the time that the link needs for all in flight and this image, or less than twice its wait
 * for the answer.  Another URL costs one call, an upload that comes too late costs all its bytes.
 *
 * Creates.  K jobs are created, or being created, ahead of the uploads:
 *
 *     K = min(X a + 1, X L / 4), at least 1
 *
 * X images a second is the present pace, a the time that a create takes, L the life of an upload URL.  Fewer would let
 * the link idle; more would expire if the link became four times slower.
 *
 * While B is unknown K is 4.
 *
 *     Example: 5 Mbit/s, images of 240 kB, a = 1.6 s, L = 60 s: X = 2.6, K = 6.  64 kbit/s: X = 0.033, X L / 4 is
 *     below 1, K = 1: a job is created when the upload before it is nearly done.
 *
 * Pure: fixed size, no allocation, time passed in (milliseconds of a clock that starts at >= 0 and does not go back).
 * Not thread safe: the client's lock covers it.
 */
#ifndef AD_ENGINE_UPLINK_H
#define AD_ENGINE_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/meter.h"

#define AD_UPLINK_MOST 48 /* uploads at once, whatever the link */

/* What the transport knows of the uploads on the wire at a moment, and what the service says of their URLs. */
struct ad_uplink_view {
    int64_t now_ms;
    int32_t count;      /* uploads in flight */
    int32_t unanswered; /* of these: every byte is acknowledged, and no answer has come */
    int32_t fresh;      /* of these: no byte is acknowledged so far */
    uint64_t unacked;   /* bytes of their bodies that are not acknowledged, or count as unsent */
    uint64_t acked;     /* bytes of bodies that were acknowledged, of all uploads ever; only grows */
    int64_t rtt_us;     /* smoothed round trip of the connections in use, mean; 0: unknown */
    int64_t min_rtt_us; /* the smallest round trip of a connection in use; 0: unknown */
    int64_t life_ms;    /* of an upload URL from its create; 0: unknown */
};

struct ad_uplink {
    int64_t seen_ms;    /* the latest time ever seen */
    int64_t busy_ms;    /* time in which uploads were in flight */
    int64_t life_ms;    /* as the last view had it; 0: unknown */
    int64_t min_rtt_us; /* R; 0: unknown */
    int64_t rate;       /* B, bytes a second; 0: not known yet */
    int32_t most_x1000; /* N */
    int32_t wait_x1000; /* W */

    struct ad_meter meter;
    uint64_t acked; /* of the last view, as the next two */
    int64_t rtt_us;
    int32_t count;
    int64_t used_ms; /* when an upload was last seen in flight */

    /* N.  Times are of busy_ms. */
    int64_t judged_ms;
    int64_t grown_ms; /* when B last grew by a tenth, and from where */
    int64_t grown_rate;
    int32_t streak; /* steps up since the last queue */
    struct {
        int64_t next_ms; /* when the trial that runs is judged, or the next one may begin */
        int64_t pause_ms;
        int64_t rate;
        int32_t count;       /* in flight before the trial; 0: none runs */
        int32_t failed_from; /* in flight before the last trial, which failed; 0: it did not, or the link has changed */
    } trial;

    /* W */
    int64_t wait_ms;  /* from the last acknowledged byte to the answer, smoothed; -1: unknown */
    int64_t least_ms; /* the least that was */
    int64_t spread_ms;
    int64_t each_ms; /* for each upload that waited, smoothed */
    int32_t late_alone;
    int32_t round_x1000; /* answers until W may shrink again */
    bool was_late;
    bool is_prompt;
};

void ad_uplink_init(struct ad_uplink *uplink);

/* Takes in what is known now; from time to time while uploads are in flight, and before each question below. */
void ad_uplink_see(struct ad_uplink *uplink, const struct ad_uplink_view *view);

/* An upload was answered `wait_ms` after its last byte was acknowledged.  `view`: without that upload. */
void ad_uplink_answered(struct ad_uplink *uplink, const struct ad_uplink_view *view, int64_t wait_ms);

/* The network was gone, or is another one: what was measured says nothing of the next. */
void ad_uplink_forget(struct ad_uplink *uplink, int64_t now_ms);

/* May an upload of `size` bytes start now? */
bool ad_uplink_may_start(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size);

/* When to ask again, if the answer was no and nothing happens until then. */
int64_t ad_uplink_again_ms(const struct ad_uplink *uplink, const struct ad_uplink_view *view);

/*
 * Would an upload of `size` bytes that starts now be over after its URL is?  `left_ms`: what is left of the URL's life.
 * Never for a URL that is nearly new: the link may be too slow for any, and then another one is no better.
 */
bool ad_uplink_is_too_late(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size,
                           int64_t left_ms);

/* K, for images of `size` bytes on average and creates that take `create_ms`; INT32_MAX while L is unknown. */
int32_t ad_uplink_creates_ahead(const struct ad_uplink *uplink, uint64_t size, int64_t create_ms);

/* An upload without an acknowledged byte or an answer for so long is silent: not in a view, but for `acked`. */
int64_t ad_uplink_silence_ms(const struct ad_uplink *uplink);

/* How long after its last byte was acknowledged an upload may wait for its answer before it counts as unsent. */
int64_t ad_uplink_patience_ms(const struct ad_uplink *uplink);

#endif
