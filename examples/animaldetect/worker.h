/* SPDX-License-Identifier: MIT */
/*
 * A worker: takes entries from a queue, sends their images, and reports what became of them.
 *
 * It keeps no state of its own.  Whatever it had in hand when it dies is claimed by another worker, which states the
 * same payload and so the same idempotency key: the service answers with the job that there is, and nothing is billed
 * twice. What a lost state costs is requests.
 */
#ifndef TOOL_WORKER_H
#define TOOL_WORKER_H

#include <limits.h>
#include <sys/queue.h>

#include <animaldetect/animaldetect.h>

#include "connect.h"
#include "look.h"
#include "options.h"
#include "queue_entry.h"
#include "queue_keys.h"
#include "quota.h"
#include "reference.h"

/* How an entry leaves the worker. */
enum report {
    REPORT_FINISH, /* its record goes to the collector */
    REPORT_BURY,   /* so it does, and the entry becomes a dead letter */
    REPORT_AGAIN,  /* to the end of the stream, one failure more */
    REPORT_BACK    /* to the end of the stream: it was only given back */
};

struct parcel {
    TAILQ_ENTRY(parcel) link;
    struct entry *entry;
    struct worker *worker;
    const struct asked *asked;
    animaldetect_job *job; /* NULL until its image was looked at */
    unsigned char digest[32];
    bool has_digest;
    /* what is reported */
    int report;
    bool is_sent; /* and not answered yet */
    struct record record;
    const char *status; /* of a failure */
    char hex[65];
    char filename[256];
    char reference[REFERENCE_MAX + 1];
    char taken[TAKEN_SIZE];
    char numbers[3][24];
    char message[512];
};

TAILQ_HEAD(parcels, parcel);

struct progress;

struct worker {
    const struct options *options;
    struct link *link;
    animaldetect_client *client;
    struct quota *quota; /* NULL without --quota */
    struct progress *progress;
    struct asked_list asked;
    struct look_rules rules;
    char root[PATH_MAX]; /* real path; "" when only URLs can be sent */
    int root_file;
    char name[128]; /* of this process in the consumer groups */

    struct parcels fresh;   /* not looked at yet */
    struct parcels twins;   /* the same bytes as one that is running */
    struct parcels running; /* call in flight */
    struct parcels reports; /* to be reported, or reported and not answered */
    size_t held;            /* in all of them */
    size_t fresh_count;
    size_t uncreated; /* of the running ones, as of the last look at them */

    /* what was asked of the queue and is not answered yet */
    bool is_taking;
    bool is_claiming;
    int takes;
    int claim_stream;
    int64_t next_take_ms;
    int64_t next_claim_ms;
    int64_t next_beat_ms;
    int64_t idle_ms;
    int64_t left;      /* in the streams, as of the last take */
    bool is_stuffed;   /* nobody collects */
    bool is_root_gone; /* the root folder: a share that is not mounted any more */

    /* the end */
    int stopped;
    int32_t refused; /* status with which key or account were refused */
    int32_t offline;
    int64_t done;
    int64_t failed;
    int64_t given_back;
    int64_t known; /* what the progress line counts up to */
};

/* ---- an image (work_image.c) ---- */

/* Looks at an entry's image and starts its job, or has it reported at once. */
void work_feed(struct worker *worker, struct parcel *parcel);
/* The call of its job has ended. */
void work_conclude(struct worker *worker, struct parcel *parcel, int32_t status);
/* Off all lists but that of the reports. */
void work_report(struct worker *worker, struct parcel *parcel, int report);

/* ---- the queue (work_queue.c) ---- */

/* Everything that is due: entries are taken, claimed, kept, reported. `room` is for how many more. */
void work_exchange(struct worker *worker, size_t room);
/* Takes the worker's name out of the groups. */
void work_leave(struct worker *worker);
void work_free_parcel(struct worker *worker, struct parcel *parcel);

#endif
