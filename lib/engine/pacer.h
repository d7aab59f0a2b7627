/* SPDX-License-Identifier: MIT */
/*
 * Keeps one client's API requests within the service's quota per minute.  Every API request asks here first; uploads go
 * to storage and are not paced.
 *
 * Known limit.  A token bucket that holds `burst` calls and refills at
 *
 *     r = (L - burst) / (W + guard)          W = 60 s, guard = 1 s
 *
 * In any period of W + guard the bucket can hand out at most what it held (burst) plus what flowed in (L - burst), so
 * at most L.  That holds for *every* period, so it does not matter whether the service counts a sliding or a fixed
 * minute, nor when its minute starts.  The guard covers network delay: calls are counted when they arrive, and two
 * calls sent 61 s apart may arrive 60 s apart if the first took 1 s longer.  If delays vary by more than the guard, the
 * limit may be exceeded by r calls per second of excess.
 *
 *     Example: L = 300, burst = 4. r = 296 / 61 s = 4.85 calls a second. Four calls may go at once after a pause,
 *     then one every 206 ms: 291 calls a minute, 97 % of the limit.
 *
 * Unknown limit.  No pace until the service answers 429.  Then: no call until Retry-After (without one, until the
 * window must have ended), and from then on a pace of 0.7 times the calls sent in the last window.  At least 60 is
 * assumed, the smallest plan (or the present pace, if a 429 has cut it below that): few calls of our own say nothing
 * about the quota.  The pace never falls below 6.  Every minute without a 429 adds one step (5 % of what was measured,
 * at least 3: 5 % of the smallest plan).  The next 429 repeats this.
 *
 *     Example: 429 after 320 calls in the last minute, "Retry-After: 20". Nothing is sent for 20 s, then 224 calls a
 *     minute, 240 a minute later, 256, ... until the next 429.
 *
 * 429 under a known limit (others use the key too): the same hold, pace times 0.7 (never below a tenth of the full
 * pace), and a step of 5 % of the full pace each minute until the full pace is restored.
 *
 * Calls that were in flight when the pace was cut carry no new information: they may lengthen the hold but do not cut
 * the pace again.  Under an unknown limit each of them was one call too many, so it corrects the measurement: 900 calls
 * sent at once, 600 of them refused, measure 300.
 *
 * Rate headers are hints.  A stated limit is used while none is configured.  "Nothing remains" holds calls until the
 * reset, unless our own calls explain it (then the pace is sufficient).  Retry-After overrides both.
 *
 * Pure: fixed size, no allocation, time passed in (milliseconds of any clock that starts at >= 0).  A clock that goes
 * back is read as standing still; one that jumps ahead by days finds a full bucket.  Not thread safe: protected by the
 * client's lock.
 */
#ifndef AD_ENGINE_PACER_H
#define AD_ENGINE_PACER_H

#include <stdbool.h>
#include <stdint.h>

#define AD_PACER_WINDOW_MS 60000
#define AD_PACER_RESET_MAX_MS 3600000 /* a window or reset above one hour is not a per-minute quota */
#define AD_PACER_GUARD_MS 1000        /* maximum difference in network delay between two calls */
#define AD_PACER_SLOTS 122 /* one per second: two minutes, for a service whose stated window exceeds a minute */

struct ad_pacer {
    int64_t last_ms;   /* the latest time ever seen */
    int64_t credit;    /* in 1 / (1000 * window_ms) of a call; may be negative (debt) */
    int64_t rate;      /* calls per window x 1000 at present; 0 = not paced */
    int64_t full_rate; /* what `rate` recovers to; 0 = no known limit, no ceiling */
    int64_t step;      /* recovery per minute, in calls per window x 1000 */
    int64_t step_ms;   /* when the next step is due */
    int64_t base_ms;   /* the service's window: AD_PACER_WINDOW_MS unless a header says otherwise */
    int64_t window_ms; /* the window of `rate`: with a known limit base_ms + AD_PACER_GUARD_MS, else base_ms */
    int64_t measured;  /* unknown limit: calls in the window that the last 429 ended, at least measured_min */
    int64_t measured_min;
    int64_t hold_ms;    /* no call before this time (429) */
    int64_t held_ms;      /* no call before this time (rate headers; advisory) */
    int64_t cut_ms;       /* when the pace was last cut; -1 never */
    int64_t near_full_ms; /* when the bucket was last less than one call short of full */
    int64_t slot_ms;      /* start of the newest slot */
    uint64_t taken;       /* calls taken, minus those returned */
    int32_t limit;        /* calls per window, 0 unknown */
    int32_t burst;        /* calls that may go at once, >= 1 */
    uint32_t sent[AD_PACER_SLOTS];
    uint8_t slot;    /* index of the newest slot */
    bool configured; /* the host set the limit: headers do not change it */
};

/*
 * `per_minute` 0 = unknown.  `burst` 0 = choose (1 + limit / 100).  Values out of range are clamped: burst to 1 ..
 * limit - 1 (1 for a limit of 1), limit to at most 10 million.  Starts with a full bucket.
 */
void ad_pacer_init(struct ad_pacer *pacer, int32_t per_minute, int32_t burst, int64_t now_ms);

/* Changes the limit; calls of the last window count against the new one. 0 = forget the limit. */
void ad_pacer_set_limit(struct ad_pacer *pacer, int32_t per_minute, int32_t burst, int64_t now_ms);

/* 0: a call may go now.  Otherwise the time (ms, > now) at which to check again. */
int64_t ad_pacer_ready_ms(const struct ad_pacer *pacer, int64_t now_ms);

/* A call is sent now.  Allowed when not ready: it is counted, and later calls wait longer. */
void ad_pacer_take(struct ad_pacer *pacer, int64_t now_ms);

/*
 * The call taken at `taken_ms` was never sent.  It is returned, unless the bucket has refilled since: returning it
 * could then exceed the limit.
 */
void ad_pacer_return(struct ad_pacer *pacer, int64_t taken_ms, int64_t now_ms);

/* A call sent (taken) at `sent_ms` was answered 429.  `hint_ms`: Retry-After from now, -1 none. */
void ad_pacer_throttled(struct ad_pacer *pacer, int64_t sent_ms, int64_t now_ms, int64_t hint_ms);

/* The service is busy: no call for `hint_ms` from now.  The pace is kept, since this says nothing about quota. */
void ad_pacer_hold(struct ad_pacer *pacer, int64_t now_ms, int64_t hint_ms);

/* A probe sent during the hold succeeded: ends the hold. */
void ad_pacer_lift(struct ad_pacer *pacer, int64_t now_ms);

/*
 * Rate headers of any response, -1 for those absent: the limit and its window, what remains, and the time until the
 * window resets.  Implausible values are ignored, and so is a limit without a window: it may be per second or per day.
 */
void ad_pacer_hint(struct ad_pacer *pacer, int64_t limit, int64_t window_ms, int64_t remaining, int64_t reset_ms,
                   int64_t now_ms);

/* Statistics.  Rate: calls per minute x 1000, 0 when not paced. */
int64_t ad_pacer_rate_per_minute_x1000(const struct ad_pacer *pacer);
int64_t ad_pacer_hold_until_ms(const struct ad_pacer *pacer, int64_t now_ms); /* 0 if there is no hold */

#endif
