/* SPDX-License-Identifier: MIT */
/*
 * See the header. A failed call is made again on the same client after `torture_relax`: "the client stays usable" means
 * that it then succeeds.
 */
#include "engine/torture/scenarios.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define IMAGE_SIZE 900

void (*torture_relax)(void);

struct reading {
    uint8_t bytes[IMAGE_SIZE];
    size_t at;
    int given_back;
};

static int64_t read_piece(void *user, uint8_t *buffer, size_t size)
{
    struct reading *reading = user;
    size_t piece = sizeof reading->bytes - reading->at < size ? sizeof reading->bytes - reading->at : size;

    memcpy(buffer, reading->bytes + reading->at, piece);
    reading->at += piece;
    return (int64_t)piece;
}

static int32_t go_back(void *user)
{
    ((struct reading *)user)->at = 0;
    return 0;
}

static void give_back(void *user)
{
    ((struct reading *)user)->given_back++;
}

static int32_t open_client(struct torture *torture, animaldetect_client **out)
{
    animaldetect_client *client = NULL;
    int32_t status = animaldetect_client_new(&client);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_api_key(client, EMULATOR_KEY);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_base_url(client, emulator_url(torture->emulator));
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_poll_bounds_ms(client, 10, 10);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_max_tries(client, 1);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_stall_timeout_ms(client, 1500);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_request_timeout_ms(client, 2000);
    if (status != ANIMALDETECT_OK) {
        animaldetect_client_free(client);
        client = NULL;
    }
    *out = client;
    return status;
}

static int32_t bytes_job(struct torture *torture, animaldetect_client *client, animaldetect_job **out)
{
    uint8_t image[IMAGE_SIZE];
    char name[32];
    int32_t status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, out);

    draw_image(image, sizeof image, ++torture->image);
    snprintf(name, sizeof name, "img_%u.jpg", (unsigned)torture->image);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_bytes(*out, image, sizeof image);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_filename(*out, name);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_threshold(*out, 0.2);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_country(*out, " us");
    return status;
}

/* Reads every part of a result. */
static int32_t read_result(animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    int32_t status = animaldetect_job_result(job, &result);
    double score = 0;

    for (size_t i = 0; i < animaldetect_result_count(result); i++)
        (void)animaldetect_detection_score(animaldetect_result_at(result, i), &score);
    animaldetect_result_free(result);
    return status;
}

/* A blocking call; when it fails, there is a message, and the next call on the same job succeeds. */
static int32_t call(struct torture *torture, animaldetect_job *job, int32_t (*blocking)(animaldetect_job *job))
{
    int32_t status = blocking(job);

    if (status == ANIMALDETECT_OK)
        return status;
    snprintf(torture->words, sizeof torture->words, "%s", animaldetect_job_message(job));
    torture_relax();
    torture->again = blocking(job);
    if (torture->again != ANIMALDETECT_OK)
        snprintf(torture->words, sizeof torture->words, "%s", animaldetect_job_message(job));
    return status;
}

static int32_t call_and_read(struct torture *torture, animaldetect_job *job)
{
    int32_t status = call(torture, job, animaldetect_job_run);

    if (status == ANIMALDETECT_OK || torture->again == ANIMALDETECT_OK) {
        int32_t read = read_result(job);

        status = status == ANIMALDETECT_OK ? read : status;
    }
    return status;
}

static int32_t run_bytes(struct torture *torture)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    int32_t status = open_client(torture, &client);

    if (status == ANIMALDETECT_OK)
        status = bytes_job(torture, client, &job);
    if (status == ANIMALDETECT_OK)
        status = call_and_read(torture, job);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return status;
}

static int32_t run_file(struct torture *torture)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    char reference[32];
    int32_t status = open_client(torture, &client);

    snprintf(reference, sizeof reference, "file-%u", (unsigned)++torture->image);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_FILTER, &job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_file(job, torture->path);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_client_reference_id(job, reference);
    if (status == ANIMALDETECT_OK)
        status = call_and_read(torture, job);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return status;
}

static void ignore(void *user, const animaldetect_log_record *record)
{
    (void)user;
    (void)record;
}

/* Optional settings that allocate their own memory. */
static int32_t control(animaldetect_client *client, animaldetect_job *job, struct reading *reading, int *lent)
{
    int32_t status = animaldetect_client_set_log(client, ANIMALDETECT_LOG_DEBUG, ignore, reading, give_back);

    *lent += status == ANIMALDETECT_OK;
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_add_header(client, "traceparent", "00-1");
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_note(job, "gate");
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_priority(job, -3);
    return status;
}

static int32_t run_reader(struct torture *torture)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    struct reading reading = {.at = 0};
    int lent = 0;
    char name[32];
    int32_t status = open_client(torture, &client);

    draw_image(reading.bytes, sizeof reading.bytes, ++torture->image);
    snprintf(name, sizeof name, "img_%u.jpg", (unsigned)torture->image);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_reader(job, sizeof reading.bytes, read_piece, go_back, &reading, give_back);
    lent += status == ANIMALDETECT_OK;
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_filename(job, name);
    if (status == ANIMALDETECT_OK)
        status = control(client, job, &reading, &lent);
    if (status == ANIMALDETECT_OK)
        status = call_and_read(torture, job);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    if (reading.given_back != lent) {
        fprintf(stderr, "%d were lent, %d given back\n", lent, reading.given_back);
        abort();
    }
    return status;
}

static int32_t run_source_url(struct torture *torture)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    char url[64];
    int32_t status = open_client(torture, &client);

    snprintf(url, sizeof url, "https://images.example/%u.jpg", (unsigned)++torture->image);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_source_url(job, url);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_option_json(job, "zones", "[{\"name\":\"a\",\"box\":[0,0,1,1e2]}]");
    if (status == ANIMALDETECT_OK)
        status = call_and_read(torture, job);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return status;
}

/* Step by step; after the upload the job is saved, freed, and continued by a restored one. */
static int32_t save_and_restore(struct torture *torture)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    char *text = NULL;
    size_t size = 0;
    int32_t status = open_client(torture, &client);

    if (status == ANIMALDETECT_OK)
        status = bytes_job(torture, client, &job);
    if (status == ANIMALDETECT_OK)
        status = call(torture, job, animaldetect_job_create);
    if (status == ANIMALDETECT_OK)
        status = call(torture, job, animaldetect_job_upload);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_save(job, &text, &size);
    if (status == ANIMALDETECT_OK) {
        animaldetect_job_free(job);
        job = NULL;
        status = animaldetect_job_restore(client, text, size, &job);
    }
    if (status == ANIMALDETECT_OK)
        status = call_and_read(torture, job);
    animaldetect_text_free(text);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return status;
}

/* Waits until there is work; a failed call of the loop ends it. */
static int32_t turn(animaldetect_client *client, int set, uint32_t *ended, int32_t *worst)
{
    struct epoll_event event;
    animaldetect_job *job = NULL;
    int32_t status;

    (void)epoll_wait(set, &event, 1, 50);
    status = animaldetect_client_process(client);
    while (status == ANIMALDETECT_OK && animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) {
        ++*ended;
        if (animaldetect_job_status(job) != ANIMALDETECT_E_CANCELED && *worst == ANIMALDETECT_OK)
            *worst = animaldetect_job_status(job);
    }
    return status;
}

#define LOOPED 3

/* Several jobs from an event loop, the last of them canceled. */
static int32_t event_loop(struct torture *torture)
{
    animaldetect_client *client = NULL;
    animaldetect_job *jobs[LOOPED] = {NULL};
    struct epoll_event event = {.events = EPOLLIN};
    uint32_t started = 0;
    uint32_t ended = 0;
    int32_t worst = ANIMALDETECT_OK;
    int set = epoll_create1(EPOLL_CLOEXEC);
    int32_t status = open_client(torture, &client);
    int32_t fd = status == ANIMALDETECT_OK ? animaldetect_client_fd(client) : -1;

    if (status == ANIMALDETECT_OK && fd < 0)
        status = fd;
    if (status == ANIMALDETECT_OK && epoll_ctl(set, EPOLL_CTL_ADD, fd, &event) != 0)
        status = ANIMALDETECT_E_SYSTEM;
    for (uint32_t i = 0; i < LOOPED && status == ANIMALDETECT_OK; i++) {
        status = bytes_job(torture, client, &jobs[i]);
        if (status == ANIMALDETECT_OK)
            status = animaldetect_job_run_async(jobs[i]);
        started += status == ANIMALDETECT_OK;
    }
    if (started == LOOPED)
        (void)animaldetect_job_cancel(jobs[LOOPED - 1]);
    while (status == ANIMALDETECT_OK && ended < started)
        status = turn(client, set, &ended, &worst);
    for (uint32_t i = 0; i < LOOPED; i++)
        animaldetect_job_free(jobs[i]);
    animaldetect_client_free(client);
    close(set);
    return worst == ANIMALDETECT_OK ? status : worst;
}

const struct scenario SCENARIOS[] = {
    {"run_bytes", run_bytes},           {"run_file", run_file},
    {"run_reader", run_reader},         {"run_source_url", run_source_url},
    {"save_and_restore", save_and_restore}, {"event_loop", event_loop},
};
const size_t SCENARIO_COUNT = sizeof SCENARIOS / sizeof SCENARIOS[0];

int torture_each_scenario(const char *group, CMUnitTestFunction test)
{
    struct CMUnitTest tests[sizeof SCENARIOS / sizeof SCENARIOS[0]];

    memset(tests, 0, sizeof tests);
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        tests[i].name = SCENARIOS[i].name;
        tests[i].test_func = test;
        tests[i].initial_state = (void *)(uintptr_t)&SCENARIOS[i];
    }
    return _cmocka_run_group_tests(group, tests, SCENARIO_COUNT, NULL, NULL);
}

void torture_begin(struct torture *torture)
{
    uint8_t image[IMAGE_SIZE];
    int fd;

    memset(torture, 0, sizeof *torture);
    torture->emulator = emulator_start((const char *const[]){"--processing", "fixed:0", NULL});
    snprintf(torture->path, sizeof torture->path, "/tmp/animaldetect-torture-XXXXXX");
    fd = mkstemp(torture->path);
    assert_true(fd >= 0);
    draw_image(image, sizeof image, 1000000);
    assert_int_equal(write(fd, image, sizeof image), sizeof image);
    close(fd);
}

void torture_end(struct torture *torture)
{
    json_t *ledger = emulator_stop(torture->emulator);

    ledger_is_clean(ledger);
    assert_true(ledger_count(ledger, "jobs") <= (int64_t)torture->image);
    json_decref(ledger);
    unlink(torture->path);
}

bool torture_is_honest(int32_t status)
{
    return status == ANIMALDETECT_OK || status == ANIMALDETECT_E_NO_MEMORY || status == ANIMALDETECT_E_NETWORK ||
           status == ANIMALDETECT_E_SYSTEM;
}
