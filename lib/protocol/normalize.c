/* SPDX-License-Identifier: MIT */
/*
 * The two rules of normalize.h.  Pure.
 */
#include "protocol/normalize.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

/* Removes the sign of every zero.  At most AD_OPTION_MAX_DEPTH deep. */
static void drop_signs_of_zeros(json_t *value) /* NOLINT(misc-no-recursion): bounded */
{
    size_t index;
    const char *name;
    json_t *inner;

    if (json_is_real(value) && fpclassify(json_real_value(value)) == FP_ZERO)
        (void)json_real_set(value, 0.0);
    json_object_foreach(value, name, inner)
    {
        drop_signs_of_zeros(inner);
    }
    json_array_foreach(value, index, inner)
    {
        drop_signs_of_zeros(inner);
    }
}

/* ASCII only, independent of the locale. */
static char capital(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static bool is_country_code(const char *text, size_t size)
{
    if (size != 2 && size != 3)
        return false;
    for (size_t i = 0; i < size; i++)
        if (capital(text[i]) < 'A' || capital(text[i]) > 'Z')
            return false;
    return true;
}

/* A value of blanks only is kept: the service will reject it. */
static int32_t normalize_country(json_t *value)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    char code[3];

    while (size > 0 && ad_text_is_blank(*text)) {
        text++;
        size--;
    }
    while (size > 0 && ad_text_is_blank(text[size - 1]))
        size--;
    if (size == 0)
        return ANIMALDETECT_OK;
    if (is_country_code(text, size)) {
        for (size_t i = 0; i < size; i++)
            code[i] = capital(text[i]);
        text = code;
    }
    return json_string_setn_nocheck(value, text, size) == 0 ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}

int32_t ad_option_normalize(const char *name, json_t *value)
{
    drop_signs_of_zeros(value);
    if (json_is_string(value) && strcmp(name, AD_OPTION_COUNTRY) == 0)
        return normalize_country(value);
    return ANIMALDETECT_OK;
}
