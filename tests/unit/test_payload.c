/* SPDX-License-Identifier: MIT */
/*
 * The promises of the create request: equal payloads give equal keys forever, and the body says what was hashed.
 *
 * The golden keys were computed without this library, with Python 3.11:
 *   text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
 *   key = "ad1-" + hashlib.sha256(text.encode()).hexdigest()
 * where `payload` is the object whose canonical text stands in the comment of each row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/digest.h"
#include "protocol/json.h"
#include "protocol/payload.h"
#include "protocol/rules.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* SHA-256 of "not really a jpeg", 17 bytes. */
static const char content_sha256[] = "21ac2586e213d1f490778a07bf0025a98fc57595863a282372bac594b398322b";
static uint8_t sha256[AD_DIGEST_SIZE];

static int prepare(void **state)
{
    (void)state;
    return ad_digest_from_hex(content_sha256, sha256) ? 0 : -1;
}

static struct ad_payload jpeg(void)
{
    return (struct ad_payload){
        .operation = "detect",
        .filename = "img_001.jpg",
        .content_type = "image/jpeg",
        .sha256 = sha256,
        .size = 17,
        .has_size = true,
    };
}

static void check_key(const struct ad_payload *payload, const char *expected)
{
    char key[AD_KEY_SIZE];

    assert_int_equal(ad_payload_key(payload, key), ANIMALDETECT_OK);
    assert_string_equal(key, expected);
}

static void keys_are_the_golden_ones(void **state)
{
    struct ad_payload payload = jpeg();

    (void)state;
    /* {"content_type":"image/jpeg","expected_size_bytes":17,"filename":"img_001.jpg","operation":"detect",
     *  "sha256":"21ac..."} */
    check_key(&payload, "ad1-0f28521f36e07b151010aa9975290ef3cf025d6d84c97b4102d761871a440410");

    /* the same with "rerun":1 */
    payload.rerun = 1;
    check_key(&payload, "ad1-d92be46f238fefcbe6e6cbaa78fb771db7ca52c9ba983fa6f9d417c1f8cd3ac3");
    payload.rerun = 0;

    /* {"client_reference_id":"camera-a/2026-06-17/img_001",...,"options":{"classify":true,"threshold":0.2},...} */
    payload.client_reference_id = "camera-a/2026-06-17/img_001";
    payload.options = "{\"threshold\":0.2,\"classify\":true}";
    check_key(&payload, "ad1-0f97d6760e04ecce89d4f819098a2f7f3c85eca380caa3800ff1d8f166ad2647");

    /* {"operation":"filter_urban","source_url":"https://images.example/a/b.jpg?x=1&y=2"} */
    payload = (struct ad_payload){.operation = "filter_urban", .source_url = "https://images.example/a/b.jpg?x=1&y=2"};
    check_key(&payload, "ad1-68fb5e23aa722da14075f9e2678d89e523d31147a94d3c3763249535a55ac6fd");

    /* non-ASCII, quotes, a backslash, nested options with reals, false and null */
    payload = (struct ad_payload){
        .operation = "detect",
        .filename = "h\xC3\xA9risson \xF0\x9F\xA6\x94 \"q\" \\.jpg",
        .content_type = "image/heic",
        .options = "{\"zz\":{\"b\":[1,2.5,null],\"a\":false},\"longitude\":-4.0083,\"latitude\":5.35,"
                   "\"country\":\"C\xC3\xB4te d'Ivoire\",\"top_candidate\":3}",
    };
    check_key(&payload, "ad1-c702e425649ed60741d801dd436c292290ece1266c77a21be7d9c0c453a34703");
}

/* A host's locale with a decimal comma must not change a byte. */
static void a_decimal_comma_changes_no_key(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    const char *made = getenv("AD_LOCALES"); /* where the build has made one */
    struct ad_payload payload = jpeg();
    size_t i = 0;

    (void)state;
    if (made != NULL)
        assert_int_equal(setenv("LOCPATH", made, 1), 0);
    while (i < COUNT_OF(locales) && !setlocale(LC_NUMERIC, locales[i]))
        i++;
    if (i == COUNT_OF(locales))
        skip(); /* none is installed here */
    assert_string_equal(localeconv()->decimal_point, ",");
    payload.client_reference_id = "camera-a/2026-06-17/img_001";
    payload.options = "{\"threshold\":0.2,\"classify\":true}";
    check_key(&payload, "ad1-0f97d6760e04ecce89d4f819098a2f7f3c85eca380caa3800ff1d8f166ad2647");
    assert_non_null(setlocale(LC_NUMERIC, "C"));
}

static void every_field_is_part_of_the_key(void **state)
{
    uint8_t other_sha256[AD_DIGEST_SIZE] = {1};
    struct ad_payload payloads[10];
    char keys[COUNT_OF(payloads)][AD_KEY_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(payloads); i++)
        payloads[i] = jpeg();
    payloads[1].operation = "filter";
    payloads[2].filename = "img_002.jpg";
    payloads[3].content_type = "image/png";
    payloads[4].source_url = "https://images.example/a.jpg";
    payloads[5].client_reference_id = "x";
    payloads[6].options = "{\"classify\":false}";
    payloads[7].sha256 = other_sha256;
    payloads[8].size = 18;
    payloads[9].rerun = 2;
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        assert_int_equal(ad_payload_key(&payloads[i], keys[i]), ANIMALDETECT_OK);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(keys[i], keys[j]);
    }
}

static void what_does_not_change_the_payload_does_not_change_the_key(void **state)
{
    struct ad_payload a = jpeg();
    struct ad_payload b = jpeg();
    char key_a[AD_KEY_SIZE];
    char key_b[AD_KEY_SIZE];

    (void)state;
    b.options = "{ }";
    b.checksum_field = "sha256_hex";
    assert_int_equal(ad_payload_key(&a, key_a), ANIMALDETECT_OK);
    assert_int_equal(ad_payload_key(&b, key_b), ANIMALDETECT_OK);
    assert_string_equal(key_a, key_b);
    a.options = "{\"a\":0.1,\"b\":1e-7}";
    b.options = "{ \"b\" : 0.0000001, \"a\" : 0.10000000000000000001 }";
    assert_int_equal(ad_payload_key(&a, key_a), ANIMALDETECT_OK);
    assert_int_equal(ad_payload_key(&b, key_b), ANIMALDETECT_OK);
    assert_string_equal(key_a, key_b);
}

static void check_body(const struct ad_payload *payload, const char *expected)
{
    struct ad_buf body;

    ad_buf_init(&body, 10000);
    assert_int_equal(ad_payload_body(payload, &body), ANIMALDETECT_OK);
    assert_string_equal(ad_buf_string(&body), expected);
    ad_buf_free(&body);
}

static void the_body_holds_what_the_service_documents(void **state)
{
    struct ad_payload payload = jpeg();

    (void)state;
    payload.rerun = 3; /* ours alone: not sent */
    check_body(&payload, "{\"content_type\":\"image/jpeg\",\"expected_size_bytes\":17,\"filename\":\"img_001.jpg\","
                         "\"operation\":\"detect\"}");
    payload.checksum_field = "sha256_hex";
    payload.options = "{\"threshold\":0.2}";
    check_body(&payload, "{\"content_type\":\"image/jpeg\",\"expected_size_bytes\":17,\"filename\":\"img_001.jpg\","
                         "\"operation\":\"detect\",\"options\":{\"threshold\":0.2},\"sha256_hex\":"
                         "\"21ac2586e213d1f490778a07bf0025a98fc57595863a282372bac594b398322b\"}");
    payload = (struct ad_payload){.operation = "detect", .source_url = "https://i.example/a", .checksum_field = "x"};
    check_body(&payload, "{\"operation\":\"detect\",\"source_url\":\"https://i.example/a\"}");
}

static void what_cannot_be_sent_is_refused(void **state)
{
    struct ad_payload payloads[6];
    struct ad_buf body;
    char key[AD_KEY_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(payloads); i++)
        payloads[i] = jpeg();
    payloads[0].filename = "bad\xFF.jpg";
    payloads[1].client_reference_id = "\xC0\xAF";
    payloads[2].options = "[1]";
    payloads[3].options = "{\"a\":1,\"a\":2}";
    payloads[4].size = (uint64_t)INT64_MAX + 1;
    payloads[5].checksum_field = "filename"; /* would replace a field */
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        ad_buf_init(&body, 10000);
        assert_int_equal(ad_payload_body(&payloads[i], &body), ANIMALDETECT_E_INVALID_ARGUMENT);
        if (i < 5)
            assert_int_equal(ad_payload_key(&payloads[i], key), ANIMALDETECT_E_INVALID_ARGUMENT);
        ad_buf_free(&body);
    }
}

static void random_keys_have_their_own_prefix_and_differ(void **state)
{
    char a[AD_KEY_SIZE];
    char b[AD_KEY_SIZE];
    uint8_t bytes[AD_DIGEST_SIZE];

    (void)state;
    ad_payload_random_key(a);
    ad_payload_random_key(b);
    assert_memory_equal(a, "adr-", 4);
    assert_true(ad_digest_from_hex(a + 4, bytes));
    assert_string_not_equal(a, b);
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

/* Small options are judged without writing them; the bound is what they take when written. */
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
        cmocka_unit_test(keys_are_the_golden_ones),
        cmocka_unit_test(a_decimal_comma_changes_no_key),
        cmocka_unit_test(every_field_is_part_of_the_key),
        cmocka_unit_test(what_does_not_change_the_payload_does_not_change_the_key),
        cmocka_unit_test(the_body_holds_what_the_service_documents),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(random_keys_have_their_own_prefix_and_differ),
        cmocka_unit_test(options_have_one_canonical_text),
        cmocka_unit_test(an_option_is_one_strict_json_value),
        cmocka_unit_test(options_are_bounded_by_what_they_are_written_in),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
