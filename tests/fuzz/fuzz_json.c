/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes protocol/json against jansson alone: the same texts are JSON, with the same values, except for the depth;
 * written text can be read back; and protocol/json_plain reads what jansson reads. Input: the text.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "fuzz.h"
#include "protocol/json.h"
#include "protocol/json_plain.h"

static size_t depth_of(json_t *value)
{
    size_t deepest = 0;
    size_t index;
    const char *name;
    json_t *inner;

    if (!json_is_object(value) && !json_is_array(value))
        return 0;
    json_object_foreach(value, name, inner)
    {
        size_t depth = depth_of(inner);

        deepest = depth > deepest ? depth : deepest;
    }
    json_array_foreach(value, index, inner)
    {
        size_t depth = depth_of(inner);

        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

/* Whether it contains a real that overflows when it is written with 15 digits. */
static bool has_giant(json_t *value)
{
    size_t index;
    const char *name;
    json_t *inner;

    if (json_is_real(value))
        return fabs(json_real_value(value)) >= 1.797693134862315e308;
    json_object_foreach(value, name, inner)
    {
        if (has_giant(inner))
            return true;
    }
    json_array_foreach(value, index, inner)
    {
        if (has_giant(inner))
            return true;
    }
    return false;
}

static void check_dump(const json_t *value)
{
    struct ad_buf text;
    struct ad_buf again;
    json_t *read = NULL;

    ad_buf_init(&text, 1024 * 1024);
    ad_buf_init(&again, 1024 * 1024);
    FUZZ_CHECK(ad_json_dump(value, &text) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_json_load(ad_buf_string(&text), text.size, AD_JSON_MAX_DEPTH, &read, NULL) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_json_dump(read, &again) == ANIMALDETECT_OK);
    FUZZ_CHECK(text.size == again.size && memcmp(text.data, again.data, text.size) == 0);
    /* 15 digits are kept; a subnormal double has fewer. */
    if (json_is_real(value) && fabs(json_real_value(value)) > 1e-300)
        FUZZ_CHECK(fabs(json_real_value(value) - json_real_value(read)) <= fabs(json_real_value(value)) * 1e-14);
    json_decref(read);
    ad_buf_free(&text);
    ad_buf_free(&again);
}

/* The text of a value, with its members in order. */
static char *in_order(const json_t *value)
{
    char *text = json_dumps(value, JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(17));

    FUZZ_CHECK(text != NULL);
    return text;
}

/* The fast path reads what jansson reads, or nothing. */
static void check_plain(const char *data, size_t size)
{
    json_t *plain = NULL;
    json_t *expected;
    char *text;
    char *expected_text;

    FUZZ_CHECK(ad_json_plain(data, size, &plain) == ANIMALDETECT_OK);
    if (!plain)
        return;
    expected = json_loadb(data, size, 0, NULL);
    FUZZ_CHECK(expected != NULL && depth_of(expected) <= AD_JSON_MAX_DEPTH && !has_giant(expected));
    text = in_order(plain);
    expected_text = in_order(expected);
    FUZZ_CHECK(strcmp(text, expected_text) == 0);
    free(text);
    free(expected_text);
    json_decref(plain);
    json_decref(expected);
}

/* One limit of depth. */
static void check(const uint8_t *data, size_t size, size_t max_depth)
{
    struct ad_problem problem;
    json_t *value = NULL;
    json_t *expected = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
    bool good = expected && depth_of(expected) <= max_depth && !has_giant(expected);
    int32_t status;

    ad_problem_clear(&problem);
    status = ad_json_load((const char *)data, size, max_depth, &value, &problem);
    FUZZ_CHECK(status == (good ? ANIMALDETECT_OK : ANIMALDETECT_E_PROTOCOL));
    if (good) {
        FUZZ_CHECK(json_equal(value, expected));
        check_dump(value);
    } else {
        FUZZ_CHECK(value == NULL);
        fuzz_check_problem(&problem);
    }
    json_decref(value);
    json_decref(expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, AD_JSON_MAX_DEPTH);
    check(data, size, 3);
    check_plain((const char *)data, size);
    return 0;
}
