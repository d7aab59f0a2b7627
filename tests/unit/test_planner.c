/* SPDX-License-Identifier: MIT */
/*
 * The planner, against closed forms where they exist: equal intervals for an exponential duration, one poll just after
 * a constant one, the bounds, the server's hint, restored jobs, a growing queue, and a service that became slower.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/planner.h"

#define OP 0

struct polls {
    double polls;    /* per job, mean */
    double delay_ms; /* mean */
};

/* Simulates one job that finishes at `ends_ms`; polls exactly when planned. */
static int live_job(struct ad_planner *planner, struct ad_rng *rng, int64_t start_ms, int64_t ends_ms, double *delay_ms)
{
    struct ad_poll_plan plan;
    int64_t now = start_ms;

    ad_poll_plan_submitted(&plan, start_ms, rng);
    do {
        int64_t next = ad_planner_next_ms(planner, OP, &plan);

        assert_true(next > now);
        now = next;
        ad_planner_observed(planner, OP, &plan, now >= ends_ms, -1, now);
    } while (now < ends_ms);
    *delay_ms = (double)(now - ends_ms);
    return plan.polls;
}

static int64_t exponential(struct ad_rng *rng)
{
    return 1 + (int64_t)(-8000.0 * log(1.0 - ad_rng_unit(rng)));
}

static int64_t constant(struct ad_rng *rng)
{
    (void)rng;
    return 10000;
}

static struct polls live(struct ad_planner *planner, int64_t (*draw)(struct ad_rng *), int jobs, uint64_t seed)
{
    struct polls sum = {0, 0};
    struct ad_rng rng;

    ad_rng_seed(&rng, seed);
    for (int i = 0; i < jobs; i++) {
        double delay;

        sum.polls += live_job(planner, &rng, 1000, 1000 + draw(&rng), &delay) / (double)jobs;
        sum.delay_ms += delay / jobs;
    }
    return sum;
}

/* A sample that is an exact exponential of mean 8 s: the target of learning, without its noise. */
static void set_exponential(struct ad_sample *sample)
{
    double edge = 0.0;
    double area = 0.0;
    double width = 50.0;

    for (int c = 0; c < AD_SAMPLE_CELLS; c++) {
        double below = 1.0 - exp(-edge / 8000.0);
        double upto = 1.0 - exp(-(edge + width) / 8000.0);

        sample->cdf[c] = (float)below;
        sample->integral[c] = (float)area;
        sample->mass[c] = (float)(upto - below);
        area += (below + upto) / 2.0 * width;
        edge += width;
        width = c == 0 ? 50.0 / 16 : (c % 16 == 0 ? width * 2 : width);
    }
    sample->cdf[AD_SAMPLE_CELLS] = 1.0F;
    sample->integral[AD_SAMPLE_CELLS] = (float)area;
    sample->patient_ms = 1e9F;
}

static void exponential_durations_give_equal_gaps(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan = {.phase = 128};
    int64_t last = 0;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    set_exponential(&planner.samples[OP]);
    planner.samples[OP].count = AD_SAMPLE_SIZE; /* learned, no longer the prior */
    /* price 250 ms: g - 8 s (1 - exp(-g / 8 s)) = 0.25 s has the root g = 2090 ms; the header's example */
    for (int look = 0; look < 10; look++) {
        int64_t next = ad_planner_next_ms(&planner, OP, &plan);

        assert_in_range(next - last, 2090 - 60, 2090 + 60);
        plan.poll_ms = next;
        plan.polls++;
        last = next;
    }
}

static void constant_durations_cost_about_one_poll_just_after(void **state)
{
    struct ad_planner planner;
    struct polls mean;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    live(&planner, constant, 300, 1);
    mean = live(&planner, constant, 300, 2);
    assert_true(mean.polls < 1.5);
    assert_true(mean.delay_ms < 500);
}

static void learnt_exponential_durations_keep_the_poisson_bargain(void **state)
{
    struct ad_planner planner;
    struct polls mean;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    live(&planner, exponential, 300, 1);
    mean = live(&planner, exponential, 3000, 2);
    /* a poll every 2.09 s: 8 / 2.09 + 0.5 polls, 1.07 s; learning from 200 jobs may cost a quarter of that */
    assert_true(mean.polls > 3.0 && mean.polls < 5.4);
    assert_true(mean.delay_ms > 800 && mean.delay_ms < 1700);
}

static void throughput_mode_polls_about_once_at_any_speed(void **state)
{
    struct ad_planner planner;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_THROUGHPUT);
    live(&planner, exponential, 500, 1);
    assert_true(live(&planner, exponential, 1000, 2).polls < 1.2);
    live(&planner, constant, 500, 3);
    assert_true(live(&planner, constant, 500, 4).polls < 1.15);
}

static void a_lower_price_means_more_polls_and_less_delay(void **state)
{
    struct ad_planner planner;
    struct polls last = {1e9, -1.0};

    (void)state;
    for (double price = 50; price < 2000; price *= 4) {
        struct polls mean;

        ad_planner_init(&planner, AD_PLANNER_BALANCED);
        planner.price_ms = price;
        mean = live(&planner, exponential, 2000, 1);
        assert_true(mean.polls < last.polls);
        assert_true(mean.delay_ms > last.delay_ms);
        last = mean;
    }
}

static void two_polls_are_never_closer_than_min_nor_further_than_max(void **state)
{
    struct ad_planner planner;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_LATENCY);
    ad_planner_set_bounds(&planner, 700, 1300);
    for (int i = 0; i < 500; i++) {
        struct ad_poll_plan plan;
        int64_t ends = exponential(&rng);

        ad_poll_plan_submitted(&plan, 0, &rng);
        for (int64_t now = 0, next; now < ends; now = next) {
            next = ad_planner_next_ms(&planner, OP, &plan);
            assert_true(next - now >= 700);
            assert_true(next - now <= 1300);
            ad_planner_observed(&planner, OP, &plan, next >= ends, -1, next);
        }
    }
}

static void without_bounds_the_first_poll_waits_as_long_as_it_pays(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_THROUGHPUT);
    for (int i = 0; i < 300; i++) {
        ad_sample_add(&planner.samples[OP], 89000, 90000);
        ad_slowest_add(&planner.slowest[OP], 90000);
    }
    ad_poll_plan_submitted(&plan, 0, &rng);
    assert_true(ad_planner_next_ms(&planner, OP, &plan) > 3 * AD_PLANNER_MAX_MS - 5000);
    ad_planner_set_bounds(&planner, AD_PLANNER_MIN_MS, AD_PLANNER_MAX_MS);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), AD_PLANNER_MAX_MS);
}

static void equal_bounds_are_a_fixed_interval_from_the_first_poll_on(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_THROUGHPUT);
    ad_planner_set_bounds(&planner, 2000, 2000);
    ad_poll_plan_submitted(&plan, 500, &rng);
    for (int64_t now = 500; now < 60000; now += 2000) {
        assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), now + 2000);
        ad_planner_observed(&planner, OP, &plan, false, -1, now + 2000);
    }
}

static void odd_bounds_are_clamped(void **state)
{
    struct ad_planner planner;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    ad_planner_set_bounds(&planner, -5, -7);
    assert_int_equal(planner.min_ms, 1);
    assert_int_equal(planner.max_ms, 1);
    ad_planner_set_bounds(&planner, INT64_MAX, INT64_MIN);
    assert_int_equal(planner.min_ms, 86400000);
    assert_int_equal(planner.max_ms, 86400000);
}

static void a_hint_overrides_the_plan_for_one_poll(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_LATENCY);
    ad_poll_plan_submitted(&plan, 0, &rng);
    ad_planner_observed(&planner, OP, &plan, false, 45000, 1000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 46000);
    ad_planner_observed(&planner, OP, &plan, false, 1, 46000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 46001);
    ad_planner_observed(&planner, OP, &plan, false, -1, 47000);
    /* without a hint the price decides again, and for a job this old it requires seconds */
    assert_in_range(ad_planner_next_ms(&planner, OP, &plan), 48000, 80000);
    /* days are ignored, and limits that the host has set hold */
    ad_planner_observed(&planner, OP, &plan, false, INT64_MAX, 48000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 48000 + 3600000);
    ad_planner_set_bounds(&planner, 2000, 20000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 48000 + 20000);
    ad_planner_observed(&planner, OP, &plan, false, 1, 50000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 50000 + 2000);
}

/* Polls of a job that never finishes, until `until_ms`. */
static int polls_until(const struct ad_planner *planner, int64_t until_ms)
{
    struct ad_planner own = *planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;
    int64_t next;
    int polls = 0;

    ad_rng_seed(&rng, 1);
    ad_poll_plan_submitted(&plan, 0, &rng);
    while ((next = ad_planner_next_ms(&own, OP, &plan)) < until_ms) {
        ad_planner_observed(&own, OP, &plan, false, -1, next);
        polls++;
    }
    return polls;
}

static void a_job_that_never_finishes_costs_few_polls(void **state)
{
    static const enum ad_planner_mode modes[] = {AD_PLANNER_LATENCY, AD_PLANNER_BALANCED, AD_PLANNER_THROUGHPUT};
    struct ad_planner planner;

    (void)state;
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        ad_planner_init(&planner, modes[i]);
        assert_in_range(polls_until(&planner, 86400000), 20, i == 0 ? 60 : 45);
        assert_in_range(polls_until(&planner, 7 * INT64_C(86400000)), 20, i == 0 ? 70 : 55);
        for (int k = 0; k < 200; k++) {
            ad_sample_add(&planner.samples[OP], 1900, 2000);
            ad_slowest_add(&planner.slowest[OP], 2000);
        }
        assert_in_range(polls_until(&planner, 86400000), 20, 45);
        ad_planner_set_bounds(&planner, 1000, 60000);
        assert_in_range(polls_until(&planner, 86400000), 1439, 1600);
    }
}

/* Every third job of the service never finishes: the others are still detected at once. */
static void jobs_that_never_finish_do_not_move_the_first_poll(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan stuck[100];
    struct ad_rng rng;
    int stuck_count = 0;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_THROUGHPUT);
    for (int i = 0; i < 300; i++) {
        int64_t now = i * 10000;

        if (i % 3 == 0) {
            ad_poll_plan_submitted(&stuck[stuck_count++], now, &rng);
        } else {
            double delay;

            live_job(&planner, &rng, now, now + 8000, &delay);
            assert_true(i < 90 || delay < 4000);
        }
        for (int k = 0; k < stuck_count; k++)
            if (ad_planner_next_ms(&planner, OP, &stuck[k]) <= now)
                ad_planner_observed(&planner, OP, &stuck[k], false, -1, now);
    }
    assert_true(ad_planner_is_late(&planner, OP, &stuck[0], 3000000));
}

static void a_poll_that_is_pulled_forward_is_due_at_once(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    ad_poll_plan_submitted(&plan, 0, &rng);
    ad_planner_observed(&planner, OP, &plan, false, -1, 3600000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 3600000 + 900000);
    ad_poll_plan_pull(&plan);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 3600000 + AD_PLANNER_MIN_MS);
    ad_planner_observed(&planner, OP, &plan, false, -1, 3700000);
    assert_int_equal(ad_planner_next_ms(&planner, OP, &plan), 3700000 + 925000);
}

static void a_restored_job_is_looked_at_now_and_teaches_nothing(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_THROUGHPUT);
    ad_poll_plan_restored(&plan, 9000, &rng);
    assert_true(ad_planner_next_ms(&planner, OP, &plan) <= 9000);
    assert_true(ad_planner_p_done(&planner, OP, &plan, 9000) >= 0.5);
    ad_planner_observed(&planner, OP, &plan, false, -1, 9100);
    assert_true(ad_planner_next_ms(&planner, OP, &plan) >= 9100 + AD_PLANNER_MIN_MS);
    ad_planner_observed(&planner, OP, &plan, true, -1, 500000);
    assert_int_equal(planner.samples[OP].count, 0);
}

static void jobs_submitted_together_are_not_looked_at_together(void **state)
{
    struct ad_planner planner;
    struct ad_rng rng;
    int64_t first = INT64_MAX;
    int64_t last = 0;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    for (int i = 0; i < 1000; i++) {
        struct ad_poll_plan plan;
        int64_t next;

        ad_poll_plan_submitted(&plan, 0, &rng);
        next = ad_planner_next_ms(&planner, OP, &plan);
        first = next < first ? next : first;
        last = next > last ? next : last;
    }
    assert_true(last - first > 200);
}

static void p_done_rises_from_0_with_age(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;
    double last = 0.0;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    ad_poll_plan_submitted(&plan, 0, &rng);
    assert_true(ad_planner_p_done(&planner, OP, &plan, 0) <= 0.0);
    for (int64_t now = 0; now < 10000000; now += 1 + now / 9) {
        double p = ad_planner_p_done(&planner, OP, &plan, now);

        assert_true(p >= last && p <= 1.0);
        last = p;
    }
    assert_true(last > 0.999);
}

static void a_growing_queue_costs_few_polls(void **state)
{
    struct ad_planner planner;
    struct ad_rng rng;
    double polls = 0;

    (void)state;
    /* each job takes 20 ms longer than the one before: from 1 s to 41 s */
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    for (int i = 0; i < 2000; i++) {
        double delay;

        polls += live_job(&planner, &rng, 0, 1000 + 20 * i, &delay) / 2000.0;
    }
    /* a fixed 2 s needs 11 */
    assert_true(polls < 4.0);
}

/* The cost of 50 concurrent jobs in polls from 0 to 60 s, none of them done, after 300 jobs of 2 s. */
static int polls_while_nothing_ends(struct ad_planner *planner)
{
    struct ad_poll_plan plans[50];
    struct ad_rng rng;
    int polls = 0;

    ad_rng_seed(&rng, 1);
    for (int i = 0; i < 300; i++) {
        double delay;

        live_job(planner, &rng, 0, 2000, &delay);
    }
    for (int i = 0; i < 50; i++)
        ad_poll_plan_submitted(&plans[i], 0, &rng);
    for (int64_t now = 0; now < 60000; now += 10)
        for (int i = 0; i < 50; i++)
            if (ad_planner_next_ms(planner, OP, &plans[i]) <= now) {
                ad_planner_observed(planner, OP, &plans[i], false, -1, now);
                polls++;
            }
    return polls;
}

static void a_service_that_became_slower_is_not_hammered(void **state)
{
    struct ad_planner planner;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    /* a fixed 2 s would cost 30 polls a job */
    assert_true(polls_while_nothing_ends(&planner) < 50 * 12);
    /* and it is learned before the first of the slow jobs has finished */
    assert_true(planner.samples[OP].count > 300);
    assert_true(ad_sample_cdf(&planner.samples[OP], 3000) < 0.98);
}

static void a_plan_is_24_bytes(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct ad_poll_plan), 24);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_durations_give_equal_gaps),
        cmocka_unit_test(constant_durations_cost_about_one_poll_just_after),
        cmocka_unit_test(learnt_exponential_durations_keep_the_poisson_bargain),
        cmocka_unit_test(throughput_mode_polls_about_once_at_any_speed),
        cmocka_unit_test(a_lower_price_means_more_polls_and_less_delay),
        cmocka_unit_test(two_polls_are_never_closer_than_min_nor_further_than_max),
        cmocka_unit_test(without_bounds_the_first_poll_waits_as_long_as_it_pays),
        cmocka_unit_test(equal_bounds_are_a_fixed_interval_from_the_first_poll_on),
        cmocka_unit_test(odd_bounds_are_clamped),
        cmocka_unit_test(a_hint_overrides_the_plan_for_one_poll),
        cmocka_unit_test(a_job_that_never_finishes_costs_few_polls),
        cmocka_unit_test(jobs_that_never_finish_do_not_move_the_first_poll),
        cmocka_unit_test(a_poll_that_is_pulled_forward_is_due_at_once),
        cmocka_unit_test(a_restored_job_is_looked_at_now_and_teaches_nothing),
        cmocka_unit_test(jobs_submitted_together_are_not_looked_at_together),
        cmocka_unit_test(p_done_rises_from_0_with_age),
        cmocka_unit_test(a_growing_queue_costs_few_polls),
        cmocka_unit_test(a_service_that_became_slower_is_not_hammered),
        cmocka_unit_test(a_plan_is_24_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
