/* SPDX-License-Identifier: MIT */
/*
 * Odd fields: each form is written correctly, in the responses that it applies to and in no other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/service_kit.h"

#define SEEN_PAYLOAD "{\"operation\":\"detect\",\"source_url\":\"https://a.b/%d\",\"options\":{\"threshold\":0.01}}"

/* A succeeded job with at least one annotation, and the fault. */
static void begin_seen(struct client *client, const char *spec)
{
    client_start(client, NULL);
    for (int i = 0; i < 100; i++) {
        char payload[160];
        char key[16];

        (void)snprintf(payload, sizeof(payload), SEEN_PAYLOAD, i);
        (void)snprintf(key, sizeof(key), "k%d", i);
        client_create(client, payload, key);
        client->now_ms += 1000;
        client_result(client);
        if (client_value(client, "annotations.0")) {
            client_fault(client, spec);
            return;
        }
    }
    fail_msg("no image with an annotation");
}

static void every_form_of_a_result_is_written_as_it_says(void **state)
{
    static const struct {
        const char *form;
        const char *text;
    } rows[] = {
        {"nul", "\"user_comment\":\"ASCII\\u0000\\u0000\\u0000TRAIL 7\""},
        {"surrogate", "\"comment\":\"caf\\ud83d\""},
        {"nan", "\"score\":NaN"},
        {"null-list", "\"annotations\":null"},
        {"score-text", "\"score\":\"0."},
        {"width-text", "\"image_width\":\"4000\""},
        {"taxonomy-list", "\"taxonomy\":[]"},
        {"model-number", "\"model_version\":4"},
        {"negative-time", "\"processing_time_ms\":-1"},
        {"null-box", "\"bbox\":[null,null,null,null]"},
        {"id-text", "\"id\":\"a1\""},
        {"twice", ",\"info\":{\"processing_time_ms\":1}}"},
        {"bom", "\xef\xbb\xbf{"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client client;
        char spec[64];

        (void)snprintf(spec, sizeof(spec), "fetch:odd:form=%s", rows[i].form);
        begin_seen(&client, spec);
        assert_int_equal(client_result(&client), 200);
        if (!strstr(client.last.body, rows[i].text))
            fail_msg("%s: %s", rows[i].form, client.last.body);
        assert_int_equal(client.last.body_size, strlen(client.last.body));
        assert_int_equal(client.last.declared_size, client.last.body_size);
        client_stop(&client);
    }
}

static void every_form_of_a_job_is_written_as_it_says(void **state)
{
    static const struct {
        const char *form;
        const char *text;
    } rows[] = {
        {"members", "\"priority\":null"},
        {"null-expiry", "\"expires_at\":null"},
        {"error-text", "\"error\":\"too dark\""},
        {"twice", ",\"status\":\"failed\"}"},
        {"bom", "\xef\xbb\xbf{"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client client;
        char spec[64];

        (void)snprintf(spec, sizeof(spec), "poll:odd:form=%s", rows[i].form);
        begin_seen(&client, spec);
        svc_job_force_state(client.svc, client.job, "failed", "dark", "too dark");
        assert_int_equal(client_status(&client), 200);
        if (!strstr(client.last.body, rows[i].text))
            fail_msg("%s: %s", rows[i].form, client.last.body);
        client_stop(&client);
    }
}

static void a_form_that_finds_nothing_leaves_the_answer_alone(void **state)
{
    struct client client;
    char *plain;

    (void)state;
    begin_seen(&client, "poll:odd:form=error-text:from=1:n=2");
    client_fault(&client, "poll:odd:form=nan:from=2");
    client_status(&client);
    plain = strdup(client.last.body);
    client_status(&client);
    assert_string_equal(client.last.body, plain);
    client_status(&client);
    assert_string_equal(client.last.body, plain);
    free(plain);
    client_stop(&client);
}

/* Every response with a job or a result is odd, and both lives are odd in the same way. */
static void drawn_forms_change_every_answer_the_same_way_each_time(void **state)
{
    char *bodies[60] = {NULL};

    (void)state;
    for (int life = 0; life < 2; life++) {
        struct client client;
        char *plain;
        int kinds = 0;

        begin_seen(&client, "fetch:odd");
        plain = strdup(client.last.body);
        for (size_t i = 0; i < 60; i++) {
            client_result(&client);
            assert_string_not_equal(client.last.body, plain);
            if (life == 1)
                assert_string_equal(client.last.body, bodies[i]);
            free(bodies[i]);
            bodies[i] = strdup(client.last.body);
            kinds += i > 0 && strcmp(bodies[i], bodies[i - 1]) != 0;
        }
        assert_true(kinds > 30);
        free(plain);
        client_stop(&client);
    }
    for (size_t i = 0; i < 60; i++)
        free(bodies[i]);
}

static void every_answer_about_a_job_may_be_odd(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "api:odd:form=members");
    client_create(&client, TESTING_PAYLOAD, "k");
    assert_non_null(client_value(&client, "priority"));
    client_upload(&client);
    client_submit(&client);
    assert_non_null(client_value(&client, "priority"));
    client_status(&client);
    assert_non_null(client_value(&client, "priority"));
    client_stop(&client);
}

static void an_odd_response_still_shows_the_final_state(void **state)
{
    struct client client;

    (void)state;
    begin_seen(&client, "poll:odd");
    client_status(&client);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_status(&client);
    assert_int_equal(svc_violation_count_of(client.svc, "poll_after_end"), 1);
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_a_result_is_written_as_it_says),
        cmocka_unit_test(every_form_of_a_job_is_written_as_it_says),
        cmocka_unit_test(a_form_that_finds_nothing_leaves_the_answer_alone),
        cmocka_unit_test(drawn_forms_change_every_answer_the_same_way_each_time),
        cmocka_unit_test(every_answer_about_a_job_may_be_odd),
        cmocka_unit_test(an_odd_response_still_shows_the_final_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
