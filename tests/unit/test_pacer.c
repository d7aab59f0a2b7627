/* SPDX-License-Identifier: MIT */
/*
 * The promises of the pacer, on virtual time: no window of a minute contains more calls than the limit, whatever the
 * pattern of calls, the latency or the clock, and almost all of the limit is used.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/pacer.h"

#define CALLS_MAX 6000

/* What a service would see: arrival times, counted here, independently of the pacer. */
struct arrivals {
    int64_t at[CALLS_MAX];
    int count;
};

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The maximum number of arrivals in any [t, t + 60 s], both ends counted. */
static int fullest_minute(struct arrivals *arrivals)
{
    int most = 0;
    int oldest = 0;

    qsort(arrivals->at, (size_t)arrivals->count, sizeof(arrivals->at[0]), by_time);
    for (int i = 0; i < arrivals->count; i++) {
        while (arrivals->at[i] - arrivals->at[oldest] > 60000)
            oldest++;
        if (i - oldest + 1 > most)
            most = i - oldest + 1;
    }
    return most;
}

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

enum pattern { GREEDY, BURSTS, PAUSES, TRICKLE, PATTERNS };

static int64_t pause_of(enum pattern pattern, struct ad_rng *rng)
{
    switch (pattern) {
    case BURSTS:
        return ad_rng_upto(rng, 20) == 0 ? ad_rng_upto(rng, 30000) : 0;
    case PAUSES:
        return ad_rng_upto(rng, 100) == 0 ? 55000 + ad_rng_upto(rng, 15000) : ad_rng_upto(rng, 5);
    case TRICKLE:
        return ad_rng_upto(rng, 3000);
    default:
        return 0;
    }
}

/* One random client for some minutes: random limit, burst, pattern, latency, calls given back. */
static void random_client(uint64_t seed)
{
    static struct arrivals arrivals;
    struct ad_pacer pacer;
    struct ad_rng rng;
    int64_t now;
    int32_t limit;
    enum pattern pattern;

    ad_rng_seed(&rng, seed);
    now = ad_rng_upto(&rng, 1000000);
    limit = (int32_t)(1 + ad_rng_upto(&rng, ad_rng_upto(&rng, 2) == 0 ? 20 : 1200));
    pattern = (enum pattern)ad_rng_upto(&rng, PATTERNS - 1);
    arrivals.count = 0;
    ad_pacer_init(&pacer, limit, (int32_t)ad_rng_upto(&rng, limit), now);
    while (arrivals.count < CALLS_MAX && arrivals.count < 5 * limit) {
        int64_t ready;
        int64_t taken_ms;

        now += pause_of(pattern, &rng);
        ready = ad_pacer_ready_ms(&pacer, now);
        if (ready > 0)
            now = ready;
        assert_int_equal(ad_pacer_ready_ms(&pacer, now), 0);
        taken_ms = now;
        ad_pacer_take(&pacer, now);
        if (ad_rng_upto(&rng, 9) == 0) {
            now += ad_rng_upto(&rng, 3) == 0 ? ad_rng_upto(&rng, 2000) : 0;
            ad_pacer_return(&pacer, taken_ms, now);
        } else {
            arrivals.at[arrivals.count++] = taken_ms + ad_rng_upto(&rng, AD_PACER_GUARD_MS);
        }
    }
    if (fullest_minute(&arrivals) > limit)
        fail_msg("seed %llu: %d calls in a minute, limit %d", (unsigned long long)seed, fullest_minute(&arrivals),
                 limit);
}

static void no_minute_holds_more_than_the_limit_whatever_the_pattern(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4000; seed++)
        random_client(seed);
}

static void full_pace_reaches_97_percent_of_the_limit(void **state)
{
    struct ad_pacer pacer;
    int taken;

    (void)state;
    /* given the limit of the header's example */
    ad_pacer_init(&pacer, 300, 0, 0);
    take_all(&pacer, 0, 60000);
    /* when the next ten minutes are used fully */
    taken = take_all(&pacer, 60000, 660000);
    /* then 296 calls were made every 61 s */
    assert_in_range(taken, 2910, 2912);
}

static void burst_goes_at_once_and_the_next_call_waits(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 1000);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ad_pacer_ready_ms(&pacer, 1000), 0);
        ad_pacer_take(&pacer, 1000);
    }
    /* 61 s / 296 = 206.08 ms, rounded up */
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1000), 1207);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1206), 1207);
    assert_int_equal(ad_pacer_ready_ms(&pacer, 1207), 0);
}

static void a_limit_of_one_lets_one_call_a_minute_go(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 1, 5, 0);
    assert_int_equal(take_all(&pacer, 0, 61000), 1);
    /* exactly one guard and one minute later, it would arrive exactly one minute later at worst: that is too early */
    assert_in_range(ad_pacer_ready_ms(&pacer, 61000), 61001, 61100);
    assert_int_equal(take_all(&pacer, 61000, 62000), 1);
}

static void a_stopped_clock_allows_the_burst_and_no_more(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 1000, 10, 5000);
    for (int i = 0; i < 10; i++) {
        assert_int_equal(ad_pacer_ready_ms(&pacer, 5000), 0);
        ad_pacer_take(&pacer, 5000);
    }
    for (int i = 0; i < 1000; i++)
        assert_true(ad_pacer_ready_ms(&pacer, 5000) > 5000);
}

static void a_clock_that_goes_back_is_read_as_standing_still(void **state)
{
    struct ad_pacer pacer;
    int64_t ready;

    (void)state;
    /* given an empty bucket at 100 s */
    ad_pacer_init(&pacer, 60, 1, 0);
    ad_pacer_take(&pacer, 100000);
    ready = ad_pacer_ready_ms(&pacer, 100000);
    assert_true(ready > 100000);
    /* when the clock falls to 10 s and climbs to 99 s */
    assert_int_equal(ad_pacer_ready_ms(&pacer, 10000), ready);
    ad_pacer_take(&pacer, 10000);
    /* then nothing is gained by it, and the call made against the advice was counted */
    assert_true(ad_pacer_ready_ms(&pacer, 99000) > ready);
}

static void a_clock_that_jumps_finds_one_full_bucket(void **state)
{
    static const int64_t jumps[] = {86400000, INT64_C(1) << 45, INT64_MAX / 2, INT64_MAX - 1};

    (void)state;
    for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        struct ad_pacer pacer;
        int taken = 0;

        ad_pacer_init(&pacer, 10000000, 100, 0);
        ad_pacer_take(&pacer, 0);
        while (ad_pacer_ready_ms(&pacer, jumps[i]) == 0 && taken < 1000) {
            ad_pacer_take(&pacer, jumps[i]);
            taken++;
        }
        assert_int_equal(taken, 100);
        assert_true(ad_pacer_ready_ms(&pacer, jumps[i]) > jumps[i]);
    }
}

static void extreme_arguments_are_brought_into_range(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, INT32_MAX, INT32_MAX, INT64_MAX - 5);
    assert_int_equal(pacer.limit, 10000000);
    ad_pacer_throttled(&pacer, INT64_MAX - 5, INT64_MAX - 5, INT64_MAX);
    assert_int_equal(ad_pacer_ready_ms(&pacer, INT64_MAX - 5), INT64_MAX);
    ad_pacer_set_limit(&pacer, -5, -5, INT64_MAX - 3);
    assert_int_equal(pacer.limit, 0);
    ad_pacer_hint(&pacer, INT64_MAX, INT64_MAX, 0, INT64_MAX, INT64_MAX - 2);
    assert_int_equal(pacer.limit, 0);
}

static void calls_taken_against_the_advice_never_cost_more_than_a_window(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    ad_pacer_init(&pacer, 300, 4, 0);
    for (int i = 0; i < 100000; i++)
        ad_pacer_take(&pacer, 0);
    assert_in_range(ad_pacer_ready_ms(&pacer, 0), 60000, 61001);
}

static void a_call_given_back_may_go_again(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    /* given an empty bucket */
    ad_pacer_init(&pacer, 60, 2, 0);
    ad_pacer_take(&pacer, 0);
    ad_pacer_take(&pacer, 0);
    assert_true(ad_pacer_ready_ms(&pacer, 0) > 0);
    /* when one call was never sent */
    ad_pacer_return(&pacer, 0, 0);
    /* then exactly one call is allowed */
    assert_int_equal(ad_pacer_ready_ms(&pacer, 0), 0);
    ad_pacer_take(&pacer, 0);
    assert_true(ad_pacer_ready_ms(&pacer, 0) > 0);
}

static void a_call_given_back_after_the_refill_gives_nothing(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    /* given a call that the bucket has long refilled, and then a burst */
    ad_pacer_init(&pacer, 60, 2, 0);
    ad_pacer_take(&pacer, 0);
    ad_pacer_take(&pacer, 30000);
    ad_pacer_take(&pacer, 30000);
    /* when the old call is given back */
    ad_pacer_return(&pacer, 0, 30000);
    /* then the burst is not extended by it */
    assert_true(ad_pacer_ready_ms(&pacer, 30000) > 30000);
}

static void two_calls_given_back_never_make_the_bucket_fuller_than_without_them(void **state)
{
    struct ad_pacer pacer;

    (void)state;
    /* given half a call refilled between two calls that were never sent and one that was (206.08 ms a call) */
    ad_pacer_init(&pacer, 300, 4, 0);
    ad_pacer_take(&pacer, 0);
    ad_pacer_take(&pacer, 0);
    ad_pacer_take(&pacer, 104);
    /* when both are given back */
    ad_pacer_return(&pacer, 0, 104);
    ad_pacer_return(&pacer, 0, 104);
    /* then another half call later three are allowed: the bucket was full at 104 ms, one was used, 3.5 remain */
    assert_in_range(take_all(&pacer, 208, 209), 2, 3);
}

static void a_new_limit_counts_the_calls_already_sent(void **state)
{
    static struct arrivals arrivals;
    struct ad_pacer pacer;

    (void)state;
    for (int64_t quiet = 0; quiet <= 70000; quiet += 7000) {
        /* given 55 calls in 11 s without a limit */
        arrivals.count = 0;
        ad_pacer_init(&pacer, 0, 0, 0);
        for (int64_t now = 0; now < 11000; now += 200) {
            assert_int_equal(ad_pacer_ready_ms(&pacer, now), 0);
            ad_pacer_take(&pacer, now);
            arrivals.at[arrivals.count++] = now;
        }
        /* when a limit of 60 is set after a pause, and used fully */
        ad_pacer_set_limit(&pacer, 60, 3, 11000 + quiet);
        for (int64_t now = 11000 + quiet; now < 300000;) {
            int64_t ready = ad_pacer_ready_ms(&pacer, now);

            now = ready > 0 ? ready : now;
            ad_pacer_take(&pacer, now);
            arrivals.at[arrivals.count++] = now;
        }
        /* then old and new calls together keep it, without waiting longer than necessary */
        assert_in_range(fullest_minute(&arrivals), 55, 60);
        assert_true(arrivals.count > 55 + (289 - quiet / 1000) * 57 / 61 - 57);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_minute_holds_more_than_the_limit_whatever_the_pattern),
        cmocka_unit_test(full_pace_reaches_97_percent_of_the_limit),
        cmocka_unit_test(burst_goes_at_once_and_the_next_call_waits),
        cmocka_unit_test(a_limit_of_one_lets_one_call_a_minute_go),
        cmocka_unit_test(a_stopped_clock_allows_the_burst_and_no_more),
        cmocka_unit_test(a_clock_that_goes_back_is_read_as_standing_still),
        cmocka_unit_test(a_clock_that_jumps_finds_one_full_bucket),
        cmocka_unit_test(extreme_arguments_are_brought_into_range),
        cmocka_unit_test(calls_taken_against_the_advice_never_cost_more_than_a_window),
        cmocka_unit_test(a_call_given_back_may_go_again),
        cmocka_unit_test(a_call_given_back_after_the_refill_gives_nothing),
        cmocka_unit_test(two_calls_given_back_never_make_the_bucket_fuller_than_without_them),
        cmocka_unit_test(a_new_limit_counts_the_calls_already_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
