/* SPDX-License-Identifier: MIT */
/*
 * The fast path for responses: it reads what an ordinary serializer writes, as jansson would, and gives up on
 * everything else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/rng.h"
#include "protocol/json.h"
#include "protocol/json_plain.h"
#include "unit/service_kit.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const char job_answer[] =
    "{\"job_id\":\"5fd3825f-46a3-4892-8600-44a319e2d18f\",\"operation\":\"detect\",\"status\":\"awaiting_upload\","
    "\"upload\":{\"method\":\"PUT\",\"url\":\"https://storage.example/a?b=c&d=%2F\",\"headers\":{\"Content-Type\":"
    "\"image/jpeg\"},\"expires_at\":\"2026-06-17T13:15:00.000Z\"},\"error\":null,\"empty\":[{},[],\"\"]}";

static const char result_answer[] =
    "{\n  \"id\": \"5fd3825f\",\n\t\"annotations\": [ {\"id\": 0, \"bbox\": [0.41, 8.2e-1, 0.20, "
    "0.17000000178813934],\r\n"
    "  \"score\": 0.99712342, \"label\": \"h\xC3\xA9risson \xF0\x9F\xA6\x94\", \"seen\": true, \"night\": false } ],\n"
    " \"info\": { \"processing_time_ms\": 919, \"offset\": -12, \"zero\": -0.0, \"large\": 123456789012345678 } }\n";

static json_t *read_plain(const char *text, size_t size)
{
    json_t *value = NULL;

    assert_int_equal(ad_json_plain(text, size, &value), ANIMALDETECT_OK);
    return value;
}

/* The text of a value with all digits, and its members in order; from malloc. */
static char *in_order(const json_t *value)
{
    char *text = json_dumps(value, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));

    assert_non_null(text);
    return text;
}

/* Reads the text, or gives up; what is read is what jansson reads. True when it was read. */
static bool agrees_with_jansson(const char *text, size_t size)
{
    json_t *value = read_plain(text, size);
    json_t *expected;
    char *found;
    char *wanted;

    if (value == NULL)
        return false;
    expected = json_loadb(text, size, 0, NULL);
    if (expected == NULL)
        fail_msg("jansson refuses %.*s", (int)size, text);
    found = in_order(value);
    wanted = in_order(expected);
    assert_string_equal(found, wanted);
    free(found);
    free(wanted);
    json_decref(value);
    json_decref(expected);
    return true;
}

static void what_a_serializer_writes_is_read(void **state)
{
    static const char *const texts[] = {
        job_answer,
        result_answer,
        "{}",
        "[]",
        " [ ] ",
        "\t{\r\n}",
        "[1]",
        "[null,true,false]",
        "[\"\"]",
        "{\"\":0}",
        "[0,-0,-1,9,10,123456789012345678,-999999999999999999]",
        "[0.0,-0.0,0.5,1e5,1E+5,1.25e-7,0.1000000000000000055511151231257827021,1e260,1e-260]",
        "[\"\x7f\",\"\xC2\x80\",\"\xED\x9F\xBF\",\"\xEF\xBF\xBF\",\"\xF4\x8F\xBF\xBF\"]",
        "{\"a\":1,\"b\":2,\"a\":3}", /* the last one counts, at the position of the first */
        "{\"a name of so many bytes that it just fits into what is there.01\":1}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (!agrees_with_jansson(texts[i], strlen(texts[i])))
            fail_msg("not read: %s", texts[i]);
}

static void everything_else_is_left_to_jansson(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "1",
        "\"a\"",
        "<html>",
        "{",
        "[",
        "}",
        "]",
        "[1",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{\"a\" 1}",
        "{1:1}",
        "[1]]",
        "[1][",
        "[1],",
        "{}{}",
        "[01]",
        "[-]",
        "[+1]",
        "[.5]",
        "[1.]",
        "[1.e5]",
        "[1e]",
        "[1e+]",
        "[0x1]",
        "[NaN]",
        "[Infinity]",
        "[-Infinity]",
        "[nul]",
        "[nulll]",
        "[True]",
        "[1234567890123456789]",
        "[1e261]",
        "[1e-261]",
        "[1e999999999999999999999]",
        "[0.12345678901234567890123456789012345678901]",
        "[\"\\n\"]",
        "[\"\\u0041\"]",
        "{\"\\n\":1}",
        "[\"a]",
        "[\"\x01\"]",
        "[\"\t\"]",
        "[\"\xC0\x80\"]",
        "[\"\xED\xA0\x80\"]",
        "[\"\xFF\"]",
        "[\"\xC3\"]",
        "\xEF\xBB\xBF[]",
        "[\v1]",
        "[1]\f",
        "{\"a name of so many bytes that it does not fit into what is there.\":1}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (agrees_with_jansson(texts[i], strlen(texts[i])))
            fail_msg("read: %s", texts[i]);
    assert_null(read_plain("[1]\0", 4));
    assert_null(read_plain("[\"\0\"]", 5));
}

/* Each byte of a response replaced by each of these, and each length of it. */
static void a_changed_answer_is_read_as_by_jansson_or_not(void **state)
{
    static const char bytes[] = "\"\\{}[]:, -.0e5tx\n\x80\xC3";
    char text[sizeof job_answer + sizeof result_answer];
    size_t read = 0;

    (void)state;
    for (int which = 0; which < 2; which++) {
        size_t size = strlen(which == 0 ? job_answer : result_answer);

        for (size_t at = 0; at < size; at++) {
            memcpy(text, which == 0 ? job_answer : result_answer, size);
            assert_false(which == 0 && agrees_with_jansson(text, at));
            for (size_t i = 0; i < sizeof bytes; i++) {
                text[at] = bytes[i];
                read += agrees_with_jansson(text, size);
            }
        }
    }
    assert_true(read > 1000);
}

/* Every number of ordinary length, exact to the last bit. */
static void check_numbers(void)
{
    struct ad_rng rng;

    ad_rng_seed(&rng, 1);
    for (int i = 0; i < 20000; i++) {
        int digits = (int)ad_rng_upto(&rng, 19);
        uint64_t fraction = ad_rng_u64(&rng);
        char text[80];
        int size =
            snprintf(text, sizeof text, "[%s%" PRId64 ".%0*" PRIu64, i % 2 == 0 ? "-" : "",
                     ad_rng_upto(&rng, i % 3 == 0 ? INT64_MAX : 1), digits + 1, digits == 0 ? fraction % 10 : fraction);

        if (i % 5 == 0)
            size += snprintf(text + size, sizeof text - (size_t)size, "e%" PRId64, ad_rng_upto(&rng, 400) - 200);
        text[size++] = ']';
        assert_true(agrees_with_jansson(text, (size_t)size));
    }
}

static void numbers_are_those_of_jansson(void **state)
{
    (void)state;
    check_numbers();
}

static void a_decimal_comma_changes_no_number(void **state)
{
    const char *made = getenv("AD_LOCALES"); /* where the build has created one */
    json_t *value;

    (void)state;
    if (made != NULL)
        assert_int_equal(setenv("LOCPATH", made, 1), 0);
    if (setlocale(LC_NUMERIC, "de_DE.UTF-8") == NULL)
        skip(); /* no such locale is installed */
    value = read_plain("[0.41]", 6);
    assert_true(json_real_value(json_array_get(value, 0)) == 0.41);
    json_decref(value);
    check_numbers();
    assert_non_null(setlocale(LC_NUMERIC, "C"));
}

static char *repeated(const char *before, const char *piece, size_t count, const char *after)
{
    char *text = malloc(strlen(before) + count * strlen(piece) + strlen(after) + 1);
    char *at = text;

    assert_non_null(text);
    at = stpcpy(at, before);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, piece);
    (void)stpcpy(at, after);
    return text;
}

static void check_bound(const char *before, const char *piece, size_t most, const char *after)
{
    char *text = repeated(before, piece, most, after);

    assert_true(agrees_with_jansson(text, strlen(text)));
    free(text);
    text = repeated(before, piece, most + 1, after);
    assert_null(read_plain(text, strlen(text)));
    free(text);
}

static void documents_above_a_bound_are_left_to_jansson(void **state)
{
    char *opening = repeated("", "[", AD_JSON_MAX_DEPTH - 1, "");
    char *closing = repeated("", "]", AD_JSON_MAX_DEPTH - 1, "");
    char *text;

    (void)state;
    check_bound("[0", ",0", AD_JSON_MAX_VALUES - 2, "]");
    check_bound("{\"a\":0", ",\"a\":0", AD_JSON_MAX_VALUES - 2, "}");
    check_bound("[\"", "a", AD_JSON_MAX_TOKEN - 2, "\"]");
    check_bound("[]", " ", AD_JSON_MAX_SIZE - 2, "");
    text = repeated(opening, "[]", 1, closing);
    assert_true(agrees_with_jansson(text, strlen(text)));
    free(text);
    text = repeated(opening, "[[]]", 1, closing);
    assert_null(read_plain(text, strlen(text)));
    free(text);
    free(opening);
    free(closing);
}

/* Every response of the service model from a job's first request to its last is read by the fast path. */
static void the_answers_of_a_job_are_plain(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    assert_int_equal(client_create(&client, TESTING_PAYLOAD, "key"), 201);
    assert_true(agrees_with_jansson(client.last.body, client.last.body_size));
    assert_int_equal(client_upload(&client), 200);
    assert_int_equal(client_submit(&client), 202);
    assert_true(agrees_with_jansson(client.last.body, client.last.body_size));
    assert_int_equal(client_status(&client), 200);
    assert_true(agrees_with_jansson(client.last.body, client.last.body_size));
    client.now_ms += 60000;
    assert_int_equal(client_result(&client), 200);
    assert_true(agrees_with_jansson(client.last.body, client.last.body_size));
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_serializer_writes_is_read),
        cmocka_unit_test(everything_else_is_left_to_jansson),
        cmocka_unit_test(a_changed_answer_is_read_as_by_jansson_or_not),
        cmocka_unit_test(numbers_are_those_of_jansson),
        cmocka_unit_test(a_decimal_comma_changes_no_number),
        cmocka_unit_test(documents_above_a_bound_are_left_to_jansson),
        cmocka_unit_test(the_answers_of_a_job_are_plain),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
