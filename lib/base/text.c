/* SPDX-License-Identifier: MIT */
/*
 * The byte rules of text.h.  Pure and independent of the locale: <ctype.h> is deliberately not used.  Everything that
 * goes into a header, a field or a message is checked here first: this is the protection against injection.
 */
#include "base/text.h"

#include <string.h>

#define DOTS "..."

size_t ad_text_length(const char *text, size_t max)
{
    return strnlen(text, max + 1);
}

/* Whether all bytes are in the range, inclusive.  No early exit, so that compilers can vectorize it. */
static bool all_between(const char *text, size_t size, unsigned char low, unsigned char high)
{
    unsigned char outside = 0;

    for (size_t i = 0; i < size; i++)
        outside |= (unsigned char)((unsigned char)text[i] - low) > (unsigned char)(high - low);
    return outside == 0;
}

bool ad_text_is_printable_ascii(const char *text, size_t size)
{
    return all_between(text, size, 32, 126);
}

size_t ad_text_character_size(const char *text, size_t left, bool *control)
{
    const unsigned char *at = (const unsigned char *)text;
    unsigned char first = at[0];
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    size_t size;

    *control = first < 0x20 || first == 0x7F;
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    size = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (size > left)
        return 0;
    if (first == 0xE0)
        low = 0xA0; /* shorter encodings exist */
    else if (first == 0xED)
        high = 0x9F; /* surrogates */
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F; /* above U+10FFFF */
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < size; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    }
    *control = first == 0xC2 && at[1] < 0xA0;
    return size;
}

static bool is_utf8_n(const char *text, size_t size, bool allow_control)
{
    size_t at = ad_text_is_printable_ascii(text, size) ? size : 0;

    while (at < size) {
        bool control;
        size_t length = ad_text_character_size(text + at, size - at, &control);

        if (length == 0 || (control && !allow_control))
            return false;
        at += length;
    }
    return true;
}

bool ad_text_is_utf8(const char *text)
{
    return is_utf8_n(text, strlen(text), true);
}

static bool is_clean_n(const char *text, size_t size)
{
    return is_utf8_n(text, size, false);
}

bool ad_text_is_clean(const char *text)
{
    return is_clean_n(text, strlen(text));
}

bool ad_text_is_visible_ascii(const char *text)
{
    return all_between(text, strlen(text), 33, 126);
}

bool ad_text_is_header_value(const char *text)
{
    size_t size = strlen(text);

    if (size > 0 && (text[0] == ' ' || text[size - 1] == ' '))
        return false;
    return ad_text_is_printable_ascii(text, size);
}

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool ad_text_is_name(const char *text, const char *extra)
{
    if (!*text)
        return false;
    for (; *text; text++) {
        if (!is_letter_or_digit(*text) && !strchr(extra, *text))
            return false;
    }
    return true;
}

bool ad_text_is_token(const char *text)
{
    return ad_text_is_name(text, "!#$%&'*+-.^_`|~");
}

bool ad_text_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

char ad_text_lower(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

bool ad_text_equal_nocase(const char *a, const char *b)
{
    while (*a && ad_text_lower(*a) == ad_text_lower(*b)) {
        a++;
        b++;
    }
    return ad_text_lower(*a) == ad_text_lower(*b);
}

bool ad_text_same_nocase(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (ad_text_lower(a[i]) != ad_text_lower(b[i]))
            return false;
        if (a[i] == '\0')
            return true;
    }
    return true;
}

bool ad_text_has_nocase(const char *text, const char *part)
{
    size_t size = strlen(part);

    for (; *text != '\0'; text++)
        if (ad_text_same_nocase(text, part, size))
            return true;
    return size == 0;
}

/* Writes one character or its replacement, `*made` bytes; returns the number of input bytes consumed. */
static size_t quote_one(char *to, size_t *made, const unsigned char *from, size_t left)
{
    bool control = false;
    size_t length = ad_text_character_size((const char *)from, left, &control);

    *made = 1;
    if (length == 0) {
        *to = '?';
        return 1;
    }
    if (control) {
        *to = from[0] == '\t' || from[0] == '\n' || from[0] == '\r' ? ' ' : '?';
        return length;
    }
    /* Line separators and direction controls could make a line look like two, or like a different one. */
    if (length == 3 && from[0] == 0xE2 &&
        ((from[1] == 0x80 && from[2] >= 0xA8 && from[2] <= 0xAE) ||
         (from[1] == 0x81 && from[2] >= 0xA6 && from[2] <= 0xA9))) {
        *to = '?';
        return length;
    }
    memcpy(to, from, length);
    *made = length;
    return length;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): the line is written through it */
void ad_line_init(struct ad_line *line, char *out, size_t size)
{
    *line = (struct ad_line){.out = out, .size = size};
}

bool ad_line_add(struct ad_line *line, const char *bytes, size_t size)
{
    if (line->written + size >= line->size) {
        line->full = true;
        return false;
    }
    memcpy(line->out + line->written, bytes, size);
    line->written += size;
    if (line->written + sizeof(DOTS) <= line->size)
        line->cut = line->written;
    return true;
}

bool ad_line_quote(struct ad_line *line, const char *bytes, size_t left, size_t *used)
{
    char one[4];
    size_t made;

    *used = quote_one(one, &made, (const unsigned char *)bytes, left);
    return ad_line_add(line, one, made);
}

size_t ad_line_end(struct ad_line *line)
{
    if (line->size == 0)
        return 0;
    if (line->full && line->size >= sizeof(DOTS)) {
        memcpy(line->out + line->cut, DOTS, sizeof(DOTS) - 1);
        line->written = line->cut + sizeof(DOTS) - 1;
    }
    line->out[line->written] = '\0';
    return line->written;
}

size_t ad_text_quote(char *out, size_t out_size, const char *bytes, size_t size)
{
    struct ad_line line;
    size_t used;

    ad_line_init(&line, out, out_size);
    while (size > 0 && ad_line_quote(&line, bytes, size, &used)) {
        bytes += used;
        size -= used;
    }
    return ad_line_end(&line);
}
