/* SPDX-License-Identifier: MIT */
/*
 * Reads the error message of a response in any format: JSON of the API, XML of a storage, a proxy's page.  Never fails,
 * and yields at most one clean line per field.  No decision depends on the message alone.
 */
#include "protocol/answer.h"

#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/json.h"

/* Error bodies are short; of a longer one the first bytes are shown, and it is not parsed. */
#define MAX_PARSED ((size_t)64 * 1024)

struct source {
    const char *body;
    size_t size;
    const struct ad_mask *mask;
};

static void error_copy_text(const struct source *source, char *out, size_t out_size, const json_t *value)
{
    if (json_is_string(value))
        (void)ad_mask_text(source->mask, out, out_size, json_string_value(value), json_string_length(value));
}

/* Some services use numeric error codes. */
static void copy_code(const struct source *source, struct ad_service_error *out, const json_t *value)
{
    error_copy_text(source, out->code, sizeof(out->code), value);
    if (json_is_integer(value))
        (void)snprintf(out->code, sizeof(out->code), "%lld", (long long)json_integer_value(value));
}

static void read_json(const struct source *source, struct ad_service_error *out, const json_t *root)
{
    const json_t *error = json_object_get(root, "error");
    const json_t *from = json_is_object(error) ? error : root;

    copy_code(source, out, json_object_get(from, "code"));
    error_copy_text(source, out->message, sizeof(out->message), json_object_get(from, "message"));
    if (out->message[0] == '\0')
        error_copy_text(source, out->message, sizeof(out->message), error);
    if (out->message[0] == '\0')
        error_copy_text(source, out->message, sizeof(out->message), json_object_get(from, "detail"));
}

/* The text of the first element with this tag. */
static void copy_element(const struct source *source, char *out, size_t out_size, const char *tag)
{
    char open[16];
    char close[16];
    const char *from;
    const char *to;

    (void)snprintf(open, sizeof(open), "<%s>", tag);
    (void)snprintf(close, sizeof(close), "</%s>", tag);
    from = memmem(source->body, source->size, open, strlen(open));
    if (!from)
        return;
    from += strlen(open);
    to = memmem(from, source->size - (size_t)(from - source->body), close, strlen(close));
    if (to)
        (void)ad_mask_text(source->mask, out, out_size, from, (size_t)(to - from));
}

static void read_xml(const struct source *source, struct ad_service_error *out)
{
    copy_element(source, out->code, sizeof(out->code), "Code");
    copy_element(source, out->message, sizeof(out->message), "Message");
    copy_element(source, out->detail, sizeof(out->detail), "Details");
    if (out->detail[0] == '\0')
        copy_element(source, out->detail, sizeof(out->detail), "Expires");
}

static bool error_is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts_with(const char *text, size_t size, const char *start)
{
    return size >= strlen(start) && ad_text_same_nocase(text, start, strlen(start));
}

/* Size of what precedes the first meaningful tag: blanks, an XML declaration, comments. */
static size_t prologue_size(const char *body, size_t size)
{
    size_t at = 0;

    while (at < size) {
        const char *end = starts_with(body + at, size - at, "<!--") ? "-->" : "?>";
        const char *to;

        if (error_is_space(body[at])) {
            at++;
            continue;
        }
        if (*end == '?' && !starts_with(body + at, size - at, "<?"))
            break;
        to = memmem(body + at, size - at, end, strlen(end));
        if (to == NULL)
            break;
        at = (size_t)(to - body) + strlen(end);
    }
    return at;
}

static bool is_page(const struct source *source)
{
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<title", "<body"};
    size_t skip = prologue_size(source->body, source->size);

    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        if (starts_with(source->body + skip, source->size - skip, starts[i]))
            return true;
    }
    return false;
}

/* The offset of `word`, in either case; `size` if it is not found. */
static size_t place_of(const char *text, size_t size, const char *word)
{
    size_t at = 0;

    while (at < size && !starts_with(text + at, size - at, word))
        at++;
    return at;
}

/* A page is long and for people: its title is shown. */
static void read_page(const struct source *source, struct ad_service_error *out)
{
    size_t from = place_of(source->body, source->size, "<title");
    size_t to = from + place_of(source->body + from, source->size - from, "</title");

    out->page = true;
    from += place_of(source->body + from, to - from, ">");
    from += from < to; /* after the tag */
    while (from < to && error_is_space(source->body[from]))
        from++;
    while (to > from && error_is_space(source->body[to - 1]))
        to--;
    if (to < source->size)
        (void)ad_mask_text(source->mask, out->message, sizeof(out->message), source->body + from, to - from);
    if (out->message[0] == '\0')
        (void)snprintf(out->message, sizeof(out->message), "an HTML page without a title");
}

void ad_service_error_read(struct ad_service_error *out, const char *body, size_t size, const struct ad_mask *mask)
{
    struct source source;
    json_t *root = NULL;

    *out = (struct ad_service_error){.code = ""};
    if (starts_with(body, size, "\xef\xbb\xbf")) {
        body += 3;
        size -= 3;
    }
    while (size > 0 && error_is_space(*body)) {
        body++;
        size--;
    }
    while (size > 0 && error_is_space(body[size - 1]))
        size--;
    if (size == 0)
        return;
    source = (struct source){body, size < MAX_PARSED ? size : MAX_PARSED, mask};
    if (body[0] == '<' && is_page(&source)) {
        read_page(&source, out);
    } else if (body[0] == '<') {
        read_xml(&source, out);
    } else if (source.size == size && ad_json_load(body, size, AD_JSON_MAX_DEPTH, &root, NULL) == ANIMALDETECT_OK) {
        read_json(&source, out, root);
        json_decref(root);
    } else {
        out->no_form = true;
    }
    if (out->message[0] == '\0')
        (void)ad_mask_text(mask, out->message, sizeof(out->message), body, size);
}
