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
            check(step, AD_NET_OK, codes[i], NULL, AD_ADVANCE, ANIMALDETECT_OK);
    }
}

static void trouble_below_http_is_retried_unless_it_is_hopeless(void **state)
{
    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        enum ad_action lost = step == SUBMIT ? AD_RECONCILE : AD_RETRY;

        check(step, AD_NET_CONNECT, 0, NULL, AD_RETRY, ANIMALDETECT_E_NETWORK);
        check(step, AD_NET_BROKEN, 0, NULL, lost, ANIMALDETECT_E_NETWORK);
        check(step, AD_NET_BROKEN, 200, NULL, lost, ANIMALDETECT_E_NETWORK); /* cut in the body */
        check(step, AD_NET_TIMEOUT, 0, NULL, lost, ANIMALDETECT_E_TIMEOUT);
        check(step, AD_NET_TLS, 0, NULL, AD_FAIL, ANIMALDETECT_E_TLS);
        check(step, AD_NET_TOO_LARGE, 200, NULL, AD_FAIL, ANIMALDETECT_E_ANSWER_TOO_LARGE);
        check(step, AD_NET_BODY, 0, NULL, AD_FAIL, ANIMALDETECT_E_READER);
        check(step, AD_NET_NO_MEMORY, 0, NULL, AD_FAIL, ANIMALDETECT_E_NO_MEMORY);
        check(step, AD_NET_CODED, 0, NULL, lost, ANIMALDETECT_E_PROTOCOL);
        check(step, AD_NET_DESCRIPTORS, 0, NULL, AD_RETRY, ANIMALDETECT_E_SYSTEM);
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
        check(api[i], AD_NET_OK, 401, NULL, AD_FAIL, ANIMALDETECT_E_UNAUTHORIZED);
        check(api[i], AD_NET_OK, 402, NULL, AD_FAIL, ANIMALDETECT_E_PAYMENT_REQUIRED);
        check(api[i], AD_NET_OK, 403, NULL, AD_FAIL, ANIMALDETECT_E_FORBIDDEN);
        check(api[i], AD_NET_OK, 404, NULL, AD_FAIL, ANIMALDETECT_E_NOT_FOUND);
        check(api[i], AD_NET_OK, 413, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
        check(api[i], AD_NET_OK, 499, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
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
    check(CREATE, AD_NET_OK, 409, NULL, AD_FAIL, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "idempotency_key_reused", AD_FAIL, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "idempotency_in_progress", AD_RETRY, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "REQUEST_IN_PROGRESS", AD_RETRY, ANIMALDETECT_E_CONFLICT);
    check(CREATE, AD_NET_OK, 409, "in_progress", AD_RETRY, ANIMALDETECT_E_CONFLICT);
    check(SUBMIT, AD_NET_OK, 409, NULL, AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(UPLOAD, AD_NET_OK, 409, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(POLL, AD_NET_OK, 409, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    check(FETCH, AD_NET_OK, 409, NULL, AD_RETRY, ANIMALDETECT_E_BAD_REQUEST);
}

static void a_submit_refused_for_its_state_is_reconciled(void **state)
{
    (void)state;
    check(SUBMIT, AD_NET_OK, 400, "invalid_state", AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, "already_submitted", AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, "too_large", AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    check(SUBMIT, AD_NET_OK, 400, NULL, AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
    check(CREATE, AD_NET_OK, 400, "invalid_state", AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
}

static void an_expired_upload_is_refreshed_and_a_refused_one_given_up(void **state)
{
    (void)state;
    check(UPLOAD, AD_NET_OK, 400, "ExpiredToken", AD_REFRESH, ANIMALDETECT_E_UPLOAD_EXPIRED);
    check(UPLOAD, AD_NET_OK, 403, NULL, AD_REFRESH, ANIMALDETECT_E_UPLOAD_EXPIRED);
    check(UPLOAD, AD_NET_OK, 401, NULL, AD_REFRESH, ANIMALDETECT_E_UPLOAD_EXPIRED);
    check(UPLOAD, AD_NET_OK, 400, "RequestTimeout", AD_RETRY, ANIMALDETECT_E_TIMEOUT);
    check(UPLOAD, AD_NET_OK, 400, "EntityTooLarge", AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 400, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 404, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
    check(UPLOAD, AD_NET_OK, 412, NULL, AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
}

static void redirects_and_odd_statuses_are_never_followed(void **state)
{
    static const int32_t codes[] = {0, 100, 199, 300, 301, 302, 304, 307, 308, 399, 600, 999};

    (void)state;
    for (int32_t step = CREATE; step <= FETCH; step++) {
        for (size_t i = 0; i < COUNT_OF(codes); i++)
            check(step, AD_NET_OK, codes[i], NULL, AD_FAIL, ANIMALDETECT_E_HTTP);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(success_advances_every_step),
        cmocka_unit_test(trouble_below_http_is_retried_unless_it_is_hopeless),
        cmocka_unit_test(server_trouble_is_retried_and_a_submit_reconciled),
        cmocka_unit_test(refusals_of_the_api_are_final),
        cmocka_unit_test(quota_holds_the_client_only_when_the_api_says_so),
        cmocka_unit_test(a_conflict_means_another_thing_at_each_step),
        cmocka_unit_test(a_submit_refused_for_its_state_is_reconciled),
        cmocka_unit_test(an_expired_upload_is_refreshed_and_a_refused_one_given_up),
        cmocka_unit_test(redirects_and_odd_statuses_are_never_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
