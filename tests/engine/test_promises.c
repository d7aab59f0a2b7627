/* SPDX-License-Identifier: MIT */
/*
 * Promises that were once broken: what a host could see when texts are echoed, files change between two runs, and
 * targets are replaced.
 */
#include "engine/harness.h"

#include <stdio.h>

static void a_key_that_the_service_echoes_is_cut_from_message_and_log(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "create", 1, 401, NULL,
                 "{\"error\":{\"code\":\"unauthorized\",\"message\":\"the key " HOST_KEY " was revoked\"}}");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_UNAUTHORIZED, "401");
}

static void a_trusted_origin_with_more_than_an_origin_is_refused(struct host *host)
{
    static const char *const more[] = {"https://a.example/path", "https://a.example/?x", "https://a.example?x",
                                       "https://a.example#x"};

    host_open(host);
    for (size_t i = 0; i < 4; i++)
        if (animaldetect_client_add_trusted_origin(host->client, more[i]) != ANIMALDETECT_E_INVALID_ARGUMENT)
            fail_msg("%s is taken", more[i]);
    assert_int_equal(animaldetect_client_add_trusted_origin(host->client, "https://a.example/"), ANIMALDETECT_OK);
}

static void a_restored_job_knows_its_state(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *back = NULL;
    char *saved = NULL;
    int before;

    host->service.fail_probability = 1;
    host_open(host);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    assert_int_equal(animaldetect_job_save(job, &saved, NULL), ANIMALDETECT_OK);
    host_restart(host);
    assert_int_equal(animaldetect_job_restore(host->client, saved, strlen(saved), &back), ANIMALDETECT_OK);
    animaldetect_text_free(saved);
    host_adopt(host, back);
    assert_int_equal(animaldetect_job_state(back), ANIMALDETECT_STATE_FAILED);
    before = world_count(host->world, "any");
    host_do(host, back, HOST_RUN);
    host_expect(host, back, ANIMALDETECT_E_JOB_FAILED, NULL);
    assert_int_equal(world_count(host->world, "any"), before);
}

static void an_attached_job_that_awaited_its_upload_asks_again_when_run_again(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *attached = NULL;

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_attach(host->client, animaldetect_job_id(job), &attached), ANIMALDETECT_OK);
    host_adopt(host, attached);
    host_do(host, attached, HOST_RUN);
    host_expect(host, attached, ANIMALDETECT_E_NO_INPUT, NULL);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, attached, HOST_RUN), ANIMALDETECT_OK);
}

static int32_t result_status;

static void ask_for_the_result(struct host *host)
{
    animaldetect_result *result = NULL;

    result_status = animaldetect_job_result(host->slots[0].job, &result);
    animaldetect_result_free(result);
}

static void a_result_is_not_given_from_inside_a_callback(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    host->in_log = ask_for_the_result;
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    host->in_log = NULL;
    assert_int_equal(result_status, ANIMALDETECT_E_REENTRANT);
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static const char *wire_key(struct host *host, int nth)
{
    static char key[300];

    assert_true(world_request_header(world_request_of(host->world, "create", nth), "Idempotency-Key", key, sizeof key));
    return key;
}

/* Fails at the create, lets the host read everything, changes the file, and runs the same handle again. */
static animaldetect_job *run_again_with(struct host *host, char *path, const void *bytes, size_t size)
{
    animaldetect_job *job = host_job(host, "detect");

    animaldetect_job_set_file(job, path);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_BAD_REQUEST, NULL);
    assert_string_equal(animaldetect_job_idempotency_key(job), wire_key(host, 1));
    assert_non_null(animaldetect_job_sha256(job));
    write_file(path, bytes, size);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    return job;
}

static void key_and_digest_follow_a_file_that_changed_between_two_runs(struct host *host)
{
    uint8_t *image = host_image(3000, 1);
    uint8_t *other = host_image(3000, 2);
    char *path = host_file("image.jpg", image, 3000);
    animaldetect_job *job;
    char first[300];

    host_fault(host, "create:400:n=1");
    job = run_again_with(host, path, other, 3000);
    snprintf(first, sizeof first, "%s", wire_key(host, 1));
    assert_string_not_equal(first, wire_key(host, 2));
    assert_string_equal(animaldetect_job_idempotency_key(job), wire_key(host, 2));
    free(image);
    free(other);
    host_remove_file(path);
}

static void the_content_type_follows_a_file_that_changed_between_two_runs(struct host *host)
{
    uint8_t *image = host_image(3000, 1);
    char *path = host_file("image.jpg", image, 3000);

    host_fault(host, "create:400:n=1");
    run_again_with(host, path, "\x89PNG\r\n\x1a\n....", 12);
    assert_non_null(strstr(world_request_of(host->world, "create", 2)->body, "image/png"));
    free(image);
    host_remove_file(path);
}

static void an_expiry_that_was_read_stays_valid_through_every_refresh(struct host *host)
{
    animaldetect_job *job;
    const char *times[3];
    char copies[3][1024];

    host_fault(host, "upload:400:code=ExpiredToken:n=2");
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    for (int i = 0; i < 3; i++) {
        HOST_UNTIL(host, world_count(host->world, "upload") == i + 1);
        times[i] = animaldetect_job_upload_expires_at(job);
        assert_non_null(times[i]);
        snprintf(copies[i], sizeof copies[i], "%s", times[i]);
    }
    for (int i = 0; i < 3; i++)
        assert_string_equal(times[i], copies[i]);
    HOST_UNTIL(host, world_count(host->world, "poll") == 1);
    for (int i = 0; i < 3; i++)
        assert_string_equal(times[i], copies[i]);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_key_that_the_service_echoes_is_cut_from_message_and_log),
        SCENARIO(a_trusted_origin_with_more_than_an_origin_is_refused),
        SCENARIO(a_restored_job_knows_its_state),
        SCENARIO(key_and_digest_follow_a_file_that_changed_between_two_runs),
        SCENARIO(the_content_type_follows_a_file_that_changed_between_two_runs),
        SCENARIO(an_expiry_that_was_read_stays_valid_through_every_refresh),
        SCENARIO(a_result_is_not_given_from_inside_a_callback),
        SCENARIO(an_attached_job_that_awaited_its_upload_asks_again_when_run_again),
    };

    return HOST_MAIN(list);
}
