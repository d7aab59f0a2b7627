/* SPDX-License-Identifier: MIT */
/*
 * What the files of the ledger share: the connection, its prepared statements, and the steps around one.
 */
#ifndef TOOL_LEDGER_INTERNAL_H
#define TOOL_LEDGER_INTERNAL_H

#include <sqlite3.h>

#include "ledger.h"

enum {
    Q_BEGIN,
    Q_COMMIT,
    Q_GET_META,
    Q_SET_META,
    Q_GET_SETTINGS,
    Q_ADD_SETTINGS,
    Q_FIND_IMAGE,
    Q_ADD_IMAGE,
    Q_PUT_IMAGE,
    Q_MARK_GONE,
    Q_NEXT_UNKNOWN,
    Q_IMAGE_OF_WORK,
    Q_RETRY_IMAGES,
    Q_FORGET_BYTES,
    Q_FIND_WORK,
    Q_GET_WORK,
    Q_ADD_WORK,
    Q_NEXT_PENDING,
    Q_WORK_TEXTS,
    Q_SAVE_JOB,
    Q_SET_RERUN,
    Q_FINISH,
    Q_ADD_RESULT,
    Q_FAIL,
    Q_DROP_WORK,
    Q_FREE_IMAGES,
    Q_RETRY_WORKS,
    Q_RERUN_JOBS,
    Q_RERUN_ALL,
    Q_COUNT,
    Q_LEFT,
    Q_COUNT_UNKNOWN,
    Q_LAST_WORK,
    Q_ADD_CATEGORY,
    QUERIES
};

struct ledger {
    sqlite3 *db;
    int lock;        /* descriptor of the lock file; -1 for a reader */
    int uncommitted; /* writes since the last commit */
    sqlite3_stmt *queries[QUERIES];
    char message[512];
};

/* The prepared statement, reset and without bindings; NULL after a failure, which is in the message. */
sqlite3_stmt *ledger_use(struct ledger *ledger, int query);

/* Runs a statement to its end, inside the group of writes; false after a failure. */
bool ledger_write(struct ledger *ledger, sqlite3_stmt *query);

bool ledger_failed(struct ledger *ledger);

#endif
