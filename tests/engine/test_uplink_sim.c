/* SPDX-License-Identifier: MIT */
/*
 * The upload rule on models of links (tests/kit/uplink/), on virtual time: near the best fixed number of uploads on
 * each, and few wasted bytes. `tests/bench.sh uplink` prints the same figures for more links.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kit/uplink/rows.h"

#define SEEDS 3
#define IN_VAIN 0.01

/* Time of the best fixed number / time of the rule; its wasted bytes go to `figures`. */
static double of_best(const struct uplink_row *row, uint64_t seed, struct uplink_figures *figures)
{
    static const int numbers[] = {1, 4, 16, 48};
    struct uplink_run run = row->run;
    double best = 0;

    run.seed = seed;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        run.fixed = numbers[i];
        assert_true(uplink_simulate(&run, figures));
        if (figures->seconds > 0 && (best <= 0 || figures->seconds < best))
            best = figures->seconds;
    }
    run.fixed = 0;
    assert_true(uplink_simulate(&run, figures));
    return figures->seconds > 0 ? best / figures->seconds : 0;
}

static void check_group(enum uplink_group group, double least)
{
    int checked = 0;

    for (size_t i = 0; i < uplink_row_count; i++) {
        const struct uplink_row *row = &uplink_rows[i];

        if (!row->is_quick || row->group != group)
            continue;
        for (uint64_t seed = 1; seed <= SEEDS; seed++, checked++) {
            struct uplink_figures figures;
            double share = of_best(row, seed, &figures);
            char name[128];

            uplink_row_name(row, name, sizeof(name));
            if (share < least || figures.in_vain > IN_VAIN)
                fail_msg("%s, seed %d: %.3f of the best fixed number, %.1f %% in vain", name, (int)seed, share,
                         figures.in_vain * 100);
        }
    }
    assert_true(checked > 0);
}

static void steady_links_are_used_as_by_the_best_fixed_number(void **state)
{
    (void)state;
    check_group(UPLINK_STEADY, 0.94);
    check_group(UPLINK_SHALLOW, 0.94);
}

static void a_relay_that_acknowledges_early_is_not_believed(void **state)
{
    (void)state;
    check_group(UPLINK_EARLY, 0.90);
}

static void a_link_that_changes_tenfold_each_minute_is_followed(void **state)
{
    (void)state;
    check_group(UPLINK_CHANGING, 0.85);
}

static void a_transport_without_round_trips_uses_a_slow_link_as_well(void **state)
{
    (void)state;
    check_group(UPLINK_BLIND, 0.94);
}

static void a_slow_storage_is_not_mistaken_for_a_queue(void **state)
{
    (void)state;
    check_group(UPLINK_ANSWERS, 0.70);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_links_are_used_as_by_the_best_fixed_number),
        cmocka_unit_test(a_relay_that_acknowledges_early_is_not_believed),
        cmocka_unit_test(a_link_that_changes_tenfold_each_minute_is_followed),
        cmocka_unit_test(a_transport_without_round_trips_uses_a_slow_link_as_well),
        cmocka_unit_test(a_slow_storage_is_not_mistaken_for_a_queue),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
