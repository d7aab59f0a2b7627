/* SPDX-License-Identifier: MIT */
/*
 * Reads a result once into plain structs in an arena and lets the JSON tree go, so that looking at a result costs a
 * load and no lock.  A missing optional field is absent; a field of the wrong type is an error that names its place.
 * It must never guess a number, and never keep a pointer into the tree.
 */
#include "protocol/result.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"
#include "protocol/json.h"
#include "protocol/result_shape.h"

/* A place in the document for the words of a problem, such as "annotations[3].top_candidates[0].". */
#define PATH_SIZE 80

struct reader {
    struct ad_arena *arena;
    struct ad_problem *problem;
};

static int32_t read_text(const struct reader *reader, const json_t *object, const char *path, const char *name,
                         const char **out)
{
    const char *text = NULL;
    int32_t status = ad_json_get_text(object, path, name, &text, reader->problem);

    *out = NULL;
    if (status != ANIMALDETECT_OK || !text)
        return status;
    *out = ad_arena_copy(reader->arena, text);
    return *out ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}

static int32_t result_read_number(const struct reader *reader, const json_t *object, const char *path, const char *name,
                                  struct ad_number *out)
{
    const json_t *value = ad_json_member(object, name);

    *out = (struct ad_number){.has = false};
    if (!value)
        return ANIMALDETECT_OK;
    if (!json_is_number(value))
        return ad_problem_set(reader->problem, "%s%s is not a number", path, name);
    *out = (struct ad_number){.value = json_number_value(value), .has = true};
    return ANIMALDETECT_OK;
}

/* 4000.0 is an integer too: some services write every number so.  2^53 bounds what a double holds exactly. */
static int32_t result_read_integer(const struct reader *reader, const json_t *object, const char *path,
                                   const char *name, struct ad_integer *out)
{
    const json_t *value = ad_json_member(object, name);
    double real;

    *out = (struct ad_integer){.has = false};
    if (!value)
        return ANIMALDETECT_OK;
    if (json_is_integer(value)) {
        *out = (struct ad_integer){.value = json_integer_value(value), .has = true};
        return ANIMALDETECT_OK;
    }
    real = json_real_value(value);
    if (!json_is_real(value) || fabs(real) > 9007199254740992.0 || floor(real) != real)
        return ad_problem_set(reader->problem, "%s%s is not an integer", path, name);
    *out = (struct ad_integer){.value = (int64_t)real, .has = true};
    return ANIMALDETECT_OK;
}

/* A duration may come with a fraction of a millisecond. */
static int32_t read_duration(const struct reader *reader, const json_t *object, const char *path, const char *name,
                             struct ad_integer *out)
{
    struct ad_number number;
    int32_t status = result_read_number(reader, object, path, name, &number);

    *out = (struct ad_integer){.has = false};
    if (status != ANIMALDETECT_OK || !number.has)
        return status;
    if (number.value < 0 || number.value > 9007199254740992.0)
        return ad_problem_set(reader->problem, "%s%s is out of range", path, name);
    *out = (struct ad_integer){.value = (int64_t)floor(number.value + 0.5), .has = true};
    return ANIMALDETECT_OK;
}

static int32_t read_taxonomy(const struct reader *reader, const json_t *object, const char *path,
                             const char *out[AD_RANK_COUNT])
{
    static const char *const ranks[AD_RANK_COUNT] = {"id", "class", "order", "family", "genus", "species"};
    const json_t *taxonomy = ad_json_member(object, "taxonomy");
    char inner[PATH_SIZE + 16];

    if (!taxonomy)
        return ANIMALDETECT_OK;
    if (!json_is_object(taxonomy))
        return ad_problem_set(reader->problem, "%staxonomy is not an object", path);
    (void)snprintf(inner, sizeof(inner), "%staxonomy.", path);
    for (size_t i = 0; i < AD_RANK_COUNT; i++) {
        int32_t status = read_text(reader, taxonomy, inner, ranks[i], &out[i]);

        if (status != ANIMALDETECT_OK)
            return status;
    }
    return ANIMALDETECT_OK;
}

static int32_t read_candidate(const struct reader *reader, const json_t *object, const char *path,
                              struct animaldetect_candidate *out)
{
    int32_t status = read_text(reader, object, path, "label", &out->label);

    if (status == ANIMALDETECT_OK)
        status = result_read_number(reader, object, path, "score", &out->score);
    if (status == ANIMALDETECT_OK)
        status = read_taxonomy(reader, object, path, out->taxonomy);
    return status;
}

/* Zeroed room for an array; NULL for none is no error. */
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

static int32_t read_candidates(const struct reader *reader, const json_t *object, const char *path,
                               struct animaldetect_detection *out)
{
    const json_t *list = ad_json_member(object, "top_candidates");
    size_t count = json_array_size(list);
    void *room = NULL;
    int32_t status = ANIMALDETECT_OK;

    if (!list)
        return ANIMALDETECT_OK;
    if (!json_is_array(list))
        return ad_problem_set(reader->problem, "%stop_candidates is not an array", path);
    status = new_array(reader, count, sizeof(*out->candidates), &room);
    out->candidates = room;
    for (size_t i = 0; status == ANIMALDETECT_OK && i < count; i++) {
        const json_t *element = json_array_get(list, i);
        char inner[PATH_SIZE];

        (void)snprintf(inner, sizeof(inner), "%stop_candidates[%zu].", path, i);
        if (!json_is_object(element))
            return ad_problem_set(reader->problem, "%stop_candidates[%zu] is not an object", path, i);
        status = read_candidate(reader, element, inner, &out->candidates[i]);
    }
    out->candidate_count = count;
    return status;
}

static int32_t read_bbox(const struct reader *reader, const json_t *object, const char *path,
                         struct animaldetect_detection *out)
{
    const json_t *box = ad_json_member(object, "bbox");

    if (!box)
        return ANIMALDETECT_OK;
    if (!json_is_array(box) || json_array_size(box) != 4)
        return ad_problem_set(reader->problem, "%sbbox is not an array of 4 numbers", path);
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(box, i);

        if (!json_is_number(number))
            return ad_problem_set(reader->problem, "%sbbox[%zu] is not a number", path, i);
        out->bbox[i] = json_number_value(number);
    }
    out->has_bbox = true;
    return ANIMALDETECT_OK;
}

static int32_t read_detection(const struct reader *reader, const json_t *object, const char *path,
                              struct animaldetect_detection *out)
{
    int32_t status = read_candidate(reader, object, path, &out->what);

    if (status == ANIMALDETECT_OK)
        status = result_read_integer(reader, object, path, "id", &out->id);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, object, path, "category", &out->category);
    if (status == ANIMALDETECT_OK)
        status = read_bbox(reader, object, path, out);
    if (status == ANIMALDETECT_OK)
        status = read_candidates(reader, object, path, out);
    return status;
}

static int32_t read_detections(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    const char *name = ad_json_member(root, "annotations") ? "annotations" : "detections";
    const json_t *list = ad_json_member(root, name);
    size_t count = json_array_size(list);
    void *room = NULL;
    int32_t status;

    if (!list)
        return ad_problem_set(reader->problem, "annotations and detections are missing");
    if (!json_is_array(list))
        return ad_problem_set(reader->problem, "%s is not an array", name);
    status = new_array(reader, count, sizeof(*out->detections), &room);
    out->detections = room;
    for (size_t i = 0; status == ANIMALDETECT_OK && i < count; i++) {
        const json_t *element = json_array_get(list, i);
        char path[PATH_SIZE / 2];

        (void)snprintf(path, sizeof(path), "%s[%zu].", name, i);
        if (!json_is_object(element))
            return ad_problem_set(reader->problem, "%s[%zu] is not an object", name, i);
        status = read_detection(reader, element, path, &out->detections[i]);
    }
    out->count = count;
    return status;
}

/* The object is kept as text: hosts of camera networks look for fields of their own cameras in it. */
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
    const json_t *metadata = ad_json_member(root, "metadata");
    int32_t status;

    if (!metadata)
        return ANIMALDETECT_OK;
    if (!json_is_object(metadata))
        return ad_problem_set(reader->problem, "metadata is not an object");
    status = result_read_integer(reader, metadata, "metadata.", "image_width", &out->image_width);
    if (status == ANIMALDETECT_OK)
        status = result_read_integer(reader, metadata, "metadata.", "image_height", &out->image_height);
    if (status == ANIMALDETECT_OK)
        status = result_read_integer(reader, metadata, "metadata.", "file_size", &out->file_size);
    if (status == ANIMALDETECT_OK)
        status = keep_metadata(reader, metadata, SIZE_MAX - 1, &out->metadata);
    return status;
}

static int32_t read_info(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    const json_t *info = ad_json_member(root, "info");
    int32_t status;

    if (!info)
        return ANIMALDETECT_OK;
    if (!json_is_object(info))
        return ad_problem_set(reader->problem, "info is not an object");
    status = read_duration(reader, info, "info.", "processing_time_ms", &out->processing_time_ms);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, info, "info.", "model_version", &out->model_version);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, info, "info.", "model_id", &out->model_id);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, info, "info.", "country_processed", &out->country);
    if (status == ANIMALDETECT_OK)
        status = result_read_number(reader, info, "info.", "threshold_applied", &out->threshold);
    return status;
}

static int32_t read_root(const struct reader *reader, const json_t *root, animaldetect_result *out)
{
    int32_t status;

    if (!json_is_object(root))
        return ad_problem_set(reader->problem, "the result is not a JSON object");
    status = read_text(reader, root, "", "id", &out->id);
    if (status == ANIMALDETECT_OK)
        status = read_text(reader, root, "", "expires_at", &out->expires_at);
    if (status == ANIMALDETECT_OK)
        status = read_detections(reader, root, out);
    if (status == ANIMALDETECT_OK)
        status = read_metadata(reader, root, out);
    if (status == ANIMALDETECT_OK)
        status = read_info(reader, root, out);
    return status;
}

int32_t ad_result_read(const char *json, size_t size, animaldetect_result **out, struct ad_problem *problem)
{
    json_t *root = NULL;
    animaldetect_result *result = NULL;
    struct reader reader = {.problem = problem};
    int32_t status;

    *out = NULL;
    ad_problem_clear(problem);
    status = ad_json_load(json, size, AD_JSON_MAX_DEPTH, &root, problem);
    if (status != ANIMALDETECT_OK)
        goto out;
    result = calloc(1, sizeof(*result));
    if (!result) {
        status = ANIMALDETECT_E_NO_MEMORY;
        goto out;
    }
    atomic_init(&result->references, 1);
    ad_arena_init(&result->arena);
    reader.arena = &result->arena;
    result->json.text = ad_arena_copy_n(&result->arena, json, size);
    result->json.size = size;
    status = result->json.text ? read_root(&reader, root, result) : ANIMALDETECT_E_NO_MEMORY;
    if (status == ANIMALDETECT_OK) {
        *out = result;
        result = NULL;
    }
out:
    ad_result_release(result);
    json_decref(root);
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
