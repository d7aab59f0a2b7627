/* SPDX-License-Identifier: MIT */
/*
 * Files on memory cards and files in use: identities that change, bytes that change, a missing medium, no descriptors.
 * The right bytes are sent, other bytes are never submitted, and the same handle works again once the file is right.
 * Errors of system calls are injected by the linker (--wrap), under their large-file names.
 */
#include "engine/harness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <animaldetect/control.h>

#define SIZE 200000

/* The next `times` opens or reads of the file fail with this error. */
static struct {
    int error;
    int times;
} open_fails, read_fails;

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    if (open_fails.times == 0)
        return __real_open64(path, flags);
    open_fails.times--;
    errno = open_fails.error;
    return -1;
}

ssize_t __real_pread64(int fd, void *to, size_t size, off_t at);
ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t at);
ssize_t __wrap_pread64(int fd, void *to, size_t size, off_t at)
{
    if (read_fails.times == 0)
        return __real_pread64(fd, to, size, at);
    read_fails.times--;
    errno = read_fails.error;
    return -1;
}

/* As on a file system with times of two seconds. */
static bool coarse;

int __real_fstat64(int fd, struct stat *out);
int __wrap_fstat64(int fd, struct stat *out);
int __wrap_fstat64(int fd, struct stat *out)
{
    int status = __real_fstat64(fd, out);

    if (coarse) {
        out->st_mtim.tv_sec &= ~(time_t)1;
        out->st_mtim.tv_nsec = 0;
        out->st_ctim = out->st_mtim;
    }
    return status;
}

static void write_image(const char *path, unsigned number)
{
    uint8_t *image = host_image(SIZE, number);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(image, 1, SIZE, file), SIZE);
    fclose(file);
    free(image);
}

static char *image_file(unsigned number)
{
    uint8_t *image = host_image(SIZE, number);
    char *path = host_file("image.jpg", image, SIZE);

    free(image);
    return path;
}

static animaldetect_job *file_job(struct host *host, const char *path)
{
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);

    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    return job;
}

/* ---- changed identity, same bytes ---- */

static void touch(const char *path)
{
    /* A time that the file never had, so that the test needs no clock to advance. */
    struct timespec times[2] = {{.tv_sec = 2000000000}, {.tv_sec = 2000000000}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Like rsync, and like exFAT by itself: another inode under the same name, with the same times. */
static void put_copy(const char *path, unsigned number)
{
    struct timespec times[2];
    struct stat facts;
    char copy[200];

    snprintf(copy, sizeof copy, "%s.copy", path);
    assert_int_equal(stat(path, &facts), 0);
    times[0] = facts.st_atim;
    times[1] = facts.st_mtim;
    write_image(copy, number);
    assert_int_equal(utimensat(AT_FDCWD, copy, times, 0), 0);
    assert_int_equal(rename(copy, path), 0);
}

static void put_same_copy(const char *path)
{
    put_copy(path, 3);
}

static void link_and_unlink(const char *path)
{
    char other[200];

    snprintf(other, sizeof other, "%s.link", path);
    assert_int_equal(link(path, other), 0);
    assert_int_equal(unlink(other), 0);
    touch(path); /* the change time may fall into the same clock tick */
}

static void change_mode(const char *path)
{
    assert_int_equal(chmod(path, 0400), 0);
    touch(path);
}

static void (*const SHIFTS[])(const char *path) = {touch, put_same_copy, link_and_unlink, change_mode};
#define SHIFT_COUNT (sizeof SHIFTS / sizeof SHIFTS[0])

static void a_file_with_another_identity_and_the_same_bytes_is_uploaded(struct host *host)
{
    for (size_t i = 0; i < SHIFT_COUNT; i++) {
        char *path = image_file(3);
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        SHIFTS[i](path);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "create"), 1);
        assert_int_equal(world_count(host->world, "upload"), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
        host_remove_file(path);
    }
}

/* Checked after half of it was sent. */
struct course {
    const char *path;
    void (*shift)(const char *path);
};

static void run_course(void *user)
{
    const struct course *course = user;

    course->shift(course->path);
}

/* Only the change time of the open file differs then: by less than a second. */
static bool is_unseen(void (*shift)(const char *path))
{
#if defined(AD_HAS_ST_MTIM) || defined(AD_HAS_ST_MTIMESPEC)
    (void)shift;
    return false;
#else
    return shift == put_same_copy;
#endif
}

static void an_identity_that_changes_during_the_upload_costs_another_upload(struct host *host)
{
    host->net.upload_bps = 100000;
    for (size_t i = 0; i < SHIFT_COUNT; i++) {
        struct course course = {.shift = SHIFTS[i]};
        animaldetect_job *job;
        char *path;

        if (is_unseen(SHIFTS[i]))
            continue;
        course.path = path = image_file(3);

        host_again(host);
        world_on_upload(host->world, 1, SIZE / 2, run_course, &course);
        job = file_job(host, path);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_true(world_request_of(host->world, "upload", 1)->sent < SIZE);
        assert_int_equal(world_count(host->world, "upload"), 2);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 1);
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_RETRIES), 0);
        host_remove_file(path);
    }
}

/* A file that is hashed while it is sent may change its identity meanwhile. */
static void an_identity_that_goes_on_changing_does_not_matter(struct host *host)
{
    char *path = image_file(3);
    struct course course = {path, link_and_unlink};
    animaldetect_job *job;

    host->net.upload_bps = 100000;
    host_open(host);
    job = file_job(host, path);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    change_mode(path);
    world_on_upload(host->world, 1, SIZE / 2, run_course, &course);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "upload"), 1);
    host_remove_file(path);
}

static void an_upload_that_breaks_is_hashed_anew(struct host *host)
{
    char *path = image_file(3);
    animaldetect_job *job;

    host_fault(host, "upload:reset-before:n=1");
    host_fault(host, "upload:reset-after:n=2");
    job = file_job(host, path);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    touch(path);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "upload"), 3);
    host_remove_file(path);
}

/* ---- changed bytes ---- */

static void put_other_copy(const char *path)
{
    put_copy(path, 4);
}

static void overwrite(const char *path)
{
    write_image(path, 4);
    touch(path);
}

static void overwrite_the_last_byte(const char *path)
{
    FILE *file = fopen(path, "r+b");
    int last;

    assert_non_null(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    last = fgetc(file);
    assert_int_equal(fseek(file, -1, SEEK_END), 0);
    assert_int_equal(fputc(last ^ 1, file), last ^ 1);
    fclose(file);
    touch(path);
}

static void (*const CHANGES[])(const char *path) = {put_other_copy, overwrite, overwrite_the_last_byte};
#define CHANGE_COUNT (sizeof CHANGES / sizeof CHANGES[0])

static void other_bytes_are_never_submitted_and_the_right_ones_go_on(struct host *host)
{
    for (size_t i = 0; i < CHANGE_COUNT; i++) {
        char *path = image_file(3);
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        CHANGES[i](path);
        for (int again = 0; again < 3; again++) {
            host_do(host, job, HOST_RUN);
            host_expect(host, job, ANIMALDETECT_E_FILE_CHANGED, path);
            assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_UPLOAD);
        }
        assert_int_equal(world_count(host->world, "upload"), 3);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
        assert_int_equal(world_count(host->world, "submit"), 0);
        put_same_copy(path);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        host_remove_file(path);
    }
}

static void set_time(const char *path, int64_t seconds)
{
    struct timespec times[2] = {{.tv_sec = (time_t)seconds}, {.tv_sec = (time_t)seconds}};

    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* Written twice within one tick of the file system's clock: the identity is the same, but the bytes differ. */
static void a_write_that_coarse_times_hide_is_found(struct host *host)
{
    for (int age_s = -1; age_s <= 3; age_s++) {
        char *path = image_file(3);
        animaldetect_job *job;
        int64_t written_s;

        host_again(host);
        coarse = true;
        written_s = world_wall_ms(host->world) / 1000 - age_s;
        set_time(path, written_s);
        job = file_job(host, path);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        /* A file that was written so long ago is not written again in the same tick. */
        write_image(path, age_s < 2 ? 4 : 3);
        set_time(path, written_s);
        host_do(host, job, HOST_RUN);
        coarse = false;
        host_expect(host, job, age_s < 2 ? ANIMALDETECT_E_FILE_CHANGED : ANIMALDETECT_OK, NULL);
        host_remove_file(path);
    }
}

static void a_rerun_goes_on_with_the_other_bytes(struct host *host)
{
    char *path = image_file(3);
    animaldetect_job *job = file_job(host, path);
    char before[65];

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    snprintf(before, sizeof before, "%s", animaldetect_job_sha256(job));
    put_other_copy(path);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE_CHANGED);
    assert_int_equal(animaldetect_job_rerun(job), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_not_equal(animaldetect_job_sha256(job), before);
    assert_int_equal(world_count(host->world, "submit"), 1);
    host_remove_file(path);
}

/*
 * The bytes that were stored before the response was lost are right, but nobody knows: not submitted while the file
 * differs.
 */
static void a_file_that_changes_while_the_answer_is_lost_is_not_submitted(struct host *host)
{
    char *path = image_file(3);
    struct course course = {path, overwrite};
    animaldetect_job *job;

    host_fault(host, "upload:reset-after:n=1");
    job = file_job(host, path);
    world_on_effect(host->world, "upload", 1, run_course, &course);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_FILE_CHANGED);
    assert_int_equal(world_count(host->world, "submit"), 0);
    put_same_copy(path);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 2);
    host_remove_file(path);
}

/* ---- saved jobs ---- */

/* A restored job whose image was hashed again and waits for its upload. */
static animaldetect_job *restored_before_its_upload(struct host *host, const char *path)
{
    animaldetect_job *job = file_job(host, path);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    job = host_save_and_restore(host, job);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_UPLOADS), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    while (host_stat(host, ANIMALDETECT_STAT_REQUESTS_POLL) == 0 || world_active(host->world) > 0)
        host_step(host);
    for (int i = 0; i < 10; i++)
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    return job;
}

static void a_saved_path_gives_no_byte_of_another_file_away(struct host *host)
{
    for (size_t i = 0; i < CHANGE_COUNT; i++) {
        char *path = image_file(3);
        animaldetect_job *job;

        host_again(host);
        job = restored_before_its_upload(host, path);
        CHANGES[i](path);
        if (CHANGES[i] == put_other_copy)
            touch(path); /* the change time of a copy falls into the same clock tick at worst */
        assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
        host_finish(host, job);
        host_expect(host, job, ANIMALDETECT_E_FILE_CHANGED, path);
        assert_int_equal(world_count(host->world, "upload"), 0);
        put_same_copy(path);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        host_remove_file(path);
    }
}

static void a_saved_file_with_another_identity_is_hashed_again_and_uploaded(struct host *host)
{
    for (size_t i = 0; i < SHIFT_COUNT; i++) {
        char *path = image_file(3);
        animaldetect_job *job;

        host_again(host);
        job = restored_before_its_upload(host, path);
        SHIFTS[i](path);
        assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "upload"), 1);
        host_remove_file(path);
    }
}

/* ---- readers ---- */

struct reader {
    uint8_t *image;
    size_t at;
    int passes; /* number of rewinds */
    int odd;    /* the pass in which it returns another byte; 0: never */
};

static int64_t read_bytes(void *user, uint8_t *buffer, size_t size)
{
    struct reader *reader = user;
    size_t got = SIZE - reader->at < size ? SIZE - reader->at : size;

    memcpy(buffer, reader->image + reader->at, got);
    if (got > 0 && reader->odd > 0 && reader->passes == reader->odd && reader->at + got == SIZE)
        buffer[got - 1] ^= 1;
    reader->at += got;
    return (int64_t)got;
}

static int32_t rewind_bytes(void *user)
{
    struct reader *reader = user;

    reader->at = 0;
    reader->passes++;
    return 0;
}

static void a_reader_that_gives_other_bytes_the_second_time_is_not_submitted(struct host *host)
{
    struct reader reader = {.image = host_image(SIZE, 5), .odd = 1};
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);

    assert_int_equal(animaldetect_job_set_reader(job, SIZE, read_bytes, rewind_bytes, &reader, NULL), ANIMALDETECT_OK);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_FILE_CHANGED, "the bytes differ");
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    host_free(host, job);
    free(reader.image);
}

/* A stream that is read once cannot be hashed before: it is compared with the saved digest. */
static void a_single_pass_of_a_restored_job_is_compared_as_it_goes(struct host *host)
{
    struct reader readers[3] = {{.image = host_image(SIZE, 5)}, {.image = host_image(SIZE, 6)}};
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);
    animaldetect_job *again;

    readers[2].image = readers[0].image;
    assert_int_equal(animaldetect_job_set_reader(job, SIZE, read_bytes, rewind_bytes, &readers[0], NULL),
                     ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    for (int i = 1; i < 3; i++) {
        again = host_save_and_restore(host, job);
        assert_int_equal(animaldetect_job_set_reader(again, SIZE, read_bytes, NULL, &readers[i], NULL),
                         ANIMALDETECT_OK);
        host_do(host, again, HOST_RUN);
        host_expect(host, again, i == 1 ? ANIMALDETECT_E_FILE_CHANGED : ANIMALDETECT_OK, NULL);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), i - 1);
        host_free(host, again);
    }
    host_free(host, job);
    free(readers[0].image);
    free(readers[1].image);
}

/* ---- media, descriptors, files in use ---- */

static void check_of_medium(struct host *host, animaldetect_job *job, int32_t step)
{
    host_expect(host, job, ANIMALDETECT_E_MEDIUM, "medium");
    assert_int_equal(animaldetect_job_failed_step(job), step);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_MEDIUM), 1);
    assert_int_equal(animaldetect_status_scope(ANIMALDETECT_E_MEDIUM), ANIMALDETECT_SCOPE_CALLER);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 0);
}

static void a_medium_that_fails_says_so_and_the_job_goes_on_later(struct host *host)
{
    static const int errors[] = {EIO, ENODEV, ENXIO, ESTALE};
    char *path = image_file(3);

    for (int i = 0; i < 16; i++) {
        bool reads = (i & 1) != 0;
        bool uploads = (i & 2) != 0;
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        if (uploads)
            assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        *(reads ? &read_fails.error : &open_fails.error) = errors[i / 4];
        *(reads ? &read_fails.times : &open_fails.times) = 1;
        host_do(host, job, HOST_RUN);
        check_of_medium(host, job, uploads ? ANIMALDETECT_STEP_UPLOAD : ANIMALDETECT_STEP_PREPARE);
        assert_int_equal(open_fails.times + read_fails.times, 0);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
    host_remove_file(path);
}

static void a_lack_of_descriptors_is_waited_for(struct host *host)
{
    static const int errors[] = {EMFILE, ENFILE};
    char *path = image_file(3);

    for (int i = 0; i < 4; i++) {
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        if (i % 2 == 1)
            assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        open_fails.error = errors[i / 2];
        open_fails.times = 3;
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(open_fails.times, 0);
    }
    host_remove_file(path);
}

static void a_lasting_lack_of_descriptors_is_reported(struct host *host)
{
    char *path = image_file(3);

    for (int i = 0; i < 2; i++) {
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        if (i == 1)
            assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        open_fails.error = EMFILE;
        open_fails.times = 1000;
        host_do(host, job, HOST_RUN);
        assert_in_range(open_fails.times, 980, 999);
        open_fails.times = 0;
        host_expect(host, job, ANIMALDETECT_E_NO_DESCRIPTORS, "max_requests");
        assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_NO_DESCRIPTORS), 1);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    }
    host_remove_file(path);
}

static void a_socket_is_no_file_and_no_broken_medium(struct host *host)
{
    animaldetect_job *job = file_job(host, "/dev/log-of-nobody");

    open_fails.error = ENXIO;
    open_fails.times = 1;
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_MEDIUM, NULL); /* nothing is known about a missing file */
    job = file_job(host, "/dev/null");
    open_fails.times = 1;
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_FILE, "not a regular file");
}

/* A deleted file or folder is gone for good; the medium is present. */
static void a_folder_that_was_deleted_is_no_broken_medium(struct host *host)
{
    char *path = image_file(3);
    animaldetect_job *job = file_job(host, path);
    char folder[200];

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(unlink(path), 0);
    snprintf(folder, sizeof folder, "%s", path);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(rmdir(folder), 0);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_FILE, "No such file");
    free(path);
}

static void grow(const char *path)
{
    FILE *file = fopen(path, "ab");

    assert_non_null(file);
    assert_true(fputc('x', file) != EOF);
    fclose(file);
}

static void halve(const char *path)
{
    assert_int_equal(truncate(path, 2000000 / 2), 0);
}

static void a_file_that_is_still_being_written_can_run_when_it_is_complete(struct host *host)
{
    static void (*const writers[])(const char *path) = {grow, halve, touch};

    for (size_t i = 0; i < 3; i++) {
        uint8_t *image = host_image(2000000, 3);
        char *path = host_file("image.jpg", image, 2000000);
        animaldetect_job *job;

        host_again(host);
        job = file_job(host, path);
        assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
        writers[i](path);
        host_finish(host, job);
        host_expect(host, job, ANIMALDETECT_E_FILE_UNFINISHED, path);
        assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_FILE_UNFINISHED), 1);
        assert_int_equal(animaldetect_status_scope(ANIMALDETECT_E_FILE_UNFINISHED), ANIMALDETECT_SCOPE_CALLER);
        assert_int_equal(world_count(host->world, "any"), 0);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        free(image);
        host_remove_file(path);
    }
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_file_with_another_identity_and_the_same_bytes_is_uploaded),
        SCENARIO(an_identity_that_changes_during_the_upload_costs_another_upload),
        SCENARIO(an_identity_that_goes_on_changing_does_not_matter),
        SCENARIO(an_upload_that_breaks_is_hashed_anew),
        SCENARIO(other_bytes_are_never_submitted_and_the_right_ones_go_on),
        SCENARIO(a_write_that_coarse_times_hide_is_found),
        SCENARIO(a_rerun_goes_on_with_the_other_bytes),
        SCENARIO(a_file_that_changes_while_the_answer_is_lost_is_not_submitted),
        SCENARIO(a_saved_path_gives_no_byte_of_another_file_away),
        SCENARIO(a_saved_file_with_another_identity_is_hashed_again_and_uploaded),
        SCENARIO(a_reader_that_gives_other_bytes_the_second_time_is_not_submitted),
        SCENARIO(a_single_pass_of_a_restored_job_is_compared_as_it_goes),
        SCENARIO(a_medium_that_fails_says_so_and_the_job_goes_on_later),
        SCENARIO(a_lack_of_descriptors_is_waited_for),
        SCENARIO(a_lasting_lack_of_descriptors_is_reported),
        SCENARIO(a_socket_is_no_file_and_no_broken_medium),
        SCENARIO(a_folder_that_was_deleted_is_no_broken_medium),
        SCENARIO(a_file_that_is_still_being_written_can_run_when_it_is_complete),
    };

    return HOST_MAIN(list);
}
