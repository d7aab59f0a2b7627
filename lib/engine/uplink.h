/* SPDX-License-Identifier: MIT */
/*
 * Decides how many uploads run at once on the present link, and how many jobs are created ahead of them.
 *
 * On a slow link more concurrent uploads only make each of them slower, until its URL expires or the link drops and the
 * bytes are sent again.  On a fast link, or one with a long round trip, a single upload leaves the link idle between
 * images. No fixed number suits both.  So the link is measured: acknowledged bytes, the round trip, and how long the
 * storage takes to respond once it has everything.
 *
 * Rate.  B is the highest rate of acknowledged bytes in the last four windows of max(1 s, 2 R), where R is the smallest
 * round trip observed.  Only time in which uploads ran counts.
 *
 * The next upload starts when one of these holds:
 *
 *     1. None is in flight.
 *     2. Work: fewer bytes are unacknowledged than the link carries in max(0.5 s, 2 R + 0.2 s).
 *     3. No queue: fewer than N are in flight, and this image fits.
 *
 * An image fits if the link needs less than L / 4 for everything unacknowledged, including it, and if at an equal share
 * of the link it needs less than L / 2, where L is the lifetime of an upload URL.  The first three always fit.
 *
 * N grows while the round trip shows no queue and the link is fully used, and shrinks when there is a queue.  Beyond 8
 * it grows only while B grows with it, since not every queue shows in the round trip (uplink_growth.h).
 *
 *     Example: 1 Mbit/s, R = 80 ms, images of 240 kB. 125 kB/s x 0.5 s = 62 kB, so the next upload starts when 62 kB of
 *     the last one are left: the link is never idle. The queue soon shows in the round trip, N = 1, and 1.6 uploads are
 *     in flight on average. At 100 Mbit/s and R = 100 ms it is 6.2 MB in flight, 26 images, and more while no queue
 *     shows.
 *
 * Without round trips (a transport that cannot measure them) rule 2 uses min(2 s, L / 8) instead of 0.5 s, and N is
 * found by trials.
 *
 * Late responses.  A relay, a proxy or a satellite modem acknowledges bytes that it has only buffered: the rules above
 * then see a link without a queue.  Only the storage's response is reliable.  With w the smoothed time from the last
 * acknowledged byte to the response, w0 the smallest w so far, and s the mean deviation of a response from w,
 *
 *     prompt: w - w0 < 150 ms + w0 + s             W grows by one, by a quarter once a response was late
 *     late:   w - w0 > 300 ms + 1.5 (w0 + s)       W x 0.8 and N x 0.8, once for all that were in flight together
 *
 * Uploads whose bytes are all acknowledged, plus those so new that the relay may buffer all their bytes, number at most
 * W, initially 1, and their wait may take at most L / 3.  If an upload waits alone and is late four times, w0 becomes
 * its wait: the storage has become slower.  One that waits longer than 2 R + 0.5 s + w0 + s counts as unsent.
 *
 *     Example: 8 Mbit/s behind a relay that buffers 256 kB per connection, images of 200 kB. An upload alone waits
 *     0.3 s, of which the link is busy for 0.2 s. Two wait 0.4 s each, three 0.6 s and are prompt, six 1.2 s and are
 *     late: about five are in flight, the link is never idle, and 1 s is far below a lifetime of 8 s.
 *
 * Silence.  An upload without an acknowledged byte or a response for max(15 s, 4 (w + s)) no longer counts against the
 * others. If no other one got a response in that time either, the next one starts only when all in flight are silent,
 * and the time doubles for it: if the link or the storage is down, few uploads are lost.
 *
 *     Example: the storage answers none of the first three. The fourth starts after 15 s, and if it is answered, the
 *     others follow as usual; else the fifth starts 30 s later, and by then the first is near its timeout.
 *
 * Too late.  An upload gets a fresh URL before it starts if a quarter of its URL's lifetime has passed and the rest is
 * less than twice the time that the link needs for everything in flight and this image, or less than twice its wait for
 * the response.  A fresh URL costs one request, an upload that is too late costs all its bytes.
 *
 * Creates.  K jobs are created, or being created, ahead of the uploads:
 *
 *     K = min(X a + 1, X L / 4), at least 1
 *
 * X is the present pace in images a second, a the time that a create takes, L the lifetime of an upload URL.  With
 * fewer the link would be idle at times; more would expire if the link became four times slower.
 *
 * While B is unknown K is 4.
 *
 *     Example: 5 Mbit/s, images of 240 kB, a = 1.6 s, L = 60 s: X = 2.6, K = 6. 64 kbit/s: X = 0.033, X L / 4 is below
 *     1, K = 1: a job is created when the upload before it is nearly done.
 *
 * Pure: fixed size, no allocation, time passed in (milliseconds of a clock that starts at >= 0 and does not go back).
 * Not thread safe: protected by the client's lock.
 */
#ifndef AD_ENGINE_UPLINK_H
#define AD_ENGINE_UPLINK_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/meter.h"

#define AD_UPLINK_MOST 48 /* maximum of concurrent uploads on any link */

/* A snapshot of the uploads on the wire, from the transport, and of the lifetime of their URLs, from the service. */
struct ad_uplink_view {
    int64_t now_ms;
    int32_t count;      /* uploads in flight */
    int32_t unanswered; /* of these: all bytes acknowledged, but no response so far */
    int32_t fresh;      /* of these: no byte acknowledged so far */
    uint64_t unacked;   /* body bytes that are not acknowledged, or count as unsent */
    uint64_t acked;     /* body bytes acknowledged, of all uploads ever; never decreases */
    int64_t rtt_us;     /* smoothed round trip, mean over the connections in use; 0: unknown */
    int64_t min_rtt_us; /* smallest round trip of a connection in use; 0: unknown */
    int64_t life_ms;    /* lifetime of an upload URL from its create; 0: unknown */
};

struct ad_uplink {
    int64_t seen_ms;    /* the latest time ever seen */
    int64_t busy_ms;    /* time in which uploads were in flight */
    int64_t life_ms;    /* of the last view; 0: unknown */
    int64_t min_rtt_us; /* R; 0: unknown */
    int64_t rate;       /* B, bytes per second; 0: unknown so far */
    int32_t most_x1000; /* N */
    int32_t wait_x1000; /* W */

    struct ad_meter meter;
    uint64_t acked; /* of the last view, as the next two */
    int64_t rtt_us;
    int32_t count;
    int64_t used_ms; /* when an upload was last seen in flight */

    /* N.  Times are of busy_ms. */
    int64_t judged_ms;
    int64_t grown_ms; /* when B last grew by a tenth, and from what */
    int64_t grown_rate;
    int32_t streak; /* increases since the last queue */
    struct {
        int64_t next_ms; /* when the current trial is judged, or the next one may start */
        int64_t pause_ms;
        int64_t rate;
        int32_t count;       /* in flight before the trial; 0: no trial is running */
        int32_t failed_from; /* the same of the last trial, if it failed; 0: it succeeded, or the link has changed */
    } trial;

    /* W */
    int64_t wait_ms;  /* from the last acknowledged byte to the response, smoothed; -1: unknown */
    int64_t least_ms; /* its minimum */
    int64_t spread_ms;
    int64_t each_ms; /* per waiting upload, smoothed */
    int32_t late_alone;
    int32_t round_x1000; /* responses until W may shrink again */
    bool was_late;
    bool is_prompt;
};

void ad_uplink_init(struct ad_uplink *uplink);

/* Updates the state; call it from time to time while uploads are in flight, and before each query below. */
void ad_uplink_see(struct ad_uplink *uplink, const struct ad_uplink_view *view);

/* An upload was answered `wait_ms` after its last byte was acknowledged.  `view`: without that upload. */
void ad_uplink_answered(struct ad_uplink *uplink, const struct ad_uplink_view *view, int64_t wait_ms);

/* The network was lost or changed: forgets what was measured. */
void ad_uplink_forget(struct ad_uplink *uplink, int64_t now_ms);

/* Whether an upload of `size` bytes may start now. */
bool ad_uplink_may_start(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size);

/* When to check again after ad_uplink_may_start returned false, if nothing happens until then. */
int64_t ad_uplink_again_ms(const struct ad_uplink *uplink, const struct ad_uplink_view *view);

/*
 * Whether an upload of `size` bytes that starts now would complete after its URL has expired.  `left_ms`: the remaining
 * lifetime of the URL.  False for a URL that is nearly new: if the link is too slow for it, a fresh one does not help.
 */
bool ad_uplink_is_too_late(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size,
                           int64_t left_ms);

/* K, for images of `size` bytes on average and creates that take `create_ms`; INT32_MAX while L is unknown. */
int32_t ad_uplink_creates_ahead(const struct ad_uplink *uplink, uint64_t size, int64_t create_ms);

/* An upload without an acknowledged byte or a response for this long is silent: only `acked` of a view includes it. */
int64_t ad_uplink_silence_ms(const struct ad_uplink *uplink);

/* How long after its last acknowledged byte an upload may wait for its response before it counts as unsent. */
int64_t ad_uplink_patience_ms(const struct ad_uplink *uplink);

#endif
