/* SPDX-License-Identifier: MIT */
/*
 * The ledger's file: who may write it, its schema and later versions of it, groups of writes. The lock is an flock on a
 * file beside the ledger: the kernel releases it when the process ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger_internal.h"

#define APPLICATION_ID 0x41444C47 /* "ADLG" */
#define BUSY_MS 15000

/* Each text leads from the version that is its index to the next one. */
static const char *const migrations[] = {
    "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;"
    "CREATE TABLE settings(id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
    "CREATE TABLE image(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, size INTEGER NOT NULL,"
    " mtime_ns INTEGER NOT NULL, work INTEGER REFERENCES work(id), state INTEGER NOT NULL, reason INTEGER NOT NULL,"
    " gone INTEGER NOT NULL DEFAULT 0, detail TEXT);"
    "CREATE INDEX image_work ON image(work) WHERE work IS NOT NULL;"
    "CREATE INDEX image_unknown ON image(id) WHERE work IS NULL AND state = 0;"
    "CREATE TABLE work(id INTEGER PRIMARY KEY, digest BLOB NOT NULL, settings INTEGER NOT NULL REFERENCES settings(id),"
    " state INTEGER NOT NULL DEFAULT 0, scope INTEGER NOT NULL DEFAULT 0, rerun INTEGER NOT NULL DEFAULT 0,"
    " tries INTEGER NOT NULL DEFAULT 0, label TEXT, score REAL, boxes INTEGER, animals INTEGER, people INTEGER,"
    " vehicles INTEGER, taken TEXT, camera TEXT, serial TEXT, latitude REAL, longitude REAL, status TEXT, error TEXT,"
    " job TEXT, filename TEXT NOT NULL, reference TEXT, finished INTEGER, saved TEXT, UNIQUE(digest, settings));"
    "CREATE INDEX work_open ON work(state) WHERE state IN (0, 3);"
    "CREATE TABLE result(work INTEGER PRIMARY KEY REFERENCES work(id), json TEXT NOT NULL);"
    "CREATE TABLE category(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, taxonomy TEXT NOT NULL UNIQUE);"};

#define VERSION (int)(sizeof migrations / sizeof migrations[0])

static const char *const sql_of[QUERIES] = {
    [Q_BEGIN] = "BEGIN IMMEDIATE",
    [Q_COMMIT] = "COMMIT",
    [Q_GET_META] = "SELECT value FROM meta WHERE name = ?",
    [Q_SET_META] = "INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)",
    [Q_GET_SETTINGS] = "SELECT id FROM settings WHERE text = ?",
    [Q_ADD_SETTINGS] = "INSERT INTO settings(text) VALUES (?)",
    [Q_FIND_IMAGE] = "SELECT id, size, mtime_ns, work, state, reason, gone FROM image WHERE path = ?",
    [Q_ADD_IMAGE] = "INSERT INTO image(size, mtime_ns, work, state, reason, gone, detail, path)"
                    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    [Q_PUT_IMAGE] = "UPDATE image SET size = ?1, mtime_ns = ?2, work = ?3, state = ?4, reason = ?5, gone = ?6,"
                    " detail = ?7 WHERE id = ?8",
    [Q_MARK_GONE] = "UPDATE image SET gone = ?2 WHERE id = ?1 AND gone != ?2",
    [Q_NEXT_UNKNOWN] = "SELECT id, size, mtime_ns, path FROM image WHERE work IS NULL AND state = 0 AND id > ?1"
                       " AND gone = 0 ORDER BY id LIMIT 1",
    [Q_IMAGE_OF_WORK] = "SELECT id, size, mtime_ns, path FROM image WHERE work = ? AND gone = 0 ORDER BY id LIMIT 1",
    [Q_RETRY_IMAGES] = "UPDATE image SET state = 0, reason = 0, detail = NULL WHERE work IS NULL AND state = 3"
                       " AND (reason IN (7, 13, 14, 15, 16, 17) OR ?)",
    [Q_FORGET_BYTES] = "UPDATE image SET work = NULL, state = 0, reason = 0, detail = NULL WHERE work IS NOT NULL",
    [Q_FIND_WORK] =
        "SELECT id, digest, settings, state, scope, rerun, tries FROM work WHERE digest = ? AND settings = ?",
    [Q_GET_WORK] = "SELECT id, digest, settings, state, scope, rerun, tries FROM work WHERE id = ?",
    [Q_ADD_WORK] = "INSERT INTO work(digest, settings, reference, taken, camera, serial, latitude, longitude, filename)"
                   " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [Q_NEXT_PENDING] = "SELECT id, digest, settings, state, scope, rerun, tries FROM work WHERE state = 0 AND id > ?1"
                       " AND EXISTS (SELECT 1 FROM image i WHERE i.work = work.id AND i.gone = 0) ORDER BY id LIMIT 1",
    [Q_WORK_TEXTS] = "SELECT saved, reference, filename FROM work WHERE id = ?",
    [Q_SAVE_JOB] = "UPDATE work SET saved = ?2, job = coalesce(?3, job) WHERE id = ?1",
    [Q_SET_RERUN] = "UPDATE work SET rerun = ?2, saved = NULL WHERE id = ?1",
    [Q_FINISH] = "UPDATE work SET state = ?2, scope = 0, tries = tries + 1, label = ?3, score = ?4, boxes = ?5,"
                 " animals = ?6, people = ?7, vehicles = ?8, job = ?9, status = NULL, error = NULL, saved = NULL,"
                 " finished = CAST(strftime('%s', 'now') AS INTEGER) WHERE id = ?1",
    [Q_ADD_RESULT] = "INSERT OR REPLACE INTO result(work, json) VALUES (?, ?)",
    [Q_FAIL] = "UPDATE work SET state = ?2, scope = ?3, status = ?4, error = ?5, tries = tries + 1,"
               " finished = CAST(strftime('%s', 'now') AS INTEGER) WHERE id = ?1",
    [Q_DROP_WORK] = "DELETE FROM work WHERE id = ?",
    [Q_FREE_IMAGES] = "UPDATE image SET work = NULL, state = 0, reason = 0 WHERE work = ?",
    /* scopes: 2 image, 3 job; a job that is overdue or in a state that is not known may also be given up for another */
    [Q_RETRY_WORKS] = "UPDATE work SET state = 0 WHERE state = 3 AND settings = ?1 AND (scope NOT IN (2, 3) OR ?2)",
    [Q_RERUN_JOBS] = "UPDATE work SET state = 0, rerun = rerun + 1, saved = NULL WHERE state = 3 AND settings = ?1"
                     " AND (scope = 3 OR status IN ('ANIMALDETECT_E_OVERDUE', 'ANIMALDETECT_E_STATE_UNKNOWN'))",
    [Q_RERUN_ALL] = "UPDATE work SET state = 0, rerun = rerun + 1, saved = NULL WHERE settings = ?1",
    /* sums and no groups: these would be sorted */
    [Q_COUNT] =
        "SELECT sum(s = 0), sum(s = 1), sum(s = 2), sum(s = 3), sum(s = 4) FROM (SELECT coalesce(w.state, i.state)"
        " AS s FROM image i LEFT JOIN work w ON w.id = i.work WHERE i.gone = 0)",
    [Q_LEFT] = "SELECT count(*) FROM work WHERE state = 0"
               " AND EXISTS (SELECT 1 FROM image i WHERE i.work = work.id AND i.gone = 0)",
    [Q_COUNT_UNKNOWN] = "SELECT count(*) FROM image WHERE work IS NULL AND state = 0 AND gone = 0",
    [Q_LAST_WORK] = "SELECT coalesce(max(id), 0) FROM work",
    [Q_ADD_CATEGORY] = "INSERT OR IGNORE INTO category(id, name, taxonomy) VALUES (?, ?, ?)"};

bool ledger_failed(struct ledger *ledger)
{
    const char *hint = "";

    if (sqlite3_errcode(ledger->db) == SQLITE_FULL)
        hint = ": make room on its disk; nothing that was done is lost";
    (void)snprintf(ledger->message, sizeof ledger->message, "the ledger: %s%s", sqlite3_errmsg(ledger->db), hint);
    return false;
}

const char *ledger_message(struct ledger *ledger)
{
    return ledger->message;
}

sqlite3_stmt *ledger_use(struct ledger *ledger, int query)
{
    sqlite3_stmt **kept = &ledger->queries[query];

    if (*kept != NULL) {
        sqlite3_reset(*kept);
        sqlite3_clear_bindings(*kept);
        return *kept;
    }
    if (sqlite3_prepare_v3(ledger->db, sql_of[query], -1, SQLITE_PREPARE_PERSISTENT, kept, NULL) != SQLITE_OK)
        (void)ledger_failed(ledger);
    return *kept;
}

static bool step(struct ledger *ledger, sqlite3_stmt *query)
{
    int code = query == NULL ? SQLITE_ERROR : sqlite3_step(query);
    bool is_done = code == SQLITE_DONE || code == SQLITE_ROW || (query != NULL && ledger_failed(ledger));

    if (query != NULL)
        sqlite3_reset(query);
    return is_done;
}

bool ledger_write(struct ledger *ledger, sqlite3_stmt *query)
{
    if (query == NULL)
        return false;
    /* After a full disk SQLite may have ended the group by itself. */
    if (sqlite3_get_autocommit(ledger->db) && !step(ledger, ledger_use(ledger, Q_BEGIN)))
        return false;
    ledger->uncommitted++;
    return step(ledger, query);
}

int ledger_row(struct ledger *ledger, sqlite3_stmt *query)
{
    int code = query == NULL ? SQLITE_ERROR : sqlite3_step(query);

    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return code == SQLITE_ROW;
    if (query != NULL)
        (void)ledger_failed(ledger);
    return -1;
}

bool ledger_commit(struct ledger *ledger)
{
    if (sqlite3_get_autocommit(ledger->db)) {
        bool is_lost = ledger->uncommitted > 0; /* the group was rolled back */

        return !is_lost;
    }
    if (!step(ledger, ledger_use(ledger, Q_COMMIT)))
        return false;
    ledger->uncommitted = 0;
    return true;
}

int ledger_uncommitted(const struct ledger *ledger)
{
    return ledger->uncommitted;
}

sqlite3_stmt *ledger_query(struct ledger *ledger, const char *sql)
{
    sqlite3_stmt *query = NULL;

    if (sqlite3_prepare_v2(ledger->db, sql, -1, &query, NULL) != SQLITE_OK)
        (void)ledger_failed(ledger);
    return query;
}

/* ---- opening ---- */

static bool lock(struct ledger *ledger, const char *file, bool *is_locked)
{
    char name[4200];
    char holder[32] = "";

    (void)snprintf(name, sizeof name, "%s.lock", file);
    ledger->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (ledger->lock < 0) {
        (void)snprintf(ledger->message, sizeof ledger->message, "cannot make %.300s: %s", name, strerror(errno));
        return false;
    }
    if (flock(ledger->lock, LOCK_EX | LOCK_NB) == 0) {
        int length = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());

        /* for whoever is refused; a lock without a name is as good */
        if (ftruncate(ledger->lock, 0) == 0)
            (void)!pwrite(ledger->lock, holder, (size_t)length, 0);
        return true;
    }
    *is_locked = errno == EWOULDBLOCK;
    if (pread(ledger->lock, holder, sizeof holder - 1, 0) < 0)
        holder[0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
    (void)snprintf(ledger->message, sizeof ledger->message,
                   *is_locked ? "process %s works on this ledger: wait for it, or stop it"
                              : "cannot lock the ledger%.0s; name one on a local disk with --ledger",
                   holder);
    return false;
}

static int number_of(struct ledger *ledger, const char *pragma)
{
    sqlite3_stmt *query = ledger_query(ledger, pragma);
    int number = ledger_row(ledger, query) == 1 ? sqlite3_column_int(query, 0) : -1;

    sqlite3_finalize(query);
    return number;
}

static bool run_sql(struct ledger *ledger, const char *sql)
{
    return sqlite3_exec(ledger->db, sql, NULL, NULL, NULL) == SQLITE_OK || ledger_failed(ledger);
}

static bool migrate(struct ledger *ledger, int mode)
{
    int version = number_of(ledger, "PRAGMA user_version");
    int application = number_of(ledger, "PRAGMA application_id");
    char mark[96];

    if (version < 0 || application < 0)
        return false;
    if (version > VERSION || (application != 0 && application != APPLICATION_ID) || (version > 0 && application == 0)) {
        (void)snprintf(ledger->message, sizeof ledger->message,
                       application == APPLICATION_ID ? "a later version of animaldetect made this ledger: use that one"
                                                     : "this file is no ledger of animaldetect");
        return false;
    }
    if (version == VERSION)
        return true;
    if (mode == LEDGER_READ) {
        (void)snprintf(ledger->message, sizeof ledger->message, "this ledger has nothing in it yet");
        return false;
    }
    if (!run_sql(ledger, "BEGIN IMMEDIATE"))
        return false;
    for (int i = version; i < VERSION; i++) {
        if (!run_sql(ledger, migrations[i]))
            return false;
    }
    (void)snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", APPLICATION_ID,
                   VERSION);
    return run_sql(ledger, mark);
}

static bool open_file(struct ledger *ledger, const char *file, int mode, bool *is_locked)
{
    int flags = mode == LEDGER_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;

    if (mode == LEDGER_WRITE && !lock(ledger, file, is_locked))
        return false;
    if (sqlite3_open_v2(file, &ledger->db, flags | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        return ledger_failed(ledger);
    sqlite3_busy_timeout(ledger->db, BUSY_MS);
    return run_sql(ledger, "PRAGMA synchronous = FULL; PRAGMA cache_size = -8000") &&
           (mode == LEDGER_READ || run_sql(ledger, "PRAGMA journal_mode = TRUNCATE")) && migrate(ledger, mode);
}

struct ledger *ledger_open(const char *file, int mode, char *message, size_t size, bool *is_locked)
{
    struct ledger *ledger = calloc(1, sizeof *ledger);
    mode_t others;
    bool is_open;

    *is_locked = false;
    if (ledger == NULL) {
        (void)snprintf(message, size, "out of memory");
        return NULL;
    }
    ledger->lock = -1;
    others = umask(0077); /* a saved job has an upload URL, which is a secret while it lives */
    is_open = open_file(ledger, file, mode, is_locked);
    (void)umask(others);
    if (is_open)
        return ledger;
    (void)snprintf(message, size, "%.480s", ledger->message);
    ledger_close(ledger);
    return NULL;
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (int i = 0; i < QUERIES; i++)
        sqlite3_finalize(ledger->queries[i]);
    sqlite3_close(ledger->db);
    if (ledger->lock >= 0)
        close(ledger->lock);
    free(ledger);
}
