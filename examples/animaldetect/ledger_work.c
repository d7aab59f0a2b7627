/* SPDX-License-Identifier: MIT */
/*
 * The ledger's rows of content: the options that the bytes were sent with, and the result.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ledger_internal.h"

static bool take_work(struct ledger *ledger, sqlite3_stmt *query, struct work *work)
{
    int found = ledger_row(ledger, query);

    *work = (struct work){0};
    if (found == 1) {
        const void *digest = sqlite3_column_blob(query, 1);

        work->id = sqlite3_column_int64(query, 0);
        if (digest != NULL && sqlite3_column_bytes(query, 1) == (int)sizeof work->digest)
            memcpy(work->digest, digest, sizeof work->digest);
        work->settings = sqlite3_column_int64(query, 2);
        work->state = sqlite3_column_int(query, 3);
        work->scope = sqlite3_column_int(query, 4);
        work->rerun = sqlite3_column_int(query, 5);
        work->tries = sqlite3_column_int(query, 6);
    }
    sqlite3_reset(query);
    return found >= 0;
}

bool ledger_find_work(struct ledger *ledger, const unsigned char digest[32], int64_t settings, struct work *work)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_FIND_WORK);

    if (query == NULL)
        return false;
    sqlite3_bind_blob(query, 1, digest, 32, SQLITE_STATIC);
    sqlite3_bind_int64(query, 2, settings);
    return take_work(ledger, query, work);
}

bool ledger_get_work(struct ledger *ledger, int64_t id, struct work *work)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_GET_WORK);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, id);
    return take_work(ledger, query, work) && work->id != 0;
}

static void bind_text(sqlite3_stmt *query, int index, const char *text)
{
    if (text != NULL && *text != '\0')
        sqlite3_bind_text(query, index, text, -1, SQLITE_STATIC);
}

static void bind_real(sqlite3_stmt *query, int index, double value)
{
    if (!isnan(value))
        sqlite3_bind_double(query, index, value);
}

bool ledger_add_work(struct ledger *ledger, struct work *work, const char *filename, const char *reference,
                     const struct taken *taken)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_ADD_WORK);

    if (query == NULL)
        return false;
    sqlite3_bind_blob(query, 1, work->digest, sizeof work->digest, SQLITE_STATIC);
    sqlite3_bind_int64(query, 2, work->settings);
    bind_text(query, 3, reference);
    bind_text(query, 4, taken->time);
    bind_text(query, 5, taken->camera);
    bind_text(query, 6, taken->serial);
    bind_real(query, 7, taken->latitude);
    bind_real(query, 8, taken->longitude);
    bind_text(query, 9, filename);
    if (!ledger_write(ledger, query))
        return false;
    work->id = sqlite3_last_insert_rowid(ledger->db);
    return true;
}

bool ledger_next_pending(struct ledger *ledger, int64_t id, struct work *work)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_NEXT_PENDING);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, id);
    return take_work(ledger, query, work) && work->id != 0;
}

static char *copy_text(sqlite3_stmt *query, int column)
{
    const char *text = (const char *)sqlite3_column_text(query, column);

    return text != NULL ? strdup(text) : NULL;
}

bool ledger_work_texts(struct ledger *ledger, int64_t id, struct work_texts *texts)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_WORK_TEXTS);
    int found;

    *texts = (struct work_texts){0};
    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, id);
    found = ledger_row(ledger, query);
    if (found == 1) {
        texts->saved = copy_text(query, 0);
        texts->reference = copy_text(query, 1);
        texts->filename = copy_text(query, 2);
    }
    sqlite3_reset(query);
    return found == 1;
}

void work_texts_free(struct work_texts *texts)
{
    free(texts->saved);
    free(texts->reference);
    free(texts->filename);
    *texts = (struct work_texts){0};
}

bool ledger_save_job(struct ledger *ledger, int64_t work, const char *saved, size_t size, const char *job)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_SAVE_JOB);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, work);
    if (saved != NULL)
        sqlite3_bind_text64(query, 2, saved, size, SQLITE_STATIC, SQLITE_UTF8);
    bind_text(query, 3, job);
    return ledger_write(ledger, query);
}

bool ledger_set_rerun(struct ledger *ledger, int64_t work, int32_t rerun)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_SET_RERUN);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, work);
    sqlite3_bind_int(query, 2, rerun);
    return ledger_write(ledger, query);
}

bool ledger_finish(struct ledger *ledger, int64_t work, const char *job, const struct summary *summary,
                   const char *result, size_t size)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_ADD_RESULT);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, work);
    sqlite3_bind_text64(query, 2, result, size, SQLITE_STATIC, SQLITE_UTF8);
    if (!ledger_write(ledger, query) || (query = ledger_use(ledger, Q_FINISH)) == NULL)
        return false;
    sqlite3_bind_int64(query, 1, work);
    sqlite3_bind_int(query, 2, summary->boxes > 0 ? STATE_DONE : STATE_EMPTY);
    bind_text(query, 3, summary->label);
    if (summary->boxes > 0)
        sqlite3_bind_double(query, 4, summary->score);
    sqlite3_bind_int(query, 5, summary->boxes);
    sqlite3_bind_int(query, 6, summary->animals);
    sqlite3_bind_int(query, 7, summary->people);
    sqlite3_bind_int(query, 8, summary->vehicles);
    bind_text(query, 9, job);
    return ledger_write(ledger, query);
}

bool ledger_fail(struct ledger *ledger, int64_t work, int state, int scope, const char *status, const char *error)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_FAIL);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, work);
    sqlite3_bind_int(query, 2, state);
    sqlite3_bind_int(query, 3, scope);
    bind_text(query, 4, status);
    bind_text(query, 5, error);
    return ledger_write(ledger, query);
}

static bool write_for(struct ledger *ledger, int which, int64_t id)
{
    sqlite3_stmt *query = ledger_use(ledger, which);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, id);
    return ledger_write(ledger, query);
}

bool ledger_drop_work(struct ledger *ledger, int64_t work)
{
    return write_for(ledger, Q_FREE_IMAGES, work) && write_for(ledger, Q_DROP_WORK, work);
}

bool ledger_retry_works(struct ledger *ledger, const struct retries *what, int64_t settings)
{
    sqlite3_stmt *query;

    if (what->all)
        return write_for(ledger, Q_RERUN_ALL, settings);
    if (what->jobs && !write_for(ledger, Q_RERUN_JOBS, settings))
        return false;
    query = ledger_use(ledger, Q_RETRY_WORKS);
    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, settings);
    sqlite3_bind_int(query, 2, what->images);
    return ledger_write(ledger, query);
}
