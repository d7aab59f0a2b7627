/* SPDX-License-Identifier: MIT */
/*
 * A program that dies at any stage and restarts with what it saved: still one job, one upload that counts, one submit,
 * and the result.
 */
#include "engine/harness.h"

#include <stdio.h>

static char *save(struct host *host, animaldetect_job *job)
{
    char *saved = NULL;
    size_t size = 0;

    assert_int_equal(animaldetect_job_save(job, &saved, &size), ANIMALDETECT_OK);
    assert_int_equal(strlen(saved), size);
    assert_null(strstr(saved, HOST_KEY));
    (void)host;
    return saved;
}

/* The program dies; a new client restores the text. The bytes are set again where they are still needed. */
static animaldetect_job *come_back(struct host *host, char *saved, const uint8_t *image, size_t size)
{
    animaldetect_job *job = NULL;

    host_restart(host);
    assert_int_equal(animaldetect_job_restore(host->client, saved, strlen(saved), &job), ANIMALDETECT_OK);
    animaldetect_text_free(saved);
    host_adopt(host, job);
    if (image != NULL && animaldetect_job_stage(job) < ANIMALDETECT_STAGE_UPLOADED)
        assert_int_equal(animaldetect_job_set_bytes(job, image, size), ANIMALDETECT_OK);
    return job;
}

static void check_one(struct host *host)
{
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_IMAGES), 1);
}

static const enum host_call STEPS[] = {HOST_CREATE, HOST_UPLOAD, HOST_SUBMIT, HOST_POLL, HOST_RUN};

static void a_job_saved_between_two_steps_goes_on_in_another_process(struct host *host)
{
    uint8_t *image = host_image(2000, 1);

    for (size_t done = 0; done <= 5; done++) {
        animaldetect_job *job;

        host_again(host);
        job = host_image_job(host);
        for (size_t i = 0; i < done; i++)
            assert_int_equal(host_do(host, job, STEPS[i]), ANIMALDETECT_OK);
        job = come_back(host, save(host, job), image, 2000);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_FETCHED);
        check_one(host);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 1);
    }
    free(image);
}

static bool effect_seen;

static void note_effect(void *user)
{
    (void)user;
    effect_seen = true;
}

static const char *const ROUTES[] = {"create", "upload", "submit", "poll", "fetch"};

/* Saved while a request is on the wire, once before it arrives and once after its effect. */
static void a_job_saved_with_a_request_on_the_wire_is_never_billed_twice(struct host *host)
{
    uint8_t *image = host_image(2000, 1);

    for (size_t i = 0; i < 10; i++) {
        const char *route = ROUTES[i / 2];
        animaldetect_job *job;

        host_again(host);
        effect_seen = false;
        world_on_effect(host->world, route, 1, note_effect, NULL);
        job = host_image_job(host);
        host_start(host, job, HOST_RUN);
        if (i % 2 == 0)
            HOST_UNTIL(host, world_count(host->world, route) == 1);
        else
            HOST_UNTIL(host, effect_seen);
        assert_int_equal(world_active(host->world), 1);
        job = come_back(host, save(host, job), image, 2000);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        check_one(host);
    }
    free(image);
}

/* The last save was before the step that then had its effect, as after a crash. */
static void a_save_that_is_older_than_the_service_is_no_harm(struct host *host)
{
    uint8_t *image = host_image(2000, 1);

    for (size_t saved_after = 0; saved_after < 4; saved_after++) {
        for (size_t died_after = saved_after; died_after <= 5; died_after++) {
            animaldetect_job *job;
            char *saved = NULL;

            host_again(host);
            job = host_image_job(host);
            for (size_t i = 0; i <= died_after; i++) {
                if (i == saved_after)
                    saved = save(host, job);
                if (i < died_after)
                    assert_int_equal(host_do(host, job, STEPS[i]), ANIMALDETECT_OK);
            }
            job = come_back(host, saved, image, 2000);
            assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
            check_one(host);
        }
    }
    free(image);
}

static void a_file_job_needs_nothing_but_the_saved_text(struct host *host)
{
    uint8_t *image = host_image(9000, 5);
    char *path = host_file("camera 1 \xc3\xa4.jpg", image, 9000);

    for (size_t done = 0; done <= 3; done++) {
        animaldetect_job *job;

        host_again(host);
        job = host_job(host, "filter");
        animaldetect_job_set_file(job, path);
        animaldetect_job_set_threshold(job, 0.3);
        animaldetect_job_set_rerun(job, 2);
        for (size_t i = 0; i < done; i++)
            assert_int_equal(host_do(host, job, STEPS[i]), ANIMALDETECT_OK);
        job = come_back(host, save(host, job), NULL, 0);
        assert_string_equal(animaldetect_job_operation(job), "filter");
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        check_one(host);
    }
    free(image);
    host_remove_file(path);
}

static void other_bytes_than_the_saved_ones_are_never_uploaded(struct host *host)
{
    uint8_t *image = host_image(2000, 99);
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *back = NULL;
    char *saved;

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    saved = save(host, job);
    host_restart(host);
    assert_int_equal(animaldetect_job_restore(host->client, saved, strlen(saved), &back), ANIMALDETECT_OK);
    animaldetect_text_free(saved);
    host_adopt(host, back);
    host_do(host, back, HOST_RUN);
    host_expect(host, back, ANIMALDETECT_E_NO_INPUT, NULL);
    assert_int_equal(animaldetect_job_set_bytes(back, image, 1999), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_bytes(back, image, 2000), ANIMALDETECT_OK);
    host_do(host, back, HOST_RUN);
    host_expect(host, back, ANIMALDETECT_E_FILE_CHANGED, NULL);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
    free(image);
}

static void a_random_key_lives_in_the_saved_text(struct host *host)
{
    uint8_t *image = host_image(2000, 1);
    animaldetect_job *job = host_job(host, "detect");
    char key[128];

    animaldetect_job_set_idempotency_key(job, "camera-9/1");
    animaldetect_job_set_bytes(job, image, 2000);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    snprintf(key, sizeof key, "%s", animaldetect_job_idempotency_key(job));
    job = come_back(host, save(host, job), image, 2000);
    assert_string_equal(animaldetect_job_idempotency_key(job), key);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    check_one(host);
    free(image);
}

/* fuzz_saved: a text without an operation lost its key when it was saved again. */
static void a_key_without_an_operation_is_kept(struct host *host)
{
    static const char text[] = "{\"animaldetect_job\":1,\"stage\":\"new\",\"input\":\"none\",\"job_id\":\"a-job\","
                               "\"idempotency_key\":\"camera-9/1\"}";
    animaldetect_job *job = NULL;

    host_again(host);
    assert_int_equal(animaldetect_job_restore(host->client, text, sizeof text - 1, &job), ANIMALDETECT_OK);
    host_adopt(host, job);
    assert_string_equal(animaldetect_job_idempotency_key(job), "camera-9/1");
    job = come_back(host, save(host, job), NULL, 0);
    assert_string_equal(animaldetect_job_idempotency_key(job), "camera-9/1");
}

static void a_source_url_job_comes_back(struct host *host)
{
    for (size_t done = 0; done < 2; done++) {
        animaldetect_job *job;

        host_again(host);
        job = host_job(host, "detect");
        animaldetect_job_set_source_url(job, "https://images.example/a.jpg");
        if (done == 1)
            assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        job = come_back(host, save(host, job), NULL, 0);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
}

static void a_failed_job_comes_back_failed(struct host *host)
{
    animaldetect_job *job;

    host->service.fail_probability = 1;
    host_open(host);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    job = come_back(host, save(host, job), NULL, 0);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_JOB_FAILED, "the image could not be decoded");
    assert_int_equal(world_count(host->world, "create"), 1);
}

static void texts_that_are_no_saved_job_are_refused(struct host *host)
{
    static const char *const texts[] = {"", "{}", "[]", "null", "{\"version\":1}", "{\"animaldetect_job\":99}", "{",
                                        "\xff\xff"};
    animaldetect_job *job = host_image_job(host);
    char *saved = save(host, job);
    animaldetect_job *out = job;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(animaldetect_job_restore(host->client, texts[i], strlen(texts[i]), &out),
                         ANIMALDETECT_E_SAVED_JOB);
        assert_null(out);
    }
    for (size_t size = 0; size + 1 < strlen(saved); size++)
        assert_int_equal(animaldetect_job_restore(host->client, saved, size, &out), ANIMALDETECT_E_SAVED_JOB);
    assert_int_equal(animaldetect_job_restore(host->client, NULL, 0, &out), ANIMALDETECT_E_INVALID_ARGUMENT);
    animaldetect_text_free(saved);
}

static void a_saved_text_cannot_send_the_key_elsewhere(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *out = NULL;
    char *saved;
    char *found;

    host->service.answer_origin = "https://www.animaldetect.com";
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    saved = save(host, job);
    found = strstr(saved, "www.animaldetect.com");
    assert_non_null(found);
    memcpy(found, "www.evildetector.com", 20);
    assert_int_equal(animaldetect_job_restore(host->client, saved, strlen(saved), &out), ANIMALDETECT_E_UNTRUSTED_URL);
    assert_null(out);
    animaldetect_text_free(saved);
}

static void an_attached_job_is_polled_and_fetched(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *attached = NULL;
    char id[64];

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    snprintf(id, sizeof id, "%s", animaldetect_job_id(job));
    assert_int_equal(animaldetect_job_attach(host->client, id, &attached), ANIMALDETECT_OK);
    host_adopt(host, attached);
    assert_null(animaldetect_job_operation(attached));
    host_do(host, attached, HOST_RUN);
    host_expect(host, attached, ANIMALDETECT_E_NO_INPUT, NULL);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_attach(host->client, id, &attached), ANIMALDETECT_OK);
    host_adopt(host, attached);
    assert_int_equal(host_do(host, attached, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_operation(attached), "detect");
    assert_int_equal(animaldetect_job_stage(attached), ANIMALDETECT_STAGE_FETCHED);
}

static void an_attached_job_that_the_service_does_not_know_is_not_found(struct host *host)
{
    animaldetect_job *job = NULL;

    host->violations_expected = true;
    host_open(host);
    assert_int_equal(animaldetect_job_attach(host->client, "no-such-job", &job), ANIMALDETECT_OK);
    host_adopt(host, job);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_NOT_FOUND, "404");
    host_expect(host, job, ANIMALDETECT_E_NOT_FOUND, "no-such-job");
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_job_saved_between_two_steps_goes_on_in_another_process),
        SCENARIO(a_job_saved_with_a_request_on_the_wire_is_never_billed_twice),
        SCENARIO(a_save_that_is_older_than_the_service_is_no_harm),
        SCENARIO(a_file_job_needs_nothing_but_the_saved_text),
        SCENARIO(other_bytes_than_the_saved_ones_are_never_uploaded),
        SCENARIO(a_random_key_lives_in_the_saved_text),
        SCENARIO(a_key_without_an_operation_is_kept),
        SCENARIO(a_source_url_job_comes_back),
        SCENARIO(a_failed_job_comes_back_failed),
        SCENARIO(texts_that_are_no_saved_job_are_refused),
        SCENARIO(a_saved_text_cannot_send_the_key_elsewhere),
        SCENARIO(an_attached_job_is_polled_and_fetched),
        SCENARIO(an_attached_job_that_the_service_does_not_know_is_not_found),
    };

    return HOST_MAIN(list);
}
