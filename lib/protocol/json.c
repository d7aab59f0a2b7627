/* SPDX-License-Identifier: MIT */
/*
 * Parses all untrusted JSON. jansson does the parsing; this file bounds its recursion first, since the host's stack may
 * be small.  Must never call json_set_alloc_funcs: jansson's allocator is the host's choice.
 */
#include "protocol/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "protocol/json_mend.h"
#include "protocol/json_outline.h"
#include "protocol/json_plain.h"

/* A larger real, written with 15 digits, rounds up past the largest double. */
#define GIANT 1.797693134862315e308
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

int32_t ad_problem_set(struct ad_problem *problem, const char *format, ...)
{
    va_list arguments;

    if (!problem)
        return ANIMALDETECT_E_PROTOCOL;
    va_start(arguments, format);
    (void)vsnprintf(problem->room, sizeof(problem->room), format, arguments);
    va_end(arguments);
    problem->text = problem->room;
    problem->no_json = false;
    return ANIMALDETECT_E_PROTOCOL;
}

void ad_problem_clear(struct ad_problem *problem)
{
    if (problem) {
        problem->text = "";
        problem->no_json = false;
    }
}

/*
 * jansson collects a token in a buffer that doubles from 16 bytes, and ignores a failed allocation there: a byte is
 * lost silently.  So the document is fed as the second element of an array whose first element is a text of our own,
 * longer than any token: the buffer grows inside that text, where a lost byte can be detected.
 */
struct feed {
    struct {
        const char *bytes; /* NULL: our own text */
        size_t size;
    } pieces[5]; /* [" padding ", document ] */
    size_t piece;
    size_t at; /* offset in the piece */
};

static size_t feed_bytes(void *buffer, size_t room, void *user)
{
    struct feed *feed = user;
    char *to = buffer;
    size_t count = 0;

    while (count < room && feed->piece < sizeof feed->pieces / sizeof feed->pieces[0]) {
        const char *bytes = feed->pieces[feed->piece].bytes;
        size_t left = feed->pieces[feed->piece].size - feed->at;
        size_t size = left < room - count ? left : room - count;

        if (bytes)
            memcpy(to + count, bytes + feed->at, size);
        else
            memset(to + count, 'x', size);
        count += size;
        feed->at += size;
        if (feed->at == feed->pieces[feed->piece].size) {
            feed->piece++;
            feed->at = 0;
        }
    }
    return count;
}

static size_t padding_for(size_t longest)
{
    size_t token = longest + 4;

    /* The closing quote must not be the byte that makes the buffer grow: losing it would corrupt the structure. */
    if ((token & (token - 1)) == 0)
        token++;
    return token - 2;
}

/* Returns the document, or NULL and sets `*place`: the offset of an error, -1 when out of memory. */
static json_t *parse(const char *text, size_t size, size_t longest, size_t flags, int *place)
{
    size_t padding = padding_for(longest);
    struct feed feed = {.pieces = {{"[\"", 2}, {NULL, padding}, {"\",", 2}, {text, size}, {"]", 1}}};
    json_error_t error = {.text = ""};
    json_t *array = json_load_callback(feed_bytes, &feed, flags, &error);
    json_t *document = NULL;

    *place = -1;
    if (!array) {
        /* jansson leaves the message empty if an allocation failed between two tokens. */
        if (error.text[0] != '\0' && json_error_code(&error) != json_error_out_of_memory)
            *place = error.position > (int)padding + 4 ? error.position - (int)padding - 4 : 0;
    } else if (json_array_size(array) != 2) {
        *place = 0;
    } else if (json_string_length(json_array_get(array, 0)) == padding) {
        document = json_incref(json_array_get(array, 1));
    }
    json_decref(array);
    return document;
}

/* Whether it contains a real that, once written, cannot be read again.  Recursion is bounded like the text. */
static bool has_giant(json_t *value) /* NOLINT(misc-no-recursion): see above */
{
    size_t index;
    const char *name;
    json_t *inner;

    if (json_is_real(value))
        return fabs(json_real_value(value)) >= GIANT;
    json_object_foreach(value, name, inner)
    {
        if (has_giant(inner))
            return true;
    }
    json_array_foreach(value, index, inner)
    {
        if (has_giant(inner))
            return true;
    }
    return false;
}

static int32_t json_finish(json_t *document, bool large, json_t **out, struct ad_problem *problem)
{
    if (large && has_giant(document)) {
        json_decref(document);
        return ad_problem_set(problem, "a number is out of range");
    }
    *out = document;
    return ANIMALDETECT_OK;
}

/* The first byte that is not white space, or NUL. */
static char first_sign(const char *text, size_t size)
{
    while (size > 0 && (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')) {
        text++;
        size--;
    }
    if (size == 0)
        return '\0';
    return *text;
}

/* Whether it starts like an object or an array, and so is not a page or a stray word. */
static bool begins_like_list(const char *text, size_t size)
{
    char sign = first_sign(text, size);

    return sign == '{' || sign == '[';
}

/* Whether to report it as JSON that is too large; otherwise it is a page or binary data. */
static bool begins_like_json(const char *text, size_t size)
{
    char sign = first_sign(text, size);

    return sign != '\0' && strchr("{[\"-0123456789tfn", sign) != NULL;
}

static int32_t too_large(struct ad_problem *problem, const char *what, int most, const char *unit)
{
    (void)ad_problem_set(problem, "JSON %s has more than %d %s", what, most, unit);
    return ANIMALDETECT_E_ANSWER_TOO_LARGE;
}

static int32_t check_outline(const struct ad_json_outline *outline, size_t max_depth, struct ad_problem *problem)
{
    if (outline->depth > max_depth)
        return ad_problem_set(problem, "JSON is nested deeper than %zu levels", max_depth);
    if (outline->values > AD_JSON_MAX_VALUES)
        return too_large(problem, "text", AD_JSON_MAX_VALUES, "values");
    if (outline->longest > AD_JSON_MAX_TOKEN)
        return too_large(problem, "string", AD_JSON_MAX_TOKEN, "bytes");
    return ANIMALDETECT_OK;
}

/* Parses a text that is within the bounds. */
static int32_t parse_twice(const char *text, size_t size, size_t longest, size_t flags, json_t **out,
                           struct ad_problem *problem)
{
    int place;
    int again;

    *out = parse(text, size, longest, flags, &place);
    if (*out)
        return ANIMALDETECT_OK;
    if (place < 0)
        return ANIMALDETECT_E_NO_MEMORY;
    /* A failed allocation inside a token looks like a syntax error.  A real one occurs the second time too. */
    *out = parse(text, size, longest, flags, &again);
    if (*out)
        return ANIMALDETECT_OK;
    if (again != place)
        return ANIMALDETECT_E_NO_MEMORY;
    return ad_problem_set(problem, "not JSON: error at byte %d", place);
}

int32_t ad_json_load(const char *text, size_t size, size_t max_depth, json_t **out, struct ad_problem *problem)
{
    struct ad_json_outline outline;
    json_t *document = NULL;
    int32_t status;

    *out = NULL;
    if (size == 0)
        return ad_problem_set(problem, "empty");
    if (!begins_like_json(text, size))
        return ad_problem_set(problem, "not JSON: error at byte 1");
    if (size > AD_JSON_MAX_SIZE)
        return too_large(problem, "text", AD_JSON_MAX_SIZE, "bytes");
    outline = ad_json_outline_of(text, size);
    status = check_outline(&outline, max_depth, problem);
    if (status == ANIMALDETECT_OK)
        status = parse_twice(text, size, outline.longest, JSON_REJECT_DUPLICATES, &document, problem);
    return status == ANIMALDETECT_OK ? json_finish(document, outline.large, out, problem) : status;
}

/* Replaces reals that could not be read again by null.  Recursion is bounded like the text. */
static int32_t drop_giants(json_t *value) /* NOLINT(misc-no-recursion): see above */
{
    size_t index;
    const char *name;
    json_t *inner;
    void *next;

    json_object_foreach_safe(value, next, name, inner)
    {
        if (json_is_real(inner)
                ? fabs(json_real_value(inner)) >= GIANT && json_object_set(value, name, json_null()) != 0
                : drop_giants(inner) != ANIMALDETECT_OK)
            return ANIMALDETECT_E_NO_MEMORY;
    }
    json_array_foreach(value, index, inner)
    {
        if (json_is_real(inner)
                ? fabs(json_real_value(inner)) >= GIANT && json_array_set(value, index, json_null()) != 0
                : drop_giants(inner) != ANIMALDETECT_OK)
            return ANIMALDETECT_E_NO_MEMORY;
    }
    return ANIMALDETECT_OK;
}

/* Within the bounds, or complete and too large: a truncated text has open brackets at its end. */
static int32_t load_bounded(const char *text, size_t size, json_t **out, struct ad_problem *problem)
{
    struct ad_json_outline outline = ad_json_outline_of(text, size);
    int32_t status;

    if (outline.open > 0)
        return ad_problem_set(problem, "not JSON: unexpected end of text");
    if (size > AD_JSON_MAX_SIZE)
        return too_large(problem, "text", AD_JSON_MAX_SIZE, "bytes");
    if (outline.depth > AD_JSON_MAX_DEPTH)
        return too_large(problem, "text", AD_JSON_MAX_DEPTH, "levels");
    status = check_outline(&outline, AD_JSON_MAX_DEPTH, problem);
    if (status == ANIMALDETECT_OK)
        status = parse_twice(text, size, outline.longest, JSON_ALLOW_NUL, out, problem);
    if (status == ANIMALDETECT_OK && outline.large)
        status = drop_giants(*out);
    if (status != ANIMALDETECT_OK) {
        json_decref(*out);
        *out = NULL;
    }
    return status;
}

/* Parses the text: by the fast reader if it is plain, otherwise by jansson, and if that fails after repair. */
static int32_t load_or_mend(const char *text, size_t size, json_t **out, struct ad_problem *problem)
{
    struct ad_buf mended;
    int32_t status;

    *out = NULL;
    if (size >= sizeof BYTE_ORDER_MARK - 1 && memcmp(text, BYTE_ORDER_MARK, sizeof BYTE_ORDER_MARK - 1) == 0) {
        text += sizeof BYTE_ORDER_MARK - 1;
        size -= sizeof BYTE_ORDER_MARK - 1;
    }
    if (size == 0)
        return ad_problem_set(problem, "empty");
    if (!begins_like_json(text, size))
        return ad_problem_set(problem, "not JSON: error at byte 1");
    status = ad_json_plain(text, size, out);
    if (status != ANIMALDETECT_OK || *out)
        return status;
    status = load_bounded(text, size, out, problem);
    if (status != ANIMALDETECT_E_PROTOCOL || !begins_like_list(text, size))
        return status;
    ad_buf_init(&mended, 6 * (size_t)AD_JSON_MAX_SIZE);
    status = ad_json_mend(text, size, &mended);
    if (status == ANIMALDETECT_OK && mended.size == size && memcmp(mended.data, text, size) == 0)
        status = ANIMALDETECT_E_PROTOCOL; /* the message is set already */
    else if (status == ANIMALDETECT_OK)
        status = load_bounded(ad_buf_string(&mended), mended.size, out, problem);
    ad_buf_free(&mended);
    return status;
}

int32_t ad_json_load_lenient(const char *text, size_t size, json_t **out, struct ad_problem *problem)
{
    int32_t status = load_or_mend(text, size, out, problem);

    if (status == ANIMALDETECT_OK)
        ad_problem_clear(problem);
    else if (problem)
        problem->no_json = status == ANIMALDETECT_E_PROTOCOL;
    return status;
}

/* Context of json_dump_callback. jansson ignores a failure while it writes a key, so the first one is kept here. */
struct dump {
    struct ad_buf *buf;
    int32_t status;
};

static int dump_bytes(const char *bytes, size_t size, void *user)
{
    struct dump *dump = user;

    if (dump->status == ANIMALDETECT_OK)
        dump->status = ad_buf_add(dump->buf, bytes, size);
    return dump->status == ANIMALDETECT_OK ? 0 : -1;
}

int32_t ad_json_dump(const json_t *value, struct ad_buf *out)
{
    struct dump dump = {.buf = out, .status = ANIMALDETECT_OK};
    size_t flags = JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);

    if (json_dump_callback(value, dump_bytes, &dump, flags) != 0 && dump.status == ANIMALDETECT_OK)
        return ANIMALDETECT_E_NO_MEMORY;
    return dump.status;
}

const json_t *ad_json_member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_null(value) ? NULL : value;
}

int32_t ad_json_get_text(const json_t *object, const char *path, const char *name, const char **out,
                         struct ad_problem *problem)
{
    const json_t *value = ad_json_member(object, name);

    *out = NULL;
    if (!value)
        return ANIMALDETECT_OK;
    if (!json_is_string(value))
        return ad_problem_set(problem, "%s%s is not a string", path, name);
    *out = json_string_value(value);
    return ANIMALDETECT_OK;
}
