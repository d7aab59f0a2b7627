/* SPDX-License-Identifier: MIT */
/*
 * Reads a saved job from its text.  The values end up in requests, so they are validated like a response of the
 * service: others may have written to the disk.  The functions here return ANIMALDETECT_E_PROTOCOL, which ad_saved_read
 * turns into ANIMALDETECT_E_SAVED_JOB.
 */
#include "protocol/saved.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/digest.h"
#include "base/mask.h"
#include "base/origin.h"
#include "base/text.h"
#include "protocol/json.h"
#include "protocol/rules.h"
#include "protocol/saved_fields.h"

static const char **text_at(struct ad_saved *saved, const struct ad_saved_text *field)
{
    return (const char **)(void *)((char *)saved + field->offset);
}

static bool *flag_at(struct ad_saved *saved, const struct ad_saved_flag *flag)
{
    return (bool *)(void *)((char *)saved + flag->offset);
}

static bool is_source(const char *text)
{
    struct ad_origin origin;

    return ad_url_text_is_good(text) && ad_origin_parse(text, &origin) == ANIMALDETECT_OK;
}

static bool follows(const char *text, enum ad_saved_rule rule)
{
    uint8_t digest[AD_DIGEST_SIZE];

    switch (rule) {
    case AD_SAVED_PATH:
        return ad_path_is_good(text);
    case AD_SAVED_OPERATION:
        return ad_operation_is_good(text);
    case AD_SAVED_FILE_NAME:
        return ad_file_name_is_good(text);
    case AD_SAVED_MEDIA_TYPE:
        return ad_media_type_is_good(text);
    case AD_SAVED_REFERENCE:
        return ad_reference_is_good(text);
    case AD_SAVED_NOTE:
        return ad_note_is_good(text);
    case AD_SAVED_KEY:
        return ad_idempotency_key_is_good(text);
    case AD_SAVED_SOURCE:
        return is_source(text);
    case AD_SAVED_WORDS:
        return ad_text_length(text, AD_ERROR_MESSAGE_SIZE) <= AD_ERROR_MESSAGE_SIZE && ad_text_is_clean(text);
    case AD_SAVED_JOB_ID:
        return ad_job_id_is_good(text);
    case AD_SAVED_URL:
        return ad_url_text_is_good(text);
    case AD_SAVED_SHA256:
        return ad_digest_from_hex(text, digest);
    case AD_SAVED_METHOD:
        return strcmp(text, "PUT") == 0 || strcmp(text, "POST") == 0;
    }
    return false;
}

/* Masks or rejects secrets as in a response: an older version, or somebody else, may have stored one. */
static int32_t keep_out_secrets(struct ad_saved *out, const struct ad_saved_text *field, const char **text,
                                struct ad_problem *problem)
{
    char line[AD_ERROR_MESSAGE_SIZE + 1];
    json_t *value = json_object_get(out->root, field->name);
    size_t size;

    if ((field->rule == AD_SAVED_JOB_ID || field->rule == AD_SAVED_URL) && ad_mask_finds(out->mask, *text))
        return ad_problem_set(problem, "%s contains the API key", field->name);
    if (field->rule != AD_SAVED_WORDS)
        return ANIMALDETECT_OK;
    size = ad_mask_text(out->mask, line, sizeof line, *text, strlen(*text));
    if (strcmp(line, *text) != 0 && json_string_setn(value, line, size) != 0)
        return ANIMALDETECT_E_NO_MEMORY;
    *text = json_string_value(value);
    return ANIMALDETECT_OK;
}

static int32_t read_texts(struct ad_saved *out, struct ad_problem *problem)
{
    for (size_t i = 0; i < AD_SAVED_TEXT_COUNT; i++) {
        const char **text = text_at(out, &ad_saved_texts[i]);
        int32_t status = ad_json_get_text(out->root, "", ad_saved_texts[i].name, text, problem);

        if (status != ANIMALDETECT_OK)
            return status;
        if (*text && !follows(*text, ad_saved_texts[i].rule))
            return ad_problem_set(problem, "%s is not valid", ad_saved_texts[i].name);
        if (*text)
            status = keep_out_secrets(out, &ad_saved_texts[i], text, problem);
        if (status != ANIMALDETECT_OK)
            return status;
    }
    for (size_t i = 0; i < AD_SAVED_FLAG_COUNT; i++) {
        const json_t *value = ad_json_member(out->root, ad_saved_flags[i].name);

        if (value && !json_is_boolean(value))
            return ad_problem_set(problem, "%s is not true or false", ad_saved_flags[i].name);
        *flag_at(out, &ad_saved_flags[i]) = json_is_true(value);
    }
    return ANIMALDETECT_OK;
}

/* The bytes of a path that is not UTF-8, kept in the tree so that they live as long as the other texts. */
static int32_t read_path_hex(struct ad_saved *out, struct ad_problem *problem)
{
    const char *hex = NULL;
    int32_t status = ad_json_get_text(out->root, "", "file_path_hex", &hex, problem);
    size_t size = 0;
    unsigned char *path;
    json_t *kept = NULL;

    if (status != ANIMALDETECT_OK || !hex)
        return status;
    path = malloc(strlen(hex) + 1);
    if (!path)
        return ANIMALDETECT_E_NO_MEMORY;
    if (sodium_hex2bin(path, strlen(hex), hex, strlen(hex), NULL, &size, NULL) != 0 || size == 0 || size > 4095 ||
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

static int32_t saved_read_integer(const json_t *root, const char *name, int64_t min, int64_t max, int64_t *out,
                                  struct ad_problem *problem)
{
    const json_t *value = ad_json_member(root, name);

    *out = 0;
    if (!value)
        return ANIMALDETECT_OK;
    if (!json_is_integer(value) || json_integer_value(value) < min || json_integer_value(value) > max)
        return ad_problem_set(problem, "%s is not a number from %lld to %lld", name, (long long)min, (long long)max);
    *out = json_integer_value(value);
    return ANIMALDETECT_OK;
}

static int32_t read_choice(const json_t *root, const char *name, const char *const *names, size_t count, int32_t *out,
                           struct ad_problem *problem)
{
    const char *text = NULL;
    int32_t status = ad_json_get_text(root, "", name, &text, problem);

    if (status != ANIMALDETECT_OK)
        return status;
    for (size_t i = 0; text && i < count; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (int32_t)i;
            return ANIMALDETECT_OK;
        }
    }
    return ad_problem_set(problem, text ? "%s has a value unknown to this version" : "%s is missing", name);
}

static int32_t read_numbers(struct ad_saved *out, struct ad_problem *problem)
{
    int64_t number = 0;
    int32_t stage = 0;
    int32_t status = saved_read_integer(out->root, "size", 0, INT64_MAX, &number, problem);

    out->size = (uint64_t)number;
    if (status == ANIMALDETECT_OK)
        status = saved_read_integer(out->root, "rerun", 0, INT32_MAX, &number, problem);
    out->rerun = (int32_t)number;
    if (status == ANIMALDETECT_OK)
        status = saved_read_integer(out->root, "priority", INT32_MIN, INT32_MAX, &number, problem);
    out->priority = (int32_t)number;
    if (status == ANIMALDETECT_OK)
        status = saved_read_integer(out->root, "submitted_at", 0, INT64_MAX / 1000, &out->submitted_s, problem);
    if (status == ANIMALDETECT_OK)
        status = read_choice(out->root, "stage", ad_saved_stages, AD_SAVED_STAGE_COUNT, &stage, problem);
    out->stage = ad_saved_stage_numbers[stage];
    if (status == ANIMALDETECT_OK)
        status = read_choice(out->root, "input", ad_saved_inputs, AD_SAVED_INPUT_COUNT, &out->input, problem);
    return status;
}

static int32_t read_options(struct ad_saved *out, struct ad_problem *problem)
{
    out->options_json = ad_json_member(out->root, "options");
    if (out->options_json && !json_is_object(out->options_json))
        return ad_problem_set(problem, "options is not an object");
    if (out->options_json && !ad_options_are_good(out->options_json))
        return ad_problem_set(problem, "options is not valid");
    return ANIMALDETECT_OK;
}

static int32_t saved_read_upload_headers(struct ad_saved *out, struct ad_problem *problem)
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
        if (ad_mask_finds(out->mask, name) || ad_mask_finds(out->mask, json_string_value(value)))
            return ad_problem_set(problem, "upload_headers contains the API key");
        out->upload_headers[out->upload_header_count].name = name;
        out->upload_headers[out->upload_header_count].value = json_string_value(value);
        out->upload_header_count++;
    }
    return ANIMALDETECT_OK;
}

/* Checks what must hold between fields. */
static int32_t check_whole(const struct ad_saved *saved, struct ad_problem *problem)
{
    if (saved->stage > ANIMALDETECT_STAGE_NEW && !saved->job_id)
        return ad_problem_set(problem, "job_id is missing");
    if (!saved->operation && !saved->job_id)
        return ad_problem_set(problem, "operation is missing");
    /* Without the key a different one would be made, and the image billed again. */
    if ((saved->own_key || saved->random_key) && (!saved->idempotency_key || !saved->operation))
        return ad_problem_set(problem, "%s is missing", saved->operation ? "idempotency_key" : "operation");
    if (saved->input == AD_SOURCE_FILE && !saved->file_path)
        return ad_problem_set(problem, "file_path is missing");
    if (saved->input == AD_SOURCE_URL && !saved->source_url)
        return ad_problem_set(problem, "source_url is missing");
    return ANIMALDETECT_OK;
}

static int32_t read_version(const json_t *root, struct ad_problem *problem)
{
    const json_t *version = json_object_get(root, AD_SAVED_VERSION_NAME);

    if (!json_is_integer(version))
        return ad_problem_set(problem, "not a saved job");
    if (json_integer_value(version) != AD_SAVED_VERSION)
        return ad_problem_set(problem, "saved in an unsupported format version: %lld",
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
        status = saved_read_upload_headers(out, problem);
    if (status == ANIMALDETECT_OK)
        status = check_whole(out, problem);
    out->state = out->state_text ? ad_state_from_text(out->state_text) : ANIMALDETECT_STATE_NONE;
    return status;
}

int32_t ad_saved_read(struct ad_saved *out, const char *text, size_t size, const struct ad_mask *mask,
                      struct ad_problem *problem)
{
    int32_t status;

    *out = (struct ad_saved){.root = NULL, .mask = mask};
    ad_problem_clear(problem);
    if (size > (size_t)AD_SAVED_MAX_SIZE)
        status = ad_problem_set(problem, "larger than %d bytes", AD_SAVED_MAX_SIZE);
    else
        status = ad_json_load(text, size, AD_JSON_MAX_DEPTH, &out->root, problem);
    if (status == ANIMALDETECT_OK)
        status = read_all(out, problem);
    if (status != ANIMALDETECT_OK)
        ad_saved_clear(out);
    if (status == ANIMALDETECT_E_PROTOCOL || status == ANIMALDETECT_E_ANSWER_TOO_LARGE)
        return ANIMALDETECT_E_SAVED_JOB;
    return status;
}

void ad_saved_clear(struct ad_saved *saved)
{
    json_decref(saved->root);
    *saved = (struct ad_saved){.root = NULL};
}
