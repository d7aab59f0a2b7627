/* SPDX-License-Identifier: MIT */
/*
 * The fast reader of json_plain.h: one pass, one member at a time.  It must never accept what jansson rejects, nor
 * produce other values: a test and a fuzzer compare the two.
 */
#include "protocol/json_plain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/json.h"

#define MAX_NAME 63
#define EXACT_DIGITS 18 /* an integer of this many digits fits 64 bits */
#define MAX_DIGITS 40
#define MAX_EXPONENT 300 /* safely below the largest double */

struct plain {
    const char *at;
    const char *end;
    json_t *open[AD_JSON_MAX_DEPTH]; /* open objects and arrays; the outermost owns the others */
    size_t depth;
    size_t values;
    bool fresh; /* the innermost was just opened */
    bool no_memory;
};

/* The next byte that is not a blank; NUL at the end. */
static char peek(struct plain *plain)
{
    while (plain->at < plain->end &&
           (*plain->at == ' ' || *plain->at == '\n' || *plain->at == '\r' || *plain->at == '\t'))
        plain->at++;
    if (plain->at == plain->end)
        return '\0';
    return *plain->at;
}

static bool pass(struct plain *plain, char expected)
{
    if (peek(plain) != expected)
        return false;
    plain->at++;
    return true;
}

/* The closing quote of the string whose first byte is at `at`.  NULL: not plain. */
static const char *end_of_text(const char *at, const char *end)
{
    const char *quote = memchr(at, '"', (size_t)(end - at));
    bool control;

    if (!quote || memchr(at, '\\', (size_t)(quote - at)))
        return NULL;
    if (ad_text_is_printable_ascii(at, (size_t)(quote - at)))
        return quote;
    while (at < quote) {
        size_t length = ad_text_character_size(at, (size_t)(quote - at), &control);

        if (length == 0 || (unsigned char)*at < 0x20)
            return NULL;
        at += length;
    }
    return quote;
}

/* The bytes of the string here, without the quotes.  NULL: not plain. */
static const char *read_text(struct plain *plain, size_t *size)
{
    const char *first = pass(plain, '"') ? plain->at : NULL;
    const char *quote = first ? end_of_text(first, plain->end) : NULL;

    if (!quote || quote - first > AD_JSON_MAX_TOKEN - 2)
        return NULL;
    *size = (size_t)(quote - first);
    plain->at = quote + 1;
    return first;
}

static json_t *made(struct plain *plain, json_t *value)
{
    plain->no_memory = plain->no_memory || value == NULL;
    return value;
}

static json_t *read_string(struct plain *plain)
{
    size_t size;
    const char *text = read_text(plain, &size);

    return text ? made(plain, json_stringn_nocheck(text, size)) : NULL;
}

/* Appends the digits here; false if there are too many. */
static bool read_digits(struct plain *plain, char digits[MAX_DIGITS], size_t *count)
{
    size_t before = *count;

    while (plain->at < plain->end && *plain->at >= '0' && *plain->at <= '9') {
        if (*count == MAX_DIGITS)
            return false;
        digits[(*count)++] = *plain->at++;
    }
    return *count > before;
}

static long value_of(const char *digits, size_t count)
{
    long value = 0;

    for (size_t i = 0; i < count && value < 100000; i++)
        value = value * 10 + (digits[i] - '0');
    return value;
}

/* The exponent here, if there is one. */
static bool read_exponent(struct plain *plain, long *out)
{
    char digits[MAX_DIGITS];
    size_t count = 0;
    bool negative;

    *out = 0;
    if (plain->at == plain->end || (*plain->at != 'e' && *plain->at != 'E'))
        return true;
    plain->at++;
    negative = plain->at < plain->end && *plain->at == '-';
    plain->at += plain->at < plain->end && (*plain->at == '-' || *plain->at == '+');
    if (!read_digits(plain, digits, &count))
        return false;
    *out = value_of(digits, count) * (negative ? -1 : 1);
    return true;
}

/* The digits times a power of ten.  Written without a decimal point, since strtod expects that of the host's locale. */
static double real_of(bool negative, const char *digits, size_t count, long exponent)
{
    char text[MAX_DIGITS + 8] = "-";
    char *at = text + negative;
    long power = labs(exponent);

    memcpy(at, digits, count);
    at += count;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    *at++ = (char)('0' + power / 100);
    *at++ = (char)('0' + power / 10 % 10);
    *at++ = (char)('0' + power % 10);
    *at = '\0';
    return strtod(text, NULL);
}

/* What follows the `whole` digits of a number: a fraction, an exponent, or both. */
static json_t *read_real(struct plain *plain, bool negative, char digits[MAX_DIGITS], size_t whole)
{
    size_t count = whole;
    long exponent;

    if (*plain->at == '.') {
        plain->at++;
        if (!read_digits(plain, digits, &count))
            return NULL;
    }
    if (!read_exponent(plain, &exponent) || labs(exponent) > MAX_EXPONENT - MAX_DIGITS)
        return NULL;
    return made(plain, json_real(real_of(negative, digits, count, exponent - (long)(count - whole))));
}

static json_t *read_number(struct plain *plain)
{
    char digits[MAX_DIGITS];
    size_t count = 0;
    bool negative = *plain->at == '-';
    int64_t integer = 0;

    plain->at += negative;
    if (!read_digits(plain, digits, &count) || (digits[0] == '0' && count > 1))
        return NULL;
    if (plain->at < plain->end && (*plain->at == '.' || *plain->at == 'e' || *plain->at == 'E'))
        return read_real(plain, negative, digits, count);
    if (count > EXACT_DIGITS)
        return NULL;
    for (size_t i = 0; i < count; i++)
        integer = integer * 10 + (digits[i] - '0');
    return made(plain, json_integer(negative ? -integer : integer));
}

static json_t *read_word(struct plain *plain)
{
    static const char *const words[] = {"true", "false", "null"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t size = strlen(words[i]);

        if ((size_t)(plain->end - plain->at) < size || memcmp(plain->at, words[i], size) != 0)
            continue;
        plain->at += size;
        return i == 2 ? json_null() : json_boolean(i == 0);
    }
    return NULL;
}

/* Returns a new reference; NULL: not plain, or out of memory. */
static json_t *read_value(struct plain *plain)
{
    char first = peek(plain);

    if (++plain->values > AD_JSON_MAX_VALUES)
        return NULL;
    if (first == '"')
        return read_string(plain);
    if (first == '-' || (first >= '0' && first <= '9'))
        return read_number(plain);
    if (first != '{' && first != '[')
        return read_word(plain);
    plain->at++;
    return plain->depth == AD_JSON_MAX_DEPTH ? NULL : made(plain, first == '{' ? json_object() : json_array());
}

/* Makes this value the innermost container, if it is one. */
static void enter(struct plain *plain, json_t *value)
{
    plain->fresh = json_is_object(value) || json_is_array(value);
    if (plain->fresh)
        plain->open[plain->depth++] = value;
}

static bool read_member(struct plain *plain, json_t *object)
{
    char name[MAX_NAME + 1];
    size_t size;
    const char *text = read_text(plain, &size);
    json_t *value;

    if (!text || size > MAX_NAME || !pass(plain, ':'))
        return false;
    memcpy(name, text, size);
    name[size] = '\0';
    value = read_value(plain);
    if (!value)
        return false;
    plain->no_memory = json_object_set_new_nocheck(object, name, value) != 0;
    if (!plain->no_memory)
        enter(plain, value);
    return !plain->no_memory;
}

static bool read_element(struct plain *plain, json_t *array)
{
    json_t *value = read_value(plain);

    if (!value)
        return false;
    plain->no_memory = json_array_append_new(array, value) != 0;
    if (!plain->no_memory)
        enter(plain, value);
    return !plain->no_memory;
}

/* Reads the next member or element of the innermost container, or its closing bracket. */
static bool read_next(struct plain *plain)
{
    json_t *list = plain->open[plain->depth - 1];

    if (pass(plain, json_is_object(list) ? '}' : ']')) {
        plain->depth--;
        plain->fresh = false;
        return true;
    }
    if (!plain->fresh && !pass(plain, ','))
        return false;
    return json_is_object(list) ? read_member(plain, list) : read_element(plain, list);
}

int32_t ad_json_plain(const char *text, size_t size, json_t **out)
{
    struct plain plain = {.at = text, .end = text + size};
    char first = peek(&plain);
    bool good;

    *out = NULL;
    if (size > AD_JSON_MAX_SIZE || (first != '{' && first != '['))
        return ANIMALDETECT_OK;
    *out = read_value(&plain);
    good = *out != NULL;
    if (good)
        enter(&plain, *out);
    while (good && plain.depth > 0)
        good = read_next(&plain);
    if (good && peek(&plain) == '\0' && plain.at == plain.end)
        return ANIMALDETECT_OK;
    json_decref(*out);
    *out = NULL;
    return plain.no_memory ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_OK;
}
