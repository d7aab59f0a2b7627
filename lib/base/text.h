/* SPDX-License-Identifier: MIT */
/*
 * What may stand in a text that goes into a header, a JSON field or a log line.  Pure functions over bytes.
 */
#ifndef AD_BASE_TEXT_H
#define AD_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Length, but at most `max` + 1; `max` is below SIZE_MAX. */
size_t ad_text_length(const char *text, size_t max);

/*
 * Bytes of the UTF-8 character that starts at `text`, 0 when there is none (RFC 3629 section 4).  `*control` is set for
 * C0, DEL and C1.  `left` is at least 1.
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

/* Bytes 32 to 126, none at either end being a blank: what a header value may hold here. */
bool ad_text_is_header_value(const char *text);

/* RFC 9110 token: what a header name may hold. */
bool ad_text_is_token(const char *text);

/* Letters, digits and `extra` only, not empty. */
bool ad_text_is_name(const char *text, const char *extra);

/* A blank or a tab: what HTTP allows around a value. */
bool ad_text_is_blank(char c);

/* A small letter for a capital one (ASCII), everything else as it is. */
char ad_text_lower(char c);

/* Case-insensitive (ASCII) comparison. */
bool ad_text_equal_nocase(const char *a, const char *b);

/* The same of the first `size` bytes, or of whole texts that are shorter. */
bool ad_text_same_nocase(const char *a, const char *b, size_t size);

/* Is `part` in the text, in any case (ASCII)? */
bool ad_text_has_nocase(const char *text, const char *part);

/* One line that is being written into a buffer of fixed size; cut at the edge of a character, with "..." at the end. */
struct ad_line {
    char *out;
    size_t size; /* of the buffer */
    size_t written;
    size_t cut; /* the last edge that leaves room for the dots */
    bool full;
};

void ad_line_init(struct ad_line *line, char *out, size_t size);
/* Adds bytes as they are, all or none.  False: they did not fit, and the line ends here. */
bool ad_line_add(struct ad_line *line, const char *bytes, size_t size);
/* Adds the character that begins at `bytes`, made clean as ad_text_quote does; `*used` is its length there. */
bool ad_line_quote(struct ad_line *line, const char *bytes, size_t left, size_t *used);
/* Writes the NUL, and the dots after a piece that did not fit.  Returns the length. */
size_t ad_line_end(struct ad_line *line);

/*
 * Copies a text of the host's so that it fits on one line of a message: control characters, separators of lines and
 * paragraphs, controls of direction and invalid UTF-8 become '?' or a blank, cut at the edge of a character with "..."
 * when it does not fit.  Always NUL-terminated; returns the length written.  For text from outside there is
 * ad_mask_text.
 */
size_t ad_text_quote(char *out, size_t out_size, const char *bytes, size_t size);

#endif
