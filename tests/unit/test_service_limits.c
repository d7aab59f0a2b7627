/* SPDX-License-Identifier: MIT */
/*
 * Rate windows, Retry-After in its forms, the clock's skew, processing times, journal and ledger.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/service_kit.h"

static void start_limited(struct client *client, struct svc_config *config, int64_t rpm)
{
    config->rpm = rpm;
    client_start(client, config);
    snprintf(client->job, sizeof(client->job), "nobody");
}

static void a_sliding_window_holds_the_limit_and_says_when(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    start_limited(&client, &config, 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(client_status(&client), 404);
        client.now_ms += 1000;
    }
    assert_int_equal(client_status(&client), 429);
    assert_string_equal(svc_response_header(&client.last, "Retry-After"), "57");
    /* The rejected one did not count in the window. */
    client.now_ms = TESTING_START + 59999;
    assert_int_equal(client_status(&client), 429);
    assert_string_equal(svc_response_header(&client.last, "Retry-After"), "1");
    client.now_ms = TESTING_START + 60000;
    assert_int_equal(client_status(&client), 404);
    assert_int_equal(client_status(&client), 429);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_LIMITED), 3);
    client_stop(&client);
}

static void a_fixed_window_opens_anew_each_minute(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.window = SVC_WINDOW_FIXED;
    start_limited(&client, &config, 2);
    client.now_ms += 59000;
    assert_int_equal(client_status(&client), 404);
    assert_int_equal(client_status(&client), 404);
    assert_int_equal(client_status(&client), 429);
    assert_string_equal(svc_response_header(&client.last, "Retry-After"), "1");
    client.now_ms += 1000;
    assert_int_equal(client_status(&client), 404);
    client_stop(&client);
}

static void uploads_and_bad_keys_do_not_fill_the_window(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.rpm = 2;
    client_start(&client, &config);
    client_create(&client, TESTING_PAYLOAD, "k");
    for (int i = 0; i < 5; i++)
        assert_int_equal(client_upload(&client), 200);
    client.key = "sk_test_bad";
    assert_int_equal(client_status(&client), 401);
    client.key = TESTING_KEY;
    assert_int_equal(client_status(&client), 200);
    assert_int_equal(client_status(&client), 429);
    client_stop(&client);
}

static void each_key_has_a_window_of_its_own(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    start_limited(&client, &config, 1);
    svc_add_key(client.svc, "sk_test_two", 1);
    assert_int_equal(client_status(&client), 404);
    client.key = "sk_test_two";
    assert_int_equal(client_status(&client), 404);
    assert_int_equal(client_status(&client), 429);
    client_stop(&client);
}

static void retry_after_may_be_a_date_by_the_services_clock_or_missing(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.retry_after = SVC_RETRY_AFTER_DATE;
    config.clock_skew_ms = 3600000;
    start_limited(&client, &config, 1);
    client_status(&client);
    client_status(&client);
    assert_string_equal(svc_response_header(&client.last, "Date"), "Fri, 15 Jan 2027 09:00:00 GMT");
    assert_string_equal(svc_response_header(&client.last, "Retry-After"), "Fri, 15 Jan 2027 09:01:00 GMT");
    client_stop(&client);
    config.retry_after = SVC_RETRY_AFTER_NONE;
    start_limited(&client, &config, 1);
    client_status(&client);
    assert_int_equal(client_status(&client), 429);
    assert_null(svc_response_header(&client.last, "Retry-After"));
    client_stop(&client);
}

static void rate_headers_come_in_both_forms(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.rate_headers = SVC_RATE_HEADERS_X;
    start_limited(&client, &config, 10);
    client_status(&client);
    assert_string_equal(svc_response_header(&client.last, "X-RateLimit-Limit"), "10");
    assert_string_equal(svc_response_header(&client.last, "X-RateLimit-Remaining"), "9");
    assert_string_equal(svc_response_header(&client.last, "X-RateLimit-Reset"), "60");
    client_stop(&client);
    config.rate_headers = SVC_RATE_HEADERS_DRAFT;
    start_limited(&client, &config, 10);
    client_status(&client);
    assert_string_equal(svc_response_header(&client.last, "RateLimit-Policy"), "\"minute\";q=10;w=60");
    assert_string_equal(svc_response_header(&client.last, "RateLimit"), "\"minute\";r=9;t=60");
    client_stop(&client);
}

static void the_peak_of_any_sixty_seconds_is_kept(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    for (int i = 0; i < 3000; i++) {
        client.now_ms += 100;
        client_status(&client);
    }
    assert_int_equal(svc_max_in_window(client.svc), 600);
    client_stop(&client);
}

/* Finish times of a batch submitted at once, in ms after the submit. */
static int64_t span_of(const char *processing, int job)
{
    struct svc_config config;
    struct client client;
    int64_t span;

    client_config(&config);
    config.processing = processing;
    client_start(&client, &config);
    for (int i = 0; i <= job; i++) {
        char payload[128];

        snprintf(payload, sizeof(payload), "{\"operation\":\"detect\",\"source_url\":\"https://a.b/%d\"}", i);
        client_create(&client, payload, payload);
    }
    span = svc_job_done_ms(client.svc, client.job) - client.now_ms;
    client_stop(&client);
    return span;
}

static void processing_follows_its_distribution(void **state)
{
    struct svc_config config;
    int low = 0;

    (void)state;
    assert_int_equal(span_of("fixed:700", 3), 700);
    assert_int_equal(span_of("fifo:400", 4), 2000);
    assert_int_equal(span_of("bimodal:10:20:0", 2), 10);
    assert_int_equal(span_of("bimodal:10:20:1", 2), 20);
    assert_true(span_of("lognormal:8000:0.6", 2) == span_of("lognormal:8000:0.6", 2));
    for (int i = 0; i < 100; i++)
        low += span_of("lognormal:8000:0.6", i) < 8000;
    assert_in_range(low, 35, 65);
    svc_config_default(&config);
    config.processing = "fixed";
    assert_null(svc_new(&config));
    config.processing = "bimodal:1:2:3";
    assert_null(svc_new(&config));
}

static void a_killed_service_still_knows_its_jobs(void **state)
{
    struct svc_config config;
    struct client client;
    FILE *journal = tmpfile();
    char url[1024];
    char job[64];

    (void)state;
    client_config(&config);
    client_start(&client, &config);
    svc_set_journal(client.svc, journal);
    client_create(&client, TESTING_PAYLOAD, "k");
    memcpy(job, client.job, sizeof(job));
    memcpy(url, client.upload, sizeof(url));
    client_restart(&client, &config, journal);
    assert_int_equal(client_put(&client, url, "image/jpeg", "abc"), 200);
    client_create(&client, "{\"operation\":\"filter\",\"source_url\":\"https://a.b/c\"}", NULL);
    fputs("\n{\"event\":\"create\",\"id\":\"cut sho", journal);
    client_restart(&client, &config, journal);
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "k"), 200);
    assert_string_equal(client.job, job);
    assert_int_equal(client_submit(&client), 202);
    client_restart(&client, &config, journal);
    memcpy(client.job, job, sizeof(job));
    client.now_ms = TESTING_START + 1000;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "succeeded");
    assert_int_equal(svc_job_total(client.svc), 2);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_IMAGES), 1);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_SUBMITS), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "missing_idempotency_key"), 1);
    client_stop(&client);
    fclose(journal);
}

static void forced_states_and_expiries_survive_too(void **state)
{
    struct svc_config config;
    struct client client;
    FILE *journal = tmpfile();
    char url[1024];
    char job[64];

    (void)state;
    client_config(&config);
    client_start(&client, &config);
    svc_set_journal(client.svc, journal);
    client_create(&client, TESTING_PAYLOAD, "k");
    memcpy(job, client.job, sizeof(job));
    memcpy(url, client.upload, sizeof(url));
    svc_expire_all_uploads(client.svc);
    svc_job_force_state(client.svc, job, "failed", "code", "words");
    client_restart(&client, &config, journal);
    assert_string_equal(svc_job_state(client.svc, job, client.now_ms), "failed");
    assert_int_equal(client_put(&client, url, "image/jpeg", "abc"), 400);
    client_stop(&client);
    fclose(journal);
}

static void a_foreign_file_is_no_journal(void **state)
{
    FILE *file = tmpfile();
    struct client client;
    char error[100] = "";

    (void)state;
    client_start(&client, NULL);
    fputs("{\"hello\":\"world\"}\n", file);
    rewind(file);
    assert_false(svc_load_state(client.svc, file, error, sizeof(error)));
    assert_non_null(strstr(error, "line 1"));
    client_stop(&client);
    fclose(file);
}

static void the_ledger_tells_it_all_as_json(void **state)
{
    struct client client;
    json_t *ledger;
    char *text;

    (void)state;
    client_start(&client, NULL);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client_result(&client);
    text = svc_ledger_json(client.svc);
    ledger = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_decref(client.json);
    client.json = ledger;
    assert_int_equal(json_integer_value(client_value(&client, "counts.jobs")), 1);
    assert_int_equal(json_integer_value(client_value(&client, "counts.uploads")), 1);
    assert_int_equal(json_integer_value(client_value(&client, "routes.fetch.4xx")), 1);
    assert_int_equal(json_integer_value(client_value(&client, "max_requests_in_60_s")), 3);
    assert_int_equal(json_integer_value(client_value(&client, "violation_count")), 1);
    assert_memory_equal(client_text(&client, "violations.0"), "result_before_success: ", 23);
    free(text);
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sliding_window_holds_the_limit_and_says_when),
        cmocka_unit_test(a_fixed_window_opens_anew_each_minute),
        cmocka_unit_test(uploads_and_bad_keys_do_not_fill_the_window),
        cmocka_unit_test(each_key_has_a_window_of_its_own),
        cmocka_unit_test(retry_after_may_be_a_date_by_the_services_clock_or_missing),
        cmocka_unit_test(rate_headers_come_in_both_forms),
        cmocka_unit_test(the_peak_of_any_sixty_seconds_is_kept),
        cmocka_unit_test(processing_follows_its_distribution),
        cmocka_unit_test(a_killed_service_still_knows_its_jobs),
        cmocka_unit_test(forced_states_and_expiries_survive_too),
        cmocka_unit_test(a_foreign_file_is_no_journal),
        cmocka_unit_test(the_ledger_tells_it_all_as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
