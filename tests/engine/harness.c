/* SPDX-License-Identifier: MIT */
/*
 * The world of the harness: creation, checks and teardown. Checks after every scenario what no scenario may ever do.
 */
#include "engine/harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    if (directory == NULL)
        return 0;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* A line for a person: one line, without the key and without a signature that would let anyone upload. */
static bool is_fit_to_print(const char *text)
{
    return strstr(text, HOST_KEY) == NULL && strstr(text, "X-Signature=") == NULL && strpbrk(text, "\r\n") == NULL;
}

static void check_text(struct host *host, const char *text)
{
    if (!is_fit_to_print(text) && host->leak[0] == '\0')
        snprintf(host->leak, sizeof host->leak, "%s", text);
}

static void on_log(void *user, const animaldetect_log_record *record)
{
    const char *message = animaldetect_log_text(record);
    struct host *host = user;

    assert_ptr_equal(animaldetect_log_client(record), host->client);
    assert_in_range(animaldetect_log_level(record), ANIMALDETECT_LOG_ERROR, ANIMALDETECT_LOG_DEBUG);
    host->log_lines++;
    check_text(host, message);
    if (host->in_log != NULL)
        host->in_log(host);
}

void host_open_client(struct host *host)
{
    assert_int_equal(ad_client_new_over(world_factory, host->world, host->net.seed, &host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(host->client, HOST_KEY), ANIMALDETECT_OK);
    if (!host->no_log)
        assert_int_equal(animaldetect_client_set_log(host->client, host->log_level, on_log, host, NULL),
                         ANIMALDETECT_OK);
}

void host_open(struct host *host)
{
    if (host->svc != NULL)
        return;
    host->svc = svc_new(&host->service);
    assert_non_null(host->svc);
    host->world = world_new(host->svc, &host->net);
    host_open_client(host);
}

static void drop_outer(struct host *host)
{
    if (host->outer >= 0)
        close(host->outer);
    host->outer = -1;
}

void host_restart(struct host *host)
{
    for (int i = 0; i < host->slot_count; i++) {
        animaldetect_job_free(host->slots[i].job);
        host->slots[i].job = NULL;
    }
    drop_outer(host);
    animaldetect_client_free(host->client);
    svc_client_restarted(host->svc);
    host_open_client(host);
}

static void check_end(const struct host *host)
{
    for (size_t i = 0; !host->violations_expected && i < svc_violation_count(host->svc); i++)
        fail_msg("the service saw a violation: %s", svc_violation(host->svc, i));
    if (!host->violations_expected && world_violations(host->world) > 0)
        fail_msg("the network saw a violation: %s", world_violation(host->world));
    if (host->leak[0] != '\0')
        fail_msg("a secret or a line end in a text: %s", host->leak);
    for (int i = 0; i < host->slot_count; i++)
        assert_true(host->slots[i].taken <= host->slots[i].started);
}

void host_close(struct host *host)
{
    if (host->svc == NULL)
        return;
    drop_outer(host);
    for (int i = 0; i < host->slot_count; i++)
        animaldetect_job_free(host->slots[i].job);
    animaldetect_client_free(host->client);
    check_end(host);
    world_free(host->world);
    svc_free(host->svc);
    host->svc = NULL;
    host->slot_count = 0;
    assert_int_equal(count_descriptors(), host->descriptors);
}

void host_again(struct host *host)
{
    host_close(host);
    host_open(host);
}

void host_fault(struct host *host, const char *spec)
{
    char error[256];

    host_open(host);
    if (!svc_add_fault(host->svc, spec, error, sizeof error))
        fail_msg("%s", error);
}

void host_adopt(struct host *host, animaldetect_job *job)
{
    assert_non_null(job);
    assert_true(host->slot_count < HOST_JOBS);
    host->slots[host->slot_count++] = (struct host_slot){.job = job};
}

animaldetect_job *host_save_and_restore(struct host *host, animaldetect_job *job)
{
    animaldetect_job *again = NULL;
    char *text = NULL;

    assert_int_equal(animaldetect_job_save(job, &text, NULL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_restore(host->client, text, strlen(text), &again), ANIMALDETECT_OK);
    animaldetect_text_free(text);
    host_adopt(host, again);
    return again;
}

animaldetect_job *host_job(struct host *host, const char *operation)
{
    animaldetect_job *job = NULL;

    host_open(host);
    assert_int_equal(animaldetect_job_new(host->client, operation, &job), ANIMALDETECT_OK);
    host_adopt(host, job);
    return job;
}

animaldetect_job *host_image_job(struct host *host)
{
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);
    uint8_t *image = host_image(2000, (unsigned)host->slot_count);
    char reference[32];

    /* Without a checksum on the wire, only the reference distinguishes the payloads of two images. */
    snprintf(reference, sizeof reference, "image-%d", host->slot_count);
    assert_int_equal(animaldetect_job_set_client_reference_id(job, reference), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, image, 2000), ANIMALDETECT_OK);
    free(image);
    return job;
}

void host_free(struct host *host, animaldetect_job *job)
{
    for (int i = 0; i < host->slot_count; i++)
        if (host->slots[i].job == job)
            host->slots[i].job = NULL;
    animaldetect_job_free(job);
}

void host_expect(struct host *host, animaldetect_job *job, int32_t status, const char *words)
{
    const char *message = animaldetect_job_message(job);

    check_text(host, message);
    if (animaldetect_job_status(job) != status)
        fail_msg("%s in place of %s: %s", animaldetect_status_name(animaldetect_job_status(job)),
                 animaldetect_status_name(status), message);
    if (words != NULL && strstr(message, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, message);
    assert_true((status == ANIMALDETECT_OK) == (*message == '\0'));
}

int64_t host_stat(struct host *host, int32_t which)
{
    int64_t value = -1;

    assert_int_equal(animaldetect_client_statistic(host->client, which, &value), ANIMALDETECT_OK);
    return value;
}

uint8_t *host_image(size_t size, unsigned number)
{
    static const uint8_t begin[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};
    uint8_t *image = malloc(size);
    uint32_t state = number * 2654435761U + 12345;

    assert_non_null(image);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        image[i] = i < sizeof begin ? begin[i] : (uint8_t)(state >> 24);
    }
    return image;
}

/* The file gets an old time: the identity of a new file is ignored where file times have a resolution of seconds. */
char *host_file(const char *name, const void *bytes, size_t size)
{
    static const struct timespec times[2] = {{.tv_sec = 1600000000, .tv_nsec = 123456789},
                                             {.tv_sec = 1600000000, .tv_nsec = 123456789}};
    char directory[] = "/tmp/animaldetect-test-XXXXXX";
    char *path = NULL;
    FILE *file;

    assert_non_null(mkdtemp(directory));
    assert_true(asprintf(&path, "%s/%s", directory, name) > 0);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    return path;
}

void host_remove_file(char *path)
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
    free(path);
}

struct trial {
    const struct host_scenario *scenario;
    enum host_drive drive;
};

static void run_trial(void **state)
{
    const struct trial *trial = *state;
    struct host *host = calloc(1, sizeof *host);

    assert_non_null(host);
    host->drive = trial->drive;
    host->outer = -1;
    host->log_level = ANIMALDETECT_LOG_DEBUG;
    svc_config_default(&host->service);
    world_config_default(&host->net);
    host->service.api_key = HOST_KEY;
    host->service.processing = "fixed:3000";
    host->descriptors = count_descriptors();
    trial->scenario->run(host);
    host_close(host);
    free(host);
}

static int run_all(const struct host_scenario *list, size_t count, int drives)
{
    static const char *const names[HOST_DRIVES] = {"blocking", "wait", "level", "edge"};
    size_t total = count * (size_t)drives;
    struct CMUnitTest *tests = calloc(total, sizeof *tests);
    struct trial *trials = calloc(total, sizeof *trials);
    char **titles = calloc(total, sizeof *titles);
    int failed;

    if (tests == NULL || trials == NULL || titles == NULL)
        return 1;
    for (size_t i = 0; i < total; i++) {
        trials[i] = (struct trial){&list[i / (size_t)drives], (enum host_drive)(i % (size_t)drives)};
        if (asprintf(&titles[i], "%s [%s]", trials[i].scenario->name, names[trials[i].drive]) < 0)
            return 1;
        tests[i] = (struct CMUnitTest){.name = titles[i], .test_func = run_trial, .initial_state = &trials[i]};
    }
    failed = _cmocka_run_group_tests("engine", tests, total, NULL, NULL);
    for (size_t i = 0; i < total; i++)
        free(titles[i]);
    free(titles);
    free(trials);
    free(tests);
    return failed;
}

int host_main(const struct host_scenario *list, size_t count)
{
    return run_all(list, count, HOST_DRIVES);
}

int host_main_once(const struct host_scenario *list, size_t count)
{
    return run_all(list, count, 1);
}
