/* SPDX-License-Identifier: MIT */
/*
 * One run: compares the files under the inputs with the ledger (scan), sends what is not done (feed), and records the
 * outcome (finish).
 *
 * What makes a crash cost requests and never a bill: the row of a work, with its digest, options, reference and rerun
 * number, is committed before its job is started, and the idempotency key follows from these alone; the file name that
 * the service sees is the digest. Later stages are saved now and then, which only saves requests.
 */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include <sys/queue.h>

#include <animaldetect/animaldetect.h>

#include "clock.h"
#include "connect.h"
#include "ledger.h"
#include "look.h"
#include "options.h"
#include "place.h"
#include "quota.h"
#include "walk.h"

/* One image in flight. */
struct item {
    TAILQ_ENTRY(item) link;
    animaldetect_job *job;
    int64_t work;
    int64_t image;
    int64_t size;
    int64_t mtime_ns;
    int32_t saved_stage;
    int rounds; /* how often it was put off in this run */
    char path[];
};

TAILQ_HEAD(items, item);

struct progress;

struct run {
    const struct options *options;
    struct place place;
    struct ledger *ledger;
    animaldetect_client *client;
    struct quota *quota; /* NULL without --quota */
    struct walk *walk;   /* for its root */
    struct progress *progress;
    int64_t settings; /* the row of these options */
    struct look_rules rules;
    int64_t settle_ns; /* files younger than that are left for later (watch); 0 for none */

    /* the scan */
    unsigned char *visited; /* a bit per image id */
    size_t visited_bytes;
    int64_t files;
    int64_t problems; /* folders and files that could not be read */
    int64_t unsettled;

    /* the feed */
    struct items running; /* call in flight */
    struct items ready;   /* prepared, to be started after the next commit */
    struct items again;   /* put off: network or service */
    int64_t last_pending; /* works up to this one were taken up */
    int64_t end_pending;  /* and later ones are this run's own */
    int64_t last_unknown;
    size_t running_count;
    size_t ready_count;
    int64_t uncreated; /* of the running ones, as of the last look at them */
    int64_t ready_ms;  /* since when the oldest is ready */
    bool is_fed;       /* nothing is left to be taken up */

    /* the end */
    int32_t refused; /* status with which key or account were refused */
    int32_t offline; /* status of a network that stayed away */
    bool is_broken;  /* the ledger cannot be written */
    bool is_gone;    /* the root folder: a card that was taken out */
    int stopped;     /* the stop that was acted on */
    int64_t left_unfinished;
};

/* EXIT_DONE, or an exit code after a word on stderr. `ledger` and the scan need no client. */
int run_open(struct run *run, const struct options *options);
int run_connect(struct run *run);
void run_close(struct run *run);

/* Looks at every file's name, size and time. */
bool run_scan(struct run *run);

/* Takes up what is not done until everything has ended, or it is stopped. */
void run_process(struct run *run);

/* The exit code of what was done so far, and a summary on stderr. */
int run_conclude(struct run *run);

/* ---- between the files of the run ---- */

/* One more image is looked at or taken up; false when there is none now. */
bool run_feed_one(struct run *run);
/* Commits and starts what is ready. */
void run_start_ready(struct run *run);
/* What becomes of an image whose call has ended. */
void run_finish(struct run *run, struct item *item, int32_t status);
/* Jobs whose stage has changed go to the ledger. */
void run_save_stages(struct run *run);
void run_free_item(struct item *item);
void run_free_items(struct items *items);
/* Whether the root folder has gone, such as a card that was taken out; said once. */
bool run_root_is_gone(struct run *run);
/* What a name alone decides: REASON_NONE for what may be an image. */
int run_reason_by_name(const struct found *found);
/* A write failed: everything stops, the reason is said. Always false. */
bool run_break(struct run *run);

int command_run(const struct options *options);

#endif
