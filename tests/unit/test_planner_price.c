/* SPDX-License-Identifier: MIT */
/*
 * The planner's price under pressure, the number of jobs to keep in flight, and what each operation learns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/planner.h"

#define OP 0

/* 500 jobs of exactly 10 s, polled exactly when planned. */
static void learn_ten_seconds(struct ad_planner *planner)
{
    struct ad_rng rng;

    ad_rng_seed(&rng, 1);
    for (int i = 0; i < 500; i++) {
        struct ad_poll_plan plan;
        int64_t now = 0;

        ad_poll_plan_submitted(&plan, 0, &rng);
        while (now < 10000) {
            now = ad_planner_next_ms(planner, OP, &plan);
            ad_planner_observed(planner, OP, &plan, now >= 10000, -1, now);
        }
    }
}

/* When the first poll of a job that is submitted at 0 is planned: the price decides. */
static int64_t first_look_ms(const struct ad_planner *planner, int operation)
{
    struct ad_poll_plan plan;
    struct ad_rng rng;

    ad_rng_seed(&rng, 5);
    ad_poll_plan_submitted(&plan, 0, &rng);
    return ad_planner_next_ms(planner, operation, &plan);
}

static void press(struct ad_planner *planner, bool pressed, int64_t from_ms, int64_t to_ms)
{
    for (int64_t now = from_ms; now <= to_ms; now += 500)
        ad_planner_pressure(planner, pressed, now);
}

static void pressure_delays_polls_and_relief_restores_them_in_balanced_mode_only(void **state)
{
    struct ad_planner planner;
    int64_t calm;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    calm = first_look_ms(&planner, OP);
    press(&planner, true, 0, 5000);
    assert_true(first_look_ms(&planner, OP) > calm);
    press(&planner, false, 5500, 15000);
    assert_int_equal(first_look_ms(&planner, OP), calm);

    ad_planner_init(&planner, AD_PLANNER_LATENCY);
    calm = first_look_ms(&planner, OP);
    press(&planner, true, 0, 5000);
    assert_int_equal(first_look_ms(&planner, OP), calm);
}

static void no_pressure_delays_a_poll_beyond_the_known_durations(void **state)
{
    struct ad_planner planner;
    int64_t unknown;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    learn_ten_seconds(&planner);
    unknown = first_look_ms(&planner, OP + 1);
    planner.polls_all = 2.0; /* the others need many polls: otherwise the price has no reason to rise */
    ad_planner_pressure(&planner, true, 0);
    ad_planner_pressure(&planner, true, INT64_MAX);
    /* polls of jobs about which nothing is known move by seconds; these jobs are all alike */
    assert_true(first_look_ms(&planner, OP + 1) > unknown + 3000);
    assert_in_range(first_look_ms(&planner, OP), 10000, 11000);
}

static void little_s_law_gives_the_jobs_in_flight(void **state)
{
    struct ad_planner planner;
    int32_t target;

    (void)state;
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    assert_int_equal(ad_planner_in_flight_target(&planner, 0, OP), INT32_MAX);
    learn_ten_seconds(&planner);
    /* 300 a minute / about 4.2 calls x (2 x 10.3 s + 2 s) = 27 */
    target = ad_planner_in_flight_target(&planner, 300000, OP);
    assert_in_range(target, 24, 30);
    assert_in_range(ad_planner_in_flight_target(&planner, 3000000, OP), 10 * target - 10, 10 * target);
    assert_int_equal(ad_planner_in_flight_target(&planner, 1000, OP), 4);
}

/*
 * The poll of a job of 10 s came an hour late: no network, a wait that the service asked for, a suspended machine.
 * `looks` polls were made before that, and the job is found done, or slightly later.
 */
static void live_through_an_outage(struct ad_planner *planner, struct ad_rng *rng, int looks, bool done)
{
    const int64_t hour_ms = 3600000;
    struct ad_poll_plan plan;

    ad_poll_plan_submitted(&plan, 0, rng);
    for (int i = 0; i < looks; i++)
        ad_planner_observed(planner, OP, &plan, false, -1, 2000 + i * 2000);
    ad_poll_plan_hidden(&plan);
    ad_planner_observed(planner, OP, &plan, done, -1, hour_ms);
    if (!done)
        ad_planner_observed(planner, OP, &plan, true, -1, hour_ms + 2000);
}

static void an_outage_teaches_nothing_of_how_long_jobs_take(void **state)
{
    (void)state;
    for (int mode = AD_PLANNER_LATENCY; mode <= AD_PLANNER_THROUGHPUT; mode++) {
        struct ad_planner planner;
        struct ad_rng rng;
        int32_t in_flight;
        int64_t look;

        ad_rng_seed(&rng, 3);
        ad_planner_init(&planner, (enum ad_planner_mode)mode);
        learn_ten_seconds(&planner);
        in_flight = ad_planner_in_flight_target(&planner, 300000, OP);
        look = first_look_ms(&planner, OP);
        for (int i = 0; i < 400; i++)
            live_through_an_outage(&planner, &rng, i % 3, i % 5 != 0);
        assert_int_equal(ad_planner_in_flight_target(&planner, 300000, OP), in_flight);
        assert_int_equal(first_look_ms(&planner, OP), look);
    }
}

/* Polls delayed by a slow host or a small quota are the only data to learn from. */
static void polls_that_are_a_little_late_are_learned_from(void **state)
{
    struct ad_planner planner;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 3);
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    for (int i = 0; i < 400; i++) {
        struct ad_poll_plan plan;

        ad_poll_plan_submitted(&plan, 0, &rng);
        ad_planner_observed(&planner, OP, &plan, true, -1, 30000);
    }
    assert_int_equal(planner.samples[OP].count, 400);
    /* 300 a minute / 4 calls x (2 x 30 s + 2 s) = 78 */
    assert_in_range(ad_planner_in_flight_target(&planner, 300000, OP), 74, 80);
}

static void operations_learn_apart_and_unknown_ones_share_the_last(void **state)
{
    struct ad_planner planner;
    struct ad_poll_plan plan;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_planner_init(&planner, AD_PLANNER_BALANCED);
    ad_poll_plan_submitted(&plan, 0, &rng);
    ad_planner_observed(&planner, 2, &plan, true, -1, 3000);
    ad_planner_observed(&planner, 77, &plan, true, -1, 3000);
    ad_planner_observed(&planner, -1, &plan, true, -1, 3000);
    assert_int_equal(planner.samples[0].count, 0);
    assert_int_equal(planner.samples[2].count, 1);
    assert_int_equal(planner.samples[AD_PLANNER_OTHER].count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pressure_delays_polls_and_relief_restores_them_in_balanced_mode_only),
        cmocka_unit_test(no_pressure_delays_a_poll_beyond_the_known_durations),
        cmocka_unit_test(little_s_law_gives_the_jobs_in_flight),
        cmocka_unit_test(an_outage_teaches_nothing_of_how_long_jobs_take),
        cmocka_unit_test(polls_that_are_a_little_late_are_learned_from),
        cmocka_unit_test(operations_learn_apart_and_unknown_ones_share_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
