/* SPDX-License-Identifier: MIT */
/*
 * The body of the create request, and the idempotency key derived from it.
 *
 * The default key is "ad1-" and the lower-case hex SHA-256 of the canonical payload: a JSON object with sorted keys and
 * no blanks that contains client_reference_id, content_type, expected_size_bytes, filename, operation, options, rerun,
 * sha256, source_url, each omitted when absent (rerun when 0, options when empty), and the checksum field under its own
 * name if it is sent.  So the canonical payload is the body plus sha256 and rerun, and both are written from one list.
 * Strings are UTF-8 with jansson's escaping (json_quote.h), reals have at most 15 significant digits.  Golden vectors
 * are in doc/architecture.md and in the tests.  This format never changes: another format would need another prefix.
 */
#ifndef AD_PROTOCOL_PAYLOAD_H
#define AD_PROTOCOL_PAYLOAD_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"

#define AD_KEY_SIZE 69 /* "ad1-", 64 digits, NUL */

struct ad_payload {
    const char *operation; /* never NULL */
    const char *filename;  /* this and the following: NULL when absent */
    const char *content_type;
    const char *source_url;
    const char *client_reference_id;
    const char *options;        /* from ad_options_serialize; written unchanged */
    const char *checksum_field; /* the name under which `sha256` is sent; NULL or "": not sent */
    const uint8_t *sha256;      /* 32 bytes, or NULL */
    uint64_t size;              /* in bytes; sent and hashed if has_size */
    int32_t rerun;
    bool has_size;
};

/*
 * Whether the create request, or the hashed payload, has a field of this name, which a checksum field must not replace.
 */
bool ad_payload_has_field(const char *name);

/*
 * Both: ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_INVALID_ARGUMENT (a text that is not UTF-8, or a checksum field with
 * the name of another field).  The body also: ANIMALDETECT_E_ANSWER_TOO_LARGE past the limit of `out`.
 */
AD_CHECKED int32_t ad_payload_body(const struct ad_payload *payload, struct ad_buf *out);
AD_CHECKED int32_t ad_payload_key(const struct ad_payload *payload, char out[AD_KEY_SIZE]);

/* A key for content that cannot be hashed: "adr-" and 64 random hex digits. */
void ad_payload_random_key(char out[AD_KEY_SIZE]);

/* The canonical text of an options object, from malloc; NULL when out of memory. */
char *ad_options_serialize(const json_t *options);

/*
 * Parses the JSON value of an option, from the host: strict, depth at most 16.  ANIMALDETECT_E_INVALID_ARGUMENT if it
 * is not JSON, ANIMALDETECT_E_NO_MEMORY; `*out` is then NULL.
 */
AD_CHECKED int32_t ad_option_parse(const char *json, size_t size, json_t **out);

#endif
