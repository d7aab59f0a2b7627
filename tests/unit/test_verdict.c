/* SPDX-License-Identifier: MIT */
/*
 * The promises of the verdict: the whole table of what is retried, refreshed, reconciled and given up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <animaldetect/types.h>

#include "engine/steps.h"
#include "protocol/verdict.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

enum {
    CREATE = ANIMALDETECT_STEP_CREATE,
    UPLOAD = ANIMALDETECT_STEP_UPLOAD,
    SUBMIT = ANIMALDETECT_STEP_SUBMIT,
    POLL = ANIMALDETECT_STEP_POLL,
    FETCH = ANIMALDETECT_STEP_FETCH
};

static void check(int32_t step, enum ad_net net, int32_t http, const char *code, enum ad_action action, int32_t status)
{
    struct ad_service_error error = {.code = ""};
    struct ad_reply reply = {.net = net, .http_status = http, .error = code ? &error : NULL};
    struct ad_verdict verdict;

    if (code)
        (void)snprintf(error.code, sizeof(error.code), "%s", code);
    verdict = ad_verdict_of(&ad_step_of(step)->traits, &reply);
    if (verdict.action != action || verdict.status != status)
        fail_msg("step %d, net %d, http %d, code %s: action %d, status %d", (int)step, (int)net, (int)http,
                 code ? code : "-", (int)verdict.action, (int)verdict.status);
}

static void success_advances_every_step(void **state)
{
    static const int32_t codes[] = {200, 201, 202, 204, 299};

    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        for (size_t i = 0; i < COUNT_OF(codes); i++)
            if (step != FETCH || (codes[i] != 202 && codes[i] != 204))
                check(step, AD_NET_OK, codes[i], NULL, AD_ADVANCE, ANIMALDETECT_OK);
    }
    check(FETCH, AD_NET_OK, 202, NULL, AD_LATER, ANIMALDETECT_E_SERVICE);
    check(FETCH, AD_NET_OK, 204, NULL, AD_LATER, ANIMALDETECT_E_SERVICE);
}

static void a_hosts_own_key_is_in_conflict_unless_it_is_in_progress(void **state)
{
    static const struct {
        const char *code;
        const char *message;
        enum ad_action action;
    } rows[] = {
        {"", "", AD_FAIL},
        {"conflict", "Idempotency key was reused with a different payload", AD_FAIL},
        {"idempotency_in_progress", "", AD_LATER},
        {"", "A request is outstanding with this key", AD_LATER},
        {"REQUEST_IN_PROGRESS", "", AD_LATER},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_service_error error = {.code = ""};
        struct ad_reply reply = {.net = AD_NET_OK, .http_status = 409, .error = &error, .own_key = true};

        (void)snprintf(error.code, sizeof(error.code), "%s", rows[i].code);
        (void)snprintf(error.message, sizeof(error.message), "%s", rows[i].message);
        assert_int_equal(ad_verdict_of(&ad_step_of(CREATE)->traits, &reply).action, rows[i].action);
    }
}

static void failures_below_http_are_retried_unless_permanent(void **state)
{
    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        enum ad_action lost = step == SUBMIT ? AD_RECONCILE : AD_RETRY;

        check(step, AD_NET_CONNECT, 0, NULL, AD_OFFLINE, ANIMALDETECT_E_NETWORK);
        check(step, AD_NET_CONNECT_TIMEOUT, 0, NULL, AD_OFFLINE, ANIMALDETECT_E_TIMEOUT);
        check(step, AD_NET_BROKEN, 0, NULL, lost, ANIMALDETECT_E_NETWORK);
        check(step, AD_NET_BROKEN, 200, NULL, lost, ANIMALDETECT_E_NETWORK); /* truncated in the body */
        check(step, AD_NET_TIMEOUT, 0, NULL, lost, ANIMALDETECT_E_TIMEOUT);
        check(step, AD_NET_TLS, 0, NULL, AD_OFFLINE, ANIMALDETECT_E_TLS);
        check(step, AD_NET_TOO_LARGE, 200, NULL, AD_FAIL, ANIMALDETECT_E_ANSWER_TOO_LARGE);
        check(step, AD_NET_BODY, 0, NULL, AD_FAIL, ANIMALDETECT_E_READER);
        check(step, AD_NET_NO_MEMORY, 0, NULL, AD_FAIL, ANIMALDETECT_E_NO_MEMORY);
        check(step, AD_NET_CODED, 0, NULL, lost, ANIMALDETECT_E_PROTOCOL);
        check(step, AD_NET_DESCRIPTORS, 0, NULL, AD_RETRY, ANIMALDETECT_E_NO_DESCRIPTORS);
        check(step, AD_NET_INTERNAL, 0, NULL, AD_FAIL, ANIMALDETECT_E_SYSTEM);
    }
}

static void server_trouble_is_retried_and_a_submit_reconciled(void **state)
{
    static const int32_t codes[] = {500, 502, 503, 504, 599};

    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        enum ad_action lost = step == SUBMIT ? AD_RECONCILE : AD_RETRY;

        for (size_t i = 0; i < COUNT_OF(codes); i++)
            check(step, AD_NET_OK, codes[i], NULL, lost, ANIMALDETECT_E_SERVICE);
        check(step, AD_NET_OK, 408, NULL, lost, ANIMALDETECT_E_TIMEOUT);
    }
}

static void refusals_of_the_api_are_final(void **state)
{
    static const int32_t api[] = {CREATE, SUBMIT, POLL, FETCH};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(api); i++) {
        check(api[i], AD_NET_OK, 400, "invalid_request", AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
        check(api[i], AD_NET_OK, 401, NULL, AD_REFUSED, ANIMALDETECT_E_UNAUTHORIZED);
        check(api[i], AD_NET_OK, 402, NULL, AD_REFUSED, ANIMALDETECT_E_PAYMENT_REQUIRED);
        check(api[i], AD_NET_OK, 403, NULL, AD_FAIL, ANIMALDETECT_E_FORBIDDEN);
        check(api[i], AD_NET_OK, 404, NULL, api[i] == CREATE ? AD_FAIL : AD_LATER, ANIMALDETECT_E_NOT_FOUND);
        check(api[i], AD_NET_OK, 413, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
        check(api[i], AD_NET_OK, 499, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    }
}

static void check_page(int32_t step, int32_t http, enum ad_action action, int32_t status)
{
    struct ad_service_error error = {.message = "Log in", .page = true};
    struct ad_reply reply = {.net = AD_NET_OK, .http_status = http, .error = &error};
    struct ad_verdict verdict = ad_verdict_of(&ad_step_of(step)->traits, &reply);

    if (verdict.action != action || verdict.status != status)
        fail_msg("step %d, page with %d: action %d, status %d", (int)step, (int)http, (int)verdict.action,
                 (int)verdict.status);
}

/*
 * The service rejects with JSON and a storage with XML: such a page is a portal's or a proxy's, no image is at fault.
 */
static void a_page_instead_of_a_denial_counts_as_offline(void **state)
{
    static const int32_t codes[] = {401, 403, 407, 511};

    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        for (size_t i = 0; i < COUNT_OF(codes); i++)
            check_page(step, codes[i], AD_OFFLINE, ANIMALDETECT_E_NETWORK);
        check(step, AD_NET_OK, 407, NULL, AD_OFFLINE, ANIMALDETECT_E_NETWORK);
        check(step, AD_NET_OK, 511, NULL, AD_OFFLINE, ANIMALDETECT_E_NETWORK);
    }
}

/* Not the service's response either, but other calls must not wait because of it. */
static void any_other_page_instead_of_json_counts_as_a_5xx(void **state)
{
    static const int32_t codes[] = {400, 402, 404, 405, 409, 410, 414, 421, 422, 451};

    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        enum ad_action lost = step == SUBMIT ? AD_RECONCILE : AD_RETRY;

        for (size_t i = 0; i < COUNT_OF(codes); i++) {
            if (step == UPLOAD)
                check_page(step, codes[i], AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
            else
                check_page(step, codes[i], lost, ANIMALDETECT_E_PROTOCOL);
        }
        check_page(step, 408, lost, ANIMALDETECT_E_TIMEOUT);
        check_page(step, 413, AD_FAIL, step == UPLOAD ? ANIMALDETECT_E_UPLOAD_REFUSED : ANIMALDETECT_E_BAD_REQUEST);
        check_page(step, 425, step == UPLOAD ? AD_FAIL : lost,
                   step == UPLOAD ? ANIMALDETECT_E_UPLOAD_REFUSED : ANIMALDETECT_E_SERVICE);
        check_page(step, 429, step == UPLOAD ? AD_RETRY : AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
        check_page(step, 502, lost, ANIMALDETECT_E_SERVICE);
    }
}

static void quota_holds_the_client_only_when_the_api_says_so(void **state)
{
    (void)state;
    check(CREATE, AD_NET_OK, 429, NULL, AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
    check(SUBMIT, AD_NET_OK, 429, NULL, AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
    check(POLL, AD_NET_OK, 429, NULL, AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
    check(FETCH, AD_NET_OK, 429, NULL, AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
    check(UPLOAD, AD_NET_OK, 429, NULL, AD_RETRY, ANIMALDETECT_E_RATE_LIMITED);
}

static void a_conflict_means_another_thing_at_each_step(void **state)
{
    (void)state;
    check(CREATE, AD_NET_OK, 409, NULL, AD_LATER, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "conflict", AD_LATER, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "idempotency_key_reused", AD_FAIL, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "idempotency_mismatch", AD_FAIL, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "idempotency_in_progress", AD_LATER, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "idempotency_key_in_use", AD_LATER, ANIMALDETECT_E_CONFLICT);
    check(SUBMIT, AD_NET_OK, 409, NULL, AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(UPLOAD, AD_NET_OK, 409, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(POLL, AD_NET_OK, 409, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    check(FETCH, AD_NET_OK, 409, NULL, AD_LATER, ANIMALDETECT_E_SERVICE);
}

static void a_submit_refused_for_its_state_is_reconciled(void **state)
{
    (void)state;
    check(SUBMIT, AD_NET_OK, 400, "invalid_state", AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, "already_submitted", AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, "upload_missing", AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, "upload_too_large", AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, "too_large", AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    for (int32_t step = CREATE; step <= FETCH; step++) {
        struct ad_service_error half = {.message = "{\"error\":{\"code\":\"inva", .no_form = true};
        struct ad_reply reply = {.net = AD_NET_OK, .http_status = 400, .error = &half};

        assert_int_equal(ad_verdict_of(&ad_step_of(step)->traits, &reply).action,
                         step == SUBMIT ? AD_RECONCILE : AD_FAIL);
    }
    check(SUBMIT, AD_NET_OK, 400, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    check(CREATE, AD_NET_OK, 400, "invalid_state", AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
}

static void an_expired_upload_is_refreshed_and_a_refused_one_given_up(void **state)
{
    (void)state;
    check(UPLOAD, AD_NET_OK, 400, "ExpiredToken", AD_REFRESH, ANIMALDETECT_E_UPLOAD_EXPIRED);
    check(UPLOAD, AD_NET_OK, 403, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 403, "SignatureDoesNotMatch", AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 401, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    for (int32_t http_status = 400; http_status <= 404; http_status++) {
        struct ad_reply late = {.net = AD_NET_OK, .http_status = http_status, .expired = true};
        bool denied = http_status == 400 || http_status == 401 || http_status == 403;

        assert_int_equal(ad_verdict_of(&ad_step_of(UPLOAD)->traits, &late).action, denied ? AD_REFRESH : AD_FAIL);
    }
    check(UPLOAD, AD_NET_OK, 400, "RequestTimeout", AD_RETRY, ANIMALDETECT_E_TIMEOUT);
    check(UPLOAD, AD_NET_OK, 400, "EntityTooLarge", AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 400, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 404, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 412, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
}

static void five_statuses_redirect_and_odd_ones_are_final(void **state)
{
    static const int32_t codes[] = {0, 100, 199, 300, 304, 305, 306, 309, 399, 600, 999};
    static const int32_t redirects[] = {301, 302, 303, 307, 308};

    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        for (size_t i = 0; i < COUNT_OF(codes); i++)
            check(step, AD_NET_OK, codes[i], NULL, AD_FAIL, ANIMALDETECT_E_HTTP);
        for (size_t i = 0; i < COUNT_OF(redirects); i++)
            check(step, AD_NET_OK, redirects[i], NULL, AD_REDIRECT, ANIMALDETECT_E_HTTP);
    }
}

/* The storage knows neither the key nor the job, and its quota is not the API's. */
static void a_foreign_origin_of_a_result_is_judged_by_itself(void **state)
{
    static const struct {
        int32_t http_status;
        bool page;
        enum ad_action action;
        int32_t status;
    } rows[] = {
        {200, false, AD_ADVANCE, ANIMALDETECT_OK},       {204, false, AD_LATER, ANIMALDETECT_E_SERVICE},
        {302, false, AD_REDIRECT, ANIMALDETECT_E_HTTP},  {304, false, AD_FAIL, ANIMALDETECT_E_HTTP},
        {400, false, AD_RETRY, ANIMALDETECT_E_SERVICE},  {401, false, AD_RETRY, ANIMALDETECT_E_SERVICE},
        {402, false, AD_RETRY, ANIMALDETECT_E_SERVICE},  {403, false, AD_RETRY, ANIMALDETECT_E_SERVICE},
        {403, true, AD_OFFLINE, ANIMALDETECT_E_NETWORK}, {404, false, AD_LATER, ANIMALDETECT_E_NOT_FOUND},
        {404, true, AD_LATER, ANIMALDETECT_E_NOT_FOUND}, {407, false, AD_OFFLINE, ANIMALDETECT_E_NETWORK},
        {408, false, AD_RETRY, ANIMALDETECT_E_TIMEOUT},  {409, false, AD_LATER, ANIMALDETECT_E_SERVICE},
        {410, false, AD_RETRY, ANIMALDETECT_E_SERVICE},  {429, false, AD_RETRY, ANIMALDETECT_E_RATE_LIMITED},
        {503, false, AD_RETRY, ANIMALDETECT_E_SERVICE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_service_error error = {.page = rows[i].page};
        struct ad_reply reply = {
            .net = AD_NET_OK, .http_status = rows[i].http_status, .error = &error, .foreign = true};
        struct ad_verdict verdict = ad_verdict_of(&ad_step_of(FETCH)->traits, &reply);

        if (verdict.action != rows[i].action || verdict.status != rows[i].status)
            fail_msg("%d: action %d, status %d", (int)rows[i].http_status, (int)verdict.action, (int)verdict.status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_advances_every_step),
        cmocka_unit_test(a_hosts_own_key_is_in_conflict_unless_it_is_in_progress),
        cmocka_unit_test(failures_below_http_are_retried_unless_permanent),
        cmocka_unit_test(server_trouble_is_retried_and_a_submit_reconciled),
        cmocka_unit_test(refusals_of_the_api_are_final),
        cmocka_unit_test(a_page_instead_of_a_denial_counts_as_offline),
        cmocka_unit_test(any_other_page_instead_of_json_counts_as_a_5xx),
        cmocka_unit_test(quota_holds_the_client_only_when_the_api_says_so),
        cmocka_unit_test(a_conflict_means_another_thing_at_each_step),
        cmocka_unit_test(a_submit_refused_for_its_state_is_reconciled),
        cmocka_unit_test(an_expired_upload_is_refreshed_and_a_refused_one_given_up),
        cmocka_unit_test(five_statuses_redirect_and_odd_ones_are_final),
        cmocka_unit_test(a_foreign_origin_of_a_result_is_judged_by_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
