/* SPDX-License-Identifier: MIT */
/*
 * The create payload: what the service accepts, and its canonical form for comparisons. Pure functions. Unknown options
 * are accepted, since the service adds new ones; unknown fields of the payload are rejected unless configured.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static const char *const operation_names[SVC_OPERATION_END] = {"detect", "detect_urban", "filter", "filter_urban"};

const char *svc_operation_name(enum svc_operation operation)
{
    return operation_names[operation];
}

enum svc_operation svc_operation_from(const char *name)
{
    for (int i = 0; i < SVC_OPERATION_END; i++) {
        if (strcmp(operation_names[i], name) == 0)
            return (enum svc_operation)i;
    }
    return SVC_OPERATION_END;
}

void svc_payload_digest(const json_t *payload, uint8_t out[SVC_DIGEST_SIZE])
{
    char *text = json_dumps(payload, JSON_COMPACT | JSON_SORT_KEYS);

    if (!text)
        abort();
    crypto_hash_sha256(out, (const unsigned char *)text, strlen(text));
    free(text);
}

static bool number_within(const json_t *value, double low, double high)
{
    double number = json_number_value(value);

    return json_is_number(value) && number >= low && number <= high;
}

static const char *check_options(const json_t *options)
{
    static const char *const flags[] = {"classify", "metadata", "smooth_herd"};
    const json_t *value;
    const json_t *latitude = json_object_get(options, "latitude");
    const json_t *longitude = json_object_get(options, "longitude");

    if (options && !json_is_object(options))
        return "options must be an object";
    value = json_object_get(options, "threshold");
    if (value && !number_within(value, 0.01, 0.99))
        return "options.threshold must be a number from 0.01 to 0.99";
    value = json_object_get(options, "country");
    if (value && (!json_is_string(value) || json_string_length(value) < 2))
        return "options.country must be a country code or name";
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        value = json_object_get(options, flags[i]);
        if (value && !json_is_boolean(value))
            return "options.classify, metadata and smooth_herd must be booleans";
    }
    value = json_object_get(options, "top_candidate");
    if (value && (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > 100))
        return "options.top_candidate must be a small integer";
    if (!latitude != !longitude)
        return "options.latitude and longitude go together";
    if (latitude && (!number_within(latitude, -90, 90) || !number_within(longitude, -180, 180)))
        return "options.latitude or longitude is out of range";
    return NULL;
}

static bool type_is_known(const char *type)
{
    static const char *const types[] = {"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i], type) == 0)
            return true;
    }
    return false;
}

static const char *check_input(const json_t *payload)
{
    const json_t *source = json_object_get(payload, "source_url");
    const char *name = json_string_value(json_object_get(payload, "filename"));
    const char *type = json_string_value(json_object_get(payload, "content_type"));

    if (source) {
        const char *url = json_string_value(source);

        if (!url || (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0))
            return "source_url must be an http or https URL";
        return NULL;
    }
    if (!name || !*name || strlen(name) > 255 || strpbrk(name, "/\\"))
        return "filename must be the original file name";
    if (!type || !type_is_known(type))
        return "content_type must be image/jpeg, image/png, image/webp, image/heic or image/heif";
    return NULL;
}

static const char *check_content(const struct svc_config *config, const json_t *payload)
{
    const json_t *size = json_object_get(payload, "expected_size_bytes");
    const json_t *checksum = config->checksum_field ? json_object_get(payload, config->checksum_field) : NULL;
    uint8_t digest[SVC_DIGEST_SIZE];

    if (size && (!json_is_integer(size) || json_integer_value(size) <= 0))
        return "expected_size_bytes must be a positive integer";
    if (size && json_integer_value(size) > SVC_MAX_IMAGE_BYTES)
        return "expected_size_bytes is over the maximum of 10MB";
    if (checksum && (!json_is_string(checksum) || !svc_parse_hex(json_string_value(checksum), digest)))
        return "the checksum must be 64 hex characters";
    return NULL;
}

static const char *check_names(const struct svc_config *config, json_t *payload)
{
    static const char *const known[] = {
        "operation", "filename", "content_type", "source_url", "expected_size_bytes", "client_reference_id", "options"};
    const char *name;
    json_t *value;

    json_object_foreach(payload, name, value)
    {
        bool found = config->checksum_field && strcmp(name, config->checksum_field) == 0;

        for (size_t i = 0; !found && i < sizeof(known) / sizeof(known[0]); i++)
            found = strcmp(known[i], name) == 0;
        if (!found && !config->lenient_create)
            return "the payload has a field that is not known";
    }
    return NULL;
}

const char *svc_payload_check(const struct svc_config *config, json_t *payload)
{
    const json_t *operation = json_object_get(payload, "operation");
    const json_t *reference = json_object_get(payload, "client_reference_id");
    const char *wrong;

    if (!json_is_object(payload))
        return "the body must be a JSON object";
    if (!json_is_string(operation) || svc_operation_from(json_string_value(operation)) == SVC_OPERATION_END)
        return "operation must be detect, detect_urban, filter or filter_urban";
    if (reference && !json_is_string(reference))
        return "client_reference_id must be a string";
    wrong = check_input(payload);
    if (!wrong)
        wrong = check_content(config, payload);
    if (!wrong)
        wrong = check_options(json_object_get(payload, "options"));
    return wrong ? wrong : check_names(config, payload);
}
