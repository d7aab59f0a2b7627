/* SPDX-License-Identifier: MIT */
/*
 * The poll planner: decides when to poll a submitted job.
 *
 * Each poll costs quota (a fifth of an image), and each second for which a finished job is undetected costs the host a
 * second.  The planner puts a price on a poll, lambda, in seconds of delay, and polls a job when the expected delay
 * reaches that price:
 *
 *     D(now) = integral from the last poll to now of P(done by u | not done at the last poll) du  >=  lambda
 *
 * D is the expected time for which the job has been finished without a poll showing it.
 *
 *     Example: jobs take exactly 10 s, lambda 0.3 s. Until 10 s D is 0; at 10.3 s it reaches 0.3: one poll for the job,
 *     0.3 s late. A fixed interval of 2 s needs five.
 *     Example: jobs finish at random, after 8 s on average (exponential), lambda 0.25 s. The distribution after a poll
 *     is always the same, so the intervals are equal, and D is about interval^2 / 16: a poll every 2.1 s.
 *
 * P is estimated from the last 200 jobs of this client, per operation (see sample.h).
 *
 * Modes.  Latency: lambda is small.  Throughput: lambda is so large that the first poll is at the 90 % quantile, which
 * means about 1.1 polls per job at any speed of the service.  Balanced: starts small; rises while new images wait for
 * quota and jobs need more than 1.25 polls, falls otherwise.
 *
 * Bounds: two polls of a job are at least min_ms and at most max_ms apart.  A delay that the server names overrides
 * this, but not bounds set by the host, and never for more than an hour.  The first poll is at least min_ms after the
 * submit, but may come later than max_ms if jobs are known to take that long. min_ms = max_ms is a fixed interval,
 * including the first poll.
 *
 * Late jobs.  A job that has taken a fifth longer than 99 of 100 known ones may never finish.  The interval of its
 * polls grows with its age, to a quarter of it, ignoring max_ms unless the host set it: some 40 polls on the first day.
 * When a stall of the service is over, the caller polls the oldest late jobs sooner.
 *
 * No feedback.  When quota is short, a poll may be later than planned.  The estimate of how long nearly all jobs take
 * uses the planned times, so that our own delays cannot lengthen later ones.
 *
 * Pure: fixed size, no allocation; time and random generator passed in.  Not thread safe: protected by the client's
 * lock.
 */
#ifndef AD_ENGINE_PLANNER_H
#define AD_ENGINE_PLANNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "engine/sample.h"
#include "engine/slowest.h"

enum ad_planner_mode { AD_PLANNER_LATENCY, AD_PLANNER_BALANCED, AD_PLANNER_THROUGHPUT };

/* detect, detect_urban, filter, filter_urban, and all others */
#define AD_PLANNER_OPERATIONS 5
#define AD_PLANNER_OTHER 4

#define AD_PLANNER_MIN_MS 250   /* default bounds */
#define AD_PLANNER_MAX_MS 30000

/* The planner's data of one waiting job: 24 bytes, kept by the caller, written only by the functions below. */
struct ad_poll_plan {
    int64_t start_ms; /* time of the submit; for a restored job, of the restore */
    int64_t poll_ms;  /* last poll; start_ms before the first */
    uint32_t hint_ms; /* the delay that the server named in the last poll, 0 none */
    uint16_t polls;   /* polls answered so far, saturating */
    uint8_t phase;    /* spreads the first polls of jobs submitted together */
    uint8_t flags;
};

struct ad_planner {
    struct ad_sample samples[AD_PLANNER_OPERATIONS];
    struct ad_slowest slowest[AD_PLANNER_OPERATIONS];
    int64_t min_ms;
    int64_t max_ms;
    int64_t first_max_ms;                        /* of the first poll: a day until bounds are set, then max_ms */
    int64_t pressure_ms;                         /* when pressure was last reported, -1 never */
    double price_ms;                             /* lambda, before the ceiling per operation */
    double polls_per_job[AD_PLANNER_OPERATIONS]; /* decayed mean over finished jobs */
    double sojourn_ms[AD_PLANNER_OPERATIONS];    /* from submit to the poll that showed the end */
    double polls_all;                            /* decayed mean over all operations */
    bool bounded;                                /* the host set the bounds */
    enum ad_planner_mode mode;
};

/* Operations outside 0 .. AD_PLANNER_OTHER count as AD_PLANNER_OTHER, here and below. */
void ad_planner_init(struct ad_planner *planner, enum ad_planner_mode mode);

/*
 * May be called at any time.  Bounds are clamped to 1 <= min <= max <= one day, and apply to every poll.  Until they
 * are set, the first poll may be as late as the price says.
 */
void ad_planner_set_mode(struct ad_planner *planner, enum ad_planner_mode mode);
void ad_planner_set_bounds(struct ad_planner *planner, int64_t min_ms, int64_t max_ms);

/* The job was submitted now (its response has arrived). */
void ad_poll_plan_submitted(struct ad_poll_plan *plan, int64_t now_ms, struct ad_rng *rng);

/* The next poll is due as soon as the bounds allow. */
void ad_poll_plan_pull(struct ad_poll_plan *plan);
bool ad_poll_plan_is_pulled(const struct ad_poll_plan *plan);

/*
 * A job of unknown age (restored, attached): its first poll is due at once, and its duration is not added to the
 * sample.
 */
void ad_poll_plan_restored(struct ad_poll_plan *plan, int64_t now_ms, struct ad_rng *rng);

/* An outage hid how long the job took: neither the next response nor a later one is added to the sample. */
void ad_poll_plan_hidden(struct ad_poll_plan *plan);

/* The time of the job's next poll; <= now when it is due.  Cheap: no loop over the sample. */
int64_t ad_planner_next_ms(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan);

/*
 * A poll was answered now.  `done`: the job has finished, successfully or not.  `hint_ms`: Retry-After of a response
 * that says it still runs, -1 none.  Updates plan and sample.  Do not call it for a poll that failed.
 */
void ad_planner_observed(struct ad_planner *planner, int operation, struct ad_poll_plan *plan, bool done,
                         int64_t hint_ms, int64_t now_ms);

/* Probability that the job is done by now. */
double ad_planner_p_done(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                         int64_t now_ms);

/*
 * Whether a poll now is worth more than another image in flight: if the job is probably done, or has reached the age by
 * which nearly all are done, since jobs that never finish can keep the probability low.  False for late jobs.
 */
bool ad_planner_is_hot(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                       int64_t now_ms);

/* Whether the job has taken longer than nearly all finished ones, or will have by its next poll. */
bool ad_planner_is_late(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                        int64_t now_ms);

/*
 * Reports whether new images wait for quota: on every change, and about twice a second while it is true.  Moves the
 * price in balanced mode.
 */
void ad_planner_pressure(struct ad_planner *planner, bool admissions_waiting, int64_t now_ms);

/*
 * Little's law: how many jobs of `operation` in flight use a quota of rate_per_min_x1000 (the pacer's rate) fully,
 * allowing for twice the mean duration; more would only wait.  At least 4; INT32_MAX when the rate is 0 (not paced).
 */
int32_t ad_planner_in_flight_target(const struct ad_planner *planner, int64_t rate_per_min_x1000, int operation);

#endif
