/* SPDX-License-Identifier: MIT */
/*
 * The promises of a job's options: each is one strict JSON value, equivalent values are the same text, nothing else
 * changes, and their total size is limited.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "protocol/json.h"
#include "protocol/normalize.h"
#include "protocol/payload.h"
#include "protocol/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void check_normalized(const char *name, const char *json, const char *expected)
{
    json_t *value = NULL;
    char *text;

    assert_int_equal(ad_option_parse(json, strlen(json), &value), ANIMALDETECT_OK);
    for (int i = 0; i < 2; i++) { /* a normalized value stays unchanged */
        assert_int_equal(ad_option_normalize(name, value), ANIMALDETECT_OK);
        text = ad_options_serialize(value);
        assert_string_equal(text, expected);
        free(text);
    }
    json_decref(value);
}

static void a_zero_has_no_sign_at_any_depth(void **state)
{
    (void)state;
    check_normalized("x", "-0.0", "0.0");
    check_normalized("x", "-0e7", "0.0");
    check_normalized("x", "-1e-400", "0.0");
    check_normalized("x", "-0", "0");
    check_normalized("x", "[[[[[[[[[[[[[[[[-0.0]]]]]]]]]]]]]]]]", "[[[[[[[[[[[[[[[[0.0]]]]]]]]]]]]]]]]");
    check_normalized("x", "{\"a\":-0.0,\"b\":[1,-0.0,{\"c\":-0.0}]}", "{\"a\":0.0,\"b\":[1,0.0,{\"c\":0.0}]}");
    check_normalized("country", "-0.0", "0.0");
}

static void a_number_that_is_not_zero_keeps_its_sign(void **state)
{
    (void)state;
    check_normalized("longitude", "-180.0", "-180.0");
    check_normalized("longitude", "180.0", "180.0");
    check_normalized("x", "[-1,-0.5,-1e-300,\"-0.0\",true,null]", "[-1,-0.5,-1e-300,\"-0.0\",true,null]");
}

static void a_country_code_has_capital_letters_and_no_blanks(void **state)
{
    static const char *const codes[] = {"\"US\"", "\"us\"", "\"uS \"", "\"  Us  \"", "\"\\tus\\t \""};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        check_normalized(AD_OPTION_COUNTRY, codes[i], "\"US\"");
    check_normalized(AD_OPTION_COUNTRY, "\" usa\"", "\"USA\"");
    check_normalized(AD_OPTION_COUNTRY, "\"zzz\"", "\"ZZZ\"");
    check_normalized(AD_OPTION_COUNTRY, "\"az\"", "\"AZ\"");
}

static void what_is_no_country_code_keeps_its_letters(void **state)
{
    static const char *const others[] = {
        "\"Atlantis\"", "\"atlantis\"", "\"chad\"",     "\"u\"",  "\"u1\"", "\"u-s\"",  "\"u s\"",
        "\"\"",         "\"  \"",       "\"\xC3\xA4\"", "\"a{\"", "\"`a\"", "[\"us\"]", "{\"country\":\"us\"}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        check_normalized(AD_OPTION_COUNTRY, others[i], others[i]);
    check_normalized(AD_OPTION_COUNTRY, "\" United  states \"", "\"United  states\"");
}

static void another_option_keeps_its_text(void **state)
{
    static const char *const names[] = {"Country", "country_", "countr", "region"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        check_normalized(names[i], "\" us \"", "\" us \"");
    check_normalized("x", "{\"country\":\"us\"}", "{\"country\":\"us\"}");
}

static void a_double_without_sign_is_what_a_setter_leaves(void **state)
{
    json_t *value = json_real(-0.0);

    (void)state;
    assert_int_equal(ad_option_normalize("latitude", value), ANIMALDETECT_OK);
    assert_false(signbit(json_real_value(value)));
    json_decref(value);
}

static void options_have_one_canonical_text(void **state)
{
    json_t *options = json_object();
    json_t *value;
    char *text;

    (void)state;
    assert_int_equal(ad_option_parse(" [ 1.50, true ] ", 16, &value), ANIMALDETECT_OK);
    assert_non_null(value);
    assert_int_equal(json_object_set_new(options, "z", value), 0);
    assert_int_equal(json_object_set_new(options, "a", json_real(0.1 + 0.2)), 0);
    text = ad_options_serialize(options);
    assert_string_equal(text, "{\"a\":0.3,\"z\":[1.5,true]}");
    free(text);
    json_decref(options);
}

static void an_option_is_one_strict_json_value(void **state)
{
    static const char *const refused[] = {"",
                                          " ",
                                          "tru",
                                          "1 2",
                                          "{a:1}",
                                          "[1,]",
                                          "\"\\u0000\"",
                                          "\"\xFF\"",
                                          "1e999",
                                          "NaN",
                                          "{\"a\":1,\"a\":2}",
                                          "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
                                          "'text'",
                                          "99999999999999999999"};
    static const char *const taken[] = {"1", "\"text\"", "null", "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]"};

    json_t *value = NULL;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(refused); i++)
        assert_int_equal(ad_option_parse(refused[i], strlen(refused[i]), &value), ANIMALDETECT_E_INVALID_ARGUMENT);
    for (size_t i = 0; i < COUNT_OF(taken); i++) {
        assert_int_equal(ad_option_parse(taken[i], strlen(taken[i]), &value), ANIMALDETECT_OK);
        json_decref(value);
    }
}

/* Small options are accepted without writing them; the limit is their size when written. */
static void options_are_bounded_by_what_they_are_written_in(void **state)
{
    static const char *const pieces[] = {"\"a\"",
                                         "\"\\u0001\\u001f\"",
                                         "\"\\\"\"",
                                         "\"\xC3\xA4\"",
                                         "\"\xF0\x9F\xA6\x8A\"",
                                         "-1.23456789012345e-300",
                                         "-9223372036854775807",
                                         "false",
                                         "{\"\\u0002\":[]}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++)
        for (size_t length = 1; length < 200000; length += 1 + length / 8) {
            json_t *options = json_object();
            json_t *piece = json_loads(pieces[i], JSON_DECODE_ANY, NULL);
            json_t *list = json_array();
            struct ad_buf text;
            int32_t status;

            assert_non_null(piece);
            if (json_is_string(piece)) {
                size_t bytes = json_string_length(piece);
                char *many = malloc(length * bytes);

                for (size_t at = 0; at < length * bytes; at++)
                    many[at] = json_string_value(piece)[at % bytes];
                assert_int_equal(json_array_append_new(list, json_stringn(many, length * bytes)), 0);
                free(many);
            }
            while (!json_is_string(piece) && json_array_size(list) < length && json_array_size(list) < 4900)
                assert_int_equal(json_array_append(list, piece), 0);
            assert_int_equal(json_object_set_new(options, "option", list), 0);
            ad_buf_init(&text, AD_OPTIONS_MAX_SIZE);
            status = ad_json_dump(options, &text);
            assert_int_equal(ad_options_are_good(options), status == ANIMALDETECT_OK);
            ad_buf_free(&text);
            json_decref(piece);
            json_decref(options);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_zero_has_no_sign_at_any_depth),
        cmocka_unit_test(a_number_that_is_not_zero_keeps_its_sign),
        cmocka_unit_test(a_country_code_has_capital_letters_and_no_blanks),
        cmocka_unit_test(what_is_no_country_code_keeps_its_letters),
        cmocka_unit_test(another_option_keeps_its_text),
        cmocka_unit_test(a_double_without_sign_is_what_a_setter_leaves),
        cmocka_unit_test(options_have_one_canonical_text),
        cmocka_unit_test(an_option_is_one_strict_json_value),
        cmocka_unit_test(options_are_bounded_by_what_they_are_written_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
