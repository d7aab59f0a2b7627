/* SPDX-License-Identifier: MIT */
/*
 * Measures how many images complete in a steady state when images always wait for quota, against a service that counts
 * requests in real time. The same as the quota bench in virtual time, but over HTTP.
 *
 *     pace_run URL KEY RPM WARM_UP_S MEASURED_S
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <animaldetect/animaldetect.h>

#include "rivals/measure.h"

#define IMAGE_SIZE 2000
#define OFFERED 300 /* jobs in the library at once: far more than the quota allows */

struct load {
    animaldetect_client *client;
    uint8_t *image;
    long started;
    long ended;
    long failed;
};

struct state {
    double wall_s;
    long ended;
    int64_t polls;
    int64_t requests;
};

static int64_t statistic(const struct load *load, int32_t which)
{
    int64_t value = 0;

    (void)animaldetect_client_statistic(load->client, which, &value);
    return value;
}

static struct state look(const struct load *load)
{
    struct state state = {.wall_s = measure_wall_s(), .ended = load->ended};

    state.polls = statistic(load, ANIMALDETECT_STAT_REQUESTS_POLL);
    state.requests = state.polls + statistic(load, ANIMALDETECT_STAT_REQUESTS_CREATE) +
                     statistic(load, ANIMALDETECT_STAT_REQUESTS_SUBMIT) +
                     statistic(load, ANIMALDETECT_STAT_REQUESTS_FETCH);
    return state;
}

static bool start_one(struct load *load)
{
    animaldetect_job *job = NULL;
    char name[32];

    snprintf(name, sizeof name, "img_%06ld.jpg", load->started);
    if (animaldetect_job_new(load->client, ANIMALDETECT_OPERATION_DETECT, &job) != ANIMALDETECT_OK)
        return false;
    animaldetect_job_set_bytes_borrowed(job, load->image, IMAGE_SIZE, NULL, NULL);
    animaldetect_job_set_filename(job, name);
    load->started++;
    return animaldetect_job_run_async(job) == ANIMALDETECT_OK;
}

static bool run_until(struct load *load, double until_s)
{
    animaldetect_job *job = NULL;

    while (measure_wall_s() < until_s) {
        int32_t status;

        while (load->started - load->ended < OFFERED)
            if (!start_one(load))
                return false;
        status = animaldetect_client_wait(load->client, (int64_t)((until_s - measure_wall_s()) * 1000) + 1);
        if (status != ANIMALDETECT_OK && status != ANIMALDETECT_AGAIN)
            return false;
        while (animaldetect_client_next_done(load->client, &job) == ANIMALDETECT_OK) {
            load->ended++;
            load->failed += animaldetect_job_status(job) != ANIMALDETECT_OK;
            animaldetect_job_free(job);
        }
    }
    return true;
}

static bool open_client(struct load *load, char **argv)
{
    return animaldetect_client_new(&load->client) == ANIMALDETECT_OK &&
           animaldetect_client_set_base_url(load->client, argv[1]) == ANIMALDETECT_OK &&
           animaldetect_client_set_api_key(load->client, argv[2]) == ANIMALDETECT_OK &&
           animaldetect_client_set_rate_limit(load->client, (int32_t)strtol(argv[3], NULL, 10), 0) == ANIMALDETECT_OK &&
           animaldetect_client_set_poll_mode(load->client, ANIMALDETECT_POLL_THROUGHPUT) == ANIMALDETECT_OK;
}

int main(int argc, char **argv)
{
    struct load load = {.image = measure_image(IMAGE_SIZE)};
    struct state before, after;
    double minutes;
    bool good;

    if (argc != 6 || load.image == NULL) {
        fprintf(stderr, "usage: %s URL KEY RPM WARM_UP_S MEASURED_S\n", argv[0]);
        return 2;
    }
    if (!open_client(&load, argv))
        return 2;
    good = run_until(&load, measure_wall_s() + strtod(argv[4], NULL));
    before = look(&load);
    good = good && run_until(&load, measure_wall_s() + strtod(argv[5], NULL));
    after = look(&load);
    minutes = (after.wall_s - before.wall_s) / 60;
    printf("{\"minutes\":%.3f,\"images_per_minute\":%.2f,\"requests_per_minute\":%.2f,\"polls_per_image\":%.4f,"
           "\"failed\":%ld,\"rate_limited\":%" PRId64 "}\n",
           minutes, (double)(after.ended - before.ended) / minutes,
           (double)(after.requests - before.requests) / minutes,
           (double)(after.polls - before.polls) / (double)(after.ended - before.ended), load.failed,
           statistic(&load, ANIMALDETECT_STAT_RATE_LIMITED));
    animaldetect_client_free(load.client);
    free(load.image);
    return good && load.failed == 0 && after.ended > before.ended ? 0 : 1;
}
