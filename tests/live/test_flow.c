/* SPDX-License-Identifier: MIT */
/*
 * The whole flow through libcurl against the emulator: what the mock tests on a virtual clock, on real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/emulator.h"

#define FAST "--processing", "fixed:60"

static void check_drawn_result(animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    size_t size = 0;

    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_non_null(animaldetect_result_json(result, &size));
    assert_true(size > 2);
    animaldetect_result_free(result);
}

static void each_step_blocks_until_it_is_done(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){FAST, NULL});
    animaldetect_client *client = emulator_client(emulator);
    animaldetect_job *job = drawn_job(client, 1, 4000);
    json_t *ledger;

    (void)state;
    assert_int_equal(animaldetect_job_upload(job), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_create(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_AWAITING_UPLOAD);
    assert_int_equal(animaldetect_job_submit(job), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_upload(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_upload_sent(job), 4000);
    assert_int_equal(animaldetect_job_submit(job), ANIMALDETECT_OK);
    while (animaldetect_job_stage(job) < ANIMALDETECT_STAGE_FINISHED)
        assert_int_equal(animaldetect_job_poll(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_fetch(job), ANIMALDETECT_OK);
    check_drawn_result(job);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_FETCHED);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), 1);
    json_decref(ledger);
}

static void all_operations_give_their_shape(void **state)
{
    static const char *const operations[] = {ANIMALDETECT_OPERATION_DETECT, ANIMALDETECT_OPERATION_DETECT_URBAN,
                                             ANIMALDETECT_OPERATION_FILTER, ANIMALDETECT_OPERATION_FILTER_URBAN};
    struct emulator *emulator = emulator_start((const char *const[]){FAST, NULL});
    animaldetect_client *client = emulator_client(emulator);
    uint8_t image[2000];
    json_t *ledger;

    (void)state;
    draw_image(image, sizeof image, 7);
    for (size_t i = 0; i < 4; i++) {
        animaldetect_job *job = NULL;
        animaldetect_result *result = NULL;
        const char *expected = i < 2 ? "\"annotations\"" : "\"detections\"";

        assert_int_equal(animaldetect_job_new(client, operations[i], &job), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_bytes_borrowed(job, image, sizeof image, NULL, NULL), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
        assert_non_null(strstr(animaldetect_result_json(result, NULL), expected));
        animaldetect_result_free(result);
        animaldetect_job_free(job);
    }
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), 4);
    json_decref(ledger);
}

/* Runs `count` jobs at once and collects each completion once; every job must succeed. */
static void run_all(animaldetect_client *client, uint32_t count)
{
    animaldetect_job **jobs = calloc(count, sizeof(animaldetect_job *));
    uint32_t ended = 0;

    assert_non_null(jobs);
    for (uint32_t i = 0; i < count; i++) {
        jobs[i] = drawn_job(client, i, 1500 + i);
        assert_int_equal(animaldetect_job_run_async(jobs[i]), ANIMALDETECT_OK);
    }
    while (ended < count) {
        animaldetect_job *job = NULL;

        assert_int_equal(animaldetect_client_wait(client, -1), ANIMALDETECT_OK);
        while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) {
            if (animaldetect_job_status(job) != ANIMALDETECT_OK)
                print_error("%s\n", animaldetect_job_message(job));
            assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
            check_drawn_result(job);
            ended++;
        }
    }
    assert_int_equal(animaldetect_client_in_flight(client), 0);
    for (uint32_t i = 0; i < count; i++)
        animaldetect_job_free(jobs[i]);
    free(jobs);
}

static void faults_do_not_lose_or_double_an_image(void **state)
{
    static const char *const arguments[] = {"--processing",  "fixed:60", "--fault",
                                            "any:503:p=0.3", "--fault",  "any:reset-after:p=0.1",
                                            "--seed",        "7",        NULL};
    struct emulator *emulator = emulator_start(arguments);
    animaldetect_client *client = emulator_client(emulator);
    json_t *ledger;

    (void)state;
    assert_int_equal(animaldetect_client_set_max_tries(client, 30), ANIMALDETECT_OK);
    run_all(client, 24);
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), 24);
    assert_int_equal(ledger_count(ledger, "images"), 24);
    assert_true(ledger_count(ledger, "faults") > 0);
    json_decref(ledger);
}

/* libcurl resends a request by itself when a kept-alive connection breaks before any response. */
static void a_submit_whose_response_is_lost_is_not_sent_again_blindly(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){FAST, "--fault", "submit:reset-after:n=8", NULL});
    animaldetect_client *client = emulator_client(emulator);
    json_t *ledger;

    (void)state;
    run_all(client, 8);
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "submits"), 8);
    json_decref(ledger);
}

static void a_second_run_finds_the_same_jobs(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){FAST, NULL});
    json_t *ledger;

    (void)state;
    for (int round = 0; round < 2; round++) {
        animaldetect_client *client = emulator_client(emulator);

        run_all(client, 8);
        animaldetect_client_free(client);
    }
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), 8);
    assert_int_equal(ledger_count(ledger, "uploads"), 8);
    assert_int_equal(ledger_count(ledger, "replays"), 8);
    json_decref(ledger);
}

#define STORMY 16

/* The detections, without the ids and times that differ from run to run. */
static void describe_result(animaldetect_job *job, char *out, size_t size)
{
    animaldetect_result *result = NULL;
    size_t used = 0;

    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    out[0] = '\0';
    for (size_t i = 0; i < animaldetect_result_count(result) && used < size; i++) {
        const animaldetect_detection *seen = animaldetect_result_at(result, i);
        double score = 0;

        assert_int_equal(animaldetect_detection_score(seen, &score), ANIMALDETECT_OK);
        used += (size_t)snprintf(out + used, size - used, "%s %.6f;", animaldetect_detection_label(seen), score);
    }
    assert_true(used < size);
    animaldetect_result_free(result);
}

static void run_in_fair_weather(char expected[STORMY][1024])
{
    struct emulator *emulator = emulator_start((const char *const[]){FAST, NULL});
    animaldetect_client *client = emulator_client(emulator);

    for (uint32_t i = 0; i < STORMY; i++) {
        animaldetect_job *job = drawn_job(client, i, 1500);

        assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
        describe_result(job, expected[i], sizeof expected[i]);
        animaldetect_job_free(job);
    }
    animaldetect_client_free(client);
    json_decref(emulator_stop(emulator));
}

static struct emulator *start_stormy(const char *journal, const char *port, const char *storage)
{
    return emulator_start((const char *const[]){"--processing", "fixed:500", "--state", journal, "--port", port,
                                                "--storage-port", storage, "--fault", "any:503:p=0.3", "--fault",
                                                "any:reset-after:p=0.1", "--fault", "api:429:p=0.05:retry_after=1",
                                                NULL});
}

/*
 * The service is killed while jobs are in flight and restarts on the same ports with its state from disk; before and
 * after, it responds to 30 % of the requests with 503, drops 10 % of the connections after the effect, and throttles.
 */
static void a_service_that_dies_and_comes_back_costs_nothing(void **state)
{
    static char expected[STORMY][1024];
    char journal[] = "/tmp/ad-journal-XXXXXX";
    int made = mkstemp(journal);
    struct emulator *emulator;
    animaldetect_client *client;
    animaldetect_job *jobs[STORMY];
    char port[16];
    char storage[16];
    char seen[1024];
    json_t *ledger;

    (void)state;
    assert_true(made >= 0);
    close(made);
    unlink(journal);
    run_in_fair_weather(expected);
    /* below the port range of outgoing connections */
    snprintf(port, sizeof port, "%d", 20000 + (int)getpid() % 6000 * 2);
    snprintf(storage, sizeof storage, "%d", 20001 + (int)getpid() % 6000 * 2);
    emulator = start_stormy(journal, port, storage);
    client = emulator_client(emulator);
    assert_int_equal(animaldetect_client_set_max_tries(client, 40), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_rate_limit(client, 60000, 0), ANIMALDETECT_OK);
    for (uint32_t i = 0; i < STORMY; i++) {
        jobs[i] = drawn_job(client, i, 1500);
        assert_int_equal(animaldetect_job_run_async(jobs[i]), ANIMALDETECT_OK);
    }
    /* until half of them are created: then the service is down for a while */
    for (uint32_t i = 0; i < STORMY / 2; i++)
        while (animaldetect_job_id(jobs[i]) == NULL)
            (void)animaldetect_client_wait(client, 5);
    emulator_kill(emulator);
    (void)animaldetect_client_wait(client, 300);
    emulator = start_stormy(journal, port, storage);
    for (uint32_t i = 0; i < STORMY; i++) {
        int32_t status = animaldetect_job_wait(jobs[i], -1);

        if (status != ANIMALDETECT_OK)
            print_error("%s\n", animaldetect_job_message(jobs[i]));
        assert_int_equal(status, ANIMALDETECT_OK);
        describe_result(jobs[i], seen, sizeof seen);
        assert_string_equal(seen, expected[i]);
        animaldetect_job_free(jobs[i]);
    }
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), STORMY);
    assert_true(ledger_count(ledger, "limited") + ledger_count(ledger, "faults") > 0);
    json_decref(ledger);
    unlink(journal);
}

static void a_throttled_client_ends_all_its_jobs(void **state)
{
    struct emulator *emulator =
        emulator_start((const char *const[]){FAST, "--fault", "api:429:n=2:from=2:retry_after=1", NULL});
    animaldetect_client *client = emulator_client(emulator);
    int64_t limited = 0;
    json_t *ledger;

    (void)state;
    run_all(client, 2);
    assert_int_equal(animaldetect_client_statistic(client, ANIMALDETECT_STAT_RATE_LIMITED, &limited), ANIMALDETECT_OK);
    assert_true(limited > 0);
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    assert_int_equal(ledger_count(ledger, "jobs"), 2);
    json_decref(ledger);
}

static void an_idle_client_makes_no_turn(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){FAST, NULL});
    animaldetect_client *client = emulator_client(emulator);
    int64_t before = 0;
    int64_t after = 0;
    json_t *ledger;

    (void)state;
    run_all(client, 4);
    /* remaining events of the connections of the last responses */
    assert_int_equal(animaldetect_client_process(client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_process(client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_statistic(client, ANIMALDETECT_STAT_ITERATIONS, &before), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(client, 700), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_client_statistic(client, ANIMALDETECT_STAT_ITERATIONS, &after), ANIMALDETECT_OK);
    assert_true(after - before <= 2); /* the wait itself checks when it starts and when it ends */
    animaldetect_client_free(client);
    ledger = emulator_stop(emulator);
    ledger_is_clean(ledger);
    json_decref(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_step_blocks_until_it_is_done),
        cmocka_unit_test(all_operations_give_their_shape),
        cmocka_unit_test(faults_do_not_lose_or_double_an_image),
        cmocka_unit_test(a_submit_whose_response_is_lost_is_not_sent_again_blindly),
        cmocka_unit_test(a_second_run_finds_the_same_jobs),
        cmocka_unit_test(a_service_that_dies_and_comes_back_costs_nothing),
        cmocka_unit_test(a_throttled_client_ends_all_its_jobs),
        cmocka_unit_test(an_idle_client_makes_no_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
