/* SPDX-License-Identifier: MIT */
/*
 * Jobs, keys and limits of a service that deviates from its contract, and that the deviations are reproducible.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/service_kit.h"

#define SOURCE "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c.jpg\"}"
#define MANY 200
#define DAY_MS INT64_C(86400000)

/* A new job, queued at once; its identifier is in client->job. */
static void begin_source(struct client *client, int number)
{
    char payload[128];
    char key[16];

    (void)snprintf(payload, sizeof(payload), "{\"operation\":\"detect\",\"source_url\":\"https://a.b/%d\"}", number);
    (void)snprintf(key, sizeof(key), "k%d", number);
    assert_int_equal(client_create(client, payload, key), 201);
}

static const char *state_now(const struct client *client)
{
    return svc_job_state(client->svc, client->job, client->now_ms);
}

static void a_stuck_job_never_finishes_and_may_be_run_again(void **state)
{
    struct svc_config config;
    struct client client;
    int queued = 0;
    int running = 0;

    (void)state;
    client_config(&config);
    config.stuck_share = 1;
    client_start(&client, &config);
    for (int i = 0; i < 20; i++) {
        begin_source(&client, i);
        client.now_ms += DAY_MS / 2;
        queued += strcmp(state_now(&client), "queued") == 0;
        running += strcmp(state_now(&client), "running") == 0;
    }
    assert_int_equal(queued + running, 20);
    assert_true(queued > 0 && running > 0);
    client_create(&client, SOURCE, "a");
    client_create(&client, SOURCE, "b");
    assert_int_equal(svc_violation_count(client.svc), 0);
    client.now_ms += 30 * DAY_MS;
    assert_string_equal(state_now(&client), "expired");
    client_stop(&client);
}

static void a_job_may_be_stuck_for_a_while(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.stuck_share = 1;
    config.stuck_ms = 50000;
    client_start(&client, &config);
    begin_source(&client, 0);
    client.now_ms += 49999;
    assert_string_not_equal(state_now(&client), "succeeded");
    client.now_ms += 1;
    assert_string_equal(state_now(&client), "succeeded");
    assert_int_equal(client_result(&client), 200);
    client_stop(&client);
}

static void stuck_jobs_do_not_hold_the_one_worker(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.processing = "fifo:1000";
    config.stuck_share = 0.5;
    client_start(&client, &config);
    for (int i = 0; i < 20; i++)
        begin_source(&client, i);
    client.now_ms += 20000;
    for (int i = 0; i < 20; i++) {
        const char *id = svc_job_id(client.svc, (size_t)i);

        if (svc_job_done_ms(client.svc, id) < INT64_MAX)
            assert_string_equal(svc_job_state(client.svc, id, client.now_ms), "succeeded");
    }
    client_stop(&client);
}

/* Which of the jobs are stuck, as a text of 0 and 1. */
static void draw_stuck(uint64_t seed, char out[MANY + 1])
{
    struct svc_config config;
    struct client client;

    client_config(&config);
    config.seed = seed;
    config.stuck_share = 0.3;
    client_start(&client, &config);
    for (int i = 0; i < MANY; i++) {
        begin_source(&client, i);
        out[i] = svc_job_done_ms(client.svc, client.job) == INT64_MAX ? '1' : '0';
    }
    out[MANY] = '\0';
    client_stop(&client);
}

static void who_is_stuck_follows_from_the_seed(void **state)
{
    char first[MANY + 1];
    char again[MANY + 1];
    char other[MANY + 1];
    int count = 0;

    (void)state;
    draw_stuck(7, first);
    draw_stuck(7, again);
    draw_stuck(8, other);
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    for (int i = 0; i < MANY; i++)
        count += first[i] == '1';
    assert_in_range(count, MANY / 5, MANY * 2 / 5);
}

static void a_final_state_may_be_shown_as_an_unknown_one(void **state)
{
    static const struct {
        enum svc_unknown_form form;
        bool error;
        int result;
    } rows[] = {{SVC_UNKNOWN_BARE, false, 409},
                {SVC_UNKNOWN_ERROR, true, 409},
                {SVC_UNKNOWN_RESULT, false, 200},
                {SVC_UNKNOWN_BOTH, true, 200}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct svc_config config;
        struct client client;

        client_config(&config);
        config.unknown_share = 1;
        config.unknown_state = "rejected";
        config.unknown_form = rows[i].form;
        client_start(&client, &config);
        client_begin_job(&client, TESTING_PAYLOAD, "k");
        client_status(&client);
        assert_string_equal(client_text(&client, "status"), "queued");
        client.now_ms += 1000;
        client_status(&client);
        client_status(&client);
        assert_string_equal(client_text(&client, "status"), "rejected");
        assert_int_equal(client_value(&client, "error") != NULL, rows[i].error);
        assert_int_equal(client_result(&client), rows[i].result);
        /* A client can only continue to poll or fetch the result. */
        assert_int_equal(svc_violation_count(client.svc), 0);
        client_stop(&client);
    }
}

static void unknown_states_are_random_when_none_is_given(void **state)
{
    static const char *const words[] = {"canceled", "completed", "archived"};
    bool seen[3] = {false, false, false};
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.unknown_share = 1;
    client_start(&client, &config);
    for (int i = 0; i < 40; i++) {
        begin_source(&client, i);
        client.now_ms += 1000;
        client_status(&client);
        for (size_t word = 0; word < 3; word++)
            seen[word] |= strcmp(client_text(&client, "status"), words[word]) == 0;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    client_stop(&client);
}

static void a_submit_may_be_lost_once(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.lost_submit_share = 1;
    client_start(&client, &config);
    client_create(&client, TESTING_PAYLOAD, "k");
    client_upload(&client);
    assert_int_equal(client_submit(&client), 202);
    assert_string_equal(client_text(&client, "status"), "queued");
    client.now_ms += 60000;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "awaiting_upload");
    assert_int_equal(svc_count(client.svc, SVC_COUNT_SUBMITS), 0);
    assert_int_equal(client_submit(&client), 202);
    assert_string_equal(state_now(&client), "queued");
    assert_int_equal(client_submit(&client), 409);
    assert_int_equal(svc_violation_count_of(client.svc, "double_submit"), 1);
    assert_int_equal(svc_violation_count(client.svc), 1);
    client_stop(&client);
}

static void keys_may_be_in_use_for_a_while_before_or_after_the_job_is_there(void **state)
{
    struct svc_config config;
    struct client client;
    int before = 0;
    int after = 0;

    (void)state;
    client_config(&config);
    config.key_in_use_share = 1;
    config.key_in_use_ms = 5000;
    config.key_in_use_retry_after_s = 2;
    client_start(&client, &config);
    for (int i = 0; i < 20; i++) {
        uint64_t jobs = svc_count(client.svc, SVC_COUNT_JOBS);
        char key[16];
        bool is_new;

        (void)snprintf(key, sizeof(key), "key%d", i);
        is_new = client_create(&client, SOURCE, key) == 201;
        assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), jobs + is_new);
        client.now_ms += 4999;
        assert_int_equal(client_create(&client, SOURCE, key), 409);
        assert_string_equal(client_text(&client, "error.code"), "idempotency_key_in_use");
        assert_string_equal(svc_response_header(&client.last, "Retry-After"), "2");
        client.now_ms += 1;
        assert_int_equal(client_create(&client, SOURCE, key), is_new ? 200 : 201);
        assert_int_equal(client_create(&client, SOURCE, key), 200);
        before += !is_new;
        after += is_new;
    }
    assert_true(before > 0 && after > 0);
    client_stop(&client);
}

static void a_new_job_may_be_unknown_for_a_while(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.late_job_ms = 3000;
    client_start(&client, &config);
    client_create(&client, TESTING_PAYLOAD, "k");
    client_upload(&client);
    client.now_ms += 2999;
    assert_int_equal(client_status(&client), 404);
    assert_int_equal(client_submit(&client), 404);
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "k"), 200);
    client.now_ms += 1;
    assert_int_equal(client_submit(&client), 202);
    assert_int_equal(client_status(&client), 200);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
}

static void a_result_may_lag_behind_the_status(void **state)
{
    static const int forms[] = {202, 204, 404, 409};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct svc_config config;
        struct client client;

        client_config(&config);
        config.late_result_status = forms[i];
        config.late_result_ms = 2000;
        client_start(&client, &config);
        client_begin_job(&client, TESTING_PAYLOAD, "k");
        client.now_ms += 2999;
        client_status(&client);
        assert_string_equal(client_text(&client, "status"), "succeeded");
        assert_int_equal(client_result(&client), forms[i]);
        if (forms[i] == 202)
            assert_string_equal(client_text(&client, "status"), "running");
        assert_int_equal(client.last.body == NULL, forms[i] == 204);
        client_status(&client);
        client.now_ms += 1;
        assert_int_equal(client_result(&client), 200);
        assert_int_equal(svc_violation_count(client.svc), 0);
        client_stop(&client);
    }
}

static void assert_header(const struct client *client, const char *name, const char *value)
{
    const char *seen = svc_response_header(&client->last, name);

    if (!value)
        assert_null(seen);
    else
        assert_string_equal(seen, value);
}

static void rate_headers_may_say_a_wrong_window_or_none(void **state)
{
    static const struct {
        enum svc_rate_window window;
        const char *left, *reset, *policy, *now;
    } rows[] = {
        {SVC_RATE_WINDOW_TRUE, "59", "60", "\"minute\";q=60;w=60", "\"minute\";r=59;t=60"},
        {SVC_RATE_WINDOW_NONE, "59", NULL, "\"default\";q=60", "\"default\";r=59"},
        {SVC_RATE_WINDOW_SECOND, "59", "1", "\"second\";q=60;w=1", "\"second\";r=59;t=1"},
        {SVC_RATE_WINDOW_DAY, "59", "86400", "\"day\";q=60;w=86400", "\"day\";r=59;t=86400"},
        {SVC_RATE_WINDOW_EXHAUSTED, "0", "413999", "\"minute\";q=60;w=60", "\"minute\";r=0;t=413999"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int form = SVC_RATE_HEADERS_X; form <= SVC_RATE_HEADERS_DRAFT; form++) {
            struct svc_config config;
            struct client client;
            bool draft = form == SVC_RATE_HEADERS_DRAFT;

            client_config(&config);
            config.rpm = 60;
            config.rate_headers = (enum svc_rate_headers)form;
            config.rate_window = rows[i].window;
            client_start(&client, &config);
            client_create(&client, SOURCE, "k");
            assert_header(&client, "X-RateLimit-Limit", draft ? NULL : "60");
            assert_header(&client, "X-RateLimit-Remaining", draft ? NULL : rows[i].left);
            assert_header(&client, "X-RateLimit-Reset", draft ? NULL : rows[i].reset);
            assert_header(&client, "RateLimit-Policy", draft ? rows[i].policy : NULL);
            assert_header(&client, "RateLimit", draft ? rows[i].now : NULL);
            client_stop(&client);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stuck_job_never_finishes_and_may_be_run_again),
        cmocka_unit_test(a_job_may_be_stuck_for_a_while),
        cmocka_unit_test(stuck_jobs_do_not_hold_the_one_worker),
        cmocka_unit_test(who_is_stuck_follows_from_the_seed),
        cmocka_unit_test(a_final_state_may_be_shown_as_an_unknown_one),
        cmocka_unit_test(unknown_states_are_random_when_none_is_given),
        cmocka_unit_test(a_submit_may_be_lost_once),
        cmocka_unit_test(keys_may_be_in_use_for_a_while_before_or_after_the_job_is_there),
        cmocka_unit_test(a_new_job_may_be_unknown_for_a_while),
        cmocka_unit_test(a_result_may_lag_behind_the_status),
        cmocka_unit_test(rate_headers_may_say_a_wrong_window_or_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
