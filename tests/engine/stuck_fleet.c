/* SPDX-License-Identifier: MIT */
/*
 * The run of stuck_fleet.h. All images are given to the client at once; images without quota wait in it.
 */
#include "engine/stuck_fleet.h"

#include <stdio.h>

#include <animaldetect/animaldetect.h>

#include "api/client.h"
#include "kit/world/world.h"
#include "testing/service/service.h"

#define KEY "sk_test_stuck_fleet"
#define MINUTE_MS 60000
#define DAY_MS INT64_C(86400000)
#define LOOK_MS 60000

struct run {
    const struct stuck_fleet *fleet;
    struct stuck_figures *figures;
    struct svc *svc;
    struct world *world;
    animaldetect_client *client;
    int64_t begin_ms;
    int64_t done;
    int64_t measured;
    int64_t measured_polls;
    int64_t measured_delay_ms;
    int64_t polls_of_done;
    size_t first_job; /* the service's first job created in the measured time; 0 before it */
    size_t end_job;
};

static bool start_image(struct run *run, int64_t number)
{
    static const uint8_t image[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};
    animaldetect_job *job = NULL;
    char name[32];

    (void)snprintf(name, sizeof name, "%06lld.jpg", (long long)number);
    return animaldetect_job_new(run->client, ANIMALDETECT_OPERATION_DETECT, &job) == ANIMALDETECT_OK &&
           animaldetect_job_set_bytes_borrowed(job, image, sizeof image, NULL, NULL) == ANIMALDETECT_OK &&
           animaldetect_job_set_filename(job, name) == ANIMALDETECT_OK &&
           animaldetect_job_run_async(job) == ANIMALDETECT_OK;
}

static int64_t passed_ms(const struct run *run)
{
    return world_now_ms(run->world) - run->begin_ms;
}

static bool take(struct run *run)
{
    const int64_t end_ms = STUCK_FLEET_WARM_MS + run->fleet->measured_ms;
    animaldetect_job *job = NULL;
    bool good = true;

    while (good && animaldetect_client_next_done(run->client, &job) == ANIMALDETECT_OK) {
        int64_t now_ms = passed_ms(run);
        int32_t polls = animaldetect_job_polls(job);

        good = animaldetect_job_status(job) == ANIMALDETECT_OK;
        if (!good)
            fprintf(stderr, "%s\n", animaldetect_job_message(job));
        run->done++;
        run->polls_of_done += polls;
        run->figures->last_ms = now_ms;
        if (now_ms >= STUCK_FLEET_WARM_MS && now_ms < end_ms) {
            run->measured++;
            run->measured_polls += polls;
            run->measured_delay_ms += world_wall_ms(run->world) - svc_job_done_ms(run->svc, animaldetect_job_id(job));
        }
        animaldetect_job_free(job);
    }
    return good;
}

/* Of the service's jobs from `first` to before `end`. */
static int64_t count_stuck(const struct run *run, size_t first, size_t end)
{
    int64_t stuck = 0;

    for (size_t i = first; i < end; i++)
        stuck += svc_job_done_ms(run->svc, svc_job_id(run->svc, i)) == INT64_MAX;
    return stuck;
}

static int64_t all_stuck(const struct run *run)
{
    return count_stuck(run, 0, svc_job_total(run->svc));
}

static void mark_jobs(struct run *run)
{
    if (run->first_job == 0 && passed_ms(run) >= STUCK_FLEET_WARM_MS)
        run->first_job = svc_job_total(run->svc);
    if (run->end_job == 0 && passed_ms(run) >= STUCK_FLEET_WARM_MS + run->fleet->measured_ms)
        run->end_job = svc_job_total(run->svc);
}

/* Until every job that can complete has completed, or a day has passed. */
static bool drive(struct run *run)
{
    int64_t until_ms = STUCK_FLEET_WARM_MS + run->fleet->measured_ms + DAY_MS / 2;
    int64_t look_ms = 0;

    while (passed_ms(run) < until_ms) {
        int32_t status = animaldetect_client_wait(run->client, LOOK_MS);

        if ((status != ANIMALDETECT_OK && status != ANIMALDETECT_AGAIN) || !take(run))
            return false;
        mark_jobs(run);
        if (passed_ms(run) < look_ms)
            continue;
        world_forget(run->world);
        if (svc_count(run->svc, SVC_COUNT_SUBMITS) == (uint64_t)run->figures->images &&
            run->done + all_stuck(run) == run->figures->images)
            return true;
        look_ms = passed_ms(run) + LOOK_MS;
    }
    return true;
}

static void sum_up(struct run *run)
{
    const double minutes = (double)run->fleet->measured_ms / MINUTE_MS;
    const double share =
        (double)count_stuck(run, run->first_job, run->end_job) / (double)(run->end_job - run->first_job);
    struct stuck_figures *figures = run->figures;
    int64_t polls = 0;

    (void)animaldetect_client_statistic(run->client, ANIMALDETECT_STAT_REQUESTS_POLL, &polls);
    figures->stuck = all_stuck(run);
    figures->stuck_share = share;
    figures->unfinished = figures->images - figures->stuck - run->done;
    figures->throttled = svc_count(run->svc, SVC_COUNT_LIMITED);
    figures->images_per_minute = (double)run->measured / minutes;
    if (run->measured > 0) {
        figures->polls_per_image = (double)run->measured_polls / (double)run->measured;
        figures->delay_mean_ms = (double)run->measured_delay_ms / (double)run->measured;
    }
    if (figures->stuck > 0)
        figures->polls_per_stuck = (double)(polls - run->polls_of_done) / (double)figures->stuck;
    figures->ceiling =
        run->fleet->per_minute * (1 - share) / ((1 - share) * (3 + figures->polls_per_image) + 2 * share);
}

static bool open_client(struct run *run)
{
    return ad_client_new_over(world_factory, run->world, run->fleet->seed, &run->client) == ANIMALDETECT_OK &&
           animaldetect_client_set_api_key(run->client, KEY) == ANIMALDETECT_OK &&
           animaldetect_client_set_poll_mode(run->client, run->fleet->mode) == ANIMALDETECT_OK &&
           animaldetect_client_set_rate_limit(run->client, run->fleet->per_minute, 0) == ANIMALDETECT_OK;
}

/* Jobs that never finish. */
static void free_unfinished(animaldetect_client *client)
{
    animaldetect_job *job = NULL;

    (void)animaldetect_client_stop(client);
    while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK)
        animaldetect_job_free(job);
}

bool stuck_fleet_run(const struct stuck_fleet *fleet, struct stuck_figures *figures)
{
    struct run run = {.fleet = fleet, .figures = figures};
    struct svc_config service;
    struct world_config net;
    bool good;

    *figures = (struct stuck_figures){0};
    /* More than one image per three requests: no polling policy can create more in that time. */
    figures->images = (STUCK_FLEET_WARM_MS + fleet->measured_ms) / MINUTE_MS * fleet->per_minute / 3;
    svc_config_default(&service);
    world_config_default(&net);
    service.api_key = KEY;
    service.rpm = fleet->per_minute;
    service.stuck_share = fleet->stuck_share;
    service.seed = net.seed = fleet->seed;
    run.svc = svc_new(&service);
    run.world = world_new(run.svc, &net);
    run.begin_ms = world_now_ms(run.world);
    good = open_client(&run);
    for (int64_t i = 0; good && i < figures->images; i++)
        good = start_image(&run, i);
    good = good && drive(&run);
    if (good)
        sum_up(&run);
    free_unfinished(run.client);
    animaldetect_client_free(run.client);
    world_free(run.world);
    svc_free(run.svc);
    return good;
}
