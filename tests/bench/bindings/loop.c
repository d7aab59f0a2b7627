/* SPDX-License-Identifier: MIT */
/*
 * The C program of the bindings bench: an epoll loop over the client's descriptor, with WINDOW jobs in flight. Every
 * program in this folder does the same work in its own language and prints the same line of JSON.
 *
 *     loop JOBS WINDOW        key and base URL from the environment
 *
 * Resident memory is read after EARLY jobs and at the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "rivals/measure.h"

#define SIZE 2048
#define EARLY 5000

struct load {
    animaldetect_client *client;
    long jobs;
    long started;
    long done;
    long found;
    long early_kib;
};

static int open_client(struct load *load)
{
    return animaldetect_client_new(&load->client) == ANIMALDETECT_OK &&
           animaldetect_client_configure_from_env(load->client) == ANIMALDETECT_OK &&
           animaldetect_client_set_max_requests(load->client, 64) == ANIMALDETECT_OK &&
           animaldetect_client_set_poll_mode(load->client, ANIMALDETECT_POLL_LATENCY) == ANIMALDETECT_OK &&
           animaldetect_client_set_poll_bounds_ms(load->client, 10, 100) == ANIMALDETECT_OK;
}

static int start_one(struct load *load)
{
    animaldetect_job *job = NULL;
    char image[SIZE];

    memset(image, 7, sizeof image);
    snprintf(image, sizeof image, "\xff\xd8\xff\xe0 c %ld", load->started++);
    return animaldetect_job_new(load->client, ANIMALDETECT_OPERATION_DETECT, &job) == ANIMALDETECT_OK &&
           animaldetect_job_set_bytes(job, image, sizeof image) == ANIMALDETECT_OK &&
           animaldetect_job_run_async(job) == ANIMALDETECT_OK;
}

/* Reads the label and score of each detection, as the other programs do. */
static int take(struct load *load, animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    double score;

    if (animaldetect_job_result(job, &result) != ANIMALDETECT_OK) {
        fprintf(stderr, "loop: %s\n", animaldetect_job_message(job));
        return 0;
    }
    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        const animaldetect_detection *detection = animaldetect_result_at(result, i);

        load->found += animaldetect_detection_label(detection) != NULL &&
                       animaldetect_detection_score(detection, &score) == ANIMALDETECT_OK;
    }
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    if (++load->done == EARLY)
        load->early_kib = measure_rss_kib();
    return load->started == load->jobs || start_one(load);
}

static int run(struct load *load, long window)
{
    struct epoll_event event = {.events = EPOLLIN};
    animaldetect_job *job = NULL;
    int set = epoll_create1(EPOLL_CLOEXEC);
    int ok = set >= 0 && epoll_ctl(set, EPOLL_CTL_ADD, animaldetect_client_fd(load->client), &event) == 0;

    while (ok && load->started < window && load->started < load->jobs)
        ok = start_one(load);
    while (ok && load->done < load->jobs) {
        ok = epoll_wait(set, &event, 1, -1) >= 0 && animaldetect_client_process(load->client) == ANIMALDETECT_OK;
        while (ok && animaldetect_client_next_done(load->client, &job) == ANIMALDETECT_OK)
            ok = take(load, job);
    }
    if (set >= 0)
        close(set);
    return ok;
}

int main(int argc, char **argv)
{
    struct load load = {.jobs = argc == 3 ? strtol(argv[1], NULL, 10) : 0};

    if (argc != 3 || !open_client(&load) || !run(&load, strtol(argv[2], NULL, 10)))
        return 1;
    printf("{\"jobs\": %ld, \"found\": %ld, \"early_kib\": %ld, \"rss_kib\": %ld}\n", load.done, load.found,
           load.early_kib, measure_rss_kib());
    animaldetect_client_free(load.client);
    return 0;
}
