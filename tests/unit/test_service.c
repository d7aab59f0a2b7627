/* SPDX-License-Identifier: MIT */
/*
 * The API side of the service model: creates, idempotency, states, results, keys and rejections. Storage, faults,
 * windows and the journal have their own test files.
 */
#include <string.h>

#include "unit/service_kit.h"

#define JOBS "https://api.animaldetect.com/v1/jobs"

static void a_job_goes_through_all_states_to_its_result(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "k"), 201);
    assert_string_equal(client_text(&client, "status"), "awaiting_upload");
    assert_string_equal(client_text(&client, "upload.method"), "PUT");
    assert_string_equal(client_text(&client, "upload.headers.Content-Type"), "image/jpeg");
    assert_string_equal(client_text(&client, "upload.expires_at"), "2027-01-15T08:15:00.000Z");
    assert_string_equal(client_text(&client, "expires_at"), "2027-02-14T08:00:00.000Z");
    assert_int_equal(client_upload(&client), 200);
    assert_int_equal(client_submit(&client), 202);
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "queued");
    client.now_ms += 250;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "running");
    client.now_ms += 749;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "running");
    client.now_ms += 1;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "succeeded");
    assert_int_equal(client_result(&client), 200);
    assert_true(json_is_array(client_value(&client, "annotations")));
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
}

static void equal_payloads_under_one_key_are_one_job(void **state)
{
    struct client client;
    char first[64];

    (void)state;
    client_start(&client, NULL);
    client_create(&client, "{\"operation\":\"detect\",\"filename\":\"a.jpg\",\"content_type\":\"image/png\"}", "k");
    memcpy(first, client.job, sizeof(first));
    /* The order of the fields and blanks does not change the payload. */
    client_create(&client, "{ \"content_type\":\"image/png\", \"filename\":\"a.jpg\",\"operation\":\"detect\"}", "k");
    assert_int_equal(client.last.status, 200);
    assert_string_equal(client.job, first);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_REPLAYS), 1);
    client_stop(&client);
}

static void another_payload_under_the_same_key_is_409(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, TESTING_PAYLOAD, "k");
    client_create(&client, "{\"operation\":\"filter\",\"filename\":\"a.jpg\",\"content_type\":\"image/jpeg\"}", "k");
    assert_int_equal(client.last.status, 409);
    assert_string_equal(client_text(&client, "error.code"), "idempotency_conflict");
    assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), 1);
    client_stop(&client);
}

static void without_a_key_each_create_is_a_job_and_a_violation(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, TESTING_PAYLOAD, NULL);
    client_create(&client, TESTING_PAYLOAD, NULL);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), 2);
    assert_int_equal(svc_violation_count_of(client.svc, "missing_idempotency_key"), 2);
    client_stop(&client);
}

static void bad_creates_are_400(void **state)
{
    static const char *const payloads[] = {
        "", "[]", "{", "{\"operation\":\"detect\"}",
        "{\"operation\":\"paint\",\"filename\":\"a\",\"content_type\":\"image/jpeg\"}",
        "{\"operation\":\"detect\",\"filename\":\"a/b\",\"content_type\":\"image/jpeg\"}",
        "{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"text/html\"}",
        "{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"image/jpeg\",\"expected_size_bytes\":0}",
        ("{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"image/jpeg\","
         "\"expected_size_bytes\":10485761}"),
        "{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"image/jpeg\",\"surprise\":1}",
        "{\"operation\":\"detect\",\"source_url\":\"file:///etc/hosts\"}",
        "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c\",\"options\":{\"threshold\":1}}",
        "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c\",\"options\":{\"latitude\":1}}",
        "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c\",\"options\":{\"classify\":\"yes\"}}",
        "{\"operation\":\"detect\",\"operation\":\"detect\",\"source_url\":\"https://a.b/c\"}",
    };
    struct client client;

    (void)state;
    client_start(&client, NULL);
    for (size_t i = 0; i < sizeof(payloads) / sizeof(payloads[0]); i++) {
        if (client_create(&client, payloads[i], "k") != 400)
            fail_msg("not refused: %s", payloads[i]);
        assert_string_equal(client_text(&client, "error.code"), "validation_error");
    }
    assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), 0);
    client_stop(&client);
}

static void a_source_url_job_is_queued_at_once(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, "{\"operation\":\"filter\",\"source_url\":\"https://a.b/c.jpg\"}", "k");
    assert_string_equal(client_text(&client, "status"), "queued");
    assert_null(client_value(&client, "upload"));
    assert_null(client_value(&client, "submit_url"));
    client.now_ms += 1000;
    assert_int_equal(client_result(&client), 200);
    assert_true(json_is_array(client_value(&client, "detections")));
    assert_int_equal(client_submit(&client), 409);
    client_stop(&client);
}

static void keys_that_are_missing_wrong_or_revoked_are_401(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_send(&client, "GET", JOBS "/x", NULL, 0, NULL), 401);
    client.key = "sk_test_other";
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "k"), 401);
    svc_add_key(client.svc, "sk_test_other", 0);
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "k"), 201);
    svc_revoke_key(client.svc, "sk_test_other");
    assert_int_equal(client_status(&client), 401);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UNAUTHORIZED), 3);
    client_stop(&client);
}

static void a_submit_needs_an_upload_and_happens_once(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, TESTING_PAYLOAD, "k");
    assert_int_equal(client_submit(&client), 400);
    assert_int_equal(svc_violation_count_of(client.svc, "submit_before_upload"), 1);
    client_upload(&client);
    assert_int_equal(client_submit(&client), 202);
    assert_int_equal(client_submit(&client), 409);
    assert_int_equal(svc_violation_count_of(client.svc, "double_submit"), 1);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_SUBMITS), 1);
    client_stop(&client);
}

static void submit_answers_in_every_configured_form(void **state)
{
    static const int statuses[] = {202, 200, 202, 200};

    (void)state;
    for (int form = SVC_SUBMIT_202_JOB; form <= SVC_SUBMIT_200_OTHER; form++) {
        struct svc_config config;
        struct client client;

        client_config(&config);
        config.submit = (enum svc_submit_form)form;
        client_start(&client, &config);
        client_create(&client, TESTING_PAYLOAD, "k");
        client_upload(&client);
        assert_int_equal(client_submit(&client), statuses[form]);
        assert_int_equal(client.last.body == NULL, form == SVC_SUBMIT_202_EMPTY);
        assert_int_equal(*client_text(&client, "job_id") != '\0', form < SVC_SUBMIT_202_EMPTY);
        assert_string_equal(svc_job_state(client.svc, client.job, client.now_ms), "queued");
        client_stop(&client);
    }
}

static void a_result_before_success_is_refused_and_noted(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.result_early_status = 404;
    client_start(&client, &config);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    assert_int_equal(client_result(&client), 404);
    assert_int_equal(svc_violation_count_of(client.svc, "result_before_success"), 1);
    client_stop(&client);
}

static void a_poll_after_a_known_end_is_noted_once_the_client_knew(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 1000;
    client_status(&client);
    assert_int_equal(svc_violation_count(client.svc), 0);
    svc_client_restarted(client.svc);
    client_status(&client);
    assert_int_equal(svc_violation_count(client.svc), 0);
    svc_answer_lost(client.svc, client.job);
    client_status(&client);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_status(&client);
    assert_int_equal(svc_violation_count_of(client.svc, "poll_after_end"), 1);
    client_stop(&client);
}

static void a_final_state_whose_response_was_lost_may_be_polled_again(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "poll:reset-after:n=1");
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 1000;
    client_status(&client);
    client_status(&client);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
}

static void failed_jobs_say_why(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.fail_probability = 1;
    client_start(&client, &config);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 1000;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "failed");
    assert_string_equal(client_text(&client, "error.code"), "processing_failed");
    assert_int_equal(client_result(&client), 409);
    client_stop(&client);
}

static void a_state_can_be_forced_with_a_message(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    assert_true(svc_job_force_state(client.svc, client.job, "failed", "too_dark", "nothing to see"));
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "failed");
    assert_string_equal(client_text(&client, "error.message"), "nothing to see");
    assert_false(svc_job_force_state(client.svc, client.job, "sleeping", NULL, NULL));
    assert_false(svc_job_force_state(client.svc, "nobody", "failed", NULL, NULL));
    client_stop(&client);
}

static void jobs_expire_after_their_life(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.job_ttl_ms = 5000;
    client_start(&client, &config);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 5000;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "expired");
    assert_int_equal(client_result(&client), 409);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
}

static void an_unknown_state_is_shown_for_a_while(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.odd_status = "preprocessing";
    config.odd_status_ms = 100;
    config.extra_fields = true;
    client_start(&client, &config);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "preprocessing");
    assert_non_null(client_value(&client, "added_later"));
    client.now_ms += 100;
    client_status(&client);
    assert_string_equal(client_text(&client, "status"), "queued");
    client_stop(&client);
}

static void what_is_not_there_is_404_and_a_wrong_method_405(void **state)
{
    const struct svc_header headers[] = {{"Authorization", "Bearer " TESTING_KEY}};
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_send(&client, "GET", JOBS "/nobody", headers, 1, NULL), 404);
    assert_int_equal(client_send(&client, "GET", "https://api.animaldetect.com/v2/jobs", headers, 1, NULL), 404);
    assert_int_equal(client_send(&client, "DELETE", JOBS, headers, 1, NULL), 405);
    assert_int_equal(svc_violation_count_of(client.svc, "unknown_job"), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "unknown_route"), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "bad_method"), 1);
    client_stop(&client);
}

static void the_older_host_and_base_name_their_own_urls(void **state)
{
    const struct svc_header headers[] = {
        {"Authorization", "Bearer " TESTING_KEY}, {"Content-Type", "application/json"}, {"Idempotency-Key", "k"}};
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_send(&client, "POST", "https://www.animaldetect.com:443/api/v1/jobs", headers, 3,
                                 TESTING_PAYLOAD),
                     201);
    assert_memory_equal(client_text(&client, "status_url"), "https://www.animaldetect.com/api/v1/jobs/", 41);
    client_stop(&client);
}

static void a_key_in_the_wrong_place_is_noted_without_printing_it(void **state)
{
    const struct svc_header headers[] = {{"Authorization", "Bearer " TESTING_KEY}, {"Expect", "100-continue"}};
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_send(&client, "GET", "https://foreign.example/v1/jobs/x", headers, 2, NULL);
    client_send(&client, "GET", JOBS "/x?key=" TESTING_KEY, headers, 2, NULL);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_FOREIGN), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "key_elsewhere"), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "key_in_url"), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "bad_header"), 1);
    for (size_t i = 0; svc_violation(client.svc, i); i++)
        assert_null(strstr(svc_violation(client.svc, i), TESTING_KEY));
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_goes_through_all_states_to_its_result),
        cmocka_unit_test(equal_payloads_under_one_key_are_one_job),
        cmocka_unit_test(another_payload_under_the_same_key_is_409),
        cmocka_unit_test(without_a_key_each_create_is_a_job_and_a_violation),
        cmocka_unit_test(bad_creates_are_400),
        cmocka_unit_test(a_source_url_job_is_queued_at_once),
        cmocka_unit_test(keys_that_are_missing_wrong_or_revoked_are_401),
        cmocka_unit_test(a_submit_needs_an_upload_and_happens_once),
        cmocka_unit_test(submit_answers_in_every_configured_form),
        cmocka_unit_test(a_result_before_success_is_refused_and_noted),
        cmocka_unit_test(a_poll_after_a_known_end_is_noted_once_the_client_knew),
        cmocka_unit_test(a_final_state_whose_response_was_lost_may_be_polled_again),
        cmocka_unit_test(failed_jobs_say_why),
        cmocka_unit_test(a_state_can_be_forced_with_a_message),
        cmocka_unit_test(jobs_expire_after_their_life),
        cmocka_unit_test(an_unknown_state_is_shown_for_a_while),
        cmocka_unit_test(what_is_not_there_is_404_and_a_wrong_method_405),
        cmocka_unit_test(the_older_host_and_base_name_their_own_urls),
        cmocka_unit_test(a_key_in_the_wrong_place_is_noted_without_printing_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
