/* SPDX-License-Identifier: MIT */
/*
 * The promises of the backoff: full jitter over the whole range and never above it, never less than a hint, and a retry
 * bucket with exact arithmetic.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/backoff.h"

#define DRAWS 20000

static void each_retry_waits_anywhere_up_to_its_ceiling_and_half_of_it_on_average(void **state)
{
    static const int64_t ceilings[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    for (int attempt = 0; attempt < 9; attempt++) {
        int64_t most = 0;
        int64_t least = INT64_MAX;
        int64_t sum = 0;

        for (int i = 0; i < DRAWS; i++) {
            int64_t wait = ad_backoff_ms(attempt, 500, 30000, -1, &rng);

            most = wait > most ? wait : most;
            least = wait < least ? wait : least;
            sum += wait;
        }
        assert_in_range(least, 0, ceilings[attempt] / 100);
        assert_in_range(most, ceilings[attempt] * 99 / 100, ceilings[attempt]);
        assert_in_range(sum / DRAWS, ceilings[attempt] * 48 / 100, ceilings[attempt] * 52 / 100);
    }
}

static void a_hint_is_never_undercut_and_spread_by_a_tenth_at_most_a_second(void **state)
{
    static const int64_t hints[] = {0, 9, 1000, 5000, 10000, 120000};
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 2);
    for (size_t h = 0; h < sizeof(hints) / sizeof(hints[0]); h++) {
        int64_t spread = hints[h] / 10 < 1000 ? hints[h] / 10 : 1000;
        int64_t most = 0;

        for (int i = 0; i < DRAWS; i++) {
            int64_t wait = ad_backoff_ms(0, 1, 1, hints[h], &rng);

            assert_in_range(wait, hints[h], (hints[h] > 1 ? hints[h] : 1) + spread);
            most = wait > most ? wait : most;
        }
        assert_true(most >= hints[h] + spread * 9 / 10);
    }
}

static void a_hint_below_the_jitter_does_not_shorten_it(void **state)
{
    struct ad_rng rng;
    struct ad_rng same;

    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        ad_rng_seed(&rng, seed);
        ad_rng_seed(&same, seed);
        assert_true(ad_backoff_ms(6, 500, 30000, 50, &rng) >= ad_backoff_ms(6, 500, 30000, -1, &same));
    }
}

static void no_argument_overflows(void **state)
{
    static const int64_t values[] = {INT64_MIN, -1, 0, 1, INT64_MAX / 2, INT64_MAX};
    static const int attempts[] = {INT32_MIN, -1, 0, 1, 62, 63, 64, INT32_MAX};
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 3);
    for (size_t a = 0; a < 8; a++)
        for (size_t b = 0; b < 6; b++)
            for (size_t c = 0; c < 6; c++)
                for (size_t h = 0; h < 6; h++) {
                    int64_t wait = ad_backoff_ms(attempts[a], values[b], values[c], values[h], &rng);

                    assert_true(wait >= 0);
                    assert_true(values[h] < 0 || wait >= values[h]);
                    assert_true(values[h] >= 0 || wait <= (values[c] > 0 ? values[c] : 0));
                }
}

static void a_full_bucket_pays_for_35_retries_and_refuses_the_next(void **state)
{
    struct ad_retry_bucket bucket;

    (void)state;
    ad_retry_bucket_init(&bucket);
    for (int i = 0; i < 35; i++)
        assert_true(ad_retry_bucket_take(&bucket));
    assert_false(ad_retry_bucket_take(&bucket));
    assert_int_equal(bucket.tokens, 10);
}

static void fourteen_first_attempt_successes_pay_for_one_retry(void **state)
{
    struct ad_retry_bucket bucket = {0};

    (void)state;
    for (int i = 0; i < 13; i++)
        ad_retry_bucket_success(&bucket, true);
    assert_false(ad_retry_bucket_take(&bucket));
    ad_retry_bucket_success(&bucket, true);
    assert_true(ad_retry_bucket_take(&bucket));
    assert_int_equal(bucket.tokens, 0);
}

static void a_retry_that_succeeds_is_paid_back_and_the_bucket_never_overflows(void **state)
{
    struct ad_retry_bucket bucket;

    (void)state;
    ad_retry_bucket_init(&bucket);
    assert_true(ad_retry_bucket_take(&bucket));
    ad_retry_bucket_success(&bucket, false);
    assert_int_equal(bucket.tokens, AD_RETRY_BUCKET_CAPACITY);
    ad_retry_bucket_success(&bucket, false);
    ad_retry_bucket_success(&bucket, true);
    assert_int_equal(bucket.tokens, AD_RETRY_BUCKET_CAPACITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_retry_waits_anywhere_up_to_its_ceiling_and_half_of_it_on_average),
        cmocka_unit_test(a_hint_is_never_undercut_and_spread_by_a_tenth_at_most_a_second),
        cmocka_unit_test(a_hint_below_the_jitter_does_not_shorten_it),
        cmocka_unit_test(no_argument_overflows),
        cmocka_unit_test(a_full_bucket_pays_for_35_retries_and_refuses_the_next),
        cmocka_unit_test(fourteen_first_attempt_successes_pay_for_one_retry),
        cmocka_unit_test(a_retry_that_succeeds_is_paid_back_and_the_bucket_never_overflows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
