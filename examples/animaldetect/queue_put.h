/* SPDX-License-Identifier: MIT */
/*
 * One run of `enqueue` on its queue: batches of entries, and where it stands.
 *
 * The position is the number of files and URLs that the run has come past, with a digest of them all.  It is kept in
 * Redis beside the entries, and moves with them in one script.  So a call whose answer was lost can be sent again; a
 * run that was interrupted can go on, if the files before are still the same; and when Redis lost its last seconds in a
 * crash, the batches from its position on are sent again, for they are kept here for a while.
 */
#ifndef TOOL_QUEUE_PUT_H
#define TOOL_QUEUE_PUT_H

#include <limits.h>
#include <sys/queue.h>

#include "progress.h"
#include "queue_entry.h"
#include "queue_keys.h"

enum { POSITION_SIZE = 56, DIGEST_BYTES = 16 };

struct batch;

TAILQ_HEAD(batches, batch);

struct put {
    struct link *link;
    struct progress *progress;
    int stream;
    int bound;
    const char *asked; /* the options, and their name */
    char asked_name[ASKED_ID_SIZE];
    char run[33];
    struct batches kept;                /* the last one may be being filled */
    char tail[POSITION_SIZE];           /* where the batches end so far */
    int64_t passed;                     /* so far */
    unsigned char digest[DIGEST_BYTES]; /* of all of them */
    char resume[POSITION_SIZE];         /* of a run that was interrupted */
    int64_t resume_at;
    int64_t added;
    bool is_other; /* the files are not those of the run that was interrupted */
    bool is_lost;  /* the queue lost more than is kept */
};

/* The same root, inputs, options and stream are the same run. */
void put_init(struct put *put, struct link *link, const struct options *options, const char *asked, const char *root);
void put_free(struct put *put);

/* Finds out where a run that was interrupted stands; false when the program is to stop, as of all of these. */
bool put_resume(struct put *put);
/* Forgets it: the files are not the same any more. */
bool put_forget(struct put *put);
/* Before the first file of a pass over all of them. */
void put_begin(struct put *put);

/* One more file is passed: whether it is new, and not one of those before the position. `is_other` may be set. */
bool put_pass(struct put *put, const char *path, int64_t size, int64_t mtime_ns);
/* A new one goes into a batch, which is sent when it is full. */
bool put_add(struct put *put, const char *path, const char *name, int64_t size, int64_t mtime_ns);
/* The last batch is sent; then, after a while, what Redis may have lost meanwhile, and the run is over. */
bool put_end(struct put *put);

#endif
