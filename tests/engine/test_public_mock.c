/* SPDX-License-Identifier: MIT */
/*
 * libanimaldetect-mock as its user sees it: public headers and public symbols only. Nothing here sleeps.
 */
#include <animaldetect/animaldetect.h>
#include <animaldetect/mock.h>

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct setup {
    animaldetect_mock *mock;
    animaldetect_client *client;
};

static int open_setup(void **state)
{
    struct setup *setup = calloc(1, sizeof *setup);

    assert_non_null(setup);
    assert_int_equal(animaldetect_mock_new(&setup->mock), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_new_client(setup->mock, &setup->client), ANIMALDETECT_OK);
    *state = setup;
    return 0;
}

/* Every run must have kept the contract: checked after each test. */
static int close_setup(void **state)
{
    struct setup *setup = *state;

    for (size_t i = 0; i < animaldetect_mock_violation_count(setup->mock); i++)
        print_message("violation: %s\n", animaldetect_mock_violation(setup->mock, i));
    assert_int_equal(animaldetect_mock_violation_count(setup->mock), 0);
    animaldetect_client_free(setup->client);
    animaldetect_mock_free(setup->mock);
    free(setup);
    return 0;
}

/* Each number makes another image. */
static animaldetect_job *make_job(const struct setup *setup, int number)
{
    uint8_t image[64] = {0xff, 0xd8, 0xff, 0xe0};
    animaldetect_job *job = NULL;

    (void)snprintf((char *)image + 4, sizeof image - 4, "image %d", number);
    assert_int_equal(animaldetect_job_new(setup->client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, image, sizeof image), ANIMALDETECT_OK);
    return job;
}

static int64_t elapsed_ms(const struct setup *setup, int64_t since_ms)
{
    return animaldetect_mock_now_ms(setup->mock) - since_ms;
}

static size_t asked(const struct setup *setup, const char *route)
{
    return animaldetect_mock_request_count(setup->mock, route);
}

static void without_a_script_an_image_is_detected(void **state)
{
    const struct setup *setup = *state;
    int64_t before = animaldetect_mock_now_ms(setup->mock);
    animaldetect_job *job = make_job(setup, 1);
    animaldetect_result *result = NULL;

    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_non_null(animaldetect_result_json(result, NULL));
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 1);
    assert_string_equal(animaldetect_mock_job_id(setup->mock, 0), animaldetect_job_id(job));
    assert_string_equal(animaldetect_mock_job_state(setup->mock, animaldetect_job_id(job)), "succeeded");
    assert_true(elapsed_ms(setup, before) >= 1000);
    animaldetect_result_free(result);
    animaldetect_job_free(job);
}

/* Like a program that creates its client itself. */
static void a_client_of_the_programs_own_is_put_on_the_mock(void **state)
{
    const struct setup *setup = *state;
    struct setup own = {.mock = setup->mock};
    animaldetect_job *job;

    assert_null(animaldetect_mock_transport(NULL));
    assert_int_equal(animaldetect_client_new(&own.client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(own.client, animaldetect_mock_transport(setup->mock)),
                     ANIMALDETECT_OK);
    job = make_job(&own, 1);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_NO_API_KEY);
    assert_int_equal(animaldetect_mock_set_api_key(setup->mock, "sk_test_of_the_program"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(own.client, "sk_test_of_the_program"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 1);
    animaldetect_job_free(job);
    animaldetect_client_free(own.client);
}

static void the_latency_is_what_was_set(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    const animaldetect_mock_request *create;

    assert_int_equal(animaldetect_mock_set_latency_ms(setup->mock, -1), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_set_latency_ms(setup->mock, 3600001), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_set_latency_ms(setup->mock, 1234), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    create = animaldetect_mock_request_at(setup->mock, "create", 0);
    assert_int_equal(animaldetect_mock_request_end_ms(create) - animaldetect_mock_request_start_ms(create), 1234);
    animaldetect_job_free(job);
}

static void every_request_is_recorded_with_its_head(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    const animaldetect_mock_request *create;
    const animaldetect_mock_request *upload;

    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    create = animaldetect_mock_request_at(setup->mock, "create", 0);
    upload = animaldetect_mock_request_at(setup->mock, "upload", 0);
    assert_ptr_equal(create, animaldetect_mock_request_at(setup->mock, "any", 0));
    assert_string_equal(animaldetect_mock_request_route(create), "create");
    assert_string_equal(animaldetect_mock_request_method(create), "POST");
    assert_non_null(strstr(animaldetect_mock_request_url(create), "://"));
    assert_string_equal(strrchr(animaldetect_mock_request_url(create), '/'), "/jobs");
    assert_null(animaldetect_mock_request_url(NULL));
    assert_string_equal(animaldetect_mock_request_header(create, "authorization"), "Bearer sk_test_mock");
    assert_string_equal(animaldetect_mock_request_header(create, "Idempotency-Key"),
                        animaldetect_job_idempotency_key(job));
    assert_non_null(strstr(animaldetect_mock_request_body(create), "\"operation\":\"detect\""));
    assert_int_equal(animaldetect_mock_request_http_status(create), 201);
    assert_true(animaldetect_mock_request_end_ms(create) - animaldetect_mock_request_start_ms(create) == 40);
    assert_null(animaldetect_mock_request_header(upload, "Authorization"));
    assert_null(animaldetect_mock_request_body(upload));
    assert_int_equal(animaldetect_mock_request_body_size(upload), 64);
    assert_null(animaldetect_mock_request_at(setup->mock, "upload", 1));
    assert_int_equal(asked(setup, "submit"), 1);
    assert_int_equal(asked(setup, "any"), asked(setup, "create") + asked(setup, "upload") + asked(setup, "submit") +
                                              asked(setup, "poll") + asked(setup, "fetch"));
    animaldetect_job_free(job);
}

static void a_scripted_response_replaces_the_services(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);

    assert_int_equal(animaldetect_mock_answer(setup->mock, "create", 1, 402,
                                              "X-Request-Id: abc\nContent-Type: application/json",
                                              "{\"error\":{\"code\":\"no_credit\",\"message\":\"pay first\"}}"),
                     ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_PAYMENT_REQUIRED);
    assert_non_null(strstr(animaldetect_job_message(job), "pay first"));
    assert_string_equal(animaldetect_job_request_id(job), "abc");
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 0);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK); /* the second create is not scripted */
    animaldetect_job_free(job);
}

/* A poll without waiting, and then a step: time must advance, in whatever order a host mixes the two. */
static void a_wait_of_no_time_does_not_stop_the_clock(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    animaldetect_job *done = NULL;
    int turns = 0;

    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    while (animaldetect_client_next_done(setup->client, &done) != ANIMALDETECT_OK && turns++ < 10000) {
        (void)animaldetect_client_wait(setup->client, 0);
        (void)animaldetect_mock_step(setup->mock);
        assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
    }
    assert_ptr_equal(done, job);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
    animaldetect_job_free(job);
}

static void a_response_lost_after_a_submit_bills_nobody_twice(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);

    assert_int_equal(animaldetect_mock_add_fault(setup->mock, "submit:reset-after:n=1"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_add_fault(setup->mock, "create:reset-after:n=1"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 1);
    assert_int_equal(asked(setup, "create"), 2);
    assert_int_equal(asked(setup, "submit"), 1);
    animaldetect_job_free(job);
}

/* The response that said that the job is done was lost: polling again is no violation. */
static void a_response_to_a_canceled_poll_does_not_count_as_received(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);

    assert_int_equal(animaldetect_mock_set_processing(setup->mock, "fixed:1"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_delay(setup->mock, "poll", 1, 10000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(setup->client, 9000), ANIMALDETECT_AGAIN);
    assert_int_equal(asked(setup, "poll"), 1);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_wait(job, 0), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(asked(setup, "poll"), 2);
    animaldetect_job_free(job);
}

static void a_failure_of_the_network_means_what_it_says(void **state)
{
    static const struct {
        int32_t failure;
        int32_t status;
    } cases[] = {
        {ANIMALDETECT_FAILURE_CONNECT, ANIMALDETECT_E_NETWORK}, {ANIMALDETECT_FAILURE_BROKEN, ANIMALDETECT_E_NETWORK},
        {ANIMALDETECT_FAILURE_TIMEOUT, ANIMALDETECT_E_TIMEOUT}, {ANIMALDETECT_FAILURE_TLS, ANIMALDETECT_E_TLS},
        {ANIMALDETECT_FAILURE_REFUSED, ANIMALDETECT_E_SYSTEM},
    };
    const struct setup *setup = *state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        animaldetect_job *job = make_job(setup, (int)i);

        assert_int_equal(animaldetect_mock_fail(setup->mock, "create", 0, cases[i].failure), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_run(job), cases[i].status);
        assert_int_equal(animaldetect_mock_job_count(setup->mock), i);
        assert_int_equal(animaldetect_mock_clear_faults(setup->mock), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
        animaldetect_job_free(job);
    }
}

static void a_delayed_answer_delays_by_the_virtual_clock(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    const animaldetect_mock_request *create;

    assert_int_equal(animaldetect_mock_delay(setup->mock, "create", 1, 20000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_create(job), ANIMALDETECT_OK);
    create = animaldetect_mock_request_at(setup->mock, "create", 0);
    assert_true(animaldetect_mock_request_end_ms(create) - animaldetect_mock_request_start_ms(create) == 20040);
    animaldetect_job_free(job);
}

static void a_slow_but_steady_response_is_no_stall(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    int64_t before = animaldetect_mock_now_ms(setup->mock);

    assert_int_equal(animaldetect_client_set_stall_timeout_ms(setup->client, 2000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_add_fault(setup->mock, "create:slow:bps=20"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_create(job), ANIMALDETECT_OK);
    assert_true(elapsed_ms(setup, before) > 20000); /* ten times the stall timeout */
    assert_int_equal(asked(setup, "create"), 1);
    animaldetect_job_free(job);
}

static void the_quota_is_kept_by_the_virtual_clock(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *jobs[12];
    int64_t before = animaldetect_mock_now_ms(setup->mock);

    assert_int_equal(animaldetect_mock_set_rate_limit(setup->mock, 10), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_rate_limit(setup->client, 10, 0), ANIMALDETECT_OK);
    for (int i = 0; i < 12; i++) {
        jobs[i] = make_job(setup, i);
        assert_int_equal(animaldetect_job_run_async(jobs[i]), ANIMALDETECT_OK);
    }
    for (int i = 0; i < 12; i++)
        assert_int_equal(animaldetect_job_wait(jobs[i], -1), ANIMALDETECT_OK);
    for (size_t i = 0; i < asked(setup, "any"); i++)
        assert_int_not_equal(animaldetect_mock_request_http_status(animaldetect_mock_request_at(setup->mock, "any", i)),
                             429);
    assert_true(elapsed_ms(setup, before) > 240000); /* at least 48 requests at 10 a minute */
    for (int i = 0; i < 12; i++)
        animaldetect_job_free(jobs[i]);
}

static void a_wait_ends_at_its_time_to_the_millisecond(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    int64_t before = animaldetect_mock_now_ms(setup->mock);

    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(setup->client, 333), ANIMALDETECT_AGAIN);
    assert_true(elapsed_ms(setup, before) == 333);
    assert_int_equal(animaldetect_client_wait(setup->client, -1), ANIMALDETECT_OK);
    animaldetect_job_free(job);
}

static int is_readable(int fd)
{
    struct pollfd set = {.fd = fd, .events = POLLIN};

    return poll(&set, 1, 0) == 1;
}

static void a_host_with_a_loop_steps_from_event_to_event(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = NULL;
    animaldetect_job *done = NULL;
    int fd = animaldetect_client_fd(setup->client);
    int steps = 0;

    if (fd == ANIMALDETECT_E_UNSUPPORTED) /* no epoll */
        skip();
    job = make_job(setup, 1);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    while (animaldetect_client_next_done(setup->client, &done) == ANIMALDETECT_AGAIN) {
        while (!is_readable(fd))
            assert_true(animaldetect_mock_step(setup->mock) >= 0);
        assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
        assert_true(++steps < 1000);
    }
    assert_ptr_equal(done, job);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
    assert_true(animaldetect_mock_step(setup->mock) == -1);
    animaldetect_job_free(job);
}

/* A program's loop that does not know about the mock: it would block forever if nothing became readable. */
static void with_auto_advance_a_foreign_loop_runs_unchanged(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *jobs[5];
    animaldetect_job *done = NULL;
    struct pollfd set = {.fd = animaldetect_client_fd(setup->client), .events = POLLIN};
    int ended = 0;

    if (set.fd == ANIMALDETECT_E_UNSUPPORTED) /* no epoll */
        skip();
    assert_int_equal(animaldetect_mock_set_auto_advance(setup->mock, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_add_fault(setup->mock, "any:503:p=0.2"), ANIMALDETECT_OK);
    for (int i = 0; i < 5; i++) {
        jobs[i] = make_job(setup, i);
        assert_int_equal(animaldetect_job_run_async(jobs[i]), ANIMALDETECT_OK);
    }
    while (ended < 5) {
        assert_int_equal(poll(&set, 1, 60000), 1);
        assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
        while (animaldetect_client_next_done(setup->client, &done) == ANIMALDETECT_OK) {
            assert_int_equal(animaldetect_job_status(done), ANIMALDETECT_OK);
            ended++;
        }
    }
    for (int i = 0; i < 5; i++)
        animaldetect_job_free(jobs[i]);
}

static void time_that_is_advanced_by_hand_brings_the_answers_that_are_due(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);

    assert_int_equal(animaldetect_job_create_async(job), ANIMALDETECT_OK);
    for (int i = 0; i < 3; i++)
        assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
    assert_int_equal(asked(setup, "create"), 1);
    assert_int_equal(animaldetect_mock_advance_ms(setup->mock, 39), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_NEW);
    assert_int_equal(animaldetect_mock_advance_ms(setup->mock, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_process(setup->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_CREATED);
    animaldetect_job_free(job);
}

static void a_canceled_request_that_had_not_arrived_has_no_effect(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);

    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(setup->client, 10), ANIMALDETECT_AGAIN);
    assert_int_equal(asked(setup, "create"), 1);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_advance_ms(setup->mock, 1000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 0);
    assert_true(animaldetect_mock_request_end_ms(animaldetect_mock_request_at(setup->mock, "create", 0)) > 0);
    animaldetect_job_free(job);
}

static void a_job_can_be_made_to_fail_and_an_upload_url_to_expire(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);

    assert_int_equal(animaldetect_job_create(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_expire_uploads(setup->mock), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_submit(job), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_upload(job), ANIMALDETECT_OK); /* with a fresh URL */
    assert_int_equal(asked(setup, "create"), 2);
    assert_int_equal(animaldetect_job_submit(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_set_job_state(setup->mock, animaldetect_job_id(job), "failed"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_JOB_FAILED);
    assert_non_null(strstr(animaldetect_job_message(job), "set by the mock"));
    assert_int_equal(animaldetect_mock_set_job_state(setup->mock, "none", "failed"), ANIMALDETECT_E_NOT_FOUND);
    animaldetect_job_free(job);
}

static void a_second_client_resumes_what_the_first_one_left(void **state)
{
    struct setup *setup = *state;
    animaldetect_job *job = make_job(setup, 1);
    animaldetect_client *second = NULL;
    char *saved = NULL;

    assert_int_equal(animaldetect_job_create(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_upload(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_submit(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_save(job, &saved, NULL), ANIMALDETECT_OK);
    animaldetect_client_free(setup->client);
    animaldetect_job_free(job);
    job = NULL;
    assert_int_equal(animaldetect_mock_new_client(setup->mock, &second), ANIMALDETECT_OK);
    setup->client = second;
    assert_int_equal(animaldetect_job_restore(second, saved, strlen(saved), &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 1);
    assert_int_equal(asked(setup, "create"), 1);
    animaldetect_text_free(saved);
    animaldetect_job_free(job);
}

/* More than one iteration processes: the rest must not wait for another event. */
static void three_hundred_answers_at_once_are_all_handed_out_at_their_time(void **state)
{
    const struct setup *setup = *state;
    animaldetect_job *jobs[300];
    int64_t before = animaldetect_mock_now_ms(setup->mock);

    assert_int_equal(animaldetect_client_set_max_requests(setup->client, 300), ANIMALDETECT_OK);
    for (int i = 0; i < 300; i++) {
        jobs[i] = make_job(setup, i);
        assert_int_equal(animaldetect_job_create_async(jobs[i]), ANIMALDETECT_OK);
    }
    for (int i = 299; i >= 0; i--)
        assert_int_equal(animaldetect_job_wait(jobs[i], -1), ANIMALDETECT_OK);
    assert_true(elapsed_ms(setup, before) == 40);
    for (int i = 0; i < 300; i++)
        animaldetect_job_free(jobs[i]);
}

struct worker {
    const struct setup *setup;
    pthread_t thread;
    int number;
    int32_t status;
};

static void *run_one(void *context)
{
    struct worker *worker = context;
    animaldetect_job *job = make_job(worker->setup, worker->number);

    worker->status = animaldetect_job_run(job);
    animaldetect_job_free(job);
    return NULL;
}

static void many_threads_share_one_virtual_clock(void **state)
{
    const struct setup *setup = *state;
    struct worker workers[8];

    for (int i = 0; i < 8; i++) {
        workers[i] = (struct worker){.setup = setup, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run_one, &workers[i]), 0);
    }
    for (int i = 0; i < 8; i++) {
        pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].status, ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_mock_job_count(setup->mock), 8);
}

/* One run as text: each request and its time. */
static char *course_of(uint64_t seed)
{
    struct setup setup = {NULL, NULL};
    size_t size = 0;
    char *text = NULL;
    FILE *file = open_memstream(&text, &size);
    animaldetect_job *job;

    assert_non_null(file);
    assert_int_equal(animaldetect_mock_new(&setup.mock), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_set_seed(setup.mock, seed), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_set_processing(setup.mock, "lognormal:5000:0.6"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_add_fault(setup.mock, "any:503:p=0.3"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_new_client(setup.mock, &setup.client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_mock_set_seed(setup.mock, seed), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_mock_set_api_key(setup.mock, "other"), ANIMALDETECT_E_STATE);
    job = make_job(&setup, 1);
    (void)animaldetect_job_run(job);
    for (size_t i = 0; i < animaldetect_mock_request_count(setup.mock, "any"); i++) {
        const animaldetect_mock_request *request = animaldetect_mock_request_at(setup.mock, "any", i);

        fprintf(file, "%s %d %lld\n", animaldetect_mock_request_route(request),
                (int)animaldetect_mock_request_http_status(request),
                (long long)animaldetect_mock_request_start_ms(request));
    }
    fclose(file);
    animaldetect_mock_free(setup.mock); /* before the client: any order works */
    animaldetect_job_free(job);
    animaldetect_client_free(setup.client);
    return text;
}

static void the_same_seed_gives_the_same_run(void **state)
{
    char *first = course_of(7);
    char *again = course_of(7);
    char *other = course_of(8);

    (void)state;
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    free(first);
    free(again);
    free(other);
}

static void a_mistake_in_a_script_is_refused_with_a_message(void **state)
{
    animaldetect_mock *mock = ((struct setup *)*state)->mock;

    assert_int_equal(animaldetect_mock_answer(mock, "creat", 1, 200, NULL, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_non_null(strstr(animaldetect_mock_message(mock), "creat"));
    assert_int_equal(animaldetect_mock_answer(mock, "create", 1, 200, "no header", NULL),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_answer(mock, "create", 1, 100, NULL, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_add_fault(mock, "create:expolde"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_true(strlen(animaldetect_mock_message(mock)) > 0);
    assert_int_equal(animaldetect_mock_fail(mock, "create", 1, 99), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_delay(mock, "create", -1, 5), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_set_processing(mock, "soon"), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_load_answers(mock, "/nonexistent"), ANIMALDETECT_E_FILE);
    assert_int_equal(animaldetect_mock_advance_ms(mock, -1), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_request_count(mock, "nonsense"), 0);
    assert_int_equal(animaldetect_mock_new(NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_mock_add_fault(NULL, "x"), ANIMALDETECT_E_INVALID_ARGUMENT);
    animaldetect_mock_free(NULL);
}

/* Lines of the page's table start with "| `FAULT` |". */
static void every_fault_of_the_page_is_understood(void **state)
{
    const struct setup *setup = *state;
    FILE *page = fopen(MOCK_PAGE, "r");
    char line[512];
    char fault[128];
    int count = 0;

    assert_non_null(page);
    while (fgets(line, sizeof line, page) != NULL) {
        if (sscanf(line, "| `%127[a-z0-9:=._-]` |", fault) != 1 || strchr(fault, ':') == NULL)
            continue;
        if (animaldetect_mock_add_fault(setup->mock, fault) != ANIMALDETECT_OK)
            fail_msg("%s: %s", fault, animaldetect_mock_message(setup->mock));
        count++;
    }
    fclose(page);
    assert_true(count >= 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_setup, close_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_script_an_image_is_detected),
        TEST(a_client_of_the_programs_own_is_put_on_the_mock),
        TEST(the_latency_is_what_was_set),
        TEST(every_request_is_recorded_with_its_head),
        TEST(a_scripted_response_replaces_the_services),
        TEST(a_wait_of_no_time_does_not_stop_the_clock),
        TEST(a_response_lost_after_a_submit_bills_nobody_twice),
        TEST(a_response_to_a_canceled_poll_does_not_count_as_received),
        TEST(a_failure_of_the_network_means_what_it_says),
        TEST(a_delayed_answer_delays_by_the_virtual_clock),
        TEST(a_slow_but_steady_response_is_no_stall),
        TEST(the_quota_is_kept_by_the_virtual_clock),
        TEST(a_wait_ends_at_its_time_to_the_millisecond),
        TEST(a_host_with_a_loop_steps_from_event_to_event),
        TEST(with_auto_advance_a_foreign_loop_runs_unchanged),
        TEST(time_that_is_advanced_by_hand_brings_the_answers_that_are_due),
        TEST(a_canceled_request_that_had_not_arrived_has_no_effect),
        TEST(a_job_can_be_made_to_fail_and_an_upload_url_to_expire),
        TEST(a_second_client_resumes_what_the_first_one_left),
        TEST(three_hundred_answers_at_once_are_all_handed_out_at_their_time),
        TEST(many_threads_share_one_virtual_clock),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        TEST(a_mistake_in_a_script_is_refused_with_a_message),
        TEST(every_fault_of_the_page_is_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
