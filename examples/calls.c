/* SPDX-License-Identifier: MIT */
/*
 * One short function per task, which the reference shows as examples: set up a client, send bytes, cancel, rerun, wait
 * without an event loop. The program runs each of them once for the image that it is given.
 */
#include <animaldetect/animaldetect.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A client with the key, the address and the quota of the host. */
static int32_t set_up(animaldetect_client *client, const char *key, const char *url)
{
    char message[256];
    int32_t status = animaldetect_client_set_api_key(client, key);

    if (status == ANIMALDETECT_OK && url != NULL)
        status = animaldetect_client_set_base_url(client, url);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_rate_limit(client, 300, 0);
    animaldetect_client_copy_message(client, message, sizeof message);
    if (status != ANIMALDETECT_OK)
        fprintf(stderr, "%s: %s\n", animaldetect_status_name(status), message);
    return status;
}

/* An image in memory. The library copies the bytes. */
static int32_t set_image(animaldetect_job *job, const char *name, const void *bytes, size_t size)
{
    int32_t status = animaldetect_job_set_bytes(job, bytes, size);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_filename(job, name);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_threshold(job, 0.3);
    return status;
}

/* Runs a job for at most this time, then cancels it. */
static int32_t run_within(animaldetect_job *job, int64_t timeout_ms)
{
    int32_t status = animaldetect_job_run_async(job);

    if (status != ANIMALDETECT_OK)
        return status;
    status = animaldetect_job_wait(job, timeout_ms);
    if (status != ANIMALDETECT_AGAIN)
        return status;
    animaldetect_job_cancel(job);
    /* ANIMALDETECT_E_CANCELED, unless the job has just finished */
    return animaldetect_job_wait(job, -1);
}

/* Where a job failed or expired: a new one, billed separately. */
static int32_t run_again(animaldetect_job *job)
{
    int32_t status = animaldetect_job_run(job);

    if (animaldetect_status_scope(status) != ANIMALDETECT_SCOPE_JOB)
        return status;
    status = animaldetect_job_rerun(job);
    return status != ANIMALDETECT_OK ? status : animaldetect_job_run(job);
}

static void collect(animaldetect_client *client)
{
    animaldetect_job *job;

    while (animaldetect_client_next_done(client, &job) == ANIMALDETECT_OK) {
        int32_t status = animaldetect_job_status(job);

        printf("%s: %s\n", animaldetect_job_filename(job), animaldetect_status_text(status));
    }
}

/* A loop without a descriptor: it accepts a delay of 50 ms. */
static void drive(animaldetect_client *client)
{
    while (animaldetect_client_in_flight(client) > 0) {
        int64_t sleep_ms = animaldetect_client_timeout_ms(client);
        struct timespec pause = {0, 50000000};

        if (sleep_ms >= 0 && sleep_ms < 50)
            pause.tv_nsec = sleep_ms * 1000000;
        nanosleep(&pause, NULL);
        animaldetect_client_process(client);
        collect(client);
    }
}

/* A thread that does nothing else: it blocks until a job is done. */
static void wait_for_all(animaldetect_client *client)
{
    int32_t status = ANIMALDETECT_OK;

    while (animaldetect_client_in_flight(client) > 0 && status == ANIMALDETECT_OK) {
        status = animaldetect_client_wait(client, -1);
        collect(client);
    }
}

static int run_all(animaldetect_client *client, const void *bytes, size_t size)
{
    static const char *const names[] = {"canceled.jpg", "driven.jpg", "awaited.jpg"};
    animaldetect_job *jobs[3] = {NULL};
    int good = 1;

    for (int i = 0; i < 3; i++)
        good = good && animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &jobs[i]) == ANIMALDETECT_OK &&
               set_image(jobs[i], names[i], bytes, size) == ANIMALDETECT_OK;
    good = good && run_within(jobs[0], 0) == ANIMALDETECT_E_CANCELED && run_again(jobs[0]) == ANIMALDETECT_OK;
    if (good && animaldetect_job_run_async(jobs[1]) == ANIMALDETECT_OK)
        drive(client);
    if (good && animaldetect_job_run_async(jobs[2]) == ANIMALDETECT_OK)
        wait_for_all(client);
    for (int i = 0; i < 3; i++) {
        if (jobs[i] == NULL || animaldetect_job_status(jobs[i]) != ANIMALDETECT_OK) {
            fprintf(stderr, "%s: %s\n", names[i], animaldetect_job_message(jobs[i]));
            good = 0;
        }
        animaldetect_job_free(jobs[i]);
    }
    return good;
}

int main(int argc, char **argv)
{
    static unsigned char bytes[1 << 20];
    const char *key = getenv("AD_API_KEY");
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    animaldetect_client *client = NULL;
    int good;

    if (file == NULL || key == NULL) {
        fprintf(stderr, "usage: AD_API_KEY=... %s IMAGE\n", argv[0]);
        return 2;
    }
    good = animaldetect_client_new(&client) == ANIMALDETECT_OK &&
           set_up(client, key, getenv("AD_API_BASE_URL")) == ANIMALDETECT_OK &&
           run_all(client, bytes, fread(bytes, 1, sizeof bytes, file));
    animaldetect_client_free(client);
    fclose(file);
    return !good;
}
