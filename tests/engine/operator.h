/* SPDX-License-Identifier: MIT */
/*
 * A host that runs many images and handles each failed call as the table of statuses says, by scope alone.  It checks
 * no status by name except E_JOB_FAILED, whose cause may be the image.  What it cannot recover from ends the run with a
 * message.  It knows nothing about the service or the time except what its caller passes in.
 */
#ifndef ENGINE_OPERATOR_H
#define ENGINE_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/animaldetect.h>

#define OPERATOR_AGAIN_MINUTES 10 /* when a call is made again after one that failed */
#define OPERATOR_FAILED_MOST 3    /* so often has the service to fail before an image is set aside */
#define OPERATOR_SAME_MOST 3      /* after so many calls that ended alike the other thing in the table is done */
#define OPERATOR_DAYS 8           /* after these nothing is waited for */
#define OPERATOR_STATUSES 64

struct operator_image {
    animaldetect_job *job; /* NULL before the first call and at the end */
    struct operator_image *next;
    int64_t number;
    int32_t reruns;
    int32_t failed; /* ends E_JOB_FAILED */
    int32_t same;   /* calls in a row that ended with the same status */
    int32_t status; /* of the last one */
    bool set_aside;
};

struct operator_host {
    animaldetect_client *client;
    struct operator_image *images;
    int64_t count;
    int64_t started;
    int64_t succeeded;
    int64_t set_aside;
    int64_t calls;
    int64_t reruns;
    int64_t ended[OPERATOR_STATUSES];                    /* calls, by -status */
    struct operator_image *due[OPERATOR_DAYS * 24 * 60]; /* lists, by minute */
    struct operator_image *refused;                      /* until key or account are in order */
    int64_t minute;                                      /* that was done last */
    char wrong[512];                                     /* the first failure that leads nowhere; "": none */
    void *context;
    animaldetect_job *(*job_of)(void *context, int64_t number);
    /* The words that are wrong with a result, or NULL. */
    const char *(*judge)(void *context, int64_t number, animaldetect_job *job);
};

/* `images` are `count` zeroed ones. */
void operator_begin(struct operator_host *host, struct operator_image *images, int64_t count);

/* Takes what has completed, starts what is due at `now_ms` (since the begin), and new images while there is room. */
void operator_step(struct operator_host *host, int64_t now_ms);

/* Key and account are in order again: what was refused is run. */
void operator_account_is_back(struct operator_host *host);

bool operator_is_done(const struct operator_host *host);

#endif
