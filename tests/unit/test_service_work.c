/* SPDX-License-Identifier: MIT */
/*
 * Which repeated work is a violation, and which images are billed twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/service_kit.h"

#define SOURCE "{\"operation\":\"detect\",\"source_url\":\"https://a.b/c.jpg\"}"

static size_t duplicates(const struct client *client)
{
    return svc_violation_count_of(client->svc, "duplicate_payload");
}

static uint64_t billed_twice(const struct client *client)
{
    return svc_count(client->svc, SVC_COUNT_BILLED_TWICE);
}

/* A second job with the same payload and bytes. */
static void repeat(struct client *client)
{
    client_begin_job(client, TESTING_PAYLOAD, "repeat");
}

static void begin_first(struct client *client, const struct svc_config *config)
{
    client_start(client, config);
    client_begin_job(client, TESTING_PAYLOAD, "first");
}

static void other_bytes_of_the_same_name_and_size_are_no_duplicate(void **state)
{
    struct client client;

    (void)state;
    begin_first(&client, NULL);
    client_create(&client, TESTING_PAYLOAD, "l");
    client_put(&client, client.upload, "image/jpeg", "xyz");
    assert_int_equal(client_submit(&client), 202);
    assert_int_equal(duplicates(&client), 0);
    assert_int_equal(billed_twice(&client), 0);
    client_stop(&client);
}

static void equal_bytes_under_two_keys_are_a_duplicate_once_submitted(void **state)
{
    struct client client;

    (void)state;
    begin_first(&client, NULL);
    client_create(&client, TESTING_PAYLOAD, "l");
    client_upload(&client);
    assert_int_equal(duplicates(&client), 0);
    client_submit(&client);
    assert_int_equal(duplicates(&client), 1);
    assert_int_equal(billed_twice(&client), 1);
    client_stop(&client);
}

static void equal_source_urls_are_a_duplicate_at_the_create(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, SOURCE, "k");
    client_create(&client, SOURCE, "l");
    assert_int_equal(duplicates(&client), 1);
    assert_int_equal(billed_twice(&client), 1);
    client_stop(&client);
}

static void a_failed_or_expired_job_may_be_run_again(void **state)
{
    static const char *const ends[] = {"failed", "expired"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct client client;

        begin_first(&client, NULL);
        assert_true(svc_job_force_state(client.svc, client.job, ends[i], NULL, NULL));
        repeat(&client);
        assert_int_equal(duplicates(&client), 0);
        assert_int_equal(billed_twice(&client), 0);
        client_stop(&client);
    }
}

static void a_job_that_is_overdue_may_be_run_again(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.processing = "fixed:100000000";
    begin_first(&client, &config);
    client.now_ms += 86400000;
    repeat(&client);
    assert_int_equal(duplicates(&client), 0);
    /* Both succeed in time, and both are billed. */
    assert_int_equal(billed_twice(&client), 1);
    client_stop(&client);
}

static void a_job_that_the_service_denied_may_be_run_again_until_its_result_is_had(void **state)
{
    (void)state;
    for (int fetched = 0; fetched < 2; fetched++) {
        struct client client;

        begin_first(&client, NULL);
        client_fault(&client, "poll:404:n=1");
        assert_int_equal(client_status(&client), 404);
        client.now_ms += 1000;
        if (fetched)
            assert_int_equal(client_result(&client), 200);
        repeat(&client);
        assert_int_equal(duplicates(&client), fetched);
        assert_int_equal(billed_twice(&client), 1);
        client_stop(&client);
    }
}

static void a_key_that_met_a_conflict_may_be_replaced(void **state)
{
    struct client client;

    (void)state;
    begin_first(&client, NULL);
    client_fault(&client, "create:409:n=1:code=idempotency_key_in_use");
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "first"), 409);
    repeat(&client);
    assert_int_equal(duplicates(&client), 0);
    client_stop(&client);
}

static void an_expired_upload_url_is_a_reason_to_run_again(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, TESTING_PAYLOAD, "first");
    client_upload(&client);
    svc_expire_upload(client.svc, client.job);
    assert_int_equal(client_upload(&client), 400);
    client_submit(&client);
    repeat(&client);
    assert_int_equal(duplicates(&client), 0);
    client_stop(&client);
}

static void equal_work_may_be_allowed_and_is_billed_all_the_same(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.allow_equal_payloads = true;
    begin_first(&client, &config);
    repeat(&client);
    client_begin_job(&client, TESTING_PAYLOAD, "third");
    assert_int_equal(duplicates(&client), 0);
    assert_int_equal(billed_twice(&client), 1);
    client_stop(&client);
}

static void an_image_is_billed_by_operation_and_only_when_it_succeeds(void **state)
{
    struct client client;

    (void)state;
    begin_first(&client, NULL);
    client_begin_job(&client, "{\"operation\":\"filter\",\"filename\":\"a\",\"content_type\":\"image/jpeg\"}", "f");
    assert_int_equal(billed_twice(&client), 0);
    repeat(&client);
    assert_int_equal(billed_twice(&client), 1);
    svc_job_force_state(client.svc, client.job, "failed", NULL, NULL);
    assert_int_equal(billed_twice(&client), 0);
    svc_job_force_state(client.svc, client.job, "succeeded", NULL, NULL);
    assert_int_equal(billed_twice(&client), 1);
    client_stop(&client);
}

static void a_job_that_is_submitted_again_repeats_none(void **state)
{
    struct client client;

    (void)state;
    begin_first(&client, NULL);
    svc_job_force_state(client.svc, client.job, "awaiting_upload", NULL, NULL);
    assert_int_equal(client_submit(&client), 202);
    assert_int_equal(svc_violation_count(client.svc), 0);
    assert_int_equal(billed_twice(&client), 0);
    client_stop(&client);
}

static void a_result_that_is_missing_lets_the_client_poll_again(void **state)
{
    struct client client;

    (void)state;
    begin_first(&client, NULL);
    client_fault(&client, "fetch:404:n=1");
    client.now_ms += 1000;
    client_status(&client);
    assert_int_equal(client_result(&client), 404);
    client_status(&client);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_status(&client);
    assert_int_equal(svc_violation_count_of(client.svc, "poll_after_end"), 1);
    client_stop(&client);
}

static void work_bills_and_excuses_survive_a_restart(void **state)
{
    (void)state;
    for (int excused = 0; excused < 2; excused++) {
        FILE *journal = tmpfile();
        struct client client;

        client_start(&client, NULL);
        svc_set_journal(client.svc, journal);
        client_begin_job(&client, TESTING_PAYLOAD, "first");
        if (excused) {
            client_fault(&client, "poll:404:n=1");
            client_status(&client);
        }
        client_restart(&client, NULL, journal);
        repeat(&client);
        assert_int_equal(duplicates(&client), !excused);
        assert_int_equal(billed_twice(&client), 1);
        client_stop(&client);
        (void)fclose(journal);
    }
}

static void the_ledger_names_what_was_billed_twice(void **state)
{
    struct client client;
    char *text;

    (void)state;
    begin_first(&client, NULL);
    repeat(&client);
    text = svc_ledger_json(client.svc);
    assert_non_null(strstr(text, "\"billed_twice\": 1"));
    free(text);
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_bytes_of_the_same_name_and_size_are_no_duplicate),
        cmocka_unit_test(equal_bytes_under_two_keys_are_a_duplicate_once_submitted),
        cmocka_unit_test(equal_source_urls_are_a_duplicate_at_the_create),
        cmocka_unit_test(a_failed_or_expired_job_may_be_run_again),
        cmocka_unit_test(a_job_that_is_overdue_may_be_run_again),
        cmocka_unit_test(a_job_that_the_service_denied_may_be_run_again_until_its_result_is_had),
        cmocka_unit_test(a_key_that_met_a_conflict_may_be_replaced),
        cmocka_unit_test(an_expired_upload_url_is_a_reason_to_run_again),
        cmocka_unit_test(equal_work_may_be_allowed_and_is_billed_all_the_same),
        cmocka_unit_test(an_image_is_billed_by_operation_and_only_when_it_succeeds),
        cmocka_unit_test(a_job_that_is_submitted_again_repeats_none),
        cmocka_unit_test(a_result_that_is_missing_lets_the_client_poll_again),
        cmocka_unit_test(work_bills_and_excuses_survive_a_restart),
        cmocka_unit_test(the_ledger_names_what_was_billed_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
