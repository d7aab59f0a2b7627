/* SPDX-License-Identifier: MIT */
/*
 * The poll planner: decides when a submitted job is worth a status request.
 *
 * Each poll costs quota (a fifth of an image), each second that a finished job lies unseen costs the host a second.
 * The planner puts a price on a poll, lambda, in seconds of unseen time, and polls a job when a poll
 * is worth that price:
 *
 *     D(now) = integral from the last poll to now of P(done by u | not done at the last poll) du  >=  lambda
 *
 * D is the time the finished job is expected to have lain unseen since the last poll.
 *
 *     Example: jobs take exactly 10 s, lambda 0.3 s.  Until 10 s D is 0; at 10.3 s it reaches 0.3: one poll for the
 *     job, 0.3 s late.  A fixed 2 s interval needs five.
 *     Example: jobs finish at random, one in 8 s on average (exponential), lambda 0.25 s.  What is known after a poll
 *     never changes, so the gaps are all equal, and D is about gap^2 / 16: a poll every 2.1 s.
 *
 * P comes from what this client has seen itself: per operation the last 200 jobs (see sample.h).
 *
 * Modes.  Latency: lambda is small.  Throughput: lambda is as large as the first poll at the 90 % quantile asks
 * for, which means about 1.1 polls a job whatever the service's speed.  Balanced: small to begin with; rises while
 * new images wait for quota and jobs cost more than 1.25 polls, falls back otherwise.
 *
 * Bounds: two polls of one job are never closer than min_ms and never further apart than max_ms.  When the server says
 * how long to wait, that wins, but not over bounds that the host has set, and never for more than an hour.  The first
 * poll has no poll before it: it is held to min_ms from the submit, but may come later than max_ms when jobs are known
 * to take that long.  min_ms = max_ms is a fixed interval, the first poll included.
 *
 * Late jobs.  A job that has taken a fifth longer than 99 of 100 known ones may never end.  Its polls grow apart with
 * its age, by a quarter of it, whatever max_ms is unless the host has set it: some 40 on the first day.  When a stall is
 * over, the caller pulls those of the oldest forward.
 *
 * No feedback.  Under quota a poll may go out later than it was planned.  What is learned of how long nearly all jobs
 * take follows from when polls were planned, so that no delay of our own makes the next one longer.
 *
 * Pure: fixed size, no allocation, time and chance passed in.  Not thread safe: the client's lock covers it.
 */
#ifndef AD_ENGINE_PLANNER_H
#define AD_ENGINE_PLANNER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "engine/sample.h"
#include "engine/slowest.h"

enum ad_planner_mode { AD_PLANNER_LATENCY, AD_PLANNER_BALANCED, AD_PLANNER_THROUGHPUT };

/* detect, detect_urban, filter, filter_urban, and every operation that came later */
#define AD_PLANNER_OPERATIONS 5
#define AD_PLANNER_OTHER 4

#define AD_PLANNER_MIN_MS 250   /* default bounds */
#define AD_PLANNER_MAX_MS 30000

/* What the planner needs to know of one waiting job: 24 bytes, kept by the caller, written only below. */
struct ad_poll_plan {
    int64_t start_ms; /* submitted; for a restored job the time of the restore */
    int64_t look_ms;  /* last look; start_ms before the first */
    uint32_t hint_ms; /* the server's wait after the last look, 0 none */
    uint16_t looks;   /* status answers so far, saturating */
    uint8_t phase;    /* spreads the first looks of jobs submitted together */
    uint8_t flags;
};

struct ad_planner {
    struct ad_sample samples[AD_PLANNER_OPERATIONS];
    struct ad_slowest slowest[AD_PLANNER_OPERATIONS];
    int64_t min_ms;
    int64_t max_ms;
    int64_t first_max_ms; /* of the first look: a day until bounds are set, then max_ms */
    int64_t pressure_ms; /* last time that pressure was reported, -1 never */
    double price_ms;     /* lambda before the per operation ceiling */
    double polls_per_job[AD_PLANNER_OPERATIONS]; /* decayed means, over finished jobs */
    double sojourn_ms[AD_PLANNER_OPERATIONS];    /* submit -> seen done */
    double polls_all;                            /* decayed mean over all operations */
    bool bounded;                                /* the host has set the bounds */
    enum ad_planner_mode mode;
};

/* Operations outside 0 .. AD_PLANNER_OTHER count as AD_PLANNER_OTHER, here and below. */
void ad_planner_init(struct ad_planner *planner, enum ad_planner_mode mode);

/*
 * May be called at any time.  Bounds are brought into range: 1 <= min <= max <= one day, and hold for every look.
 * Until they are set the first look comes as late as the price says.
 */
void ad_planner_set_mode(struct ad_planner *planner, enum ad_planner_mode mode);
void ad_planner_set_bounds(struct ad_planner *planner, int64_t min_ms, int64_t max_ms);

/* A job was submitted now (its submit answer is here). */
void ad_poll_plan_submitted(struct ad_poll_plan *plan, int64_t now_ms, struct ad_rng *rng);

/* The next look is due as soon as the bounds allow. */
void ad_poll_plan_pull(struct ad_poll_plan *plan);
bool ad_poll_plan_is_pulled(const struct ad_poll_plan *plan);

/* A job of unknown age (restored, attached): its first look is due at once, and its duration teaches nothing. */
void ad_poll_plan_restored(struct ad_poll_plan *plan, int64_t now_ms, struct ad_rng *rng);

/* An outage hides how long the job takes: neither the next answer nor a later one teaches anything. */
void ad_poll_plan_hidden(struct ad_poll_plan *plan);

/* Absolute time of the job's next poll; <= now when it is due.  Cheap: no loop over the sample. */
int64_t ad_planner_next_ms(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan);

/*
 * A status answer arrived now.  `done`: the job has come to an end (well or not).  `hint_ms`: Retry-After of an answer
 * "still running", -1 none.  Updates the plan and teaches the sample.  A poll that failed is not a look: do not call.
 */
void ad_planner_observed(struct ad_planner *planner, int operation, struct ad_poll_plan *plan, bool done,
                         int64_t hint_ms, int64_t now_ms);

/* Probability that the job is done by now. */
double ad_planner_p_done(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                         int64_t now_ms);

/*
 * Is a poll now worth more than another image under way?  When the job is probably done; and when it has reached the
 * age by which nearly all are done, since jobs that never end may put "probably" out of reach.  Not for late jobs.
 */
bool ad_planner_is_hot(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                       int64_t now_ms);

/* Has the job taken longer than nearly all that came to an end, or will it have by its next look? */
bool ad_planner_is_late(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                        int64_t now_ms);

/*
 * Tell the planner, at least when it changes and about twice a second while it is true, whether new images wait for
 * quota. Moves the price in balanced mode.
 */
void ad_planner_pressure(struct ad_planner *planner, bool admissions_waiting, int64_t now_ms);

/*
 * Little's law: how many jobs of `operation` in flight keep a quota of rate_per_min_x1000 (the pacer's rate) busy,
 * with room for twice the mean; creating more only makes them wait.  At least 4; INT32_MAX when the rate is 0 (not
 * paced).
 */
int32_t ad_planner_in_flight_target(const struct ad_planner *planner, int64_t rate_per_min_x1000, int operation);

#endif
