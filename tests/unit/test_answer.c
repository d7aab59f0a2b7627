/* SPDX-License-Identifier: MIT */
/*
 * The promises of reading a job: the published response is understood, everything that could harm a request is
 * rejected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/answer.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define JOB_ID "5fd3825f-46a3-4892-8600-44a319e2d18f"
#define JOB_URL "https://api.animaldetect.com/v1/jobs/" JOB_ID
/* A valid create response with room for one more member, or for one in place of another. */
#define CREATED(more)                                                                     \
    "{\"job_id\":\"" JOB_ID "\",\"status\":\"awaiting_upload\",\"status_url\":\"" JOB_URL \
    "\",\"result_url\":\"" JOB_URL "/result\"" more "}"

static int32_t read_answer(struct ad_job_answer *answer, enum ad_answer_kind kind, const char *body,
                           struct ad_problem *problem)
{
    return ad_job_answer_read(answer, kind, body, strlen(body), NULL, problem);
}

static void the_published_create_answer_is_read(void **state)
{
    static const char body[] =
        "{\"job_id\":\"" JOB_ID "\",\"status\":\"awaiting_upload\",\"operation\":\"detect\","
        "\"client_reference_id\":\"camera-a/2026-06-17/img_001\",\"upload\":{\"method\":\"PUT\","
        "\"url\":\"https://storage.googleapis.com/animal_detect_prod/users/a?X-Goog-Signature=0a\","
        "\"headers\":{\"Content-Type\":\"image/jpeg\",\"x-goog-meta-a\":\"1\"},"
        "\"expires_at\":\"2026-06-17T13:15:00.000Z\"},\"submit_url\":\"" JOB_URL "/submit\","
        "\"status_url\":\"" JOB_URL "\",\"result_url\":\"" JOB_URL "/result\","
        "\"expires_at\":\"2026-07-17T13:00:00.000Z\",\"added_later\":[1,{}]}";
    struct ad_job_answer answer;
    struct ad_problem problem;

    (void)state;
    assert_int_equal(read_answer(&answer, AD_ANSWER_CREATE, body, &problem), ANIMALDETECT_OK);
    assert_string_equal(problem.text, "");
    assert_string_equal(answer.job_id, JOB_ID);
    assert_int_equal(answer.state, ANIMALDETECT_STATE_AWAITING_UPLOAD);
    assert_string_equal(answer.state_text, "awaiting_upload");
    assert_string_equal(answer.operation, "detect");
    assert_string_equal(answer.submit_url, JOB_URL "/submit");
    assert_string_equal(answer.status_url, JOB_URL);
    assert_string_equal(answer.result_url, JOB_URL "/result");
    assert_string_equal(answer.expires_at, "2026-07-17T13:00:00.000Z");
    assert_true(answer.has_upload);
    assert_string_equal(answer.upload_method, "PUT");
    assert_memory_equal(answer.upload_url, "https://storage.googleapis.com/", 31);
    assert_string_equal(answer.upload_expires_at, "2026-06-17T13:15:00.000Z");
    assert_int_equal(answer.upload_header_count, 2);
    assert_string_equal(answer.upload_headers[0].name, "Content-Type");
    assert_string_equal(answer.upload_headers[0].value, "image/jpeg");
    assert_null(answer.error_message);
    ad_job_answer_clear(&answer);
    assert_null(answer.root);
}

static void a_null_reads_as_absent(void **state)
{
    static const char body[] = CREATED(",\"upload\":null,\"submit_url\":null,\"error\":null,\"operation\":null");
    struct ad_job_answer answer;

    (void)state;
    assert_int_equal(read_answer(&answer, AD_ANSWER_CREATE, body, NULL), ANIMALDETECT_OK);
    assert_false(answer.has_upload);
    assert_null(answer.submit_url);
    assert_null(answer.operation);
    assert_null(answer.error_message);
    ad_job_answer_clear(&answer);
}

static void an_upload_without_method_is_a_put(void **state)
{
    static const char body[] = CREATED(",\"upload\":{\"url\":\"https://s.example/a\"}");
    struct ad_job_answer answer;

    (void)state;
    assert_int_equal(read_answer(&answer, AD_ANSWER_CREATE, body, NULL), ANIMALDETECT_OK);
    assert_true(answer.has_upload);
    assert_string_equal(answer.upload_method, "PUT");
    assert_int_equal(answer.upload_header_count, 0);
    ad_job_answer_clear(&answer);
}

#define UPLOAD(members) CREATED(",\"upload\":{\"url\":\"https://s.example/a\"," members "}")

static const struct {
    const char *body;
    const char *problem; /* its prefix */
} refused[] = {
    {"", "empty"},
    {"null", "the response is not a JSON object"},
    {"[]", "the response is not a JSON object"},
    {"<html>", "not JSON"},
    {CREATED("") "x", "not JSON"},
    {"{\"job_id\":\"a\"", "not JSON: unexpected end of text"},
    {"{\"status\":\"queued\",\"status_url\":\"https://a/\",\"result_url\":\"https://a/\"}", "job_id is missing"},
    {"{\"job_id\":[],\"status\":\"queued\"}", "job_id is missing"},
    {"{\"job_id\":\"a\\u0000b\",\"status\":\"queued\"}", "job_id is missing"},
    {"{\"job_id\":\"\",\"status\":\"queued\"}", "job_id is not an id"},
    {"{\"job_id\":\"..\",\"status\":\"queued\"}", "job_id is not an id"},
    {"{\"job_id\":\"a/../b\",\"status\":\"queued\"}", "job_id is not an id"},
    {"{\"job_id\":\"a\\nb\",\"status\":\"queued\"}", "job_id is not an id"},
    {CREATED(",\"upload\":{}"), "upload.url is missing"},
    {CREATED(",\"upload\":{\"url\":1}"), "upload.url is missing or not a URL"},
    {CREATED(",\"upload\":{\"url\":\"https://a/\\r\\nX: y\"}"), "upload.url is missing or not a URL"},
    {UPLOAD("\"method\":\"DELETE\""), "upload.method is neither"},
    {UPLOAD("\"method\":\"PUT \\r\\nX: y\""), "upload.method is neither"},
    {UPLOAD("\"method\":1"), "upload.method is not a string"},
    {UPLOAD("\"headers\":[1]"), "upload.headers is not an object"},
    {UPLOAD("\"headers\":{\"A\":\"b\\u0000c\"}"), "upload.headers: A is not a string"},
    {UPLOAD("\"headers\":{\"A\":[]}"), "upload.headers: A is not a string"},
    {UPLOAD("\"headers\":{\"A\":\"b\\r\\nC: d\"}"), "upload.headers: A is not a valid"},
    {UPLOAD("\"headers\":{\"A\\r\\nC\":\"d\"}"), "upload.headers: a member is not a valid"},
    {UPLOAD("\"headers\":{\"A:\":\"d\"}"), "upload.headers: a member is not a valid"},
    {UPLOAD("\"headers\":{\"\":\"d\"}"), "upload.headers: a member is not a valid"},
};

static void what_is_not_the_contract_is_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        struct ad_job_answer answer;
        struct ad_problem problem;

        if (read_answer(&answer, AD_ANSWER_CREATE, refused[i].body, &problem) != ANIMALDETECT_E_PROTOCOL)
            fail_msg("taken: %s", refused[i].body);
        if (strncmp(problem.text, refused[i].problem, strlen(refused[i].problem)) != 0)
            fail_msg("%s: %s", refused[i].body, problem.text);
        assert_null(answer.root);
        ad_job_answer_clear(&answer);
    }
}

/* Odd in fields that the step does not need: the job is read, the odd field is absent. */
static void what_is_not_needed_may_be_odd(void **state)
{
    static const char *const bodies[] = {
        CREATED(",\"a\":\"\\u0000\""),
        CREATED(",\"a\":\"\xFF\""),
        CREATED(",\"a\":1e400,\"b\":NaN"),
        CREATED(",\"a\":99999999999999999999"),
        "\xef\xbb\xbf" CREATED(""),
        CREATED(",\"submit_url\":{}"),
        CREATED(",\"submit_url\":\"https://a/ b\""),
        CREATED(",\"expires_at\":\"a\\u0007\",\"operation\":5"),
        CREATED(",\"upload\":[],\"error\":null"),
        CREATED(",\"status\":\"queued\",\"status\":\"awaiting_upload\""),
        "{\"job_id\":\"" JOB_ID "\",\"status\":\"awaiting_upload\"}",
        "{\"job_id\":\"" JOB_ID "\",\"status\":\"awaiting_upload\",\"status_url\":7,\"result_url\":\"\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct ad_job_answer answer;
        struct ad_problem problem;

        if (read_answer(&answer, AD_ANSWER_CREATE, bodies[i], &problem) != ANIMALDETECT_OK)
            fail_msg("%s: %s", bodies[i], problem.text);
        assert_string_equal(answer.job_id, JOB_ID);
        assert_int_equal(answer.state, ANIMALDETECT_STATE_AWAITING_UPLOAD);
        assert_null(answer.submit_url);
        assert_null(answer.expires_at);
        assert_null(answer.operation);
        assert_false(answer.has_upload);
        ad_job_answer_clear(&answer);
    }
}

static void an_id_may_be_a_number_and_an_upload_header_too(void **state)
{
    static const char body[] =
        "{\"job_id\":4711,\"upload\":{\"url\":\"https://s.example/a\",\"method\":null,\"expires_at\":5,"
        "\"headers\":{\"x-size\":64,\"x-none\":null}}}";
    struct ad_job_answer answer;

    (void)state;
    assert_int_equal(read_answer(&answer, AD_ANSWER_CREATE, body, NULL), ANIMALDETECT_OK);
    assert_string_equal(answer.job_id, "4711");
    assert_int_equal(answer.state, ANIMALDETECT_STATE_AWAITING_UPLOAD); /* an upload is needed */
    assert_string_equal(answer.upload_method, "PUT");
    assert_null(answer.upload_expires_at);
    assert_int_equal(answer.upload_header_count, 1);
    assert_string_equal(answer.upload_headers[0].name, "x-size");
    assert_string_equal(answer.upload_headers[0].value, "64");
    ad_job_answer_clear(&answer);
    assert_int_equal(read_answer(&answer, AD_ANSWER_CREATE, UPLOAD("\"headers\":[]"), NULL), ANIMALDETECT_OK);
    assert_int_equal(answer.upload_header_count, 0);
    ad_job_answer_clear(&answer);
    assert_int_equal(read_answer(&answer, AD_ANSWER_CREATE, "{\"job_id\":\"a\"}", NULL), ANIMALDETECT_OK);
    assert_int_equal(answer.state, ANIMALDETECT_STATE_NONE); /* a poll will show it */
    ad_job_answer_clear(&answer);
}

static void an_odd_state_is_an_unknown_state(void **state)
{
    struct ad_job_answer answer;

    (void)state;
    assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, "{\"status\":\"que\\nued\"}", NULL), ANIMALDETECT_OK);
    assert_int_equal(answer.state, ANIMALDETECT_STATE_OTHER);
    assert_string_equal(answer.state_text, "que ued");
    ad_job_answer_clear(&answer);
}

static void a_poll_response_needs_only_the_status(void **state)
{
    struct ad_job_answer answer;
    struct ad_problem problem;

    (void)state;
    assert_int_equal(
        read_answer(&answer, AD_ANSWER_STATUS, "{\"status\":\"running\",\"upload\":{\"expires_at\":\"x\"}}", &problem),
        ANIMALDETECT_OK);
    assert_int_equal(answer.state, ANIMALDETECT_STATE_RUNNING);
    assert_null(answer.job_id);
    assert_false(answer.has_upload);
    ad_job_answer_clear(&answer);
    assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, "{\"job_id\":\"a\"}", &problem), ANIMALDETECT_E_PROTOCOL);
    assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, "", &problem), ANIMALDETECT_E_PROTOCOL);
}

static void a_submit_response_that_is_no_job_is_no_news(void **state)
{
    static const char *const bodies[] = {"", "OK", "{}", "[]", "{\"ok\":true}", "{\"status\":1}", "{\"status\":"};
    struct ad_job_answer answer;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct ad_problem problem;

        assert_int_equal(read_answer(&answer, AD_ANSWER_SUBMIT, bodies[i], &problem), ANIMALDETECT_OK);
        assert_int_equal(answer.state, ANIMALDETECT_STATE_NONE);
        assert_null(answer.job_id);
        assert_string_equal(problem.text, "");
        ad_job_answer_clear(&answer);
    }
    assert_int_equal(read_answer(&answer, AD_ANSWER_SUBMIT, CREATED(""), NULL), ANIMALDETECT_OK);
    assert_string_equal(answer.job_id, JOB_ID);
    ad_job_answer_clear(&answer);
}

static void states_are_parsed_by_name_and_others_mean_other(void **state)
{
    (void)state;
    assert_int_equal(ad_state_from_text("awaiting_upload"), ANIMALDETECT_STATE_AWAITING_UPLOAD);
    assert_int_equal(ad_state_from_text("queued"), ANIMALDETECT_STATE_QUEUED);
    assert_int_equal(ad_state_from_text("running"), ANIMALDETECT_STATE_RUNNING);
    assert_int_equal(ad_state_from_text("succeeded"), ANIMALDETECT_STATE_SUCCEEDED);
    assert_int_equal(ad_state_from_text("failed"), ANIMALDETECT_STATE_FAILED);
    assert_int_equal(ad_state_from_text("expired"), ANIMALDETECT_STATE_EXPIRED);
    assert_int_equal(ad_state_from_text("Succeeded"), ANIMALDETECT_STATE_OTHER);
    assert_int_equal(ad_state_from_text("throttled"), ANIMALDETECT_STATE_OTHER);
    assert_int_equal(ad_state_from_text(""), ANIMALDETECT_STATE_OTHER);
}

static void the_message_of_a_failed_job_becomes_one_line(void **state)
{
    static const struct {
        const char *body;
        const char *code;
        const char *message;
    } rows[] = {
        {"{\"status\":\"failed\",\"error\":{\"code\":\"bad_image\",\"message\":\"cannot decode\"}}", "bad_image",
         "cannot decode"},
        {"{\"status\":\"failed\",\"error\":\"cannot decode\"}", NULL, "cannot decode"},
        {"{\"status\":\"failed\",\"error\":{\"message\":\"a\\r\\nb\\u0007\"}}", NULL, "a  b?"},
        {"{\"status\":\"failed\",\"error\":{\"code\":5,\"message\":[]}}", NULL, NULL},
        {"{\"status\":\"failed\",\"error\":7}", NULL, NULL},
        {"{\"status\":\"failed\"}", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct ad_job_answer answer;

        assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, rows[i].body, NULL), ANIMALDETECT_OK);
        assert_string_equal(answer.error_code ? answer.error_code : "-", rows[i].code ? rows[i].code : "-");
        assert_string_equal(answer.error_message ? answer.error_message : "-", rows[i].message ? rows[i].message : "-");
        ad_job_answer_clear(&answer);
    }
}

/* {"a":[[...]]}: brackets inside of strings do not count. */
static void depth_is_bounded_and_text_is_not_depth(void **state)
{
    struct ad_job_answer answer;
    struct ad_problem problem;
    char body[4096];
    size_t length;

    (void)state;
    for (size_t depth = AD_JSON_MAX_DEPTH - 1; depth <= AD_JSON_MAX_DEPTH; depth++) {
        length = (size_t)snprintf(body, sizeof(body), "{\"status\":\"queued\",\"t\":\"[[\\\"[[{{\",\"a\":");
        memset(body + length, '[', depth);
        memset(body + length + depth, ']', depth);
        memcpy(body + length + 2 * depth, "}", 2);
        assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, body, &problem),
                         depth < AD_JSON_MAX_DEPTH ? ANIMALDETECT_OK : ANIMALDETECT_E_ANSWER_TOO_LARGE);
        ad_job_answer_clear(&answer);
    }
    assert_string_equal(problem.text, "JSON text has more than 64 levels");
}

/* The parser gets the document inside a frame of our own: no text may close it. */
static void no_text_steps_out_of_the_parsers_frame(void **state)
{
    static const char *const bodies[] = {
        "{\"status\":\"queued\"},{}",
        "{\"status\":\"queued\"}]",
        "{\"status\":\"queued\"},",
        "{\"status\":\"queued\"}],[",
        ",{\"status\":\"queued\"}",
        "]",
        "],[{\"status\":\"queued\"}",
        "{\"status\":\"queued\"}],[\"xx\"",
        "\"",
        "\\",
        "\"\\",
        " ",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        struct ad_job_answer answer;
        struct ad_problem problem;

        if (read_answer(&answer, AD_ANSWER_STATUS, bodies[i], &problem) != ANIMALDETECT_E_PROTOCOL)
            fail_msg("taken: %s", bodies[i]);
        assert_memory_equal(problem.text, "not JSON: ", 10);
    }
}

/* Every length around the sizes at which the parser's buffer grows. */
static void tokens_of_any_length_come_through_whole(void **state)
{
    static char word[300];
    char body[400];

    (void)state;
    for (size_t length = 1; length <= 128; length++) {
        struct ad_job_answer answer;

        memset(word, 'a', length);
        word[length] = '\0';
        (void)snprintf(body, sizeof(body), "{\"status\":\"%s\",\"n\":0.%0*d}", word, (int)length, 1);
        assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, body, NULL), ANIMALDETECT_OK);
        assert_string_equal(answer.state_text, word);
        ad_job_answer_clear(&answer);
    }
}

static void an_error_of_syntax_names_its_byte(void **state)
{
    struct ad_job_answer answer;
    struct ad_problem problem;

    (void)state;
    assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, "{\"status\" nope}", &problem), ANIMALDETECT_E_PROTOCOL);
    assert_string_equal(problem.text, "not JSON: error at byte 14");
}

static void more_upload_headers_than_there_is_room_for_are_refused(void **state)
{
    struct ad_job_answer answer;
    char headers[2048];
    char body[4096];

    (void)state;
    for (int count = AD_UPLOAD_MAX_HEADERS; count <= AD_UPLOAD_MAX_HEADERS + 1; count++) {
        size_t length = 0;

        for (int i = 0; i < count; i++)
            length += (size_t)snprintf(headers + length, sizeof(headers) - length, "%s\"h%d\":\"v\"", i ? "," : "", i);
        (void)snprintf(body, sizeof(body), "{\"status\":\"q\",\"upload\":{\"url\":\"https://a/\",\"headers\":{%s}}}",
                       headers);
        assert_int_equal(read_answer(&answer, AD_ANSWER_STATUS, body, NULL),
                         count <= AD_UPLOAD_MAX_HEADERS ? ANIMALDETECT_OK : ANIMALDETECT_E_PROTOCOL);
        ad_job_answer_clear(&answer);
    }
}

/* 32 of the longest, escaped, still fit into a saved job. */
static void an_upload_header_has_a_longest_name_and_a_longest_value(void **state)
{
    static char name[300];
    static char value[5000];

    (void)state;
    memset(name, 'n', 256);
    memset(value, 'v', 4096);
    assert_true(ad_upload_header_is_good(name, value));
    name[256] = 'n';
    assert_false(ad_upload_header_is_good(name, value));
    name[256] = '\0';
    value[4096] = 'v';
    assert_false(ad_upload_header_is_good(name, value));
}

static void headers_that_carry_credentials_or_framing_are_not_permitted(void **state)
{
    static const char *const forbidden[] = {
        "Authorization",
        "proxy-authorization",
        "COOKIE",
        "Host",
        "Transfer-Encoding",
        "Connection",
        "Expect",
        "TE",
        "trailer",
        "Upgrade",
        "Keep-Alive",
    };
    static const char *const permitted[] = {
        "Content-Type", "Content-MD5", "x-goog-content-length-range", "Cookie2", "Hos",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(forbidden); i++)
        assert_false(ad_upload_header_permitted(forbidden[i]));
    for (size_t i = 0; i < COUNT_OF(permitted); i++)
        assert_true(ad_upload_header_permitted(permitted[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_create_answer_is_read),
        cmocka_unit_test(a_null_reads_as_absent),
        cmocka_unit_test(an_upload_without_method_is_a_put),
        cmocka_unit_test(what_is_not_the_contract_is_refused_with_its_place),
        cmocka_unit_test(what_is_not_needed_may_be_odd),
        cmocka_unit_test(an_id_may_be_a_number_and_an_upload_header_too),
        cmocka_unit_test(an_odd_state_is_an_unknown_state),
        cmocka_unit_test(a_poll_response_needs_only_the_status),
        cmocka_unit_test(a_submit_response_that_is_no_job_is_no_news),
        cmocka_unit_test(states_are_parsed_by_name_and_others_mean_other),
        cmocka_unit_test(the_message_of_a_failed_job_becomes_one_line),
        cmocka_unit_test(depth_is_bounded_and_text_is_not_depth),
        cmocka_unit_test(no_text_steps_out_of_the_parsers_frame),
        cmocka_unit_test(tokens_of_any_length_come_through_whole),
        cmocka_unit_test(an_error_of_syntax_names_its_byte),
        cmocka_unit_test(more_upload_headers_than_there_is_room_for_are_refused),
        cmocka_unit_test(an_upload_header_has_a_longest_name_and_a_longest_value),
        cmocka_unit_test(headers_that_carry_credentials_or_framing_are_not_permitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
