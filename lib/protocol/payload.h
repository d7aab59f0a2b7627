/* SPDX-License-Identifier: MIT */
/*
 * The create request: its JSON body, and the idempotency key that belongs to it.
 *
 * The default key is "ad1-" and the lower-case hex SHA-256 of the canonical payload: a JSON object with sorted keys
 * and no blanks that holds client_reference_id, content_type, expected_size_bytes, filename, operation, options,
 * rerun, sha256, source_url, each left out when absent (rerun when 0, options when empty), and the checksum field under
 * its own name when it is sent.  So it is the body with sha256 and rerun added, and both are written from one list.
 * Strings are UTF-8 with jansson's escaping (json_quote.h), reals have at most 15 significant digits.  Golden vectors
 * are in doc/architecture.md and in the tests.  The form never changes: another form would be another prefix.
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
    const char *filename;  /* the rest: NULL when absent */
    const char *content_type;
    const char *source_url;
    const char *client_reference_id;
    const char *options;        /* as ad_options_serialize writes them; it is not read again */
    const char *checksum_field; /* name under which `sha256` is sent; NULL or "" for none */
    const uint8_t *sha256;      /* 32 bytes, or NULL */
    uint64_t size;              /* bytes; sent and hashed when has_size */
    int32_t rerun;
    bool has_size;
};

/* Has the create request, or what is hashed, a field of this name that a checksum field would replace? */
bool ad_payload_has_field(const char *name);

/*
 * Both: ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_INVALID_ARGUMENT (a text that is not UTF-8, a checksum
 * field with the name of another field).  The body also: ANIMALDETECT_E_ANSWER_TOO_LARGE past
 * `out`'s limit.
 */
AD_CHECKED int32_t ad_payload_body(const struct ad_payload *payload, struct ad_buf *out);
AD_CHECKED int32_t ad_payload_key(const struct ad_payload *payload, char out[AD_KEY_SIZE]);

/* A key for content that cannot be hashed: "adr-" and 64 random hex digits. */
void ad_payload_random_key(char out[AD_KEY_SIZE]);

/* The canonical text of an options object, from malloc; NULL when memory runs out. */
char *ad_options_serialize(const json_t *options);

/* One JSON value of an option, from a host's text: strict, depth at most 16.  ANIMALDETECT_E_INVALID_ARGUMENT
 * when it is not JSON, ANIMALDETECT_E_NO_MEMORY.  `*out` is NULL then. */
AD_CHECKED int32_t ad_option_parse(const char *json, size_t size, json_t **out);

#endif
