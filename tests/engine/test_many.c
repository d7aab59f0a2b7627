/* SPDX-License-Identifier: MIT */
/*
 * Many jobs at once: limits on requests on the wire, the order when slots or quota are short, and the values of the
 * statistics.
 */
#include "engine/harness.h"

#include <stdio.h>

static void start_many(struct host *host, animaldetect_job **jobs, int count)
{
    for (int i = 0; i < count; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
}

static void finish_many(struct host *host, animaldetect_job **jobs, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
}

static void a_thousand_jobs_come_through_each_once(struct host *host)
{
    static animaldetect_job *jobs[1000];

    host->service.processing = "lognormal:8000:0.6";
    host->log_level = ANIMALDETECT_LOG_INFO;
    host_open(host);
    start_many(host, jobs, 1000);
    assert_int_equal(animaldetect_client_in_flight(host->client), 1000);
    finish_many(host, jobs, 1000);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1000);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1000);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_RESULTS), 1000);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_SUCCEEDED), 1000);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_JOBS_SUCCEEDED), 1000);
    assert_true(world_peak_active(host->world) <= 64);
}

static void faults_all_over_lose_no_job_among_many(struct host *host)
{
    static animaldetect_job *jobs[300];

    host_fault(host, "any:503:p=0.1");
    host_fault(host, "any:reset-before:p=0.05");
    host_fault(host, "any:reset-after:p=0.05");
    host_fault(host, "api:stall:p=0.01");
    assert_int_equal(animaldetect_client_set_max_tries(host->client, 30), ANIMALDETECT_OK);
    start_many(host, jobs, 300);
    finish_many(host, jobs, 300);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 300);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 300);
}

static void max_requests_bounds_what_is_on_the_wire(struct host *host)
{
    static const int32_t bounds[] = {1, 2, 3, 4, 8};
    animaldetect_job *jobs[30];

    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        host->net.upload_bps = 2000;
        host_again(host);
        assert_int_equal(animaldetect_client_set_max_requests(host->client, bounds[i]), ANIMALDETECT_OK);
        start_many(host, jobs, 30);
        finish_many(host, jobs, 30);
        assert_int_equal(world_peak_active(host->world), bounds[i]);
        assert_true(world_peak_uploads(host->world) >= 1);
        if (bounds[i] > 1)
            assert_true(world_peak_uploads(host->world) <= (bounds[i] == 2 ? 1 : bounds[i] * 3 / 4));
    }
}

/*
 * Responses so quick that the iteration that started the requests also completes them: the slots are free, and no other
 * event would report that.
 */
static void places_that_are_freed_in_the_turn_that_took_them_are_used(struct host *host)
{
    animaldetect_job *jobs[30];

    host->net.latency_ms = 0;
    host->net.jitter_ms = 0;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 2), ANIMALDETECT_OK);
    for (int i = 0; i < 30; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_CREATE), ANIMALDETECT_OK);
    }
    finish_many(host, jobs, 30);
}

static void canceled_and_freed_requests_make_place_for_others(struct host *host)
{
    animaldetect_job *jobs[6];

    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 2), ANIMALDETECT_OK);
    for (int i = 0; i < 6; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_CREATE), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, world_active(host->world) == 2);
    assert_int_equal(animaldetect_job_cancel(jobs[0]), ANIMALDETECT_OK);
    host_finish(host, jobs[0]);
    host_free(host, jobs[1]);
    for (int i = 2; i < 6; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
}

/* Uploads that take minutes get up to three of four slots; other requests get through meanwhile. */
static void slow_uploads_do_not_hold_up_the_others(struct host *host)
{
    enum { SIZE = 150000 };
    uint8_t *image = host_image(SIZE, 1);
    animaldetect_job *uploads[8];
    animaldetect_job *url_job;
    int64_t begin;

    host->net.upload_bps = 1000; /* 150,000 bytes take more than two minutes */
    host_open(host);
    animaldetect_client_set_max_requests(host->client, 4);
    for (int i = 0; i < 8; i++) {
        char name[16];

        uploads[i] = host_job(host, "detect");
        (void)snprintf(name, sizeof name, "%d.jpg", i);
        assert_int_equal(animaldetect_job_set_filename(uploads[i], name), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_bytes(uploads[i], image, SIZE), ANIMALDETECT_OK);
        assert_int_equal(host_start(host, uploads[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, world_peak_uploads(host->world) == 2);
    HOST_UNTIL(host, world_peak_uploads(host->world) == 3);
    begin = world_now_ms(host->world);
    url_job = host_job(host, "detect");
    animaldetect_job_set_source_url(url_job, "https://images.example/a.jpg");
    assert_int_equal(host_do(host, url_job, HOST_RUN), ANIMALDETECT_OK);
    assert_true(world_now_ms(host->world) - begin < 30000);
    finish_many(host, uploads, 8);
    free(image);
}

/* Nothing else happens meanwhile: the responses are far away. */
static void creates_beyond_half_of_the_slots_go_out_step_by_step(struct host *host)
{
    animaldetect_job *jobs[8];
    int64_t begin;

    host->net.latency_ms = 10000;
    host_open(host);
    animaldetect_client_set_max_requests(host->client, 8);
    begin = world_now_ms(host->world);
    start_many(host, jobs, 1);
    for (int i = 1; i < 8; i++) { /* how far creates run ahead of uploads is irrelevant here */
        char url[64];

        (void)snprintf(url, sizeof url, "https://images.example/%d.jpg", i);
        jobs[i] = host_job(host, "detect");
        assert_int_equal(animaldetect_job_set_source_url(jobs[i], url), ANIMALDETECT_OK);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, world_active(host->world) == 6); /* a quarter is the storage's */
    assert_in_range(world_now_ms(host->world) - begin, 100, 1000);
    finish_many(host, jobs, 8);
}

/* The completion of each job's last poll, and the start of its fetch. */
static int64_t longest_wait_for_a_result(struct host *host)
{
    int64_t longest = 0;

    for (size_t job = 0; job < svc_job_total(host->svc); job++) {
        const char *id = svc_job_id(host->svc, job);
        int64_t polled = -1;

        for (size_t i = 0; i < world_request_count(host->world); i++) {
            const struct world_request *request = world_request_at(host->world, i);

            if (strstr(request->url, id) == NULL)
                continue;
            if (request->route == SVC_ROUTE_POLL)
                polled = request->end_ms;
            if (request->route == SVC_ROUTE_FETCH && request->start_ms - polled > longest)
                longest = request->start_ms - polled;
        }
    }
    return longest;
}

static void when_quota_is_short_what_is_finished_goes_first(struct host *host)
{
    static animaldetect_job *jobs[60];

    host->service.rpm = 60;
    host_open(host);
    animaldetect_client_set_rate_limit(host->client, 60, 0);
    start_many(host, jobs, 60);
    finish_many(host, jobs, 60);
    /* One request a second: with 60 images waiting a result still waits only a few seconds. */
    assert_true(longest_wait_for_a_result(host) <= 5000);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 0);
}

/* New images wait until jobs in flight are done: a job queued behind them would wait for itself. */
static void a_create_that_is_tried_again_is_not_held_behind_new_images(struct host *host)
{
    static animaldetect_job *jobs[60];

    host->service.rpm = 120;
    host_open(host);
    host_fault(host, "create:503:p=0.6");
    animaldetect_client_set_max_tries(host->client, 100);
    animaldetect_client_set_rate_limit(host->client, 120, 0);
    start_many(host, jobs, 60);
    finish_many(host, jobs, 60);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 60);
}

static void throughput_mode_spends_few_polls_under_quota(struct host *host)
{
    static animaldetect_job *jobs[200];

    host->service.rpm = 300;
    host->service.processing = "lognormal:8000:0.6";
    host_open(host);
    animaldetect_client_set_rate_limit(host->client, 300, 0);
    animaldetect_client_set_poll_mode(host->client, ANIMALDETECT_POLL_THROUGHPUT);
    start_many(host, jobs, 200);
    finish_many(host, jobs, 200);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 0);
    assert_true(world_count(host->world, "poll") <= 300);
}

static void one_large_image_does_not_stall_the_small_ones(struct host *host)
{
    uint8_t *image = host_image(10000000, 77);
    animaldetect_job *large = host_job(host, "detect");
    animaldetect_job *small = host_image_job(host);

    animaldetect_job_set_bytes_borrowed(large, image, 10000000, NULL, NULL);
    host_start(host, small, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "create") == 1);
    host_start(host, large, HOST_RUN);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    /* 10 MB are hashed in slices: one iteration must not hash all of it. */
    assert_null(animaldetect_job_sha256(large));
    assert_int_equal(host_finish(host, small), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, large), ANIMALDETECT_OK);
    free(image);
}

static void statistics_count_what_was_on_the_wire(struct host *host)
{
    static const char *const routes[] = {"create", "upload", "submit", "poll", "fetch"};
    animaldetect_job *jobs[20];
    animaldetect_job *canceled;
    int64_t number = -1;

    host_fault(host, "create:503:n=2");
    start_many(host, jobs, 20);
    finish_many(host, jobs, 20);
    canceled = host_image_job(host);
    host_start(host, canceled, HOST_RUN);
    animaldetect_job_cancel(canceled);
    host_finish(host, canceled);
    for (int i = 0; i < 5; i++)
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_CREATE + i), world_count(host->world, routes[i]));
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RETRIES), 2);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_SUCCEEDED), 20);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_FAILED), 0);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_CANCELED), 1);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_JOBS_SUCCEEDED), 20);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_IN_FLIGHT), 0);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_ACTIVE), 0);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_WAITING), 0);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_HOLD_MS), 0);
    assert_true(host_stat(host, ANIMALDETECT_STAT_BYTES_SENT) >= 20 * 2000);
    assert_true(host_stat(host, ANIMALDETECT_STAT_BYTES_RECEIVED) > 20 * 500);
    assert_int_equal(animaldetect_client_latency_ms(host->client, ANIMALDETECT_STEP_CREATE, 0.5, &number),
                     ANIMALDETECT_OK);
    assert_in_range(number, 38, 53);
    assert_int_equal(animaldetect_client_latency_ms(host->client, ANIMALDETECT_STEP_NONE, 1.0, &number),
                     ANIMALDETECT_OK);
    assert_true(number >= 2900);
}

static void a_wrong_clock_shows_in_the_statistics(struct host *host)
{
    animaldetect_job *job;

    host->service.clock_skew_ms = 3 * 3600 * 1000;
    host_open(host);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CLOCK_OFFSET_MS), 0);
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_in_range(host_stat(host, ANIMALDETECT_STAT_CLOCK_OFFSET_MS), 3 * 3600 * 1000 - 2000, 3 * 3600 * 1000 + 1000);
}

static void statistics_refuse_what_they_do_not_know(struct host *host)
{
    int64_t number = -1;

    host_open(host);
    assert_int_equal(animaldetect_client_statistic(host->client, -1, &number), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_statistic(host->client, ANIMALDETECT_STAT_CLOCK_OFFSET_MS + 1, &number),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_statistic(host->client, 0, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_latency_ms(host->client, ANIMALDETECT_STEP_NONE, 0.5, &number),
                     ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_client_latency_ms(host->client, ANIMALDETECT_STEP_PREPARE, 0.5, &number),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_latency_ms(host->client, ANIMALDETECT_STEP_CREATE, 1.5, &number),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
}

static void a_quota_stated_only_by_headers_is_kept(struct host *host)
{
    static animaldetect_job *jobs[60];

    host->service.rpm = 60;
    host->service.rate_headers = SVC_RATE_HEADERS_DRAFT;
    host_open(host);
    start_many(host, jobs, 60);
    finish_many(host, jobs, 60);
    assert_in_range(host_stat(host, ANIMALDETECT_STAT_PACE_PER_MINUTE), 1, 60);
    /* Requests that were on the wire before the first header arrived may be rejected, but no later ones. */
    assert_true(svc_count(host->svc, SVC_COUNT_LIMITED) <= 8);
}

/* The unit of 60 is unknown. */
static void a_quota_without_its_window_is_learnt_from_429(struct host *host)
{
    static animaldetect_job *jobs[60];

    host->service.rpm = 60;
    host->service.rate_headers = SVC_RATE_HEADERS_X;
    host_open(host);
    start_many(host, jobs, 20);
    HOST_UNTIL(host, world_count(host->world, "create") > 0 && svc_count(host->svc, SVC_COUNT_JOBS) > 0);
    if (svc_count(host->svc, SVC_COUNT_LIMITED) == 0)
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_PACE_PER_MINUTE), 0);
    finish_many(host, jobs, 20);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_thousand_jobs_come_through_each_once),
        SCENARIO(faults_all_over_lose_no_job_among_many),
        SCENARIO(max_requests_bounds_what_is_on_the_wire),
        SCENARIO(places_that_are_freed_in_the_turn_that_took_them_are_used),
        SCENARIO(canceled_and_freed_requests_make_place_for_others),
        SCENARIO(slow_uploads_do_not_hold_up_the_others),
        SCENARIO(creates_beyond_half_of_the_slots_go_out_step_by_step),
        SCENARIO(when_quota_is_short_what_is_finished_goes_first),
        SCENARIO(a_create_that_is_tried_again_is_not_held_behind_new_images),
        SCENARIO(throughput_mode_spends_few_polls_under_quota),
        SCENARIO(one_large_image_does_not_stall_the_small_ones),
        SCENARIO(statistics_count_what_was_on_the_wire),
        SCENARIO(a_wrong_clock_shows_in_the_statistics),
        SCENARIO(statistics_refuse_what_they_do_not_know),
        SCENARIO(a_quota_stated_only_by_headers_is_kept),
        SCENARIO(a_quota_without_its_window_is_learnt_from_429),
    };

    return HOST_MAIN(list);
}
