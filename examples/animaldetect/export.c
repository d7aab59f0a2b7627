/* SPDX-License-Identifier: MIT */
/*
 * What all exports share: the rows in order, and the file they go to.
 */
#include "export.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "connect.h"
#include "out.h"
#include "reader.h"
#include "text.h"

#define CHUNK 500 /* rows of one query: a run that works on the ledger waits for no more than these */

static const char rows_sql[] =
    "SELECT i.path, coalesce(w.state, i.state), i.reason, i.detail, w.error, w.status, w.job, w.digest, r.json, "
    "w.taken,"
    " w.camera, w.serial, w.latitude, w.longitude FROM image i LEFT JOIN work w ON w.id = i.work"
    " LEFT JOIN result r ON r.work = w.id AND w.state IN (1, 2)"
    " WHERE i.gone = 0 AND (w.state IS NOT NULL OR i.state != 4) AND i.path > ?1 ORDER BY i.path LIMIT ?2";

static const char *text_of(sqlite3_stmt *query, int column)
{
    return (const char *)sqlite3_column_text(query, column);
}

static double real_of(sqlite3_stmt *query, int column)
{
    return sqlite3_column_type(query, column) == SQLITE_NULL ? NAN : sqlite3_column_double(query, column);
}

/* One line that says why there is no result. */
static void say_error(const struct export_row *row, const char *detail, const char *error, char *out, size_t size)
{
    const char *reason = reason_text(row->reason);

    *out = '\0';
    if (row->state == STATE_PENDING)
        (void)snprintf(out, size, "pending: not processed yet%s%s", error != NULL ? ": " : "",
                       error != NULL ? error : "");
    else if (row->state == STATE_FAILED)
        (void)snprintf(out, size, "%s%s%s%s", reason, *reason != '\0' && detail != NULL ? ": " : "",
                       detail != NULL ? detail : "", error != NULL ? error : "");
    if (row->state == STATE_FAILED && *out == '\0')
        (void)snprintf(out, size, "failed");
}

static void take_row(sqlite3_stmt *query, struct export_row *row, char *written, char *error, size_t size)
{
    *row = (struct export_row){
        .path = sqlite3_column_blob(query, 0),
        .path_size = (size_t)sqlite3_column_bytes(query, 0),
        .written = written,
        .state = sqlite3_column_int(query, 1),
        .reason = sqlite3_column_int(query, 2),
        .error = error,
        .status = text_of(query, 5),
        .job = text_of(query, 6),
        .digest = sqlite3_column_blob(query, 7),
        .json = text_of(query, 8),
        .json_size = (size_t)sqlite3_column_bytes(query, 8),
        .taken = text_of(query, 9),
        .camera = text_of(query, 10),
        .serial = text_of(query, 11),
        .latitude = real_of(query, 12),
        .longitude = real_of(query, 13),
    };
    (void)text_path(row->path, row->path_size, written);
    say_error(row, text_of(query, 3), text_of(query, 4), error, size);
}

struct pass {
    struct exporter *exporter;
    bool (*each)(void *context, const struct export_row *row);
    void *context;
    char last[4097]; /* the path of the last row */
    size_t last_size;
    char written[TEXT_PATH_MAX];
    char error[1024];
};

/* The next rows: how many there were, -1 when they cannot be read or `each` wants no more. */
static int each_of_chunk(struct pass *pass, sqlite3_stmt *query)
{
    struct export_row row;
    int count = 0;
    int code;

    sqlite3_bind_blob64(query, 1, pass->last, pass->last_size, SQLITE_TRANSIENT);
    sqlite3_bind_int(query, 2, CHUNK);
    while ((code = sqlite3_step(query)) == SQLITE_ROW) {
        count++;
        take_row(query, &row, pass->written, pass->error, sizeof pass->error);
        if (row.path_size >= sizeof pass->last)
            continue; /* no path of a file is that long */
        memcpy(pass->last, row.path, row.path_size);
        pass->last_size = row.path_size;
        if (!pass->each(pass->context, &row))
            return -1;
    }
    if (code != SQLITE_DONE)
        complain("cannot read the ledger: %s", sqlite3_errmsg(sqlite3_db_handle(query)));
    sqlite3_reset(query);
    return code == SQLITE_DONE ? count : -1;
}

bool export_each(struct exporter *exporter, bool (*each)(void *context, const struct export_row *row), void *context)
{
    struct pass pass = {.exporter = exporter, .each = each, .context = context};
    sqlite3_stmt *query = ledger_query(exporter->ledger, rows_sql);
    int count = query == NULL ? -1 : CHUNK;

    while (count == CHUNK)
        count = each_of_chunk(&pass, query);
    sqlite3_finalize(query);
    return count >= 0;
}

int export_results(struct ledger *ledger, const struct options *options)
{
    const char *format = options->values[OPT_FORMAT] != NULL ? options->values[OPT_FORMAT] : "md";
    bool is_folder = strcmp(format, "camtrap-dp") == 0;
    struct exporter exporter = {.ledger = ledger, .options = options};
    struct out out;
    int code;

    if (is_folder && options->values[OPT_OUTPUT] == NULL) {
        complain("camtrap-dp is a folder of files: set it with --output");
        return EXIT_USAGE;
    }
    if (!out_open(&out, options->values[OPT_OUTPUT], is_folder))
        return EXIT_SOME_FAILED;
    exporter.out = out.file;
    exporter.folder = out.temporary;
    code = is_folder                      ? export_camtrap(&exporter)
           : strcmp(format, "md") == 0    ? export_md(&exporter)
           : strcmp(format, "jsonl") == 0 ? export_jsonl(&exporter)
                                          : export_csv(&exporter);
    if (code != EXIT_DONE) {
        out_cancel(&out);
        return code;
    }
    return out_finish(&out) ? EXIT_DONE : EXIT_SOME_FAILED;
}

int command_export(const struct options *options)
{
    struct place place;
    struct ledger *ledger = reader_open(options, &place);
    int code;

    if (ledger == NULL)
        return EXIT_USAGE;
    code = export_results(ledger, options);
    ledger_close(ledger);
    return code;
}
