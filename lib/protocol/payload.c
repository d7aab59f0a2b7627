/* SPDX-License-Identifier: MIT */
/*
 * The create request and its key.  Both are made from one object, so that the key can never belong to another payload.
 * The canonical form is frozen: a change of one byte here would bill images twice that were sent by an older version.
 */
#include "protocol/payload.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/digest.h"
#include "base/text.h"
#include "protocol/json.h"
#include "protocol/rules.h"

/* An options object is far smaller; the bound is only there because every buffer has one. */
#define MAX_TEXT ((size_t)16 * 1024 * 1024)

/* Takes `value` over.  It is NULL when memory ran out: texts were found to be UTF-8 before. */
static int32_t payload_put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0 ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}

static int32_t put_text(json_t *object, const char *name, const char *text)
{
    if (!text)
        return ANIMALDETECT_OK;
    if (!ad_text_is_utf8(text))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    return payload_put(object, name, json_string(text));
}

static int32_t payload_put_options(json_t *object, const char *text)
{
    json_t *options = NULL;
    int32_t status;

    if (!text)
        return ANIMALDETECT_OK;
    status = ad_json_load(text, strlen(text), AD_OPTION_MAX_DEPTH + 1, &options, NULL);
    if (status == ANIMALDETECT_OK && !json_is_object(options))
        status = ANIMALDETECT_E_PROTOCOL;
    if (status == ANIMALDETECT_OK && json_object_size(options) > 0)
        status = payload_put(object, "options", json_incref(options));
    json_decref(options);
    if (status == ANIMALDETECT_E_PROTOCOL || status == ANIMALDETECT_E_ANSWER_TOO_LARGE)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    return status;
}

static int32_t put_sha256(json_t *object, const char *name, const uint8_t *sha256)
{
    char hex[AD_DIGEST_HEX_SIZE];

    if (json_object_get(object, name))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    ad_digest_hex(sha256, hex);
    return payload_put(object, name, json_string(hex));
}

/* What body and key have in common. */
static int32_t put_common(json_t *object, const struct ad_payload *payload)
{
    int32_t status = put_text(object, "operation", payload->operation);

    if (status == ANIMALDETECT_OK)
        status = put_text(object, "filename", payload->filename);
    if (status == ANIMALDETECT_OK)
        status = put_text(object, "content_type", payload->content_type);
    if (status == ANIMALDETECT_OK)
        status = put_text(object, "source_url", payload->source_url);
    if (status == ANIMALDETECT_OK)
        status = put_text(object, "client_reference_id", payload->client_reference_id);
    if (status == ANIMALDETECT_OK)
        status = payload_put_options(object, payload->options);
    if (status != ANIMALDETECT_OK || !payload->has_size)
        return status;
    if (payload->size > INT64_MAX)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    return payload_put(object, "expected_size_bytes", json_integer((json_int_t)payload->size));
}

int32_t ad_payload_body(const struct ad_payload *payload, struct ad_buf *out)
{
    json_t *object = json_object();
    int32_t status = object ? put_common(object, payload) : ANIMALDETECT_E_NO_MEMORY;

    if (status == ANIMALDETECT_OK && payload->checksum_field && *payload->checksum_field && payload->sha256)
        status = put_sha256(object, payload->checksum_field, payload->sha256);
    if (status == ANIMALDETECT_OK)
        status = ad_json_dump(object, out);
    json_decref(object);
    return status;
}

int32_t ad_payload_key(const struct ad_payload *payload, char out[AD_KEY_SIZE])
{
    struct ad_buf text;
    struct ad_digest digest;
    uint8_t sum[AD_DIGEST_SIZE];
    json_t *object = json_object();
    int32_t status = object ? put_common(object, payload) : ANIMALDETECT_E_NO_MEMORY;

    ad_buf_init(&text, MAX_TEXT);
    if (status == ANIMALDETECT_OK && payload->sha256)
        status = put_sha256(object, "sha256", payload->sha256);
    if (status == ANIMALDETECT_OK && payload->rerun != 0)
        status = payload_put(object, "rerun", json_integer(payload->rerun));
    if (status == ANIMALDETECT_OK)
        status = ad_json_dump(object, &text);
    if (status == ANIMALDETECT_E_ANSWER_TOO_LARGE)
        status = ANIMALDETECT_E_INVALID_ARGUMENT;
    if (status == ANIMALDETECT_OK) {
        ad_digest_begin(&digest);
        ad_digest_add(&digest, ad_buf_string(&text), text.size);
        ad_digest_end(&digest, sum);
        memcpy(out, "ad1-", 4);
        ad_digest_hex(sum, out + 4);
    }
    ad_buf_free(&text);
    json_decref(object);
    return status;
}

void ad_payload_random_key(char out[AD_KEY_SIZE])
{
    uint8_t bytes[AD_DIGEST_SIZE];

    randombytes_buf(bytes, sizeof(bytes));
    memcpy(out, "adr-", 4);
    ad_digest_hex(bytes, out + 4);
}

char *ad_options_serialize(const json_t *options)
{
    struct ad_buf text;
    char *taken = NULL;

    ad_buf_init(&text, MAX_TEXT);
    if (ad_json_dump(options, &text) == ANIMALDETECT_OK)
        taken = ad_buf_take(&text, NULL);
    ad_buf_free(&text);
    return taken;
}

int32_t ad_option_parse(const char *json, size_t size, json_t **out)
{
    int32_t status = ad_json_load(json, size, AD_OPTION_MAX_DEPTH, out, NULL);

    if (status == ANIMALDETECT_E_PROTOCOL || status == ANIMALDETECT_E_ANSWER_TOO_LARGE)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    return status;
}
