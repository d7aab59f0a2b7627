/* SPDX-License-Identifier: MIT */
/*
 * The promises of results: both published shapes are read alike, absent is not zero, the raw bytes stay unchanged.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/result.h>

#include "protocol/result.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* The published shapes of detect and filter. */
static const char detect_json[] =
    "{ \"id\": \"5e4e5dbd-2604-46b4-bb87-8f42fd682b08\", \"expires_at\": \"2026-03-12T09:44:20.954Z\",\n"
    "  \"annotations\": [ { \"id\": 0, \"bbox\": [0.41, 0.82, 0.20, 1], \"score\": 0.997,\n"
    "    \"label\": \"canine family\",\n"
    "    \"taxonomy\": { \"id\": \"3184697f\", \"class\": \"mammalia\", \"order\": \"carnivora\",\n"
    "                  \"family\": \"canidae\", \"genus\": \"\", \"species\": null },\n"
    "    \"top_candidates\": [ { \"label\": \"red fox\", \"score\": 0.18,\n"
    "                          \"taxonomy\": { \"species\": \"vulpes\" } },\n"
    "                        { } ], \"added_later\": { } } ],\n"
    "  \"metadata\": { \"image_width\": 4000, \"image_height\": 3000.0, \"file_size\": 2456789,\n"
    "                \"camera\": \"A \\\"b\\\"\" },\n"
    "  \"info\": { \"processing_time_ms\": 918.6, \"model_version\": \"mdv1000-speciesnet\", \"model_id\": \"m\",\n"
    "            \"country_processed\": \"USA\", \"threshold_applied\": 0.2 } }\n";

static const char filter_json[] = "{\"detections\":[{\"id\":7,\"bbox\":[0.22,0.18,0.41,0.53],\"score\":0.97,"
                                  "\"label\":\"animal\",\"category\":\"animal\"},"
                                  "{}]}";

static animaldetect_result *parse(const char *json)
{
    animaldetect_result *result = NULL;

    assert_int_equal(animaldetect_result_parse(json, strlen(json), &result), ANIMALDETECT_OK);
    assert_non_null(result);
    return result;
}

static void a_detect_result_is_read_whole(void **state)
{
    animaldetect_result *result = parse(detect_json);
    const animaldetect_detection *detection = animaldetect_result_at(result, 0);
    const animaldetect_candidate *candidate = animaldetect_detection_candidate(detection, 0);
    int64_t integer = -1;
    double number = -1;
    double box[4];

    (void)state;
    assert_string_equal(animaldetect_result_id(result), "5e4e5dbd-2604-46b4-bb87-8f42fd682b08");
    assert_string_equal(animaldetect_result_expires_at(result), "2026-03-12T09:44:20.954Z");
    assert_int_equal(animaldetect_result_count(result), 1);
    assert_int_equal(animaldetect_detection_id(detection, &integer), ANIMALDETECT_OK);
    assert_int_equal(integer, 0);
    assert_int_equal(animaldetect_detection_bbox(detection, box), ANIMALDETECT_OK);
    assert_true(box[0] == 0.41 && box[1] == 0.82 && box[2] == 0.20 && box[3] == 1.0);
    assert_int_equal(animaldetect_detection_score(detection, &number), ANIMALDETECT_OK);
    assert_true(number == 0.997);
    assert_string_equal(animaldetect_detection_label(detection), "canine family");
    assert_null(animaldetect_detection_category(detection));
    assert_string_equal(animaldetect_detection_taxonomy(detection, ANIMALDETECT_RANK_ID), "3184697f");
    assert_string_equal(animaldetect_detection_taxonomy(detection, ANIMALDETECT_RANK_CLASS), "mammalia");
    assert_string_equal(animaldetect_detection_taxonomy(detection, ANIMALDETECT_RANK_ORDER), "carnivora");
    assert_string_equal(animaldetect_detection_taxonomy(detection, ANIMALDETECT_RANK_FAMILY), "canidae");
    assert_string_equal(animaldetect_detection_taxonomy(detection, ANIMALDETECT_RANK_GENUS), "");
    assert_null(animaldetect_detection_taxonomy(detection, ANIMALDETECT_RANK_SPECIES));
    assert_int_equal(animaldetect_detection_candidate_count(detection), 2);
    assert_string_equal(animaldetect_candidate_label(candidate), "red fox");
    assert_int_equal(animaldetect_candidate_score(candidate, &number), ANIMALDETECT_OK);
    assert_true(number == 0.18);
    assert_string_equal(animaldetect_candidate_taxonomy(candidate, ANIMALDETECT_RANK_SPECIES), "vulpes");
    assert_null(animaldetect_candidate_taxonomy(candidate, ANIMALDETECT_RANK_GENUS));
    animaldetect_result_free(result);
}

static void metadata_and_info_are_read(void **state)
{
    animaldetect_result *result = parse(detect_json);
    static const char expected[] =
        "{\"camera\":\"A \\\"b\\\"\",\"file_size\":2456789,\"image_height\":3000.0,\"image_width\":4000}";
    int64_t integer = -1;
    double number = -1;
    size_t size = 0;

    (void)state;
    assert_int_equal(animaldetect_result_image_width(result, &integer), ANIMALDETECT_OK);
    assert_int_equal(integer, 4000);
    assert_int_equal(animaldetect_result_image_height(result, &integer), ANIMALDETECT_OK);
    assert_int_equal(integer, 3000);
    assert_int_equal(animaldetect_result_file_size(result, &integer), ANIMALDETECT_OK);
    assert_int_equal(integer, 2456789);
    assert_string_equal(animaldetect_result_metadata_json(result, &size), expected);
    assert_int_equal(size, sizeof(expected) - 1);
    assert_int_equal(animaldetect_result_processing_time_ms(result, &integer), ANIMALDETECT_OK);
    assert_int_equal(integer, 919);
    assert_string_equal(animaldetect_result_model_version(result), "mdv1000-speciesnet");
    assert_string_equal(animaldetect_result_model_id(result), "m");
    assert_string_equal(animaldetect_result_country(result), "USA");
    assert_int_equal(animaldetect_result_threshold(result, &number), ANIMALDETECT_OK);
    assert_true(number == 0.2);
    animaldetect_result_free(result);
}

static void a_filter_result_reads_the_same_way_and_absent_is_not_zero(void **state)
{
    animaldetect_result *result = parse(filter_json);
    const animaldetect_detection *empty = animaldetect_result_at(result, 1);
    int64_t integer = 123;
    double box[4] = {123};

    (void)state;
    assert_int_equal(animaldetect_result_count(result), 2);
    assert_string_equal(animaldetect_detection_category(animaldetect_result_at(result, 0)), "animal");
    assert_int_equal(animaldetect_detection_id(empty, &integer), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_detection_score(empty, box), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_detection_bbox(empty, box), ANIMALDETECT_ABSENT);
    assert_null(animaldetect_detection_label(empty));
    assert_int_equal(animaldetect_detection_candidate_count(empty), 0);
    assert_null(animaldetect_detection_candidate(empty, 0));
    assert_int_equal(animaldetect_result_image_width(result, &integer), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_result_image_height(result, &integer), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_result_file_size(result, &integer), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_result_processing_time_ms(result, &integer), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_result_threshold(result, box), ANIMALDETECT_ABSENT);
    assert_int_equal(integer, 123);
    assert_true(box[0] == 123);
    assert_null(animaldetect_result_metadata_json(result, NULL));
    assert_null(animaldetect_result_id(result));
    assert_null(animaldetect_result_model_id(result));
    assert_null(animaldetect_result_at(result, 2));
    animaldetect_result_free(result);
}

static void the_raw_json_is_byte_for_byte_what_came(void **state)
{
    animaldetect_result *result = parse(detect_json);
    size_t size = 0;

    (void)state;
    assert_string_equal(animaldetect_result_json(result, &size), detect_json);
    assert_int_equal(size, sizeof(detect_json) - 1);
    assert_ptr_not_equal(animaldetect_result_json(result, NULL), detect_json);
    animaldetect_result_free(result);
}

static void an_empty_list_is_an_empty_image(void **state)
{
    static const char *const bodies[] = {"{\"annotations\":[]}", "{\"detections\":[]}",
                                         "{\"annotations\":null,\"detections\":[]}"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        animaldetect_result *result = parse(bodies[i]);

        assert_int_equal(animaldetect_result_count(result), 0);
        assert_null(animaldetect_result_at(result, 0));
        animaldetect_result_free(result);
    }
}

static void what_is_no_complete_json_is_no_result(void **state)
{
    static const struct {
        const char *json;
        const char *problem;
    } rows[] = {
        {"", "empty"},
        {"\xef\xbb\xbf", "empty"},
        {"<html>no</html>", "not JSON: error at byte 1"},
        {"not found", "not JSON: error at byte 3"},
        {"{\"annotations\":[", "not JSON: unexpected end of text"},
        {"{\"annotations\":[]", "not JSON: unexpected end of text"},
        {"{\"annotations\":\"", "not JSON: unexpected end of text"},
        {"{\"annotations\":[{\"score\":NaN}", "not JSON: unexpected end of text"},
        {"{\"annotations\":[]} and more", "not JSON: error at byte 23"},
        {"{\"annotations\" []}", "not JSON: error at byte 16"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        animaldetect_result *result = (animaldetect_result *)&result;
        struct ad_problem problem;

        if (ad_result_read(rows[i].json, strlen(rows[i].json), &result, &problem) != ANIMALDETECT_E_PROTOCOL)
            fail_msg("taken: %s", rows[i].json);
        assert_null(result);
        assert_string_equal(problem.text, rows[i].problem);
    }
}

/* Whatever it contains, it was paid for: its bytes are available. */
static void other_shapes_are_results_too(void **state)
{
    static const char *const bodies[] = {
        "[]",
        "{}",
        "null",
        "17",
        "\"done\"",
        "true",
        "[{\"text\":\"plate\"}]",
        "{\"pages\":[]}",
        "{\"annotations\":{}}",
        "{\"detections\":1}",
        " {\"annotations\":\"none\"}\n",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        animaldetect_result *result = parse(bodies[i]);
        size_t size = 0;

        assert_int_equal(animaldetect_result_kind(result), ANIMALDETECT_RESULT_OTHER);
        assert_int_equal(animaldetect_result_count(result), 0);
        assert_string_equal(animaldetect_result_json(result, &size), bodies[i]);
        assert_int_equal(size, strlen(bodies[i]));
        animaldetect_result_free(result);
    }
}

static void what_is_too_large_to_read_keeps_its_bytes(void **state)
{
    static const char *const pieces[] = {"{},", "[[[[[", "\"a"};
    static const size_t counts[] = {60000, 20, 300000};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        size_t piece = strlen(pieces[i]);
        char *text = malloc(piece * counts[i] + 300000);
        char *at = stpcpy(text, "{\"annotations\":[");
        animaldetect_result *result = NULL;

        if (i == 2) {
            *at++ = '"';
            memset(at, 'a', counts[i]);
            at = stpcpy(at + counts[i], "\"]}");
        } else {
            for (size_t n = 0; n < counts[i]; n++)
                at = stpcpy(at, pieces[i]);
            if (i == 0)
                at = stpcpy(at, "{}]}");
            for (size_t n = 0; i == 1 && n < 5 * counts[i]; n++)
                *at++ = ']';
            if (i == 1)
                at = stpcpy(at, "]}");
        }
        assert_int_equal(animaldetect_result_parse(text, (size_t)(at - text), &result), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_result_kind(result), ANIMALDETECT_RESULT_OTHER);
        assert_string_equal(animaldetect_result_json(result, NULL), text);
        animaldetect_result_free(result);
        assert_int_equal(animaldetect_result_parse(text, (size_t)(at - text) - 1, &result), ANIMALDETECT_E_PROTOCOL);
        free(text);
    }
}

/* Two detections, the second with the odd members; the first and the second's valid members must be readable. */
#define ODD(members) "{\"id\":\"r\",\"annotations\":[{\"label\":\"fox\"},{" members ",\"category\":\"good\"}]}"

static void an_odd_member_is_absent_and_the_rest_is_read(void **state)
{
    static const char *const rows[] = {
        ODD("\"score\":NaN"),
        ODD("\"score\":-Infinity"),
        ODD("\"score\":\"high\""),
        ODD("\"score\":[]"),
        ODD("\"score\":1e999"),
        ODD("\"score\":true"),
        ODD("\"score\":\"1-2\""),
        ODD("\"score\":01"),
        ODD("\"label\":[1]"),
        ODD("\"label\":{}"),
        ODD("\"id\":\"a1\""),
        ODD("\"id\":0.5"),
        ODD("\"id\":1e300"),
        ODD("\"bbox\":{}"),
        ODD("\"bbox\":[1,2,3]"),
        ODD("\"bbox\":[null,null,null,null]"),
        ODD("\"bbox\":[1,2,NaN,4]"),
        ODD("\"taxonomy\":[]"),
        ODD("\"taxonomy\":\"x\""),
        ODD("\"top_candidates\":{}"),
        ODD("\"top_candidates\":null"),
        ODD("\"taxonomy\":null"),
        ODD("\"score\":undefined"),
        ODD("\"score\":None"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        animaldetect_result *result = parse(rows[i]);
        const animaldetect_detection *odd = animaldetect_result_at(result, 1);
        double number = -7;
        double box[4];
        int64_t id = -7;

        assert_int_equal(animaldetect_result_kind(result), ANIMALDETECT_RESULT_DETECTIONS);
        assert_int_equal(animaldetect_result_count(result), 2);
        assert_string_equal(animaldetect_result_id(result), "r");
        assert_string_equal(animaldetect_detection_label(animaldetect_result_at(result, 0)), "fox");
        assert_string_equal(animaldetect_detection_category(odd), "good");
        assert_null(animaldetect_detection_label(odd));
        assert_int_equal(animaldetect_detection_score(odd, &number), ANIMALDETECT_ABSENT);
        assert_int_equal(animaldetect_detection_id(odd, &id), ANIMALDETECT_ABSENT);
        assert_int_equal(animaldetect_detection_bbox(odd, box), ANIMALDETECT_ABSENT);
        assert_int_equal(animaldetect_detection_candidate_count(odd), 0);
        assert_null(animaldetect_detection_taxonomy(odd, ANIMALDETECT_RANK_CLASS));
        assert_true(number == -7 && id == -7);
        assert_string_equal(animaldetect_result_json(result, NULL), rows[i]);
        animaldetect_result_free(result);
    }
}

/* One detection, one text of it or of the frame, and the value read from it. */
static void what_is_meant_is_read(void **state)
{
    static const struct {
        const char *json;
        const char *label;
        double score;
        int64_t id;
    } rows[] = {
        {"{\"annotations\":[{\"label\":\"fox\",\"score\":\"0.997\",\"id\":\"7\"}]}", "fox", 0.997, 7},
        {"{\"annotations\":[{\"label\":\"fox\",\"score\":\" 1e-1 \",\"id\":7.0}]}", "fox", 0.1, 7},
        {"\xef\xbb\xbf{\"annotations\":[{\"label\":\"fox\",\"score\":1,\"id\":7}]}", "fox", 1, 7},
        {"{\"annotations\":[{\"label\":\"no\",\"label\":\"fox\",\"score\":0,\"score\":0.5,\"id\":7}]}", "fox", 0.5, 7},
        {"{\"annotations\":[null,5,{\"label\":\"fox\",\"score\":0.5,\"id\":7},\"x\"]}", "fox", 0.5, 7},
        {"{\"annotations\":null,\"detections\":[{\"label\":\"fox\",\"score\":0.5,\"id\":7}]}", "fox", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"fox\\u0000\\u0000\",\"score\":0.5,\"id\":7}]}", "fox", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"f\\u0000x\",\"score\":0.5,\"id\":7}]}", "f\xef\xbf\xbdx", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"f\\ud800x\",\"score\":0.5,\"id\":7}]}", "f\xef\xbf\xbdx", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"f\\udc00x\",\"score\":0.5,\"id\":7}]}", "f\xef\xbf\xbdx", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"\\ud83e\\udd8a\",\"score\":NaN,\"score\":0.5,\"id\":7}]}", "\xf0\x9f\xa6\x8a",
         0.5, 7},
        {"{\"annotations\":[{\"label\":\"f\xe4x\",\"score\":0.5,\"id\":7}]}", "f\xef\xbf\xbdx", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"f\tx\",\"score\":0.5,\"id\":7}]}", "f\tx", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"C:\\fox\",\"score\":0.5,\"id\":7}]}", "C:\fox", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"C:\\qox\",\"score\":0.5,\"id\":7}]}", "C:\\qox", 0.5, 7},
        {"{\"annotations\":[{\"label\":4,\"score\":0.5,\"id\":7}]}", "4", 0.5, 7},
        {"{\"annotations\":[{\"label\":\"fox\",\"score\":0.5,\"id\":7,\"big\":123456789012345678901234567890}]}", "fox",
         0.5, 7},
        {"{\"annotations\":[{\"label\":\"fox\",\"score\":0.5,\"id\":7,\"a\\u0000b\":1}]}", "fox", 0.5, 7},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        animaldetect_result *result = parse(rows[i].json);
        const animaldetect_detection *seen = animaldetect_result_at(result, 0);
        double score = -1;
        int64_t id = -1;

        assert_int_equal(animaldetect_result_count(result), 1);
        assert_string_equal(animaldetect_detection_label(seen), rows[i].label);
        assert_int_equal(animaldetect_detection_score(seen, &score), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_detection_id(seen, &id), ANIMALDETECT_OK);
        assert_true(score == rows[i].score && id == rows[i].id);
        assert_memory_equal(animaldetect_result_json(result, NULL), rows[i].json, strlen(rows[i].json));
        animaldetect_result_free(result);
    }
}

static void the_frame_is_read_as_loosely(void **state)
{
    animaldetect_result *result = parse(
        "{\"id\":17,\"expires_at\":null,\"detections\":null,\"metadata\":{\"image_width\":\"4000\",\"image_height\":-1."
        "5,"
        "\"file_size\":true,\"user_comment\":\"ASCII\\u0000\\u0000\\u0000TRAIL 7\",\"odd\":1.797693134862315e308},"
        "\"info\":{\"processing_time_ms\":-1,\"model_version\":4,\"model_id\":[],\"threshold_applied\":\"0.2\"}}");
    int64_t integer = -7;
    double number = -7;

    (void)state;
    assert_int_equal(animaldetect_result_kind(result), ANIMALDETECT_RESULT_DETECTIONS);
    assert_int_equal(animaldetect_result_count(result), 0);
    assert_string_equal(animaldetect_result_id(result), "17");
    assert_null(animaldetect_result_expires_at(result));
    assert_int_equal(animaldetect_result_image_width(result, &integer), ANIMALDETECT_OK);
    assert_int_equal(integer, 4000);
    assert_int_equal(animaldetect_result_image_height(result, &integer), ANIMALDETECT_ABSENT);
    assert_int_equal(animaldetect_result_file_size(result, &integer), ANIMALDETECT_ABSENT);
    assert_string_equal(animaldetect_result_metadata_json(result, NULL),
                        "{\"file_size\":true,\"image_height\":-1.5,\"image_width\":\"4000\",\"odd\":null,"
                        "\"user_comment\":\"ASCII\\u0000\\u0000\\u0000TRAIL 7\"}");
    assert_int_equal(animaldetect_result_processing_time_ms(result, &integer), ANIMALDETECT_ABSENT);
    assert_string_equal(animaldetect_result_model_version(result), "4");
    assert_null(animaldetect_result_model_id(result));
    assert_int_equal(animaldetect_result_threshold(result, &number), ANIMALDETECT_OK);
    assert_true(number == 0.2);
    animaldetect_result_free(result);
    result = parse("{\"detections\":[],\"metadata\":[],\"info\":1}");
    assert_null(animaldetect_result_metadata_json(result, NULL));
    animaldetect_result_free(result);
}

static void a_box_may_be_longer_and_quoted(void **state)
{
    animaldetect_result *result = parse("{\"annotations\":[{\"bbox\":[0.1,\"0.2\",0.3,4e-1,0.99,\"x\"]}]}");
    double box[4];

    (void)state;
    assert_int_equal(animaldetect_detection_bbox(animaldetect_result_at(result, 0), box), ANIMALDETECT_OK);
    assert_true(box[0] == 0.1 && box[1] == 0.2 && box[2] == 0.3 && box[3] == 0.4);
    animaldetect_result_free(result);
}

static void no_cut_of_a_result_is_a_result(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(detect_json) - 2; size++) {
        animaldetect_result *result = NULL;

        assert_int_equal(animaldetect_result_parse(detect_json, size, &result), ANIMALDETECT_E_PROTOCOL);
        assert_null(result);
    }
}

static void a_reference_keeps_the_result(void **state)
{
    animaldetect_result *result = parse(filter_json);
    animaldetect_result *second = ad_result_reference(result);

    (void)state;
    assert_ptr_equal(second, result);
    animaldetect_result_free(result);
    assert_int_equal(animaldetect_result_count(second), 2);
    animaldetect_result_free(second);
    assert_null(ad_result_reference(NULL));
    animaldetect_result_free(NULL);
}

static void null_arguments_are_answered_not_followed(void **state)
{
    animaldetect_result *result = parse(filter_json);
    const animaldetect_detection *detection = animaldetect_result_at(result, 0);
    animaldetect_result *out = result;
    int64_t integer;
    double number;
    size_t size = 5;

    (void)state;
    assert_int_equal(animaldetect_result_parse(NULL, 0, &out), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_null(out);
    assert_int_equal(animaldetect_result_parse("{}", 2, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_null(animaldetect_result_json(NULL, &size));
    assert_int_equal(size, 0);
    assert_int_equal(animaldetect_result_count(NULL), 0);
    assert_null(animaldetect_result_at(NULL, 0));
    assert_null(animaldetect_result_id(NULL));
    assert_int_equal(animaldetect_result_image_width(NULL, &integer), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_result_image_width(result, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_result_threshold(NULL, &number), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_detection_id(detection, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_detection_bbox(detection, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_detection_bbox(NULL, &number), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_null(animaldetect_detection_label(NULL));
    assert_null(animaldetect_detection_taxonomy(NULL, 0));
    assert_null(animaldetect_detection_taxonomy(detection, -1));
    assert_null(animaldetect_detection_taxonomy(detection, 6));
    assert_int_equal(animaldetect_detection_candidate_count(NULL), 0);
    assert_null(animaldetect_detection_candidate(NULL, 0));
    assert_null(animaldetect_candidate_label(NULL));
    assert_int_equal(animaldetect_candidate_score(NULL, &number), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_null(animaldetect_candidate_taxonomy(NULL, 0));
    animaldetect_result_free(result);
}

static void thousands_of_detections_keep_their_order(void **state)
{
    enum { COUNT = 3000 };
    char *json = malloc(COUNT * 64 + 64);
    size_t length = 0;
    animaldetect_result *result;

    (void)state;
    assert_non_null(json);
    length += (size_t)snprintf(json, 64, "{\"annotations\":[");
    for (int i = 0; i < COUNT; i++)
        length += (size_t)snprintf(json + length, 64, "%s{\"id\":%d,\"label\":\"l%d\"}", i ? "," : "", i, i);
    (void)snprintf(json + length, 64, "]}");
    result = parse(json);
    assert_int_equal(animaldetect_result_count(result), COUNT);
    for (int i = 0; i < COUNT; i++) {
        const animaldetect_detection *detection = animaldetect_result_at(result, (size_t)i);
        int64_t id = -1;
        char label[32];

        (void)snprintf(label, sizeof(label), "l%d", i);
        assert_int_equal(animaldetect_detection_id(detection, &id), ANIMALDETECT_OK);
        assert_int_equal(id, i);
        assert_string_equal(animaldetect_detection_label(detection), label);
    }
    animaldetect_result_free(result);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_detect_result_is_read_whole),
        cmocka_unit_test(metadata_and_info_are_read),
        cmocka_unit_test(a_filter_result_reads_the_same_way_and_absent_is_not_zero),
        cmocka_unit_test(the_raw_json_is_byte_for_byte_what_came),
        cmocka_unit_test(an_empty_list_is_an_empty_image),
        cmocka_unit_test(what_is_no_complete_json_is_no_result),
        cmocka_unit_test(other_shapes_are_results_too),
        cmocka_unit_test(what_is_too_large_to_read_keeps_its_bytes),
        cmocka_unit_test(an_odd_member_is_absent_and_the_rest_is_read),
        cmocka_unit_test(what_is_meant_is_read),
        cmocka_unit_test(the_frame_is_read_as_loosely),
        cmocka_unit_test(a_box_may_be_longer_and_quoted),
        cmocka_unit_test(no_cut_of_a_result_is_a_result),
        cmocka_unit_test(a_reference_keeps_the_result),
        cmocka_unit_test(null_arguments_are_answered_not_followed),
        cmocka_unit_test(thousands_of_detections_keep_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
