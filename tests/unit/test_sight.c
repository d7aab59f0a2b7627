/* SPDX-License-Identifier: MIT */
/*
 * Whether a late poll is information about jobs, or only about an outage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/sight.h"

#define HOUR_MS 3600000

static void a_poll_due_during_an_outage_is_not_learned_from(void **state)
{
    struct ad_sight sight;

    (void)state;
    ad_sight_init(&sight, 1000);
    ad_sight_responded(&sight, 5000);
    /* the first response after the outage, and the next ones */
    assert_true(ad_sight_was_lost(&sight, 8000, HOUR_MS));
    ad_sight_responded(&sight, HOUR_MS);
    assert_true(ad_sight_was_lost(&sight, 8000, HOUR_MS + 10));
    ad_sight_responded(&sight, HOUR_MS + 10);
    ad_sight_responded(&sight, HOUR_MS + 30000);
    assert_true(ad_sight_was_lost(&sight, 8000, HOUR_MS + 30000));
    /* it affects neither earlier jobs, whose poll was due when the outage was nearly over, nor later ones */
    assert_false(ad_sight_was_lost(&sight, HOUR_MS - 20000, HOUR_MS + 10));
    assert_false(ad_sight_was_lost(&sight, HOUR_MS + 8000, HOUR_MS + 30000));
}

static void an_idle_period_discards_no_observation(void **state)
{
    struct ad_sight sight;

    (void)state;
    ad_sight_init(&sight, 0);
    ad_sight_responded(&sight, 1000);
    assert_false(ad_sight_was_lost(&sight, HOUR_MS, HOUR_MS + 40));
    ad_sight_responded(&sight, HOUR_MS + 40);
    assert_false(ad_sight_was_lost(&sight, HOUR_MS + 8000, HOUR_MS + 8040));
}

static void a_poll_that_was_only_queued_is_learned_from(void **state)
{
    struct ad_sight sight;

    (void)state;
    ad_sight_init(&sight, 0);
    for (int64_t now = 0; now <= HOUR_MS; now += 50000)
        ad_sight_responded(&sight, now);
    assert_false(ad_sight_was_lost(&sight, 8000, HOUR_MS + 1000));
}

static void an_outage_with_a_short_gap_is_one(void **state)
{
    struct ad_sight sight;

    (void)state;
    ad_sight_init(&sight, 0);
    ad_sight_responded(&sight, HOUR_MS);
    ad_sight_responded(&sight, HOUR_MS + 30000);
    ad_sight_responded(&sight, 2 * HOUR_MS);
    assert_true(ad_sight_was_lost(&sight, 8000, 2 * HOUR_MS + 10));
    assert_int_equal(sight.from_ms, 0);
    /* a longer gap was time enough to poll */
    ad_sight_responded(&sight, 2 * HOUR_MS + 50000);
    ad_sight_responded(&sight, 2 * HOUR_MS + 100000);
    ad_sight_responded(&sight, 3 * HOUR_MS);
    assert_int_equal(sight.from_ms, 2 * HOUR_MS + 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_poll_due_during_an_outage_is_not_learned_from),
        cmocka_unit_test(an_idle_period_discards_no_observation),
        cmocka_unit_test(a_poll_that_was_only_queued_is_learned_from),
        cmocka_unit_test(an_outage_with_a_short_gap_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
