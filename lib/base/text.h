/* SPDX-License-Identifier: MIT */
/*
 * What may stand in a text that goes into a header, a JSON field or a log line.  Pure functions over bytes.
 */
#ifndef AD_BASE_TEXT_H
#define AD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length, but at most `max` + 1. */
size_t ad_text_length(const char *text, size_t max);

/* Valid UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool ad_text_is_utf8(const char *text);

/* Valid UTF-8 without control characters (C0, DEL, C1). */
bool ad_text_is_clean(const char *text);
bool ad_text_is_clean_n(const char *text, size_t size);

/* Bytes 33 to 126 only. */
bool ad_text_is_visible_ascii(const char *text);

/* Bytes 32 to 126, none at either end being a blank: what a header value may hold here. */
bool ad_text_is_header_value(const char *text);

/* RFC 9110 token: what a header name may hold. */
bool ad_text_is_token(const char *text);

/* Letters, digits and `extra` only, not empty. */
bool ad_text_is_name(const char *text, const char *extra);

/* Case-insensitive (ASCII) comparison. */
bool ad_text_equal_nocase(const char *a, const char *b);

/* Length of a URL without its query and fragment: what may be logged of a signed URL. */
size_t ad_text_public_length(const char *url);

/*
 * Copies foreign bytes so that they fit on one line of a message: control characters and invalid UTF-8 become '?' or a
 * blank, cut at a character's edge with "..." when it does not fit.  Always NUL-terminated; returns the length written.
 */
size_t ad_text_quote(char *out, size_t out_size, const char *bytes, size_t size);

#endif
