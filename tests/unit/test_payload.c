/* SPDX-License-Identifier: MIT */
/*
 * The promises of the create request: equal payloads give equal keys forever, and the body contains what was hashed.
 *
 * The golden keys were computed without this library, with Python 3.11:
 *   text = json.dumps(payload, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
 *   key = "ad1-" + hashlib.sha256(text.encode()).hexdigest()
 * where `payload` is the object whose canonical text is in the comment of each row.
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
#include "base/rng.h"
#include "kit/keys_of_0_1.h"
#include "protocol/json.h"
#include "protocol/normalize.h"
#include "protocol/payload.h"

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

/* The text that the engine builds from these options. From malloc. */
static char *canonical(const char *options)
{
    json_t *object = NULL;
    char *text;

    assert_int_equal(ad_option_parse(options, strlen(options), &object), ANIMALDETECT_OK);
    text = ad_options_serialize(object);
    assert_non_null(text);
    json_decref(object);
    return text;
}

/* The key of a payload with these options. */
static void check_key_with(struct ad_payload payload, const char *options, const char *expected)
{
    char *text = options != NULL ? canonical(options) : NULL;

    payload.options = text;
    check_key(&payload, expected);
    free(text);
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
    check_key_with(payload, "{\"threshold\":0.2,\"classify\":true}",
                   "ad1-0f97d6760e04ecce89d4f819098a2f7f3c85eca380caa3800ff1d8f166ad2647");

    /* {"operation":"filter_urban","source_url":"https://images.example/a/b.jpg?x=1&y=2"} */
    payload = (struct ad_payload){.operation = "filter_urban", .source_url = "https://images.example/a/b.jpg?x=1&y=2"};
    check_key(&payload, "ad1-68fb5e23aa722da14075f9e2678d89e523d31147a94d3c3763249535a55ac6fd");

    /* non-ASCII, quotes, a backslash, nested options with reals, false and null */
    payload = (struct ad_payload){
        .operation = "detect",
        .filename = "h\xC3\xA9risson \xF0\x9F\xA6\x94 \"q\" \\.jpg",
        .content_type = "image/heic",
    };
    check_key_with(payload,
                   "{\"zz\":{\"b\":[1,2.5,null],\"a\":false},\"longitude\":-4.0083,\"latitude\":5.35,"
                   "\"country\":\"C\xC3\xB4te d'Ivoire\",\"top_candidate\":3}",
                   "ad1-c702e425649ed60741d801dd436c292290ece1266c77a21be7d9c0c453a34703");
}

/* The text of options, as the setters would store them. */
static char *normalized(const char *options)
{
    json_t *object = NULL;
    const char *name;
    json_t *value;
    char *text;

    if (options == NULL)
        return NULL;
    assert_int_equal(ad_option_parse(options, strlen(options), &object), ANIMALDETECT_OK);
    json_object_foreach(object, name, value) assert_int_equal(ad_option_normalize(name, value), ANIMALDETECT_OK);
    text = ad_options_serialize(object);
    json_decref(object);
    return text;
}

static void the_keys_of_0_1_stay_but_for_those_of_normalized_options(void **state)
{
    uint8_t digest[AD_DIGEST_SIZE];
    struct ad_payload payload = {.operation = "detect",
                                 .filename = "image.jpg",
                                 .content_type = "image/jpeg",
                                 .sha256 = digest,
                                 .size = strlen(KEYED_IMAGE),
                                 .has_size = true};

    (void)state;
    assert_true(ad_digest_from_hex(KEYED_SHA256, digest));
    for (size_t i = 0; i < COUNT_OF(KEYS_OF_0_1); i++) {
        const struct key_of_0_1 *row = &KEYS_OF_0_1[i];
        char *options = normalized(row->options);

        check_key_with(payload, row->options, row->key);
        payload.options = options;
        check_key(&payload, row->today != NULL ? row->today : row->key);
        free(options);
    }
}

static void a_checksum_field_is_in_the_key_under_its_name(void **state)
{
    struct ad_payload payload = jpeg();

    (void)state;
    /* {...,"sha256":"21ac...","sha256_hex":"21ac..."} */
    payload.checksum_field = "sha256_hex";
    check_key(&payload, "ad1-6f66763bbdfd0c13898a016b4c6797f242f00ef3943da8e34551bca329050e35");
    payload.checksum_field = "content_sha256";
    check_key(&payload, "ad1-13c5b467b974134f8d9616973bd01544427c24d221e7447d8058ce763c1f7d0e");
    payload.rerun = 2;
    check_key(&payload, "ad1-aa7d305984fb086be4ed154274ec6fc4bb120051acc74533a0f57d67593e11f2");
    payload.rerun = 0;
    /* Where it adds nothing, the key is that of 0.1. */
    payload.checksum_field = "sha256";
    check_key(&payload, "ad1-0f28521f36e07b151010aa9975290ef3cf025d6d84c97b4102d761871a440410");
    payload.checksum_field = "";
    check_key(&payload, "ad1-0f28521f36e07b151010aa9975290ef3cf025d6d84c97b4102d761871a440410");
    payload = (struct ad_payload){.operation = "filter_urban",
                                  .source_url = "https://images.example/a/b.jpg?x=1&y=2",
                                  .checksum_field = "content_sha256"};
    check_key(&payload, "ad1-68fb5e23aa722da14075f9e2678d89e523d31147a94d3c3763249535a55ac6fd");
}

/* The key is the hash of the body with two more members: everything that is sent is hashed. */
static void the_key_is_the_body_with_digest_and_rerun(void **state)
{
    static const char *const fields[] = {NULL, "", "sha256", "sum", "zz"};
    struct ad_payload payload = jpeg();

    (void)state;
    payload.client_reference_id = "camera-a/1";
    payload.options = "{\"country\":\"us\",\"latitude\":-0.0}"; /* possible in a restored job */
    for (size_t i = 0; i < 2 * COUNT_OF(fields); i++) {
        struct ad_buf body;
        struct ad_digest digest;
        uint8_t sum[AD_DIGEST_SIZE];
        char expected[AD_KEY_SIZE] = "ad1-";
        json_t *object = NULL;

        payload.checksum_field = fields[i / 2];
        payload.rerun = (int32_t)(i % 2);
        ad_buf_init(&body, 10000);
        assert_int_equal(ad_payload_body(&payload, &body), ANIMALDETECT_OK);
        assert_int_equal(ad_json_load(ad_buf_string(&body), body.size, 10, &object, NULL), ANIMALDETECT_OK);
        assert_int_equal(json_object_set_new(object, "sha256", json_string(content_sha256)), 0);
        if (payload.rerun != 0)
            assert_int_equal(json_object_set_new(object, "rerun", json_integer(payload.rerun)), 0);
        ad_buf_free(&body);
        assert_int_equal(ad_json_dump(object, &body), ANIMALDETECT_OK);
        ad_digest_begin(&digest);
        ad_digest_add(&digest, ad_buf_string(&body), body.size);
        ad_digest_end(&digest, sum);
        ad_digest_hex(sum, expected + 4);
        check_key(&payload, expected);
        json_decref(object);
        ad_buf_free(&body);
    }
}

/* A host's locale with a decimal comma must not change a byte. */
static void a_decimal_comma_changes_no_key(void **state)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    const char *made = getenv("AD_LOCALES"); /* where the build has created one */
    struct ad_payload payload = jpeg();
    size_t i = 0;

    (void)state;
    if (made != NULL)
        assert_int_equal(setenv("LOCPATH", made, 1), 0);
    while (i < COUNT_OF(locales) && !setlocale(LC_NUMERIC, locales[i]))
        i++;
    if (i == COUNT_OF(locales))
        skip(); /* no such locale is installed */
    assert_string_equal(localeconv()->decimal_point, ",");
    payload.client_reference_id = "camera-a/2026-06-17/img_001";
    check_key_with(payload, "{\"threshold\":0.2,\"classify\":true}",
                   "ad1-0f97d6760e04ecce89d4f819098a2f7f3c85eca380caa3800ff1d8f166ad2647");
    assert_non_null(setlocale(LC_NUMERIC, "C"));
}

static void every_field_is_part_of_the_key(void **state)
{
    uint8_t other_sha256[AD_DIGEST_SIZE] = {1};
    struct ad_payload payloads[11];
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
    payloads[10].checksum_field = "sum";
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
    char *left;
    char *right;

    (void)state;
    b.options = "{}";
    b.checksum_field = "";
    assert_int_equal(ad_payload_key(&a, key_a), ANIMALDETECT_OK);
    assert_int_equal(ad_payload_key(&b, key_b), ANIMALDETECT_OK);
    assert_string_equal(key_a, key_b);
    a.options = left = canonical("{\"a\":0.1,\"b\":1e-7}");
    b.options = right = canonical("{ \"b\" : 0.0000001, \"a\" : 0.10000000000000000001 }");
    assert_int_equal(ad_payload_key(&a, key_a), ANIMALDETECT_OK);
    assert_int_equal(ad_payload_key(&b, key_b), ANIMALDETECT_OK);
    assert_string_equal(key_a, key_b);
    free(left);
    free(right);
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
    payload.rerun = 3; /* internal: not sent */
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
    payloads[2].size = (uint64_t)INT64_MAX + 1;
    payloads[3].checksum_field = "filename";   /* would replace a field, */
    payloads[4].checksum_field = "source_url"; /* an absent field, */
    payloads[5].checksum_field = "rerun";      /* a field that is only hashed */
    for (size_t i = 0; i < COUNT_OF(payloads); i++) {
        ad_buf_init(&body, 10000);
        assert_int_equal(ad_payload_body(&payloads[i], &body), ANIMALDETECT_E_INVALID_ARGUMENT);
        assert_int_equal(ad_payload_key(&payloads[i], key), ANIMALDETECT_E_INVALID_ARGUMENT);
        ad_buf_free(&body);
    }
}

/* A text of at most `most` characters: letters, everything that is escaped, two to four bytes of UTF-8. */
static const char *draw_text(struct ad_rng *rng, char *room, size_t most)
{
    size_t count = (size_t)ad_rng_upto(rng, (int64_t)most);
    char *at = room;

    for (size_t i = 0; i < count; i++) {
        static const char *const wide[] = {"\xC2\x80", "\xC3\xA9", "\xE2\x80\xA8", "\xEF\xBF\xBF", "\xF4\x8F\xBF\xBF"};
        int64_t kind = ad_rng_upto(rng, 3);

        if (kind == 0)
            at = stpcpy(at, wide[ad_rng_upto(rng, COUNT_OF(wide) - 1)]);
        else
            *at++ = (char)(1 + ad_rng_upto(rng, kind == 1 ? 0x1f : 0x7e));
    }
    *at = '\0';
    return room;
}

static void put(json_t *object, const char *name, const char *text)
{
    if (text != NULL)
        assert_int_equal(json_object_set_new(object, name, json_string(text)), 0);
}

/* The bytes that were hashed before there was our own writer: jansson's, with sorted keys and no blanks. */
static void check_against_jansson(const struct ad_payload *payload)
{
    json_t *object = json_object();
    char hex[AD_DIGEST_HEX_SIZE];
    struct ad_buf text;

    put(object, "operation", payload->operation);
    put(object, "filename", payload->filename);
    put(object, "content_type", payload->content_type);
    put(object, "source_url", payload->source_url);
    put(object, "client_reference_id", payload->client_reference_id);
    if (payload->options != NULL && strcmp(payload->options, "{}") != 0)
        assert_int_equal(json_object_set_new(object, "options", json_loads(payload->options, 0, NULL)), 0);
    if (payload->has_size)
        assert_int_equal(json_object_set_new(object, "expected_size_bytes", json_integer((json_int_t)payload->size)),
                         0);
    ad_digest_hex(sha256, hex);
    if (payload->checksum_field != NULL)
        put(object, payload->checksum_field, hex);
    ad_buf_init(&text, 100000);
    assert_int_equal(ad_json_dump(object, &text), ANIMALDETECT_OK);
    check_body(payload, ad_buf_string(&text));
    ad_buf_free(&text);
    json_decref(object);
}

static void payloads_are_written_as_by_jansson(void **state)
{
    static const char *const names[] = {NULL, "sha256", "a", "zz", "expected", "o\"\\p\n", "\xC3\xA9"};
    static const char *const options[] = {
        "{}",
        "{\"a\":-0.0,\"b\":1e-320,\"c\":-9007199254740993,\"d\":1.79769313486231e308,\"e\":[{},[],null,\"\\u0007/\"]}",
        "{\"a\":0.1,\"b\":123456789.123456789,\"c\":4.94065645841247e-324,\"d\":1e22,\"e\":-1.5E-7,\"f\":1e20}",
        "{\"a\":100000000000000000000.0}"};
    struct ad_rng rng;

    (void)state;
    ad_rng_seed(&rng, 1);
    for (int i = 0; i < 3000; i++) {
        char rooms[5][256];
        const char *texts[5];
        char *text = ad_rng_upto(&rng, 1) ? canonical(options[ad_rng_upto(&rng, COUNT_OF(options) - 1)]) : NULL;
        struct ad_payload payload = {.sha256 = sha256, .options = text};

        for (size_t j = 0; j < COUNT_OF(texts); j++)
            texts[j] = draw_text(&rng, rooms[j], 50);
        payload.operation = texts[0];
        payload.filename = ad_rng_upto(&rng, 1) ? texts[1] : NULL;
        payload.content_type = ad_rng_upto(&rng, 1) ? texts[2] : NULL;
        payload.source_url = ad_rng_upto(&rng, 1) ? texts[3] : NULL;
        payload.client_reference_id = ad_rng_upto(&rng, 1) ? texts[4] : NULL;
        payload.checksum_field = names[ad_rng_upto(&rng, COUNT_OF(names) - 1)];
        payload.has_size = ad_rng_upto(&rng, 1) == 1;
        payload.size = (uint64_t)(ad_rng_upto(&rng, 1) ? INT64_MAX : ad_rng_upto(&rng, 20));
        check_against_jansson(&payload);
        free(text);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_the_golden_ones),
        cmocka_unit_test(the_keys_of_0_1_stay_but_for_those_of_normalized_options),
        cmocka_unit_test(a_checksum_field_is_in_the_key_under_its_name),
        cmocka_unit_test(the_key_is_the_body_with_digest_and_rerun),
        cmocka_unit_test(a_decimal_comma_changes_no_key),
        cmocka_unit_test(every_field_is_part_of_the_key),
        cmocka_unit_test(what_does_not_change_the_payload_does_not_change_the_key),
        cmocka_unit_test(the_body_holds_what_the_service_documents),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(payloads_are_written_as_by_jansson),
        cmocka_unit_test(random_keys_have_their_own_prefix_and_differ),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
