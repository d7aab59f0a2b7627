/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes option values and the payload with them: the canonical text reads back as itself, so that keys made before and
 * after a restart are equal, whatever the order of the members; and normalized values stay unchanged. Input: the JSON
 * of one option.
 */
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "fuzz.h"
#include "protocol/json.h"
#include "protocol/normalize.h"
#include "protocol/payload.h"
#include "protocol/saved.h"

/* {"option": value, "threshold": 0.2}, in one order or the other. */
static json_t *wrap(json_t *value, bool option_first)
{
    json_t *options = json_object();

    FUZZ_CHECK(options != NULL);
    if (option_first)
        FUZZ_CHECK(json_object_set(options, "option", value) == 0);
    FUZZ_CHECK(json_object_set_new(options, "threshold", json_real(0.2)) == 0);
    if (!option_first)
        FUZZ_CHECK(json_object_set(options, "option", value) == 0);
    return options;
}

static char *text_of(json_t *value, bool option_first)
{
    json_t *options = wrap(value, option_first);
    char *text = ad_options_serialize(options);

    FUZZ_CHECK(text != NULL && fuzz_is_utf8(text, strlen(text)));
    json_decref(options);
    return text;
}

/* The text of the options in a JSON object that was written with them. */
static char *options_in(const char *text, size_t size)
{
    json_t *object = NULL;
    char *options;

    FUZZ_CHECK(ad_json_load(text, size, AD_JSON_MAX_DEPTH, &object, NULL) == ANIMALDETECT_OK);
    options = ad_options_serialize(json_object_get(object, "options"));
    json_decref(object);
    return options;
}

static void check_payload(const char *options)
{
    struct ad_payload payload = {.operation = "detect", .source_url = "https://a.example/", .options = options};
    struct ad_buf body;
    char key[AD_KEY_SIZE];
    char key_again[AD_KEY_SIZE];
    char *sent;

    ad_buf_init(&body, 1024 * 1024);
    FUZZ_CHECK(ad_payload_body(&payload, &body) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_payload_key(&payload, key) == ANIMALDETECT_OK);
    FUZZ_CHECK(strlen(key) == AD_KEY_SIZE - 1 && strspn(key + 4, "0123456789abcdef") == 64);
    sent = options_in(ad_buf_string(&body), body.size);
    FUZZ_CHECK(fuzz_same_text(sent, options));
    payload.options = sent;
    FUZZ_CHECK(ad_payload_key(&payload, key_again) == ANIMALDETECT_OK && strcmp(key, key_again) == 0);
    payload.rerun = 1;
    FUZZ_CHECK(ad_payload_key(&payload, key_again) == ANIMALDETECT_OK && strcmp(key, key_again) != 0);
    free(sent);
    ad_buf_free(&body);
}

/* Through a saved job and back. */
static void check_saved(const char *options)
{
    struct ad_saved saved = {.operation = "detect", .options = options};
    struct ad_saved again;
    struct ad_problem problem;
    size_t size = 0;
    char *text = NULL;
    char *kept;

    FUZZ_CHECK(ad_saved_write(&saved, &text, &size) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_saved_read(&again, text, size, NULL, &problem) == ANIMALDETECT_OK);
    kept = ad_options_serialize(again.options_json);
    FUZZ_CHECK(fuzz_same_text(kept, options));
    ad_saved_clear(&again);
    free(kept);
    free(text);
}

/* Normalizing once is enough, and removes every negative zero. */
static void check_normalized(json_t *value)
{
    char *text;
    char *again;

    FUZZ_CHECK(ad_option_normalize(AD_OPTION_COUNTRY, value) == ANIMALDETECT_OK);
    text = ad_options_serialize(value);
    FUZZ_CHECK(text != NULL && fuzz_is_utf8(text, strlen(text)));
    FUZZ_CHECK(!json_is_real(value) || strcmp(text, "-0.0") != 0);
    FUZZ_CHECK(ad_option_normalize(AD_OPTION_COUNTRY, value) == ANIMALDETECT_OK);
    again = ad_options_serialize(value);
    FUZZ_CHECK(fuzz_same_text(text, again));
    free(text);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *value = NULL;
    char *options;
    char *turned;

    if (ad_option_parse((const char *)data, size, &value) != ANIMALDETECT_OK)
        return 0;
    options = text_of(value, true);
    turned = text_of(value, false);
    FUZZ_CHECK(strcmp(options, turned) == 0);
    check_payload(options);
    check_saved(options);
    free(options);
    free(turned);
    check_normalized(value);
    json_decref(value);
    return 0;
}
