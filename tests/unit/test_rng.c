/* SPDX-License-Identifier: MIT */
/*
 * The promises of the generator: the same stream everywhere for the same seed, any seed is good, and a uniform
 * distribution.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"

/* xoshiro256** computed by hand for the state {1, 2, 3, 4}, and as published by its authors. */
static void the_stream_is_that_of_the_published_generator(void **state)
{
    static const uint64_t expected[] = {11520, 0, 1509978240, 1215971899390074240};
    struct ad_rng rng = {{1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(ad_rng_u64(&rng) == expected[i]);
}

static void seed_zero_gives_the_published_splitmix_state(void **state)
{
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 0);
    assert_true(rng.state[0] == UINT64_C(0xe220a8397b1dcdaf));
    assert_true(rng.state[1] == UINT64_C(0x6e789e6aa1b965f4));
}

static void equal_seeds_give_equal_streams_and_others_do_not(void **state)
{
    struct ad_rng a;
    struct ad_rng b;
    struct ad_rng c;
    int differ = 0;

    (void)state;
    ad_rng_seed(&a, 42);
    ad_rng_seed(&b, 42);
    ad_rng_seed(&c, 43);
    for (int i = 0; i < 1000; i++) {
        uint64_t drawn = ad_rng_u64(&a);

        assert_true(drawn == ad_rng_u64(&b));
        differ += drawn != ad_rng_u64(&c);
    }
    assert_int_equal(differ, 1000);
}

static void unit_is_at_least_0_below_1_and_even(void **state)
{
    struct ad_rng rng;
    int tenths[10] = {0};

    (void)state;
    ad_rng_seed(&rng, 5);
    for (int i = 0; i < 100000; i++) {
        double drawn = ad_rng_unit(&rng);

        assert_true(drawn >= 0.0 && drawn < 1.0);
        tenths[(int)(drawn * 10)]++;
    }
    for (int i = 0; i < 10; i++)
        assert_in_range(tenths[i], 9600, 10400);
}

static void upto_reaches_both_ends_evenly(void **state)
{
    struct ad_rng rng;
    int counts[7] = {0};

    (void)state;
    ad_rng_seed(&rng, 6);
    for (int i = 0; i < 70000; i++) {
        int64_t drawn = ad_rng_upto(&rng, 6);

        assert_in_range(drawn, 0, 6);
        counts[drawn]++;
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(counts[i], 9600, 10400);
}

static void upto_takes_every_limit(void **state)
{
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 7);
    for (int i = 0; i < 1000; i++) {
        assert_true(ad_rng_upto(&rng, INT64_MAX) >= 0);
        assert_int_equal(ad_rng_upto(&rng, 0), 0);
        assert_int_equal(ad_rng_upto(&rng, INT64_MIN), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_stream_is_that_of_the_published_generator),
        cmocka_unit_test(seed_zero_gives_the_published_splitmix_state),
        cmocka_unit_test(equal_seeds_give_equal_streams_and_others_do_not),
        cmocka_unit_test(unit_is_at_least_0_below_1_and_even),
        cmocka_unit_test(upto_reaches_both_ends_evenly),
        cmocka_unit_test(upto_takes_every_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
