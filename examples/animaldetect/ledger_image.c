/* SPDX-License-Identifier: MIT */
/*
 * The ledger's rows of names, its values about itself, and how many images stand where.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger_internal.h"

const char *state_name(int state)
{
    static const char *const names[STATES] = {"pending", "done", "empty", "failed", "skipped"};

    return state >= 0 && state < STATES ? names[state] : "other";
}

const char *reason_text(int reason)
{
    static const char *const texts[REASONS] = {
        [REASON_NONE] = "",
        [REASON_HIDDEN] = "hidden file",
        [REASON_SYSTEM] = "file of the operating system",
        [REASON_OTHER_FILE] = "not an image",
        [REASON_VIDEO] = "video",
        [REASON_LINK] = "another name of a file of this tree",
        [REASON_SPECIAL] = "not a regular file",
        [REASON_UNREADABLE] = "cannot be read",
        [REASON_NO_BYTES] = "the file is empty (0 bytes)",
        [REASON_TOO_LARGE] = "larger than the service takes",
        [REASON_UNSUPPORTED] = "an image type that the service does not take",
        [REASON_NOT_IMAGE] = "no image, though its name says so",
        [REASON_BROKEN] = "broken: the end of the image is missing",
        [REASON_GONE] = "the file is gone",
        [REASON_CHANGED] = "changed since it was enqueued",
        [REASON_KILLS] = "kills its workers",
        [REASON_OUTSIDE] = "not below the root",
        [REASON_UNASKED] = "what was asked is not known",
    };

    return reason >= 0 && reason < REASONS ? texts[reason] : "other";
}

static char *copy_column(sqlite3_stmt *query, int column)
{
    const void *bytes = sqlite3_column_blob(query, column);
    size_t size = (size_t)sqlite3_column_bytes(query, column);
    char *copy = bytes == NULL ? NULL : calloc(1, size + 1);

    if (copy != NULL)
        memcpy(copy, bytes, size);
    return copy;
}

char *ledger_get(struct ledger *ledger, const char *name)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_GET_META);
    char *value = NULL;

    if (query == NULL)
        return NULL;
    sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
    if (ledger_row(ledger, query) == 1)
        value = copy_column(query, 0);
    sqlite3_reset(query);
    return value;
}

bool ledger_set(struct ledger *ledger, const char *name, const char *value, size_t size)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_SET_META);

    if (query == NULL)
        return false;
    sqlite3_bind_text(query, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_blob64(query, 2, value, size, SQLITE_STATIC);
    return ledger_write(ledger, query);
}

bool ledger_find_settings(struct ledger *ledger, const char *text, int64_t *id)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_GET_SETTINGS);
    int found;

    *id = 0;
    if (query == NULL)
        return false;
    sqlite3_bind_text(query, 1, text, -1, SQLITE_STATIC);
    found = ledger_row(ledger, query);
    *id = found == 1 ? sqlite3_column_int64(query, 0) : 0;
    sqlite3_reset(query);
    return found >= 0;
}

bool ledger_settings(struct ledger *ledger, const char *text, int64_t *id)
{
    sqlite3_stmt *query;

    if (!ledger_find_settings(ledger, text, id))
        return false;
    if (*id != 0)
        return true;
    query = ledger_use(ledger, Q_ADD_SETTINGS);
    if (query == NULL)
        return false;
    sqlite3_bind_text(query, 1, text, -1, SQLITE_STATIC);
    if (!ledger_write(ledger, query))
        return false;
    *id = sqlite3_last_insert_rowid(ledger->db);
    return true;
}

/* ---- images ---- */

bool ledger_find_image(struct ledger *ledger, const char *path, size_t size, struct image *image)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_FIND_IMAGE);
    int found;

    *image = (struct image){0};
    if (query == NULL)
        return false;
    sqlite3_bind_blob64(query, 1, path, size, SQLITE_STATIC);
    found = ledger_row(ledger, query);
    if (found == 1) {
        image->id = sqlite3_column_int64(query, 0);
        image->size = sqlite3_column_int64(query, 1);
        image->mtime_ns = sqlite3_column_int64(query, 2);
        image->work = sqlite3_column_int64(query, 3);
        image->state = sqlite3_column_int(query, 4);
        image->reason = sqlite3_column_int(query, 5);
        image->gone = sqlite3_column_int(query, 6) != 0;
    }
    sqlite3_reset(query);
    return found >= 0;
}

bool ledger_put_image(struct ledger *ledger, const char *path, size_t size, struct image *image, const char *detail)
{
    sqlite3_stmt *query = ledger_use(ledger, image->id == 0 ? Q_ADD_IMAGE : Q_PUT_IMAGE);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, image->size);
    sqlite3_bind_int64(query, 2, image->mtime_ns);
    if (image->work != 0)
        sqlite3_bind_int64(query, 3, image->work);
    sqlite3_bind_int(query, 4, image->state);
    sqlite3_bind_int(query, 5, image->reason);
    sqlite3_bind_int(query, 6, image->gone);
    if (detail != NULL)
        sqlite3_bind_text(query, 7, detail, -1, SQLITE_STATIC);
    if (image->id == 0)
        sqlite3_bind_blob64(query, 8, path, size, SQLITE_STATIC);
    else
        sqlite3_bind_int64(query, 8, image->id);
    if (!ledger_write(ledger, query))
        return false;
    if (image->id == 0)
        image->id = sqlite3_last_insert_rowid(ledger->db);
    return true;
}

bool ledger_mark_gone(struct ledger *ledger, int64_t id, bool gone)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_MARK_GONE);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, id);
    sqlite3_bind_int(query, 2, gone);
    return ledger_write(ledger, query);
}

static bool take_image(struct ledger *ledger, sqlite3_stmt *query, struct image *image, const char **path, size_t *size)
{
    *image = (struct image){0};
    if (ledger_row(ledger, query) != 1)
        return false;
    image->id = sqlite3_column_int64(query, 0);
    image->size = sqlite3_column_int64(query, 1);
    image->mtime_ns = sqlite3_column_int64(query, 2);
    *path = sqlite3_column_blob(query, 3);
    *size = (size_t)sqlite3_column_bytes(query, 3);
    return true;
}

bool ledger_next_unknown(struct ledger *ledger, struct image *image, const char **path, size_t *size)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_NEXT_UNKNOWN);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, image->id);
    return take_image(ledger, query, image, path, size);
}

bool ledger_image_of_work(struct ledger *ledger, int64_t work, struct image *image, const char **path, size_t *size)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_IMAGE_OF_WORK);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, work);
    if (!take_image(ledger, query, image, path, size))
        return false;
    image->work = work;
    return true;
}

bool ledger_retry_images(struct ledger *ledger, bool all)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_RETRY_IMAGES);

    if (query == NULL)
        return false;
    sqlite3_bind_int(query, 1, all);
    return ledger_write(ledger, query);
}

bool ledger_forget_bytes(struct ledger *ledger)
{
    return ledger_write(ledger, ledger_use(ledger, Q_FORGET_BYTES));
}

bool ledger_each_id(struct ledger *ledger, const char *folder, void (*each)(void *context, int64_t id), void *context)
{
    size_t size = strlen(folder);
    sqlite3_stmt *query = ledger_query(ledger, size == 0 ? "SELECT id FROM image WHERE gone = 0"
                                                         : "SELECT id FROM image WHERE gone = 0 AND path > ?1 || X'2F'"
                                                           " AND path < ?1 || X'30'");
    int found = -1;

    if (query == NULL)
        return false;
    if (size > 0)
        sqlite3_bind_blob64(query, 1, folder, size, SQLITE_STATIC);
    while ((found = ledger_row(ledger, query)) == 1)
        each(context, sqlite3_column_int64(query, 0));
    sqlite3_finalize(query);
    return found == 0;
}

/* ---- counting ---- */

bool ledger_count(struct ledger *ledger, int64_t counts[STATES])
{
    sqlite3_stmt *query = ledger_use(ledger, Q_COUNT);
    bool is_there = ledger_row(ledger, query) == 1;

    for (int state = 0; state < STATES; state++)
        counts[state] = is_there ? sqlite3_column_int64(query, state) : 0;
    sqlite3_reset(query);
    return is_there;
}

static bool one_number(struct ledger *ledger, int which, int64_t *out)
{
    sqlite3_stmt *query = ledger_use(ledger, which);
    bool is_there = ledger_row(ledger, query) == 1;

    *out = is_there ? sqlite3_column_int64(query, 0) : 0;
    sqlite3_reset(query);
    return is_there;
}

bool ledger_left(struct ledger *ledger, int64_t *works, int64_t *unknown)
{
    return one_number(ledger, Q_LEFT, works) && one_number(ledger, Q_COUNT_UNKNOWN, unknown);
}

bool ledger_last_work(struct ledger *ledger, int64_t *id)
{
    return one_number(ledger, Q_LAST_WORK, id);
}

bool ledger_add_category(struct ledger *ledger, int64_t id, const char *name, const char *taxonomy)
{
    sqlite3_stmt *query = ledger_use(ledger, Q_ADD_CATEGORY);

    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, id);
    sqlite3_bind_text(query, 2, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(query, 3, taxonomy, -1, SQLITE_STATIC);
    return ledger_write(ledger, query);
}
