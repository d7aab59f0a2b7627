/* SPDX-License-Identifier: MIT */
/*
 * The promises of the duration sample: it starts from the stated prior, learns from intervals without being biased by
 * them, forgets, and its closed forms agree with numerical integration.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/sample.h"

static void assert_near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%f is not within %f of %f", value, tolerance, expected);
}

/* The integral of P(done by u | not done at the last poll), computed in steps of 1 ms. */
static double hidden_by_hand(const struct ad_sample *sample, int look, int age)
{
    double before = ad_sample_cdf(sample, look);
    double sum = 0.0;

    for (int u = look; u < age; u++)
        sum += (ad_sample_cdf(sample, u + 0.5) - before) / (1.0 - before);
    return sum;
}

/* Given: jobs of a known distribution, polled every `gap` ms from a random phase. */
static void teach(struct ad_sample *sample, double (*draw)(struct ad_rng *), int jobs, double gap, struct ad_rng *rng)
{
    for (int i = 0; i < jobs; i++) {
        double took = draw(rng);
        double look = gap * ad_rng_unit(rng);
        double before = 0.0;

        for (; look < took; look += gap)
            before = look;
        ad_sample_add(sample, before, look);
    }
}

static double draw_ten_seconds(struct ad_rng *rng)
{
    (void)rng;
    return 10000.0;
}

static double draw_exponential(struct ad_rng *rng)
{
    return -8000.0 * log(1.0 - ad_rng_unit(rng));
}

static void before_anything_is_known_the_prior_is_lognormal_5_s(void **state)
{
    struct ad_sample sample;

    (void)state;
    ad_sample_init(&sample);
    assert_near(ad_sample_quantile(&sample, 0.5), 5000, 60);
    /* 5 s x exp(+-0.9 x 1.2816) */
    assert_near(ad_sample_quantile(&sample, 0.9), 15850, 250);
    assert_near(ad_sample_quantile(&sample, 0.1), 1577, 40);
}

static void cdf_rises_from_0_to_1_and_quantile_turns_it_round(void **state)
{
    struct ad_sample sample;
    struct ad_rng rng;
    double last = 0.0;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_sample_init(&sample);
    teach(&sample, draw_exponential, 150, 1500, &rng);
    assert_near(ad_sample_cdf(&sample, 0.0), 0.0, 0.0);
    for (double age = 0; age < 4e6; age += 1 + age / 50) {
        double now = ad_sample_cdf(&sample, age);

        assert_true(now >= last && now <= 1.0);
        last = now;
    }
    assert_near(last, 1.0, 1e-6);
    for (double p = 0.02; p < 0.99; p += 0.02)
        assert_near(ad_sample_cdf(&sample, ad_sample_quantile(&sample, p)), p, 1e-4);
}

static void the_example_of_the_header_leaves_the_place_that_explains_all_four(void **state)
{
    struct ad_sample sample;

    (void)state;
    /* given the four intervals, seen often enough that the prior has faded */
    ad_sample_init(&sample);
    for (int i = 0; i < 40; i++) {
        ad_sample_add(&sample, 0, 10400);
        ad_sample_add(&sample, 9800, 10600);
        ad_sample_add(&sample, 0, 10200);
        ad_sample_add(&sample, 9900, 12100);
    }
    /* then nearly all of the probability is there, up to one cell of the grid on each side */
    assert_true(ad_sample_cdf(&sample, 10800) - ad_sample_cdf(&sample, 9600) > 0.85);
}

static void a_constant_duration_is_estimated_from_coarse_polls(void **state)
{
    struct ad_sample sample;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 2);
    ad_sample_init(&sample);
    teach(&sample, draw_ten_seconds, 200, 4000, &rng);
    assert_near(ad_sample_quantile(&sample, 0.5), 10000, 450);
    assert_true(ad_sample_quantile(&sample, 0.85) - ad_sample_quantile(&sample, 0.15) < 2000);
}

static void the_estimate_does_not_follow_the_polls(void **state)
{
    static const double gaps[] = {200, 1000, 4000};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct ad_sample sample;
        struct ad_rng rng;
        double mean = 0.0;

        /* the median of an exponential of mean 8 s is 5.545 s, however rare the polls */
        for (uint64_t seed = 0; seed < 20; seed++) {
            ad_rng_seed(&rng, seed);
            ad_sample_init(&sample);
            teach(&sample, draw_exponential, 200, gaps[i], &rng);
            mean += ad_sample_quantile(&sample, 0.5) / 20;
        }
        assert_near(mean, 5545, 500);
    }
}

static void hidden_is_the_integral_it_claims_to_be(void **state)
{
    static const int pairs[][2] = {{0, 30}, {0, 4000}, {20, 700}, {3000, 9000}, {12345, 40000}};
    struct ad_sample sample;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 3);
    ad_sample_init(&sample);
    teach(&sample, draw_exponential, 60, 2500, &rng);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        double expected = hidden_by_hand(&sample, pairs[i][0], pairs[i][1]);

        assert_near(ad_sample_hidden(&sample, pairs[i][0], pairs[i][1]), expected, 0.2 + expected * 1e-3);
    }
}

static void next_poll_is_where_the_price_is_reached(void **state)
{
    struct ad_sample sample;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 4);
    ad_sample_init(&sample);
    teach(&sample, draw_exponential, 100, 2500, &rng);
    for (double look = 0; look < 30000; look += 777)
        for (double price = 1; price < 20000; price *= 3) {
            double age = ad_sample_next_poll(&sample, look, price);

            assert_true(age > look);
            assert_near(ad_sample_hidden(&sample, look, age), price, 1.0 + price * 5e-3);
        }
}

static void a_changed_service_is_learnt_and_the_old_one_forgotten(void **state)
{
    struct ad_sample sample;

    (void)state;
    ad_sample_init(&sample);
    for (int i = 0; i < 300; i++)
        ad_sample_add(&sample, 1900, 2000);
    for (int i = 0; i < AD_SAMPLE_SIZE; i++)
        ad_sample_add(&sample, 29000, 30000);
    assert_true(ad_sample_cdf(&sample, 10000) < 0.05);
    assert_near(ad_sample_quantile(&sample, 0.5), 29500, 1200);
}

static void a_few_late_jobs_are_chance_and_many_are_a_slower_service(void **state)
{
    struct ad_sample sample;
    double before;

    (void)state;
    ad_sample_init(&sample);
    for (int i = 0; i < 200; i++)
        ad_sample_add(&sample, 1900, 2000);
    before = ad_sample_next_poll(&sample, 3000, 250);
    /* one in fifty */
    for (int i = 0; i < 200; i++) {
        if (i % 50 == 0)
            ad_sample_add_late(&sample, 3000);
        ad_sample_add(&sample, 1900, 2000);
    }
    assert_int_equal(sample.count, 400);
    assert_near(ad_sample_cdf(&sample, 3000), 1.0, 0.02);
    /* a hundred in a row, none done */
    for (int i = 0; i < 100; i++)
        ad_sample_add_late(&sample, 3000);
    assert_true(ad_sample_cdf(&sample, 3000) < 0.6);
    assert_true(ad_sample_next_poll(&sample, 3000, 250) >= before * 0.9);
}

static void no_input_gives_anything_but_finite_numbers(void **state)
{
    static const double odd[] = {-INFINITY, -1.0, 0.0, 1e-300, 49.999, 50.0, 1e7, 1e300, INFINITY, NAN};
    struct ad_sample sample;

    (void)state;
    ad_sample_init(&sample);
    for (size_t i = 0; i < 10; i++)
        for (size_t j = 0; j < 10; j++) {
            ad_sample_add(&sample, odd[i], odd[j]);
            ad_sample_add_late(&sample, odd[i]);
            assert_true(isfinite(ad_sample_cdf(&sample, odd[j])));
            assert_true(isfinite(ad_sample_quantile(&sample, odd[j])));
            assert_true(isfinite(ad_sample_hidden(&sample, odd[i], odd[j])));
            assert_true(isfinite(ad_sample_next_poll(&sample, odd[i], odd[j])));
            assert_true(isfinite((double)sample.patient_ms));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_anything_is_known_the_prior_is_lognormal_5_s),
        cmocka_unit_test(cdf_rises_from_0_to_1_and_quantile_turns_it_round),
        cmocka_unit_test(the_example_of_the_header_leaves_the_place_that_explains_all_four),
        cmocka_unit_test(a_constant_duration_is_estimated_from_coarse_polls),
        cmocka_unit_test(the_estimate_does_not_follow_the_polls),
        cmocka_unit_test(hidden_is_the_integral_it_claims_to_be),
        cmocka_unit_test(next_poll_is_where_the_price_is_reached),
        cmocka_unit_test(a_changed_service_is_learnt_and_the_old_one_forgotten),
        cmocka_unit_test(a_few_late_jobs_are_chance_and_many_are_a_slower_service),
        cmocka_unit_test(no_input_gives_anything_but_finite_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
