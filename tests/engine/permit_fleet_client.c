/* SPDX-License-Identifier: MIT */
/*
 * The clients of a fleet and their images: some always have more than they can process, the others occasionally a few.
 */
#include <stdio.h>
#include <sys/epoll.h>

#include <animaldetect/animaldetect.h>

#include "api/client.h"
#include "engine/permit_fleet_internal.h"

#define APPETITE 8 /* maximum number of images in progress per client */

static void must(struct fleet_run *run, int32_t status, const char *what)
{
    if (status == ANIMALDETECT_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, animaldetect_status_name(status));
    run->good = false;
}

void fleet_join(struct fleet_run *run, struct fleet_member *member)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = member};
    animaldetect_client *client = NULL;

    must(run, ad_client_new_over(world_factory, run->world, ad_rng_u64(&run->rng), &client), "client_new");
    must(run, animaldetect_client_set_api_key(client, FLEET_KEY), "set_api_key");
    must(run, animaldetect_client_set_poll_mode(client, ANIMALDETECT_POLL_THROUGHPUT), "set_poll_mode");
    if (!permit_host_begin(&member->host, client, run->numbers++, &run->rule, &run->rng))
        run->good = false;
    if (epoll_ctl(run->outer, EPOLL_CTL_ADD, animaldetect_client_fd(client), &event) != 0)
        run->good = false;
    member->images = 0;
}

static void start_image(struct fleet_run *run, struct fleet_member *member)
{
    static const uint8_t image[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};
    animaldetect_job *job = NULL;
    char name[32];

    (void)snprintf(name, sizeof name, "%06lld.jpg", (long long)run->files++);
    must(run, animaldetect_job_new(member->host.client, ANIMALDETECT_OPERATION_DETECT, &job), "job_new");
    must(run, animaldetect_job_set_bytes_borrowed(job, image, sizeof image, NULL, NULL), "set_bytes_borrowed");
    must(run, animaldetect_job_set_filename(job, name), "set_filename");
    must(run, animaldetect_job_run_async(job), "run_async");
    member->images++;
}

static bool is_hungry(const struct fleet_run *run, const struct fleet_member *member)
{
    return member - run->members < PERMIT_FLEET_HUNGRY;
}

void fleet_feed(struct fleet_run *run, struct fleet_member *member)
{
    int64_t now_ms = fleet_now(run);

    if (!run->feeding)
        return;
    while (is_hungry(run, member) && member->images < APPETITE)
        start_image(run, member);
    if (is_hungry(run, member) || now_ms < member->fed_ms)
        return;
    for (int64_t i = fleet_between(run, 1, 3); i > 0 && member->images < APPETITE; i--)
        start_image(run, member);
    member->fed_ms = now_ms + fleet_between(run, SECOND_MS, 90 * SECOND_MS);
}

static void take(struct fleet_run *run, struct fleet_member *member)
{
    animaldetect_job *job = NULL;

    while (animaldetect_client_next_done(member->host.client, &job) == ANIMALDETECT_OK) {
        /* A long network outage may fail a call. */
        run->figures->images += animaldetect_job_status(job) == ANIMALDETECT_OK;
        if (animaldetect_job_status(job) != ANIMALDETECT_OK && run->fleet->troubles == 0)
            must(run, animaldetect_job_status(job), animaldetect_job_message(job));
        animaldetect_job_free(job);
        member->images--;
    }
}

void fleet_process(struct fleet_run *run, struct fleet_member *member)
{
    must(run, animaldetect_client_process(member->host.client), "process");
    take(run, member);
}

static void free_unfinished(animaldetect_client *client)
{
    animaldetect_job *job = NULL;

    (void)animaldetect_client_stop(client);
    while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK)
        animaldetect_job_free(job);
}

/* The source is not notified. */
void fleet_die(struct fleet_run *run, struct fleet_member *member)
{
    if (member->host.limited > run->figures->limited_at_one)
        run->figures->limited_at_one = member->host.limited;
    run->figures->held += member->host.held;
    (void)epoll_ctl(run->outer, EPOLL_CTL_DEL, animaldetect_client_fd(member->host.client), NULL);
    free_unfinished(member->host.client);
    animaldetect_client_free(member->host.client);
    member->host.client = NULL;
}
