/* SPDX-License-Identifier: MIT */
/*
 * How many uploads the rule starts at once, and how far creates run ahead, for constructed inputs: the examples of
 * uplink.h, the boundary of each rule, and invalid inputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/uplink.h"

#define MS 1000 /* microseconds */

struct fixture {
    struct ad_uplink uplink;
    struct ad_uplink_view view;
};

static void begin(struct fixture *it, int64_t rtt_us)
{
    *it = (struct fixture){.view = {.rtt_us = rtt_us, .min_rtt_us = rtt_us, .life_ms = 900000}};
    ad_uplink_init(&it->uplink);
    ad_uplink_see(&it->uplink, &it->view);
}

/* Bytes are acknowledged at this rate while `count` uploads run. */
static void run(struct fixture *it, int32_t count, int64_t ms, uint64_t bytes_per_second)
{
    it->view.count = count;
    for (int64_t i = 0; i < ms; i += 20) {
        it->view.now_ms += 20;
        it->view.acked += bytes_per_second / 50;
        ad_uplink_see(&it->uplink, &it->view);
    }
}

static void answer(struct fixture *it, int64_t wait_ms)
{
    ad_uplink_answered(&it->uplink, &it->view, wait_ms);
}

static bool may_start(const struct fixture *it, uint64_t size)
{
    return ad_uplink_may_start(&it->uplink, &it->view, size);
}

/* A link with a standing queue: N is 1, only rules 1 and 2 start uploads. */
static void begin_queued(struct fixture *it, int64_t min_rtt_us, uint64_t bytes_per_second)
{
    begin(it, min_rtt_us);
    it->view.rtt_us = 10 * min_rtt_us + 100 * MS;
    run(it, 4, 20000, bytes_per_second);
    assert_int_equal(it->uplink.most_x1000, 1000);
}

static void the_first_upload_starts_whatever_is_known(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 0);
    assert_true(may_start(&it, UINT64_MAX));
    it.view.count = 1;
    it.view.unacked = 1;
    assert_false(may_start(&it, 1));
    assert_int_equal(it.uplink.most_x1000, 1000);
    assert_int_equal(it.uplink.wait_x1000, 1000);
    assert_int_equal(it.uplink.rate, 0);
}

static void the_next_upload_starts_when_half_a_second_of_work_is_left(void **state)
{
    struct fixture it;

    (void)state;
    /* given the first example: 125 kB/s, 80 ms, and a queue */
    begin_queued(&it, 80 * MS, 125000);
    assert_int_equal(it.uplink.rate, 125000);
    /* then the next upload starts when less than 62,500 bytes are left */
    it.view.count = 1;
    it.view.unacked = 62500;
    assert_false(may_start(&it, 240000));
    it.view.unacked = 62499;
    assert_true(may_start(&it, 240000));
}

static void a_long_round_trip_asks_for_more_work(void **state)
{
    struct fixture it;

    (void)state;
    /* 2 x 600 ms + 200 ms at 100 kB/s */
    begin_queued(&it, 600 * MS, 100000);
    it.view.count = 5;
    it.view.unacked = 140000;
    assert_false(may_start(&it, 1000));
    it.view.unacked = 139999;
    assert_true(may_start(&it, 1000));
}

static void no_queue_lets_the_number_grow_to_its_limit(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 100 * MS);
    /* given a link that gives each upload 50 kB/s, whatever their number */
    for (int i = 0; i < 40; i++)
        run(&it, it.uplink.most_x1000 / 1000, 500, (uint64_t)(it.uplink.most_x1000 / 1000) * 50000);
    assert_int_equal(it.uplink.most_x1000, AD_UPLINK_MOST * 1000);
    it.view.count = AD_UPLINK_MOST - 1;
    it.view.unacked = (uint64_t)it.uplink.rate * 10;
    assert_true(may_start(&it, 100000));
    it.view.count = AD_UPLINK_MOST;
    it.view.unacked = 0;
    assert_false(may_start(&it, 100000));
}

static void beyond_eight_the_number_grows_only_with_the_rate(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 100 * MS);
    /* given a link that is full with one upload, and congestion control that leaves no queue */
    run(&it, 1, 30000, 1000000);
    for (int i = 0; i < 60; i++)
        run(&it, it.uplink.most_x1000 / 1000, 500, 1000000);
    assert_in_range(it.uplink.most_x1000, 9000, 19000);
}

static void a_queue_takes_a_fifth_of_the_number(void **state)
{
    struct fixture it;
    int32_t most;

    (void)state;
    begin(&it, 100 * MS);
    run(&it, 8, 1000, 1000000);
    most = it.uplink.most_x1000;
    /* 20 ms + 1.5 R: at the boundary there is none */
    it.view.rtt_us = 100 * MS + 170 * MS;
    run(&it, 8, 500, 1000000);
    assert_int_equal(it.uplink.most_x1000, most);
    it.view.rtt_us++;
    run(&it, 8, 500, 1000000);
    assert_int_equal(it.uplink.most_x1000, most * 8 / 10);
}

static void what_is_in_flight_fits_a_quarter_of_the_urls_life(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 100 * MS);
    run(&it, 8, 3000, 100000);
    it.view.life_ms = 60000;
    ad_uplink_see(&it.uplink, &it.view);
    assert_true(it.uplink.most_x1000 >= 9000);
    /* given 100 kB/s: 15 s are 1.5 MB */
    it.view.count = 4;
    it.view.unacked = 1400000;
    assert_true(may_start(&it, 99999));
    assert_false(may_start(&it, 100000));
    /* the first three always fit */
    it.view.count = 2;
    assert_true(may_start(&it, 10000000));
}

static void an_image_fits_at_an_equal_share_of_the_link(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 100 * MS);
    run(&it, 8, 3000, 100000);
    it.view.life_ms = 60000;
    ad_uplink_see(&it.uplink, &it.view);
    /* with five others 500 kB take 30 s, half of the life */
    it.view.count = 5;
    it.view.unacked = 200000;
    assert_true(may_start(&it, 499000));
    assert_false(may_start(&it, 501000));
}

static void near_by_the_number_doubles_with_each_round_of_uploads(void **state)
{
    struct fixture it;
    int rounds = 0;

    (void)state;
    /* given a loopback, where a round of uploads takes 2 ms */
    begin(&it, 100);
    for (; rounds < 6 && it.uplink.most_x1000 < AD_UPLINK_MOST * 1000; rounds++) {
        int32_t count = 0;

        it.view.count = it.view.fresh = 0;
        for (; may_start(&it, 2000); count++) {
            it.view.count++;
            it.view.fresh++;
        }
        it.view.fresh = 0;
        it.view.unanswered = count;
        it.view.now_ms += 2;
        it.view.acked += (uint64_t)count * 2000;
        ad_uplink_see(&it.uplink, &it.view);
        for (int32_t i = 0; i < count; i++) {
            it.view.count--;
            it.view.unanswered--;
            answer(&it, 1);
        }
    }
    assert_in_range(rounds, 1, 6);
    assert_int_equal(it.uplink.most_x1000, AD_UPLINK_MOST * 1000);
    assert_int_equal(it.uplink.wait_x1000, AD_UPLINK_MOST * 1000);
}

static void at_first_one_upload_may_wait_for_its_answer(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 20 * MS);
    run(&it, 1, 1000, 1000000);
    it.view.count = it.view.unanswered = 1;
    assert_false(may_start(&it, 1000));
    /* a quick response lets two wait */
    it.view.count = it.view.unanswered = 0;
    answer(&it, 100);
    it.view.count = it.view.unanswered = 1;
    assert_true(may_start(&it, 1000));
    /* one that has just started may be acknowledged at once */
    it.view.count = 2;
    it.view.fresh = 1;
    assert_false(may_start(&it, 1000));
}

static void late_answers_take_uploads_away_once_a_round(void **state)
{
    struct fixture it;
    int32_t most;

    (void)state;
    begin(&it, 20 * MS);
    run(&it, 8, 1000, 1000000);
    for (int i = 0; i < 9; i++)
        answer(&it, 100);
    assert_int_equal(it.uplink.wait_x1000, 10000);
    most = it.uplink.most_x1000;
    /* when all in flight are late; the first one alone may be random, and W is 11 */
    for (int i = 0; i < 11; i++)
        answer(&it, 5000);
    assert_int_equal(it.uplink.wait_x1000, 8800);
    assert_int_equal(it.uplink.most_x1000, most * 8 / 10);
}

static void an_upload_counts_as_unsent_when_it_waits_for_longer_than_usual(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 80 * MS);
    assert_int_equal(ad_uplink_patience_ms(&it.uplink), 660);
    answer(&it, 300);
    assert_int_equal(ad_uplink_patience_ms(&it.uplink), 960);
    /* given response times that differ by 200 ms */
    for (int i = 0; i < 100; i++)
        answer(&it, i % 2 == 0 ? 500 : 300);
    assert_in_range(ad_uplink_patience_ms(&it.uplink), 1000, 1160);
}

static void a_storage_that_has_become_slower_is_not_a_queue(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 20 * MS);
    run(&it, 2, 1000, 1000000);
    answer(&it, 100);
    /* given response times of 3 s from now on */
    for (int i = 0; i < 100; i++)
        answer(&it, 3000);
    assert_in_range(it.uplink.wait_x1000, 10000, AD_UPLINK_MOST * 1000);
}

static void answers_that_differ_widely_are_not_late(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 20 * MS);
    run(&it, 2, 1000, 1000000);
    for (int i = 0; i < 60; i++)
        answer(&it, i % 4 == 3 ? 1500 : 200);
    assert_in_range(it.uplink.wait_x1000, 20000, AD_UPLINK_MOST * 1000);
}

static void waiting_for_responses_takes_at_most_a_third_of_the_urls_lifetime(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 20 * MS);
    it.view.life_ms = 8000;
    run(&it, 1, 5000, 200000);
    /* given that each upload waits for 1.1 s: three would wait 3.3 s */
    it.view.count = it.view.unanswered = 0;
    for (int i = 0; i < 5; i++)
        answer(&it, 1100);
    it.view.count = it.view.unanswered = 1;
    assert_true(may_start(&it, 200000));
    it.view.count = it.view.unanswered = 2;
    assert_false(may_start(&it, 200000));
}

static void idle_time_does_not_lower_the_rate(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 50 * MS);
    run(&it, 2, 5000, 500000);
    assert_int_equal(it.uplink.rate, 500000);
    run(&it, 0, 20000, 0);
    it.view.now_ms += 7200000;
    ad_uplink_see(&it.uplink, &it.view);
    assert_int_equal(it.uplink.rate, 500000);
}

static void the_rate_follows_a_tenfold_change_within_seconds(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 50 * MS);
    run(&it, 4, 10000, 100000);
    run(&it, 4, 1500, 1000000);
    assert_in_range(it.uplink.rate, 900000, 1000000);
    run(&it, 4, 5000, 100000);
    assert_int_equal(it.uplink.rate, 100000);
}

static void after_an_outage_nothing_is_known(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 50 * MS);
    run(&it, 8, 3000, 1000000);
    answer(&it, 100);
    ad_uplink_forget(&it.uplink, it.view.now_ms);
    assert_int_equal(it.uplink.most_x1000, 1000);
    assert_int_equal(it.uplink.wait_x1000, 1000);
    assert_int_equal(it.uplink.rate, 0);
    assert_int_equal(it.uplink.min_rtt_us, 0);
}

static void the_round_trip_is_measured_anew_after_minutes_without_uploads(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 40 * MS);
    run(&it, 2, 1000, 1000000);
    run(&it, 0, 20, 0);
    it.view.rtt_us = it.view.min_rtt_us = 600 * MS;
    it.view.now_ms += 299000;
    ad_uplink_see(&it.uplink, &it.view);
    assert_int_equal(it.uplink.min_rtt_us, 40 * MS);
    it.view.now_ms += 2000;
    ad_uplink_see(&it.uplink, &it.view);
    assert_int_equal(it.uplink.min_rtt_us, 600 * MS);
}

static void without_round_trips_a_trial_that_brings_nothing_is_taken_back(void **state)
{
    struct fixture it;
    int32_t most = 0;

    (void)state;
    /* given a link that is full with one upload */
    begin(&it, 0);
    for (int i = 0; i < 10; i++) {
        run(&it, it.uplink.most_x1000 / 1000, 500, 1000000);
        most = it.uplink.most_x1000 > most ? it.uplink.most_x1000 : most;
    }
    assert_int_equal(most, 2000);
    assert_int_equal(it.uplink.most_x1000, 1000);
    /* two seconds of work */
    it.view.count = 1;
    it.view.unacked = 1999999;
    assert_true(may_start(&it, 1));
    it.view.unacked = 2000000;
    assert_false(may_start(&it, 1));
}

static void without_round_trips_an_eighth_of_the_urls_life_is_enough_work(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 0);
    it.view.life_ms = 8000;
    run(&it, 1, 5000, 100000);
    assert_int_equal(it.uplink.most_x1000, 1000);
    it.view.unacked = 99999;
    assert_true(may_start(&it, 1));
    it.view.unacked = 100000;
    assert_false(may_start(&it, 1));
}

static void a_trial_does_not_begin_from_what_the_last_one_has_left(void **state)
{
    struct fixture it;
    int32_t most = 0;

    (void)state;
    /* given a full link, a failed trial from 3 to 6, and uploads so long that all 6 are in flight 8 s later */
    begin(&it, 0);
    run(&it, 3, 1000, 1000000);
    assert_int_equal(it.uplink.most_x1000, 6000);
    for (int i = 0; i < 18; i++) {
        run(&it, 6, 500, 1000000);
        most = i > 3 && it.uplink.most_x1000 > most ? it.uplink.most_x1000 : most;
    }
    assert_int_equal(most, 1000);
    /* then the next trial also starts with the three that the link needs */
    run(&it, 3, 200, 1000000);
    assert_int_equal(it.uplink.most_x1000, 6000);
}

static void an_upload_is_silent_after_a_multiple_of_the_usual_wait(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 20 * MS);
    assert_int_equal(ad_uplink_silence_ms(&it.uplink), 15000);
    answer(&it, 100);
    assert_int_equal(ad_uplink_silence_ms(&it.uplink), 15000);
    for (int i = 0; i < 40; i++)
        answer(&it, 10000);
    assert_in_range(ad_uplink_silence_ms(&it.uplink), 39000, 42000);
}

static void without_round_trips_the_number_grows_with_the_rate(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 0);
    for (int i = 0; i < 40; i++)
        run(&it, it.uplink.most_x1000 / 1000, 500, (uint64_t)(it.uplink.most_x1000 / 1000) * 50000);
    assert_int_equal(it.uplink.most_x1000, AD_UPLINK_MOST * 1000);
}

static void creates_run_ahead_by_what_a_create_takes(void **state)
{
    struct fixture it;

    (void)state;
    /* given the example: 5 Mbit/s, 240 kB, 1.6 s, 60 s */
    begin(&it, 200 * MS);
    assert_int_equal(ad_uplink_creates_ahead(&it.uplink, 240000, 1600), 4);
    it.view.life_ms = 60000;
    run(&it, 4, 5000, 625000);
    assert_int_equal(ad_uplink_creates_ahead(&it.uplink, 240000, 1600), 6);
    /* a quarter of a URL's life limits it: 8 s are 5.2 images */
    it.view.life_ms = 8000;
    ad_uplink_see(&it.uplink, &it.view);
    assert_int_equal(ad_uplink_creates_ahead(&it.uplink, 240000, 1600), 5);
    /* 64 kbit/s */
    it.view.life_ms = 60000;
    run(&it, 1, 10000, 8000);
    assert_int_equal(ad_uplink_creates_ahead(&it.uplink, 240000, 1600), 1);
    it.view.life_ms = 0;
    ad_uplink_see(&it.uplink, &it.view);
    assert_int_equal(ad_uplink_creates_ahead(&it.uplink, 240000, 1600), INT32_MAX);
}

static void a_url_is_too_old_when_twice_the_work_outlasts_it(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 50 * MS);
    it.view.life_ms = 60000;
    run(&it, 1, 5000, 100000);
    /* given 5 s of work with this image */
    it.view.unacked = 300000;
    assert_false(ad_uplink_is_too_late(&it.uplink, &it.view, 200000, 10000));
    assert_true(ad_uplink_is_too_late(&it.uplink, &it.view, 200000, 9999));
    /* another URL would be no better than one that is nearly new */
    it.view.unacked = 9000000;
    assert_false(ad_uplink_is_too_late(&it.uplink, &it.view, 200000, 45000));
    assert_true(ad_uplink_is_too_late(&it.uplink, &it.view, 200000, 44999));
    assert_true(ad_uplink_is_too_late(&it.uplink, &it.view, 0, 0));
}

static void a_url_is_too_old_when_twice_the_wait_for_the_response_exceeds_it(void **state)
{
    struct fixture it;

    (void)state;
    begin(&it, 20 * MS);
    it.view.life_ms = 60000;
    run(&it, 1, 5000, 1000000);
    it.view.count = it.view.unanswered = 0;
    for (int i = 0; i < 5; i++)
        answer(&it, 2000);
    /* given two other waiting images: this one would wait 6 s */
    it.view.count = it.view.unanswered = 2;
    it.view.unacked = 0;
    assert_false(ad_uplink_is_too_late(&it.uplink, &it.view, 1000, 12000));
    assert_true(ad_uplink_is_too_late(&it.uplink, &it.view, 1000, 11999));
}

static void the_next_check_is_when_the_result_may_change(void **state)
{
    struct fixture it;

    (void)state;
    begin_queued(&it, 80 * MS, 125000);
    /* 12,500 bytes above the boundary of rule 2 */
    it.view.count = 1;
    it.view.unacked = 75000;
    assert_int_equal(ad_uplink_again_ms(&it.uplink, &it.view), it.view.now_ms + 100);
    it.view.unacked = 62500;
    assert_int_equal(ad_uplink_again_ms(&it.uplink, &it.view), it.view.now_ms + 50);
    it.view.unacked = 10000000;
    assert_in_range(ad_uplink_again_ms(&it.uplink, &it.view), it.view.now_ms + 50, it.view.now_ms + 500);
    assert_int_equal(ad_uplink_patience_ms(&it.uplink), 660);
}

static int64_t any_number(struct ad_rng *rng)
{
    switch (ad_rng_upto(rng, 4)) {
    case 0:
        return 0;
    case 1:
        return ad_rng_upto(rng, 1000);
    case 2:
        return (int64_t)ad_rng_u64(rng);
    default:
        return ad_rng_upto(rng, 100000000);
    }
}

static void any_view_keeps_the_rule_in_its_bounds(void **state)
{
    struct ad_uplink uplink;
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    ad_uplink_init(&uplink);
    for (int i = 0; i < 200000; i++) {
        struct ad_uplink_view view = {any_number(&rng),          (int32_t)any_number(&rng),  (int32_t)any_number(&rng),
                                      (int32_t)any_number(&rng), (uint64_t)any_number(&rng), (uint64_t)any_number(&rng),
                                      any_number(&rng),          any_number(&rng),           any_number(&rng)};

        if (ad_rng_upto(&rng, 500) == 0)
            ad_uplink_init(&uplink);
        else if (ad_rng_upto(&rng, 100) == 0)
            ad_uplink_forget(&uplink, any_number(&rng));
        if (ad_rng_upto(&rng, 1) == 0)
            ad_uplink_see(&uplink, &view);
        else
            ad_uplink_answered(&uplink, &view, any_number(&rng));
        assert_in_range(uplink.most_x1000, 1000, AD_UPLINK_MOST * 1000);
        assert_in_range(uplink.wait_x1000, 1000, AD_UPLINK_MOST * 1000);
        assert_true(uplink.rate >= 0 && uplink.busy_ms >= 0 && uplink.min_rtt_us >= 0);
        assert_true(!ad_uplink_may_start(&uplink, &view, (uint64_t)any_number(&rng)) || view.count < AD_UPLINK_MOST);
        assert_true(ad_uplink_again_ms(&uplink, &view) > uplink.seen_ms);
        ad_uplink_is_too_late(&uplink, &view, (uint64_t)any_number(&rng), any_number(&rng));
        assert_true(ad_uplink_creates_ahead(&uplink, (uint64_t)any_number(&rng), any_number(&rng)) >= 1);
        assert_in_range(ad_uplink_patience_ms(&uplink), 500, INT64_C(3) * INT32_MAX);
        assert_in_range(ad_uplink_silence_ms(&uplink), 15000, INT64_C(8) * INT32_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_upload_starts_whatever_is_known),
        cmocka_unit_test(the_next_upload_starts_when_half_a_second_of_work_is_left),
        cmocka_unit_test(a_long_round_trip_asks_for_more_work),
        cmocka_unit_test(no_queue_lets_the_number_grow_to_its_limit),
        cmocka_unit_test(beyond_eight_the_number_grows_only_with_the_rate),
        cmocka_unit_test(a_queue_takes_a_fifth_of_the_number),
        cmocka_unit_test(what_is_in_flight_fits_a_quarter_of_the_urls_life),
        cmocka_unit_test(an_image_fits_at_an_equal_share_of_the_link),
        cmocka_unit_test(near_by_the_number_doubles_with_each_round_of_uploads),
        cmocka_unit_test(at_first_one_upload_may_wait_for_its_answer),
        cmocka_unit_test(late_answers_take_uploads_away_once_a_round),
        cmocka_unit_test(an_upload_counts_as_unsent_when_it_waits_for_longer_than_usual),
        cmocka_unit_test(a_storage_that_has_become_slower_is_not_a_queue),
        cmocka_unit_test(answers_that_differ_widely_are_not_late),
        cmocka_unit_test(waiting_for_responses_takes_at_most_a_third_of_the_urls_lifetime),
        cmocka_unit_test(idle_time_does_not_lower_the_rate),
        cmocka_unit_test(the_rate_follows_a_tenfold_change_within_seconds),
        cmocka_unit_test(after_an_outage_nothing_is_known),
        cmocka_unit_test(the_round_trip_is_measured_anew_after_minutes_without_uploads),
        cmocka_unit_test(without_round_trips_a_trial_that_brings_nothing_is_taken_back),
        cmocka_unit_test(without_round_trips_an_eighth_of_the_urls_life_is_enough_work),
        cmocka_unit_test(a_trial_does_not_begin_from_what_the_last_one_has_left),
        cmocka_unit_test(an_upload_is_silent_after_a_multiple_of_the_usual_wait),
        cmocka_unit_test(without_round_trips_the_number_grows_with_the_rate),
        cmocka_unit_test(creates_run_ahead_by_what_a_create_takes),
        cmocka_unit_test(a_url_is_too_old_when_twice_the_work_outlasts_it),
        cmocka_unit_test(a_url_is_too_old_when_twice_the_wait_for_the_response_exceeds_it),
        cmocka_unit_test(the_next_check_is_when_the_result_may_change),
        cmocka_unit_test(any_view_keeps_the_rule_in_its_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
