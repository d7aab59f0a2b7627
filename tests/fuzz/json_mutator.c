/* SPDX-License-Identifier: MIT */
/*
 * A mutator for targets that read JSON: changes the tree instead of the bytes, so that most inputs stay JSON and get
 * past the parser. Every third input is still changed byte by byte, to test the parser itself.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Names that some parser of the library reads. */
static const char *const names[] = {
    "job_id", "status", "operation", "upload", "method", "url", "headers", "expires_at", "submit_url", "status_url",
    "result_url", "error", "code", "message", "detail", "id", "annotations", "detections", "bbox", "score", "label",
    "category", "taxonomy", "class", "order", "family", "genus", "species", "top_candidates", "metadata", "image_width",
    "image_height", "file_size", "info", "processing_time_ms", "model_version", "model_id", "country_processed",
    "threshold_applied", "animaldetect_job", "stage", "input", "state", "size", "rerun", "options", "filename",
    "content_type", "client_reference_id", "source_url", "file_path", "file_path_hex", "sha256", "idempotency_key",
    "own_key", "random_key", "reconcile", "upload_method", "upload_url", "upload_expires_at", "upload_headers",
    "Content-Type", "Authorization", "x-goog-meta-a", "",
};

/* Values at the limits of what a parser accepts. */
static const char *const values[] = {
    "null", "true", "false", "0", "1", "-1", "2", "0.5", "4000.0", "-0.0", "1e-320", "1e308",
    "1.7976931348623157e308", "0.1000000000000000055511151231257827", "9007199254740993", "9223372036854775807",
    "-9223372036854775808", "2147483648", "\"\"", "\"a\"", "\"PUT\"", "\"post\"", "\"DELETE\"", "\"succeeded\"",
    "\"awaiting_upload\"", "\"queued\"", "\"failed\"", "\"later_word\"", "\"a\\r\\nb: c\"", "\"\\u0085\"",
    "\"\\ud83e\\udd94\"", "\"\\u007f\"", "\"..\"", "\" a \"", "\"finished\"", "\"created\"", "\"new\"", "\"file\"",
    "\"source_url\"", "\"none\"", "\"ff2f\"", "\"00\"", "\"https://storage.example/a?b=c\"",
    "\"https://api.animaldetect.com/v1/jobs/a\"", "\"http://a@b/\"", "[]", "{}", "[0.1,0.2,0.3,0.4]", "[[[[]]]]",
    "{\"label\":\"a\"}", "{\"id\":\"a\",\"species\":\"b\"}", "{\"code\":\"a\",\"message\":\"b\\nc\"}",
};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t chance;

static size_t draw(size_t limit)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (size_t)(chance % limit);
}

static json_t *new_value(void)
{
    return json_loads(values[draw(COUNT_OF(values))], JSON_DECODE_ANY, NULL);
}

/* A text with some of its bytes changed; jansson rejects what is no longer UTF-8, and the value stays. */
static void change_text(json_t *value)
{
    uint8_t room[512];
    size_t size = json_string_length(value);

    if (size > sizeof(room))
        return;
    memcpy(room, json_string_value(value), size);
    size = LLVMFuzzerMutate(room, size, sizeof(room));
    (void)json_string_setn(value, (const char *)room, size);
}

static json_t *nth_value(json_t *container, size_t index, const char **name)
{
    void *at;

    *name = NULL;
    if (json_is_array(container))
        return json_array_get(container, index);
    at = json_object_iter(container);
    while (index-- > 0)
        at = json_object_iter_next(container, at);
    *name = json_object_iter_key(at);
    return json_object_iter_value(at);
}

static void put(json_t *container, const char *name, size_t index, json_t *value)
{
    if (json_is_object(container))
        (void)json_object_set_new(container, name, value);
    else if (index < json_array_size(container))
        (void)json_array_set_new(container, index, value);
    else
        (void)json_array_append_new(container, value);
}

/* Walks down a random path and changes one thing on the way. */
static void change_tree(json_t *container)
{
    size_t count = json_is_array(container) ? json_array_size(container) : json_object_size(container);
    size_t index = count > 0 ? draw(count) : 0;
    const char *name = NULL;
    json_t *value = count > 0 ? nth_value(container, index, &name) : NULL;

    if (value && (json_is_array(value) || json_is_object(value)) && draw(3) > 0) {
        change_tree(value);
        return;
    }
    switch (draw(6)) {
    case 0: /* another member or element */
        put(container, names[draw(COUNT_OF(names))], SIZE_MAX, new_value());
        break;
    case 1: /* remove one */
        if (value && name)
            (void)json_object_del(container, name);
        else if (value)
            (void)json_array_remove(container, index);
        break;
    case 2: /* the same under another name, or duplicated */
        if (value)
            put(container, names[draw(COUNT_OF(names))], SIZE_MAX, json_deep_copy(value));
        break;
    case 3:
    case 4:
        if (value && json_is_string(value)) {
            change_text(value);
            break;
        }
        /* fall through */
    default:
        if (value)
            put(container, name, index, new_value());
        break;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    json_t *root = NULL;
    char *text = NULL;
    size_t made = 0;

    chance = (uint64_t)seed << 1 | 1;
    if (draw(3) > 0)
        root = json_loadb((const char *)data, size, JSON_DECODE_ANY, NULL);
    if (json_is_object(root) || json_is_array(root)) {
        for (size_t rounds = 1 + draw(4); rounds > 0; rounds--)
            change_tree(root);
        text = json_dumps(root, JSON_COMPACT | JSON_ENCODE_ANY);
        made = text ? strlen(text) : 0;
    }
    json_decref(root);
    if (made > 0 && made <= max_size)
        memcpy(data, text, made);
    else
        made = LLVMFuzzerMutate(data, size, max_size);
    free(text);
    return made;
}
