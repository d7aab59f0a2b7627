/* SPDX-License-Identifier: MIT */
/*
 * The contents of the streams of a queue: entries (an image to be sent) and records (its outcome), and the options of
 * an entry. They are stated by `enqueue`, travel with the entry, and are part of the idempotency key: every worker must
 * state the same, or an entry that is delivered twice would be billed twice.
 */
#ifndef TOOL_QUEUE_ENTRY_H
#define TOOL_QUEUE_ENTRY_H

#include <sys/queue.h>

#include <hiredis/hiredis.h>

#include "ledger.h"
#include "options.h"
#include "queue_keys.h"

/* ---- options ---- */

enum { ASKED_ID_SIZE = 17 };

/* Names options by their text: 16 digits. */
void asked_id(const char *text, char out[ASKED_ID_SIZE]);

struct asked {
    SLIST_ENTRY(asked) link;
    char id[ASKED_ID_SIZE];
    char *text;  /* as options_asked wrote it */
    char *lines; /* a copy, which the options point into */
    struct options options;
    bool is_good; /* every one of them is known here */
};

SLIST_HEAD(asked_list, asked);

/* Keeps ids and texts of a reply. */
void asked_learn(struct asked_list *list, const redisReply *pairs);
/* NULL when the queue has lost it. */
const struct asked *asked_find(const struct asked_list *list, const char *id);
void asked_free(struct asked_list *list);

/* ---- entries ---- */

#define ENTRY_IS_URL (-1) /* in place of a size */

struct entry {
    int stream; /* KEY_W0 or KEY_W1 */
    int failures;
    int64_t size; /* ENTRY_IS_URL: the service fetches it */
    int64_t mtime_ns;
    size_t path_size;
    const char *path; /* below the root, as bytes; or a URL */
    const char *name; /* that the service gets; "" where the bytes of the file name it */
    const char *asked;
    char id[48];
    char texts[];
};

/* One entry of a reply of XRANGE's form, in one block for free(); NULL when it is none. */
struct entry *entry_read(const redisReply *reply, int stream);

/* ---- records ---- */

enum record_field {
    RECORD_PATH,
    RECORD_SIZE,
    RECORD_MTIME,
    RECORD_ASKED,
    RECORD_KIND,      /* RECORD_RESULT, _FAILURE or _REFUSED */
    RECORD_NAME,      /* that the service got */
    RECORD_DIGEST,    /* hexadecimal */
    RECORD_REFERENCE, /* that the service got */
    RECORD_TAKEN,     /* of taken_write */
    RECORD_JOB,
    RECORD_NUMBER, /* the scope of a failure, the reason of a refusal */
    RECORD_STATUS, /* name of a failure's status; "skipped" of what is not an image */
    RECORD_TEXT,   /* the result, or a message */
    RECORD_FIELDS
};

#define RECORD_RESULT "r"
#define RECORD_FAILURE "f"
#define RECORD_REFUSED "i"

struct record {
    const char *texts[RECORD_FIELDS]; /* borrowed; NULL is "" */
    size_t sizes[RECORD_FIELDS];
};

void record_set(struct record *record, int field, const char *text);
void record_arguments(const struct record *record, struct arguments *arguments);
/* Borrowed from the reply. */
bool record_read(const redisReply *fields, struct record *record);

enum { TAKEN_SIZE = 320 };

void taken_write(const struct taken *taken, char out[TAKEN_SIZE]);
void taken_read(const char *text, struct taken *taken);

#endif
