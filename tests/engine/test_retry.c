/* SPDX-License-Identifier: MIT */
/*
 * When the next attempt is sent: backoff, Retry-After in both forms, the hold after a 429, and call timeouts.
 */
#include "engine/harness.h"

#include <stdio.h>

/* Time from the completion of the nth request of a route to the start of the next one. */
static int64_t gap_after(struct host *host, const char *route, int nth)
{
    const struct world_request *first = world_request_of(host->world, route, nth);
    const struct world_request *second = world_request_of(host->world, route, nth + 1);

    assert_non_null(first);
    assert_non_null(second);
    return second->start_ms - first->end_ms;
}

static void retry_waits_grow_with_jitter_up_to_the_cap(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "create:503");
    assert_int_equal(animaldetect_client_set_max_tries(host->client, 10), ANIMALDETECT_OK);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_SERVICE, "after 10 attempts");
    for (int nth = 1; nth < 10; nth++) {
        int64_t cap = nth > 6 ? 30000 : (int64_t)500 << (nth - 1);

        assert_in_range(gap_after(host, "create", nth), 0, cap);
    }
}

/*
 * A server that closes idle connections would break the next attempt as well, and six of them fail the call. A custom
 * transport is not notified.
 */
static void a_submit_that_broke_is_sent_again_on_a_new_connection(struct host *host)
{
    host_fault(host, "submit:reset-before:n=2");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 3);
    for (size_t i = 0; i < world_request_count(host->world); i++) {
        const struct world_request *request = world_request_at(host->world, i);
        bool submit = request->route == SVC_ROUTE_SUBMIT;

        assert_int_equal(request->once, submit);
        assert_int_equal(request->fresh, submit && request->nth > 1 && !world_is_bridged(host->world));
    }
}

static void retry_after_seconds_is_a_floor(struct host *host)
{
    static const char *const routes[] = {"create", "submit", "poll", "fetch"};

    for (size_t i = 0; i < 4; i++) {
        char spec[64];

        host_again(host);
        snprintf(spec, sizeof spec, "%s:503:n=1:retry_after=17", routes[i]);
        host_fault(host, spec);
        assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
        if (strcmp(routes[i], "submit") == 0)
            assert_true(world_request_of(host->world, "poll", 1)->start_ms -
                            world_request_of(host->world, "submit", 1)->end_ms >=
                        17000);
        else
            assert_in_range(gap_after(host, routes[i], 1), 17000, 47001);
    }
}

/* The service's clock is off by an hour; only the difference of its own two dates counts. */
static void retry_after_date_is_anchored_to_server_date(struct host *host)
{
    static const int64_t skews[] = {-3600000, 0, 3600000};

    for (size_t i = 0; i < 3; i++) {
        host_close(host);
        host->service.clock_skew_ms = skews[i];
        host->service.retry_after = SVC_RETRY_AFTER_DATE;
        host_fault(host, "create:503:n=1:retry_after=20");
        assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
        assert_in_range(gap_after(host, "create", 1), 19000, 51001);
    }
}

static void retry_after_date_without_date_uses_the_hosts_clock_or_nothing(struct host *host)
{
    host_open(host);
    world_answer(host->world, "create", 1, 503, "Retry-After: Wed, 17 Jun 2026 13:00:30 GMT", "");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(gap_after(host, "create", 1), 29000, 60001);

    host_close(host);
    host->net.no_wall = true;
    host_open(host);
    world_answer(host->world, "create", 1, 503, "Retry-After: Wed, 17 Jun 2026 13:00:30 GMT", "");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(gap_after(host, "create", 1), 0, 500);
}

static void a_retry_after_that_makes_no_sense_is_ignored(struct host *host)
{
    static const char *const values[] = {"-5", "soon", "99999999999999999999", "1.5", ""};

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char header[80];
        animaldetect_job *job;

        host_again(host);
        snprintf(header, sizeof header, "Retry-After: %s", values[i]);
        world_answer(host->world, "create", 1, 503, header, "");
        job = host_image_job(host);
        animaldetect_job_set_call_timeout_ms(job, 60000);
        host_do(host, job, HOST_RUN);
        if (i != 2)
            host_expect(host, job, ANIMALDETECT_OK, NULL);
    }
}

static void one_429_holds_every_api_call_of_the_client(struct host *host)
{
    animaldetect_job *jobs[12];
    int64_t held_at;

    host_fault(host, "create:429:from=2:n=1:retry_after=20");
    for (int i = 0; i < 12; i++)
        jobs[i] = host_image_job(host);
    for (int i = 0; i < 3; i++)
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, host_stat(host, ANIMALDETECT_STAT_RATE_LIMITED) == 1);
    held_at = world_now_ms(host->world);
    assert_in_range(host_stat(host, ANIMALDETECT_STAT_HOLD_MS), 19900, 20000);
    for (int i = 3; i < 12; i++)
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    for (int i = 0; i < 12; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    for (size_t i = 0; i < world_request_count(host->world); i++) {
        const struct world_request *request = world_request_at(host->world, i);

        if (request->route != SVC_ROUTE_UPLOAD && request->start_ms > held_at)
            assert_true(request->start_ms >= held_at + 20000);
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 1);
}

static void uploads_go_on_while_the_api_is_held(struct host *host)
{
    animaldetect_job *jobs[4];
    const struct world_request *upload;
    int64_t held_at;

    host->net.upload_bps = 1000;
    host_fault(host, "create:429:from=3:n=1:retry_after=30");
    for (int i = 0; i < 4; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    HOST_UNTIL(host, host_stat(host, ANIMALDETECT_STAT_RATE_LIMITED) == 1);
    held_at = world_now_ms(host->world);
    for (int i = 0; i < 4; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    upload = world_request_of(host->world, "upload", 1);
    assert_true(upload->end_ms > held_at && upload->end_ms < held_at + 30000);
}

static void a_429_without_a_hint_holds_until_the_windows_end(struct host *host)
{
    host->service.retry_after = SVC_RETRY_AFTER_NONE;
    host_fault(host, "create:429:n=1");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(gap_after(host, "create", 1), 1000, 61000);
}

static void a_429_without_retry_after_holds_until_the_count_starts_again(struct host *host)
{
    static const struct {
        const char *headers;
        int64_t least;
        int64_t most;
    } rows[] = {
        {"RateLimit: \"minute\";r=0;t=20", 20000, 21000},
        {"X-RateLimit-Reset: 20", 20000, 21000},
        {"RateLimit: \"minute\";r=5;t=20", 1000, 61000}, /* quota remains: this is not the limit that was exceeded */
        {"X-RateLimit-Reset: 86400", 1000, 61000},       /* not a quota per minute */
        {"X-RateLimit-Reset: 0", 1000, 61000},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        host_again(host);
        world_answer(host->world, "create", 1, 429, rows[i].headers, "");
        assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
        assert_in_range(gap_after(host, "create", 1), rows[i].least, rows[i].most);
    }
}

static void a_known_quota_is_never_exceeded(struct host *host)
{
    animaldetect_job *jobs[60];

    host->service.rpm = 60;
    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    for (int i = 0; i < 60; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    for (int i = 0; i < 60; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 0);
    assert_true(svc_max_in_window(host->svc) <= 60);
}

static void the_call_timeout_ends_the_call(struct host *host)
{
    animaldetect_job *job;
    int64_t begin;

    host->service.processing = "fixed:600000";
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(animaldetect_job_set_call_timeout_ms(job, 10000), ANIMALDETECT_OK);
    begin = world_now_ms(host->world);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_CALL_TIMEOUT, "poll");
    assert_in_range(world_now_ms(host->world) - begin, 10000, 10001);
    animaldetect_job_set_call_timeout_ms(job, -1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void the_call_timeout_ends_a_request_on_the_wire(struct host *host)
{
    static const char *const routes[] = {"create", "upload", "submit", "poll", "fetch"};

    for (size_t i = 0; i < 5; i++) {
        animaldetect_job *job;
        char spec[64];
        int64_t begin;

        host_again(host);
        snprintf(spec, sizeof spec, "%s:stall:n=1", routes[i]);
        host_fault(host, spec);
        job = host_image_job(host);
        animaldetect_job_set_call_timeout_ms(job, 9000);
        begin = world_now_ms(host->world);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_CALL_TIMEOUT, NULL);
        assert_in_range(world_now_ms(host->world) - begin, 9000, 9001);
        assert_true(world_request_of(host->world, routes[i], 1)->aborted);
        assert_int_equal(world_active(host->world), 0);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
}

static void a_retry_after_past_the_call_timeout_fails_at_once_and_shows_the_hint(struct host *host)
{
    static const char *const faults[] = {"create:503:retry_after=300", "create:429:retry_after=300"};

    for (size_t i = 0; i < 2; i++) {
        animaldetect_job *job;
        int64_t begin;

        host_again(host);
        host_fault(host, faults[i]);
        job = host_image_job(host);
        animaldetect_job_set_call_timeout_ms(job, 60000);
        begin = world_now_ms(host->world);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_CALL_TIMEOUT, "300");
        assert_true(world_now_ms(host->world) - begin < 1000);
        assert_in_range(animaldetect_job_retry_after_ms(job), 299000, 300000);
        assert_int_equal(animaldetect_job_http_status(job), i == 0 ? 503 : 429);
    }
}

static void the_stall_timeout_ends_one_try_and_moving_bytes_never_do(struct host *host)
{
    animaldetect_job *job;

    host->net.upload_bps = 100; /* 2,000 bytes take 20 s */
    host_open(host);
    assert_int_equal(animaldetect_client_set_stall_timeout_ms(host->client, 25000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_request_timeout_ms(host->client, 2000), ANIMALDETECT_OK);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "upload"), 1);

    host_again(host);
    host_fault(host, "poll:stall:n=1");
    assert_int_equal(animaldetect_client_set_stall_timeout_ms(host->client, 4000), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(world_request_of(host->world, "poll", 1)->end_ms -
                        world_request_of(host->world, "poll", 1)->start_ms,
                    4000, 4100);
}

static void failing_polls_do_not_end_the_wait(struct host *host)
{
    animaldetect_job *job;

    /* Five failures between every two successful responses, for a long time. */
    host->service.processing = "fixed:120000";
    host_fault(host, "poll:503:from=1:n=5");
    host_fault(host, "poll:reset-after:from=7:n=5");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(retry_waits_grow_with_jitter_up_to_the_cap),
        SCENARIO(retry_after_seconds_is_a_floor),
        SCENARIO(a_submit_that_broke_is_sent_again_on_a_new_connection),
        SCENARIO(retry_after_date_is_anchored_to_server_date),
        SCENARIO(retry_after_date_without_date_uses_the_hosts_clock_or_nothing),
        SCENARIO(a_retry_after_that_makes_no_sense_is_ignored),
        SCENARIO(one_429_holds_every_api_call_of_the_client),
        SCENARIO(uploads_go_on_while_the_api_is_held),
        SCENARIO(a_429_without_a_hint_holds_until_the_windows_end),
        SCENARIO(a_429_without_retry_after_holds_until_the_count_starts_again),
        SCENARIO(a_known_quota_is_never_exceeded),
        SCENARIO(the_call_timeout_ends_the_call),
        SCENARIO(the_call_timeout_ends_a_request_on_the_wire),
        SCENARIO(a_retry_after_past_the_call_timeout_fails_at_once_and_shows_the_hint),
        SCENARIO(the_stall_timeout_ends_one_try_and_moving_bytes_never_do),
        SCENARIO(failing_polls_do_not_end_the_wait),
    };

    return HOST_MAIN(list);
}
