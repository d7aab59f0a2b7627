/* SPDX-License-Identifier: MIT */
/*
 * Permits on virtual time: each is in exactly one state, and is charged at least until its request may have arrived.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "base/time.h"
#include "engine/permits.h"

#define LAG_MS 10000

static struct ad_permits permits; /* too large for a stack */

static int64_t outstanding(int64_t now_ms)
{
    int64_t count;

    assert_int_equal(ad_permits_report(&permits, NULL, 0, &count, now_ms), 0);
    return count;
}

/* The example of permits.h. */
static void a_permit_is_charged_until_it_is_settled(void **state)
{
    int64_t ages[4];
    int64_t left;

    (void)state;
    ad_permits_init(&permits, 0);
    ad_permits_grant(&permits, 4, 5000, 0);
    assert_int_equal(outstanding(0), 4);
    ad_permits_take(&permits, 1000);
    ad_permits_take(&permits, 1000);
    ad_permits_end(&permits, AD_PERMIT_ANSWERED, LAG_MS, 1300);
    ad_permits_end(&permits, AD_PERMIT_LOST, LAG_MS, 2000);
    assert_int_equal(ad_permits_report(&permits, ages, 4, &left, 2000), 1);
    assert_int_equal(ages[0], 700);
    assert_int_equal(left, 3);
    assert_int_equal(ad_permits_next_ms(&permits, 2000), 5000);
    assert_int_equal(outstanding(5000), 1);
    assert_int_equal(ad_permits_next_ms(&permits, 5000), 12000);
    assert_int_equal(ad_permits_report(&permits, ages, 4, &left, 13000), 1);
    assert_int_equal(ages[0], 1000);
    assert_int_equal(left, 0);
    assert_int_equal(ad_permits_next_ms(&permits, 13000), AD_TIME_NEVER);
}

static void those_that_end_first_are_used_first_and_returned_last(void **state)
{
    (void)state;
    ad_permits_init(&permits, 0);
    ad_permits_grant(&permits, 2, 9000, 0);
    ad_permits_grant(&permits, 3, 4000, 0);
    ad_permits_grant(&permits, 1, 9000, 0);
    ad_permits_take(&permits, 100);
    assert_int_equal(ad_permits_return(&permits, 2, 200), 2);
    assert_int_equal(ad_permits_in_hand(&permits, 3999), 3);
    assert_int_equal(ad_permits_in_hand(&permits, 4000), 1);
    assert_int_equal(ad_permits_return(&permits, 5, 4000), 1);
    assert_int_equal(outstanding(4000), 1);
    ad_permits_grant(&permits, 5, 4000, 4000); /* arrived too late */
    assert_int_equal(ad_permits_in_hand(&permits, 4000), 0);
}

static void what_was_not_sent_is_free_at_once(void **state)
{
    (void)state;
    ad_permits_init(&permits, 0);
    ad_permits_grant(&permits, 1, 5000, 0);
    ad_permits_take(&permits, 0);
    ad_permits_end(&permits, AD_PERMIT_UNSENT, LAG_MS, 100);
    assert_int_equal(outstanding(100), 0);
    assert_int_equal(ad_permits_in_hand(&permits, 100), 0);
}

static void a_report_gives_what_fits_and_charges_the_rest(void **state)
{
    int64_t ages[2];
    int64_t left;

    (void)state;
    ad_permits_init(&permits, 0);
    ad_permits_grant(&permits, 5, 5000, 0);
    for (int i = 0; i < 5; i++) {
        ad_permits_take(&permits, 0);
        ad_permits_end(&permits, AD_PERMIT_ANSWERED, LAG_MS, 1000 * (i + 1));
    }
    assert_int_equal(ad_permits_report(&permits, ages, 2, &left, 6000), 2);
    assert_int_equal(ages[0], 5000);
    assert_int_equal(ages[1], 4000);
    assert_int_equal(left, 3);
    /* Nobody reports the rest: after two minutes it no longer counts. */
    assert_int_equal(outstanding(3000 + AD_PERMIT_KEEP_MS), 3);
    assert_int_equal(outstanding(3001 + AD_PERMIT_KEEP_MS), 2);
    assert_int_equal(outstanding(500000), 0);
}

static void without_a_grant_it_lives_on_its_share_from_a_minute_later(void **state)
{
    int64_t sent = 0;

    (void)state;
    ad_permits_init(&permits, 0);
    assert_int_equal(ad_permits_ready_ms(&permits, 0), AD_TIME_NEVER);
    ad_permits_set_share(&permits, 60, 60000, 0);
    ad_permits_grant(&permits, 1, 9000, 4000);
    assert_int_equal(ad_permits_ready_ms(&permits, 4000), 0);
    ad_permits_take(&permits, 5000);
    ad_permits_end(&permits, AD_PERMIT_ANSWERED, LAG_MS, 5100);
    assert_int_equal(ad_permits_ready_ms(&permits, 6000), 65000);
    assert_int_equal(ad_permits_next_ms(&permits, 6000), 65000);
    for (int64_t now = 6000; now < 185000; now += 10) {
        if (ad_permits_ready_ms(&permits, now) != 0)
            continue;
        assert_true(now >= 65000);
        ad_permits_take(&permits, now);
        sent++;
        ad_permits_end(&permits, AD_PERMIT_ANSWERED, LAG_MS, now);
    }
    assert_in_range(sent, 110, 120);
    assert_true(outstanding(185000) >= 100); /* its requests are settled like all others */
    ad_permits_grant(&permits, 1, 200000, 185000);
    assert_int_equal(ad_permits_ready_ms(&permits, 185000), 0);
    ad_permits_take(&permits, 185000);
    assert_int_equal(ad_permits_ready_ms(&permits, 185001), 245000);
}

static void a_429_is_news_once(void **state)
{
    (void)state;
    ad_permits_init(&permits, 0);
    ad_permits_limited(&permits, 900, 1000);
    ad_permits_limited(&permits, 950, 1010); /* was on the wire already */
    ad_permits_limited(&permits, 2000, 2100);
    assert_int_equal(ad_permits_take_limited(&permits), 2);
    assert_int_equal(ad_permits_take_limited(&permits), 0);
}

static void the_rate_is_that_of_the_last_minute(void **state)
{
    (void)state;
    ad_permits_init(&permits, 0);
    assert_int_equal(ad_permits_rate_per_minute_x1000(&permits, 0), 0);
    ad_permits_grant(&permits, 100000, 3600000, 1000);
    for (int64_t now = 1000; now < 301000; now += 200)
        ad_permits_take(&permits, now);
    assert_in_range(ad_permits_rate_per_minute_x1000(&permits, 301000), 295000, 305000);
    assert_in_range(ad_permits_rate_per_minute_x1000(&permits, 331000), 140000, 155000);
    assert_int_equal(ad_permits_rate_per_minute_x1000(&permits, 361001), 0);
    for (int64_t now = 400000; now < 410000; now += 200)
        ad_permits_take(&permits, now);
    assert_in_range(ad_permits_rate_per_minute_x1000(&permits, 410000), 290000, 310000);
}

/* A clock that goes back counts as stopped, and one that jumps by a month only drops old entries. */
static void an_odd_clock_harms_nothing(void **state)
{
    (void)state;
    ad_permits_init(&permits, 50000);
    ad_permits_grant(&permits, 3, 60000, 50000);
    assert_int_equal(ad_permits_in_hand(&permits, 10), 3);
    ad_permits_take(&permits, 10);
    ad_permits_end(&permits, AD_PERMIT_LOST, LAG_MS, 20);
    assert_int_equal(outstanding(30), 3);
    assert_int_equal(ad_permits_rate_per_minute_x1000(&permits, INT64_C(2600000000)), 0);
    assert_int_equal(outstanding(INT64_C(2600000000)), 0);
}

/*
 * A long random run, against a list of every single permit: outstanding permits are counted right, and a settled one is
 * reported at most one group younger than it is, and never older.
 */
#define MODEL_MOST 4000

struct model {
    int64_t at_ms[MODEL_MOST]; /* settled, not yet reported; in order */
    int count;
};

static void model_settle(struct model *model, int64_t at_ms)
{
    int i = model->count++;

    assert_true(model->count < MODEL_MOST);
    for (; i > 0 && model->at_ms[i - 1] > at_ms; i--)
        model->at_ms[i] = model->at_ms[i - 1];
    model->at_ms[i] = at_ms;
}

static void no_permit_is_lost_or_reported_too_early(void **state)
{
    static struct model model;
    struct ad_rng rng;
    int64_t now = 0;
    int64_t wire = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        ad_rng_seed(&rng, seed);
        ad_permits_init(&permits, now);
        memset(&model, 0, sizeof model);
        wire = 0;
        for (int step = 0; step < 3000; step++) {
            int64_t ages[50];
            int64_t left;
            int32_t told;

            now += ad_rng_upto(&rng, 60);
            if (ad_rng_upto(&rng, 3) == 0)
                ad_permits_grant(&permits, (int32_t)ad_rng_upto(&rng, 9) + 1, now + ad_rng_upto(&rng, 9000), now);
            if (ad_permits_ready_ms(&permits, now) == 0 && ad_rng_upto(&rng, 1) == 0) {
                ad_permits_take(&permits, now);
                wire++;
            }
            if (wire > 0 && ad_rng_upto(&rng, 1) == 0) {
                bool lost = ad_rng_upto(&rng, 9) == 0;

                ad_permits_end(&permits, lost ? AD_PERMIT_LOST : AD_PERMIT_ANSWERED, LAG_MS, now);
                model_settle(&model, lost ? now + LAG_MS : now);
                wire--;
            }
            if (ad_rng_upto(&rng, 30) != 0)
                continue;
            told = ad_permits_report(&permits, ages, (int32_t)ad_rng_upto(&rng, 50), &left, now);
            assert_int_equal(left, ad_permits_in_hand(&permits, now) + wire + model.count - told);
            for (int32_t i = 0; i < told; i++) {
                assert_true(model.at_ms[i] <= now);
                assert_in_range(
                    ages[i],
                    now - model.at_ms[i] - AD_PERMIT_GROUP_MS < 0 ? 0 : now - model.at_ms[i] - AD_PERMIT_GROUP_MS,
                    now - model.at_ms[i]);
            }
            model.count -= told;
            memmove(model.at_ms, model.at_ms + told, (size_t)model.count * sizeof model.at_ms[0]);
            while (model.count > 0 && now - model.at_ms[0] > AD_PERMIT_KEEP_MS - 2 * AD_PERMIT_GROUP_MS)
                fail_msg("the test itself waits too long to fetch");
        }
    }
}

/* More expiry times than there is room for: no permit lives longer than it was granted for. */
static void many_grants_end_no_later_than_they_were_granted_for(void **state)
{
    (void)state;
    ad_permits_init(&permits, 0);
    for (int i = 0; i < 3 * AD_PERMIT_GRANTS; i++)
        ad_permits_grant(&permits, 1, 100000 - 100 * (i * 7 % (3 * AD_PERMIT_GRANTS)), 0);
    assert_int_equal(ad_permits_in_hand(&permits, 1000), 3 * AD_PERMIT_GRANTS);
    for (int i = 0; i < 3 * AD_PERMIT_GRANTS; i++) {
        int64_t now = 100000 - 100 * (3 * AD_PERMIT_GRANTS - 1 - i);

        assert_true(ad_permits_in_hand(&permits, now) <= 3 * AD_PERMIT_GRANTS - 1 - i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_permit_is_charged_until_it_is_settled),
        cmocka_unit_test(those_that_end_first_are_used_first_and_returned_last),
        cmocka_unit_test(what_was_not_sent_is_free_at_once),
        cmocka_unit_test(a_report_gives_what_fits_and_charges_the_rest),
        cmocka_unit_test(without_a_grant_it_lives_on_its_share_from_a_minute_later),
        cmocka_unit_test(a_429_is_news_once),
        cmocka_unit_test(the_rate_is_that_of_the_last_minute),
        cmocka_unit_test(an_odd_clock_harms_nothing),
        cmocka_unit_test(no_permit_is_lost_or_reported_too_early),
        cmocka_unit_test(many_grants_end_no_later_than_they_were_granted_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
