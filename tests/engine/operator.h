/* SPDX-License-Identifier: MIT */
/*
 * A host that runs many images and handles each failed call according to the table of statuses, by scope alone. It
 * checks no status by name except E_JOB_FAILED, whose cause may be the image. A failure that it cannot recover from
 * ends the run with a message. It knows nothing about the service or the time except what its caller passes in.
 */
#ifndef ENGINE_OPERATOR_H
#define ENGINE_OPERATOR_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/animaldetect.h>

#define OPERATOR_AGAIN_MINUTES 10 /* delay before a failed call is made again */
#define OPERATOR_FAILED_MOST 3    /* the service must fail an image this often before it is set aside */
#define OPERATOR_SAME_MOST 3      /* calls in a row with one status before it tries the table's other action */
#define OPERATOR_DAYS 8           /* maximum duration of a run */
#define OPERATOR_STATUSES 64

struct operator_image {
    animaldetect_job *job; /* NULL before the first call and once finished */
    struct operator_image *next;
    int64_t number;
    int32_t reruns;
    int32_t failed; /* completions with E_JOB_FAILED */
    int32_t same;   /* calls in a row that completed with the same status */
    int32_t status; /* of the last call */
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
    struct operator_image *due[OPERATOR_DAYS * 24 * 60]; /* lists, one per minute */
    struct operator_image *refused;                      /* until the key or the account works again */
    int64_t minute;                                      /* the last one processed */
    char wrong[512];                                     /* the first failure without a recovery; "": none */
    void *context;
    animaldetect_job *(*job_of)(void *context, int64_t number);
    /* What is wrong with a result, or NULL. */
    const char *(*judge)(void *context, int64_t number, animaldetect_job *job);
};

/* `images`: an array of `count` zeroed structs. */
void operator_begin(struct operator_host *host, struct operator_image *images, int64_t count);

/* Collects completions, starts what is due at `now_ms` (since the start), and new images while there is room. */
void operator_step(struct operator_host *host, int64_t now_ms);

/* Key and account work again: runs the images that were rejected. */
void operator_account_is_back(struct operator_host *host);

bool operator_is_done(const struct operator_host *host);

#endif
