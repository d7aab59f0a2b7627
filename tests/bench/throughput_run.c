/* SPDX-License-Identifier: MIT */
/*
 * This library as one of the programs that the throughput bench compares: runs jobs from one thread, as the README
 * shows, and prints its measurements as one line of JSON. Uses public functions only.
 *
 *     throughput_run URL KEY JOBS IN_FLIGHT BYTES WAIT_MS [digest]
 *
 * With "digest" the host sets the image's SHA-256, so that the library does not hash. BENCH_CA_FILE names the trusted
 * certificates.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <sodium.h>

#include <animaldetect/animaldetect.h>

#include "rivals/measure.h"

#define CONNECTIONS 64

struct load {
    animaldetect_client *client;
    uint8_t *image;
    size_t size;
    const char *sha256; /* NULL: the library hashes */
    long jobs;
    long window;
    long started;
    long ended;
    long succeeded;
};

static bool open_client(struct load *load, char **argv)
{
    int64_t wait_ms = strtol(argv[6], NULL, 10);
    const char *ca_file = getenv("BENCH_CA_FILE");

    return animaldetect_client_new(&load->client) == ANIMALDETECT_OK &&
           animaldetect_client_set_base_url(load->client, argv[1]) == ANIMALDETECT_OK &&
           animaldetect_client_set_api_key(load->client, argv[2]) == ANIMALDETECT_OK &&
           animaldetect_client_set_max_requests(load->client, CONNECTIONS) == ANIMALDETECT_OK &&
           (ca_file == NULL || animaldetect_client_set_ca_file(load->client, ca_file) == ANIMALDETECT_OK) &&
           animaldetect_client_set_poll_bounds_ms(load->client, wait_ms, wait_ms) == ANIMALDETECT_OK;
}

static bool start_one(struct load *load)
{
    animaldetect_job *job = NULL;
    char name[32];

    snprintf(name, sizeof name, "img_%06ld.jpg", load->started);
    if (animaldetect_job_new(load->client, ANIMALDETECT_OPERATION_DETECT, &job) != ANIMALDETECT_OK)
        return false;
    animaldetect_job_set_bytes_borrowed(job, load->image, load->size, NULL, NULL);
    animaldetect_job_set_filename(job, name);
    animaldetect_job_set_client_reference_id(job, name);
    animaldetect_job_set_threshold(job, 0.2);
    animaldetect_job_set_classify(job, 1);
    if (load->sha256 != NULL)
        animaldetect_job_set_sha256(job, load->sha256);
    if (animaldetect_job_run_async(job) != ANIMALDETECT_OK) {
        animaldetect_job_free(job);
        return false;
    }
    load->started++;
    return true;
}

/* What a host does with a result: reads each detection. */
static void take(struct load *load, animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    double score = 0;

    if (animaldetect_job_status(job) == ANIMALDETECT_OK && animaldetect_job_result(job, &result) == ANIMALDETECT_OK)
        load->succeeded++;
    else
        fprintf(stderr, "%s\n", animaldetect_job_message(job));
    for (size_t i = 0; i < animaldetect_result_count(result); i++)
        (void)animaldetect_detection_score(animaldetect_result_at(result, i), &score);
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    load->ended++;
}

static bool fill(struct load *load)
{
    while (load->started < load->jobs && load->started - load->ended < load->window)
        if (!start_one(load))
            return false;
    return true;
}

static bool loop(struct load *load)
{
    struct epoll_event event = {.events = EPOLLIN};
    animaldetect_job *job = NULL;
    int set = epoll_create1(EPOLL_CLOEXEC);
    bool good = set >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, animaldetect_client_fd(load->client), &event) == 0;

    while (good && load->ended < load->jobs) {
        good = fill(load);
        epoll_wait(set, &event, 1, -1);
        animaldetect_client_process(load->client);
        while (animaldetect_client_next_done(load->client, &job) == ANIMALDETECT_OK)
            take(load, job);
    }
    if (set >= 0)
        close(set);
    return good;
}

static void give_digest(struct load *load, char hex[2 * crypto_hash_sha256_BYTES + 1])
{
    uint8_t digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, load->image, load->size);
    load->sha256 = sodium_bin2hex(hex, 2 * crypto_hash_sha256_BYTES + 1, digest, sizeof digest);
}

int main(int argc, char **argv)
{
    char hex[2 * crypto_hash_sha256_BYTES + 1];
    struct load load = {0};
    int64_t polls = 0;
    double wall;
    bool good;

    if (argc < 7) {
        fprintf(stderr, "usage: %s URL KEY JOBS IN_FLIGHT BYTES WAIT_MS [digest]\n", argv[0]);
        return 2;
    }
    load.jobs = strtol(argv[3], NULL, 10);
    load.window = strtol(argv[4], NULL, 10);
    load.size = strtoul(argv[5], NULL, 10);
    load.image = load.size < 64 ? NULL : measure_image(load.size);
    if (load.image == NULL || !open_client(&load, argv))
        return 2;
    if (argc > 7)
        give_digest(&load, hex);
    wall = measure_wall_s();
    good = loop(&load);
    wall = measure_wall_s() - wall;
    (void)animaldetect_client_statistic(load.client, ANIMALDETECT_STAT_REQUESTS_POLL, &polls);
    printf("{\"jobs\":%ld,\"succeeded\":%ld,\"wall_s\":%.6f,\"peak_rss_kib\":%ld,\"polls\":%" PRId64 "}\n", load.jobs,
           load.succeeded, wall, measure_peak_rss_kib(), polls);
    animaldetect_client_free(load.client);
    free(load.image);
    return good && load.succeeded == load.jobs ? 0 : 1;
}
