/* SPDX-License-Identifier: MIT */
/*
 * The getters report what is sent; two workers on one image; the number of polls, and the effect of a small or unknown
 * quota.
 */
#include "engine/harness.h"

static void two_workers_on_one_image_share_one_job(struct host *host)
{
    for (int lead = 0; lead < 12; lead++) {
        animaldetect_job *jobs[2];
        uint8_t *image = host_image(2000, 1);

        host_close(host);
        host->service.shared_jobs = true;
        host->violations_expected = true; /* one may upload while the other submits: the bytes are the same */
        host_open(host);
        for (int i = 0; i < 2; i++) {
            jobs[i] = host_job(host, "detect");
            animaldetect_job_set_bytes(jobs[i], image, 2000);
        }
        host_start(host, jobs[0], HOST_RUN);
        for (int i = 0; i < lead * 2 && animaldetect_job_status(jobs[0]) == ANIMALDETECT_AGAIN; i++)
            host_step(host);
        host_start(host, jobs[1], HOST_RUN);
        assert_int_equal(host_finish(host, jobs[0]), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, jobs[1]), ANIMALDETECT_OK);
        assert_string_equal(animaldetect_job_id(jobs[0]), animaldetect_job_id(jobs[1]));
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
        free(image);
    }
}

static void urls_of_the_service_are_used_as_they_are(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_rewrite(host->world, "create", 0, "/result\"", "/result?part=%31&x=a+b\"");
    world_rewrite(host->world, "submit", 0, "/result\"", "/result?part=%31&x=a+b\"");
    world_rewrite(host->world, "poll", 0, "/result\"", "/result?part=%31&x=a+b\"");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_non_null(strstr(world_request_of(host->world, "fetch", 1)->url, "/result?part=%31&x=a+b"));
}

static void a_clock_that_begins_at_zero_is_as_good_as_any(struct host *host)
{
    animaldetect_job *jobs[10];

    host->net.start_ms = 0;
    host->net.latency_ms = 0;
    host->net.jitter_ms = 0;
    host_fault(host, "api:429:n=1");
    animaldetect_client_set_rate_limit(host->client, 100, 0);
    for (int i = 0; i < 10; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
}

static void attempts_and_polls_count_what_the_call_did(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "create:503:n=2");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_attempts(job), 3);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_attempts(job), 1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_polls(job), world_count(host->world, "poll"));
    assert_int_equal(animaldetect_job_attempts(job), 2 + world_count(host->world, "poll"));
}

static void a_server_hint_wins_where_the_host_has_set_no_bounds(struct host *host)
{
    animaldetect_job *job;
    int polls;

    host->service.processing = "fixed:300000";
    host->service.poll_hint_s = 50;
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    polls = world_count(host->world, "poll");
    for (int i = 1; i + 1 < polls; i++)
        assert_true(world_request_of(host->world, "poll", i + 1)->start_ms -
                        world_request_of(host->world, "poll", i)->end_ms >=
                    50000);
    assert_true(polls <= 8);

    host_again(host);
    animaldetect_client_set_poll_bounds_ms(host->client, 100, 1000);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(world_count(host->world, "poll"), 250, 350);
}

/* One header must not stop a job for days. */
static void a_server_hint_of_days_is_not_believed(struct host *host)
{
    animaldetect_job *job;

    host->service.poll_hint_s = 413999;
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(world_now_ms(host->world) - host->net.start_ms, 1000, 2 * 3600000);
}

static void the_bounds_of_polling_hold(struct host *host)
{
    animaldetect_job *job;
    int polls;

    host->service.processing = "fixed:120000";
    host_open(host);
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(host->client, 2000, 5000), ANIMALDETECT_OK);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    polls = world_count(host->world, "poll");
    assert_in_range(world_request_of(host->world, "poll", 1)->start_ms -
                        world_request_of(host->world, "submit", 1)->end_ms,
                    1999, 5001);
    for (int i = 1; i < polls; i++)
        assert_in_range(world_request_of(host->world, "poll", i + 1)->start_ms -
                            world_request_of(host->world, "poll", i)->end_ms,
                        1999, 5001);
}

static void a_quota_of_one_a_minute_gets_through(struct host *host)
{
    host->service.rpm = 1;
    host_open(host);
    animaldetect_client_set_rate_limit(host->client, 1, 0);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 0);
}

static void an_unknown_quota_is_learnt_from_the_first_429(struct host *host)
{
    static animaldetect_job *jobs[100];

    host->service.rpm = 60;
    host_open(host);
    for (int i = 0; i < 100; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_true(svc_count(host->svc, SVC_COUNT_LIMITED) < 100);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 100);
}

static void run_hundred(struct host *host, int64_t outage_ms)
{
    static animaldetect_job *jobs[100];
    uint64_t before = svc_count(host->svc, SVC_COUNT_SUBMITS);

    for (int i = 0; i < 100; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_SUBMITS) == before + 100);
    if (outage_ms > 0)
        world_outage(host->world, world_now_ms(host->world) + 1000, world_now_ms(host->world) + outage_ms,
                     AD_NET_CONNECT);
    for (int i = 0; i < 100; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    for (int i = 0; i < 100; i++)
        host_free(host, jobs[i]);
}

/* Jobs of ten seconds are found done only after an hour, and still count as jobs of ten seconds. */
static void an_outage_does_not_change_when_later_jobs_are_polled(struct host *host)
{
    animaldetect_job *job;
    int first;

    host->service.processing = "fixed:10000";
    host_open(host);
    assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, -1), ANIMALDETECT_OK);
    for (int i = 0; i < 2; i++)
        run_hundred(host, 0);
    for (int i = 0; i < 2; i++)
        run_hundred(host, 3600000);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    first = world_count(host->world, "poll") - animaldetect_job_polls(job) + 1;
    assert_in_range(world_request_of(host->world, "poll", first)->start_ms -
                        world_request_of(host->world, "submit", -1)->end_ms,
                    9500, 11000);
}

static void answers_above_the_hosts_cap_are_refused(struct host *host)
{
    animaldetect_job *job;

    host_open(host);
    assert_int_equal(animaldetect_client_set_max_answer_bytes(host->client, 1024), ANIMALDETECT_OK);
    host_fault(host, "poll:huge:size=1025:n=1");
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_ANSWER_TOO_LARGE, NULL);
}

static void an_answer_of_too_many_values_is_refused_with_its_number_unless_it_is_a_result(struct host *host)
{
    static char body[400000];
    char *at = stpcpy(body, "{\"annotations\":[");
    animaldetect_result *result = NULL;
    animaldetect_job *job;

    for (int i = 0; i < 60000; i++)
        at = stpcpy(at, "{},");
    (void)stpcpy(at - 1, "]}");
    host_open(host);
    world_answer(host->world, "poll", 1, 200, NULL, body);
    world_answer(host->world, "fetch", 0, 200, NULL, body);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_ANSWER_TOO_LARGE, "more than 50000 values");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_result_json(job, NULL), body);
    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_result_kind(result), ANIMALDETECT_RESULT_OTHER);
    animaldetect_result_free(result);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(two_workers_on_one_image_share_one_job),
        SCENARIO(urls_of_the_service_are_used_as_they_are),
        SCENARIO(a_clock_that_begins_at_zero_is_as_good_as_any),
        SCENARIO(attempts_and_polls_count_what_the_call_did),
        SCENARIO(a_server_hint_wins_where_the_host_has_set_no_bounds),
        SCENARIO(a_server_hint_of_days_is_not_believed),
        SCENARIO(the_bounds_of_polling_hold),
        SCENARIO(a_quota_of_one_a_minute_gets_through),
        SCENARIO(an_unknown_quota_is_learnt_from_the_first_429),
        SCENARIO(an_outage_does_not_change_when_later_jobs_are_polled),
        SCENARIO(answers_above_the_hosts_cap_are_refused),
        SCENARIO(an_answer_of_too_many_values_is_refused_with_its_number_unless_it_is_a_result),
    };

    return HOST_MAIN(list);
}
