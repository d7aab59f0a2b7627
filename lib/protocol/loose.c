/* SPDX-License-Identifier: MIT */
/*
 * Reads single values tolerantly, see loose.h.
 */
#include "protocol/loose.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/buf.h"
#include "protocol/json.h"

#define LONGEST_NUMBER 64
#define REPLACEMENT "\xef\xbf\xbd"

/* Parses a text as a number, blanks around it allowed. By jansson, which does not depend on the host's locale. */
static int32_t number_in(const json_t *text, json_t **out)
{
    const char *bytes = json_string_value(text);
    size_t size = json_string_length(text);
    json_error_t error = {.text = ""};

    *out = NULL;
    if (size == 0 || size > LONGEST_NUMBER || strspn(bytes, "+-0123456789.eE \t") != size)
        return ANIMALDETECT_OK;
    *out = json_loadb(bytes, size, JSON_DECODE_ANY, &error);
    if (!*out && (error.text[0] == '\0' || json_error_code(&error) == json_error_out_of_memory))
        return ANIMALDETECT_E_NO_MEMORY;
    return ANIMALDETECT_OK;
}

/* The number that a value is or contains in quotes; a new reference, NULL if it is not one. */
static int32_t number_of(const json_t *value, json_t **out)
{
    int32_t status = ANIMALDETECT_OK;

    *out = NULL;
    if (json_is_number(value))
        *out = json_incref((json_t *)(uintptr_t)value);
    else if (json_is_string(value))
        status = number_in(value, out);
    return status;
}

int32_t ad_loose_number(const json_t *value, bool *has, double *out)
{
    json_t *number;
    int32_t status = number_of(value, &number);

    *has = number != NULL;
    *out = json_number_value(number);
    json_decref(number);
    return status;
}

int32_t ad_loose_integer(const json_t *value, bool *has, int64_t *out)
{
    json_t *number;
    int32_t status = number_of(value, &number);
    double real = json_number_value(number);

    *has = json_is_integer(number) || (json_is_real(number) && fabs(real) <= AD_LOOSE_EXACT && floor(real) == real);
    *out = !*has ? 0 : json_is_integer(number) ? json_integer_value(number) : (int64_t)real;
    json_decref(number);
    return status;
}

static int32_t copy_with_nuls(const char *bytes, size_t size, struct ad_arena *arena, const char **out)
{
    struct ad_buf clean;
    int32_t status = ANIMALDETECT_OK;

    ad_buf_init(&clean, SIZE_MAX - 1);
    for (size_t at = 0; at < size && status == ANIMALDETECT_OK;) {
        size_t piece = strnlen(bytes + at, size - at);

        status = ad_buf_add(&clean, bytes + at, piece);
        at += piece;
        if (at < size && status == ANIMALDETECT_OK)
            status = ad_buf_add(&clean, REPLACEMENT, sizeof REPLACEMENT - 1);
        at++;
    }
    if (status == ANIMALDETECT_OK) {
        *out = ad_arena_copy_n(arena, ad_buf_string(&clean), clean.size);
        status = *out ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
    }
    ad_buf_free(&clean);
    return status;
}

static int32_t copy_number(const json_t *value, struct ad_arena *arena, const char **out)
{
    struct ad_buf digits;
    int32_t status;

    ad_buf_init(&digits, LONGEST_NUMBER);
    status = ad_json_dump(value, &digits);
    if (status == ANIMALDETECT_OK) {
        *out = ad_arena_copy(arena, ad_buf_string(&digits));
        status = *out ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
    }
    ad_buf_free(&digits);
    return status;
}

int32_t ad_loose_text(const json_t *value, struct ad_arena *arena, const char **out)
{
    const char *bytes = json_string_value(value);
    size_t size = json_string_length(value);

    *out = NULL;
    if (json_is_number(value))
        return copy_number(value, arena, out);
    if (!bytes)
        return ANIMALDETECT_OK;
    while (size > 0 && bytes[size - 1] == '\0')
        size--;
    if (memchr(bytes, '\0', size))
        return copy_with_nuls(bytes, size, arena, out);
    *out = ad_arena_copy_n(arena, bytes, size);
    return *out ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}
