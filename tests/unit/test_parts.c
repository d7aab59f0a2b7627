/* SPDX-License-Identifier: MIT */
/*
 * The shares of the connections, on virtual time: in total never more than exist, neither side has none, and a run
 * opens few more than exist, whatever it needs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/parts.h"

static bool start(struct ad_parts *parts, enum ad_side side, int32_t connections, int64_t now_ms)
{
    int64_t ready_ms = 0;

    if (!ad_parts_admit(parts, side, connections, now_ms, &ready_ms))
        return false;
    ad_parts_begin(parts, side, now_ms);
    return true;
}

static int32_t start_all(struct ad_parts *parts, enum ad_side side, int32_t connections, int64_t now_ms)
{
    int32_t count = 0;

    while (count < 1000 && start(parts, side, connections, now_ms))
        count++;
    return count;
}

static void end_all(struct ad_parts *parts, enum ad_side side, int64_t now_ms)
{
    while (parts->sides[side].in_flight > 0)
        ad_parts_end(parts, side, now_ms);
}

static struct ad_parts parts_with_uploads(void)
{
    struct ad_parts parts;

    ad_parts_init(&parts, 1000);
    parts.uploads = true;
    return parts;
}

static void each_side_has_half_at_once(void **state)
{
    struct ad_parts parts = parts_with_uploads();

    (void)state;
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 1000), 32);
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 64, 1000), 32);
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 60000), 0);
}

static void what_one_side_leaves_goes_to_the_other_step_by_step(void **state)
{
    struct ad_parts parts = parts_with_uploads();
    int64_t ready_ms = 0;

    (void)state;
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 1000), 32);
    assert_false(ad_parts_admit(&parts, AD_SIDE_API, 64, 1050, &ready_ms));
    assert_int_equal(ready_ms, 1100);
    for (int i = 1; i <= 16; i++)
        assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 1000 + i * 100), 1);
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 100000), 0); /* three quarters */
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 64, 100000), 16);
}

static void two_connections_are_one_for_each(void **state)
{
    struct ad_parts parts = parts_with_uploads();

    (void)state;
    for (int64_t now = 1000; now < 300000; now += 1000) {
        (void)start_all(&parts, AD_SIDE_API, 2, now);
        assert_int_equal(parts.sides[AD_SIDE_API].in_flight, 1);
    }
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 2, 300000), 1);
}

static void one_connection_does_for_both(void **state)
{
    struct ad_parts parts = parts_with_uploads();

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_true(start(&parts, AD_SIDE_API, 1, 1000 + i));
        end_all(&parts, AD_SIDE_API, 1000 + i);
        assert_true(start(&parts, AD_SIDE_STORAGE, 1, 1000 + i));
        end_all(&parts, AD_SIDE_STORAGE, 1000 + i);
    }
}

static void without_uploads_the_api_has_all(void **state)
{
    struct ad_parts parts;

    (void)state;
    ad_parts_init(&parts, 1000);
    for (int i = 0; i < 64; i++)
        assert_true(start(&parts, AD_SIDE_API, 64, 1000));
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 1000), 0);
    parts.uploads = true; /* from now on it keeps to its share */
    end_all(&parts, AD_SIDE_API, 2000);
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 2000), 48);
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 64, 2000), 16);
}

static void an_api_that_shares_connections_leaves_them_to_the_storage(void **state)
{
    struct ad_parts parts = parts_with_uploads();

    (void)state;
    assert_int_equal(start_all(&parts, AD_SIDE_API, 64, 1000), 32);
    parts.shared = true;
    for (int64_t now = 2000; now < 6000; now += 100)
        (void)start_all(&parts, AD_SIDE_STORAGE, 64, now);
    assert_int_equal(parts.sides[AD_SIDE_STORAGE].in_flight, 48);
    assert_true(start(&parts, AD_SIDE_API, 64, 6000));
}

/* One every five seconds, and only connections that were free all the time. */
static void a_need_that_lasts_takes_over_what_the_other_has_to_spare(void **state)
{
    struct ad_parts parts = parts_with_uploads();
    int64_t ready_ms = 0;

    (void)state;
    (void)start_all(&parts, AD_SIDE_API, 64, 1000);
    (void)start_all(&parts, AD_SIDE_STORAGE, 64, 1000);
    assert_false(ad_parts_admit(&parts, AD_SIDE_STORAGE, 64, 50000, &ready_ms));
    assert_int_equal(ready_ms, 0); /* the API uses all of its own */
    end_all(&parts, AD_SIDE_API, 50000);
    assert_false(ad_parts_admit(&parts, AD_SIDE_STORAGE, 64, 50000, &ready_ms));
    assert_int_equal(ready_ms, 55000);
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 64, 55000), 1);
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 64, 59999), 0);
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 64, 60000), 1);
    assert_int_equal(parts.sides[AD_SIDE_API].size, 30);
}

static void fewer_connections_are_divided_anew(void **state)
{
    struct ad_parts parts = parts_with_uploads();

    (void)state;
    (void)start_all(&parts, AD_SIDE_API, 64, 1000);
    assert_int_equal(start_all(&parts, AD_SIDE_STORAGE, 4, 1000), 2);
    assert_int_equal(start_all(&parts, AD_SIDE_API, 4, 1000), 0);
    end_all(&parts, AD_SIDE_API, 2000);
    assert_int_equal(start_all(&parts, AD_SIDE_API, 4, 2000), 2);
}

/*
 * As a server counts: a request opens a connection when its side has no idle one, and closes one of the other side's
 * when all are open.
 */
struct server {
    int32_t open[2];
    int32_t opened;
};

static void serve(struct server *server, const struct ad_parts *parts, enum ad_side side, int32_t connections)
{
    enum ad_side other = side == AD_SIDE_API ? AD_SIDE_STORAGE : AD_SIDE_API;

    if (parts->sides[side].in_flight <= server->open[side])
        return;
    if (server->open[0] + server->open[1] == connections) {
        assert_true(parts->sides[other].in_flight < server->open[other]); /* or there would be one too many */
        server->open[other]--;
    }
    server->open[side]++;
    server->opened++;
}

static void a_minute_opens_a_fifth_more_than_there_are_at_most(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct ad_parts parts = parts_with_uploads();
        struct server server = {0};
        struct ad_rng rng;
        int32_t connections;
        int64_t weight = 50;

        ad_rng_seed(&rng, seed);
        connections = (int32_t)(2 + ad_rng_upto(&rng, 62));
        for (int64_t now = 1000; now < 61000; now += 10) {
            enum ad_side side = ad_rng_upto(&rng, 99) < weight ? AD_SIDE_API : AD_SIDE_STORAGE;
            enum ad_side done = ad_rng_upto(&rng, 1) == 0 ? AD_SIDE_API : AD_SIDE_STORAGE;

            if (ad_rng_upto(&rng, 999) == 0)
                weight = ad_rng_upto(&rng, 100);
            if (parts.sides[0].in_flight + parts.sides[1].in_flight < connections &&
                start(&parts, side, connections, now))
                serve(&server, &parts, side, connections);
            if (parts.sides[done].in_flight > 0 && ad_rng_upto(&rng, 2) > 0)
                ad_parts_end(&parts, done, now);
            assert_true(server.open[0] + server.open[1] <= connections);
        }
        assert_true(server.opened <= connections + (connections >= 5 ? connections / 5 : 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_side_has_half_at_once),
        cmocka_unit_test(what_one_side_leaves_goes_to_the_other_step_by_step),
        cmocka_unit_test(two_connections_are_one_for_each),
        cmocka_unit_test(one_connection_does_for_both),
        cmocka_unit_test(without_uploads_the_api_has_all),
        cmocka_unit_test(an_api_that_shares_connections_leaves_them_to_the_storage),
        cmocka_unit_test(a_need_that_lasts_takes_over_what_the_other_has_to_spare),
        cmocka_unit_test(fewer_connections_are_divided_anew),
        cmocka_unit_test(a_minute_opens_a_fifth_more_than_there_are_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
