/* SPDX-License-Identifier: MIT */
/*
 * Many clients share one source of permits under faults: the limit is kept, no permit is lost, little quota is wasted.
 * The first argument is the number of disturbed runs, the second the first seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/permit_fleet.h"

#define LIMIT 300

static int seeds = 6;
static int first_seed = 1;

static void run(const struct permit_fleet *fleet, struct permit_figures *figures)
{
    assert_true(permit_fleet_run(fleet, figures));
    print_message(
        "seed %llu: most %d, share %.4f, images %lld, hungry %.3f to %.3f, too long %d, left %d, 429 %lld (%lld), "
        "held %d, calls %lld, deaths %d, losses %d\n",
        (unsigned long long)fleet->seed, figures->most, figures->share, (long long)figures->images,
        figures->least_hungry, figures->most_hungry, figures->too_long, figures->left, (long long)figures->limited,
        (long long)figures->limited_at_one, figures->held, (long long)figures->calls, figures->deaths, figures->losses);
}

static void undisturbed_the_whole_limit_is_used_in_equal_parts(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct permit_fleet fleet = {.seed = seed, .limit = LIMIT, .measured_ms = 300000, .latency_ms = 80};
        struct permit_figures figures;

        run(&fleet, &figures);
        assert_in_range(figures.most, 1, LIMIT);
        assert_true(figures.share >= 0.97);
        assert_true(figures.least_hungry >= 0.9 && figures.most_hungry <= 1.1);
        assert_int_equal(figures.too_long, 0);
        assert_int_equal(figures.left, 0);
    }
}

static void the_limit_is_kept_whatever_happens(void **state)
{
    double share = 0;
    int deaths = 0;
    int losses = 0;

    (void)state;
    for (int i = 0; i < seeds; i++) {
        struct permit_fleet fleet = {.seed = (uint64_t)(first_seed + i),
                                     .limit = LIMIT,
                                     .measured_ms = 420000,
                                     .troubles = PERMIT_FLEET_SOURCE | PERMIT_FLEET_DEATHS | PERMIT_FLEET_OUTAGES,
                                     .latency_ms = i % 2 == 0 ? 80 : 1500};
        struct permit_figures figures;

        run(&fleet, &figures);
        assert_in_range(figures.most, 1, LIMIT);
        assert_int_equal(figures.too_long, 0);
        assert_int_equal(figures.left, 0);
        share += figures.share / seeds;
        deaths += figures.deaths;
        losses += figures.losses;
    }
    assert_true(deaths > 0 && losses > 0);
    assert_true(share >= 0.4); /* a source that grants nothing would keep every limit */
}

/*
 * Requests may arrive as late as the lag; quota that is free after an outage is used at once, so that each of them
 * matters.
 */
static void requests_that_break_off_are_counted_until_they_cannot_arrive(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++) {
        struct permit_fleet fleet = {.seed = seed,
                                     .limit = LIMIT,
                                     .measured_ms = 300000,
                                     .troubles = PERMIT_FLEET_OUTAGES,
                                     .latency_ms = 80,
                                     .bursts = true};
        struct permit_figures figures;

        run(&fleet, &figures);
        assert_in_range(figures.most, 1, LIMIT);
        assert_true(figures.share >= 0.85);
        assert_int_equal(figures.too_long, 0);
        assert_int_equal(figures.left, 0);
    }
}

/* The judge detects violations. */
static void permits_that_are_charged_when_granted_pass_the_limit(void **state)
{
    int passed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct permit_fleet fleet = {
            .seed = seed, .limit = LIMIT, .measured_ms = 180000, .latency_ms = 1500, .charged_when_granted = true};
        struct permit_figures figures;

        run(&fleet, &figures);
        passed += figures.most > LIMIT;
    }
    assert_true(passed > 0);
}

static void one_429_holds_all(void **state)
{
    struct permit_fleet fleet = {.seed = 1, .limit = LIMIT, .measured_ms = 300000, .latency_ms = 80, .foreign = 60};
    struct permit_figures figures;

    (void)state;
    run(&fleet, &figures);
    assert_in_range(figures.limited, 1, 3 * PERMIT_FLEET_CLIENTS);
    assert_in_range(figures.limited_at_one, 0, 3);
    assert_true(figures.held >= 2);
    assert_int_equal(figures.left, 0);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed_the_whole_limit_is_used_in_equal_parts),
        cmocka_unit_test(the_limit_is_kept_whatever_happens),
        cmocka_unit_test(requests_that_break_off_are_counted_until_they_cannot_arrive),
        cmocka_unit_test(permits_that_are_charged_when_granted_pass_the_limit),
        cmocka_unit_test(one_429_holds_all),
    };

    if (argc > 1)
        seeds = atoi(argv[1]);
    if (argc > 2)
        first_seed = atoi(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
