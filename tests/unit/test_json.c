/* SPDX-License-Identifier: MIT */
/*
 * The limits of a JSON document: one that would need much memory or time is rejected before it is parsed, whoever sent
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "protocol/json.h"

/* `before`, then `piece` `count` times with commas between, then `after`. From malloc. */
static char *list_of(const char *before, const char *piece, size_t count, const char *after)
{
    char *text = malloc(strlen(before) + count * (strlen(piece) + 1) + strlen(after) + 1);
    char *at = text;

    assert_non_null(text);
    at = stpcpy(at, before);
    for (size_t i = 0; i < count; i++) {
        at = stpcpy(at, piece);
        if (i + 1 < count)
            *at++ = ',';
    }
    (void)stpcpy(at, after);
    return text;
}

/* Takes ownership of the text. */
static void expect(char *text, int32_t status, const char *words)
{
    struct ad_problem problem = {.text = ""};
    json_t *value = NULL;

    assert_int_equal(ad_json_load(text, strlen(text), AD_JSON_MAX_DEPTH, &value, &problem), status);
    assert_int_equal(value != NULL, status == ANIMALDETECT_OK);
    if (strstr(problem.text, words) == NULL)
        fail_msg("\"%s\" says nothing of \"%s\"", problem.text, words);
    json_decref(value);
    free(text);
}

static void values_are_bounded(void **state)
{
    static const char *const pieces[] = {"{}", "[]", "0", "\"\"", "true", "-1.5e3", "\"a,b:[{\\\"\"", "{ }"};

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        /* the list counts as a value too */
        expect(list_of("[", pieces[i], AD_JSON_MAX_VALUES - 1, "]"), ANIMALDETECT_OK, "");
        expect(list_of("[", pieces[i], AD_JSON_MAX_VALUES, "]"), ANIMALDETECT_E_ANSWER_TOO_LARGE, "50000 values");
    }
    expect(list_of("{\"a\":[", "{\"x\":1}", 24000, "]}"), ANIMALDETECT_OK, "");
    expect(list_of("{\"a\":[", "{\"x\":1}", 25000, "]}"), ANIMALDETECT_E_ANSWER_TOO_LARGE, "50000 values");
}

static void size_and_strings_are_bounded(void **state)
{
    char *text = list_of("[\"", "aaaaaaaaa", AD_JSON_MAX_TOKEN / 10 - 1, "\"]");

    (void)state;
    expect(text, ANIMALDETECT_OK, "");
    expect(list_of("[\"", "aaaaaaaaa", AD_JSON_MAX_TOKEN / 10 + 1, "\"]"), ANIMALDETECT_E_ANSWER_TOO_LARGE, "bytes");
    expect(list_of("{\"", "aaaaaaaaa", AD_JSON_MAX_TOKEN / 10 + 1, "\":1}"), ANIMALDETECT_E_ANSWER_TOO_LARGE, "bytes");
    expect(list_of("[",
                   "\"a hundred bytes or so, a hundred bytes or so, a hundred bytes or so, a hundred bytes or so\"",
                   AD_JSON_MAX_SIZE / 95, "]"),
           ANIMALDETECT_OK, "");
    expect(list_of("[",
                   "\"a hundred bytes or so, a hundred bytes or so, a hundred bytes or so, a hundred bytes or so\"",
                   AD_JSON_MAX_SIZE / 80, "]"),
           ANIMALDETECT_E_ANSWER_TOO_LARGE, "bytes");
}

/* Eight megabytes of anything: accepted or rejected, but no large tree. */
static void the_largest_answers_are_refused(void **state)
{
    (void)state;
    expect(list_of("{\"annotations\":[", "{}", 2790000, "]}"), ANIMALDETECT_E_ANSWER_TOO_LARGE, "");
    expect(list_of("{\"annotations\":[],\"x\":[", "[]", 2790000, "]}"), ANIMALDETECT_E_ANSWER_TOO_LARGE, "");
    expect(list_of("<html>", "{}", 2790000, "</html>"), ANIMALDETECT_E_PROTOCOL, "not JSON");
    expect(list_of("", "{}", 100000, ""), ANIMALDETECT_E_ANSWER_TOO_LARGE, "values");
    expect(list_of("", ":", 1000000, ""), ANIMALDETECT_E_PROTOCOL, "not JSON");
}

/* A document of one string that grows byte by byte: every way to split the input into jansson's buffers. */
static void strings_of_every_length_are_read(void **state)
{
    char text[4096] = "[\"\",1]";

    (void)state;
    for (size_t length = 0; length < 3000; length++) {
        json_t *value = NULL;

        memset(text + 2, 'a', length);
        memcpy(text + 2 + length, "\",1]", 5);
        assert_int_equal(ad_json_load(text, length + 6, 2, &value, NULL), ANIMALDETECT_OK);
        assert_int_equal(json_array_size(value), 2);
        assert_int_equal(json_string_length(json_array_get(value, 0)), length);
        json_decref(value);
        assert_int_equal(ad_json_load(text, length + 5, 2, &value, NULL), ANIMALDETECT_E_PROTOCOL);
    }
}

/* A colon uncounts the name before it, and nothing else. */
static void colons_without_names_do_not_take_values_back(void **state)
{
    size_t count = 60000;
    char *colons = malloc(count + 1);

    (void)state;
    assert_non_null(colons);
    memset(colons, ':', count);
    colons[count] = '\0';
    expect(list_of("[", "0", count, colons), ANIMALDETECT_E_ANSWER_TOO_LARGE, "values");
    free(colons);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(colons_without_names_do_not_take_values_back),
        cmocka_unit_test(values_are_bounded),
        cmocka_unit_test(size_and_strings_are_bounded),
        cmocka_unit_test(the_largest_answers_are_refused),
        cmocka_unit_test(strings_of_every_length_are_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
