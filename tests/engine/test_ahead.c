/* SPDX-License-Identifier: MIT */
/*
 * How far ahead of their creates images are hashed: no further than the next minute's creates, but far enough that no
 * create waits for its hash.
 */
#include "engine/harness.h"

#include <stdio.h>

#include <animaldetect/control.h>

#define MINUTE_MS INT64_C(60000)
#define MOST 1000

/* Jobs of one file, distinguished by their references. */
struct fleet {
    animaldetect_job *jobs[MOST];
    int count;
    char *path;
};

static struct fleet *begin(void)
{
    struct fleet *fleet = calloc(1, sizeof *fleet);
    uint8_t *image = host_image(1000, 1);

    assert_non_null(fleet);
    fleet->path = host_file("one.jpg", image, 1000);
    free(image);
    return fleet;
}

static void end(struct fleet *fleet)
{
    host_remove_file(fleet->path);
    free(fleet);
}

static animaldetect_job *add_file(struct host *host, struct fleet *fleet)
{
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);
    char reference[40];

    snprintf(reference, sizeof reference, "image-%d", fleet->count);
    assert_int_equal(animaldetect_job_set_client_reference_id(job, reference), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_file(job, fleet->path), ANIMALDETECT_OK);
    fleet->jobs[fleet->count++] = job;
    return job;
}

static void start_files(struct host *host, struct fleet *fleet, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(host_start(host, add_file(host, fleet), HOST_RUN), ANIMALDETECT_OK);
}

/* A digest is known as soon as the image was read. */
static int hashed(const struct fleet *fleet)
{
    int count = 0;

    for (int i = 0; i < fleet->count; i++)
        count += animaldetect_job_sha256(fleet->jobs[i]) != NULL;
    return count;
}

static void no_more_than_the_next_minute_is_hashed(struct host *host)
{
    struct fleet *fleet = begin();
    int least = MOST;

    host->log_level = ANIMALDETECT_LOG_ERROR;
    host->service.rpm = 60;
    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    start_files(host, fleet, MOST);
    for (int minute = 1; minute <= 12; minute++) {
        int64_t until_ms = world_now_ms(host->world) + MINUTE_MS / 2;

        while (world_now_ms(host->world) < until_ms) {
            int ahead = hashed(fleet) - world_count(host->world, "create");

            assert_in_range(ahead, 0, 16);
            host_step(host);
        }
        if (minute > 1 && hashed(fleet) - world_count(host->world, "create") < least)
            least = hashed(fleet) - world_count(host->world, "create");
    }
    /* but never so few that a create has to wait */
    assert_true(least >= 10);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_LIMITED), 0);
    assert_in_range(world_count(host->world, "any") - world_count(host->world, "upload"), 6 * 57, 6 * 60);
    end(fleet);
}

/* The link is the bottleneck: as many jobs are ready as there are slots, and no more. */
static void without_a_quota_one_image_for_each_slot_is_ready(struct host *host)
{
    struct fleet *fleet = begin();

    host->log_level = ANIMALDETECT_LOG_ERROR;
    host->net.upload_bps = 100;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 8), ANIMALDETECT_OK);
    start_files(host, fleet, 100);
    while (host_stat(host, ANIMALDETECT_STAT_CALLS_SUCCEEDED) < 100) {
        assert_in_range(hashed(fleet) - world_count(host->world, "create"), 0, 8);
        host_step(host);
    }
    assert_int_equal(world_peak_active(host->world), 8);
    end(fleet);
}

static int32_t first_hashed_after(const struct fleet *fleet, int from)
{
    for (int i = from; i < fleet->count; i++)
        if (animaldetect_job_sha256(fleet->jobs[i]) != NULL)
            return i;
    return -1;
}

static void an_urgent_image_is_hashed_although_enough_are_ready(struct host *host)
{
    struct fleet *fleet = begin();
    int creates;

    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    start_files(host, fleet, 100);
    while (world_count(host->world, "create") < 5)
        host_step(host);
    assert_int_equal(first_hashed_after(fleet, 60), -1);
    for (int i = 0; i < 3; i++) {
        animaldetect_job *job = add_file(host, fleet);

        assert_int_equal(animaldetect_job_set_priority(job, -1), ANIMALDETECT_OK);
        assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    }
    creates = world_count(host->world, "create");
    while (animaldetect_job_id(fleet->jobs[102]) == NULL)
        host_step(host);
    assert_in_range(world_count(host->world, "create") - creates, 3, 4);
    end(fleet);
}

static void a_create_alone_does_not_stand_behind_runs(struct host *host)
{
    struct fleet *fleet = begin();
    animaldetect_job *job;

    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    start_files(host, fleet, 100);
    while (world_count(host->world, "create") < 5)
        host_step(host);
    job = add_file(host, fleet);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_in_range(world_count(host->world, "create"), 6, 8);
    end(fleet);
}

/* Every completed job makes room, however it completed. */
static void images_behind_those_that_are_canceled_move_up(struct host *host)
{
    struct fleet *fleet = begin();

    host->service.processing = "fixed:100";
    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    start_files(host, fleet, 60);
    while (hashed(fleet) < 15)
        host_step(host);
    for (int i = 0; i < 50; i++)
        assert_int_equal(animaldetect_job_cancel(fleet->jobs[i]), ANIMALDETECT_OK);
    for (int i = 0; i < 60; i++)
        assert_int_equal(host_finish(host, fleet->jobs[i]), i < 50 ? ANIMALDETECT_E_CANCELED : ANIMALDETECT_OK);
    end(fleet);
}

static void what_is_not_hashed_yet_waits_for_a_request(struct host *host)
{
    struct fleet *fleet = begin();

    host_open(host);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_CREATES), ANIMALDETECT_OK);
    start_files(host, fleet, 200);
    while (hashed(fleet) < 64)
        host_step(host);
    for (int i = 0; i < 20; i++)
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    assert_int_equal(hashed(fleet), 64);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_WAITING), 200);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
    for (int i = 0; i < 200; i++)
        assert_int_equal(host_finish(host, fleet->jobs[i]), ANIMALDETECT_OK);
    end(fleet);
}

/* One offline patience for all of them, hashed or not. */
static void without_a_network_all_that_wait_end_together(struct host *host)
{
    struct fleet *fleet = begin();
    int64_t from_ms;

    host->log_level = ANIMALDETECT_LOG_ERROR;
    host_open(host);
    assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, 30000), ANIMALDETECT_OK);
    world_outage(host->world, 0, INT64_MAX, AD_NET_CONNECT);
    from_ms = world_now_ms(host->world);
    start_files(host, fleet, 500);
    for (int i = 0; i < 500; i++) {
        host_finish(host, fleet->jobs[i]);
        host_expect(host, fleet->jobs[i], ANIMALDETECT_E_NETWORK, NULL);
    }
    assert_true(world_now_ms(host->world) - from_ms < 40000);
    end(fleet);
}

/* It cannot wait until its own thread ends the hold. */
static void a_thread_behind_what_is_ready_is_told_of_a_refused_key(struct host *host)
{
    struct fleet *fleet = begin();
    animaldetect_job *last;

    host_open(host);
    world_answer(host->world, "create", 0, 401, NULL, "{\"error\":{\"code\":\"unauthorized\"}}");
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    start_files(host, fleet, 100);
    last = add_file(host, fleet);
    assert_int_equal(animaldetect_job_run(last), ANIMALDETECT_E_UNAUTHORIZED);
    assert_null(animaldetect_job_sha256(last));
    end(fleet);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(no_more_than_the_next_minute_is_hashed),
        SCENARIO(without_a_quota_one_image_for_each_slot_is_ready),
        SCENARIO(an_urgent_image_is_hashed_although_enough_are_ready),
        SCENARIO(a_create_alone_does_not_stand_behind_runs),
        SCENARIO(images_behind_those_that_are_canceled_move_up),
        SCENARIO(what_is_not_hashed_yet_waits_for_a_request),
        SCENARIO(without_a_network_all_that_wait_end_together),
        SCENARIO(a_thread_behind_what_is_ready_is_told_of_a_refused_key),
    };

    return HOST_MAIN(list);
}
