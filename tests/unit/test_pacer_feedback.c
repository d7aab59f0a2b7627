/* SPDX-License-Identifier: MIT */
/*
 * The pacer's reaction to the service's responses: the hold after a 429, the cut and the recovery with and without a
 * known limit, and rate headers, which are hints. The figures are those of the examples in pacer.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/pacer.h"

/* Makes every call that the pacer allows, from `from_ms` to `until_ms`; returns their number. */
static int take_all(struct ad_pacer *pacer, int64_t from_ms, int64_t until_ms)
{
    int taken = 0;

    for (int64_t now = from_ms; now < until_ms;) {
        int64_t ready = ad_pacer_ready_ms(pacer, now);

        if (ready > 0) {
            assert_true(ready > now);
            now = ready;
            continue;
        }
        ad_pacer_take(pacer, now);
        taken++;
    }
    return taken;
}

static void an_unknown_limit_is_not_paced(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 0, 0, 0);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(ad_pacer_ready_ms(&pacer, 7), 0);
        ad_pacer_take(&pacer, 7);
    }
    assert_int_equal(ad_pacer_rate_per_minute_x1000(&pacer), 0);
}

/* 320 calls over the minute before 60000, evenly. */
static void unknown_limit_with_320_calls(struct ad_pacer *pacer)
{
    ad_pacer_init(pacer, 0, 0, 0);
    for (int64_t i = 0; i < 320; i++)
        ad_pacer_take(pacer, 1 + i * 58900 / 320);
}

static void a_429_under_an_unknown_limit_follows_the_example_of_the_header(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    unknown_limit_with_320_calls(&pacer);
    ad_pacer_throttled(&pacer, 59000, 59500, 20000);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 59500), 79500);
    assert_int_equal(ad_pacer_hold_until_ms(&pacer, 59500), 79500);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 79500), 0);
    assert_int_equal(ad_pacer_rate_per_minute_x1000(&pacer), 224000);
    assert_in_range(take_all(&pacer, 79500, 139500), 223, 225);
    assert_in_range(take_all(&pacer, 139500, 199500), 239, 241);
    assert_in_range(take_all(&pacer, 199500, 259500), 255, 257);
}

static void a_429_without_a_hint_holds_for_the_window(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    unknown_limit_with_320_calls(&pacer);
    ad_pacer_throttled(&pacer, 59000, 59500, -1);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 59500), 119500);
}

static void a_thrifty_client_does_not_measure_its_own_thrift(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    /* given 8 calls in total, when all of them are rejected */
    ad_pacer_init(&pacer, 0, 0, 0);
    for (int i = 0; i < 8; i++)
        ad_pacer_take(&pacer, 1000);
    for (int i = 0; i < 8; i++)
        ad_pacer_throttled(&pacer, 1000, 1100, 1000);
    /* then the pace is 0.7 of the smallest plan */
    assert_int_equal(ad_pacer_rate_per_minute_x1000(&pacer), 42000);
    /* and each further cut reduces it from there, to 6 and no lower */
    ad_pacer_take(&pacer, 3000);
    ad_pacer_throttled(&pacer, 3000, 3100, 0);
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), 29000, 29400);
    for (int64_t now = 4000; now < 30000; now += 1000) {
        ad_pacer_take(&pacer, now);
        ad_pacer_throttled(&pacer, now, now + 10, 0);
    }
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), 6000, 26000);
}

static void answers_429_to_calls_in_flight_correct_the_measure_and_do_not_cut_again(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    /* given 900 calls at once, under an unknown limit of 300 */
    ad_pacer_init(&pacer, 0, 0, 0);
    for (int i = 0; i < 900; i++)
        ad_pacer_take(&pacer, 10);
    /* when 600 of them are rejected */
    for (int i = 0; i < 601; i++)
        ad_pacer_throttled(&pacer, 10, 500 + i, 30000);
    /* then the pace is 0.7 x 300, not 0.7 ^ 600 x 900, and the last hold counts */
    assert_int_equal(ad_pacer_rate_per_minute_x1000(&pacer), 210000);
    assert_int_equal(ad_pacer_hold_until_ms(&pacer, 1200), 31100);
}

static void a_429_under_a_known_limit_cuts_to_70_percent_and_recovers_fully(void **state)
{
    struct ad_pacer pacer;
    int64_t full;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    full = ad_pacer_rate_per_minute_x1000(&pacer);
    ad_pacer_take(&pacer, 100);
    ad_pacer_take(&pacer, 100);
    ad_pacer_throttled(&pacer, 100, 200, 5000);
    ad_pacer_throttled(&pacer, 100, 300, -1);
    /* cut once, held by the longer of the two */
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), full * 7 / 10 - 1, full * 7 / 10 + 1);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 300), 60300);
    /* a minute after the hold: one step of 5 %; after six the full pace and not more */
    ad_pacer_take(&pacer, 60300);
    ad_pacer_take(&pacer, 120400);
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), full * 75 / 100 - 1, full * 75 / 100 + 1);
    ad_pacer_take(&pacer, 60300 + 6 * 60000);
    assert_int_equal(ad_pacer_rate_per_minute_x1000(&pacer), full);
    ad_pacer_take(&pacer, INT64_C(86400000) * 365);
    assert_int_equal(ad_pacer_rate_per_minute_x1000(&pacer), full);
}

static void a_429_empties_the_bucket(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    ad_pacer_throttled(&pacer, 0, 1, 0);
    assert_true(ad_pacer_ready_ms(&pacer, 1) > 200);
}

static void the_pace_never_falls_below_a_tenth_of_the_known_one(void **state)
{
    struct ad_pacer pacer;
    int64_t now = 0;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    for (int i = 0; i < 50; i++) {
        now += 1000;
        ad_pacer_take(&pacer, now);
        ad_pacer_throttled(&pacer, now, now + 1, 0);
    }
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), 29100, 29200);
}

static void a_stated_limit_is_used_while_none_is_configured(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 0, 0, 0);
    ad_pacer_hint(&pacer, 60, 60000, 59, 60000, 10);
    assert_int_equal(pacer.limit, 60);
    assert_in_range(take_all(&pacer, 10, 60010), 58, 60);

    ad_pacer_init(&pacer, 300, 0, 0);
    ad_pacer_hint(&pacer, 60, 60000, 59, 60000, 10);
    assert_int_equal(pacer.limit, 300);
}

/* 60 a second, a minute or a day: unknown. */
static void a_limit_without_its_window_is_not_believed(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 0, 0, 0);
    ad_pacer_hint(&pacer, 60, -1, 59, 60000, 10);
    assert_int_equal(pacer.limit, 0);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 10), 0);
    /* a window of a day is no pace either, one of a second is */
    ad_pacer_hint(&pacer, 5000, 86400000, -1, -1, 20);
    assert_int_equal(pacer.limit, 0);
    ad_pacer_hint(&pacer, 60, 1000, -1, -1, 30);
    assert_int_equal(pacer.limit, 60);
}

static void a_wait_of_the_service_may_be_lifted(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    ad_pacer_hold(&pacer, 1000, 3600000);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 2000), 3601000);
    assert_int_equal(ad_pacer_hold_until_ms(&pacer, 2000), 3601000);
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), 290000, 300000); /* it contains no quota */
    ad_pacer_hold(&pacer, 3000, 1000);
    assert_int_equal(ad_pacer_hold_until_ms(&pacer, 3000), 3601000); /* the later one */
    ad_pacer_lift(&pacer, 4000);
    assert_int_equal(ad_pacer_hold_until_ms(&pacer, 4000), 0);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 4000), 0);

    /* a reduced pace recovers from the actual end of the hold, not from its planned end */
    ad_pacer_take(&pacer, 5000);
    ad_pacer_throttled(&pacer, 5000, 5100, 86400000);
    ad_pacer_lift(&pacer, 600000);
    for (int64_t now = 600000; now < 3600000; now += 1000)
        if (ad_pacer_ready_ms(&pacer, now) == 0)
            ad_pacer_take(&pacer, now);
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), 290000, 300000);
}

static void a_stated_window_is_kept_whatever_its_length(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 0, 0, 0);
    ad_pacer_hint(&pacer, 20, 10000, -1, -1, 0);
    /* 19 calls every 11 s */
    take_all(&pacer, 0, 110000);
    assert_in_range(take_all(&pacer, 110000, 220000), 189, 191);
}

static void hints_that_make_no_sense_are_ignored(void **state)
{
    static const int64_t limits[] = {0, -7, INT64_MIN, INT64_MAX, 10000001};
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 0, 0, 0);
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        ad_pacer_hint(&pacer, limits[i], -1, -1, -1, 1);
    ad_pacer_hint(&pacer, 60, 0, -1, -1, 1);
    ad_pacer_hint(&pacer, 60, INT64_MAX, -1, -1, 1);
    ad_pacer_hint(&pacer, -1, -1, 0, -1, 1);
    ad_pacer_hint(&pacer, -1, -1, 0, INT64_MAX, 1);
    ad_pacer_hint(&pacer, -1, -1, -1, 5000, 1);
    assert_int_equal(pacer.limit, 0);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1), 0);
}

static void nothing_remains_holds_calls_until_the_reset(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    ad_pacer_hint(&pacer, 300, 60000, 0, 25000, 1000);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1000), 26000);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 26000), 0);
}

static void nothing_remains_is_ignored_when_our_own_calls_explain_it(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    take_all(&pacer, 0, 61000);
    ad_pacer_hint(&pacer, 300, 60000, 0, 25000, 61000);
    assert_true(ad_pacer_ready_ms(&pacer, 61000) < 61500);
}

static void retry_after_wins_over_rate_headers(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    /* whichever comes first */
    ad_pacer_init(&pacer, 300, 4, 0);
    ad_pacer_hint(&pacer, 300, 60000, 0, 50000, 1000);
    ad_pacer_throttled(&pacer, 900, 1000, 3000);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1000), 4000);
    ad_pacer_hint(&pacer, 300, 60000, 0, 50000, 1001);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1001), 4000);
}

static void a_limit_that_is_set_again_leaves_a_cut_pace_cut(void **state)
{
    struct ad_pacer pacer;
    int64_t cut;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    ad_pacer_take(&pacer, 100);
    ad_pacer_throttled(&pacer, 100, 200, 1000);
    cut = ad_pacer_rate_per_minute_x1000(&pacer);
    assert_true(cut < 250000);
    /* the host sets the same configuration again, then another one */
    ad_pacer_set_limit(&pacer, 300, 4, 300);
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), cut - 1000, cut + 1000);
    ad_pacer_set_limit(&pacer, 600, 4, 400);
    assert_in_range(ad_pacer_rate_per_minute_x1000(&pacer), cut - 1000, cut + 1000);
    ad_pacer_set_limit(&pacer, 60, 4, 500);
    assert_true(ad_pacer_rate_per_minute_x1000(&pacer) <= 60000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unknown_limit_is_not_paced),
        cmocka_unit_test(a_429_under_an_unknown_limit_follows_the_example_of_the_header),
        cmocka_unit_test(a_429_without_a_hint_holds_for_the_window),
        cmocka_unit_test(a_thrifty_client_does_not_measure_its_own_thrift),
        cmocka_unit_test(answers_429_to_calls_in_flight_correct_the_measure_and_do_not_cut_again),
        cmocka_unit_test(a_429_under_a_known_limit_cuts_to_70_percent_and_recovers_fully),
        cmocka_unit_test(a_429_empties_the_bucket),
        cmocka_unit_test(the_pace_never_falls_below_a_tenth_of_the_known_one),
        cmocka_unit_test(a_stated_limit_is_used_while_none_is_configured),
        cmocka_unit_test(a_limit_without_its_window_is_not_believed),
        cmocka_unit_test(a_wait_of_the_service_may_be_lifted),
        cmocka_unit_test(a_stated_window_is_kept_whatever_its_length),
        cmocka_unit_test(hints_that_make_no_sense_are_ignored),
        cmocka_unit_test(nothing_remains_holds_calls_until_the_reset),
        cmocka_unit_test(nothing_remains_is_ignored_when_our_own_calls_explain_it),
        cmocka_unit_test(retry_after_wins_over_rate_headers),
        cmocka_unit_test(a_limit_that_is_set_again_leaves_a_cut_pace_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
