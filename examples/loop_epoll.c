/* SPDX-License-Identifier: MIT */
/*
 * Any number of images in flight from one thread that blocks only in its own epoll_wait.
 * usage: loop_epoll [--window N] FILE|FOLDER...
 * The client is one descriptor among the host's others; a real host adds its own to the same epoll set.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "batch.h"

/* 0 when every image has ended, -1 when the loop broke. */
static int loop(struct batch *batch)
{
    animaldetect_client *client = batch->client;
    struct epoll_event event = {.events = EPOLLIN};
    animaldetect_job *job = NULL;
    int set = epoll_create1(EPOLL_CLOEXEC);

    if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, animaldetect_client_fd(client), &event) != 0)
        goto out;
    batch_start_more(batch); /* animaldetect_job_run_async for each image */
    /* The ten lines of the README begin here. */
    while (animaldetect_client_in_flight(client) > 0) {
        if (epoll_wait(set, &event, 1, -1) < 0 && errno != EINTR)
            break;
        if (animaldetect_client_process(client) != ANIMALDETECT_OK)
            break;
        while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK)
            batch_finish(batch, job); /* animaldetect_job_status, animaldetect_job_result, animaldetect_job_free */
    }
    /* The ten lines of the README end here. */
out:
    if (set >= 0)
        close(set);
    return animaldetect_client_in_flight(client) == 0 ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct batch batch;
    int code = batch_open(&batch, argc, argv);

    if (code != 0)
        return code;
    if (loop(&batch) != 0)
        perror("loop_epoll");
    return batch_close(&batch);
}
