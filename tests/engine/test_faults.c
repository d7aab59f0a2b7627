/* SPDX-License-Identifier: MIT */
/*
 * The table of failures (design, section 6), row by row: temporary failures are retried and cause no second job,
 * persistent ones fail after six attempts, permanent ones after one.
 */
#include "engine/harness.h"

#include <stdio.h>

static const char *const ROUTES[] = {"create", "upload", "submit", "poll", "fetch"};
static const int32_t STEPS[] = {ANIMALDETECT_STEP_CREATE, ANIMALDETECT_STEP_UPLOAD, ANIMALDETECT_STEP_SUBMIT,
                                ANIMALDETECT_STEP_POLL, ANIMALDETECT_STEP_FETCH};
static const char *const NAMES[] = {"create", "upload", "submit", "poll", "fetch"};

static void add_fault(struct host *host, const char *route, const char *rest)
{
    char spec[160];

    snprintf(spec, sizeof spec, "%s:%s", route, rest);
    host_fault(host, spec);
}

/* What every recovered job must show: one job, one image, one submit, one result. */
static void check_one_of_each(struct host *host)
{
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_IMAGES), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
}

static const char *const PASSING[] = {
    "reset-before:n=2",
    "reset-after:n=2",
    "stall:n=2",
    "stall:after_effect=1:n=1",
    "408:n=2",
    "500:n=2",
    "html:n=2",
    "503:n=2",
    "503:after_effect=1:n=1",
    "504:n=2",
    "truncate:n=2",
    "429:n=2",
    "429:n=1:retry_after=7",
    "delay:ms=31000:n=1",
    "slow:bps=1:n=1",
    "502:every=2:n=3",
};

static void what_passes_is_survived_on_every_route_with_one_job(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < sizeof PASSING / sizeof PASSING[0]; i++) {
            animaldetect_job *job;

            host_again(host);
            add_fault(host, ROUTES[route], PASSING[i]);
            job = host_image_job(host);
            if (host_do(host, job, HOST_RUN) != ANIMALDETECT_OK)
                fail_msg("%s:%s: %s", ROUTES[route], PASSING[i], animaldetect_job_message(job));
            check_one_of_each(host);
            assert_true(svc_count(host->svc, SVC_COUNT_FAULTS) > 0);
        }
    }
}

static void a_connection_that_fails_is_tried_again_on_every_route(struct host *host)
{
    static const enum ad_net nets[] = {AD_NET_CONNECT, AD_NET_BROKEN, AD_NET_TIMEOUT};

    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < 3; i++) {
            animaldetect_job *job;

            host_again(host);
            world_net(host->world, ROUTES[route], 1, nets[i]);
            job = host_image_job(host);
            assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
            check_one_of_each(host);
        }
    }
}

static const struct {
    const char *fault;
    int32_t status;
    int http_status;
} LASTING[] = {
    {"reset-before", ANIMALDETECT_E_NETWORK, 0}, {"stall", ANIMALDETECT_E_TIMEOUT, 0},
    {"408", ANIMALDETECT_E_TIMEOUT, 408},        {"500", ANIMALDETECT_E_SERVICE, 500},
    {"html", ANIMALDETECT_E_SERVICE, 502},       {"503", ANIMALDETECT_E_SERVICE, 503},
    {"504", ANIMALDETECT_E_SERVICE, 504},        {"429", ANIMALDETECT_E_RATE_LIMITED, 429},
    {"truncate", ANIMALDETECT_E_NETWORK, 0},
};

/*
 * An API call of a faulted route fails after six attempts with a message, and once the fault is gone the job continues.
 */
static void what_lasts_ends_after_six_tries_and_can_go_on_later(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < sizeof LASTING / sizeof LASTING[0]; i++) {
            animaldetect_job *job;
            int tries;

            if (strcmp(LASTING[i].fault, "truncate") == 0 && strcmp(ROUTES[route], "submit") == 0)
                continue; /* the submit has its effect, and the poll shows it */
            if (strcmp(LASTING[i].fault, "429") == 0 && route != 1)
                continue; /* at the API it waits without limit */
            host_again(host);
            add_fault(host, ROUTES[route], LASTING[i].fault);
            job = host_image_job(host);
            host_do(host, job, HOST_RUN);
            host_expect(host, job, LASTING[i].status, "after 6 attempts");
            host_expect(host, job, LASTING[i].status, NAMES[route]);
            assert_int_equal(animaldetect_job_failed_step(job), STEPS[route]);
            assert_int_equal(animaldetect_job_http_status(job), LASTING[i].http_status);
            tries = world_count(host->world, ROUTES[route]);
            if (tries != 6)
                fail_msg("%s:%s: %d tries", ROUTES[route], LASTING[i].fault, tries);
            svc_clear_faults(host->svc);
            assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
            check_one_of_each(host);
        }
    }
}

static const struct {
    const char *fault;
    int32_t status;
} FINAL[] = {
    {"400:n=1:code=bad", ANIMALDETECT_E_BAD_REQUEST}, {"401:n=1", ANIMALDETECT_E_UNAUTHORIZED},
    {"402:n=1", ANIMALDETECT_E_PAYMENT_REQUIRED},     {"403:n=1", ANIMALDETECT_E_FORBIDDEN},
    {"422:n=1", ANIMALDETECT_E_BAD_REQUEST},          {"302:n=1", ANIMALDETECT_E_HTTP},
    {"huge:n=1", ANIMALDETECT_E_ANSWER_TOO_LARGE},
};

static void what_is_final_on_the_api_ends_after_one_try(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < sizeof FINAL / sizeof FINAL[0]; i++) {
            animaldetect_job *job;

            if (route == 1)
                continue; /* the storage has its own table */
            if (route == 4 && FINAL[i].status == ANIMALDETECT_E_HTTP)
                continue; /* a result may be elsewhere: test_redirect.c */
            host_again(host);
            add_fault(host, ROUTES[route], FINAL[i].fault);
            job = host_image_job(host);
            host_do(host, job, HOST_RUN);
            if (animaldetect_job_status(job) != FINAL[i].status)
                fail_msg("%s:%s: %s: %s", ROUTES[route], FINAL[i].fault,
                         animaldetect_status_name(animaldetect_job_status(job)), animaldetect_job_message(job));
            host_expect(host, job, FINAL[i].status, NAMES[route]);
            assert_int_equal(animaldetect_job_failed_step(job), STEPS[route]);
            assert_int_equal(world_count(host->world, ROUTES[route]), 1);
            assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
            check_one_of_each(host);
        }
    }
}

static const struct {
    const char *fault;
    int32_t status;
} STORAGE[] = {
    {"404:n=1", ANIMALDETECT_E_UPLOAD_REFUSED},
    {"400:n=1", ANIMALDETECT_E_UPLOAD_REFUSED},
    {"412:n=1", ANIMALDETECT_E_UPLOAD_REFUSED},
    {"302:n=1", ANIMALDETECT_E_HTTP},
    {"413:n=1:code=EntityTooLarge", ANIMALDETECT_E_UPLOAD_REFUSED},
};

static void what_is_final_at_the_storage_fails_after_one_attempt(struct host *host)
{
    for (size_t i = 0; i < sizeof STORAGE / sizeof STORAGE[0]; i++) {
        animaldetect_job *job;

        host_again(host);
        add_fault(host, "upload", STORAGE[i].fault);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, STORAGE[i].status, "storage answered");
        assert_int_equal(world_count(host->world, "upload"), 1);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        check_one_of_each(host);
    }
}

#define PRECONDITION \
    "<?xml version='1.0'?><Error><Code>PreconditionFailed</Code><Message>pre-conditions</Message></Error>"

/* A URL that may be used once: the response was lost, but the image is stored. */
static void an_image_that_is_stored_already_is_submitted(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *dead;
    uint8_t *image;

    host_fault(host, "upload:reset-after:n=1");
    world_answer(host->world, "upload", 2, 412, "Content-Type: application/xml", PRECONDITION);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    check_one_of_each(host);

    /* stored by a call that was canceled before the response */
    host_again(host);
    host_fault(host, "upload:stall:after_effect=1:n=1");
    world_answer(host->world, "upload", 2, 412, "Content-Type: application/xml", PRECONDITION);
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) == 1);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);

    /* for the first upload it is a rejection */
    host_again(host);
    world_answer(host->world, "upload", 1, 412, "Content-Type: application/xml", PRECONDITION);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_UPLOAD_REFUSED);

    /* stored by a process that died before it could record it */
    host_again(host);
    host_fault(host, "upload:stall:after_effect=1:n=1");
    job = host_image_job(host);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) == 1);
    dead = job;
    job = host_save_and_restore(host, dead);
    host_free(host, dead);
    world_answer(host->world, "upload", 2, 412, "Content-Type: application/xml", PRECONDITION);
    image = host_image(2000, 1);
    assert_int_equal(animaldetect_job_set_bytes(job, image, 2000), ANIMALDETECT_OK);
    free(image);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void an_early_answer_of_the_storage_is_heard(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "upload:early:status=404:code=NoSuchBucket:n=1");
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_UPLOAD_REFUSED, "NoSuchBucket");
    assert_string_equal(animaldetect_job_service_code(job), "NoSuchBucket");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    check_one_of_each(host);
}

static void an_early_success_of_the_storage_is_not_believed(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "upload:early:status=200:n=1");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "upload"), 2);
    check_one_of_each(host);
}

/* A host that does not want to wait for a network. */
static void certificates_are_final_without_patience(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        animaldetect_job *job;

        if (route == 1)
            continue; /* at the storage it is retried */
        host_again(host);
        assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, 0), ANIMALDETECT_OK);
        world_net(host->world, ROUTES[route], 1, AD_NET_TLS);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_TLS, "certificate refused");
        assert_int_equal(world_count(host->world, ROUTES[route]), 1);
    }
}

static const char *const NO_JOBS[] = {
    "", "ok", "[1]", "{\"accepted\":true}", "{\"status\":7}", "<html>hello</html>", "{\"status\":\"queu"};

#define NO_JOB_COUNT (sizeof NO_JOBS / sizeof NO_JOBS[0])

/* A create is retried only if the response is not JSON at all. */
static void one_body_that_is_no_job_is_not_final(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < NO_JOB_COUNT; i++) {
            if (route == 1 || route == 4 ||
                (route == 0 && NO_JOBS[i][0] != '\0' && strchr("o<", NO_JOBS[i][0]) == NULL))
                continue;
            host_again(host);
            world_answer(host->world, ROUTES[route], 1, 200, NULL, NO_JOBS[i]);
            if (host_do(host, host_image_job(host), HOST_RUN) != ANIMALDETECT_OK)
                fail_msg("%s: %s", ROUTES[route], NO_JOBS[i]);
            check_one_of_each(host);
        }
    }
}

/* Accepted with 202, then nothing happens: the service's queue has lost it. */
static void a_submit_that_is_lost_is_sent_again(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "submit", 1, 202, NULL, "");
    world_answer(host->world, "submit", 2, 202, NULL, "{\"status\":\"queued\"}");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 3);
    assert_true(world_request_of(host->world, "submit", 2)->start_ms -
                    world_request_of(host->world, "submit", 1)->start_ms >=
                60000);
    check_one_of_each(host);
}

static void a_submit_that_is_always_lost_is_sent_three_times(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "submit", 0, 202, NULL, "");
    assert_int_equal(animaldetect_client_set_processing_timeout_ms(host->client, 3600000), ANIMALDETECT_OK);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_OVERDUE, "awaiting_upload");
    assert_int_equal(world_count(host->world, "submit"), 3);
}

/* A host that was away for days finds it overdue, in the same process or after a restart. */
static void a_submit_that_was_lost_days_ago_is_sent_again(struct host *host)
{
    for (int restored = 0; restored < 2; restored++) {
        animaldetect_job *job;

        host_again(host);
        world_answer(host->world, "submit", 1, 202, NULL, "");
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
        if (restored)
            job = host_save_and_restore(host, job);
        world_skip(host->world, 2 * INT64_C(86400000));
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "submit"), 2);
        check_one_of_each(host);
    }
}

/* The response in place of the result can be read, and the next run gets the result. */
static void a_page_in_place_of_a_result_is_the_hosts_to_look_at(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    for (int i = 1; i <= 6; i++)
        world_answer(host->world, "fetch", i, 200, NULL, i < 6 ? "" : "<html>busy</html>");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_PROTOCOL);
    host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "fetch: not JSON");
    assert_string_equal(animaldetect_job_result_json(job, NULL), "<html>busy</html>");
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_PROTOCOL), 1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_result_json(job, NULL)[0], '{');
}

#define LOGIN "<!DOCTYPE html>\n<html><head><title>Log in</title></head><body>to the network of this inn</body></html>"

/* A portal rejects with its own page: neither the key nor the image nor the upload URL is at fault. */
static void a_page_instead_of_a_refusal_is_retried(struct host *host)
{
    static const int32_t statuses[] = {401, 403, 407, 511};

    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
            animaldetect_job *job;

            host_again(host);
            for (int nth = 1; nth <= 2; nth++)
                world_answer(host->world, ROUTES[route], nth, statuses[i], NULL, LOGIN);
            job = host_image_job(host);
            if (host_do(host, job, HOST_RUN) != ANIMALDETECT_OK)
                fail_msg("%s, %d: %s", ROUTES[route], (int)statuses[i], animaldetect_job_message(job));
            check_one_of_each(host);
            if (world_count(host->world, "create") != (route == 0 ? 3 : 1))
                fail_msg("%s, %d: %d", ROUTES[route], (int)statuses[i], (int)world_count(host->world, "create"));
        }
    }
}

static void a_lasting_portal_is_reported_with_its_title(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "create", 0, 403, NULL, LOGIN);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_NETWORK, "create: a portal or proxy answered 403 (Log in)");
    assert_in_range(world_count(host->world, "create"), 6, 14);
    assert_in_range(world_now_ms(host->world) - host->net.start_ms, 120000, 125000);
    assert_int_equal(animaldetect_job_http_status(job), 403);
    assert_string_equal(animaldetect_job_service_message(job), "Log in");
}

#define NO_PAGE "<!DOCTYPE html><html><head><title>404: This page could not be found.</title></head></html>"

/* A page with another 4xx: it says nothing about image or job, and other calls must not wait because of it. */
static void a_page_with_404_is_tried_again_and_holds_no_other_call(struct host *host)
{
    static const int routes[] = {0, 2, 3, 4}; /* all API routes */

    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        const char *route = ROUTES[routes[i]];
        animaldetect_job *job;

        host_again(host);
        world_answer(host->world, route, 1, 404, NULL, NO_PAGE);
        world_answer(host->world, route, 2, 400, NULL, NO_PAGE);
        job = host_image_job(host);
        if (host_do(host, job, HOST_RUN) != ANIMALDETECT_OK)
            fail_msg("%s: %s", route, animaldetect_job_message(job));
        check_one_of_each(host);
        host_again(host);
        world_answer(host->world, route, 0, 404, NULL, NO_PAGE);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_PROTOCOL);
        host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "answered 404 (404: This page could not be found.)");
        assert_int_equal(world_count(host->world, route), 6);
        assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
    }
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_PROTOCOL), 1);
}

/* A job that the service has created may not be known to all of its machines yet: retried for a minute. */
static void a_job_that_is_not_known_yet_is_asked_for_again(struct host *host)
{
    for (size_t route = 2; route < 5; route++) {
        animaldetect_job *job;

        host_again(host);
        host->violations_expected = route == 4; /* meanwhile the job is polled in case it has finished */
        for (int i = 1; i <= 3; i++)
            world_answer(host->world, ROUTES[route], i, 404, NULL, "{\"error\":{\"message\":\"no such job\"}}");
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
    }
}

static void a_job_that_stays_unknown_ends_after_a_minute(struct host *host)
{
    for (size_t route = 2; route < 5; route++) {
        int64_t limit = route == 4 ? 300000 : 60000;
        int64_t took;
        animaldetect_job *job;

        host_again(host);
        host->violations_expected = true; /* the model knows the job, and gets more polls than it would */
        world_answer(host->world, ROUTES[route], 0, 404, NULL, "{\"error\":{\"message\":\"no such job\"}}");
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_NOT_FOUND);
        host_expect(host, job, ANIMALDETECT_E_NOT_FOUND, "no such job");
        took = world_request_of(host->world, ROUTES[route], -1)->start_ms -
               world_request_of(host->world, ROUTES[route], 1)->start_ms;
        assert_in_range(took, limit - 100, limit + 100);
        assert_in_range(world_count(host->world, ROUTES[route]), 8, limit / 4000);
    }
}

/* Succeeded but without a result yet, in every way that a service may respond. */
static void a_result_that_is_not_there_yet_is_fetched_again(struct host *host)
{
    static const int codes[] = {202, 204, 404, 409};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        animaldetect_job *job;

        host_again(host);
        host->violations_expected = true;
        for (int n = 1; n <= 7; n++)
            world_answer(host->world, "fetch", n, codes[i], NULL, codes[i] == 202 ? "{\"status\":\"running\"}" : NULL);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "fetch"), 8);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
}

/* A key derived by the library cannot belong to another payload: its first request is still being processed. */
static void a_derived_key_that_is_in_use_is_waited_for(struct host *host)
{
    static const char *const bodies[] = {"", "{\"error\":{\"code\":\"idempotency_key_in_use\"}}",
                                         "{\"error\":\"A request is outstanding with this key\"}",
                                         "{\"error\":{\"code\":\"conflict\",\"message\":\"try later\"}}"};

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        animaldetect_job *job;

        host_again(host);
        for (int n = 1; n <= 8; n++)
            world_answer(host->world, "create", n, 409, NULL, bodies[i]);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "create"), 9);
        check_one_of_each(host);
    }
    host_again(host);
    world_answer(host->world, "create", 0, 409, NULL, "");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_E_CONFLICT);
    assert_in_range(world_request_of(host->world, "create", -1)->start_ms -
                        world_request_of(host->world, "create", 1)->start_ms,
                    119900, 120100);
    host_again(host);
    world_answer(host->world, "create", 0, 409, NULL,
                 "{\"message\":\"Idempotency key was reused with a different payload\"}");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_E_CONFLICT);
    assert_int_equal(world_count(host->world, "create"), 1);
}

static void a_body_that_is_no_job_ends_well_only_on_submit(struct host *host)
{
    for (size_t i = 0; i < NO_JOB_COUNT; i++) {
        animaldetect_job *job;

        host_again(host);
        world_answer(host->world, "poll", 0, 200, NULL, NO_JOBS[i]);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "poll");
        assert_int_equal(world_count(host->world, "poll"), 6);
    }
    for (int form = SVC_SUBMIT_202_JOB; form <= SVC_SUBMIT_200_OTHER; form++) {
        host_close(host);
        host->service.submit = (enum svc_submit_form)form;
        assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    }
}

static void an_answer_of_protocol_error_shows_its_first_bytes_without_queries(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "create", 1, 201, NULL,
                 "{\"job\":\"j\",\"status\":\"awaiting_upload\",\"upload\":"
                 "{\"url\":\"https://s.example/a?X-Signature=77\"}}");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "job_id is missing");
    host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "{\"job\"");
}

static void the_services_words_and_ids_are_kept_in_every_form(struct host *host)
{
    static const enum svc_error_form forms[] = {SVC_ERROR_OBJECT, SVC_ERROR_TEXT, SVC_ERROR_MESSAGE,
                                                SVC_ERROR_NOT_JSON};

    for (size_t i = 0; i < 4; i++) {
        animaldetect_job *job;

        host_close(host);
        host->service.error_form = forms[i];
        host_fault(host, "create:400:n=1:code=bad_country:message=no such country");
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_BAD_REQUEST, "no such country");
        host_expect(host, job, ANIMALDETECT_E_BAD_REQUEST, "400");
        assert_non_null(animaldetect_job_service_message(job));
        assert_non_null(strstr(animaldetect_job_service_message(job), "no such country"));
        if (forms[i] == SVC_ERROR_OBJECT)
            assert_string_equal(animaldetect_job_service_code(job), "bad_country");
        assert_non_null(animaldetect_job_request_id(job));
    }
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(what_passes_is_survived_on_every_route_with_one_job),
        SCENARIO(a_connection_that_fails_is_tried_again_on_every_route),
        SCENARIO(what_lasts_ends_after_six_tries_and_can_go_on_later),
        SCENARIO(what_is_final_on_the_api_ends_after_one_try),
        SCENARIO(what_is_final_at_the_storage_fails_after_one_attempt),
        SCENARIO(an_image_that_is_stored_already_is_submitted),
        SCENARIO(an_early_answer_of_the_storage_is_heard),
        SCENARIO(an_early_success_of_the_storage_is_not_believed),
        SCENARIO(certificates_are_final_without_patience),
        SCENARIO(one_body_that_is_no_job_is_not_final),
        SCENARIO(a_submit_that_is_lost_is_sent_again),
        SCENARIO(a_submit_that_is_always_lost_is_sent_three_times),
        SCENARIO(a_submit_that_was_lost_days_ago_is_sent_again),
        SCENARIO(a_page_in_place_of_a_result_is_the_hosts_to_look_at),
        SCENARIO(a_page_instead_of_a_refusal_is_retried),
        SCENARIO(a_lasting_portal_is_reported_with_its_title),
        SCENARIO(a_page_with_404_is_tried_again_and_holds_no_other_call),
        SCENARIO(a_job_that_is_not_known_yet_is_asked_for_again),
        SCENARIO(a_job_that_stays_unknown_ends_after_a_minute),
        SCENARIO(a_result_that_is_not_there_yet_is_fetched_again),
        SCENARIO(a_derived_key_that_is_in_use_is_waited_for),
        SCENARIO(a_body_that_is_no_job_ends_well_only_on_submit),
        SCENARIO(an_answer_of_protocol_error_shows_its_first_bytes_without_queries),
        SCENARIO(the_services_words_and_ids_are_kept_in_every_form),
    };

    return HOST_MAIN(list);
}
