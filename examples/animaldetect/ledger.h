/* SPDX-License-Identifier: MIT */
/*
 * The ledger: one SQLite file per root folder that says what has become of every file under it.
 *
 * Two kinds of rows.  An `image` is a name: a path relative to the root, as bytes, with the size and the time that the
 * file had when it was last looked at.  A `work` is content: a SHA-256 and the options with which it was asked.  Images
 * with the same bytes share one work, so that renaming, moving and copying files costs no request.
 *
 * Where an image stands is its work's state; before its bytes are known, and where they never will be, it is its own:
 *   pending  to be inspected, to be sent, or sent and not finished: the same command continues it
 *   done     the result has at least one detection
 *   empty    the result has none
 *   failed   needs a person, another run (rerun) or other bytes; `reason` or `status` and `error` say why
 *   skipped  not an image: `reason` says what it is
 *
 * Promises: a work is committed before its first request leaves (power loss costs requests, never a bill); changes are
 * committed in groups; a result is in the ledger before its saved job is forgotten.  Every function that writes returns
 * false when the ledger cannot be written, and `ledger_message` says why: the caller stops then.
 */
#ifndef TOOL_LEDGER_H
#define TOOL_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;
struct sqlite3_stmt;

enum state { STATE_PENDING = 0, STATE_DONE = 1, STATE_EMPTY = 2, STATE_FAILED = 3, STATE_SKIPPED = 4, STATES = 5 };

const char *state_name(int state);

/* Why an image has no work.  The numbers are in ledgers: never reuse one. */
enum reason {
    REASON_NONE = 0,
    REASON_HIDDEN = 1,       /* skipped */
    REASON_SYSTEM = 2,       /* skipped: Thumbs.db and the like */
    REASON_OTHER_FILE = 3,   /* skipped: no image by name and content */
    REASON_VIDEO = 4,        /* skipped */
    REASON_LINK = 5,         /* skipped: another name of a file of this tree */
    REASON_SPECIAL = 6,      /* skipped: FIFO, socket, device */
    REASON_UNREADABLE = 7,   /* failed; retried in every run, which costs no request */
    REASON_NO_BYTES = 8,     /* failed: 0 bytes */
    REASON_TOO_LARGE = 9,    /* failed */
    REASON_UNSUPPORTED = 10, /* failed: an image, but of a type that the service does not take */
    REASON_NOT_IMAGE = 11,   /* failed: its name says image, its bytes do not */
    REASON_BROKEN = 12,      /* failed: cut, or its end is zeros */
    REASON_GONE = 13,        /* failed: it vanished while the program ran */
    /* failed, of a queue: */
    REASON_CHANGED = 14, /* another size or time than when it was enqueued */
    REASON_KILLS = 15,   /* its workers died, again and again */
    REASON_OUTSIDE = 16, /* not below the root of the worker */
    REASON_UNASKED = 17, /* the options that it was enqueued with */
    REASONS = 18
};

const char *reason_text(int reason);

struct image {
    int64_t id; /* 0: not in the ledger yet */
    int64_t size;
    int64_t mtime_ns;
    int64_t work; /* 0: none */
    int state;    /* its own, without a work */
    int reason;
    bool gone; /* not there when its folder was last read through */
};

/* What its EXIF data say; "" and NAN where they say nothing. */
struct taken {
    char time[24]; /* 2026-06-01T23:59:59, local time of the camera */
    char camera[64];
    char serial[64];
    double latitude;
    double longitude;
};

struct work {
    int64_t id;
    unsigned char digest[32];
    int64_t settings;
    int state;
    int scope; /* of a failure: enum animaldetect_scope */
    int32_t rerun;
    int tries;
};

/* The summary of a result, so that counting needs not parse it. */
struct summary {
    const char *label; /* of the detection with the highest score; NULL for none */
    double score;
    int boxes;
    int animals;
    int people;
    int vehicles;
};

/* ---- the file ---- */

enum ledger_mode { LEDGER_WRITE, LEDGER_READ };

/*
 * Opens `file`; LEDGER_WRITE makes it when it is not there, and keeps every other writing process out until it is
 * closed. NULL with a line in `message` otherwise; `*is_locked` when another process has it.
 */
struct ledger *ledger_open(const char *file, int mode, char *message, size_t size, bool *is_locked);
void ledger_close(struct ledger *ledger);
const char *ledger_message(struct ledger *ledger);

/* Groups: every write begins one by itself. */
bool ledger_commit(struct ledger *ledger);
int ledger_uncommitted(const struct ledger *ledger);

/* Values about the whole ledger, such as its root. The text is the caller's to free; NULL when there is none. */
char *ledger_get(struct ledger *ledger, const char *name);
bool ledger_set(struct ledger *ledger, const char *name, const char *value, size_t size);

/* The number of these options, a new one when they were never used. */
bool ledger_settings(struct ledger *ledger, const char *text, int64_t *id);

/* The number that these options have; 0 when they were never used. */
bool ledger_find_settings(struct ledger *ledger, const char *text, int64_t *id);

/* ---- images ---- */

bool ledger_find_image(struct ledger *ledger, const char *path, size_t size, struct image *image);
/* Writes a row; a new one when its id is 0, which is set then. */
bool ledger_put_image(struct ledger *ledger, const char *path, size_t size, struct image *image, const char *detail);
bool ledger_mark_gone(struct ledger *ledger, int64_t id, bool gone);
/* The next image after `*id` that has to be looked at; false at the end. The path is valid until the next call. */
bool ledger_next_unknown(struct ledger *ledger, struct image *image, const char **path, size_t *size);
/* A file of this work that is there; false when there is none. */
bool ledger_image_of_work(struct ledger *ledger, int64_t work, struct image *image, const char **path, size_t *size);
/* Images that are asked for again: those that could not be read, with `all` every image that failed here. */
bool ledger_retry_images(struct ledger *ledger, bool all);
/* With `work` 0 the bytes of every image are read again (--verify). */
bool ledger_forget_bytes(struct ledger *ledger);
/* Calls `each` for the id of every image under `folder` ("" for all). */
bool ledger_each_id(struct ledger *ledger, const char *folder, void (*each)(void *context, int64_t id), void *context);

/* ---- works ---- */

bool ledger_find_work(struct ledger *ledger, const unsigned char digest[32], int64_t settings, struct work *work);
bool ledger_get_work(struct ledger *ledger, int64_t id, struct work *work);
bool ledger_add_work(struct ledger *ledger, struct work *work, const char *filename, const char *reference,
                     const struct taken *taken);
/* The next pending one after `id` that is used by an image that is there; false at the end. */
bool ledger_next_pending(struct ledger *ledger, int64_t id, struct work *work);

/* What a job is made from again; NULL for what there is not. */
struct work_texts {
    char *saved; /* of animaldetect_job_save */
    char *reference;
    char *filename;
};

bool ledger_work_texts(struct ledger *ledger, int64_t id, struct work_texts *texts);
void work_texts_free(struct work_texts *texts);
bool ledger_save_job(struct ledger *ledger, int64_t work, const char *saved, size_t size, const char *job);
bool ledger_set_rerun(struct ledger *ledger, int64_t work, int32_t rerun);
bool ledger_finish(struct ledger *ledger, int64_t work, const char *job, const struct summary *summary,
                   const char *result, size_t size);
/* A call that failed: `state` is STATE_FAILED or STATE_PENDING. */
bool ledger_fail(struct ledger *ledger, int64_t work, int state, int scope, const char *status, const char *error);
bool ledger_drop_work(struct ledger *ledger, int64_t work);

/* What a run tries again: always what the service or the network failed at; more where it is asked for. */
struct retries {
    bool images; /* --retry: what failed because of the image */
    bool jobs;   /* --rerun: what needs another, billed job */
    bool all;    /* --rerun-all: everything, also what is done */
};

bool ledger_retry_works(struct ledger *ledger, const struct retries *what, int64_t settings);

/* ---- counting ---- */

/* How many images stand where, without those that are gone. */
bool ledger_count(struct ledger *ledger, int64_t counts[STATES]);
/* The highest number that a work has. */
bool ledger_last_work(struct ledger *ledger, int64_t *id);
/* Works that pending images need, and images that were not looked at yet: what is left to do. */
bool ledger_left(struct ledger *ledger, int64_t *works, int64_t *unknown);

bool ledger_add_category(struct ledger *ledger, int64_t id, const char *name, const char *taxonomy);

/* A query of the program's own, for exports and status. NULL when it cannot be made. */
struct sqlite3_stmt *ledger_query(struct ledger *ledger, const char *sql);
/* Its next row: 1 when there is one, 0 when not, -1 after a failure (also of a query that could not be made). */
int ledger_row(struct ledger *ledger, struct sqlite3_stmt *query);

#endif
