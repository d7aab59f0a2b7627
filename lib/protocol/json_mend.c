/* SPDX-License-Identifier: MIT */
/*
 * Repairs JSON token by token, see json_mend.h.  What cannot be repaired (an unterminated string, unbalanced brackets)
 * is copied unchanged: the parser reports it.
 */
#include "protocol/json_mend.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

#define EXACT_DIGITS 18   /* an integer of this many digits fits 64 bits */
#define LARGEST_POWER 307 /* a number below 10^308 fits a double */
#define REPLACEMENT "\xef\xbf\xbd"

struct mender {
    const char *at;
    const char *end;
    struct ad_buf *out;
    int32_t status;
};

static void put(struct mender *mender, const char *bytes, size_t size)
{
    if (mender->status == ANIMALDETECT_OK)
        mender->status = ad_buf_add(mender->out, bytes, size);
}

static void put_text(struct mender *mender, const char *text)
{
    put(mender, text, strlen(text));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The parts of a number by RFC 8259; false if it is not one. */
struct number {
    size_t digits; /* of the integer part */
    bool real;
    long exponent;
};

/* Counts the digits at `*text` and advances past them. */
static size_t pass_digits(const char **text, const char *end)
{
    const char *first = *text;

    while (*text < end && is_digit(**text))
        ++*text;
    return (size_t)(*text - first);
}

/* What follows an E; false if it is not an exponent. */
static bool read_exponent(const char **text, const char *end, long *out)
{
    bool negative = *text < end && **text == '-';
    const char *digit;

    *text += *text < end && (**text == '-' || **text == '+');
    digit = *text;
    if (pass_digits(text, end) == 0)
        return false;
    for (*out = 0; digit < *text && *out < 100000; digit++)
        *out = *out * 10 + (*digit - '0');
    *out = negative ? -*out : *out;
    return true;
}

static bool read_number(const char *text, size_t size, struct number *out)
{
    const char *end = text + size;
    bool zero;

    *out = (struct number){.real = false};
    text += text < end && *text == '-';
    zero = text < end && *text == '0';
    out->digits = pass_digits(&text, end);
    if (out->digits == 0 || (zero && out->digits > 1))
        return false;
    if (text < end && *text == '.') {
        out->real = true;
        text++;
        if (pass_digits(&text, end) == 0)
            return false;
    }
    if (text < end && (*text == 'e' || *text == 'E')) {
        out->real = true;
        text++;
        if (!read_exponent(&text, end, &out->exponent))
            return false;
    }
    return text == end;
}

static bool is_word(const char *token, size_t size, const char *word)
{
    return size == strlen(word) && memcmp(token, word, size) == 0;
}

static void mend_token(struct mender *mender, const char *token, size_t size)
{
    struct number number;

    if (is_word(token, size, "true") || is_word(token, size, "false") || is_word(token, size, "null")) {
        put(mender, token, size);
    } else if (!read_number(token, size, &number) || (long)number.digits + number.exponent > LARGEST_POWER) {
        put_text(mender, "null");
    } else {
        put(mender, token, size);
        if (!number.real && number.digits > EXACT_DIGITS)
            put_text(mender, "e0");
    }
}

/* The value of the four hex digits of the \u escape at `at`; -1 if it is not one. */
static long unicode_at(const struct mender *mender, const char *at)
{
    char digits[5] = "";

    if (mender->end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    memcpy(digits, at + 2, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? strtol(digits, NULL, 16) : -1;
}

/* Copies or repairs the escape at the current position. */
static void mend_escape(struct mender *mender, bool name)
{
    const char *at = mender->at;
    long code = unicode_at(mender, at);
    long next;

    if (code < 0) {
        if (at + 1 < mender->end && strchr("\"\\/bfnrt", at[1]) != NULL && at[1] != '\0') {
            put(mender, at, 2);
            mender->at += 2;
        } else {
            put_text(mender, "\\\\");
            mender->at++;
        }
        return;
    }
    next = code >= 0xd800 && code <= 0xdbff ? unicode_at(mender, at + 6) : -1;
    if (next >= 0xdc00 && next <= 0xdfff) {
        put(mender, at, 12);
        mender->at += 12;
        return;
    }
    if ((code >= 0xd800 && code <= 0xdfff) || (code == 0 && name))
        put_text(mender, REPLACEMENT);
    else
        put(mender, at, 6);
    mender->at += 6;
}

/* The closing quote of the string that starts at `at`, or the end of the text. */
static const char *end_of_string(const struct mender *mender, const char *at)
{
    for (at++; at < mender->end && *at != '"'; at++)
        at += *at == '\\' && at + 1 < mender->end;
    return at;
}

static bool is_name(const struct mender *mender, const char *quote)
{
    do
        quote++;
    while (quote < mender->end && strchr(" \t\r\n", *quote) != NULL && *quote != '\0');
    return quote < mender->end && *quote == ':';
}

static void mend_string(struct mender *mender)
{
    const char *quote = end_of_string(mender, mender->at);
    bool name = quote < mender->end && is_name(mender, quote);

    put(mender, mender->at++, 1);
    while (mender->at < quote) {
        unsigned char byte = (unsigned char)*mender->at;
        bool control;
        size_t size;

        if (byte == '\\') {
            mend_escape(mender, name);
        } else if (byte < 0x20) {
            char escape[8];

            (void)snprintf(escape, sizeof escape, byte == 0 && name ? REPLACEMENT : "\\u%04x", byte);
            put_text(mender, escape);
            mender->at++;
        } else {
            size = ad_text_character_size(mender->at, (size_t)(quote - mender->at), &control);
            if (size == 0)
                put_text(mender, REPLACEMENT);
            else
                put(mender, mender->at, size);
            mender->at += size == 0 ? 1 : size;
        }
    }
    if (mender->at < mender->end)
        put(mender, mender->at++, 1);
}

int32_t ad_json_mend(const char *text, size_t size, struct ad_buf *out)
{
    static const char STRUCTURE[] = "{}[]:, \t\r\n";
    struct mender mender = {text, text + size, out, ANIMALDETECT_OK};

    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        mender.at += 3;
    while (mender.at < mender.end && mender.status == ANIMALDETECT_OK) {
        const char *token = mender.at;

        if (*token == '"') {
            mend_string(&mender);
        } else if (*token != '\0' && strchr(STRUCTURE, *token) != NULL) {
            put(&mender, mender.at++, 1);
        } else {
            while (mender.at < mender.end && *mender.at != '"' &&
                   (*mender.at == '\0' || strchr(STRUCTURE, *mender.at) == NULL))
                mender.at++;
            mend_token(&mender, token, (size_t)(mender.at - token));
        }
    }
    return mender.status;
}
