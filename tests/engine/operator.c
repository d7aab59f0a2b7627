/* SPDX-License-Identifier: MIT */
/*
 * The rules of operator.h.
 */
#include "engine/operator.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_MS 60000

void operator_begin(struct operator_host *host, struct operator_image *images, int64_t count)
{
    host->images = images;
    host->count = count;
    for (int64_t i = 0; i < count; i++)
        images[i].number = i;
}

bool operator_is_done(const struct operator_host *host)
{
    return host->wrong[0] != '\0' || host->succeeded + host->set_aside == host->count;
}

static void say_wrong(struct operator_host *host, const struct operator_image *image, const char *words)
{
    if (host->wrong[0] == '\0')
        snprintf(host->wrong, sizeof host->wrong, "image %" PRId64 " after %" PRId32 " reruns, %s: %s (%s)",
                 image->number, image->reruns, animaldetect_status_name(image->status), words,
                 animaldetect_job_message(image->job));
}

static void put_off(struct operator_host *host, struct operator_image *image, int64_t minutes)
{
    int64_t minute = host->minute + minutes;

    if (minute >= OPERATOR_DAYS * 24 * 60) {
        say_wrong(host, image, "still not at its end");
        return;
    }
    image->next = host->due[minute];
    host->due[minute] = image;
}

static int32_t start_run(struct operator_host *host, struct operator_image *image)
{
    if (image->job == NULL) {
        image->job = host->job_of(host->context, image->number);
        (void)animaldetect_job_set_user_data(image->job, image);
    }
    return animaldetect_job_run_async(image->job);
}

static void run_image(struct operator_host *host, struct operator_image *image)
{
    int32_t status = start_run(host, image);

    if (status == ANIMALDETECT_E_QUEUE_FULL) {
        put_off(host, image, 1);
    } else if (status != ANIMALDETECT_OK) {
        image->status = status;
        say_wrong(host, image, "a run was refused");
    }
}

static void rerun(struct operator_host *host, struct operator_image *image)
{
    if (animaldetect_job_rerun(image->job) != ANIMALDETECT_OK) {
        say_wrong(host, image, "a rerun was refused");
        return;
    }
    image->reruns++;
    image->same = 0;
    host->reruns++;
    put_off(host, image, 1);
}

static void set_aside(struct operator_host *host, struct operator_image *image)
{
    image->set_aside = true;
    host->set_aside++;
    animaldetect_job_free(image->job);
    image->job = NULL;
}

/* The service's errors of a scope that a retry, or a rerun, may resolve. */
static void ask_again(struct operator_host *host, struct operator_image *image)
{
    int64_t wait_ms = animaldetect_job_retry_after_ms(image->job);
    int64_t minutes = wait_ms / MINUTE_MS + 1;

    put_off(host, image, minutes > OPERATOR_AGAIN_MINUTES ? minutes : OPERATOR_AGAIN_MINUTES);
}

/* The reaction from the table, by scope. */
static void go_on(struct operator_host *host, struct operator_image *image)
{
    bool retriable = animaldetect_status_is_retriable(image->status) != 0;

    switch (animaldetect_status_scope(image->status)) {
    case ANIMALDETECT_SCOPE_NETWORK:
        ask_again(host, image);
        return;
    case ANIMALDETECT_SCOPE_SERVICE:
        /* Jobs that may still complete, and be billed, are polled until the service drops them. */
        if (image->status == ANIMALDETECT_E_STATE_UNKNOWN || image->status == ANIMALDETECT_E_OVERDUE)
            put_off(host, image, 120);
        else
            ask_again(host, image);
        return;
    case ANIMALDETECT_SCOPE_JOB:
        if (image->status == ANIMALDETECT_E_JOB_FAILED && ++image->failed == OPERATOR_FAILED_MOST)
            set_aside(host, image);
        else if (retriable && image->same < OPERATOR_SAME_MOST)
            ask_again(host, image);
        else
            rerun(host, image);
        return;
    case ANIMALDETECT_SCOPE_ACCOUNT:
        image->next = host->refused;
        host->refused = image;
        return;
    default:
        say_wrong(host, image, "a scope that should not be met");
    }
}

static void take(struct operator_host *host, animaldetect_job *job)
{
    struct operator_image *image = animaldetect_job_user_data(job);
    int32_t status = animaldetect_job_status(job);
    const char *words;

    host->calls++;
    host->ended[-status < OPERATOR_STATUSES ? -status : 0]++;
    image->same = status == image->status ? image->same + 1 : 1;
    image->status = status;
    if (status != ANIMALDETECT_OK) {
        if (*animaldetect_job_message(job) == '\0')
            say_wrong(host, image, "without a word");
        go_on(host, image);
        return;
    }
    words = host->judge(host->context, image->number, job);
    if (words != NULL)
        say_wrong(host, image, words);
    host->succeeded++;
    animaldetect_job_free(job);
    image->job = NULL;
}

static void start_due(struct operator_host *host, int64_t now_ms)
{
    int64_t now = now_ms / MINUTE_MS;

    while (host->minute < now && host->minute < OPERATOR_DAYS * 24 * 60 - 1) {
        struct operator_image *image = host->due[++host->minute];

        host->due[host->minute] = NULL;
        while (image != NULL) {
            struct operator_image *next = image->next;

            run_image(host, image);
            image = next;
        }
    }
}

/* No new images while the client is held: they would only wait there, or fail. */
static void start_new(struct operator_host *host)
{
    while (host->started < host->count && animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_NONE) {
        if (start_run(host, &host->images[host->started]) != ANIMALDETECT_OK)
            return; /* full: the job is started later */
        host->started++;
    }
}

void operator_step(struct operator_host *host, int64_t now_ms)
{
    animaldetect_job *job = NULL;

    while (animaldetect_client_next_done(host->client, &job) == ANIMALDETECT_OK)
        take(host, job);
    start_due(host, now_ms);
    start_new(host);
}

void operator_account_is_back(struct operator_host *host)
{
    struct operator_image *image = host->refused;

    host->refused = NULL;
    while (image != NULL) {
        struct operator_image *next = image->next;

        run_image(host, image);
        image = next;
    }
}
