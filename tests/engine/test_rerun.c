/* SPDX-License-Identifier: MIT */
/*
 * The next run of a job, after every completion that allows one.
 */
#include "harness.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A world in which a second run of an image is intended. */
static animaldetect_job *first_job(struct host *host)
{
    host->service.allow_equal_payloads = true;
    host_again(host);
    return host_image_job(host);
}

static void rerun(animaldetect_job *job, int32_t number)
{
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_rerun_number(job), number);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_NEW);
    assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_NONE);
    assert_null(animaldetect_job_id(job));
    assert_null(animaldetect_job_result_json(job, NULL));
    assert_int_equal(animaldetect_job_upload_sent(job), 0);
    assert_int_equal(animaldetect_job_polls(job), 0);
}

static void a_failed_or_expired_job_runs_again_when_the_host_says_so(struct host *host)
{
    static const char *const states[] = {"failed", "expired"};

    for (size_t i = 0; i < 2; i++) {
        animaldetect_job *job;
        char before[160];

        job = first_job(host);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
        snprintf(before, sizeof before, "%s", animaldetect_job_idempotency_key(job));
        svc_job_force_state(host->svc, svc_job_id(host->svc, 0), states[i], "bad", "cannot be decoded");
        assert_int_equal(host_do(host, job, HOST_RUN), i == 0 ? ANIMALDETECT_E_JOB_FAILED : ANIMALDETECT_E_JOB_EXPIRED);
        rerun(job, 1);
        /* the last call's status stays until the next call */
        assert_int_equal(animaldetect_job_status(job), i == 0 ? ANIMALDETECT_E_JOB_FAILED : ANIMALDETECT_E_JOB_EXPIRED);
        assert_string_not_equal(animaldetect_job_idempotency_key(job), before);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
        assert_non_null(animaldetect_job_result_json(job, NULL));
    }
}

/* Power loss between the rerun and its completion: the number is saved, and finds the same second job. */
static void a_rerun_survives_a_power_cut(struct host *host)
{
    animaldetect_job *job = first_job(host);
    animaldetect_job *again;

    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    rerun(job, 1);
    again = host_save_and_restore(host, job);
    assert_int_equal(animaldetect_job_rerun_number(again), 1);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(again, "\xff\xd8\xff", 3), ANIMALDETECT_E_INVALID_ARGUMENT);
    host_free(host, again);
    again = host_save_and_restore(host, job);
    assert_string_equal(animaldetect_job_id(again), animaldetect_job_id(job));
    assert_string_equal(animaldetect_job_idempotency_key(again), animaldetect_job_idempotency_key(job));
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
}

static void a_restored_job_runs_again(struct host *host)
{
    uint8_t *image = host_image(2000, 77);
    char *path = host_file("one.jpg", image, 2000);
    animaldetect_job *job;
    animaldetect_job *again;

    (void)first_job(host);
    for (int kind = 0; kind < 2; kind++) {
        job = host_job(host, "detect");
        if (kind == 0)
            assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
        else
            assert_int_equal(animaldetect_job_set_bytes(job, image, 2000), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
        svc_job_force_state(host->svc, animaldetect_job_id(job), "failed", "bad", "cannot be decoded");
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_JOB_FAILED);
        again = host_save_and_restore(host, job);
        rerun(again, 1);
        if (kind == 1) {
            assert_int_equal(animaldetect_job_run_async(again), ANIMALDETECT_E_NO_INPUT);
            assert_int_equal(animaldetect_job_set_bytes(again, image, 2000), ANIMALDETECT_OK);
        }
        assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_OK);
        /* the same key as the job that was not saved: a second worker finds this run */
        rerun(job, 1);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        assert_string_equal(animaldetect_job_id(job), animaldetect_job_id(again));
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 4);
    host_remove_file(path);
    free(image);
}

/* Each run has the whole processing timeout; a source URL has no submit that would start it again. */
static void a_rerun_is_overdue_by_its_own_age(struct host *host)
{
    animaldetect_job *job;
    int64_t begin_ms;

    host->service.processing = "fixed:86400000";
    (void)first_job(host);
    assert_int_equal(animaldetect_client_set_processing_timeout_ms(host->client, 3600000), ANIMALDETECT_OK);
    job = host_job(host, "detect");
    assert_int_equal(animaldetect_job_set_source_url(job, "https://images.example/1.jpg"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    rerun(job, 1);
    begin_ms = world_now_ms(host->world);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_OVERDUE);
    assert_true(world_now_ms(host->world) - begin_ms >= 3600000);
}

/* Borrowed bytes are read again, and may have changed by then; their size was set once. */
static void borrowed_bytes_run_again(struct host *host)
{
    uint8_t *image = host_image(2000, 6);
    animaldetect_job *job;
    char before[80];

    (void)first_job(host);
    job = host_job(host, "detect");
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, image, 2000, NULL, NULL), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    snprintf(before, sizeof before, "%s", animaldetect_job_sha256(job));
    rerun(job, 1);
    image[1999] ^= 1;
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_not_equal(animaldetect_job_sha256(job), before);
    assert_int_equal(world_request_of(host->world, "upload", -1)->sent, 2000);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
    free(image);
}

static void an_image_that_changed_runs_with_its_new_bytes(struct host *host)
{
    uint8_t *image = host_image(2000, 5);
    char *path = host_file("one.jpg", image, 2000);
    animaldetect_job *job;
    FILE *file;

    (void)first_job(host);
    job = host_job(host, "detect");
    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    file = fopen(path, "ab");
    assert_non_null(file);
    fwrite("more", 1, 4, file);
    fclose(file);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE_CHANGED);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE_CHANGED);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_FILE_CHANGED), 0);
    rerun(job, 1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_request_of(host->world, "upload", -1)->sent, 2004);
    host_remove_file(path);
    free(image);
}

static int64_t read_once(void *user, uint8_t *buffer, size_t size)
{
    size_t *left = user;
    size_t got = size < *left ? size : *left;

    memset(buffer, 0x11, got);
    *left -= got;
    return (int64_t)got;
}

static int released;

static void count_release(void *user)
{
    (void)user;
    released++;
}

static void the_image_of_a_reader_that_cannot_rewind_is_set_again(struct host *host)
{
    animaldetect_job *job;
    size_t left = 100;
    char before[160];

    (void)first_job(host);
    job = host_job(host, "detect");
    released = 0;
    animaldetect_job_set_content_type(job, "image/jpeg");
    animaldetect_job_set_filename(job, "one.jpg");
    assert_int_equal(animaldetect_job_set_reader(job, 100, read_once, NULL, &left, count_release), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    snprintf(before, sizeof before, "%s", animaldetect_job_idempotency_key(job));
    rerun(job, 1);
    assert_int_equal(released, 1);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_E_NO_INPUT);
    left = 100;
    assert_int_equal(animaldetect_job_set_reader(job, 100, read_once, NULL, &left, count_release), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_not_equal(animaldetect_job_idempotency_key(job), before);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
}

/* Lent bytes are the host's: it may have written another image of the same size into them. */
static void lent_bytes_run_again_with_what_is_in_them_now(struct host *host)
{
    uint8_t *image = host_image(2000, 5);
    animaldetect_job *job = first_job(host);
    char before[160];

    job = host_job(host, "detect");
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, image, 2000, NULL, NULL), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    snprintf(before, sizeof before, "%s", animaldetect_job_sha256(job));
    image[1999] ^= 1;
    rerun(job, 1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_request_of(host->world, "upload", -1)->sent, 2000);
    assert_string_not_equal(animaldetect_job_sha256(job), before);
    host_free(host, job);
    free(image);
}

/* Set again after a restore, but not read yet: the digest in the text is that of the previous run. */
static void other_bytes_of_a_restored_job_are_hashed(struct host *host)
{
    uint8_t *image = host_image(2000, 5);
    animaldetect_job *job = first_job(host);
    animaldetect_job *again;

    job = host_job(host, "detect");
    assert_int_equal(animaldetect_job_set_bytes(job, image, 2000), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    again = host_save_and_restore(host, job);
    image[1999] ^= 1;
    assert_int_equal(animaldetect_job_set_bytes(again, image, 2000), ANIMALDETECT_OK);
    rerun(again, 1);
    assert_int_equal(host_do(host, again, HOST_RUN), ANIMALDETECT_OK);
    assert_string_not_equal(animaldetect_job_sha256(again), animaldetect_job_sha256(job));
    free(image);
}

/* A digest that the host set was that of the previous bytes. */
static void a_digest_of_the_host_does_not_outlive_its_bytes(struct host *host)
{
    uint8_t *image = host_image(100, 5);
    animaldetect_job *job = first_job(host);
    char digest[65];
    size_t left = 100;

    job = host_job(host, "detect");
    memset(digest, 'a', 64);
    digest[64] = '\0';
    animaldetect_job_set_content_type(job, "image/jpeg");
    animaldetect_job_set_filename(job, "one.jpg");
    assert_int_equal(animaldetect_job_set_sha256(job, digest), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_reader(job, 100, read_once, NULL, &left, NULL), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    rerun(job, 1);
    assert_null(animaldetect_job_sha256(job));
    assert_int_equal(animaldetect_job_set_bytes(job, image, 100), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_not_equal(animaldetect_job_sha256(job), digest);
    free(image);
}

static void a_conflict_is_left_by_the_next_number(struct host *host)
{
    animaldetect_job *job = first_job(host);

    world_answer(host->world, "create", 1, 409, NULL, "{\"error\":{\"code\":\"idempotency_mismatch\"}}");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_CONFLICT);
    assert_int_equal(animaldetect_status_scope(ANIMALDETECT_E_CONFLICT), ANIMALDETECT_SCOPE_JOB);
    rerun(job, 1);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

static void a_job_that_the_service_does_not_know_runs_again(struct host *host)
{
    animaldetect_job *job = first_job(host);

    host->violations_expected = true; /* the model knows the job */
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_OK);
    world_answer(host->world, "poll", 0, 404, NULL, "");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_NOT_FOUND);
    rerun(job, 1);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
}

/* Forgotten entries make room for new ones, as replaced texts do. */
static void reruns_without_end_do_not_grow_a_job(struct host *host)
{
    animaldetect_job *job = first_job(host);
    uint32_t before;

    for (int32_t i = 1; i <= 200; i++) {
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        assert_non_null(animaldetect_job_idempotency_key(job));
        before = job->texts_waste;
        assert_in_range(before, 0, AD_TEXTS_WASTE);
        rerun(job, i);
        assert_in_range(job->texts_waste, before + 100, before + 1000);
    }
}

static void a_hosts_key_gets_the_number_behind_it(struct host *host)
{
    animaldetect_job *job = first_job(host);
    animaldetect_job *again;
    char longest[256];

    assert_int_equal(animaldetect_job_set_idempotency_key(job, "camera-7/image-12"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    rerun(job, 1);
    assert_string_equal(animaldetect_job_idempotency_key(job), "camera-7/image-12-rerun-1");
    rerun(job, 2);
    assert_string_equal(animaldetect_job_idempotency_key(job), "camera-7/image-12-rerun-2");
    again = host_save_and_restore(host, job);
    rerun(again, 3);
    assert_string_equal(animaldetect_job_idempotency_key(again), "camera-7/image-12-rerun-3");

    job = host_image_job(host);
    memset(longest, 'k', 255);
    longest[255] = '\0';
    assert_int_equal(animaldetect_job_set_idempotency_key(job, longest), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_E_STATE);
    assert_string_equal(animaldetect_job_idempotency_key(job), longest);
    assert_int_equal(animaldetect_job_rerun_number(job), 0);
    assert_non_null(animaldetect_job_id(job));
}

static void a_rerun_out_of_place_is_refused_and_changes_nothing(struct host *host)
{
    animaldetect_job *job = first_job(host);
    animaldetect_job *attached = NULL;

    assert_int_equal(animaldetect_job_rerun(NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_E_STATE);
    assert_non_null(strstr(animaldetect_job_message(job), "no call was made"));
    assert_int_equal(animaldetect_job_set_rerun(job, INT32_MAX), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_E_BUSY);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_attach(host->client, animaldetect_job_id(job), &attached), ANIMALDETECT_OK);
    host_adopt(host, attached);
    assert_int_equal(animaldetect_job_rerun(attached), ANIMALDETECT_E_STATE);
    assert_non_null(animaldetect_job_id(attached));
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_failed_or_expired_job_runs_again_when_the_host_says_so),
        SCENARIO(a_rerun_survives_a_power_cut),
        SCENARIO(a_restored_job_runs_again),
        SCENARIO(a_rerun_is_overdue_by_its_own_age),
        SCENARIO(borrowed_bytes_run_again),
        SCENARIO(an_image_that_changed_runs_with_its_new_bytes),
        SCENARIO(the_image_of_a_reader_that_cannot_rewind_is_set_again),
        SCENARIO(lent_bytes_run_again_with_what_is_in_them_now),
        SCENARIO(other_bytes_of_a_restored_job_are_hashed),
        SCENARIO(a_digest_of_the_host_does_not_outlive_its_bytes),
        SCENARIO(a_conflict_is_left_by_the_next_number),
        SCENARIO(a_job_that_the_service_does_not_know_runs_again),
        SCENARIO(reruns_without_end_do_not_grow_a_job),
        SCENARIO(a_hosts_key_gets_the_number_behind_it),
        SCENARIO(a_rerun_out_of_place_is_refused_and_changes_nothing),
    };

    return HOST_MAIN(list);
}
