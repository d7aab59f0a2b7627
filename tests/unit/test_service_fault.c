/* SPDX-License-Identifier: MIT */
/*
 * Faults: each kind plans what it promises, at the requests that its keys select, with an effect or without.
 */
#include <stdio.h>
#include <string.h>

#include "unit/service_kit.h"

static uint64_t jobs(const struct client *client)
{
    return svc_count(client->svc, SVC_COUNT_JOBS);
}

static void create(struct client *client)
{
    client_create(client, TESTING_PAYLOAD, "k");
}

static void specs_that_are_not_understood_are_refused_with_a_reason(void **state)
{
    static const char *const specs[] = {"",
                                        "create",
                                        "nowhere:503",
                                        "create:199",
                                        "create:600",
                                        "create:melt",
                                        "create:503:p=2",
                                        "create:503:p=x",
                                        "create:503:every=0",
                                        "create:503:n=-1",
                                        "create:503:colour=red",
                                        "create:503:n",
                                        "create:slow",
                                        "create:delay",
                                        "create:header",
                                        "create:header:header=novalue",
                                        "create:503:after_effect=maybe",
                                        "create:503:code=a:code=b",
                                        "create:503:retry_after=4000000001",
                                        "create:503:retry_date=-1",
                                        "create:delay:ms=1000000000001",
                                        "create:503:begin=5:end=5",
                                        "create:503:repeat=10",
                                        "create:503:end=11:repeat=10",
                                        "create:503:edge=2",
                                        "create:stall:edge=1",
                                        "create:503:edge=1:after_effect=1",
                                        "create:html:status=600",
                                        "create:503:form=nan",
                                        "create:odd:form=square",
                                        "upload:odd",
                                        "create:503:to=api",
                                        "create:308:to=",
                                        "create:308:to=there",
                                        "create:308:to=/v2",
                                        "create:308:to=https%3A//",
                                        "api:303:to=storage"};
    struct client client;

    (void)state;
    client_start(&client, NULL);
    for (size_t i = 0; i < sizeof(specs) / sizeof(specs[0]); i++) {
        char error[200] = "";

        if (svc_add_fault(client.svc, specs[i], error, sizeof(error)))
            fail_msg("accepted: %s", specs[i]);
        assert_true(strlen(error) > 0);
    }
    create(&client);
    assert_int_equal(client.last.status, 201);
    client_stop(&client);
}

static void a_reset_before_has_no_effect_and_one_after_has(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:reset-before:n=1");
    client_fault(&client, "create:reset-after:from=1:n=1");
    create(&client);
    assert_int_equal(client.last.delivery, SVC_RESET_BEFORE);
    assert_int_equal(jobs(&client), 0);
    create(&client);
    assert_int_equal(client.last.delivery, SVC_RESET_AFTER);
    assert_int_equal(jobs(&client), 1);
    create(&client);
    assert_int_equal(client.last.status, 200);
    assert_int_equal(svc_route_count(client.svc, SVC_ROUTE_CREATE, 0), 2);
    client_stop(&client);
}

static void a_stall_has_no_effect_unless_asked(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:stall:n=1");
    client_fault(&client, "create:stall:from=1:after_effect=1");
    create(&client);
    assert_int_equal(client.last.delivery, SVC_STALL);
    assert_int_equal(jobs(&client), 0);
    create(&client);
    assert_int_equal(client.last.delivery, SVC_STALL);
    assert_int_equal(jobs(&client), 1);
    client_stop(&client);
}

static void a_status_answers_in_place_of_the_route(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:503:n=1:retry_after=7:code=busy:message=try%3A later:header=X-Why=load");
    create(&client);
    assert_int_equal(client.last.status, 503);
    assert_string_equal(svc_response_header(&client.last, "retry-after"), "7");
    assert_string_equal(svc_response_header(&client.last, "x-why"), "load");
    assert_string_equal(client_text(&client, "error.code"), "busy");
    assert_string_equal(client_text(&client, "error.message"), "try: later");
    assert_int_equal(jobs(&client), 0);
    client_stop(&client);
}

static void a_status_after_the_effect_hides_it(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:500:n=1:after_effect=1");
    create(&client);
    assert_int_equal(client.last.status, 500);
    assert_int_equal(jobs(&client), 1);
    assert_null(client_value(&client, "job_id"));
    client_stop(&client);
}

static void a_fault_429_counts_as_limited_and_a_302_points_elsewhere(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:429:n=1");
    client_fault(&client, "create:302:from=1");
    create(&client);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_LIMITED), 1);
    create(&client);
    assert_string_equal(svc_response_header(&client.last, "Location"), "https://foreign.example/v1/jobs");
    client_stop(&client);
}

static void bodies_are_cut_short_long_or_broken_as_asked(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:truncate:n=1");
    client_fault(&client, "create:wrong-length:from=1:n=1");
    client_fault(&client, "create:malformed:from=2:n=1");
    client_fault(&client, "create:huge:from=3:n=1");
    client_fault(&client, "create:html:from=4:n=1");
    create(&client);
    assert_int_equal(client.last.declared_size, client.last.body_size);
    assert_int_equal(client.last.send_size, client.last.body_size / 2);
    create(&client);
    assert_int_equal(client.last.declared_size, client.last.body_size / 2);
    assert_int_equal(client.last.send_size, client.last.body_size);
    create(&client);
    assert_int_equal(client.last.declared_size, client.last.send_size);
    assert_null(client.json);
    create(&client);
    assert_true(client.last.send_size > 8 * 1024 * 1024);
    assert_non_null(client_value(&client, "job_id"));
    create(&client);
    assert_int_equal(client.last.status, 502);
    assert_string_equal(svc_response_header(&client.last, "Content-Type"), "text/html");
    client_stop(&client);
}

static void an_empty_body_can_be_truncated_and_malformed_too(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "upload:truncate:n=1");
    client_fault(&client, "upload:malformed:from=1");
    create(&client);
    client_upload(&client);
    assert_true(client.last.declared_size > client.last.send_size);
    client_upload(&client);
    assert_true(client.last.send_size > 0);
    client_stop(&client);
}

static void delays_and_slow_bytes_are_planned(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "any:delay:ms=1500");
    client_fault(&client, "any:slow:bps=10");
    create(&client);
    assert_int_equal(client.last.status, 201);
    assert_int_equal(client.last.delay_ms, 1500);
    assert_int_equal(client.last.bytes_per_second, 10);
    client_stop(&client);
}

static void an_early_answer_stores_nothing(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "upload:early:n=1:status=403");
    create(&client);
    assert_int_equal(client_upload(&client), 403);
    assert_true(client.last.early);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 0);
    assert_int_equal(client_upload(&client), 200);
    assert_false(client.last.early);
    client_stop(&client);
}

static void uploads_can_be_lost_before_or_after_they_are_stored(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "upload:reset-before:n=1");
    client_fault(&client, "upload:reset-after:from=1:n=1");
    client_fault(&client, "upload:503:from=2:n=1");
    create(&client);
    client_upload(&client);
    assert_int_equal(client.last.delivery, SVC_RESET_BEFORE);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 0);
    client_upload(&client);
    assert_int_equal(client.last.delivery, SVC_RESET_AFTER);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 1);
    assert_int_equal(client_upload(&client), 503);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 1);
    client_stop(&client);
}

static void foreign_urls_are_named_for_submit_status_and_result_only(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:foreign-url");
    create(&client);
    assert_memory_equal(client_text(&client, "submit_url"), "https://foreign.example/", 24);
    assert_memory_equal(client_text(&client, "status_url"), "https://foreign.example/", 24);
    assert_memory_equal(client_text(&client, "result_url"), "https://foreign.example/", 24);
    assert_memory_equal(client.upload, "https://storage.googleapis.com/", 31);
    client_stop(&client);
}

static void from_every_and_n_choose_the_requests(void **state)
{
    static const int wanted[] = {404, 503, 404, 404, 503, 404, 404, 404};
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "poll:503:from=1:every=3:n=2");
    snprintf(client.job, sizeof(client.job), "nobody");
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
        assert_int_equal(client_status(&client), wanted[i]);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_FAULTS), 2);
    client_stop(&client);
}

/* One bit per status: 1 where the fault fired. */
static uint64_t chance_pattern(uint64_t seed)
{
    struct svc_config config;
    struct client client;
    uint64_t pattern = 0;

    client_config(&config);
    config.seed = seed;
    client_start(&client, &config);
    snprintf(client.job, sizeof(client.job), "nobody");
    client_fault(&client, "poll:503:p=0.5");
    for (int i = 0; i < 64; i++)
        pattern = pattern << 1 | (client_status(&client) == 503);
    client_stop(&client);
    return pattern;
}

static void randomness_comes_from_the_seed(void **state)
{
    uint64_t pattern = chance_pattern(7);
    int fired = __builtin_popcountll(pattern);

    (void)state;
    assert_true(pattern == chance_pattern(7));
    assert_true(pattern != chance_pattern(8));
    assert_in_range(fired, 16, 48);
}

static void api_faults_spare_uploads_and_can_be_cleared(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    create(&client);
    client_fault(&client, "api:500");
    assert_int_equal(client_upload(&client), 200);
    assert_int_equal(client_submit(&client), 500);
    svc_clear_faults(client.svc);
    assert_int_equal(client_submit(&client), 202);
    client_stop(&client);
}

static void errors_come_in_the_configured_form(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:503:message=down");
    create(&client);
    assert_string_equal(client_text(&client, "error.message"), "down");
    svc_set_error_form(client.svc, SVC_ERROR_TEXT);
    create(&client);
    assert_string_equal(client_text(&client, "error"), "down");
    svc_set_error_form(client.svc, SVC_ERROR_MESSAGE);
    create(&client);
    assert_string_equal(client_text(&client, "message"), "down");
    svc_set_error_form(client.svc, SVC_ERROR_NOT_JSON);
    create(&client);
    assert_null(client.json);
    assert_string_equal(client.last.body, "down");
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specs_that_are_not_understood_are_refused_with_a_reason),
        cmocka_unit_test(a_reset_before_has_no_effect_and_one_after_has),
        cmocka_unit_test(a_stall_has_no_effect_unless_asked),
        cmocka_unit_test(a_status_answers_in_place_of_the_route),
        cmocka_unit_test(a_status_after_the_effect_hides_it),
        cmocka_unit_test(a_fault_429_counts_as_limited_and_a_302_points_elsewhere),
        cmocka_unit_test(bodies_are_cut_short_long_or_broken_as_asked),
        cmocka_unit_test(an_empty_body_can_be_truncated_and_malformed_too),
        cmocka_unit_test(delays_and_slow_bytes_are_planned),
        cmocka_unit_test(an_early_answer_stores_nothing),
        cmocka_unit_test(uploads_can_be_lost_before_or_after_they_are_stored),
        cmocka_unit_test(foreign_urls_are_named_for_submit_status_and_result_only),
        cmocka_unit_test(from_every_and_n_choose_the_requests),
        cmocka_unit_test(randomness_comes_from_the_seed),
        cmocka_unit_test(api_faults_spare_uploads_and_can_be_cleared),
        cmocka_unit_test(errors_come_in_the_configured_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
