/* SPDX-License-Identifier: MIT */
/*
 * Two clients on one key share its quota, as in a host program, on libanimaldetect-mock: public headers and public
 * symbols only. They share a variable of the program.
 */
#include <animaldetect/animaldetect.h>
#include <animaldetect/mock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LIMIT 30
#define MINUTE_MS 60000
#define LIFE_MS 5000
#define CLIENTS 2
#define IMAGES 12
#define SETTLED_MOST 1000

/* What is charged: permits outstanding at each client, and when the others were settled. */
struct quota {
    int32_t outstanding[CLIENTS];
    int64_t settled_ms[SETTLED_MOST];
    int32_t settled;
};

struct setup {
    animaldetect_mock *mock;
    animaldetect_client *clients[CLIENTS];
    struct quota quota;
    int done;
};

static int open_setup(void **state)
{
    struct setup *setup = calloc(1, sizeof *setup);

    assert_non_null(setup);
    assert_int_equal(animaldetect_mock_new(&setup->mock), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_set_rate_limit(setup->mock, LIMIT), ANIMALDETECT_OK);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(animaldetect_mock_new_client(setup->mock, &setup->clients[i]), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_client_set_permits(setup->clients[i], 1), ANIMALDETECT_OK);
    }
    *state = setup;
    return 0;
}

static int close_setup(void **state)
{
    struct setup *setup = *state;

    assert_int_equal(animaldetect_mock_violation_count(setup->mock), 0);
    for (int i = 0; i < CLIENTS; i++)
        animaldetect_client_free(setup->clients[i]);
    animaldetect_mock_free(setup->mock);
    free(setup);
    return 0;
}

static animaldetect_job *start_image(animaldetect_client *client, int number)
{
    uint8_t image[64] = {0xff, 0xd8, 0xff, 0xe0};
    animaldetect_job *job = NULL;

    (void)snprintf((char *)image + 4, sizeof image - 4, "image %d", number);
    assert_int_equal(animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, image, sizeof image), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    return job;
}

static int32_t charge(const struct setup *setup)
{
    int64_t now_ms = animaldetect_mock_now_ms(setup->mock);
    int32_t sum = 0;

    for (int i = 0; i < CLIENTS; i++)
        sum += setup->quota.outstanding[i];
    for (int32_t i = 0; i < setup->quota.settled; i++)
        sum += now_ms - setup->quota.settled_ms[i] < MINUTE_MS;
    return sum;
}

/* Processes the report of a client, and grants it a permit if one is available. */
static void pull(struct setup *setup, int which)
{
    animaldetect_client *client = setup->clients[which];
    struct quota *quota = &setup->quota;
    int64_t now_ms = animaldetect_mock_now_ms(setup->mock);
    int64_t ages_ms[8];
    int32_t wanted = 0;
    int32_t count;

    do {
        assert_int_equal(animaldetect_client_report_permits(client, ages_ms, 8, &count, &quota->outstanding[which]),
                         ANIMALDETECT_OK);
        for (int32_t i = 0; i < count; i++) {
            assert_true(quota->settled < SETTLED_MOST);
            quota->settled_ms[quota->settled++] = now_ms - ages_ms[i];
        }
    } while (count == 8);
    assert_int_equal(animaldetect_client_permits_wanted(client, &wanted), ANIMALDETECT_OK);
    if (wanted == 0 || charge(setup) >= LIMIT)
        return;
    assert_int_equal(animaldetect_client_grant_permits(client, 1, LIFE_MS), ANIMALDETECT_OK);
    quota->outstanding[which]++;
}

static void collect(struct setup *setup, animaldetect_client *client)
{
    animaldetect_job *job = NULL;

    while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) {
        assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
        animaldetect_job_free(job);
        setup->done++;
    }
}

static size_t paced_requests(const struct setup *setup)
{
    return animaldetect_mock_request_count(setup->mock, "any") - animaldetect_mock_request_count(setup->mock, "upload");
}

static void nothing_was_refused_and_all_is_settled(struct setup *setup)
{
    for (size_t i = 0; i < animaldetect_mock_request_count(setup->mock, "any"); i++)
        assert_int_not_equal(animaldetect_mock_request_http_status(animaldetect_mock_request_at(setup->mock, "any", i)),
                             429);
    for (int i = 0; i < CLIENTS; i++) {
        int32_t returned = 0;

        assert_int_equal(animaldetect_client_return_permits(setup->clients[i], LIMIT, &returned), ANIMALDETECT_OK);
        pull(setup, i);
        assert_int_equal(setup->quota.outstanding[i], 0);
    }
    assert_int_equal(setup->quota.settled, paced_requests(setup));
}

static void start_all(struct setup *setup)
{
    for (int i = 0; i < IMAGES; i++)
        (void)start_image(setup->clients[i % CLIENTS], i);
}

/* A program with a loop: it processes each client when something may be due, and pulls. */
static void two_clients_of_a_loop_share_a_quota(void **state)
{
    struct setup *setup = *state;
    int64_t before_ms = animaldetect_mock_now_ms(setup->mock);

    start_all(setup);
    while (setup->done < IMAGES) {
        for (int i = 0; i < CLIENTS; i++) {
            assert_int_equal(animaldetect_client_process(setup->clients[i]), ANIMALDETECT_OK);
            collect(setup, setup->clients[i]);
            pull(setup, i);
        }
        assert_int_equal(animaldetect_mock_advance_ms(setup->mock, 20), ANIMALDETECT_OK);
    }
    assert_true(animaldetect_mock_now_ms(setup->mock) - before_ms > MINUTE_MS); /* > 48 requests at 30 a minute */
    nothing_was_refused_and_all_is_settled(setup);
}

/* A program that waits: at most half a second, and pulls. */
static void two_clients_that_are_waited_on_share_a_quota(void **state)
{
    struct setup *setup = *state;

    start_all(setup);
    while (setup->done < IMAGES) {
        for (int i = 0; i < CLIENTS; i++) {
            int32_t status = animaldetect_client_wait(setup->clients[i], 250);

            assert_true(status == ANIMALDETECT_OK || status == ANIMALDETECT_AGAIN);
            collect(setup, setup->clients[i]);
            pull(setup, i);
        }
    }
    nothing_was_refused_and_all_is_settled(setup);
}

/* Another program used the key; a 429 to one client holds both. */
static void a_429_of_one_client_is_carried_to_the_other(void **state)
{
    struct setup *setup = *state;
    int64_t wait_ms = 0;
    int32_t count = 0;

    assert_int_equal(animaldetect_mock_answer(setup->mock, "create", 1, 429, "Retry-After: 7", "{}"), ANIMALDETECT_OK);
    start_all(setup);
    while (count == 0) {
        assert_int_equal(animaldetect_client_process(setup->clients[0]), ANIMALDETECT_OK);
        pull(setup, 0);
        assert_int_equal(animaldetect_client_take_rate_limits(setup->clients[0], &count, &wait_ms), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_mock_advance_ms(setup->mock, 20), ANIMALDETECT_OK);
    }
    assert_int_equal(count, 1);
    assert_in_range(wait_ms, 6900, 7000);
    assert_int_equal(animaldetect_client_take_rate_limits(setup->clients[0], &count, &wait_ms), ANIMALDETECT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(animaldetect_client_hold_requests(setup->clients[1], wait_ms), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_reason(setup->clients[1]), ANIMALDETECT_HOLD_RATE_LIMIT);
    while (setup->done < IMAGES) {
        for (int i = 0; i < CLIENTS; i++) {
            assert_int_equal(animaldetect_client_process(setup->clients[i]), ANIMALDETECT_OK);
            collect(setup, setup->clients[i]);
            pull(setup, i);
        }
        assert_int_equal(animaldetect_mock_advance_ms(setup->mock, 20), ANIMALDETECT_OK);
    }
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(animaldetect_client_hold_reason(setup->clients[i]), ANIMALDETECT_HOLD_NONE);
    assert_int_equal(setup->quota.settled, paced_requests(setup));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_setup, close_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_clients_of_a_loop_share_a_quota),
        TEST(two_clients_that_are_waited_on_share_a_quota),
        TEST(a_429_of_one_client_is_carried_to_the_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
