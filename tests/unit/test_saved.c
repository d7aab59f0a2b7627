/* SPDX-License-Identifier: MIT */
/*
 * The promises of saved jobs: written text reads back unchanged, and no text from a disk gets into a request unchecked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "protocol/saved.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define SHA256 "21ac2586e213d1f490778a07bf0025a98fc57595863a282372bac594b398322b"

static struct ad_saved full(void)
{
    return (struct ad_saved){
        .operation = "detect",
        .job_id = "5fd3825f-46a3-4892-8600-44a319e2d18f",
        .idempotency_key = "ad1-0f28521f36e07b151010aa9975290ef3cf025d6d84c97b4102d761871a440410",
        .filename = "h\xC3\xA9risson.jpg",
        .content_type = "image/jpeg",
        .client_reference_id = "camera-a/1",
        .options = "{\"threshold\":0.2}",
        .file_path = "/data/h\xC3\xA9risson.jpg",
        .sha256 = SHA256,
        .submit_url = "https://a.example/s",
        .status_url = "https://a.example/t",
        .result_url = "https://a.example/r",
        .expires_at = "2026-07-17T13:00:00.000Z",
        .state_text = "awaiting_upload",
        .upload_method = "PUT",
        .upload_url = "https://s.example/u?X-Goog-Signature=0a",
        .upload_expires_at = "2026-06-17T13:15:00.000Z",
        .upload_headers = {{"Content-Type", "image/jpeg"}, {"x-goog-meta-a", "1"}},
        .upload_header_count = 2,
        .size = 2456789,
        .input = AD_SOURCE_FILE,
        .stage = ANIMALDETECT_STAGE_CREATED,
        .state = ANIMALDETECT_STATE_AWAITING_UPLOAD,
        .rerun = 2,
        .own_key = true,
        .reconcile = true,
    };
}

/* Writes and reads back; the caller clears `back`. */
static void round_trip(const struct ad_saved *saved, struct ad_saved *back)
{
    struct ad_problem problem;
    char *text = NULL;
    size_t size = 0;

    assert_int_equal(ad_saved_write(saved, &text, &size), ANIMALDETECT_OK);
    assert_int_equal(strlen(text), size);
    assert_int_equal(ad_saved_read(back, text, size, NULL, &problem), ANIMALDETECT_OK);
    free(text);
}

static void a_full_job_is_restored_unchanged(void **state)
{
    struct ad_saved saved = full();
    struct ad_saved back;

    (void)state;
    round_trip(&saved, &back);
    assert_string_equal(back.operation, saved.operation);
    assert_string_equal(back.job_id, saved.job_id);
    assert_string_equal(back.idempotency_key, saved.idempotency_key);
    assert_string_equal(back.filename, saved.filename);
    assert_string_equal(back.content_type, saved.content_type);
    assert_string_equal(back.client_reference_id, saved.client_reference_id);
    assert_true(json_real_value(json_object_get(back.options_json, "threshold")) == 0.2);
    assert_null(back.source_url);
    assert_string_equal(back.file_path, saved.file_path);
    assert_string_equal(back.sha256, saved.sha256);
    assert_string_equal(back.submit_url, saved.submit_url);
    assert_string_equal(back.status_url, saved.status_url);
    assert_string_equal(back.result_url, saved.result_url);
    assert_string_equal(back.expires_at, saved.expires_at);
    assert_string_equal(back.state_text, saved.state_text);
    assert_string_equal(back.upload_method, "PUT");
    assert_string_equal(back.upload_url, saved.upload_url);
    assert_string_equal(back.upload_expires_at, saved.upload_expires_at);
    assert_int_equal(back.upload_header_count, 2);
    assert_true(back.size == saved.size);
    assert_int_equal(back.input, AD_SOURCE_FILE);
    assert_int_equal(back.stage, ANIMALDETECT_STAGE_CREATED);
    assert_int_equal(back.state, ANIMALDETECT_STATE_AWAITING_UPLOAD);
    assert_int_equal(back.rerun, 2);
    assert_true(back.own_key);
    assert_false(back.random_key);
    assert_true(back.reconcile);
    ad_saved_clear(&back);
    assert_null(back.root);
}

static void saving_a_restored_job_gives_the_same_text(void **state)
{
    struct ad_saved saved = full();
    struct ad_saved back;
    char *first = NULL;
    char *second = NULL;

    (void)state;
    round_trip(&saved, &back);
    assert_int_equal(ad_saved_write(&saved, &first, NULL), ANIMALDETECT_OK);
    assert_int_equal(ad_saved_write(&back, &second, NULL), ANIMALDETECT_OK);
    assert_string_equal(first, second);
    free(first);
    free(second);
    ad_saved_clear(&back);
}

static void the_least_job_is_short(void **state)
{
    struct ad_saved saved = {.operation = "detect"};
    struct ad_saved back;
    char *text = NULL;

    (void)state;
    assert_int_equal(ad_saved_write(&saved, &text, NULL), ANIMALDETECT_OK);
    assert_string_equal(text, "{\"animaldetect_job\":1,\"input\":\"none\",\"operation\":\"detect\",\"stage\":\"new\"}");
    free(text);
    round_trip(&saved, &back);
    assert_int_equal(back.state, ANIMALDETECT_STATE_NONE);
    assert_int_equal(back.rerun, 0);
    ad_saved_clear(&back);
}

static void a_fetched_job_is_saved_as_finished(void **state)
{
    struct ad_saved saved = full();
    struct ad_saved back;

    (void)state;
    saved.stage = ANIMALDETECT_STAGE_FETCHED;
    round_trip(&saved, &back);
    assert_int_equal(back.stage, ANIMALDETECT_STAGE_FINISHED);
    ad_saved_clear(&back);
}

static void a_path_that_is_not_utf8_is_restored_byte_for_byte(void **state)
{
    struct ad_saved saved = full();
    struct ad_saved back;

    (void)state;
    saved.file_path = "/data/\xE9t\xE9\xFF.jpg";
    round_trip(&saved, &back);
    assert_string_equal(back.file_path, saved.file_path);
    ad_saved_clear(&back);
}

#define NEW(members) "{\"animaldetect_job\":1,\"operation\":\"detect\",\"stage\":\"new\",\"input\":\"none\"" members "}"

static void unknown_fields_and_nulls_are_read_over(void **state)
{
    static const char text[] = NEW(",\"added_later\":{\"a\":[1]},\"job_id\":null,\"size\":null,\"own_key\":null");
    struct ad_saved back;

    (void)state;
    assert_int_equal(ad_saved_read(&back, text, strlen(text), NULL, NULL), ANIMALDETECT_OK);
    assert_null(back.job_id);
    assert_int_equal(back.size, 0);
    assert_false(back.own_key);
    ad_saved_clear(&back);
}

static const struct {
    const char *text;
    const char *problem; /* its prefix */
} refused[] = {
    {"", "empty"},
    {"not json", "not JSON"},
    {"[]", "not a saved job"},
    {"{}", "not a saved job"},
    {"{\"animaldetect_job\":\"1\"}", "not a saved job"},
    {"{\"animaldetect_job\":2}", "saved in an unsupported format version: 2"},
    {"{\"animaldetect_job\":0}", "saved in an unsupported format version: 0"},
    {"{\"animaldetect_job\":1}", "stage is missing"},
    {"{\"animaldetect_job\":1,\"stage\":\"new\"}", "input is missing"},
    {"{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"none\"}", "operation is missing"},
    {"{\"animaldetect_job\":1,\"stage\":\"fetched\",\"input\":\"none\"}", "stage has a value"},
    {"{\"animaldetect_job\":1,\"stage\":1,\"input\":\"none\"}", "stage is not a string"},
    {"{\"animaldetect_job\":1,\"stage\":\"created\",\"input\":\"none\",\"operation\":\"detect\"}", "job_id is missing"},
    {"{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"file\",\"operation\":\"detect\"}", "file_path is missing"},
    {"{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"source_url\",\"operation\":\"detect\"}",
     "source_url is missing"},
    {"{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"tape\",\"operation\":\"detect\"}", "input has a value"},
    {NEW(",\"job_id\":\"../x\""), "job_id is not valid"},
    {NEW(",\"job_id\":1"), "job_id is not a string"},
    {NEW(",\"idempotency_key\":\"a b\""), "idempotency_key is not valid"},
    {NEW(",\"idempotency_key\":\"\""), "idempotency_key is not valid"},
    {NEW(",\"content_type\":\"a\\r\\nb: c\""), "content_type is not valid"},
    {NEW(",\"filename\":\"a\\nb\""), "filename is not valid"},
    {NEW(",\"status_url\":\"https://a/\\n\""), "status_url is not valid"},
    {NEW(",\"upload_url\":\" \""), "upload_url is not valid"},
    {NEW(",\"upload_method\":\"GET\""), "upload_method is not valid"},
    {NEW(",\"sha256\":\"12\""), "sha256 is not valid"},
    {NEW(",\"size\":-1"), "size is not a number"},
    {NEW(",\"size\":1.5"), "size is not a number"},
    {NEW(",\"rerun\":2147483648"), "rerun is not a number"},
    {NEW(",\"options\":[]"), "options is not an object"},
    {NEW(",\"own_key\":1"), "own_key is not true or false"},
    {NEW(",\"upload_headers\":[]"), "upload_headers is not valid"},
    {NEW(",\"upload_headers\":{\"a\":1}"), "upload_headers is not valid"},
    {NEW(",\"upload_headers\":{\"a:\":\"b\"}"), "upload_headers is not valid"},
    {NEW(",\"upload_headers\":{\"a\":\"b\\r\\nc: d\"}"), "upload_headers is not valid"},
    {NEW(",\"file_path_hex\":\"6\""), "file_path_hex is not valid"},
    {NEW(",\"file_path_hex\":\"\""), "file_path_hex is not valid"},
    {NEW(",\"file_path_hex\":\"6g\""), "file_path_hex is not valid"},
    {NEW(",\"file_path_hex\":\"610062\""), "file_path_hex is not valid"},
};

static void a_text_that_is_not_a_saved_job_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct ad_saved back;
        struct ad_problem problem;

        if (ad_saved_read(&back, refused[i].text, strlen(refused[i].text), NULL, &problem) != ANIMALDETECT_E_SAVED_JOB)
            fail_msg("taken: %s", refused[i].text);
        if (strncmp(problem.text, refused[i].problem, strlen(refused[i].problem)) != 0)
            fail_msg("%s: %s", refused[i].text, problem.text);
        assert_null(back.root);
        ad_saved_clear(&back);
    }
}

static void a_text_beyond_the_limit_is_not_even_parsed(void **state)
{
    static char text[AD_SAVED_MAX_SIZE + 1];
    struct ad_saved back;
    struct ad_problem problem;

    (void)state;
    memset(text, ' ', sizeof(text));
    memcpy(text, NEW(""), strlen(NEW("")));
    assert_int_equal(ad_saved_read(&back, text, sizeof(text), NULL, &problem), ANIMALDETECT_E_SAVED_JOB);
    assert_string_equal(problem.text, "larger than 1048576 bytes");
    assert_int_equal(ad_saved_read(&back, text, sizeof(text) - 1, NULL, &problem), ANIMALDETECT_OK);
    ad_saved_clear(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_job_is_restored_unchanged),
        cmocka_unit_test(saving_a_restored_job_gives_the_same_text),
        cmocka_unit_test(the_least_job_is_short),
        cmocka_unit_test(a_fetched_job_is_saved_as_finished),
        cmocka_unit_test(a_path_that_is_not_utf8_is_restored_byte_for_byte),
        cmocka_unit_test(unknown_fields_and_nulls_are_read_over),
        cmocka_unit_test(a_text_that_is_not_a_saved_job_is_refused_with_its_reason),
        cmocka_unit_test(a_text_beyond_the_limit_is_not_even_parsed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
