/* SPDX-License-Identifier: MIT */
/*
 * The structs of result, detection and candidate.  All memory of a result belongs to its arena; a text is NULL and a
 * `has_` false if the service omitted the field.  Written once by ad_result_read, then read-only.
 */
#ifndef AD_PROTOCOL_RESULT_SHAPE_H
#define AD_PROTOCOL_RESULT_SHAPE_H

#include <stdatomic.h>
#include <stdbool.h>

#include <animaldetect/result.h>

#include "base/arena.h"

#define AD_RANK_COUNT (ANIMALDETECT_RANK_SPECIES + 1)

struct ad_number {
    double value;
    bool has;
};

struct ad_integer {
    int64_t value;
    bool has;
};

struct ad_piece {
    const char *text; /* NUL-terminated */
    size_t size;
};

struct animaldetect_candidate {
    const char *label;
    struct ad_number score;
    const char *taxonomy[AD_RANK_COUNT];
};

struct animaldetect_detection {
    struct animaldetect_candidate what; /* label, score and taxonomy are read as for a candidate */
    const char *category;
    struct ad_integer id;
    double bbox[4];
    bool has_bbox;
    struct animaldetect_candidate *candidates;
    size_t candidate_count;
};

struct animaldetect_result {
    atomic_size_t references;
    struct ad_arena arena;
    struct ad_piece json;
    struct ad_piece metadata;
    int32_t kind; /* enum animaldetect_result_kind */
    struct animaldetect_detection *detections;
    size_t count;
    const char *id;
    const char *expires_at;
    const char *model_version;
    const char *model_id;
    const char *country;
    struct ad_integer image_width;
    struct ad_integer image_height;
    struct ad_integer file_size;
    struct ad_integer processing_time_ms;
    struct ad_number threshold;
};

#endif
