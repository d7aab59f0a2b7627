/* SPDX-License-Identifier: MIT */
/*
 * Images that cannot be used, and images that change: an error that names the file, never a wrong upload, and no job
 * that is billed for nothing where that can be detected in time.
 */
#include "engine/harness.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static animaldetect_job *file_job(struct host *host, const char *path)
{
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);

    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    return job;
}

static void run_and_expect(struct host *host, const char *path, int32_t status, const char *words)
{
    animaldetect_job *job = file_job(host, path);

    host_do(host, job, HOST_RUN);
    host_expect(host, job, status, words);
    if (strlen(path) < 100)
        host_expect(host, job, status, path);
    assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_PREPARE);
    assert_int_equal(world_count(host->world, "any"), 0);
}

static void files_that_are_no_image_are_refused_before_anything_is_sent(struct host *host)
{
    uint8_t *image = host_image(5000, 1);
    char *empty = host_file("empty.jpg", "", 0);
    char *text = host_file("notes.txt", "just some words", 15);
    char *large = host_file("large.jpg", image, 5000);

    host_open(host);
    animaldetect_client_set_max_image_bytes(host->client, 4999);
    run_and_expect(host, empty, ANIMALDETECT_E_IMAGE_EMPTY, "empty");
    run_and_expect(host, text, ANIMALDETECT_E_IMAGE_TYPE, "prepare");
    run_and_expect(host, large, ANIMALDETECT_E_IMAGE_TOO_LARGE, "larger");
    host_remove_file(empty);
    host_remove_file(text);
    host_remove_file(large);
    free(image);
}

static void what_is_not_a_readable_regular_file_is_refused(struct host *host)
{
    char *path = host_file("image.jpg", "\xff\xd8\xff", 3);
    char fifo[200];

    host_open(host);
    snprintf(fifo, sizeof fifo, "%s.fifo", path);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    run_and_expect(host, "/nonexistent/image.jpg", ANIMALDETECT_E_FILE, "No such file");
    run_and_expect(host, "/tmp", ANIMALDETECT_E_FILE, "directory");
    run_and_expect(host, fifo, ANIMALDETECT_E_FILE, "not a regular file");
    run_and_expect(host, "/dev/null", ANIMALDETECT_E_FILE, "not a regular file");
    unlink(fifo);
    if (getuid() != 0) {
        assert_int_equal(chmod(path, 0), 0);
        run_and_expect(host, path, ANIMALDETECT_E_FILE, "Permission denied");
    }
    host_remove_file(path);
}

static void a_content_type_of_the_hosts_own_lets_any_bytes_through(struct host *host)
{
    char *text = host_file("raw.bin", "just some words", 15);
    animaldetect_job *job = file_job(host, text);

    animaldetect_job_set_content_type(job, "image/jpeg");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    host_remove_file(text);
}

static void bytes_above_the_limit_are_refused_by_the_setter_or_the_call(struct host *host)
{
    uint8_t *image = host_image(5000, 1);
    animaldetect_job *job;

    host_open(host);
    animaldetect_client_set_max_image_bytes(host->client, 4999);
    job = host_job(host, "detect");
    assert_int_equal(animaldetect_job_set_bytes(job, image, 5000), ANIMALDETECT_E_IMAGE_TOO_LARGE);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, image, 5000, NULL, NULL), ANIMALDETECT_OK);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_IMAGE_TOO_LARGE, NULL);
    assert_int_equal(world_count(host->world, "any"), 0);
    free(image);
}

/* What happens to a file during its upload; runs inside the upload. */
struct change {
    const char *path;
    enum { CHANGE_APPEND, CHANGE_TRUNCATE, CHANGE_OVERWRITE, CHANGE_REPLACE, CHANGE_REMOVE } how;
};

static void touch_later(const char *path)
{
    /* A time that the file never had, so that the test needs no clock to advance. */
    struct timespec times[2] = {{.tv_sec = 2000000000}, {.tv_sec = 2000000000}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void change_file(void *user)
{
    const struct change *change = user;
    char other[200];
    FILE *file;

    snprintf(other, sizeof other, "%s.other", change->path);
    switch (change->how) {
    case CHANGE_TRUNCATE:
        assert_int_equal(truncate(change->path, 1000), 0);
        return;
    case CHANGE_REMOVE:
        assert_int_equal(unlink(change->path), 0);
        return;
    case CHANGE_APPEND:
    case CHANGE_OVERWRITE:
    case CHANGE_REPLACE:
    default:
        break;
    }
    file = fopen(change->how == CHANGE_REPLACE ? other : change->path, change->how == CHANGE_APPEND    ? "ab"
                                                                       : change->how == CHANGE_REPLACE ? "wb"
                                                                                                       : "r+b");
    assert_non_null(file);
    for (int i = 0; i < 200000 && (change->how == CHANGE_REPLACE || i < 10); i++)
        fputc('x', file);
    fclose(file);
    touch_later(change->how == CHANGE_REPLACE ? other : change->path);
    if (change->how == CHANGE_REPLACE)
        assert_int_equal(rename(other, change->path), 0);
}

static char *big_file(void)
{
    uint8_t *image = host_image(200000, 3);
    char *path = host_file("image.jpg", image, 200000);

    free(image);
    return path;
}

static void a_file_that_changes_between_hash_and_upload_is_not_uploaded(struct host *host)
{
    for (int how = CHANGE_APPEND; how <= CHANGE_REPLACE; how++) {
        char *path = big_file();
        struct change change = {path, (__typeof__(change.how))how};
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        change_file(&change);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_FILE_CHANGED, "changed");
        assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_UPLOAD);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 0);
        host_remove_file(path);
    }
}

static void a_file_that_changes_while_it_is_uploaded_is_never_completed(struct host *host)
{
    host->net.upload_bps = 100000;
    for (int how = CHANGE_APPEND; how <= CHANGE_OVERWRITE; how++) {
        char *path = big_file();
        struct change change = {path, (__typeof__(change.how))how};
        animaldetect_job *job;

        host_again(host);
        world_on_upload(host->world, 1, 100000, change_file, &change);
        job = file_job(host, path);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_FILE_CHANGED, path);
        assert_true(world_request_of(host->world, "upload", 1)->sent < 200000);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
        assert_int_equal(animaldetect_job_upload_total(job), 200000);
        host_remove_file(path);
    }
}

static void a_file_that_is_replaced_while_it_is_uploaded_goes_on_as_it_was_opened(struct host *host)
{
    char *path = big_file();
    struct change change = {path, CHANGE_REMOVE};
    animaldetect_job *job;

    host_open(host);
    world_on_upload(host->world, 1, 100000, change_file, &change);
    job = file_job(host, path);
    host_do(host, job, HOST_RUN);
    /* Unlinking changes the change time, and nothing is left to read again: either is right, a wrong upload is not. */
    if (animaldetect_job_status(job) != ANIMALDETECT_OK)
        host_expect(host, job, ANIMALDETECT_E_FILE, "No such file");
    host_remove_file(path);
}

static void a_file_that_is_gone_before_the_upload_is_an_error_of_the_file(struct host *host)
{
    char *path = big_file();
    animaldetect_job *job = file_job(host, path);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(unlink(path), 0);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_FILE, "No such file");
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
    host_remove_file(path);
}

static void a_file_that_shrinks_while_it_is_hashed_is_an_error(struct host *host)
{
    uint8_t *image = host_image(2000000, 3);
    char *path = host_file("image.jpg", image, 2000000);
    animaldetect_job *job = file_job(host, path);

    host_start(host, job, HOST_RUN);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    assert_int_equal(truncate(path, 1000), 0);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_FILE_UNFINISHED);
    host_expect(host, job, ANIMALDETECT_E_FILE_UNFINISHED, path);
    assert_int_equal(world_count(host->world, "any"), 0);
    free(image);
    host_remove_file(path);
}

static void a_file_job_that_failed_to_open_can_run_later(struct host *host)
{
    uint8_t *image = host_image(2000, 3);
    char *path = host_file("image.jpg", image, 2000);
    animaldetect_job *job = file_job(host, path);
    FILE *file;

    unlink(path);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE);
    file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(image, 1, 2000, file);
    fclose(file);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    free(image);
    host_remove_file(path);
}

/* A reader that returns `size` bytes, fails at `fail_at`, and cannot rewind after `rewinds` times. */
struct reader {
    size_t size;
    size_t at;
    size_t fail_at;
    int rewinds;
    bool too_many;
};

static int64_t read_bytes(void *user, uint8_t *buffer, size_t size)
{
    struct reader *reader = user;
    size_t left = reader->size - reader->at;
    size_t got = left < size ? left : size;

    if (reader->too_many)
        return (int64_t)size + 1;
    if (reader->fail_at > 0 && reader->at >= reader->fail_at)
        return -5;
    if (got > 1000)
        got = 1000;
    memset(buffer, 'x', got);
    if (reader->at == 0 && got >= 3)
        memcpy(buffer, "\xff\xd8\xff", 3);
    reader->at += got;
    return (int64_t)got;
}

static int32_t rewind_bytes(void *user)
{
    struct reader *reader = user;

    if (reader->rewinds-- == 0)
        return -1;
    reader->at = 0;
    return 0;
}

static void a_reader_that_fails_or_lies_ends_the_call_with_its_own_error(struct host *host)
{
    static const struct {
        struct reader reader;
        int32_t step;
        const char *words;
    } cases[] = {
        {{.size = 4000, .rewinds = 9}, ANIMALDETECT_STEP_PREPARE, "fewer"},
        {{.size = 5000, .fail_at = 2000, .rewinds = 9}, ANIMALDETECT_STEP_PREPARE, "read callback failed"},
        {{.size = 5000, .too_many = true, .rewinds = 9}, ANIMALDETECT_STEP_PREPARE, "more"},
        {{.size = 5000, .rewinds = 0}, ANIMALDETECT_STEP_UPLOAD, "rewind"},
    };

    for (size_t i = 0; i < 4; i++) {
        struct reader reader = cases[i].reader;
        animaldetect_job *job;

        host_again(host);
        job = host_job(host, "detect");
        animaldetect_job_set_reader(job, 5000, read_bytes, rewind_bytes, &reader, NULL);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_READER, cases[i].words);
        assert_int_equal(animaldetect_job_failed_step(job), cases[i].step);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
    }
}

static void a_reader_without_rewind_cannot_repeat_a_broken_upload(struct host *host)
{
    struct reader reader = {.size = 5000};
    animaldetect_job *job;

    host_fault(host, "upload:reset-after:n=1");
    job = host_job(host, "detect");
    animaldetect_job_set_reader(job, 5000, read_bytes, NULL, &reader, NULL);
    animaldetect_job_set_content_type(job, "image/jpeg");
    animaldetect_job_set_filename(job, "a.jpg");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_READER, "rewound");
}

static void borrowed_bytes_are_not_copied_but_uploaded(struct host *host)
{
    uint8_t *image = host_image(100000, 4);
    animaldetect_job *job = host_job(host, "detect");

    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, image, 100000, NULL, NULL), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_E_STATE);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_UPLOAD), ANIMALDETECT_OK);
    /* From here on the bytes may be freed. */
    memset(image, 0, 100000);
    free(image);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(files_that_are_no_image_are_refused_before_anything_is_sent),
        SCENARIO(what_is_not_a_readable_regular_file_is_refused),
        SCENARIO(a_content_type_of_the_hosts_own_lets_any_bytes_through),
        SCENARIO(bytes_above_the_limit_are_refused_by_the_setter_or_the_call),
        SCENARIO(a_file_that_changes_between_hash_and_upload_is_not_uploaded),
        SCENARIO(a_file_that_changes_while_it_is_uploaded_is_never_completed),
        SCENARIO(a_file_that_is_replaced_while_it_is_uploaded_goes_on_as_it_was_opened),
        SCENARIO(a_file_that_is_gone_before_the_upload_is_an_error_of_the_file),
        SCENARIO(a_file_that_shrinks_while_it_is_hashed_is_an_error),
        SCENARIO(a_file_job_that_failed_to_open_can_run_later),
        SCENARIO(a_reader_that_fails_or_lies_ends_the_call_with_its_own_error),
        SCENARIO(a_reader_without_rewind_cannot_repeat_a_broken_upload),
        SCENARIO(borrowed_bytes_are_not_copied_but_uploaded),
    };

    return HOST_MAIN(list);
}
