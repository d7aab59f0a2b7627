/* SPDX-License-Identifier: MIT */
/*
 * A result as a plain object: copied whole, so that it has no handle and no end.  What the service left out is null.
 *
 * The objects are made by functions of result.js, which get the values as arguments: V8 makes an object from a literal
 * in a fraction of the time that it takes to set each property by its name from here.
 */
#include <stdlib.h>

#include "addon.h"

#define RANKS (ANIMALDETECT_RANK_SPECIES + 1)

enum maker { MAKE_CANDIDATE, MAKE_DETECTION, MAKE_RESULT, MAKERS };

/* Of one environment: that of the main thread, or of a worker. */
struct makers {
    napi_ref functions[MAKERS];
};

static napi_value make(napi_env env, enum maker which, size_t count, const napi_value *values)
{
    napi_value function = NULL, receiver = NULL, object = NULL;
    struct makers *makers = NULL;

    if (napi_get_instance_data(env, (void **)&makers) != napi_ok || makers == NULL ||
        napi_get_reference_value(env, makers->functions[which], &function) != napi_ok ||
        napi_get_global(env, &receiver) != napi_ok ||
        napi_call_function(env, receiver, function, count, values, &object) != napi_ok)
        return NULL;
    return object;
}

static napi_value integer_or_null(napi_env env, int32_t status, int64_t number)
{
    return status == ANIMALDETECT_OK ? value_number(env, (double)number) : value_null(env);
}

static napi_value real_or_null(napi_env env, int32_t status, double number)
{
    return status == ANIMALDETECT_OK ? value_number(env, number) : value_null(env);
}

static napi_value integer_value(napi_env env, const animaldetect_result *result,
                                int32_t (*read)(const animaldetect_result *result, int64_t *out))
{
    int64_t number = 0;
    int32_t status = read(result, &number);

    return integer_or_null(env, status, number);
}

static napi_value candidate_value(napi_env env, const animaldetect_candidate *candidate)
{
    napi_value values[2 + RANKS];
    size_t count = 0;
    double score = 0;
    int32_t status = animaldetect_candidate_score(candidate, &score);

    values[count++] = value_text(env, animaldetect_candidate_label(candidate));
    values[count++] = real_or_null(env, status, score);
    for (int32_t rank = ANIMALDETECT_RANK_ID; rank <= ANIMALDETECT_RANK_SPECIES; rank++)
        values[count++] = value_text(env, animaldetect_candidate_taxonomy(candidate, rank));
    return make(env, MAKE_CANDIDATE, count, values);
}

/* All candidates, or undefined for none: result.js makes an empty array then. */
static napi_value candidates_value(napi_env env, const animaldetect_detection *detection)
{
    size_t count = animaldetect_detection_candidate_count(detection);
    napi_value array = NULL;

    if (count == 0) {
        (void)napi_get_undefined(env, &array);
        return array;
    }
    (void)napi_create_array_with_length(env, count, &array);
    for (size_t i = 0; i < count; i++)
        (void)napi_set_element(env, array, (uint32_t)i,
                               candidate_value(env, animaldetect_detection_candidate(detection, i)));
    return array;
}

static napi_value detection_value(napi_env env, const animaldetect_detection *detection)
{
    napi_value values[9 + RANKS];
    size_t count = 0;
    int64_t id = 0;
    double score = 0, box[4] = {0};
    int32_t status = animaldetect_detection_id(detection, &id);

    values[count++] = integer_or_null(env, status, id);
    values[count++] = value_text(env, animaldetect_detection_label(detection));
    status = animaldetect_detection_score(detection, &score);
    values[count++] = real_or_null(env, status, score);
    status = animaldetect_detection_bbox(detection, box);
    for (size_t i = 0; i < 4; i++)
        values[count++] = real_or_null(env, status, box[i]);
    values[count++] = value_text(env, animaldetect_detection_category(detection));
    for (int32_t rank = ANIMALDETECT_RANK_ID; rank <= ANIMALDETECT_RANK_SPECIES; rank++)
        values[count++] = value_text(env, animaldetect_detection_taxonomy(detection, rank));
    values[count++] = candidates_value(env, detection);
    return make(env, MAKE_DETECTION, count, values);
}

static napi_value detections_value(napi_env env, const animaldetect_result *result)
{
    size_t count = animaldetect_result_count(result);
    napi_value array = NULL;

    (void)napi_create_array_with_length(env, count, &array);
    for (size_t i = 0; i < count; i++) {
        napi_handle_scope scope;

        (void)napi_open_handle_scope(env, &scope);
        (void)napi_set_element(env, array, (uint32_t)i, detection_value(env, animaldetect_result_at(result, i)));
        (void)napi_close_handle_scope(env, scope);
    }
    return array;
}

napi_value result_value(napi_env env, const animaldetect_result *result)
{
    napi_value values[14];
    size_t count = 0, size = 0;
    double threshold = 0;
    const char *text;
    int32_t status = animaldetect_result_threshold(result, &threshold);

    values[count++] = value_number(env, animaldetect_result_kind(result));
    values[count++] = value_text(env, animaldetect_result_id(result));
    values[count++] = value_text(env, animaldetect_result_expires_at(result));
    values[count++] = detections_value(env, result);
    values[count++] = integer_value(env, result, animaldetect_result_image_width);
    values[count++] = integer_value(env, result, animaldetect_result_image_height);
    values[count++] = integer_value(env, result, animaldetect_result_file_size);
    text = animaldetect_result_metadata_json(result, &size);
    values[count++] = value_sized(env, text, size);
    values[count++] = integer_value(env, result, animaldetect_result_processing_time_ms);
    values[count++] = value_text(env, animaldetect_result_model_version(result));
    values[count++] = value_text(env, animaldetect_result_model_id(result));
    values[count++] = value_text(env, animaldetect_result_country(result));
    values[count++] = real_or_null(env, status, threshold);
    text = animaldetect_result_json(result, &size);
    values[count++] = value_sized(env, text, size);
    return make(env, MAKE_RESULT, count, values);
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

static void free_makers(napi_env env, void *data, void *hint)
{
    struct makers *makers = data;

    (void)hint;
    for (size_t i = 0; i < MAKERS; i++)
        (void)napi_delete_reference(env, makers->functions[i]);
    free(makers);
}

/* make_results_by(candidate, detection, result): the functions of result.js, once for each environment */
static napi_value make_results_by(napi_env env, napi_callback_info info)
{
    struct makers *makers = calloc(1, sizeof *makers);
    struct call call;

    if (makers == NULL || !call_enter_plain(&call, env, info)) {
        free(makers);
        return NULL;
    }
    for (size_t i = 0; i < MAKERS; i++)
        if (napi_create_reference(env, call.arguments[i], 1, &makers->functions[i]) != napi_ok)
            makers->functions[i] = NULL;
    if (napi_set_instance_data(env, makers, free_makers, NULL) != napi_ok)
        free_makers(env, makers, NULL);
    return call_answer(&call, NULL);
}

void result_define(napi_env env, napi_value exports)
{
    define_function(env, exports, "make_results_by", make_results_by);
    define_function(env, exports, "parse_result", parse_result);
}
