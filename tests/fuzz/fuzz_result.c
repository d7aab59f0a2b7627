/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes protocol/result through the public functions: the raw JSON is kept byte for byte, and every getter returns
 * what jansson reads at the same place of the document, or nothing where that cannot be read. Input: the result's JSON.
 * If jansson rejects the document as a whole, it was repaired: then the getters are only called.
 */
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "protocol/json.h"
#include "protocol/result.h"

/* A text is returned unchanged; a number as its digits; everything else is absent. */
static void check_text(const char *text, const json_t *object, const char *name)
{
    const json_t *expected = json_object_get(object, name);

    if (json_is_string(expected) && strlen(json_string_value(expected)) == json_string_length(expected))
        FUZZ_CHECK(text && strcmp(text, json_string_value(expected)) == 0);
    else
        FUZZ_CHECK((text != NULL) == (json_is_string(expected) || json_is_number(expected)));
}

static size_t objects_in(const json_t *list)
{
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list); i++)
        count += json_is_object(json_array_get(list, i));
    return count;
}

static void check_number(int32_t status, double value, const json_t *object, const char *name)
{
    const json_t *expected = json_object_get(object, name);

    FUZZ_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_ABSENT);
    FUZZ_CHECK(status != ANIMALDETECT_OK || isfinite(value));
    if (json_is_number(expected))
        FUZZ_CHECK(status == ANIMALDETECT_OK && value == json_number_value(expected));
    else if (!json_is_string(expected))
        FUZZ_CHECK(status == ANIMALDETECT_ABSENT);
}

static void check_integer(int32_t status, int64_t value, const json_t *object, const char *name)
{
    const json_t *expected = json_object_get(object, name);

    FUZZ_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_ABSENT);
    if (json_is_integer(expected))
        FUZZ_CHECK(status == ANIMALDETECT_OK && value == json_integer_value(expected));
    else if (json_is_real(expected))
        FUZZ_CHECK(status == ANIMALDETECT_ABSENT || (double)value == json_real_value(expected));
    else if (!json_is_string(expected))
        FUZZ_CHECK(status == ANIMALDETECT_ABSENT);
}

static void check_candidate(const animaldetect_candidate *candidate, const json_t *object)
{
    double score = NAN;
    int32_t status = animaldetect_candidate_score(candidate, &score);

    check_number(status, score, object, "score");
    check_text(animaldetect_candidate_label(candidate), object, "label");
    check_text(animaldetect_candidate_taxonomy(candidate, ANIMALDETECT_RANK_SPECIES),
               json_object_get(object, "taxonomy"), "species");
    FUZZ_CHECK(animaldetect_candidate_taxonomy(candidate, -1) == NULL);
    FUZZ_CHECK(animaldetect_candidate_taxonomy(candidate, ANIMALDETECT_RANK_SPECIES + 1) == NULL);
}

static void check_taxonomy(const animaldetect_detection *detection, const json_t *object)
{
    static const char *const ranks[] = {"id", "class", "order", "family", "genus", "species"};

    for (int32_t rank = 0; rank <= ANIMALDETECT_RANK_SPECIES; rank++)
        check_text(animaldetect_detection_taxonomy(detection, rank), json_object_get(object, "taxonomy"), ranks[rank]);
}

static void check_detection(const animaldetect_detection *detection, const json_t *object)
{
    const json_t *candidates = json_object_get(object, "top_candidates");
    const json_t *box = json_object_get(object, "bbox");
    double numbers[4] = {NAN, NAN, NAN, NAN};
    double score = NAN;
    int64_t id = 0;
    size_t seen = 0;
    int32_t status = animaldetect_detection_score(detection, &score);

    check_number(status, score, object, "score");
    status = animaldetect_detection_id(detection, &id);
    check_integer(status, id, object, "id");
    check_text(animaldetect_detection_label(detection), object, "label");
    check_text(animaldetect_detection_category(detection), object, "category");
    check_taxonomy(detection, object);
    status = animaldetect_detection_bbox(detection, numbers);
    FUZZ_CHECK(status == ANIMALDETECT_ABSENT || json_array_size(box) >= 4);
    for (size_t i = 0; status == ANIMALDETECT_OK && i < 4; i++)
        FUZZ_CHECK(json_is_string(json_array_get(box, i)) || numbers[i] == json_number_value(json_array_get(box, i)));
    FUZZ_CHECK(animaldetect_detection_candidate_count(detection) == objects_in(candidates));
    for (size_t i = 0; i < json_array_size(candidates); i++)
        if (json_is_object(json_array_get(candidates, i)))
            check_candidate(animaldetect_detection_candidate(detection, seen++), json_array_get(candidates, i));
    FUZZ_CHECK(animaldetect_detection_candidate(detection, seen) == NULL);
}

static void check_metadata(const animaldetect_result *result, const json_t *metadata)
{
    int64_t number = 0;
    int32_t status = animaldetect_result_image_width(result, &number);
    size_t size = 1;
    const char *text = animaldetect_result_metadata_json(result, &size);
    json_t *parsed;

    check_integer(status, number, metadata, "image_width");
    status = animaldetect_result_image_height(result, &number);
    check_integer(status, number, metadata, "image_height");
    status = animaldetect_result_file_size(result, &number);
    check_integer(status, number, metadata, "file_size");
    FUZZ_CHECK((text != NULL) == json_is_object(metadata));
    if (!text) {
        FUZZ_CHECK(size == 0);
        return;
    }
    FUZZ_CHECK(text[size] == '\0' && strlen(text) == size);
    parsed = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    FUZZ_CHECK(json_object_size(parsed) == json_object_size(metadata) && parsed != NULL);
    json_decref(parsed);
}

static void check_info(const animaldetect_result *result, const json_t *info)
{
    const json_t *expected = json_object_get(info, "processing_time_ms");
    int64_t ms = -1;
    double threshold = NAN;
    int32_t status = animaldetect_result_threshold(result, &threshold);

    check_number(status, threshold, info, "threshold_applied");
    status = animaldetect_result_processing_time_ms(result, &ms);
    FUZZ_CHECK(status != ANIMALDETECT_OK || ms >= 0);
    FUZZ_CHECK(status != ANIMALDETECT_OK || !json_is_number(expected) ||
               fabs((double)ms - json_number_value(expected)) <= 0.5);
    check_text(animaldetect_result_model_version(result), info, "model_version");
    check_text(animaldetect_result_model_id(result), info, "model_id");
    check_text(animaldetect_result_country(result), info, "country_processed");
}

static void check_result(const animaldetect_result *result, const uint8_t *data, size_t size)
{
    json_t *root = NULL;
    const json_t *list;
    struct ad_problem problem;
    size_t raw_size = 0;
    size_t seen = 0;
    const char *raw = animaldetect_result_json(result, &raw_size);

    FUZZ_CHECK(raw_size == size && memcmp(raw, data, size) == 0 && raw[size] == '\0');
    if (ad_json_load_lenient((const char *)data, size, &root, &problem) != ANIMALDETECT_OK) {
        FUZZ_CHECK(animaldetect_result_kind(result) == ANIMALDETECT_RESULT_OTHER); /* too large */
        FUZZ_CHECK(animaldetect_result_count(result) == 0);
        return;
    }
    list = json_object_get(root, "annotations");
    if (!json_is_array(list))
        list = json_object_get(root, "detections");
    FUZZ_CHECK(animaldetect_result_count(result) == objects_in(list));
    FUZZ_CHECK(!json_is_array(list) || animaldetect_result_kind(result) == ANIMALDETECT_RESULT_DETECTIONS);
    check_text(animaldetect_result_id(result), root, "id");
    check_text(animaldetect_result_expires_at(result), root, "expires_at");
    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_is_object(json_array_get(list, i)))
            check_detection(animaldetect_result_at(result, seen++), json_array_get(list, i));
    FUZZ_CHECK(animaldetect_result_at(result, seen) == NULL);
    check_metadata(result, json_object_get(root, "metadata"));
    check_info(result, json_object_get(root, "info"));
    json_decref(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ad_problem problem;
    animaldetect_result *result = NULL;
    int32_t status = ad_result_read((const char *)data, size, &result, &problem);

    ad_result_release(result);
    FUZZ_CHECK(animaldetect_result_parse((const char *)data, size, &result) == status);
    FUZZ_CHECK((result != NULL) == (status == ANIMALDETECT_OK));
    if (status == ANIMALDETECT_OK) {
        check_result(result, data, size);
    } else {
        FUZZ_CHECK(status == ANIMALDETECT_E_PROTOCOL);
        fuzz_check_problem(&problem);
    }
    animaldetect_result_free(result);
    return 0;
}
