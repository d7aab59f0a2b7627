/* SPDX-License-Identifier: MIT */
/*
 * Writes a job as text that outlives the process.  Texts are written unchanged.  The API key can never be among them:
 * struct ad_saved has no field for it.
 */
#include "protocol/saved.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/json.h"
#include "protocol/saved_fields.h"

static const char *text_of(const struct ad_saved *saved, const struct ad_saved_text *field)
{
    return *(const char *const *)(const void *)((const char *)saved + field->offset);
}

static bool flag_of(const struct ad_saved *saved, const struct ad_saved_flag *flag)
{
    return *(const bool *)(const void *)((const char *)saved + flag->offset);
}

static int32_t saved_put(json_t *object, const char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0 ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}

/* A path may contain invalid UTF-8; it is then written as hex under another name. */
static int32_t put_path_hex(json_t *object, const char *path)
{
    size_t size = strlen(path);
    char *hex = malloc(2 * size + 1);
    int32_t status;

    if (!hex)
        return ANIMALDETECT_E_NO_MEMORY;
    (void)sodium_bin2hex(hex, 2 * size + 1, (const unsigned char *)path, size);
    status = saved_put(object, "file_path_hex", json_string(hex));
    free(hex);
    return status;
}

static int32_t put_texts(json_t *object, const struct ad_saved *saved)
{
    int32_t status = ANIMALDETECT_OK;

    for (size_t i = 0; status == ANIMALDETECT_OK && i < AD_SAVED_TEXT_COUNT; i++) {
        const char *text = text_of(saved, &ad_saved_texts[i]);

        if (!text)
            continue;
        if (ad_saved_texts[i].rule == AD_SAVED_PATH && !ad_text_is_utf8(text))
            status = put_path_hex(object, text);
        else
            status = saved_put(object, ad_saved_texts[i].name, json_string(text));
    }
    for (size_t i = 0; status == ANIMALDETECT_OK && i < AD_SAVED_FLAG_COUNT; i++) {
        if (flag_of(saved, &ad_saved_flags[i]))
            status = saved_put(object, ad_saved_flags[i].name, json_true());
    }
    return status;
}

static int32_t put_numbers(json_t *object, const struct ad_saved *saved)
{
    int32_t stage = saved->stage < ANIMALDETECT_STAGE_FINISHED ? saved->stage : ANIMALDETECT_STAGE_FINISHED;
    int32_t status = saved_put(object, AD_SAVED_VERSION_NAME, json_integer(AD_SAVED_VERSION));

    if (status == ANIMALDETECT_OK)
        status = saved_put(object, "stage", json_string(animaldetect_stage_name(stage)));
    if (status == ANIMALDETECT_OK)
        status = saved_put(object, "input", json_string(ad_saved_inputs[saved->input]));
    if (status == ANIMALDETECT_OK && saved->size > 0)
        status = saved_put(object, "size", json_integer((json_int_t)saved->size));
    if (status == ANIMALDETECT_OK && saved->rerun != 0)
        status = saved_put(object, "rerun", json_integer(saved->rerun));
    if (status == ANIMALDETECT_OK && saved->priority != 0)
        status = saved_put(object, "priority", json_integer(saved->priority));
    if (status == ANIMALDETECT_OK && saved->submitted_s != 0)
        status = saved_put(object, "submitted_at", json_integer((json_int_t)saved->submitted_s));
    return status;
}

static int32_t saved_put_options(json_t *object, const struct ad_saved *saved)
{
    json_t *options = NULL;
    int32_t status;

    if (saved->options_json)
        return saved_put(object, "options", json_deep_copy(saved->options_json));
    if (!saved->options)
        return ANIMALDETECT_OK;
    status = ad_json_load(saved->options, strlen(saved->options), AD_JSON_MAX_DEPTH, &options, NULL);
    return status == ANIMALDETECT_OK ? saved_put(object, "options", options) : ANIMALDETECT_E_NO_MEMORY;
}

static int32_t put_upload_headers(json_t *object, const struct ad_saved *saved)
{
    json_t *headers;
    int32_t status = ANIMALDETECT_OK;

    if (saved->upload_header_count == 0)
        return ANIMALDETECT_OK;
    headers = json_object();
    if (!headers)
        return ANIMALDETECT_E_NO_MEMORY;
    for (size_t i = 0; status == ANIMALDETECT_OK && i < saved->upload_header_count; i++)
        status = saved_put(headers, saved->upload_headers[i].name, json_string(saved->upload_headers[i].value));
    if (status == ANIMALDETECT_OK)
        return saved_put(object, "upload_headers", headers);
    json_decref(headers);
    return status;
}

int32_t ad_saved_write(const struct ad_saved *saved, char **out, size_t *size)
{
    struct ad_buf text;
    json_t *object = json_object();
    int32_t status = object ? put_numbers(object, saved) : ANIMALDETECT_E_NO_MEMORY;

    *out = NULL;
    ad_buf_init(&text, SIZE_MAX - 1);
    if (status == ANIMALDETECT_OK)
        status = put_texts(object, saved);
    if (status == ANIMALDETECT_OK)
        status = saved_put_options(object, saved);
    if (status == ANIMALDETECT_OK)
        status = put_upload_headers(object, saved);
    if (status == ANIMALDETECT_OK)
        status = ad_json_dump(object, &text);
    if (status == ANIMALDETECT_OK) {
        *out = ad_buf_take(&text, size);
        status = *out ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
    }
    ad_buf_free(&text);
    json_decref(object);
    return status;
}
