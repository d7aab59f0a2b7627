/* SPDX-License-Identifier: MIT */
/*
 * The create request and its key.  Both are written from one list of members, so that the key always matches the
 * payload.  The canonical form is frozen: changing one byte of it would bill again every image that an older version
 * sent.
 */
#include "protocol/payload.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/digest.h"
#include "protocol/json.h"
#include "protocol/json_quote.h"
#include "protocol/rules.h"

/* Options are far smaller; the limit is here because every buffer has one. */
#define MAX_TEXT ((size_t)16 * 1024 * 1024)

bool ad_payload_has_field(const char *name)
{
    static const char *const fields[] = {
        "client_reference_id", "content_type", "expected_size_bytes", "filename", "operation", "options", "rerun",
        "source_url"};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(name, fields[i]) == 0)
            return true;
    return false;
}

/* A member of the payload: a text, or verbatim JSON. */
struct member {
    const char *name;
    const char *text; /* NULL: `json` */
    const char *json;
};

#define MAX_MEMBERS 10 /* the fields above, the checksum field, sha256 */

/* The members sorted by name, and the storage of texts that some of them point to. */
struct members {
    struct member list[MAX_MEMBERS];
    size_t count;
    char hex[AD_DIGEST_HEX_SIZE];
    char size[24];
    char rerun[16];
};

/* A name that is present already has the same digest. */
static void add_member(struct members *members, const char *name, const char *text, const char *json)
{
    size_t place = members->count;

    if (!text && !json)
        return;
    while (place > 0 && strcmp(members->list[place - 1].name, name) > 0)
        place--;
    if (place > 0 && strcmp(members->list[place - 1].name, name) == 0)
        return;
    memmove(&members->list[place + 1], &members->list[place], (members->count - place) * sizeof members->list[0]);
    members->list[place] = (struct member){name, text, json};
    members->count++;
}

/* The members that are sent: body and key are both written from these. */
static int32_t payload_gather(const struct ad_payload *payload, struct members *out)
{
    const char *options = payload->options && strcmp(payload->options, "{}") != 0 ? payload->options : NULL;
    bool has_checksum = payload->checksum_field && *payload->checksum_field && payload->sha256;

    out->count = 0;
    if ((payload->has_size && payload->size > INT64_MAX) ||
        (has_checksum && ad_payload_has_field(payload->checksum_field)))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (payload->sha256)
        ad_digest_hex(payload->sha256, out->hex);
    (void)snprintf(out->size, sizeof out->size, "%" PRIu64, payload->size);
    add_member(out, "client_reference_id", payload->client_reference_id, NULL);
    add_member(out, "content_type", payload->content_type, NULL);
    add_member(out, "expected_size_bytes", NULL, payload->has_size ? out->size : NULL);
    add_member(out, "filename", payload->filename, NULL);
    add_member(out, "operation", payload->operation, NULL);
    add_member(out, "options", NULL, options);
    add_member(out, "source_url", payload->source_url, NULL);
    if (has_checksum)
        add_member(out, payload->checksum_field, out->hex, NULL);
    return ANIMALDETECT_OK;
}

static int32_t write_members(const struct members *members, struct ad_buf *out)
{
    int32_t status = ad_buf_add(out, "{", 1);

    for (size_t i = 0; i < members->count && status == ANIMALDETECT_OK; i++) {
        const struct member *member = &members->list[i];

        if (i > 0)
            status = ad_buf_add(out, ",", 1);
        if (status == ANIMALDETECT_OK)
            status = ad_json_quote(member->name, out);
        if (status == ANIMALDETECT_OK)
            status = ad_buf_add(out, ":", 1);
        if (status == ANIMALDETECT_OK)
            status = member->text ? ad_json_quote(member->text, out) : ad_buf_add_text(out, member->json);
    }
    return status == ANIMALDETECT_OK ? ad_buf_add(out, "}", 1) : status;
}

int32_t ad_payload_body(const struct ad_payload *payload, struct ad_buf *out)
{
    struct members members;
    int32_t status = payload_gather(payload, &members);

    return status == ANIMALDETECT_OK ? write_members(&members, out) : status;
}

int32_t ad_payload_key(const struct ad_payload *payload, char out[AD_KEY_SIZE])
{
    struct members members;
    struct ad_buf text;
    struct ad_digest digest;
    uint8_t sum[AD_DIGEST_SIZE];
    int32_t status = payload_gather(payload, &members);

    ad_buf_init(&text, MAX_TEXT);
    if (status == ANIMALDETECT_OK) {
        if (payload->rerun != 0) {
            (void)snprintf(members.rerun, sizeof members.rerun, "%" PRId32, payload->rerun);
            add_member(&members, "rerun", NULL, members.rerun);
        }
        /* The digest is part of the key also when it is not sent; a checksum field may be called sha256. */
        add_member(&members, "sha256", payload->sha256 ? members.hex : NULL, NULL);
        status = write_members(&members, &text);
    }
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
