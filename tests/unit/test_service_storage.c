/* SPDX-License-Identifier: MIT */
/*
 * The storage side of the model: what a signed upload accepts, rejects and remembers.
 */
#include <stdlib.h>
#include <string.h>

#include "unit/service_kit.h"

/* SHA-256 of "abc": FIPS 180-2, appendix B.1. */
#define DIGEST_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void start_with_job(struct client *client, const struct svc_config *config)
{
    client_start(client, config);
    assert_int_equal(client_create(client, TESTING_PAYLOAD, "k"), 201);
}

static bool answer_holds(const struct client *client, const char *words)
{
    return client->last.body && strstr(client->last.body, words);
}

static void storage_is_another_origin_and_refuses_the_key(void **state)
{
    const struct svc_header headers[] = {
        {"Content-Type", "image/jpeg"}, {"Authorization", "Bearer " TESTING_KEY}, {"Cookie", "a=b"}};
    struct client client;

    (void)state;
    start_with_job(&client, NULL);
    assert_memory_equal(client.upload, "https://storage.googleapis.com/", 31);
    assert_int_equal(client_send(&client, "PUT", client.upload, headers, 3, "abc"), 400);
    assert_true(answer_holds(&client, "<Code>InvalidArgument</Code>"));
    assert_int_equal(svc_violation_count_of(client.svc, "key_at_storage"), 1);
    assert_int_equal(svc_violation_count_of(client.svc, "cookie_at_storage"), 1);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 0);
    client_stop(&client);
}

static void method_header_and_signature_must_be_those_that_were_returned(void **state)
{
    const struct svc_header type[] = {{"Content-Type", "image/jpeg"}};
    struct client client;

    (void)state;
    start_with_job(&client, NULL);
    assert_int_equal(client_send(&client, "POST", client.upload, type, 1, "abc"), 403);
    assert_int_equal(client_put(&client, client.upload, "image/png", "abc"), 403);
    assert_int_equal(client_put(&client, client.upload, NULL, "abc"), 403);
    client.upload[strlen(client.upload) - 1] ^= 1;
    assert_int_equal(client_upload(&client), 403);
    assert_true(answer_holds(&client, "SignatureDoesNotMatch"));
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS_REFUSED), 4);
    client_stop(&client);
}

static void an_expiry_that_was_tampered_with_breaks_the_signature(void **state)
{
    struct client client;
    char *expires;

    (void)state;
    start_with_job(&client, NULL);
    expires = strstr(client.upload, "X-Expires=");
    expires[10] = '9';
    assert_int_equal(client_upload(&client), 403);
    client_stop(&client);
}

static void an_extra_header_must_be_sent_when_configured(void **state)
{
    struct svc_config config;
    struct client client;
    const struct svc_header headers[] = {{"Content-Type", "image/jpeg"}, {"x-goog-meta-ticket", "7"}};

    (void)state;
    client_config(&config);
    config.upload_header_name = "x-goog-meta-ticket";
    config.upload_header_value = "7";
    config.upload_method = "POST";
    start_with_job(&client, &config);
    assert_string_equal(client_text(&client, "upload.headers.x-goog-meta-ticket"), "7");
    assert_int_equal(client_send(&client, "POST", client.upload, headers, 1, "abc"), 403);
    assert_int_equal(client_send(&client, "POST", client.upload, headers, 2, "abc"), 200);
    assert_int_equal(svc_violation_count_of(client.svc, "bad_header"), 1);
    client_stop(&client);
}

static void an_unrequested_header_is_recorded(void **state)
{
    const struct svc_header headers[] = {{"Content-Type", "image/jpeg"}, {"Idempotency-Key", "k"}};
    struct client client;

    (void)state;
    start_with_job(&client, NULL);
    assert_int_equal(client_send(&client, "PUT", client.upload, headers, 2, "abc"), 200);
    assert_int_equal(svc_violation_count_of(client.svc, "bad_header"), 1);
    client_stop(&client);
}

static void size_is_checked_against_what_was_announced(void **state)
{
    struct client client;

    (void)state;
    start_with_job(&client, NULL);
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", "ab"), 400);
    assert_true(answer_holds(&client, "EntityTooSmall"));
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", "abcd"), 400);
    assert_true(answer_holds(&client, "EntityTooLarge"));
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", ""), 400);
    assert_int_equal(client_upload(&client), 200);
    client_stop(&client);
}

static void the_checksum_is_checked_when_the_field_is_configured(void **state)
{
    static const char payload[] = "{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"image/jpeg\","
                                  "\"sum\":\"" DIGEST_ABC "\"}";
    struct svc_config config;
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_create(&client, payload, "k"), 400);
    client_stop(&client);
    client_config(&config);
    config.checksum_field = "sum";
    client_start(&client, &config);
    assert_int_equal(client_create(&client, payload, "k"), 201);
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", "abd"), 400);
    assert_true(answer_holds(&client, "BadDigest"));
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", "abc"), 200);
    client_stop(&client);
}

static void an_expired_url_is_400_or_403_and_a_replay_brings_a_fresh_one(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.upload_ttl_ms = 1000;
    start_with_job(&client, &config);
    client.now_ms += 1000;
    assert_int_equal(client_upload(&client), 400);
    assert_true(answer_holds(&client, "<Code>ExpiredToken</Code>"));
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "k"), 200);
    assert_int_equal(client_upload(&client), 200);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS_EXPIRED), 1);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
    config.expired_as_403 = true;
    start_with_job(&client, &config);
    client.now_ms += 1000;
    assert_int_equal(client_upload(&client), 403);
    assert_true(answer_holds(&client, "AccessDenied"));
    client_stop(&client);
}

static void an_expired_upload_url_may_be_refused_as_azure_does(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.expired_as_azure = true;
    client_start(&client, &config);
    client_create(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 900000;
    assert_int_equal(client_upload(&client), 403);
    assert_non_null(strstr(client.last.body, "<Code>AuthenticationFailed</Code>"));
    assert_non_null(strstr(client.last.body, "Expiry [Fri, 15 Jan 2027 08:15:00 GMT]"));
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS_EXPIRED), 1);
    client_stop(&client);
}

static void a_replay_may_be_configured_to_bring_nothing_fresh(void **state)
{
    struct svc_config config;
    struct client client;
    char first[1024];

    (void)state;
    client_config(&config);
    config.replay = SVC_REPLAY_STALE;
    start_with_job(&client, &config);
    memcpy(first, client.upload, sizeof(first));
    client.now_ms += 5000;
    client_create(&client, TESTING_PAYLOAD, "k");
    assert_string_equal(client.upload, first);
    client_stop(&client);
    config.replay = SVC_REPLAY_NO_UPLOAD;
    start_with_job(&client, &config);
    client_create(&client, TESTING_PAYLOAD, "k");
    assert_string_equal(client.upload, "");
    client_stop(&client);
}

static void urls_expire_on_command_one_or_all(void **state)
{
    struct client client;

    (void)state;
    start_with_job(&client, NULL);
    assert_true(svc_expire_upload(client.svc, client.job));
    assert_int_equal(client_upload(&client), 400);
    client_create(&client, TESTING_PAYLOAD, "k");
    assert_int_equal(client_upload(&client), 200);
    svc_expire_all_uploads(client.svc);
    assert_int_equal(client_upload(&client), 400);
    client_create(&client, TESTING_PAYLOAD, "k");
    assert_int_equal(client_upload(&client), 200);
    assert_false(svc_expire_upload(client.svc, "nobody"));
    client_stop(&client);
}

static void an_upload_after_the_submit_is_noted_and_changes_nothing(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", "abd"), 200);
    assert_int_equal(svc_violation_count_of(client.svc, "upload_after_submit"), 1);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_IMAGES), 1);
    client_stop(&client);
}

static void equal_images_count_once(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client_begin_job(&client, "{\"operation\":\"filter\",\"filename\":\"a\",\"content_type\":\"image/jpeg\"}", "l");
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 2);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_IMAGES), 1);
    client_stop(&client);
}

static void an_unknown_object_is_404(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_put(&client, "https://storage.googleapis.com/animal_detect/uploads/x", "image/jpeg", "abc"),
                     404);
    assert_int_equal(svc_violation_count_of(client.svc, "unknown_job"), 1);
    client_stop(&client);
}

/* 11 MB in pieces of 64 KiB. */
static void pieces_are_hashed_and_too_many_are_refused(void **state)
{
    const struct svc_header headers[] = {{"Content-Type", "image/jpeg"}};
    char *piece = calloc(1, 65536);
    struct svc_response response;
    struct svc_request request;
    struct svc_upload *upload;
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_create(&client, "{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"image/jpeg\"}", "k");
    request = (struct svc_request){.method = "PUT", .url = client.upload, .headers = headers, .header_count = 1};
    upload = svc_upload_begin(client.svc, &request, client.now_ms, &response);
    assert_non_null(upload);
    for (int i = 0; i < 161; i++)
        svc_upload_feed(upload, piece, 65536);
    svc_upload_end(client.svc, upload, client.now_ms, &response);
    assert_int_equal(response.status, 400);
    svc_response_clear(&response);
    upload = svc_upload_begin(client.svc, &request, client.now_ms, &response);
    svc_upload_feed(upload, "a", 1);
    svc_upload_feed(upload, "bc", 2);
    svc_upload_end(client.svc, upload, client.now_ms, &response);
    assert_int_equal(response.status, 200);
    svc_response_clear(&response);
    upload = svc_upload_begin(client.svc, &request, client.now_ms, &response);
    svc_upload_abort(upload);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS), 1);
    client_stop(&client);
    free(piece);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(storage_is_another_origin_and_refuses_the_key),
        cmocka_unit_test(method_header_and_signature_must_be_those_that_were_returned),
        cmocka_unit_test(an_expiry_that_was_tampered_with_breaks_the_signature),
        cmocka_unit_test(an_extra_header_must_be_sent_when_configured),
        cmocka_unit_test(an_unrequested_header_is_recorded),
        cmocka_unit_test(size_is_checked_against_what_was_announced),
        cmocka_unit_test(the_checksum_is_checked_when_the_field_is_configured),
        cmocka_unit_test(an_expired_url_is_400_or_403_and_a_replay_brings_a_fresh_one),
        cmocka_unit_test(an_expired_upload_url_may_be_refused_as_azure_does),
        cmocka_unit_test(a_replay_may_be_configured_to_bring_nothing_fresh),
        cmocka_unit_test(urls_expire_on_command_one_or_all),
        cmocka_unit_test(an_upload_after_the_submit_is_noted_and_changes_nothing),
        cmocka_unit_test(equal_images_count_once),
        cmocka_unit_test(an_unknown_object_is_404),
        cmocka_unit_test(pieces_are_hashed_and_too_many_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
