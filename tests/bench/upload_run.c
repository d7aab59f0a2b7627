/* SPDX-License-Identifier: MIT */
/*
 * Measures the cost of large files: memory while ACTIVE uploads are in progress, and CPU per megabyte.
 *
 *     upload_run URL KEY ACTIVE BYTES JOBS [digest]
 *
 * All jobs read one file of random-looking bytes, each under its own name. With "digest" the host sets the image's
 * SHA-256, so that the library does not hash.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include <animaldetect/animaldetect.h>

#include "rivals/measure.h"

struct load {
    animaldetect_client *client;
    char path[64];
    char hex[2 * crypto_hash_sha256_BYTES + 1]; /* "": the library hashes */
    long started;
    long ended;
    long succeeded;
};

static bool write_file(struct load *load, size_t size, bool digest)
{
    uint8_t sum[crypto_hash_sha256_BYTES];
    uint8_t *image = measure_image(size);
    int fd;
    bool good;

    strcpy(load->path, "/tmp/animaldetect-bench-XXXXXX");
    fd = mkstemp(load->path);
    good = image != NULL && fd >= 0 && write(fd, image, size) == (ssize_t)size;
    if (good && digest) {
        crypto_hash_sha256(sum, image, size);
        sodium_bin2hex(load->hex, sizeof load->hex, sum, sizeof sum);
    }
    if (fd >= 0)
        close(fd);
    free(image);
    return good;
}

static bool start_one(struct load *load)
{
    animaldetect_job *job = NULL;
    char name[32];

    snprintf(name, sizeof name, "img_%06ld.jpg", load->started);
    if (animaldetect_job_new(load->client, ANIMALDETECT_OPERATION_DETECT, &job) != ANIMALDETECT_OK ||
        animaldetect_job_set_file(job, load->path) != ANIMALDETECT_OK ||
        animaldetect_job_set_filename(job, name) != ANIMALDETECT_OK)
        return false;
    if (load->hex[0] != '\0' && animaldetect_job_set_sha256(job, load->hex) != ANIMALDETECT_OK)
        return false;
    load->started++;
    return animaldetect_job_run_async(job) == ANIMALDETECT_OK;
}

static bool run(struct load *load, long jobs, long window)
{
    animaldetect_job *job = NULL;
    long until = load->ended + jobs;

    while (load->ended < until) {
        while (load->started < until && load->started - load->ended < window)
            if (!start_one(load))
                return false;
        if (animaldetect_client_wait(load->client, -1) != ANIMALDETECT_OK)
            return false;
        while (animaldetect_client_next_done(load->client, &job) == ANIMALDETECT_OK) {
            load->ended++;
            load->succeeded += animaldetect_job_status(job) == ANIMALDETECT_OK;
            animaldetect_job_free(job);
        }
    }
    return load->succeeded == load->ended;
}

static bool open_client(struct load *load, char **argv)
{
    return animaldetect_client_new(&load->client) == ANIMALDETECT_OK &&
           animaldetect_client_set_base_url(load->client, argv[1]) == ANIMALDETECT_OK &&
           animaldetect_client_set_api_key(load->client, argv[2]) == ANIMALDETECT_OK &&
           animaldetect_client_set_max_requests(load->client, (int32_t)strtol(argv[3], NULL, 10)) == ANIMALDETECT_OK &&
           animaldetect_client_set_poll_bounds_ms(load->client, 10, 10) == ANIMALDETECT_OK;
}

int main(int argc, char **argv)
{
    struct load load = {.path = ""};
    bool digest = argc == 7 && strcmp(argv[6], "digest") == 0;
    size_t size;
    long active;
    long jobs;
    long rss;
    double cpu;
    bool good;

    if (argc != 6 && !digest) {
        fprintf(stderr, "usage: %s URL KEY ACTIVE BYTES JOBS [digest]\n", argv[0]);
        return 2;
    }
    active = strtol(argv[3], NULL, 10);
    size = strtoul(argv[4], NULL, 10);
    jobs = strtol(argv[5], NULL, 10);
    good = write_file(&load, size, digest) && open_client(&load, argv) && run(&load, 1, 1);
    rss = measure_rss_kib();
    measure_reset_peak();
    cpu = measure_cpu_s();
    good = good && run(&load, jobs, active);
    cpu = measure_cpu_s() - cpu;
    printf("{\"jobs\":%ld,\"idle_rss_kib\":%ld,\"grown_kib\":%ld,\"cpu_ms_per_mb\":%.4f}\n", jobs, rss,
           measure_peak_rss_kib() - rss, cpu * 1e3 / ((double)size / 1e6 * (double)jobs));
    animaldetect_client_free(load.client);
    unlink(load.path);
    return good ? 0 : 1;
}
