/* SPDX-License-Identifier: MIT */
/*
 * The successful flows through the service: all operations, all inputs, all options, step by step or in one call.
 */
#include "engine/harness.h"

#include <jansson.h>
#include <stdio.h>

static const char *const OPERATIONS[] = {ANIMALDETECT_OPERATION_DETECT, ANIMALDETECT_OPERATION_DETECT_URBAN,
                                         ANIMALDETECT_OPERATION_FILTER, ANIMALDETECT_OPERATION_FILTER_URBAN};

static json_t *create_body(struct host *host, int nth)
{
    const struct world_request *request = world_request_of(host->world, "create", nth);
    json_t *body;

    assert_non_null(request);
    body = json_loads(request->body, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(body);
    return body;
}

static const char *text_in(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void check_result(animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    size_t size = 0;

    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_non_null(animaldetect_result_json(result, &size));
    assert_true(size > 0);
    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        double box[4];

        assert_non_null(animaldetect_detection_label(animaldetect_result_at(result, i)));
        assert_int_equal(animaldetect_detection_bbox(animaldetect_result_at(result, i), box), ANIMALDETECT_OK);
    }
    animaldetect_result_free(result);
}

static void every_operation_runs_to_its_result(struct host *host)
{
    for (size_t i = 0; i < 4; i++) {
        animaldetect_job *job = host_job(host, OPERATIONS[i]);
        uint8_t *image = host_image(3000, (unsigned)i);

        animaldetect_job_set_bytes(job, image, 3000);
        free(image);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_FETCHED);
        assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_SUCCEEDED);
        check_result(job);
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 4);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 4);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_RESULTS), 4);
}

static void the_steps_one_by_one_do_what_run_does(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_CREATED);
    assert_int_equal(world_count(host->world, "any"), 1);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_UPLOADED);
    assert_int_equal(animaldetect_job_upload_sent(job), 2000);
    assert_int_equal(world_count(host->world, "any"), 2);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_SUBMITTED);
    assert_int_equal(world_count(host->world, "any"), 3);
    assert_int_equal(host_do(host, job, HOST_POLL), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "poll"), 1);
    assert_int_equal(animaldetect_job_polls(job), 1);
    assert_int_equal(host_do(host, job, HOST_FETCH), ANIMALDETECT_E_STATE);
    world_skip(host->world, 5000);
    assert_int_equal(host_do(host, job, HOST_POLL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_SUCCEEDED);
    assert_int_equal(host_do(host, job, HOST_FETCH), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "fetch"), 1);
    check_result(job);
}

static void a_step_that_is_done_already_succeeds_without_a_request(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    int before = world_count(host->world, "any");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_FETCH), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "any"), before);
}

static void the_create_request_says_all_that_was_set(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    json_t *options;
    json_t *body;
    char value[300];

    animaldetect_job_set_filename(job, "img_001.jpg");
    animaldetect_job_set_client_reference_id(job, "camera-a/2026-06-17/img_001");
    animaldetect_job_set_threshold(job, 0.35);
    animaldetect_job_set_country(job, "USA");
    animaldetect_job_set_classify(job, 1);
    animaldetect_job_set_metadata(job, 1);
    animaldetect_job_set_smooth_herd(job, 0);
    animaldetect_job_set_top_candidate(job, 3);
    animaldetect_job_set_location(job, -33.5, 151.25);
    assert_int_equal(animaldetect_job_set_option_json(job, "novelty", "{\"a\":[1,2]}"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_option_json(job, "threshold", "0.4"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);

    body = create_body(host, 1);
    options = json_object_get(body, "options");
    assert_string_equal(text_in(body, "operation"), "detect");
    assert_string_equal(text_in(body, "filename"), "img_001.jpg");
    assert_string_equal(text_in(body, "content_type"), "image/jpeg");
    assert_string_equal(text_in(body, "client_reference_id"), "camera-a/2026-06-17/img_001");
    assert_int_equal(json_integer_value(json_object_get(body, "expected_size_bytes")), 2000);
    assert_int_equal(json_object_size(body), 6);
    assert_true(json_number_value(json_object_get(options, "threshold")) == 0.4);
    assert_string_equal(text_in(options, "country"), "USA");
    assert_true(json_is_true(json_object_get(options, "classify")));
    assert_true(json_is_true(json_object_get(options, "metadata")));
    assert_true(json_is_false(json_object_get(options, "smooth_herd")));
    assert_int_equal(json_integer_value(json_object_get(options, "top_candidate")), 3);
    assert_true(json_number_value(json_object_get(options, "latitude")) == -33.5);
    assert_true(json_number_value(json_object_get(options, "longitude")) == 151.25);
    assert_int_equal(json_array_size(json_object_get(json_object_get(options, "novelty"), "a")), 2);
    assert_int_equal(json_object_size(options), 9);
    json_decref(body);
    assert_true(
        world_request_header(world_request_of(host->world, "create", 1), "Idempotency-Key", value, sizeof value));
    assert_string_equal(value, animaldetect_job_idempotency_key(job));
    assert_memory_equal(value, "ad1-", 4);
}

static void nothing_that_was_not_set_is_sent(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    json_t *body;

    animaldetect_job_set_bytes(job, "\xff\xd8\xff", 3);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    body = create_body(host, 1);
    assert_null(json_object_get(body, "options"));
    assert_null(json_object_get(body, "client_reference_id"));
    assert_null(json_object_get(body, "source_url"));
    assert_string_equal(text_in(body, "filename"), "image.jpg");
    json_decref(body);
}

static void the_checksum_travels_only_under_the_name_that_the_host_set(struct host *host)
{
    animaldetect_job *job;
    json_t *body;

    host->service.checksum_field = "content_sha256";
    host_open(host);
    assert_int_equal(animaldetect_client_set_checksum_field(host->client, "content_sha256"), ANIMALDETECT_OK);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    body = create_body(host, 1);
    assert_string_equal(text_in(body, "content_sha256"), animaldetect_job_sha256(job));
    json_decref(body);
}

struct tape {
    const uint8_t *bytes;
    size_t size;
    size_t at;
    int rewinds;
};

static int64_t read_tape(void *user, uint8_t *buffer, size_t size)
{
    struct tape *tape = user;
    size_t left = tape->size - tape->at;
    size_t got = left < size ? left : size;

    got = got > 700 ? 700 : got;
    memcpy(buffer, tape->bytes + tape->at, got);
    tape->at += got;
    return (int64_t)got;
}

static int32_t rewind_tape(void *user)
{
    struct tape *tape = user;

    tape->at = 0;
    tape->rewinds++;
    return 0;
}

/* All five kinds of input send the same bytes to the same URL. */
static void file_bytes_borrowed_and_reader_give_one_and_the_same_job(struct host *host)
{
    uint8_t *image = host_image(50000, 7);
    char *path = host_file("image.jpg", image, 50000);
    struct tape tape = {.bytes = image, .size = 50000};

    for (int kind = 0; kind < 4; kind++) {
        animaldetect_job *job = host_job(host, "detect");

        if (kind == 0)
            assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
        else if (kind == 1)
            assert_int_equal(animaldetect_job_set_bytes(job, image, 50000), ANIMALDETECT_OK);
        else if (kind == 2)
            assert_int_equal(animaldetect_job_set_bytes_borrowed(job, image, 50000, NULL, NULL), ANIMALDETECT_OK);
        else
            assert_int_equal(animaldetect_job_set_reader(job, 50000, read_tape, rewind_tape, &tape, NULL),
                             ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_upload_total(job), 50000);
        check_result(job);
    }
    /* Equal payloads are one job: all but the first were replays and uploaded nothing. */
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_REPLAYS), 3);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 1);
    host_remove_file(path);
    free(image);
}

static void a_reader_with_rewind_is_hashed_and_uploaded(struct host *host)
{
    uint8_t *image = host_image(20000, 8);
    struct tape tape = {.bytes = image, .size = 20000};
    animaldetect_job *job = host_job(host, "detect");

    animaldetect_job_set_reader(job, 20000, read_tape, rewind_tape, &tape, NULL);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(tape.rewinds, 1);
    assert_memory_equal(animaldetect_job_idempotency_key(job), "ad1-", 4);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 1);
    free(image);
}

static void a_reader_without_rewind_is_read_once_under_a_random_key(struct host *host)
{
    uint8_t *image = host_image(20000, 9);
    struct tape tape = {.bytes = image, .size = 20000};
    animaldetect_job *job = host_job(host, "detect");

    animaldetect_job_set_reader(job, 20000, read_tape, NULL, &tape, NULL);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_STATE);
    animaldetect_job_set_content_type(job, "image/jpeg");
    animaldetect_job_set_filename(job, "once.jpg");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_memory_equal(animaldetect_job_idempotency_key(job), "adr-", 4);
    assert_int_equal(tape.at, 20000);
    free(image);
}

static void a_source_url_job_uploads_and_submits_nothing(struct host *host)
{
    animaldetect_job *job = host_job(host, "filter");
    json_t *body;

    assert_int_equal(animaldetect_job_set_source_url(job, "https://images.example/a.jpg?b=1"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "any"), 1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    check_result(job);
    assert_int_equal(world_count(host->world, "upload"), 0);
    assert_int_equal(world_count(host->world, "submit"), 0);
    body = create_body(host, 1);
    assert_string_equal(text_in(body, "source_url"), "https://images.example/a.jpg?b=1");
    assert_null(json_object_get(body, "filename"));
    assert_null(json_object_get(body, "content_type"));
    json_decref(body);
}

static void a_known_digest_is_used_and_not_computed_again(struct host *host)
{
    uint8_t *image = host_image(20000, 10);
    struct tape tape = {.bytes = image, .size = 20000};
    animaldetect_job *job = host_job(host, "detect");
    const char *hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    animaldetect_job_set_reader(job, 20000, read_tape, rewind_tape, &tape, NULL);
    assert_int_equal(animaldetect_job_set_sha256(job, hex), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_true(tape.at < 20000); /* read only to detect its type */
    assert_string_equal(animaldetect_job_sha256(job), hex);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    free(image);
}

static const struct {
    const char *bytes;
    size_t size;
    const char *type;
} TYPES[] = {
    {"\x89PNG\r\n\x1a\n....", 12, "image/png"},
    {"RIFF\0\0\0\0WEBPVP8 ", 16, "image/webp"},
    {"\0\0\0\x18" "ftypheic\0\0\0\0mif1heic", 24, "image/heic"},
    {"\0\0\0\x18" "ftypmif1\0\0\0\0mif1heif", 24, "image/heif"},
};

static void the_content_type_is_read_from_the_image_and_used_for_the_upload(struct host *host)
{
    for (size_t i = 0; i < 4; i++) {
        animaldetect_job *job = host_job(host, "detect");
        char value[64];

        animaldetect_job_set_bytes(job, TYPES[i].bytes, TYPES[i].size);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_true(
            world_request_header(world_request_of(host->world, "upload", -1), "Content-Type", value, sizeof value));
        assert_string_equal(value, TYPES[i].type);
    }
}

static void getters_tell_what_the_service_said(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_E_STATE);
    assert_string_equal(animaldetect_job_state_text(job), "none");
    assert_null(animaldetect_job_id(job));
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_id(job), svc_job_id(host->svc, 0));
    assert_string_equal(animaldetect_job_state_text(job), "awaiting_upload");
    assert_non_null(animaldetect_job_expires_at(job));
    assert_non_null(animaldetect_job_upload_expires_at(job));
    assert_non_null(animaldetect_job_request_id(job));
    assert_int_equal(animaldetect_job_http_status(job), 201);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_NONE);
    assert_null(animaldetect_job_service_code(job));
    assert_int_equal(animaldetect_job_retry_after_ms(job), -1);
    assert_true(animaldetect_job_step_ms(job, ANIMALDETECT_STEP_POLL) >= 2900);
    assert_true(animaldetect_job_step_ms(job, ANIMALDETECT_STEP_CREATE) >= 40);
    assert_int_equal(animaldetect_job_step_ms(job, 99), -1);
    assert_string_equal(animaldetect_job_operation(job), "detect");
    assert_ptr_equal(animaldetect_job_client(job), host->client);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(every_operation_runs_to_its_result),
        SCENARIO(the_steps_one_by_one_do_what_run_does),
        SCENARIO(a_step_that_is_done_already_succeeds_without_a_request),
        SCENARIO(the_create_request_says_all_that_was_set),
        SCENARIO(nothing_that_was_not_set_is_sent),
        SCENARIO(the_checksum_travels_only_under_the_name_that_the_host_set),
        SCENARIO(file_bytes_borrowed_and_reader_give_one_and_the_same_job),
        SCENARIO(a_reader_with_rewind_is_hashed_and_uploaded),
        SCENARIO(a_reader_without_rewind_is_read_once_under_a_random_key),
        SCENARIO(a_source_url_job_uploads_and_submits_nothing),
        SCENARIO(a_known_digest_is_used_and_not_computed_again),
        SCENARIO(the_content_type_is_read_from_the_image_and_used_for_the_upload),
        SCENARIO(getters_tell_what_the_service_said),
    };

    return HOST_MAIN(list);
}
