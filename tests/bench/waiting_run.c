/* SPDX-License-Identifier: MIT */
/*
 * Jobs that wait for a service which never finishes them: the memory of each, and the CPU time of its polls. Prints one
 * line of JSON. Uses public functions only.
 *
 *     waiting_run memory URL KEY JOBS        polls so rare that none is made
 *     waiting_run cost URL KEY JOBS SECONDS  RATE polls a second, however many jobs wait
 *
 * Memory is compared with an idle client that has opened its connections and completed a first wave of 200 jobs.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "rivals/measure.h"

#define FIRST_WAVE 200
#define IMAGE_SIZE 2000
#define RATE 2000 /* polls a second */
#define NEVER_MS 3600000
#define ENOUGH_JOBS 5000

struct load {
    animaldetect_client *client;
    animaldetect_job **jobs;
    uint8_t *image;
    long count;
    long number; /* of the next image; never reused */
    int set;
};

struct state {
    double cpu_s;
    double wall_s;
    int64_t polls;
};

static int64_t statistic(const struct load *load, int32_t which)
{
    int64_t value = 0;

    (void)animaldetect_client_statistic(load->client, which, &value);
    return value;
}

static struct state look(const struct load *load)
{
    struct state state = {measure_cpu_s(), measure_wall_s(), statistic(load, ANIMALDETECT_STAT_REQUESTS_POLL)};

    return state;
}

/* 1: a job has completed, which no job of this bench should; prints its message. */
static int turn(const struct load *load, int timeout_ms)
{
    struct epoll_event event;
    animaldetect_job *job = NULL;

    epoll_wait(load->set, &event, 1, timeout_ms);
    animaldetect_client_process(load->client);
    if (animaldetect_client_next_done(load->client, &job) != ANIMALDETECT_OK)
        return 0;
    fprintf(stderr, "%s\n", animaldetect_job_message(job));
    return 1;
}

static bool start(struct load *load, long index)
{
    animaldetect_job *job = NULL;
    char name[48];

    if (animaldetect_job_new(load->client, ANIMALDETECT_OPERATION_DETECT, &job) != ANIMALDETECT_OK)
        return false;
    load->jobs[index] = job;
    snprintf(name, sizeof name, "camera-a/2026-06-17/img_%06ld", load->number);
    animaldetect_job_set_client_reference_id(job, name);
    snprintf(name, sizeof name, "img_%06ld.jpg", load->number++);
    animaldetect_job_set_filename(job, name);
    animaldetect_job_set_bytes_borrowed(job, load->image, IMAGE_SIZE, NULL, NULL);
    animaldetect_job_set_threshold(job, 0.2);
    animaldetect_job_set_country(job, "USA");
    return animaldetect_job_run_async(job) == ANIMALDETECT_OK;
}

/* Starts `count` jobs and runs the loop until each of them is submitted. */
static bool start_all(struct load *load, long count)
{
    int64_t want = statistic(load, ANIMALDETECT_STAT_REQUESTS_SUBMIT) + count;

    for (long i = 0; i < count; i++)
        if (!start(load, i))
            return false;
    while (statistic(load, ANIMALDETECT_STAT_REQUESTS_SUBMIT) < want)
        if (turn(load, 100) != 0)
            return false;
    return true;
}

/* Until nothing is on the wire: only where no polls are made. */
static bool settle(const struct load *load)
{
    while (statistic(load, ANIMALDETECT_STAT_REQUESTS_ACTIVE) > 0)
        if (turn(load, 100) != 0)
            return false;
    return true;
}

static void free_all(struct load *load, long count)
{
    for (long i = 0; i < count; i++) {
        animaldetect_job_free(load->jobs[i]);
        load->jobs[i] = NULL;
    }
}

static bool open_load(struct load *load, char **argv, int64_t gap_ms)
{
    struct epoll_event event = {.events = EPOLLIN};

    load->count = strtol(argv[4], NULL, 10);
    load->image = measure_image(IMAGE_SIZE);
    load->jobs = calloc((size_t)(load->count > FIRST_WAVE ? load->count : FIRST_WAVE), sizeof *load->jobs);
    load->set = epoll_create1(EPOLL_CLOEXEC);
    return load->image != NULL && load->jobs != NULL && load->set >= 0 &&
           animaldetect_client_new(&load->client) == ANIMALDETECT_OK &&
           animaldetect_client_set_base_url(load->client, argv[2]) == ANIMALDETECT_OK &&
           animaldetect_client_set_api_key(load->client, argv[3]) == ANIMALDETECT_OK &&
           animaldetect_client_set_poll_bounds_ms(load->client, gap_ms, gap_ms) == ANIMALDETECT_OK &&
           epoll_ctl(load->set, EPOLL_CTL_ADD, animaldetect_client_fd(load->client), &event) == 0;
}

/* CPU time until `count` jobs wait, over enough waves that their number does not limit the precision. */
static bool measure_start(struct load *load, double *cpu_us_per_job)
{
    long waves = load->count < ENOUGH_JOBS ? ENOUGH_JOBS / load->count : 1;
    double spent = 0;

    for (long i = 0; i < waves; i++) {
        double before = measure_cpu_s();

        if (!start_all(load, load->count) || !settle(load))
            return false;
        spent += measure_cpu_s() - before;
        if (i < waves - 1)
            free_all(load, load->count);
    }
    *cpu_us_per_job = spent * 1e6 / (double)(waves * load->count);
    return true;
}

static bool measure_memory(struct load *load)
{
    double cpu_us_per_job = 0;
    size_t heap;
    long rss;

    if (!start_all(load, FIRST_WAVE) || !settle(load))
        return false;
    free_all(load, FIRST_WAVE);
    heap = measure_heap_bytes();
    rss = measure_rss_kib();
    if (!measure_start(load, &cpu_us_per_job))
        return false;
    printf("{\"jobs\":%ld,\"heap_bytes_per_job\":%.1f,\"rss_bytes_per_job\":%.1f,\"idle_rss_kib\":%ld,"
           "\"rss_kib\":%ld,\"descriptors\":%d,\"start_cpu_us_per_job\":%.1f,\"polls\":%" PRId64 "}\n",
           load->count, (double)(measure_heap_bytes() - heap) / (double)load->count,
           (double)(measure_rss_kib() - rss) * 1024 / (double)load->count, rss, measure_rss_kib(),
           measure_descriptors(), cpu_us_per_job, statistic(load, ANIMALDETECT_STAT_REQUESTS_POLL));
    return true;
}

static bool measure_cost(struct load *load, double seconds, double gap_s)
{
    struct state before, after;
    double until;

    if (!start_all(load, load->count))
        return false;
    /* Half a second without measuring, so that the wave of submits is over. */
    for (until = measure_wall_s() + 0.5; measure_wall_s() < until;)
        if (turn(load, 100) != 0)
            return false;
    before = look(load);
    /* At least a whole interval: the submits came in a wave, and so do the polls. */
    seconds = seconds > gap_s ? seconds : gap_s;
    for (until = measure_wall_s() + seconds; measure_wall_s() < until;)
        if (turn(load, 100) != 0)
            return false;
    after = look(load);
    printf("{\"jobs\":%ld,\"polls\":%" PRId64 ",\"polls_per_s\":%.0f,\"cpu_us_per_poll\":%.2f,\"descriptors\":%d}\n",
           load->count, after.polls - before.polls,
           (double)(after.polls - before.polls) / (after.wall_s - before.wall_s),
           (after.cpu_s - before.cpu_s) * 1e6 / (double)(after.polls - before.polls), measure_descriptors());
    return after.polls > before.polls;
}

int main(int argc, char **argv)
{
    struct load load = {0};
    bool memory = argc == 5 && strcmp(argv[1], "memory") == 0;
    bool cost = argc == 6 && strcmp(argv[1], "cost") == 0;
    int64_t gap_ms;
    bool good;

    if (!memory && !cost) {
        fprintf(stderr, "usage: %s memory URL KEY JOBS | cost URL KEY JOBS SECONDS\n", argv[0]);
        return 2;
    }
    gap_ms = memory ? NEVER_MS : strtol(argv[4], NULL, 10) * 1000 / RATE;
    good = open_load(&load, argv, gap_ms) &&
           (memory ? measure_memory(&load) : measure_cost(&load, strtod(argv[5], NULL), (double)gap_ms / 1000));
    if (load.jobs != NULL)
        free_all(&load, load.count);
    animaldetect_client_free(load.client);
    free(load.jobs);
    free(load.image);
    if (load.set >= 0)
        close(load.set);
    return good ? 0 : 1;
}
