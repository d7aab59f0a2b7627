/* SPDX-License-Identifier: MIT */
/*
 * The rules of rules.h.  Pure.
 */
#include "protocol/rules.h"

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/json.h"

static bool has_length(const char *text, size_t max)
{
    return *text != '\0' && ad_text_length(text, max) <= max;
}

bool ad_operation_is_good(const char *text)
{
    return has_length(text, 64) && ad_text_is_name(text, "_");
}

bool ad_file_name_is_good(const char *text)
{
    return has_length(text, 255) && ad_text_is_clean(text) && strchr(text, '/') == NULL;
}

bool ad_media_type_is_good(const char *text)
{
    const char *slash = strchr(text, '/');

    return has_length(text, 127) && slash != NULL && slash != text && slash[1] != '\0' && ad_text_is_header_value(text);
}

bool ad_note_is_good(const char *text)
{
    return ad_text_length(text, 4096) <= 4096 && ad_text_is_utf8(text);
}

bool ad_reference_is_good(const char *text)
{
    return has_length(text, 512) && ad_text_is_clean(text);
}

bool ad_idempotency_key_is_good(const char *text)
{
    return has_length(text, 255) && ad_text_is_visible_ascii(text);
}

bool ad_path_is_good(const char *text)
{
    return has_length(text, 4095);
}

bool ad_option_name_is_good(const char *text)
{
    return has_length(text, 64) && ad_text_is_name(text, "_");
}

/* Size of the options: number of values, and an upper bound of the bytes when written. */
struct extent {
    size_t values;
    uint64_t bytes;
};

/* Upper bound: each byte as \u001F, plus quotes and a colon. */
static uint64_t text_bytes(size_t length)
{
    return 3 + 6 * (uint64_t)length;
}

/* Adds a value and its members; false if a bound is exceeded.  At most AD_OPTION_MAX_DEPTH deep. */
static bool measure(json_t *value, size_t depth, struct extent *extent) /* NOLINT(misc-no-recursion): bounded */
{
    size_t index;
    const char *name;
    json_t *inner;

    if (depth > AD_OPTION_MAX_DEPTH + 1 || ++extent->values > AD_OPTIONS_MAX_VALUES)
        return false;
    /* 32 bytes hold a number, a word or two brackets, and a comma. */
    extent->bytes += 32 + (json_is_string(value) ? text_bytes(json_string_length(value)) : 0);
    json_object_foreach(value, name, inner)
    {
        extent->bytes += text_bytes(strlen(name));
        if (!measure(inner, depth + 1, extent))
            return false;
    }
    json_array_foreach(value, index, inner)
    {
        if (!measure(inner, depth + 1, extent))
            return false;
    }
    return true;
}

bool ad_options_are_good(const json_t *options)
{
    json_t *object = (json_t *)(uintptr_t)options; /* jansson's iterators are not const */
    struct extent extent = {.values = 0};
    struct ad_buf text;
    const char *name;
    json_t *value;
    bool good = measure(object, 0, &extent);

    json_object_foreach(object, name, value) good = good && ad_option_name_is_good(name);
    if (!good || extent.bytes <= AD_OPTIONS_MAX_SIZE)
        return good;
    ad_buf_init(&text, AD_OPTIONS_MAX_SIZE);
    /* Out of memory is not distinguished here: the caller's next allocation reports it. */
    good = ad_json_dump(options, &text) != ANIMALDETECT_E_ANSWER_TOO_LARGE;
    ad_buf_free(&text);
    return good;
}
