/* SPDX-License-Identifier: MIT */
/*
 * Parses a result once into plain structs in an arena, so that reading it takes a load and no lock.  The image is paid
 * for: what can be read is read, any other field is absent, and the bytes are kept in any case.  Never guesses a
 * number, and never keeps a pointer into the JSON tree.
 */
#include "protocol/result.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "protocol/json.h"
#include "protocol/loose.h"
#include "protocol/result_shape.h"

struct reader {
    struct ad_arena *arena;
};

static int32_t read_text(const struct reader *reader, const json_t *object, const char *name, const char **out)
{
    return ad_loose_text(json_object_get(object, name), reader->arena, out);
}

static int32_t result_read_number(const json_t *object, const char *name, struct ad_number *out)
{
    return ad_loose_number(json_object_get(object, name), &out->has, &out->value);
}

static int32_t result_read_integer(const json_t *object, const char *name, struct ad_integer *out)
{
    return ad_loose_integer(json_object_get(object, name), &out->has, &out->value);
}

/* A duration may come with a fraction of a millisecond. */
static int32_t read_duration(const json_t *object, const char *name, struct ad_integer *out)
{
    struct ad_number number;
    int32_t status = result_read_number(object, name, &number);

    out->has = status == ANIMALDETECT_OK && number.has && number.value >= 0 && number.value <= AD_LOOSE_EXACT;
    out->value = out->has ? (int64_t)llround(number.value) : 0;
    return status;
}

static int32_t read_taxonomy(const struct reader *reader, const json_t *object, const char *out[AD_RANK_COUNT])
{
    static const char *const ranks[AD_RANK_COUNT] = {"id", "class", "order", "family", "genus", "species"};
    const json_t *taxonomy = json_object_get(object, "taxonomy");
    int32_t status = ANIMALDETECT_OK;

    for (size_t i = 0; i < AD_RANK_COUNT && status == ANIMALDETECT_OK; i++)
        status = read_text(reader, taxonomy, ranks[i], &out[i]);
    return status;
}

static int32_t read_candidate(const struct reader *reader, const json_t *object, struct animaldetect_candidate *out)
{
    int32_t status = read_text(reader, object, "label", &out->label);

    if (status == ANIMALDETECT_OK)
        status = result_read_number(object, "score", &out->score);
    if (status == ANIMALDETECT_OK)
        status = read_taxonomy(reader, object, out->taxonomy);
    return status;
}

/* A zeroed array; NULL for count 0 is not an error. */
static int32_t new_array(const struct reader *reader, size_t count, size_t element, void **out)
{
    size_t size;

    *out = NULL;
    if (count == 0)
        return ANIMALDETECT_OK;
    if (!ad_size_mul(count, element, &size))
        return ANIMALDETECT_E_NO_MEMORY;
    *out = ad_arena_alloc(reader->arena, size);
    if (!*out)
        return ANIMALDETECT_E_NO_MEMORY;
    memset(*out, 0, size);
    return ANIMALDETECT_OK;
}

/* Counts the objects of a list; other elements are ignored. */
static size_t count_objects(const json_t *list)
{
    size_t count = 0;
    size_t index;
    const json_t *element;

    json_array_foreach(list, index, element) count += json_is_object(element);
    return count;
}

static int32_t read_candidates(const struct reader *reader, const json_t *object, struct animaldetect_detection *out)
{
    const json_t *list = json_object_get(object, "top_candidates");
    void *room = NULL;
    int32_t status = new_array(reader, count_objects(list), sizeof(*out->candidates), &room);
    size_t index;
    const json_t *element;

    out->candidates = room;
    json_array_foreach(list, index, element)
    {
        if (status == ANIMALDETECT_OK && out->candidates != NULL && json_is_object(element))
            status = read_candidate(reader, element, &out->candidates[out->candidate_count++]);
    }
    return status;
}

/* Four numbers; some models append more. */
static int32_t read_bbox(const json_t *object, struct animaldetect_detection *out)
{
    const json_t *box = json_object_get(object, "bbox");
    bool has = true;

    for (size_t i = 0; i < 4 && has; i++) {
        int32_t status = ad_loose_number(json_array_get(box, i), &has, &out->bbox[i]);

        if (status != ANIMALDETECT_OK)
            return status;
    }
    out->has_bbox = has;
    return ANIMALDETECT_OK;
}

static int32_t read_detection(const struct reader *reader, const json_t *object, struct animaldetect_detection *out)
{
    int32_t status = read_candidate(reader, object, &out->what);

    if (status == ANIMALDETECT_OK)
        status = result_read_integer(object, "id", &out->id);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, object, "category", &out->category);
    if (status == ANIMALDETECT_OK)
        status = read_bbox(object, out);
    if (status == ANIMALDETECT_OK)
        status = read_candidates(reader, object, out);
    return status;
}

/* Some serializers write an empty list as null. */
static bool is_list(const json_t *value)
{
    return json_is_array(value) || json_is_null(value);
}

static int32_t read_detections(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    const json_t *annotations = json_object_get(root, "annotations");
    const json_t *detections = json_object_get(root, "detections");
    const json_t *list = json_is_array(annotations) || !is_list(detections) ? annotations : detections;
    void *room = NULL;
    int32_t status = new_array(reader, count_objects(list), sizeof(*out->detections), &room);
    size_t index;
    const json_t *element;

    out->kind = is_list(list) ? ANIMALDETECT_RESULT_DETECTIONS : ANIMALDETECT_RESULT_OTHER;
    out->detections = room;
    json_array_foreach(list, index, element)
    {
        if (status == ANIMALDETECT_OK && out->detections != NULL && json_is_object(element))
            status = read_detection(reader, element, &out->detections[out->count++]);
    }
    return status;
}

/* The object is kept as text: hosts of camera networks search it for their own fields. */
static int32_t keep_metadata(const struct reader *reader, const json_t *metadata, size_t limit, struct ad_piece *out)
{
    struct ad_buf text;
    int32_t status;

    ad_buf_init(&text, limit);
    status = ad_json_dump(metadata, &text);
    if (status == ANIMALDETECT_OK) {
        out->text = ad_arena_copy_n(reader->arena, ad_buf_string(&text), text.size);
        out->size = text.size;
        status = out->text ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
    }
    ad_buf_free(&text);
    return status;
}

static int32_t read_metadata(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    const json_t *metadata = json_object_get(root, "metadata");
    int32_t status;

    if (!json_is_object(metadata))
        return ANIMALDETECT_OK;
    status = result_read_integer(metadata, "image_width", &out->image_width);
    if (status == ANIMALDETECT_OK)
        status = result_read_integer(metadata, "image_height", &out->image_height);
    if (status == ANIMALDETECT_OK)
        status = result_read_integer(metadata, "file_size", &out->file_size);
    if (status == ANIMALDETECT_OK)
        status = keep_metadata(reader, metadata, SIZE_MAX - 1, &out->metadata);
    return status;
}

static int32_t read_info(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    const json_t *info = json_object_get(root, "info");
    int32_t status = read_duration(info, "processing_time_ms", &out->processing_time_ms);

    if (status == ANIMALDETECT_OK)
        status = read_text(reader, info, "model_version", &out->model_version);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, info, "model_id", &out->model_id);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, info, "country_processed", &out->country);
    if (status == ANIMALDETECT_OK)
        status = result_read_number(info, "threshold_applied", &out->threshold);
    return status;
}

static int32_t read_root(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    int32_t status = read_text(reader, root, "id", &out->id);

    if (status == ANIMALDETECT_OK)
        status = read_text(reader, root, "expires_at", &out->expires_at);
    if (status == ANIMALDETECT_OK)
        status = read_detections(reader, root, out);
    if (status == ANIMALDETECT_OK)
        status = read_metadata(reader, root, out);
    if (status == ANIMALDETECT_OK)
        status = read_info(reader, root, out);
    return status;
}

static int32_t new_result(const char *json, size_t size, animaldetect_result **out)
{
    animaldetect_result *result = calloc(1, sizeof(*result));

    if (!result)
        return ANIMALDETECT_E_NO_MEMORY;
    atomic_init(&result->references, 1);
    ad_arena_init(&result->arena);
    result->kind = ANIMALDETECT_RESULT_OTHER;
    result->json.text = ad_arena_copy_n(&result->arena, json, size);
    result->json.size = size;
    *out = result;
    return result->json.text ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}

int32_t ad_result_read(const char *json, size_t size, animaldetect_result **out, struct ad_problem *problem)
{
    json_t *root = NULL;
    animaldetect_result *result = NULL;
    bool too_large;
    int32_t status;

    *out = NULL;
    ad_problem_clear(problem);
    status = ad_json_load_lenient(json, size, &root, problem);
    too_large = status == ANIMALDETECT_E_ANSWER_TOO_LARGE;
    if (status != ANIMALDETECT_OK && !too_large)
        return status;
    status = new_result(json, size, &result);
    if (status == ANIMALDETECT_OK && !too_large)
        status = read_root(&(struct reader){&result->arena}, root, result);
    json_decref(root);
    if (status == ANIMALDETECT_OK)
        *out = result;
    else
        ad_result_release(result);
    return status;
}

animaldetect_result *ad_result_reference(animaldetect_result *result)
{
    if (result)
        atomic_fetch_add_explicit(&result->references, 1, memory_order_relaxed);
    return result;
}

void ad_result_release(animaldetect_result *result)
{
    if (!result || atomic_fetch_sub_explicit(&result->references, 1, memory_order_acq_rel) > 1)
        return;
    ad_arena_free(&result->arena);
    free(result);
}
