/* SPDX-License-Identifier: MIT */
/*
 * A client that always has more images than its quota allows: how many get through, and how soon their results are
 * detected, at a service that completes all jobs, and at one that never completes a fifth of them. Virtual time: the
 * figures are exact.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include <animaldetect/types.h>

#include "engine/stuck_fleet.h"

static const int32_t QUOTAS[] = {60, 300, 1000};
static const char *const MODES[] = {"latency", "balanced", "throughput"};

static void run(const struct stuck_fleet *fleet, struct stuck_figures *figures)
{
    if (!stuck_fleet_run(fleet, figures))
        fail_msg("a call failed at %d requests per minute", fleet->per_minute);
    print_message("%4d a minute, %s, f %.3f: %.1f images a minute, %.3f of the ceiling, %.2f polls each, seen after "
                  "%.1f s, polls per stuck job %.1f\n",
                  fleet->per_minute, MODES[fleet->mode], figures->stuck_share, figures->images_per_minute,
                  figures->images_per_minute / figures->ceiling, figures->polls_per_image,
                  figures->delay_mean_ms / 1000, figures->polls_per_stuck);
    assert_int_equal(figures->throttled, 0);
    assert_int_equal(figures->unfinished, 0);
}

/* Polls that came slightly too early must not queue until there are no new images. */
static void new_images_do_not_keep_results_unseen(void **state)
{
    (void)state;
    for (int32_t mode = ANIMALDETECT_POLL_LATENCY; mode <= ANIMALDETECT_POLL_THROUGHPUT; mode++) {
        for (size_t i = 0; i < sizeof QUOTAS / sizeof QUOTAS[0]; i++) {
            struct stuck_fleet fleet = {.per_minute = QUOTAS[i], .mode = mode, .measured_ms = 1800000, .seed = 1};
            struct stuck_figures figures;

            run(&fleet, &figures);
            assert_true(figures.images_per_minute >= 0.95 * figures.ceiling);
            assert_true(figures.delay_mean_ms <= 20000);
        }
    }
}

static void a_fifth_that_never_ends_costs_the_others_little(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof QUOTAS / sizeof QUOTAS[0]; i++) {
        /* as many images, whatever the quota */
        const int seeds = QUOTAS[i] > 300 ? 1 : 3;
        double share = 0;

        for (int seed = 1; seed <= seeds; seed++) {
            struct stuck_fleet fleet = {.per_minute = QUOTAS[i],
                                        .stuck_share = 0.2,
                                        .mode = ANIMALDETECT_POLL_THROUGHPUT,
                                        .measured_ms = QUOTAS[i] > 300 ? 3600000 : 7200000,
                                        .seed = (uint64_t)seed};
            struct stuck_figures figures;

            run(&fleet, &figures);
            assert_true(figures.polls_per_image <= 1.15);
            share += figures.images_per_minute / figures.ceiling / seeds;
        }
        assert_true(share >= 0.85);
    }
}

/* Jobs that never finish, and the client's own delays, must not affect the learned processing time. */
static void what_is_learned_holds_for_hours(void **state)
{
    static const double shares[] = {0.02, 0.2, 0.5};
    /* of the ceiling, which does not include the polls that detect stuck jobs */
    static const double least[] = {0.9, 0.75, 0.55};

    (void)state;
    for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++) {
        for (int32_t mode = ANIMALDETECT_POLL_LATENCY; mode <= ANIMALDETECT_POLL_BALANCED; mode++) {
            struct stuck_fleet fleet = {
                .per_minute = 300, .stuck_share = shares[i], .mode = mode, .measured_ms = 2 * 3600000, .seed = 2};
            struct stuck_figures figures;

            run(&fleet, &figures);
            assert_true(figures.images_per_minute >= least[i] * figures.ceiling);
            assert_true(figures.delay_mean_ms <= 60000);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_images_do_not_keep_results_unseen),
        cmocka_unit_test(a_fifth_that_never_ends_costs_the_others_little),
        cmocka_unit_test(what_is_learned_holds_for_hours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
