/* SPDX-License-Identifier: MIT */
/*
 * Reads a job back.  What a reader takes from the text ends up in requests, so it is checked as hard as an answer of
 * the service: it may come from a disk that others write to.
 * The functions here answer ANIMALDETECT_E_PROTOCOL; ad_saved_read turns it into ANIMALDETECT_E_SAVED_JOB.
 */
#include "protocol/saved.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/digest.h"
#include "base/text.h"
#include "protocol/json.h"
#include "protocol/saved_fields.h"

#define MAX_KEY 255

static const char **text_at(struct ad_saved *saved, const struct ad_saved_text *field)
{
    return (const char **)(void *)((char *)saved + field->offset);
}

static bool *flag_at(struct ad_saved *saved, const struct ad_saved_flag *flag)
{
    return (bool *)(void *)((char *)saved + flag->offset);
}

static bool follows(const char *text, enum ad_saved_rule rule)
{
    uint8_t digest[AD_DIGEST_SIZE];

    switch (rule) {
    case AD_SAVED_PATH:
        return *text != '\0'; /* the reader of JSON has checked the rest */
    case AD_SAVED_CLEAN:
        return ad_text_is_clean(text);
    case AD_SAVED_JOB_ID:
        return ad_job_id_is_good(text);
    case AD_SAVED_URL:
        return ad_url_text_is_good(text);
    case AD_SAVED_KEY:
        return *text && ad_text_length(text, MAX_KEY) <= MAX_KEY && ad_text_is_visible_ascii(text);
    case AD_SAVED_HEADER:
        return *text && ad_text_is_header_value(text);
    case AD_SAVED_SHA256:
        return ad_digest_from_hex(text, digest);
    case AD_SAVED_METHOD:
        return strcmp(text, "PUT") == 0 || strcmp(text, "POST") == 0;
    default:
        return false;
    }
}

static int32_t read_texts(struct ad_saved *out, struct ad_problem *problem)
{
    for (size_t i = 0; i < AD_SAVED_TEXT_COUNT; i++) {
        const char **text = text_at(out, &ad_saved_texts[i]);
        int32_t status = ad_json_text(out->root, "", ad_saved_texts[i].name, text, problem);

        if (status != ANIMALDETECT_OK)
            return status;
        if (*text && !follows(*text, ad_saved_texts[i].rule))
            return ad_problem_set(problem, "%s is not valid", ad_saved_texts[i].name);
    }
    for (size_t i = 0; i < AD_SAVED_FLAG_COUNT; i++) {
        const json_t *value = ad_json_member(out->root, ad_saved_flags[i].name);

        if (value && !json_is_boolean(value))
            return ad_problem_set(problem, "%s is not true or false", ad_saved_flags[i].name);
        *flag_at(out, &ad_saved_flags[i]) = json_is_true(value);
    }
    return ANIMALDETECT_OK;
}

/* The bytes of a path that is no UTF-8, kept in the tree so that they live as long as the other texts. */
static int32_t read_path_hex(struct ad_saved *out, struct ad_problem *problem)
{
    const char *hex = NULL;
    int32_t status = ad_json_text(out->root, "", "file_path_hex", &hex, problem);
    size_t size = 0;
    unsigned char *path;
    json_t *kept = NULL;

    if (status != ANIMALDETECT_OK || !hex)
        return status;
    path = malloc(strlen(hex) + 1);
    if (!path)
        return ANIMALDETECT_E_NO_MEMORY;
    if (sodium_hex2bin(path, strlen(hex), hex, strlen(hex), NULL, &size, NULL) != 0 || size == 0 ||
        size * 2 != strlen(hex) || memchr(path, '\0', size)) {
        status = ad_problem_set(problem, "file_path_hex is not valid");
    } else {
        kept = json_stringn_nocheck((const char *)path, size);
        status = json_object_set(out->root, "file_path", kept) == 0 ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
        out->file_path = json_string_value(json_object_get(out->root, "file_path"));
    }
    json_decref(kept);
    free(path);
    return status;
}

static int32_t read_integer(const json_t *root, const char *name, int64_t max, int64_t *out, struct ad_problem *problem)
{
    const json_t *value = ad_json_member(root, name);

    *out = 0;
    if (!value)
        return ANIMALDETECT_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > max)
        return ad_problem_set(problem, "%s is not a number from 0 to %lld", name, (long long)max);
    *out = json_integer_value(value);
    return ANIMALDETECT_OK;
}

static int32_t read_choice(const json_t *root, const char *name, const char *const *names, size_t count, int32_t *out,
                           struct ad_problem *problem)
{
    const char *text = NULL;
    int32_t status = ad_json_text(root, "", name, &text, problem);

    if (status != ANIMALDETECT_OK)
        return status;
    for (size_t i = 0; text && i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (int32_t)i;
            return ANIMALDETECT_OK;
        }
    }
    return ad_problem_set(problem, text ? "%s has a value that this version does not know" : "%s is missing", name);
}

static int32_t read_numbers(struct ad_saved *out, struct ad_problem *problem)
{
    int64_t number = 0;
    int32_t status = read_integer(out->root, "size", INT64_MAX, &number, problem);

    out->size = (uint64_t)number;
    if (status == ANIMALDETECT_OK)
        status = read_integer(out->root, "rerun", INT32_MAX, &number, problem);
    out->rerun = (int32_t)number;
    if (status == ANIMALDETECT_OK)
        status = read_choice(out->root, "stage", ad_saved_stages, AD_SAVED_STAGE_COUNT, &out->stage, problem);
    if (status == ANIMALDETECT_OK)
        status = read_choice(out->root, "input", ad_saved_inputs, AD_SAVED_INPUT_COUNT, &out->input, problem);
    return status;
}

static int32_t read_options(struct ad_saved *out, struct ad_problem *problem)
{
    out->options_json = ad_json_member(out->root, "options");
    if (out->options_json && !json_is_object(out->options_json))
        return ad_problem_set(problem, "options is not an object");
    return ANIMALDETECT_OK;
}

static int32_t read_upload_headers(struct ad_saved *out, struct ad_problem *problem)
{
    json_t *headers = json_object_get(out->root, "upload_headers");
    const char *name;
    json_t *value;

    if (!headers || json_is_null(headers))
        return ANIMALDETECT_OK;
    if (!json_is_object(headers) || json_object_size(headers) > AD_UPLOAD_MAX_HEADERS)
        return ad_problem_set(problem, "upload_headers is not valid");
    json_object_foreach(headers, name, value)
    {
        if (!json_is_string(value) || !ad_upload_header_is_good(name, json_string_value(value)))
            return ad_problem_set(problem, "upload_headers is not valid");
        out->upload_headers[out->upload_header_count].name = name;
        out->upload_headers[out->upload_header_count].value = json_string_value(value);
        out->upload_header_count++;
    }
    return ANIMALDETECT_OK;
}

/* What must hold between the fields. */
static int32_t check_whole(const struct ad_saved *saved, struct ad_problem *problem)
{
    if (saved->stage > ANIMALDETECT_STAGE_NEW && !saved->job_id)
        return ad_problem_set(problem, "job_id is missing");
    if (!saved->operation && !saved->job_id)
        return ad_problem_set(problem, "operation is missing");
    /* Without it another key would be made, and the image billed again. */
    if ((saved->own_key || saved->random_key) && (!saved->idempotency_key || !saved->operation))
        return ad_problem_set(problem, "%s is missing", saved->operation ? "idempotency_key" : "operation");
    if (saved->input == AD_INPUT_FILE && !saved->file_path)
        return ad_problem_set(problem, "file_path is missing");
    if (saved->input == AD_INPUT_SOURCE_URL && !saved->source_url)
        return ad_problem_set(problem, "source_url is missing");
    return ANIMALDETECT_OK;
}

static int32_t read_version(const json_t *root, struct ad_problem *problem)
{
    const json_t *version = json_object_get(root, AD_SAVED_VERSION_NAME);

    if (!json_is_integer(version))
        return ad_problem_set(problem, "not a saved job");
    if (json_integer_value(version) != AD_SAVED_VERSION)
        return ad_problem_set(problem, "saved by another version of the format: %lld",
                              (long long)json_integer_value(version));
    return ANIMALDETECT_OK;
}

static int32_t read_all(struct ad_saved *out, struct ad_problem *problem)
{
    int32_t status = read_version(out->root, problem);

    if (status == ANIMALDETECT_OK)
        status = read_texts(out, problem);
    if (status == ANIMALDETECT_OK)
        status = read_path_hex(out, problem);
    if (status == ANIMALDETECT_OK)
        status = read_numbers(out, problem);
    if (status == ANIMALDETECT_OK)
        status = read_options(out, problem);
    if (status == ANIMALDETECT_OK)
        status = read_upload_headers(out, problem);
    if (status == ANIMALDETECT_OK)
        status = check_whole(out, problem);
    out->state = out->state_text ? ad_state_from_text(out->state_text) : ANIMALDETECT_STATE_NONE;
    return status;
}

int32_t ad_saved_read(struct ad_saved *out, const char *text, size_t size, struct ad_problem *problem)
{
    int32_t status;

    *out = (struct ad_saved){.root = NULL};
    ad_problem_clear(problem);
    if (size > (size_t)AD_SAVED_MAX_SIZE)
        status = ad_problem_set(problem, "larger than %d bytes", AD_SAVED_MAX_SIZE);
    else
        status = ad_json_load(text, size, AD_JSON_MAX_DEPTH, &out->root, problem);
    if (status == ANIMALDETECT_OK)
        status = read_all(out, problem);
    if (status != ANIMALDETECT_OK)
        ad_saved_clear(out);
    return status == ANIMALDETECT_E_PROTOCOL ? ANIMALDETECT_E_SAVED_JOB : status;
}

void ad_saved_clear(struct ad_saved *saved)
{
    json_decref(saved->root);
    *saved = (struct ad_saved){.root = NULL};
}
