/* SPDX-License-Identifier: MIT */
/*
 * The four ways to drive a client. An edge-triggered host handles one event and collects one completed job per wakeup,
 * as tokio or Go would. If it would sleep although work is left, that is a lost wakeup and fails the test, since only
 * events of the world advance the time.
 */
#include "engine/harness.h"

#include <sys/epoll.h>

static const struct {
    int32_t (*blocking)(animaldetect_job *job);
    int32_t (*async)(animaldetect_job *job);
} CALLS[HOST_CALLS] = {
    [HOST_CREATE] = {animaldetect_job_create, animaldetect_job_create_async},
    [HOST_UPLOAD] = {animaldetect_job_upload, animaldetect_job_upload_async},
    [HOST_SUBMIT] = {animaldetect_job_submit, animaldetect_job_submit_async},
    [HOST_POLL] = {animaldetect_job_poll, animaldetect_job_poll_async},
    [HOST_FETCH] = {animaldetect_job_fetch, animaldetect_job_fetch_async},
    [HOST_RUN] = {animaldetect_job_run, animaldetect_job_run_async},
};

static struct host_slot *slot_of(struct host *host, const animaldetect_job *job)
{
    for (int i = 0; i < host->slot_count; i++)
        if (host->slots[i].job == job)
            return &host->slots[i];
    fail_msg("a job was handed out that is not ours");
    return NULL;
}

static void watch(struct host *host)
{
    struct epoll_event event = {.events = EPOLLIN};
    int fd;

    if (host->outer >= 0)
        return;
    if (host->drive == HOST_EDGE)
        event.events |= (uint32_t)EPOLLET;
    fd = animaldetect_client_fd(host->client);
    assert_true(fd >= 0);
    host->outer = epoll_create1(EPOLL_CLOEXEC);
    assert_true(host->outer >= 0);
    assert_int_equal(epoll_ctl(host->outer, EPOLL_CTL_ADD, fd, &event), 0);
}

/* Collects one completed job; each is reported exactly once. False when there is none. */
static bool take(struct host *host)
{
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_client_next_done(host->client, &job);
    struct host_slot *slot;

    if (status == ANIMALDETECT_AGAIN) {
        assert_null(job);
        return false;
    }
    assert_int_equal(status, ANIMALDETECT_OK);
    slot = slot_of(host, job);
    slot->taken++;
    assert_int_equal(slot->taken, slot->started);
    assert_int_not_equal(animaldetect_job_status(job), ANIMALDETECT_AGAIN);
    return true;
}

void host_step(struct host *host)
{
    struct epoll_event event;
    int woken;

    watch(host);
    woken = epoll_wait(host->outer, &event, 1, 0);
    if (woken == 0) {
        if (!world_advance(host->world))
            fail_msg("nothing would ever happen");
        if (host->drive != HOST_EDGE && epoll_wait(host->outer, &event, 1, 0) == 0)
            fail_msg("work is due and the descriptor is not readable");
        woken = epoll_wait(host->outer, &event, 1, 0);
        if (woken == 0)
            fail_msg("work is due and an edge-triggered host was not woken");
    }
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    if (host->drive == HOST_EDGE)
        take(host);
    else
        while (take(host))
            ;
}

static void step_wait(struct host *host)
{
    int32_t status = animaldetect_client_wait(host->client, -1);

    assert_int_equal(status, ANIMALDETECT_OK);
    assert_true(take(host));
}

int32_t host_start(struct host *host, animaldetect_job *job, enum host_call call)
{
    int32_t status = CALLS[call].async(job);

    if (status == ANIMALDETECT_OK)
        slot_of(host, job)->started++;
    return status;
}

int32_t host_finish(struct host *host, animaldetect_job *job)
{
    struct host_slot *slot = slot_of(host, job);

    if (host->drive == HOST_BLOCKING && slot->taken < slot->started) {
        (void)animaldetect_job_wait(job, -1);
        slot->taken++;
    }
    while (slot->taken < slot->started) {
        if (host->drive == HOST_WAIT)
            step_wait(host);
        else
            host_step(host);
    }
    host_expect(host, job, animaldetect_job_status(job), NULL);
    return animaldetect_job_status(job);
}

/* These return to the caller at once: no call was started. */
static bool is_refusal(int32_t status)
{
    return status == ANIMALDETECT_E_STATE || status == ANIMALDETECT_E_BUSY || status == ANIMALDETECT_E_NO_API_KEY ||
           status == ANIMALDETECT_E_INVALID_ARGUMENT || status == ANIMALDETECT_E_QUEUE_FULL ||
           status == ANIMALDETECT_E_CLIENT_FREED;
}

int32_t host_do(struct host *host, animaldetect_job *job, enum host_call call)
{
    struct host_slot *slot = slot_of(host, job);
    int32_t status;

    if (host->drive != HOST_BLOCKING) {
        status = host_start(host, job, call);
        return status == ANIMALDETECT_OK ? host_finish(host, job) : status;
    }
    status = CALLS[call].blocking(job);
    if (is_refusal(status))
        return status;
    slot->started++;
    slot->taken++;
    host_expect(host, job, status, NULL);
    return status;
}
