/* SPDX-License-Identifier: MIT */
/*
 * The rules of uplink.h, in integers only.  Every value of a view is clamped before use, so that no sum or product
 * exceeds 64 bits.  Never reads a clock or allocates.
 */
#include "engine/uplink.h"

#include <string.h>

#include "engine/uplink_growth.h"

#define ONE 1000 /* one upload */
#define BYTES_MAX ((int64_t)1 << 50)
#define TIME_MAX_MS ((int64_t)1 << 61)
#define RTT_MAX_US 60000000
#define RTT_UNKNOWN_US 100000 /* assumed while unknown */
#define IDLE_MAX_MS 300000    /* after this long without an upload the round trip is measured anew */
#define WORK_MS 500           /* rule 2 */
#define BLIND_WORK_MS 2000    /* the same without round trips */
#define BLIND_WORK_SHARE 8    /* but at most this part of a URL's lifetime */
#define WORK_SHARE 4          /* everything in flight takes less than this part of a URL's lifetime */
#define UPLOAD_SHARE 2        /* and the new one, at an equal share of the link */
#define WAIT_SHARE 3          /* and the wait for responses */
#define PROMPT_MS 150
#define LATE_MS 300
#define LIFE_MAX_MS 3600000
#define UNKNOWN_LIFE_MS 480000
#define FITS_ALWAYS 3
#define PATIENCE_MS 500
#define SILENCE_MS 15000
#define SILENCE_WAITS 4
#define AGAIN_LEAST_MS 50
#define AGAIN_MOST_MS 500
#define BLIND_CREATES 4 /* ahead, while the link's rate is unknown */
#define SMOOTH 4        /* a new value has a weight of a quarter */
#define LATE_ALONE 4
#define NEARLY_NEW 4  /* no more than this part of its lifetime has passed */
#define LATE_FACTOR 2 /* a fresh URL costs one request, an upload that is too late costs all its bytes */

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Clamped far from the limits of the type, so that times can be added to it. */
static int64_t time_of(const struct ad_uplink *uplink, int64_t now_ms)
{
    return later(uplink->seen_ms, sooner(now_ms, TIME_MAX_MS));
}

static int64_t bytes_of(uint64_t bytes)
{
    return bytes < (uint64_t)BYTES_MAX ? (int64_t)bytes : BYTES_MAX;
}

static int64_t rtt_us(const struct ad_uplink *uplink)
{
    return uplink->min_rtt_us > 0 ? uplink->min_rtt_us : RTT_UNKNOWN_US;
}

static int64_t window_ms(const struct ad_uplink *uplink)
{
    return later(1000, 2 * rtt_us(uplink) / 1000);
}

/* How long the link needs for this many bytes; INT64_MAX when its rate is unknown. */
static int64_t takes_ms(const struct ad_uplink *uplink, int64_t bytes)
{
    return uplink->rate > 0 ? bytes * 1000 / uplink->rate : INT64_MAX;
}

/* The lifetime of an upload URL, as a bound for the uploads in flight. */
static int64_t life_ms(const struct ad_uplink *uplink)
{
    return uplink->life_ms > 0 ? sooner(uplink->life_ms, UNKNOWN_LIFE_MS) : UNKNOWN_LIFE_MS;
}

static void know_nothing(struct ad_uplink *uplink)
{
    ad_meter_init(&uplink->meter);
    uplink->rate = 0;
    uplink->count = 0;
    uplink->min_rtt_us = uplink->rtt_us = 0;
    uplink->wait_x1000 = ONE;
    uplink->wait_ms = uplink->least_ms = -1;
    uplink->each_ms = uplink->spread_ms = 0;
    uplink->late_alone = 0;
    uplink->was_late = false;
    uplink->is_prompt = true;
    uplink->round_x1000 = 0;
    ad_uplink_growth_init(uplink);
}

void ad_uplink_init(struct ad_uplink *uplink)
{
    memset(uplink, 0, sizeof(*uplink));
    know_nothing(uplink);
}

void ad_uplink_forget(struct ad_uplink *uplink, int64_t now_ms)
{
    uplink->seen_ms = time_of(uplink, now_ms);
    know_nothing(uplink);
}

static void see_round_trips(struct ad_uplink *uplink, const struct ad_uplink_view *view)
{
    int64_t min = view->min_rtt_us > 0 ? view->min_rtt_us : view->rtt_us;

    uplink->rtt_us = sooner(later(view->rtt_us, 0), RTT_MAX_US);
    if (min > 0 && (uplink->min_rtt_us == 0 || min < uplink->min_rtt_us))
        uplink->min_rtt_us = sooner(min, RTT_MAX_US);
}

/*
 * Uploads ran since the last view if some are in flight now or were then, or bytes were acknowledged: each start of an
 * upload takes a view first.
 */
static void see_bytes(struct ad_uplink *uplink, const struct ad_uplink_view *view, int64_t now_ms)
{
    uint64_t more = view->acked > uplink->acked ? view->acked - uplink->acked : 0;
    bool busy = view->count > 0 || uplink->count > 0 || more > 0;

    if (busy) {
        uplink->busy_ms += now_ms - uplink->seen_ms;
        ad_meter_add(&uplink->meter, more, now_ms - uplink->seen_ms, window_ms(uplink));
        uplink->rate = ad_meter_rate(&uplink->meter, window_ms(uplink));
        uplink->used_ms = now_ms;
    }
    uplink->acked += more;
    uplink->count = view->count;
    uplink->seen_ms = now_ms;
}

void ad_uplink_see(struct ad_uplink *uplink, const struct ad_uplink_view *view)
{
    int64_t now_ms = time_of(uplink, view->now_ms);

    uplink->life_ms = later(view->life_ms, 0);
    if (now_ms - uplink->used_ms > IDLE_MAX_MS)
        uplink->min_rtt_us = 0;
    see_round_trips(uplink, view);
    see_bytes(uplink, view, now_ms);
    ad_uplink_growth_see(uplink);
}

/*
 * Late: minus a fifth, once for all that were in flight together.  Prompt: plus one, and plus a quarter after the first
 * late one, so that W settles.
 */
static void judge_wait(struct ad_uplink *uplink)
{
    int64_t over_ms = uplink->wait_ms - uplink->least_ms;
    int64_t usual_ms = uplink->least_ms + uplink->spread_ms;

    uplink->round_x1000 = (int32_t)later(uplink->round_x1000 - ONE, 0);
    uplink->is_prompt = false;
    if (over_ms < PROMPT_MS + usual_ms) {
        uplink->wait_x1000 += uplink->was_late ? ONE / 4 : ONE;
        uplink->wait_x1000 = (int32_t)sooner(uplink->wait_x1000, AD_UPLINK_MOST * ONE);
        uplink->late_alone = 0;
        uplink->is_prompt = true;
    } else if (over_ms > LATE_MS + usual_ms * 3 / 2) {
        uplink->was_late = true;
        /* Nothing delays an upload that waits alone: this is how long responses take now. */
        if (uplink->wait_x1000 == ONE && ++uplink->late_alone >= LATE_ALONE) {
            uplink->least_ms = uplink->wait_ms;
            uplink->late_alone = 0;
        }
        if (uplink->round_x1000 > 0)
            return;
        uplink->round_x1000 = uplink->wait_x1000;
        ad_uplink_growth_shrink(uplink);
        uplink->wait_x1000 = (int32_t)later(uplink->wait_x1000 * 8 / 10, ONE);
    }
}

static int64_t smoothed(int64_t value, int64_t newest)
{
    return value + (newest - value) / SMOOTH;
}

static void note_wait(struct ad_uplink *uplink, int64_t wait_ms, int64_t each_ms)
{
    int64_t off_ms = wait_ms > uplink->wait_ms ? wait_ms - uplink->wait_ms : uplink->wait_ms - wait_ms;

    if (uplink->wait_ms < 0) {
        uplink->wait_ms = uplink->least_ms = wait_ms;
        uplink->each_ms = each_ms;
        uplink->spread_ms = 0;
        return;
    }
    uplink->wait_ms = smoothed(uplink->wait_ms, wait_ms);
    uplink->each_ms = smoothed(uplink->each_ms, each_ms);
    uplink->spread_ms = smoothed(uplink->spread_ms, off_ms);
    uplink->least_ms = sooner(uplink->least_ms, uplink->wait_ms);
}

void ad_uplink_answered(struct ad_uplink *uplink, const struct ad_uplink_view *view, int64_t wait_ms)
{
    int64_t wait = sooner(later(wait_ms, 0), INT32_MAX);

    ad_uplink_see(uplink, view);
    note_wait(uplink, wait, wait / (1 + sooner(later(view->unanswered, 0), AD_UPLINK_MOST)));
    judge_wait(uplink);
    ad_uplink_growth_answered(uplink);
}

/* Uploads that wait for their responses, or may soon. */
static int64_t waiting(const struct ad_uplink_view *view)
{
    return sooner(later(view->unanswered, 0) + later(view->fresh, 0), AD_UPLINK_MOST);
}

/* How long one more would wait for its response. */
static int64_t next_wait_ms(const struct ad_uplink *uplink, const struct ad_uplink_view *view)
{
    return uplink->each_ms * (waiting(view) + 1);
}

static bool answers_forbid(const struct ad_uplink *uplink, const struct ad_uplink_view *view)
{
    if (waiting(view) == 0)
        return false;
    if ((view->unanswered > 0 || uplink->was_late) && waiting(view) >= uplink->wait_x1000 / ONE)
        return true;
    return next_wait_ms(uplink, view) > life_ms(uplink) / WAIT_SHARE;
}

/* Bytes that the link carries in the time of rule 2. */
static int64_t work(const struct ad_uplink *uplink)
{
    int64_t ms = WORK_MS;

    if (uplink->min_rtt_us == 0)
        ms = later(sooner(BLIND_WORK_MS, life_ms(uplink) / BLIND_WORK_SHARE), WORK_MS);
    ms = later(ms, 2 * rtt_us(uplink) / 1000 + 200);
    return uplink->rate * ms / 1000;
}

/* Whether everything would complete well before a URL expires, this upload included at an equal share of the link. */
static bool fits(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size)
{
    int64_t bytes = bytes_of(view->unacked) + bytes_of(size);

    if (view->count < FITS_ALWAYS)
        return true;
    return takes_ms(uplink, bytes) < life_ms(uplink) / WORK_SHARE &&
           takes_ms(uplink, bytes_of(size)) < life_ms(uplink) / UPLOAD_SHARE / (view->count + 1);
}

bool ad_uplink_may_start(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size)
{
    if (view->count <= 0)
        return true;
    if (view->count >= AD_UPLINK_MOST || answers_forbid(uplink, view))
        return false;
    return bytes_of(view->unacked) < work(uplink) ||
           (view->count < uplink->most_x1000 / ONE && fits(uplink, view, size));
}

int64_t ad_uplink_again_ms(const struct ad_uplink *uplink, const struct ad_uplink_view *view)
{
    int64_t now_ms = time_of(uplink, view->now_ms);
    int64_t left = later(bytes_of(view->unacked) - work(uplink), 0);
    int64_t wait_ms = sooner(takes_ms(uplink, left), ad_uplink_growth_due_ms(uplink) - now_ms);

    return now_ms + sooner(later(wait_ms, AGAIN_LEAST_MS), AGAIN_MOST_MS);
}

bool ad_uplink_is_too_late(const struct ad_uplink *uplink, const struct ad_uplink_view *view, uint64_t size,
                           int64_t left_ms)
{
    int64_t bytes = bytes_of(view->unacked) + bytes_of(size);

    if (left_ms <= 0)
        return true;
    if (uplink->life_ms == 0 || left_ms >= uplink->life_ms - uplink->life_ms / NEARLY_NEW)
        return false;
    if (uplink->rate > 0 && LATE_FACTOR * takes_ms(uplink, bytes) > left_ms)
        return true;
    return LATE_FACTOR * next_wait_ms(uplink, view) > left_ms;
}

int32_t ad_uplink_creates_ahead(const struct ad_uplink *uplink, uint64_t size, int64_t create_ms)
{
    int64_t bytes = later(bytes_of(size), 1);
    int64_t ahead;

    if (uplink->rate == 0)
        return BLIND_CREATES;
    if (uplink->life_ms == 0)
        return INT32_MAX;
    /* X a + 1 rounded up, X L / 4 rounded down; capped, so that both products stay below 2^63. */
    ahead = (uplink->rate * sooner(later(create_ms, 0), LIFE_MAX_MS) / 1000 + bytes - 1) / bytes + 1;
    ahead = sooner(ahead, uplink->rate * sooner(uplink->life_ms, LIFE_MAX_MS) / 1000 / WORK_SHARE / bytes);
    return (int32_t)sooner(later(ahead, 1), INT32_MAX);
}

int64_t ad_uplink_patience_ms(const struct ad_uplink *uplink)
{
    return 2 * rtt_us(uplink) / 1000 + PATIENCE_MS + later(uplink->least_ms, 0) + uplink->spread_ms;
}

int64_t ad_uplink_silence_ms(const struct ad_uplink *uplink)
{
    return later(SILENCE_MS, SILENCE_WAITS * (later(uplink->wait_ms, 0) + uplink->spread_ms));
}
