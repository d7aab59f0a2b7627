/* SPDX-License-Identifier: MIT */
/*
 * The public functions of result.h: argument checks over the structs of protocol/result_shape.h. A result is immutable,
 * so they need no lock and no client.
 */
#include <animaldetect/result.h>

#include "protocol/result.h"
#include "protocol/result_shape.h"

static int32_t integer_of(const struct ad_integer *integer, int64_t *out)
{
    if (!integer->has)
        return ANIMALDETECT_ABSENT;
    *out = integer->value;
    return ANIMALDETECT_OK;
}

static int32_t number_of(const struct ad_number *number, double *out)
{
    if (!number->has)
        return ANIMALDETECT_ABSENT;
    *out = number->value;
    return ANIMALDETECT_OK;
}

static const char *piece_of(const struct ad_piece *piece, size_t *size)
{
    if (size)
        *size = piece->size;
    return piece->text;
}

int32_t animaldetect_result_parse(const char *json, size_t size, animaldetect_result **out)
{
    if (!out)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    if (!json)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    return ad_result_read(json, size, out, NULL);
}

void animaldetect_result_free(animaldetect_result *result)
{
    ad_result_release(result);
}

int32_t animaldetect_result_kind(const animaldetect_result *result)
{
    return result == NULL ? ANIMALDETECT_RESULT_OTHER : result->kind;
}

const char *animaldetect_result_json(const animaldetect_result *result, size_t *size)
{
    static const struct ad_piece none = {.text = NULL};

    return piece_of(result ? &result->json : &none, size);
}

const char *animaldetect_result_metadata_json(const animaldetect_result *result, size_t *size)
{
    static const struct ad_piece none = {.text = NULL};

    return piece_of(result ? &result->metadata : &none, size);
}

size_t animaldetect_result_count(const animaldetect_result *result)
{
    return result ? result->count : 0;
}

const animaldetect_detection *animaldetect_result_at(const animaldetect_result *result, size_t index)
{
    return result && index < result->count ? &result->detections[index] : NULL;
}

const char *animaldetect_result_id(const animaldetect_result *result)
{
    return result ? result->id : NULL;
}

const char *animaldetect_result_expires_at(const animaldetect_result *result)
{
    return result ? result->expires_at : NULL;
}

const char *animaldetect_result_model_version(const animaldetect_result *result)
{
    return result ? result->model_version : NULL;
}

const char *animaldetect_result_model_id(const animaldetect_result *result)
{
    return result ? result->model_id : NULL;
}

const char *animaldetect_result_country(const animaldetect_result *result)
{
    return result ? result->country : NULL;
}

int32_t animaldetect_result_image_width(const animaldetect_result *result, int64_t *out)
{
    return result && out ? integer_of(&result->image_width, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

int32_t animaldetect_result_image_height(const animaldetect_result *result, int64_t *out)
{
    return result && out ? integer_of(&result->image_height, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

int32_t animaldetect_result_file_size(const animaldetect_result *result, int64_t *out)
{
    return result && out ? integer_of(&result->file_size, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

int32_t animaldetect_result_processing_time_ms(const animaldetect_result *result, int64_t *out)
{
    return result && out ? integer_of(&result->processing_time_ms, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

int32_t animaldetect_result_threshold(const animaldetect_result *result, double *out)
{
    return result && out ? number_of(&result->threshold, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

int32_t animaldetect_detection_id(const animaldetect_detection *detection, int64_t *out)
{
    return detection && out ? integer_of(&detection->id, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

const char *animaldetect_detection_label(const animaldetect_detection *detection)
{
    return detection ? detection->what.label : NULL;
}

const char *animaldetect_detection_category(const animaldetect_detection *detection)
{
    return detection ? detection->category : NULL;
}

int32_t animaldetect_detection_score(const animaldetect_detection *detection, double *out)
{
    return detection && out ? number_of(&detection->what.score, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

int32_t animaldetect_detection_bbox(const animaldetect_detection *detection, double *out)
{
    if (!detection || !out)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (!detection->has_bbox)
        return ANIMALDETECT_ABSENT;
    for (size_t i = 0; i < 4; i++)
        out[i] = detection->bbox[i];
    return ANIMALDETECT_OK;
}

const char *animaldetect_detection_taxonomy(const animaldetect_detection *detection, int32_t rank)
{
    return detection && rank >= 0 && rank < AD_RANK_COUNT ? detection->what.taxonomy[rank] : NULL;
}

size_t animaldetect_detection_candidate_count(const animaldetect_detection *detection)
{
    return detection ? detection->candidate_count : 0;
}

const animaldetect_candidate *animaldetect_detection_candidate(const animaldetect_detection *detection, size_t index)
{
    return detection && index < detection->candidate_count ? &detection->candidates[index] : NULL;
}

const char *animaldetect_candidate_label(const animaldetect_candidate *candidate)
{
    return candidate ? candidate->label : NULL;
}

int32_t animaldetect_candidate_score(const animaldetect_candidate *candidate, double *out)
{
    return candidate && out ? number_of(&candidate->score, out) : ANIMALDETECT_E_INVALID_ARGUMENT;
}

const char *animaldetect_candidate_taxonomy(const animaldetect_candidate *candidate, int32_t rank)
{
    return candidate && rank >= 0 && rank < AD_RANK_COUNT ? candidate->taxonomy[rank] : NULL;
}
