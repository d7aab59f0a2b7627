/* SPDX-License-Identifier: MIT */
/*
 * Which bytes are allowed in a text for a header, a JSON field or a log line.  Pure functions over bytes.
 */
#ifndef AD_BASE_TEXT_H
#define AD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length, at most `max` + 1; `max` is below SIZE_MAX. */
size_t ad_text_length(const char *text, size_t max);

/*
 * Length in bytes of the UTF-8 character at `text`, 0 if it is not valid (RFC 3629 section 4).  Sets `*control` for C0,
 * DEL and C1.  `left` is at least 1.
 */
size_t ad_text_character_size(const char *text, size_t left, bool *control);

/* Valid UTF-8 (RFC 3629: no overlong forms, no surrogates). */
bool ad_text_is_utf8(const char *text);

/* Valid UTF-8 without control characters (C0, DEL, C1). */
bool ad_text_is_clean(const char *text);

/* Bytes 32 to 126 only. */
bool ad_text_is_printable_ascii(const char *text, size_t size);

/* Bytes 33 to 126 only. */
bool ad_text_is_visible_ascii(const char *text);

/* Bytes 32 to 126, without a blank at either end: what this library accepts as a header value. */
bool ad_text_is_header_value(const char *text);

/* RFC 9110 token: a valid header name. */
bool ad_text_is_token(const char *text);

/* Letters, digits and the characters of `extra` only, not empty. */
bool ad_text_is_name(const char *text, const char *extra);

/* Space or tab: allowed by HTTP around a value. */
bool ad_text_is_blank(char c);

/* ASCII lower case; other bytes unchanged. */
char ad_text_lower(char c);

/* Case-insensitive (ASCII) comparison. */
bool ad_text_equal_nocase(const char *a, const char *b);

/* The same for the first `size` bytes, or for whole texts that are shorter. */
bool ad_text_same_nocase(const char *a, const char *b, size_t size);

/* Whether the text contains `part`, ASCII case ignored. */
bool ad_text_has_nocase(const char *text, const char *part);

/* One line being written into a buffer of fixed size; truncated at a character boundary, with "..." at the end. */
struct ad_line {
    char *out;
    size_t size; /* of the buffer */
    size_t written;
    size_t cut; /* the last character boundary that leaves room for the dots */
    bool full;
};

void ad_line_init(struct ad_line *line, char *out, size_t size);
/* Adds bytes unchanged, all or none.  False: they did not fit, and the line is complete. */
bool ad_line_add(struct ad_line *line, const char *bytes, size_t size);
/* Adds the character at `bytes`, cleaned as by ad_text_quote; sets `*used` to its input length. */
bool ad_line_quote(struct ad_line *line, const char *bytes, size_t left, size_t *used);
/* Writes the NUL, after "..." if something did not fit.  Returns the length. */
size_t ad_line_end(struct ad_line *line);

/*
 * Copies a text of the host so that it fits on one line of a message: control characters, line and paragraph
 * separators, direction controls and invalid UTF-8 become '?' or a blank.  Truncated at a character boundary with
 * "...".  Always NUL-terminated; returns the length written.  For untrusted text use ad_mask_text.
 */
size_t ad_text_quote(char *out, size_t out_size, const char *bytes, size_t size);

#endif
