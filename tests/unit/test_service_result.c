/* SPDX-License-Identifier: MIT */
/*
 * Results: the shape of each operation, the options, loaded results, and that equal images get equal results.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit/service_kit.h"

/* Two red foxes, a bird and a man; the first fox has the highest score. SHA-256 is that of "abc". */
static const char answers[] =
    "{\"images\":{\"a.jpg\":{\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
    "\"animal_detect_like\":{\"annotations\":["
    "{\"id\":0,\"bbox\":[0.1,0.2,0.3,0.4],\"score\":0.9,\"label\":\"red fox\",\"taxonomy\":{\"genus\":\"vulpes\"},"
    "\"top_candidates\":[{\"label\":\"a\"},{\"label\":\"b\"},{\"label\":\"c\"}]},"
    "{\"id\":1,\"bbox\":[0.1,0.2,0.3,0.4],\"score\":0.8,\"label\":\"bird\",\"taxonomy\":{\"class\":\"aves\"}},"
    "{\"id\":2,\"bbox\":[0.1,0.2,0.3,0.4],\"score\":0.7,\"label\":\"human\",\"taxonomy\":{\"genus\":\"homo\"}},"
    "{\"id\":3,\"bbox\":[0.1,0.2,0.3,0.4],\"score\":0.15,\"label\":\"red fox\",\"taxonomy\":{\"genus\":\"vulpes\"}}],"
    "\"metadata\":{\"image_width\":640,\"image_height\":480,\"file_size\":3}}}}}";

static void load_answers(struct client *client)
{
    char path[] = "/tmp/service-answers-XXXXXX";
    char error[200] = "";
    int file = mkstemp(path);
    bool good;

    assert_true(file >= 0);
    assert_int_equal(write(file, answers, sizeof(answers) - 1), sizeof(answers) - 1);
    close(file);
    good = svc_load_answers(client->svc, path, error, sizeof(error));
    unlink(path);
    if (!good)
        fail_msg("%s", error);
}

/* Makes the result of one job over "abc" the client's last response. */
static void result_of(struct client *client, const struct svc_config *config, const char *operation,
                      const char *options)
{
    char payload[400];

    client_start(client, config);
    load_answers(client);
    snprintf(payload, sizeof(payload),
             "{\"operation\":\"%s\",\"filename\":\"a.jpg\",\"content_type\":\"image/jpeg\",\"options\":{%s}}",
             operation, options);
    client_begin_job(client, payload, "k");
    client->now_ms += 1000;
    assert_int_equal(client_result(client), 200);
}

static size_t length_of(const struct client *client, const char *path)
{
    return json_array_size(client_value(client, path));
}

static void detect_answers_annotations_above_the_threshold(void **state)
{
    struct client client;

    (void)state;
    result_of(&client, NULL, "detect", "");
    assert_int_equal(length_of(&client, "annotations"), 3);
    assert_string_equal(client_text(&client, "annotations.0.taxonomy.genus"), "vulpes");
    assert_null(client_value(&client, "annotations.0.top_candidates"));
    assert_null(client_value(&client, "metadata"));
    assert_string_equal(client_text(&client, "info.model_id"), "mdv1000-speciesnet");
    assert_true(json_real_value(client_value(&client, "info.threshold_applied")) == 0.2);
    client_stop(&client);
    result_of(&client, NULL, "detect_urban", "\"threshold\":0.1");
    assert_int_equal(length_of(&client, "annotations"), 4);
    client_stop(&client);
}

static void filter_answers_coarse_detections(void **state)
{
    static const char *const operations[] = {"filter", "filter_urban"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct client client;

        result_of(&client, NULL, operations[i], "");
        assert_null(client_value(&client, "annotations"));
        assert_string_equal(client_text(&client, "detections.1.label"), "animal");
        assert_string_equal(client_text(&client, "detections.2.category"), "human");
        assert_null(client_value(&client, "detections.0.taxonomy"));
        client_stop(&client);
    }
}

static void options_shape_the_result(void **state)
{
    struct client client;

    (void)state;
    result_of(&client, NULL, "detect", "\"top_candidate\":2,\"metadata\":true,\"country\":\"us\"");
    assert_int_equal(length_of(&client, "annotations.0.top_candidates"), 2);
    assert_int_equal(json_integer_value(client_value(&client, "metadata.image_width")), 640);
    assert_string_equal(client_text(&client, "info.country_processed"), "USA");
    client_stop(&client);
    result_of(&client, NULL, "detect", "\"classify\":false");
    assert_string_equal(client_text(&client, "annotations.0.label"), "animal");
    assert_null(client_value(&client, "annotations.0.taxonomy"));
    client_stop(&client);
    result_of(&client, NULL, "detect", "\"smooth_herd\":true");
    assert_string_equal(client_text(&client, "annotations.1.label"), "red fox");
    assert_string_equal(client_text(&client, "annotations.2.label"), "human");
    client_stop(&client);
}

static void the_older_info_has_no_model_id(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.old_info = true;
    result_of(&client, &config, "detect", "");
    assert_null(client_value(&client, "info.model_id"));
    assert_string_equal(client_text(&client, "info.model_version"), "mdv1000-speciesnet");
    client_stop(&client);
}

/* The result for an image without a loaded result, without the frame that differs by job. */
static char *drawn(const char *bytes)
{
    struct client client;
    char *text;

    client_start(&client, NULL);
    client_create(&client,
                  "{\"operation\":\"detect\",\"filename\":\"a\",\"content_type\":\"image/jpeg\","
                  "\"options\":{\"threshold\":0.01,\"top_candidate\":5,\"metadata\":true}}",
                  "k");
    assert_int_equal(client_put(&client, client.upload, "image/jpeg", bytes), 200);
    client_submit(&client);
    client.now_ms += 1000;
    client_result(&client);
    text = strdup(client.last.body);
    client_stop(&client);
    return text;
}

static void an_unknown_image_gets_an_answer_drawn_from_its_bytes(void **state)
{
    char *first = drawn("image one");
    char *again = drawn("image one");
    char *other = drawn("image two");

    (void)state;
    assert_string_equal(first, again);
    assert_string_not_equal(first, other);
    free(first);
    free(again);
    free(other);
}

static void answers_that_cannot_be_read_are_refused_with_a_reason(void **state)
{
    struct client client;
    char error[200] = "";

    (void)state;
    client_start(&client, NULL);
    assert_false(svc_load_answers(client.svc, "/nonexistent/answers.json", error, sizeof(error)));
    assert_true(strlen(error) > 0);
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(detect_answers_annotations_above_the_threshold),
        cmocka_unit_test(filter_answers_coarse_detections),
        cmocka_unit_test(options_shape_the_result),
        cmocka_unit_test(the_older_info_has_no_model_id),
        cmocka_unit_test(an_unknown_image_gets_an_answer_drawn_from_its_bytes),
        cmocka_unit_test(answers_that_cannot_be_read_are_refused_with_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
