/* SPDX-License-Identifier: MIT */
/*
 * Reads the words of a refusal, in whatever form they come: the API's JSON, a storage's XML, a proxy's page.  It never
 * fails and never promises more than one clean line of each; nothing is decided by the message.
 */
#include "protocol/answer.h"

#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "protocol/json.h"

/* An error body is short; what is longer is shown by its first bytes and not parsed. */
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

/* Some services number their errors. */
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

void ad_service_error_read(struct ad_service_error *out, const char *body, size_t size, const struct ad_mask *mask)
{
    struct source source;
    json_t *root = NULL;

    *out = (struct ad_service_error){.code = ""};
    while (size > 0 && error_is_space(*body)) {
        body++;
        size--;
    }
    while (size > 0 && error_is_space(body[size - 1]))
        size--;
    if (size == 0)
        return;
    source = (struct source){body, size < MAX_PARSED ? size : MAX_PARSED, mask};
    if (body[0] == '<') {
        read_xml(&source, out);
    } else if (source.size == size && ad_json_load(body, size, AD_JSON_MAX_DEPTH, &root, NULL) == ANIMALDETECT_OK) {
        read_json(&source, out, root);
        json_decref(root);
    }
    if (out->message[0] == '\0')
        (void)ad_mask_text(mask, out->message, sizeof(out->message), body, size);
}
