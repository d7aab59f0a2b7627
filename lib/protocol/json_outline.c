/* SPDX-License-Identifier: MIT */
/* Measures a text in one pass, without recursion or allocation.  See json_outline.h. */
#include "protocol/json_outline.h"

#include <stdint.h>
#include <string.h>

/* The kind of a byte outside of strings. */
enum { WORD, BLANK_OR_COMMA, COLON, OPENING, CLOSING, QUOTE };

static const uint8_t kind_of[256] = {
    [' '] = BLANK_OR_COMMA, ['\t'] = BLANK_OR_COMMA, ['\r'] = BLANK_OR_COMMA, ['\n'] = BLANK_OR_COMMA,
    [','] = BLANK_OR_COMMA, [':'] = COLON,           ['{'] = OPENING,         ['['] = OPENING,
    ['}'] = CLOSING,        [']'] = CLOSING,         ['"'] = QUOTE,
};

/* Bytes of the string at `at`, including quotes; the rest of the text if it is unterminated. */
static size_t string_size(const char *text, size_t size, size_t at)
{
    size_t end = at + 1;

    for (;;) {
        const char *quote = end < size ? memchr(text + end, '"', size - end) : NULL;
        const char *before = quote;

        if (!quote)
            return size - at;
        while (before[-1] == '\\')
            before--;
        end = (size_t)(quote - text) + 1;
        if ((quote - before) % 2 == 0)
            return end - at;
    }
}

/* Bytes of the number or word at `at`. */
static size_t word_size(const char *text, size_t size, size_t at)
{
    size_t end = at + 1;

    while (end < size && kind_of[(unsigned char)text[end]] == WORD)
        end++;
    return end - at;
}

/* A number with an exponent, or with very many digits. */
static bool may_be_giant(const char *token, size_t size)
{
    return (token[0] == '-' || (token[0] >= '0' && token[0] <= '9')) &&
           (size > 300 || memchr(token, 'e', size) || memchr(token, 'E', size));
}

struct ad_json_outline ad_json_outline_of(const char *text, size_t size)
{
    struct ad_json_outline outline = {.depth = 0, .longest = size > 0};
    size_t depth = 0;
    size_t most = 0;
    size_t at = 0;

    while (at < size) {
        uint8_t kind = kind_of[(unsigned char)text[at]];
        size_t token = 1;

        if (kind == WORD || kind == QUOTE) {
            token = kind == QUOTE ? string_size(text, size, at) : word_size(text, size, at);
            outline.open += kind == QUOTE && at + token == size && (token < 2 || text[size - 1] != '"');
            outline.values++;
            if (token > outline.longest)
                outline.longest = token;
            if (kind == WORD && may_be_giant(text + at, token))
                outline.large = true;
        } else if (kind == OPENING) {
            outline.values++;
            if (++depth > outline.depth)
                outline.depth = depth;
        } else if (kind == CLOSING) {
            depth -= depth > 0;
        } else if (kind == COLON) {
            /* A member name is not a value: it was counted when its token was read. */
            outline.values -= outline.values > 0;
        }
        if (outline.values > most)
            most = outline.values; /* a colon without a name must not reduce the count */
        at += token;
    }
    outline.values = most;
    outline.open += depth;
    return outline;
}
