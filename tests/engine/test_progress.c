/* SPDX-License-Identifier: MIT */
/*
 * Jobs that take long, or forever, or are in an unknown state.
 */
#include "harness.h"

#include <stdio.h>
#include <time.h>

#define CANCELED "{\"status\":\"canceled\",\"error\":{\"code\":\"operator\",\"message\":\"canceled by an operator\"}}"
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)

static int64_t since_start(struct host *host)
{
    return world_now_ms(host->world) - host->net.start_ms;
}

/* ---- overdue ---- */

static void a_job_that_never_ends_is_overdue_after_a_day(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *again;
    int64_t called;
    int polls;

    host->service.processing = "fixed:864000000";
    host_open(host);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_OVERDUE, "still \"");
    assert_in_range(since_start(host), DAY_MS, DAY_MS * 5 / 4 + 1000);
    assert_in_range(world_count(host->world, "poll"), 20, 46);

    /* the job is kept: each later call polls once and soon, also in another process */
    polls = world_count(host->world, "poll");
    called = world_now_ms(host->world);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_int_equal(world_count(host->world, "poll"), polls + 1);
    assert_in_range(world_now_ms(host->world) - called, 0, 1000);
    again = host_save_and_restore(host, job);
    assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_int_equal(world_count(host->world, "poll"), polls + 2);
    world_skip(host->world, 9 * DAY_MS);
    assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

/* The service says with each response that two seconds are enough; a stuck job would then get 43,200 polls a day. */
static void a_hint_of_seconds_does_not_keep_a_stuck_job_busy(struct host *host)
{
    animaldetect_job *job;

    host->service.processing = "fixed:864000000";
    host->service.poll_hint_s = 2;
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_in_range(world_count(host->world, "poll"), 20, 150);
}

static void a_poll_of_an_overdue_job_is_no_failure(struct host *host)
{
    animaldetect_job *job;

    host->service.processing = "fixed:864000000";
    host_open(host);
    assert_int_equal(animaldetect_client_set_processing_timeout_ms(host->client, 1000), ANIMALDETECT_OK);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_int_equal(host_do(host, job, HOST_POLL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_QUEUED);
    assert_int_equal(animaldetect_client_set_processing_timeout_ms(host->client, -1), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(since_start(host), 10 * DAY_MS, 13 * DAY_MS);
}

/* Time without polls: the job has finished, and that counts, whenever it is detected. */
static void a_job_that_has_ended_is_never_overdue(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *again;

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    again = host_save_and_restore(host, job);
    world_skip(host->world, 20 * DAY_MS);
    assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_OK);
}

/* A service clock that is years ahead must not fail a job that has only just started. */
static void a_service_whose_clock_jumps_ends_nothing(struct host *host)
{
    animaldetect_job *job;

    host->service.processing = "fixed:60000";
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, "poll") > 0);
    svc_set_clock_skew(host->svc, 400 * DAY_MS);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void a_restored_job_of_unknown_age_has_a_day_from_the_first_look(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *attached = NULL;
    int64_t begun;

    host->service.processing = "fixed:864000000";
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    world_skip(host->world, 3 * DAY_MS);
    begun = world_now_ms(host->world);
    assert_int_equal(animaldetect_job_attach(host->client, animaldetect_job_id(job), &attached), ANIMALDETECT_OK);
    host_adopt(host, attached);
    assert_int_equal(host_do(host, attached, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_in_range(world_now_ms(host->world) - begun, DAY_MS, DAY_MS * 5 / 4 + 1000);
}

/* Three polls of a restored job may be quick, and the service shows the old state for a while. */
static void a_restored_job_is_not_submitted_again_too_soon(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *again;
    char date[64];
    time_t now;

    host->service.processing = "fixed:5000";
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    again = host_save_and_restore(host, job);
    now = (time_t)(world_wall_ms(host->world) / 1000);
    strftime(date, sizeof date, "Date: %a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    for (int nth = 1; nth <= 8; nth++)
        world_answer(host->world, "poll", nth, 200, date, "{\"status\":\"awaiting_upload\"}");
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(host->client, 1000, 1000), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 1);
    assert_int_equal(world_count(host->world, "upload"), 1);
}

/* Finished shortly before it would be dropped, when it was polled only every few hours: its result is not lost. */
static void a_job_is_looked_at_before_the_service_drops_it(struct host *host)
{
    animaldetect_job *job;

    host->service.job_ttl_ms = 20 * HOUR_MS;
    host->service.processing = "fixed:71000000"; /* 19.7 h */
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(since_start(host), 71000000, 20 * HOUR_MS - 500000);
    assert_in_range(world_count(host->world, "poll"), 20, 46);
}

/* ---- other jobs beside jobs that never finish ---- */

static void jobs_that_never_finish_block_no_others(struct host *host)
{
    static animaldetect_job *jobs[60];
    int ok = 0;

    host->service.rpm = 60;
    host->service.processing = "bimodal:8000:2000000000:0.2";
    host->service.seed = 7;
    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    for (int i = 0; i < 60; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_RESULTS) >= 40);
    assert_in_range(since_start(host), 0, 10 * 60000);
    HOST_UNTIL(host, since_start(host) >= HOUR_MS);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 60);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 0);
    for (int i = 0; i < 60; i++) {
        int32_t status = host_finish(host, jobs[i]);

        assert_true(status == ANIMALDETECT_OK || status == ANIMALDETECT_E_OVERDUE);
        ok += status == ANIMALDETECT_OK;
    }
    assert_in_range(ok, 40, 58);
}

/*
 * The service stops for an hour; when it continues, the first finished job also triggers polls of jobs that are polled
 * rarely.
 */
static void the_end_of_a_stall_is_found_soon(struct host *host)
{
    static animaldetect_job *jobs[100];
    int64_t back;

    host->service.processing = "fixed:14400000";
    host_open(host);
    for (int i = 0; i < 100; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_SUBMITS) == 100);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_RESULTS) >= 1);
    back = world_now_ms(host->world);
    for (int i = 0; i < 100; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_in_range(world_now_ms(host->world) - back, 0, 30000); /* not an hour, a quarter of their age */
}

/* Two polls are no minute of unknown states, however long the client waits between them. */
static void a_job_that_was_denied_twice_is_asked_for_again(struct host *host)
{
    animaldetect_job *job;

    host->service.processing = "fixed:30000";
    host_open(host);
    world_answer(host->world, "poll", 2, 404, NULL, "{\"error\":{\"message\":\"no such job\"}}");
    world_answer(host->world, "poll", 3, 404, NULL, "{\"error\":{\"message\":\"no such job\"}}");
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_request_of(host->world, "poll", 2) != NULL &&
                         world_request_of(host->world, "poll", 2)->end_ms >= 0);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    world_skip(host->world, 120000);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(world_request_of(host->world, "poll", 3)->status, 404);
    assert_true(world_request_of(host->world, "poll", 3)->start_ms -
                    world_request_of(host->world, "poll", 2)->start_ms >
                60000);
}

/* ---- unknown states ---- */

static void a_result_behind_an_unknown_state_is_found(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *again;

    host->service.odd_status = "paused_by_moon";
    host->service.odd_status_ms = DAY_MS * 365;
    host->service.processing = "fixed:5000";
    host_open(host);
    host->violations_expected = true; /* the library fetches in a state that the model knows as unfinished */
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(since_start(host), 60000, 120000);
    assert_string_equal(animaldetect_job_state_text(job), "paused_by_moon");

    /* in another process its age is unknown: it must not affect the learned durations */
    again = host_save_and_restore(host, job);
    assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_OK);
    assert_true(again->remote.plan.start_ms >= host->net.start_ms);
}

/* Finished after the last poll, in a state that never changes: the next call finds the result. */
static void an_overdue_job_is_asked_for_its_result_too(struct host *host)
{
    animaldetect_job *job;
    int polls;

    host->service.odd_status = "paused_by_moon";
    host->service.odd_status_ms = DAY_MS * 365;
    host->service.processing = "fixed:172800000";
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_in_range(since_start(host), DAY_MS, DAY_MS * 5 / 4 + 60000);
    polls = world_count(host->world, "poll");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_int_equal(world_count(host->world, "poll"), polls + 2);
    assert_in_range(since_start(host), DAY_MS, DAY_MS * 5 / 4 + 120000);
    world_skip(host->world, DAY_MS);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void a_word_of_tomorrow_without_a_result_is_polled_on(struct host *host)
{
    static const struct {
        int32_t status;
        const char *body;
    } forms[] = {{404, "{\"error\":{\"message\":\"no result\"}}"},
                 {200, "<html>wait</html>"},
                 {202, ""},
                 {500, ""},
                 {403, "{}"}};

    for (size_t form = 0; form < sizeof forms / sizeof forms[0]; form++) {
        animaldetect_job *job;

        host_again(host);
        host->violations_expected = true;
        for (int nth = 1; nth <= 3; nth++)
            world_answer(host->world, "fetch", nth, forms[form].status, NULL, forms[form].body);
        for (int nth = 1; nth <= 40; nth++)
            world_answer(host->world, "poll", nth, 200, NULL, "{\"status\":\"archiving\"}");
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "fetch"), 4);
        assert_true(world_request_of(host->world, "fetch", 2)->start_ms -
                        world_request_of(host->world, "fetch", 1)->start_ms >=
                    60000);
    }
}

static void an_unknown_state_with_a_lasting_error_ends_the_wait(struct host *host)
{
    animaldetect_job *job;

    host_open(host);
    host->violations_expected = true;
    world_answer(host->world, "poll", 0, 200, NULL, CANCELED);
    world_answer(host->world, "fetch", 0, 404, NULL, "{}");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_STATE_UNKNOWN);
    host_expect(host, job, ANIMALDETECT_E_STATE_UNKNOWN, "canceled by an operator");
    host_expect(host, job, ANIMALDETECT_E_STATE_UNKNOWN, "\"canceled\"");
    assert_in_range(since_start(host), 300000, 500000);
    assert_int_equal(animaldetect_status_scope(ANIMALDETECT_E_STATE_UNKNOWN), ANIMALDETECT_SCOPE_SERVICE);
    assert_non_null(animaldetect_job_id(job));
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_OK);
}

/* The state may mean that there is a result: only a response of the service says that there is none. */
static void what_comes_in_place_of_a_result_is_no_denial_of_it(struct host *host)
{
    animaldetect_job *job;

    host_open(host);
    host->violations_expected = true;
    world_answer(host->world, "poll", 0, 200, NULL, CANCELED);
    world_answer(host->world, "fetch", 1, 503, NULL, "");
    world_net(host->world, "fetch", 2, AD_NET_BROKEN);
    /* so far apart that the first response in place of a result comes when the error is nearly five minutes old */
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(host->client, 100000, 100000), ANIMALDETECT_OK);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "fetch"), 3);
}

/* The same call later asks the service again, and does not reuse the stored error. */
static void an_error_of_before_is_asked_about_in_each_call(struct host *host)
{
    animaldetect_job *job;

    host_open(host);
    host->violations_expected = true;
    world_answer(host->world, "poll", 0, 200, NULL, CANCELED);
    for (int nth = 1; nth <= 3; nth++)
        world_answer(host->world, "fetch", nth, 404, NULL, "{}");
    job = host_image_job(host);
    for (int call = 0; call < 4; call++) {
        int32_t status = host_do(host, job, HOST_RUN);

        if (status == ANIMALDETECT_OK)
            break;
        assert_int_equal(status, ANIMALDETECT_E_STATE_UNKNOWN);
        world_skip(host->world, 600000);
    }
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "fetch"), 4);
}

/* An error that changes means that the service is working. */
static void errors_that_change_end_nothing(struct host *host)
{
    animaldetect_job *job;
    char body[128];

    host_open(host);
    host->violations_expected = true;
    for (int nth = 1; nth <= 30; nth++) {
        snprintf(body, sizeof body, "{\"status\":\"repairing\",\"error\":{\"message\":\"attempt %d\"}}", nth);
        world_answer(host->world, "poll", nth, 200, NULL, body);
    }
    for (int nth = 1; nth <= 30; nth++)
        world_answer(host->world, "fetch", nth, 409, NULL, "{}");
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "poll") >= 15 && since_start(host) > 400000);
    assert_true(world_count(host->world, "poll") < 30);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_AGAIN);
    animaldetect_job_cancel(job);
    host_finish(host, job);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_job_that_never_ends_is_overdue_after_a_day),
        SCENARIO(a_hint_of_seconds_does_not_keep_a_stuck_job_busy),
        SCENARIO(a_poll_of_an_overdue_job_is_no_failure),
        SCENARIO(a_job_that_has_ended_is_never_overdue),
        SCENARIO(a_service_whose_clock_jumps_ends_nothing),
        SCENARIO(a_restored_job_of_unknown_age_has_a_day_from_the_first_look),
        SCENARIO(a_restored_job_is_not_submitted_again_too_soon),
        SCENARIO(a_job_is_looked_at_before_the_service_drops_it),
        SCENARIO(jobs_that_never_finish_block_no_others),
        SCENARIO(the_end_of_a_stall_is_found_soon),
        SCENARIO(a_job_that_was_denied_twice_is_asked_for_again),
        SCENARIO(a_result_behind_an_unknown_state_is_found),
        SCENARIO(an_overdue_job_is_asked_for_its_result_too),
        SCENARIO(a_word_of_tomorrow_without_a_result_is_polled_on),
        SCENARIO(an_unknown_state_with_a_lasting_error_ends_the_wait),
        SCENARIO(what_comes_in_place_of_a_result_is_no_denial_of_it),
        SCENARIO(an_error_of_before_is_asked_about_in_each_call),
        SCENARIO(errors_that_change_end_nothing),
    };

    return HOST_MAIN(list);
}
