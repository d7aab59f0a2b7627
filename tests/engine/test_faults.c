/* SPDX-License-Identifier: MIT */
/*
 * The table of failures (design, section 6), row by row: what passes is retried and survived without a second job,
 * what lasts ends after six tries, what is final ends after one.
 */
#include "engine/harness.h"

#include <stdio.h>

static const char *const ROUTES[] = {"create", "upload", "submit", "status", "result"};
static const int32_t STEPS[] = {ANIMALDETECT_STEP_CREATE, ANIMALDETECT_STEP_UPLOAD, ANIMALDETECT_STEP_SUBMIT,
                                ANIMALDETECT_STEP_POLL, ANIMALDETECT_STEP_FETCH};
static const char *const NAMES[] = {"create", "upload", "submit", "poll", "fetch"};

static void add_fault(struct host *host, const char *route, const char *rest)
{
    char spec[160];

    snprintf(spec, sizeof spec, "%s:%s", route, rest);
    host_fault(host, spec);
}

/* What every survivor must show: one job, one image, one submit, one result. */
static void check_one_of_each(struct host *host)
{
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_IMAGES), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
}

static const char *const PASSING[] = {
    "reset-before:n=2", "reset-after:n=2", "stall:n=2",   "stall:after_effect=1:n=1", "408:n=2",
    "500:n=2",          "html:n=2",        "503:n=2",     "503:after_effect=1:n=1",   "504:n=2",
    "truncate:n=2",     "429:n=2",         "429:n=1:retry_after=7",
    "delay:ms=31000:n=1", "slow:bps=1:n=1", "502:every=2:n=3",
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

/* An API call of a faulted route fails after six tries with words, and once the fault is gone the job goes on. */
static void what_lasts_ends_after_six_tries_and_can_go_on_later(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < sizeof LASTING / sizeof LASTING[0]; i++) {
            animaldetect_job *job;
            int tries;

            if (strcmp(LASTING[i].fault, "truncate") == 0 && strcmp(ROUTES[route], "submit") == 0)
                continue; /* the submit has its effect, and the status says so */
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
    {"402:n=1", ANIMALDETECT_E_PAYMENT_REQUIRED}, {"403:n=1", ANIMALDETECT_E_FORBIDDEN},
    {"404:n=1", ANIMALDETECT_E_NOT_FOUND},    {"422:n=1", ANIMALDETECT_E_BAD_REQUEST},
    {"302:n=1", ANIMALDETECT_E_HTTP},         {"huge:n=1", ANIMALDETECT_E_ANSWER_TOO_LARGE},
    {"malformed:n=1", ANIMALDETECT_E_PROTOCOL}, {"wrong-length:n=1", ANIMALDETECT_E_PROTOCOL},
};

static void what_is_final_on_the_api_ends_after_one_try(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        for (size_t i = 0; i < sizeof FINAL / sizeof FINAL[0]; i++) {
            animaldetect_job *job;
            bool body = FINAL[i].status == ANIMALDETECT_E_PROTOCOL;

            if (route == 1 || (route == 2 && body))
                continue; /* the storage has a table of its own; a submit's answer need not be a job */
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
    {"404:n=1", ANIMALDETECT_E_UPLOAD_REFUSED}, {"400:n=1", ANIMALDETECT_E_UPLOAD_REFUSED},
    {"412:n=1", ANIMALDETECT_E_UPLOAD_REFUSED}, {"302:n=1", ANIMALDETECT_E_HTTP},
    {"413:n=1:code=EntityTooLarge", ANIMALDETECT_E_UPLOAD_REFUSED},
};

static void what_is_final_at_the_storage_ends_after_one_try(struct host *host)
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

static void certificates_are_not_tried_again(struct host *host)
{
    for (size_t route = 0; route < 5; route++) {
        animaldetect_job *job;

        host_again(host);
        world_net(host->world, ROUTES[route], 1, AD_NET_TLS);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_TLS, "certificate refused");
        assert_int_equal(world_count(host->world, ROUTES[route]), 1);
    }
}

static void a_body_that_is_no_job_ends_well_only_on_submit(struct host *host)
{
    static const char *const bodies[] = {"", "ok", "[1]", "{\"accepted\":true}", "{\"status\":7}"};

    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        animaldetect_job *job;

        host_again(host);
        world_answer(host->world, "status", 1, 200, NULL, bodies[i]);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "poll");
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
                 "{\"job_id\":\"j\",\"status\":\"awaiting_upload\",\"upload\":"
                 "{\"url\":\"https://s.example/a?X-Signature=77\"}}");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "status_url");
    host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "{\"job_id\"");
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
        SCENARIO(what_is_final_at_the_storage_ends_after_one_try),
        SCENARIO(an_early_answer_of_the_storage_is_heard),
        SCENARIO(an_early_success_of_the_storage_is_not_believed),
        SCENARIO(certificates_are_not_tried_again),
        SCENARIO(a_body_that_is_no_job_ends_well_only_on_submit),
        SCENARIO(an_answer_of_protocol_error_shows_its_first_bytes_without_queries),
        SCENARIO(the_services_words_and_ids_are_kept_in_every_form),
    };

    return HOST_MAIN(list);
}
