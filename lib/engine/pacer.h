/* SPDX-License-Identifier: MIT */
/*
 * Keeps one client's API calls inside the service's requests-per-minute quota.
 * Every API call asks here first; uploads go to storage and are not paced.
 *
 * Known limit.  A token bucket that holds `burst` calls and refills at
 *
 *     r = (L - burst) / (W + guard)          W = 60 s, guard = 1 s
 *
 * In any stretch of W + guard the bucket can hand out at most what it held (burst) plus what flowed in
 * (L - burst), so at most L.  That is true of *every* stretch, so it does not matter whether the
 * service counts a sliding minute or a fixed one, nor when its minute starts.  The guard pays for the
 * way to the server: calls are counted when they arrive, and two calls sent 61 s apart can arrive 60 s
 * apart when the first was 1 s slower.  Delays that vary by more than the guard may break the promise
 * by r calls for each second more.
 *
 *     Example: L = 300, burst = 4.  r = 296 / 61 s = 4.85 calls a second.  Four calls may go at once
 *     after a pause, then one every 206 ms: 291 calls a minute, 97 % of the limit.
 *
 * Unknown limit.  No pace until the service answers 429.  Then: no call until Retry-After (or, when it gave none,
 * until the window must be over), and from then on a pace of 0.7 x the calls that were sent in the last
 * window.  A client that has sent little measures at least 60, the smallest plan (or its present pace, when a 429 cut
 * that below): its own thrift says nothing of the service.  The pace never falls below 6.  Every minute without a 429
 * adds one step (5 % of what was measured, at least 3: 5 % of the smallest plan).  The next 429 repeats this.
 *
 *     Example: 429 after 320 calls in the last minute, "Retry-After: 20".  Nothing goes for 20 s, then
 *     224 calls a minute, 240 a minute later, 256, ... until the next 429.
 *
 * 429 under a known limit (somebody else uses the key): the same hold, current pace x 0.7 (never
 * below a tenth of the full one), a step of 5 % of the full pace each minute until the full pace is back.
 *
 * Calls that were already on their way when the pace was cut bring no news: they may lengthen the hold but do not
 * cut again.  Under an unknown limit each of them was one call that did not fit, so it corrects what was measured:
 * 900 calls sent at once, 600 of them refused, measure 300.
 *
 * Rate headers are hints.  A stated limit is used while none is configured; "nothing remains" holds calls until the
 * reset, unless our own calls explain it (then the pace keeps the promise already).  Retry-After wins over both.
 *
 * Pure: fixed size, no allocation, time passed in (milliseconds of any clock that starts at >= 0).  A clock that
 * goes back is read as standing still; one that jumps ahead by days just finds a full bucket.  Not thread safe: the
 * client's lock covers it.
 */
#ifndef AD_ENGINE_PACER_H
#define AD_ENGINE_PACER_H

#include <stdbool.h>
#include <stdint.h>

#define AD_PACER_WINDOW_MS 60000
#define AD_PACER_RESET_MAX_MS 3600000 /* a window or reset above one hour is no requests-per-minute quota */
#define AD_PACER_GUARD_MS 1000 /* how much later than its neighbor a call may arrive */
#define AD_PACER_SLOTS 122 /* one a second: two minutes, for a service whose stated window is longer than a minute */

struct ad_pacer {
    int64_t last_ms;   /* the latest time ever seen */
    int64_t credit;    /* in 1 / (1000 * window_ms) of a call; may be negative (debt) */
    int64_t rate;      /* calls per window x 1000 that flow in now; 0 = not paced */
    int64_t full_rate; /* what `rate` recovers to; 0 = no known limit, no ceiling */
    int64_t step;      /* recovery, calls per window x 1000, each minute */
    int64_t step_ms;   /* when the next step is due */
    int64_t base_ms;   /* the service's window: AD_PACER_WINDOW_MS unless a header says otherwise */
    int64_t window_ms; /* the window the rate is per: with a known limit base_ms + AD_PACER_GUARD_MS, else base_ms */
    int64_t measured; /* unknown limit: calls of the window that the last 429 ended, at least measured_min */
    int64_t measured_min;
    int64_t hold_ms;    /* no call before this time (429) */
    int64_t held_ms;      /* no call before this time (rate headers; advisory) */
    int64_t cut_ms;       /* when the pace was last cut; -1 never */
    int64_t near_full_ms; /* when the bucket last lacked less than one call */
    int64_t slot_ms;      /* start of the newest slot */
    uint64_t taken;       /* calls let through, less those returned */
    int32_t limit;        /* calls per window, 0 unknown */
    int32_t burst;        /* calls that may go at once, >= 1 */
    uint32_t sent[AD_PACER_SLOTS];
    uint8_t slot;    /* index of the newest slot */
    bool configured; /* the host set the limit: headers do not change it */
};

/*
 * `per_minute` 0 = unknown.  `burst` 0 = choose (1 + limit / 100).  Out of range values are brought into range:
 * burst to 1 .. limit - 1 (1 for a limit of 1), limit to at most 10 million.  Starts with a full bucket.
 */
void ad_pacer_init(struct ad_pacer *pacer, int32_t per_minute, int32_t burst, int64_t now_ms);

/* Changes the limit while running; calls of the last window count against the new one.  0 = forget the limit. */
void ad_pacer_set_limit(struct ad_pacer *pacer, int32_t per_minute, int32_t burst, int64_t now_ms);

/* 0: a call may go now.  Otherwise the absolute time (ms, > now) at which to ask again. */
int64_t ad_pacer_ready_ms(const struct ad_pacer *pacer, int64_t now_ms);

/* A call goes out now.  Legal when not ready: it is counted, and the calls after it wait longer. */
void ad_pacer_take(struct ad_pacer *pacer, int64_t now_ms);

/*
 * The call taken at `taken_ms` was never sent.  It is given back as far as that cannot
 * break the promise (a call that the bucket has refilled in the meantime is not).
 */
void ad_pacer_return(struct ad_pacer *pacer, int64_t taken_ms, int64_t now_ms);

/* Answer 429 to a call sent (taken) at `sent_ms`.  `hint_ms`: Retry-After from now, -1 none. */
void ad_pacer_throttled(struct ad_pacer *pacer, int64_t sent_ms, int64_t now_ms, int64_t hint_ms);

/* The service is busy: no call for `hint_ms` from now; it says nothing of quota, so the pace stays. */
void ad_pacer_hold(struct ad_pacer *pacer, int64_t now_ms, int64_t hint_ms);

/* A call that was let through during the hold was answered: the hold is over. */
void ad_pacer_lift(struct ad_pacer *pacer, int64_t now_ms);

/*
 * Rate headers of any answer, -1 for what was not given: the limit and its window, what remains, and the time from
 * now until the count starts again.  Values that make no sense are ignored, and so is a limit without its window: it
 * may be one of a second or of a day.
 */
void ad_pacer_hint(struct ad_pacer *pacer, int64_t limit, int64_t window_ms, int64_t remaining, int64_t reset_ms,
                   int64_t now_ms);

/* Statistics.  Rate: calls per minute x 1000, 0 when not paced. */
int64_t ad_pacer_rate_per_minute_x1000(const struct ad_pacer *pacer);
int64_t ad_pacer_hold_until_ms(const struct ad_pacer *pacer, int64_t now_ms);  /* 0 when there is none */

#endif
