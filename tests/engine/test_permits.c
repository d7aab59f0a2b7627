/* SPDX-License-Identifier: MIT */
/*
 * Permits that the host grants: no API request is sent without one, one with a permit is sent, and each permit is
 * settled or returned.
 */
#include <animaldetect/permits.h>

#include "engine/harness.h"
#include "kit/message.h"

#define LIFE_MS 600000

static int32_t wanted(struct host *host)
{
    int32_t count = -1;

    assert_int_equal(animaldetect_client_permits_wanted(host->client, &count), ANIMALDETECT_OK);
    return count;
}

struct report {
    int32_t settled;
    int32_t outstanding;
    int64_t oldest_ms;
};

static struct report report(struct host *host)
{
    static int64_t ages[1000];
    struct report got = {0, 0, 0};

    assert_int_equal(animaldetect_client_report_permits(host->client, ages, 1000, &got.settled, &got.outstanding),
                     ANIMALDETECT_OK);
    for (int32_t i = 1; i < got.settled; i++)
        assert_true(ages[i] <= ages[i - 1]);
    got.oldest_ms = got.settled > 0 ? ages[0] : 0;
    return got;
}

static void grant(struct host *host, int32_t count, int64_t life_ms)
{
    assert_int_equal(animaldetect_client_grant_permits(host->client, count, life_ms), ANIMALDETECT_OK);
}

static void with_permits(struct host *host)
{
    host_open(host);
    assert_int_equal(animaldetect_client_set_permits(host->client, 1), ANIMALDETECT_OK);
}

/* Processes everything that is due for a while. */
static void live_on(struct host *host, int64_t ms)
{
    int64_t until = world_now_ms(host->world) + ms;

    while (world_now_ms(host->world) < until) {
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
        world_skip(host->world, 10);
    }
}

static int64_t api_requests(struct host *host)
{
    return host_stat(host, ANIMALDETECT_STAT_REQUESTS_CREATE) + host_stat(host, ANIMALDETECT_STAT_REQUESTS_SUBMIT) +
           host_stat(host, ANIMALDETECT_STAT_REQUESTS_POLL) + host_stat(host, ANIMALDETECT_STAT_REQUESTS_FETCH);
}

/* In each drive mode: started without, completed with permits, and every permit accounted for. */
static void a_job_takes_a_permit_for_each_request(struct host *host)
{
    animaldetect_job *job;
    struct report end;
    int64_t sent;

    with_permits(host);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    live_on(host, 5000);
    assert_int_equal(api_requests(host), 0);
    assert_int_equal(wanted(host), 1);
    grant(host, 50, LIFE_MS);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    sent = api_requests(host);
    end = report(host);
    assert_int_equal(end.settled, sent);
    assert_int_equal(end.outstanding, 50 - sent);
    assert_int_equal(wanted(host), 0);
}

static void each_call_in_its_own_drive_mode(struct host *host)
{
    animaldetect_job *job;

    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK); /* permits are off: none needed */
    assert_int_equal(animaldetect_client_set_permits(host->client, 1), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK); /* uploads need none */
    grant(host, 100, LIFE_MS);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(report(host).settled, api_requests(host) - 1);
}

static void permits_that_are_unused_end_or_are_returned(struct host *host)
{
    animaldetect_job *job;
    int32_t returned = 0;

    with_permits(host);
    job = host_image_job(host);
    assert_int_equal(animaldetect_client_grant_permits(host->client, 5, 1000), ANIMALDETECT_E_STATE); /* no job yet */
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    grant(host, 5, 2000);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_return_permits(host->client, 3, &returned), ANIMALDETECT_OK);
    assert_int_equal(returned, 3);
    assert_int_equal(report(host).outstanding, 1);
    live_on(host, 2000);
    assert_int_equal(report(host).outstanding, 0);
    assert_int_equal(animaldetect_client_return_permits(host->client, 3, &returned), ANIMALDETECT_OK);
    assert_int_equal(returned, 0);
}

static void a_request_that_was_lost_is_charged_for_the_lag(struct host *host)
{
    animaldetect_job *job;
    struct report after;

    with_permits(host);
    assert_int_equal(animaldetect_client_set_permit_lag_ms(host->client, 20000), ANIMALDETECT_OK);
    job = host_image_job(host);
    host_fault(host, "create:reset-after:n=1");
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    grant(host, 1, LIFE_MS);
    live_on(host, 15000);
    after = report(host);
    assert_int_equal(after.settled, 0);
    assert_int_equal(after.outstanding, 1);
    assert_int_equal(wanted(host), 1); /* for the retry */
    live_on(host, 10000);
    after = report(host);
    assert_int_equal(after.settled, 1);
    assert_int_equal(after.outstanding, 0);
    grant(host, 1, LIFE_MS);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void a_cancel_leaves_its_request_charged(struct host *host)
{
    animaldetect_job *job;

    host->net.latency_ms = 2000;
    with_permits(host);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    grant(host, 1, LIFE_MS);
    live_on(host, 500);
    assert_int_equal(report(host).outstanding, 1);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(report(host).outstanding, 1);
    live_on(host, 10000);
    assert_int_equal(report(host).settled, 1);
}

static void a_429_holds_but_cuts_no_pace(struct host *host)
{
    animaldetect_job *job;
    int64_t wait_ms = 0;
    int32_t count = 0;

    with_permits(host);
    job = host_image_job(host);
    host_fault(host, "create:429:n=1:retry_after=20");
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    grant(host, 10, LIFE_MS);
    live_on(host, 1000);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_RATE_LIMIT);
    assert_int_equal(animaldetect_client_take_rate_limits(host->client, &count, &wait_ms), ANIMALDETECT_OK);
    assert_int_equal(count, 1);
    assert_in_range(wait_ms, 18000, 20000);
    assert_int_equal(animaldetect_client_take_rate_limits(host->client, &count, &wait_ms), ANIMALDETECT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RATE_LIMITED), 1);
    assert_int_equal(report(host).outstanding, 8);
    assert_int_equal(animaldetect_client_set_permits(host->client, 0), ANIMALDETECT_OK);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_PACE_PER_MINUTE), 0);
}

static void what_another_client_met_holds_this_one(struct host *host)
{
    animaldetect_job *job;
    int64_t begin;

    with_permits(host);
    assert_int_equal(animaldetect_client_hold_requests(host->client, 1000), ANIMALDETECT_E_STATE);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    begin = world_now_ms(host->world);
    assert_int_equal(animaldetect_client_hold_requests(host->client, 30000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_requests(host->client, 10000),
                     ANIMALDETECT_OK); /* the longer hold stays */
    grant(host, 10, LIFE_MS);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_RATE_LIMIT);
    assert_int_equal(wanted(host), 0);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_true(world_now_ms(host->world) - begin >= 30000);
}

static void a_probe_needs_a_permit_too(struct host *host)
{
    animaldetect_job *job;
    int64_t sent;

    with_permits(host);
    assert_int_equal(animaldetect_client_set_max_retry_after_ms(host->client, 5000), ANIMALDETECT_OK);
    job = host_image_job(host);
    host_fault(host, "create:429:retry_after=3600:n=3");
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    grant(host, 1, LIFE_MS);
    live_on(host, 60000);
    sent = api_requests(host);
    assert_int_equal(sent, 1);
    assert_int_equal(wanted(host), 1); /* for the probe */
    grant(host, 1, LIFE_MS);
    live_on(host, 10000);
    assert_int_equal(api_requests(host), 2);
    grant(host, 10, LIFE_MS);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void without_a_grant_for_long_it_lives_on_its_share(struct host *host)
{
    animaldetect_job *jobs[10];
    int64_t begin;

    with_permits(host);
    assert_int_equal(animaldetect_client_set_permit_share(host->client, 30, 60000), ANIMALDETECT_OK);
    for (int i = 0; i < 10; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    begin = world_now_ms(host->world);
    live_on(host, 59000);
    assert_int_equal(api_requests(host), 0);
    for (int i = 0; i < 10; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    /* 10 images are at least 40 requests, at 30 a minute. */
    assert_true(world_now_ms(host->world) - begin >= 60000 + 60000);
    assert_true(report(host).settled > 0);
}

static void permits_are_turned_off_while_some_are_out(struct host *host)
{
    animaldetect_job *job;
    struct report end;

    host->net.latency_ms = 1000;
    with_permits(host);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    grant(host, 1, LIFE_MS);
    live_on(host, 200);
    assert_int_equal(animaldetect_client_set_permits(host->client, 0), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    end = report(host);
    assert_int_equal(end.settled, 1);
    assert_int_equal(end.outstanding, 0);
    assert_int_equal(wanted(host), 0);
    assert_int_equal(animaldetect_client_grant_permits(host->client, 1, 1000), ANIMALDETECT_E_STATE);
}

static void requests_that_are_on_the_wire_when_permits_are_turned_on_are_reported(struct host *host)
{
    animaldetect_job *jobs[3];

    host->net.latency_ms = 1000;
    host_open(host);
    for (int i = 0; i < 3; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_CREATE), ANIMALDETECT_OK);
    }
    live_on(host, 200);
    assert_int_equal(api_requests(host), 3);
    assert_int_equal(animaldetect_client_set_permits(host->client, 1), ANIMALDETECT_OK);
    assert_int_equal(report(host).outstanding, 3);
    assert_int_equal(animaldetect_client_set_permits(host->client, 1), ANIMALDETECT_OK); /* counts none twice */
    assert_int_equal(report(host).outstanding, 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_int_equal(report(host).outstanding, 0);
}

/* Rate headers count all clients' requests; the source sets the pace. */
static void rate_headers_are_left_to_the_source(struct host *host)
{
    animaldetect_job *job;

    with_permits(host);
    job = host_image_job(host);
    host_fault(host, "create:header:header=X-RateLimit-Remaining=0");
    host_fault(host, "create:header:header=X-RateLimit-Reset=50");
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    grant(host, 10, LIFE_MS);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_HOLD_MS), 0);
}

static void a_call_timeout_says_that_no_permit_came(struct host *host)
{
    animaldetect_job *job;

    with_permits(host);
    job = host_image_job(host);
    assert_int_equal(animaldetect_job_set_call_timeout_ms(job, 3000), ANIMALDETECT_OK);
    host_expect(host, job,
                host_do(host, job, HOST_CREATE) == ANIMALDETECT_E_CALL_TIMEOUT ? ANIMALDETECT_E_CALL_TIMEOUT : 0,
                "no permit for a request was granted");
}

static void a_stopped_client_wants_none(struct host *host)
{
    animaldetect_job *job;

    with_permits(host);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    live_on(host, 100);
    assert_int_equal(wanted(host), 1);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_CREATES), ANIMALDETECT_OK);
    assert_int_equal(wanted(host), 0);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    assert_int_equal(wanted(host), 0);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
}

static void what_is_out_of_range_is_refused(struct host *host)
{
    int32_t count;
    int64_t wait_ms;
    int64_t age;

    with_permits(host);
    assert_int_equal(animaldetect_client_set_permits(host->client, 2), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_set_permit_share(host->client, -1, 60000), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_set_permit_share(host->client, 10, 59999), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_string_equal(message_of(host->client),
                        "the delay before the permit share applies must be 60,000 to 86,400,000 ms");
    assert_int_equal(animaldetect_client_set_permit_lag_ms(host->client, 99), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_grant_permits(host->client, 0, 1000), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_grant_permits(host->client, 1, 0), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_return_permits(host->client, -1, &count), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_return_permits(host->client, 1, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_permits_wanted(host->client, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_report_permits(host->client, NULL, 1, &count, &count),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_report_permits(host->client, &age, 1, NULL, &count),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_take_rate_limits(host->client, &count, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_hold_requests(host->client, -1), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_take_rate_limits(host->client, &count, &wait_ms), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_permits_wanted(NULL, &count), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(wanted(host), 0);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_job_takes_a_permit_for_each_request),
        SCENARIO(each_call_in_its_own_drive_mode),
        SCENARIO(permits_that_are_unused_end_or_are_returned),
        SCENARIO(a_request_that_was_lost_is_charged_for_the_lag),
        SCENARIO(a_cancel_leaves_its_request_charged),
        SCENARIO(a_429_holds_but_cuts_no_pace),
        SCENARIO(what_another_client_met_holds_this_one),
        SCENARIO(a_probe_needs_a_permit_too),
        SCENARIO(without_a_grant_for_long_it_lives_on_its_share),
        SCENARIO(permits_are_turned_off_while_some_are_out),
        SCENARIO(requests_that_are_on_the_wire_when_permits_are_turned_on_are_reported),
        SCENARIO(rate_headers_are_left_to_the_source),
        SCENARIO(a_call_timeout_says_that_no_permit_came),
        SCENARIO(a_stopped_client_wants_none),
        SCENARIO(what_is_out_of_range_is_refused),
    };

    return HOST_MAIN(list);
}
