/* SPDX-License-Identifier: MIT */
/** @file
 * The detections of one image. Results are immutable, reference counted and independent of their job and client.
 *
 * Both shapes read the same way: `annotations` (detect, detect_urban) and `detections` (filter, filter_urban). Text is
 * borrowed from the result, valid until it is freed; NULL when absent. A getter of a number with an `out` parameter
 * returns ANIMALDETECT_ABSENT when the service left the field out, or sent something that cannot be read as one; it
 * never substitutes zero. A number in quotes is read as a number. Fields that this version does not know are in the raw
 * JSON, which is kept byte for byte in any case.
 */
#ifndef ANIMALDETECT_RESULT_H
#define ANIMALDETECT_RESULT_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Parses a result from stored JSON, such as an earlier text of `animaldetect_result_json`. Any complete JSON is a
 * result. JSON that is not a list of detections, has more than 50,000 values, 1.25 MiB or 256 KiB in one string, or is
 * nested deeper than 64 levels, is of kind ANIMALDETECT_RESULT_OTHER.
 *
 * @param json  UTF-8 text of the service's result; copied
 * @param size  its length in bytes
 * @param out   receives the result; owned by the caller, free with `animaldetect_result_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_PROTOCOL when it is not JSON or was cut
 */
ANIMALDETECT_API int32_t animaldetect_result_parse(const char *json, size_t size, animaldetect_result **out);

/** Frees a result. Views and text borrowed from it become invalid. */
ANIMALDETECT_API void animaldetect_result_free(animaldetect_result *result);

/**
 * The service's JSON, byte for byte.
 *
 * @param size  receives the length in bytes without the final NUL; may be NULL
 * @return  borrowed from the result, NUL-terminated; NULL for a NULL result
 */
ANIMALDETECT_API const char *animaldetect_result_json(const animaldetect_result *result, size_t *size);

/** What a result is, for `animaldetect_result_kind`. */
enum animaldetect_result_kind {
    ANIMALDETECT_RESULT_OTHER = 0,     /**< something else: read its JSON */
    ANIMALDETECT_RESULT_DETECTIONS = 1 /**< detections: the getters of this header read it */
};

/**
 * What the result is.
 *
 * @return  a value of `enum animaldetect_result_kind`; ANIMALDETECT_RESULT_OTHER for a NULL result
 */
ANIMALDETECT_API int32_t animaldetect_result_kind(const animaldetect_result *result);

/**
 * Number of detections; 0 for an empty image.
 *
 * @return  the number; 0 for a NULL result
 */
ANIMALDETECT_API size_t animaldetect_result_count(const animaldetect_result *result);

/**
 * One detection, in the service's order.
 *
 * @param index  0 to `animaldetect_result_count` - 1
 * @return  a view borrowed from the result; NULL when out of range
 */
ANIMALDETECT_API const animaldetect_detection *animaldetect_result_at(const animaldetect_result *result, size_t index);

/** The service's id of the result. */
ANIMALDETECT_API const char *animaldetect_result_id(const animaldetect_result *result);

/** When the service will delete the result, as the service writes it (ISO 8601, UTC). */
ANIMALDETECT_API const char *animaldetect_result_expires_at(const animaldetect_result *result);

/**
 * Width of the image in pixels (`metadata.image_width`).
 *
 * @param out  receives the value
 */
ANIMALDETECT_API int32_t animaldetect_result_image_width(const animaldetect_result *result, int64_t *out);

/**
 * Height of the image in pixels (`metadata.image_height`).
 *
 * @param out  receives the value
 */
ANIMALDETECT_API int32_t animaldetect_result_image_height(const animaldetect_result *result, int64_t *out);

/**
 * Size of the image in bytes (`metadata.file_size`).
 *
 * @param out  receives the value
 */
ANIMALDETECT_API int32_t animaldetect_result_file_size(const animaldetect_result *result, int64_t *out);

/**
 * All image metadata as a JSON object, including fields this version does not know.
 *
 * @param size  receives the length in bytes without the final NUL; may be NULL
 * @return  borrowed from the result, NUL-terminated; NULL when absent
 */
ANIMALDETECT_API const char *animaldetect_result_metadata_json(const animaldetect_result *result, size_t *size);

/**
 * How long the service processed the image (`info.processing_time_ms`).
 *
 * @param out  receives milliseconds
 */
ANIMALDETECT_API int32_t animaldetect_result_processing_time_ms(const animaldetect_result *result, int64_t *out);

/** Version of the model that processed the image (`info.model_version`). */
ANIMALDETECT_API const char *animaldetect_result_model_version(const animaldetect_result *result);

/** Id of the model that processed the image (`info.model_id`); older services do not send it. */
ANIMALDETECT_API const char *animaldetect_result_model_id(const animaldetect_result *result);

/** Country whose species were considered (`info.country_processed`). */
ANIMALDETECT_API const char *animaldetect_result_country(const animaldetect_result *result);

/**
 * Score below which the service dropped detections (`info.threshold_applied`).
 *
 * @param out  receives the threshold, 0 to 1
 */
ANIMALDETECT_API int32_t animaldetect_result_threshold(const animaldetect_result *result, double *out);

/**
 * The service's number of a detection.
 *
 * @param out  receives the number
 */
ANIMALDETECT_API int32_t animaldetect_detection_id(const animaldetect_detection *detection, int64_t *out);

/** What was detected, such as "red fox", "animal", "human", "vehicle". */
ANIMALDETECT_API const char *animaldetect_detection_label(const animaldetect_detection *detection);

/** The coarse class (`category`) that filter operations send. */
ANIMALDETECT_API const char *animaldetect_detection_category(const animaldetect_detection *detection);

/**
 * The score of the detection: how confident the service is.
 *
 * @param out  receives the score, 0 to 1
 */
ANIMALDETECT_API int32_t animaldetect_detection_score(const animaldetect_detection *detection, double *out);

/**
 * The bounding box: x_min, y_min, width, height as fractions of the image, origin at the top left.
 *
 * @param out  receives four numbers
 */
ANIMALDETECT_API int32_t animaldetect_detection_bbox(const animaldetect_detection *detection, double *out);

/**
 * One rank of the taxonomy.
 *
 * @param rank  a value of `enum animaldetect_rank`
 * @return  borrowed from the result; "" where the service sent an empty name, NULL when absent or unknown
 */
ANIMALDETECT_API const char *animaldetect_detection_taxonomy(const animaldetect_detection *detection, int32_t rank);

/**
 * Number of candidates (`top_candidates`): alternative labels for the detection.
 *
 * @return  the number; 0 when absent
 */
ANIMALDETECT_API size_t animaldetect_detection_candidate_count(const animaldetect_detection *detection);

/**
 * One candidate, in the service's order.
 *
 * @param index  0 to `animaldetect_detection_candidate_count` - 1
 * @return  a view borrowed from the result; NULL when out of range
 */
ANIMALDETECT_API const animaldetect_candidate *animaldetect_detection_candidate(const animaldetect_detection *detection,
                                                                                size_t index);

/** Label of a candidate. */
ANIMALDETECT_API const char *animaldetect_candidate_label(const animaldetect_candidate *candidate);

/**
 * The score of a candidate: how confident the service is.
 *
 * @param out  receives the score, 0 to 1
 */
ANIMALDETECT_API int32_t animaldetect_candidate_score(const animaldetect_candidate *candidate, double *out);

/**
 * One rank of a candidate's taxonomy.
 *
 * @param rank  a value of `enum animaldetect_rank`
 * @return  borrowed from the result; "" where the service sent an empty name, NULL when absent or unknown
 */
ANIMALDETECT_API const char *animaldetect_candidate_taxonomy(const animaldetect_candidate *candidate, int32_t rank);

#ifdef __cplusplus
}
#endif

#endif
