/* SPDX-License-Identifier: MIT */
/*
 * A result as a plain object: copied whole, so that it has no handle and no end.  What the service left out is null.
 */
#include "addon.h"

static const char *const rank_names[] = {"id", "class", "order", "family", "genus", "species"};

static napi_value integer_or_null(napi_env env, int32_t status, int64_t number)
{
    return status == ANIMALDETECT_OK ? value_number(env, (double)number) : value_null(env);
}

static napi_value real_or_null(napi_env env, int32_t status, double number)
{
    return status == ANIMALDETECT_OK ? value_number(env, number) : value_null(env);
}

static napi_value candidate_value(napi_env env, const animaldetect_candidate *candidate)
{
    napi_value object = NULL, taxonomy = NULL;
    double score = 0;
    int32_t status = animaldetect_candidate_score(candidate, &score);

    (void)napi_create_object(env, &object);
    (void)napi_create_object(env, &taxonomy);
    value_set(env, object, "label", value_text(env, animaldetect_candidate_label(candidate)));
    value_set(env, object, "score", real_or_null(env, status, score));
    for (int32_t rank = ANIMALDETECT_RANK_ID; rank <= ANIMALDETECT_RANK_SPECIES; rank++)
        value_set(env, taxonomy, rank_names[rank], value_text(env, animaldetect_candidate_taxonomy(candidate, rank)));
    value_set(env, object, "taxonomy", taxonomy);
    return object;
}

static napi_value box_value(napi_env env, const animaldetect_detection *detection)
{
    double box[4];
    napi_value object = NULL;

    if (animaldetect_detection_bbox(detection, box) != ANIMALDETECT_OK)
        return value_null(env);
    (void)napi_create_object(env, &object);
    value_set(env, object, "xMin", value_number(env, box[0]));
    value_set(env, object, "yMin", value_number(env, box[1]));
    value_set(env, object, "width", value_number(env, box[2]));
    value_set(env, object, "height", value_number(env, box[3]));
    return object;
}

static napi_value detection_value(napi_env env, const animaldetect_detection *detection)
{
    napi_value object = NULL, taxonomy = NULL, candidates = NULL;
    size_t count = animaldetect_detection_candidate_count(detection);
    int64_t id = 0;
    double score = 0;
    int32_t status;

    (void)napi_create_object(env, &object);
    (void)napi_create_object(env, &taxonomy);
    (void)napi_create_array_with_length(env, count, &candidates);
    status = animaldetect_detection_id(detection, &id);
    value_set(env, object, "id", integer_or_null(env, status, id));
    value_set(env, object, "label", value_text(env, animaldetect_detection_label(detection)));
    status = animaldetect_detection_score(detection, &score);
    value_set(env, object, "score", real_or_null(env, status, score));
    value_set(env, object, "box", box_value(env, detection));
    value_set(env, object, "category", value_text(env, animaldetect_detection_category(detection)));
    for (int32_t rank = ANIMALDETECT_RANK_ID; rank <= ANIMALDETECT_RANK_SPECIES; rank++)
        value_set(env, taxonomy, rank_names[rank], value_text(env, animaldetect_detection_taxonomy(detection, rank)));
    value_set(env, object, "taxonomy", taxonomy);
    for (size_t i = 0; i < count; i++)
        (void)napi_set_element(env, candidates, (uint32_t)i,
                               candidate_value(env, animaldetect_detection_candidate(detection, i)));
    value_set(env, object, "candidates", candidates);
    return object;
}

static void set_integers(napi_env env, napi_value object, const animaldetect_result *result)
{
    static const struct {
        const char *name;
        int32_t (*read)(const animaldetect_result *result, int64_t *out);
    } fields[] = {{"imageWidth", animaldetect_result_image_width},
                  {"imageHeight", animaldetect_result_image_height},
                  {"fileSize", animaldetect_result_file_size},
                  {"processingTimeMs", animaldetect_result_processing_time_ms}};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        int64_t number = 0;
        int32_t status = fields[i].read(result, &number);

        value_set(env, object, fields[i].name, integer_or_null(env, status, number));
    }
}

napi_value result_value(napi_env env, const animaldetect_result *result)
{
    napi_value object = NULL, detections = NULL;
    size_t count = animaldetect_result_count(result);
    size_t size = 0;
    double threshold = 0;
    const char *text;
    int32_t status;

    (void)napi_create_object(env, &object);
    (void)napi_create_array_with_length(env, count, &detections);
    for (size_t i = 0; i < count; i++) {
        napi_handle_scope scope;

        (void)napi_open_handle_scope(env, &scope);
        (void)napi_set_element(env, detections, (uint32_t)i, detection_value(env, animaldetect_result_at(result, i)));
        (void)napi_close_handle_scope(env, scope);
    }
    value_set(env, object, "kind", value_number(env, animaldetect_result_kind(result)));
    value_set(env, object, "id", value_text(env, animaldetect_result_id(result)));
    value_set(env, object, "expiresAt", value_text(env, animaldetect_result_expires_at(result)));
    value_set(env, object, "detections", detections);
    set_integers(env, object, result);
    text = animaldetect_result_metadata_json(result, &size);
    value_set(env, object, "metadataJson", value_sized(env, text, size));
    value_set(env, object, "modelVersion", value_text(env, animaldetect_result_model_version(result)));
    value_set(env, object, "modelId", value_text(env, animaldetect_result_model_id(result)));
    value_set(env, object, "country", value_text(env, animaldetect_result_country(result)));
    status = animaldetect_result_threshold(result, &threshold);
    value_set(env, object, "threshold", real_or_null(env, status, threshold));
    text = animaldetect_result_json(result, &size);
    value_set(env, object, "json", value_sized(env, text, size));
    return object;
}

/* parse_result(buffer): the result, or a status */
static napi_value parse_result(napi_env env, napi_callback_info info)
{
    animaldetect_result *result = NULL;
    napi_value value = NULL;
    struct call call;
    const char *json;
    size_t size = 0;
    int32_t status;

    if (!call_enter_plain(&call, env, info))
        return NULL;
    json = call_bytes(&call, 0, &size);
    status = animaldetect_result_parse(json, size, &result);
    value = status == ANIMALDETECT_OK ? result_value(env, result) : value_number(env, status);
    animaldetect_result_free(result);
    return call_answer(&call, value);
}

void result_define(napi_env env, napi_value exports)
{
    define_function(env, exports, "parse_result", parse_result);
}
