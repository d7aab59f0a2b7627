/* SPDX-License-Identifier: MIT */
/*
 * Writes a text as a JSON string, byte for byte as jansson does.  The idempotency key is the hash of such bytes, and
 * must not depend on the installed version of jansson.
 */
#ifndef AD_PROTOCOL_JSON_QUOTE_H
#define AD_PROTOCOL_JSON_QUOTE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"

/*
 * Appends the text in quotes.  Escapes quotes, backslashes and bytes below U+0020, nothing else. ANIMALDETECT_OK,
 * ANIMALDETECT_E_INVALID_ARGUMENT (not UTF-8; the buffer may then end with part of it), and the errors of ad_buf_add.
 */
AD_CHECKED int32_t ad_json_quote(const char *text, struct ad_buf *out);

#endif
