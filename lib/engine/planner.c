/* SPDX-License-Identifier: MIT */
/*
 * The priced inspection of planner.h: converts the distribution of sample.h into the time of the next poll, adjusts the
 * price to the pressure on quota, and keeps the means for Little's law.  Never reads a clock, draws random numbers
 * after the submit, or plans a poll outside the bounds.
 */
#include "engine/planner.h"

#include <math.h>
#include <string.h>

#define PRICE_LATENCY_MS 150.0
#define PRICE_BALANCED_MS 250.0 /* initial value of balanced, and its minimum */
#define PRICE_STEP 1.15         /* factor per PRESSURE_STEP_MS, up or down */
#define PRESSURE_STEP_MS 500
#define PRESSURE_STEPS_MAX 200
#define POLLS_ENOUGH 1.25
#define MEAN_FADE 0.05 /* weight of the newest job in the decayed means */
#define LATE_QUANTILE 0.98
#define IN_FLIGHT_MIN 4
#define IN_FLIGHT_ROOM 2.0 /* Little's law uses means, which lag: with 1.25 a tenth of the quota was unused */
#define BESIDE_MS 2000.0   /* create, upload, submit and fetch also keep a job in flight */
#define CALLS_BESIDE_POLLS 3.0
#define DAY_MS INT64_C(86400000)

#define FLAG_NO_LESSON 1U /* restored, or hidden by an outage: its duration is unknown */
#define FLAG_LATE 2U
#define FLAG_PULLED 4U

#define MOST_HINT_MS 3600000 /* maximum hint of a response: one response must not suspend a job for days */
#define LATE_GROWTH 4.0      /* the poll interval of a late job is its age divided by this */
#define LATE_MARGIN 1.2      /* late: this many times longer than nearly all, whose maximum is estimated from few */
#define LOST_AGES 4.0        /* at this many times that age it will probably never finish */
#define LOST_LEAST_MS 10000.0
#define SLOW_SHARE 0.75 /* with this share of the others done, a job is slow */
#define FEW_KNOWN 20
#define FEW_LEAST 0.75  /* lower bound of a late job's interval, as a share of the estimated maximum */
#define POLLS_OF_MOST 2 /* polls that nearly all jobs need */
#define HOT 0.5

static int in_range(int operation)
{
    return operation >= 0 && operation < AD_PLANNER_OTHER ? operation : AD_PLANNER_OTHER;
}

static double price_of(const struct ad_planner *planner, int operation)
{
    double patient = (double)planner->samples[operation].patient_ms;

    if (planner->mode == AD_PLANNER_THROUGHPUT || planner->price_ms > patient)
        return patient;
    return planner->price_ms;
}

static double floor_price(enum ad_planner_mode mode)
{
    return mode == AD_PLANNER_LATENCY ? PRICE_LATENCY_MS : PRICE_BALANCED_MS;
}

void ad_planner_init(struct ad_planner *planner, enum ad_planner_mode mode)
{
    memset(planner, 0, sizeof(*planner));
    for (int i = 0; i < AD_PLANNER_OPERATIONS; i++) {
        ad_sample_init(&planner->samples[i]);
        ad_slowest_init(&planner->slowest[i]);
        planner->polls_per_job[i] = 2.0;
        planner->sojourn_ms[i] = ad_sample_quantile(&planner->samples[i], 0.5);
    }
    planner->polls_all = 2.0;
    planner->min_ms = AD_PLANNER_MIN_MS;
    planner->max_ms = AD_PLANNER_MAX_MS;
    planner->first_max_ms = DAY_MS;
    planner->pressure_ms = -1;
    planner->price_ms = floor_price(mode);
    planner->mode = mode;
}

void ad_planner_set_mode(struct ad_planner *planner, enum ad_planner_mode mode)
{
    if (planner->mode == mode)
        return; /* keep what pressure has made of the price */
    planner->mode = mode;
    planner->price_ms = floor_price(mode);
}

void ad_planner_set_bounds(struct ad_planner *planner, int64_t min_ms, int64_t max_ms)
{
    planner->min_ms = min_ms < 1 ? 1 : min_ms;
    if (planner->min_ms > DAY_MS)
        planner->min_ms = DAY_MS;
    planner->max_ms = max_ms > DAY_MS ? DAY_MS : max_ms;
    if (planner->max_ms < planner->min_ms)
        planner->max_ms = planner->min_ms;
    planner->first_max_ms = planner->max_ms;
    planner->bounded = true;
}

void ad_poll_plan_submitted(struct ad_poll_plan *plan, int64_t now_ms, struct ad_rng *rng)
{
    memset(plan, 0, sizeof(*plan));
    plan->start_ms = now_ms;
    plan->poll_ms = now_ms;
    plan->phase = (uint8_t)(ad_rng_u64(rng) >> 56);
}

void ad_poll_plan_restored(struct ad_poll_plan *plan, int64_t now_ms, struct ad_rng *rng)
{
    ad_poll_plan_submitted(plan, now_ms, rng);
    plan->flags = FLAG_NO_LESSON;
}

void ad_poll_plan_hidden(struct ad_poll_plan *plan)
{
    plan->flags |= FLAG_NO_LESSON;
}

void ad_poll_plan_pull(struct ad_poll_plan *plan)
{
    plan->flags |= FLAG_PULLED;
}

bool ad_poll_plan_is_pulled(const struct ad_poll_plan *plan)
{
    return (plan->flags & FLAG_PULLED) != 0;
}

/* Age, not negative, as the sample expects it. */
static double age_of(const struct ad_poll_plan *plan, int64_t at_ms)
{
    return at_ms > plan->start_ms ? (double)(at_ms - plan->start_ms) : 0.0;
}

/*
 * The price for one job.  For the first poll of jobs submitted together, each gets a price within a quarter of the
 * common one, so that they are not polled at the same moment.  Near the optimal price this costs next to nothing.
 */
static double own_price(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan)
{
    double price = price_of(planner, operation);

    return plan->polls == 0 ? price * (0.75 + plan->phase / 510.0) : price;
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
    if (value < least)
        return least;
    return value > most ? most : value;
}

/* The delay until the next poll at the current price. */
static int64_t priced_gap(const struct ad_planner *planner, int op, const struct ad_poll_plan *plan)
{
    double before = age_of(plan, plan->poll_ms);
    double age = ad_sample_next_poll(&planner->samples[op], before, own_price(planner, op, plan));

    /* Jobs that never finish affect the distribution, but not the age by which the others are done. */
    if (plan->polls == 0)
        age = fmin(age, planner->slowest[op].p99_ms);
    /* Rounded up: a poll a fraction too early finds the same as the last one. */
    return within((int64_t)ceil(fmin(age, 1e12)) - (int64_t)before, planner->min_ms,
                  plan->polls == 0 ? planner->first_max_ms : planner->max_ms);
}

/*
 * The minimum interval for a job that nearly all others would have finished by now: a quarter of its age.  It may never
 * finish. While the sample is small, "nearly all" is uncertain, and three of four is enough.
 */
static double grown_gap(const struct ad_planner *planner, int op, const struct ad_poll_plan *plan)
{
    double age = age_of(plan, plan->poll_ms);
    double p99 = planner->slowest[op].p99_ms;
    bool few = planner->samples[op].count < FEW_KNOWN;
    bool guessed = few && planner->mode != AD_PLANNER_LATENCY;

    if (age > LOST_AGES * p99)
        return fmax(age / LATE_GROWTH, LOST_LEAST_MS);
    if (age > LATE_MARGIN * p99)
        return fmax(age / LATE_GROWTH, few ? p99 * FEW_LEAST : 0.0);
    return guessed && ad_sample_cdf(&planner->samples[op], age) > SLOW_SHARE ? age / LATE_GROWTH : 0.0;
}

/* If many are late the service has become slower, which the price takes into account. */
static int64_t planned_gap(const struct ad_planner *planner, int op, const struct ad_poll_plan *plan)
{
    int64_t priced = priced_gap(planner, op, plan);
    int64_t grown = plan->polls > 0 ? (int64_t)fmin(grown_gap(planner, op, plan), 1e12) : 0;

    return grown <= priced ? priced : within(grown, planner->min_ms, planner->bounded ? planner->max_ms : DAY_MS);
}

/*
 * The service names the delay until the next poll.  For a job that will probably never finish it does so in every
 * response, so the growing interval wins.
 */
static int64_t hinted_gap(const struct ad_planner *planner, int op, const struct ad_poll_plan *plan)
{
    int64_t hint = within(plan->hint_ms, planner->bounded ? planner->min_ms : 1,
                          planner->bounded ? planner->max_ms : MOST_HINT_MS);
    int64_t planned = planned_gap(planner, op, plan);

    return planned > hint && age_of(plan, plan->poll_ms) > LOST_AGES * planner->slowest[op].p99_ms ? planned : hint;
}

int64_t ad_planner_next_ms(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan)
{
    int op = in_range(operation);
    int64_t gap;

    if (plan->polls == 0 && (plan->flags & FLAG_NO_LESSON) != 0)
        return plan->start_ms;
    if ((plan->flags & FLAG_PULLED) != 0)
        gap = planner->min_ms;
    else if (plan->hint_ms > 0)
        gap = hinted_gap(planner, op, plan);
    else
        gap = planned_gap(planner, op, plan);
    return plan->poll_ms + gap;
}

static void teach_means(struct ad_planner *planner, int op, const struct ad_poll_plan *plan, double sojourn_ms)
{
    /* The first jobs weigh more, so that the initial guess is soon replaced. */
    double fade = fmax(MEAN_FADE, 1.0 / (1.0 + (double)planner->samples[op].count));

    planner->polls_per_job[op] += fade * (plan->polls - planner->polls_per_job[op]);
    planner->polls_all += fmax(MEAN_FADE, fade) * (plan->polls - planner->polls_all);
    planner->sojourn_ms[op] += fade * (sojourn_ms - planner->sojourn_ms[op]);
}

/*
 * The duration that a job found done at `age` adds to the sample.  A poll that was later than planned must not increase
 * the estimate of "nearly all", nor must one planned late because of it.  So the planned time counts, and within the
 * last interval the distribution of the others decides.
 */
static double likely_duration(const struct ad_sample *sample, const struct ad_poll_plan *plan, double age, double due)
{
    double before = age_of(plan, plan->poll_ms);
    double until = fmax(fmin(age, due), before);
    double middle;

    if (plan->polls == 0)
        return until;
    middle = (ad_sample_cdf(sample, before) + ad_sample_cdf(sample, until)) / 2.0;
    return fmin(fmax(ad_sample_quantile(sample, middle), before), until);
}

void ad_planner_observed(struct ad_planner *planner, int operation, struct ad_poll_plan *plan, bool done,
                         int64_t hint_ms, int64_t now_ms)
{
    int op = in_range(operation);
    struct ad_sample *sample = &planner->samples[op];
    double before = age_of(plan, plan->poll_ms);
    double age = age_of(plan, now_ms);
    double due = age_of(plan, ad_planner_next_ms(planner, op, plan));
    double likely = done ? likely_duration(sample, plan, age, due) : 0.0;
    bool known_age = (plan->flags & FLAG_NO_LESSON) == 0;

    if (plan->polls < UINT16_MAX)
        plan->polls++;
    if (now_ms > plan->poll_ms)
        plan->poll_ms = now_ms;
    plan->hint_ms = 0;
    plan->flags &= (uint8_t)~FLAG_PULLED;
    if (hint_ms > 0 && !done)
        plan->hint_ms = hint_ms < UINT32_MAX ? (uint32_t)hint_ms : UINT32_MAX;
    if (!known_age)
        return;
    if (done) {
        ad_sample_add(sample, before, age);
        ad_slowest_add(&planner->slowest[op], likely);
        teach_means(planner, op, plan, age);
    } else if ((plan->flags & FLAG_LATE) == 0 && age > ad_sample_quantile(sample, LATE_QUANTILE)) {
        plan->flags |= FLAG_LATE;
        ad_sample_add_late(sample, age);
    }
}

bool ad_planner_is_late(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                        int64_t now_ms)
{
    double late = LATE_MARGIN * planner->slowest[in_range(operation)].p99_ms;

    return plan->polls >= POLLS_OF_MOST &&
           (age_of(plan, now_ms) > late || age_of(plan, ad_planner_next_ms(planner, operation, plan)) > late);
}

double ad_planner_p_done(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan,
                         int64_t now_ms)
{
    const struct ad_sample *sample = &planner->samples[in_range(operation)];
    double before;

    /* The age of a restored job is unknown: probability one half, which makes its first poll a hot one. */
    if (plan->polls == 0 && (plan->flags & FLAG_NO_LESSON) != 0)
        return 0.5;
    before = ad_sample_cdf(sample, age_of(plan, plan->poll_ms));
    if (1.0 - before < 1e-6)
        return 1.0;
    return (ad_sample_cdf(sample, age_of(plan, now_ms)) - before) / (1.0 - before);
}

bool ad_planner_is_hot(const struct ad_planner *planner, int operation, const struct ad_poll_plan *plan, int64_t now_ms)
{
    return ad_planner_p_done(planner, operation, plan, now_ms) >= HOT ||
           age_of(plan, now_ms) > planner->slowest[in_range(operation)].p99_ms;
}

void ad_planner_pressure(struct ad_planner *planner, bool admissions_waiting, int64_t now_ms)
{
    double ceiling = floor_price(planner->mode);
    int64_t steps;

    if (planner->pressure_ms < 0 || planner->pressure_ms > now_ms) {
        planner->pressure_ms = now_ms;
        return;
    }
    steps = (now_ms - planner->pressure_ms) / PRESSURE_STEP_MS;
    planner->pressure_ms += steps * PRESSURE_STEP_MS;
    if (planner->mode != AD_PLANNER_BALANCED)
        return;
    for (int i = 0; i < AD_PLANNER_OPERATIONS; i++)
        ceiling = fmax(ceiling, (double)planner->samples[i].patient_ms);
    for (int64_t i = 0; i < steps && i < PRESSURE_STEPS_MAX; i++)
        planner->price_ms *= admissions_waiting && planner->polls_all > POLLS_ENOUGH ? PRICE_STEP : 1.0 / PRICE_STEP;
    planner->price_ms = fmin(fmax(planner->price_ms, floor_price(planner->mode)), ceiling);
}

int32_t ad_planner_in_flight_target(const struct ad_planner *planner, int64_t rate_per_min_x1000, int operation)
{
    int op = in_range(operation);
    double jobs_per_ms;
    double stay;
    double target;

    if (rate_per_min_x1000 <= 0)
        return INT32_MAX;
    jobs_per_ms = (double)rate_per_min_x1000 / 1000.0 / 60000.0 / (CALLS_BESIDE_POLLS + planner->polls_per_job[op]);
    /* The mean of the past lags behind a rising price; the delay of the next job's first poll does not. */
    stay = ad_sample_next_poll(&planner->samples[op], 0.0, price_of(planner, op));
    stay = fmax(planner->sojourn_ms[op], fmin(stay, planner->slowest[op].p99_ms));
    target = ceil(jobs_per_ms * (stay * IN_FLIGHT_ROOM + BESIDE_MS));
    if (target < IN_FLIGHT_MIN)
        return IN_FLIGHT_MIN;
    return target < INT32_MAX ? (int32_t)target : INT32_MAX;
}
