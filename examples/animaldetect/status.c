/* SPDX-License-Identifier: MIT */
/*
 * The status of a ledger.  Everything is counted by SQLite or in one pass over the names; no result is parsed.
 */
#include "status.h"

#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include <animaldetect/animaldetect.h>

#include "connect.h"
#include "reader.h"
#include "text.h"

#define MOST_FOLDERS 40
#define MOST_SPECIES 40
#define DEEPEST 64
#define NAME_COLUMNS 40

/* ---- folders ---- */

struct folder {
    int64_t counts[STATES];
    char name[];
};

struct folders {
    void *tree;
    size_t count;
};

static int compare_folders(const void *one, const void *other)
{
    return strcmp(((const struct folder *)one)->name, ((const struct folder *)other)->name);
}

/* The folder of a path, at most `depth` levels of it. */
static struct folder *folder_of(struct folders *folders, const char *path, size_t size, int depth)
{
    const char *end = path;
    const char *slash;
    struct folder *folder;
    void *const *found;

    for (int level = 0; level < depth && (slash = memchr(end, '/', size - (size_t)(end - path))) != NULL; level++)
        end = slash + 1;
    folder = calloc(1, sizeof *folder + (size_t)(end - path) + 2);
    if (folder == NULL)
        return NULL;
    memcpy(folder->name, end == path ? "." : path, end == path ? 1 : (size_t)(end - path) - 1);
    found = tsearch(folder, &folders->tree, compare_folders);
    if (found == NULL || *found != folder) {
        free(folder);
        return found != NULL ? *found : NULL;
    }
    folders->count++;
    return folder;
}

static bool count_folders(struct ledger *ledger, struct folders *folders, int depth)
{
    sqlite3_stmt *query = ledger_query(ledger, "SELECT i.path, coalesce(w.state, i.state) FROM image i"
                                               " LEFT JOIN work w ON w.id = i.work WHERE i.gone = 0");
    bool fits = query != NULL;

    while (fits && sqlite3_step(query) == SQLITE_ROW) {
        const char *path = sqlite3_column_blob(query, 0);
        int state = sqlite3_column_int(query, 1);
        struct folder *folder =
            path == NULL ? NULL : folder_of(folders, path, (size_t)sqlite3_column_bytes(query, 0), depth);

        if (folder != NULL && state >= 0 && state < STATES)
            folder->counts[state]++;
        fits = folders->count <= MOST_FOLDERS || depth <= 1;
    }
    sqlite3_finalize(query);
    return fits;
}

static void print_counts(const char *name, const int64_t counts[STATES])
{
    char shown[4 * NAME_COLUMNS + 8];
    int width = NAME_COLUMNS;

    (void)text_shown(name, NAME_COLUMNS, shown, sizeof shown);
    for (const char *at = shown; *at != '\0'; at++)
        width += ((unsigned char)*at & 0xC0) == 0x80; /* bytes that have no column of their own */
    printf("%-*s %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64 " %9" PRId64 "\n", width, shown, counts[STATE_DONE],
           counts[STATE_EMPTY], counts[STATE_FAILED], counts[STATE_PENDING], counts[STATE_SKIPPED]);
}

static void print_folder(const void *node, VISIT order, int depth)
{
    const struct folder *folder = *(struct folder *const *)node;

    (void)depth;
    if (order == postorder || order == leaf)
        print_counts(folder->name, folder->counts);
}

static void print_folders(struct ledger *ledger)
{
    struct folders folders = {0};
    int64_t counts[STATES];

    for (int depth = DEEPEST; depth >= 1 && !count_folders(ledger, &folders, depth);
         depth = depth > 4 ? 4 : depth - 1) {
        tdestroy(folders.tree, free);
        folders = (struct folders){0};
    }
    printf("%-*s %9s %9s %9s %9s %9s\n", NAME_COLUMNS, "", "done", "empty", "failed", "pending", "skipped");
    twalk(folders.tree, print_folder);
    if (folders.count > 1 && ledger_count(ledger, counts))
        print_counts("all", counts);
    tdestroy(folders.tree, free);
}

/* ---- species ---- */

static void print_species(struct ledger *ledger)
{
    sqlite3_stmt *query =
        ledger_query(ledger, "SELECT coalesce(w.label, 'unnamed'), count(*), avg(w.score) FROM image i"
                             " JOIN work w ON w.id = i.work WHERE i.gone = 0 AND w.state = 1"
                             " GROUP BY w.label ORDER BY 2 DESC, 1");
    char shown[4 * NAME_COLUMNS + 8];
    char number[32];
    int64_t others = 0;
    int rows = 0;

    while (query != NULL && sqlite3_step(query) == SQLITE_ROW) {
        if (rows == 0)
            printf("\n%-*s %9s %9s\n", NAME_COLUMNS, "the clearest in an image", "images", "score");
        if (++rows > MOST_SPECIES)
            others += sqlite3_column_int64(query, 1);
        else
            printf("%-*s %9lld %9s\n", NAME_COLUMNS,
                   text_shown((const char *)sqlite3_column_text(query, 0), NAME_COLUMNS, shown, sizeof shown),
                   (long long)sqlite3_column_int64(query, 1), text_decimal(sqlite3_column_double(query, 2), 2, number));
    }
    if (others > 0)
        printf("%-*s %9" PRId64 "\n", NAME_COLUMNS, "others", others);
    sqlite3_finalize(query);
}

/* ---- failures ---- */

static const char *advice_for_image(int reason)
{
    switch (reason) {
    case REASON_UNREADABLE:
    case REASON_GONE:
        return "check the card and the permissions; the next run tries again";
    case REASON_BROKEN:
        return "copy it again from the card; --send-broken --retry sends it as it is";
    case REASON_TOO_LARGE:
        return "make it smaller";
    default:
        return "";
    }
}

static const char *advice_for_work(int scope)
{
    switch (scope) {
    case ANIMALDETECT_SCOPE_JOB:
        return "run --rerun makes a new job, which is billed";
    case ANIMALDETECT_SCOPE_IMAGE:
        return "run --retry sends it once more";
    case ANIMALDETECT_SCOPE_SERVICE:
    case ANIMALDETECT_SCOPE_NETWORK:
        return "the next run tries again";
    default:
        return "";
    }
}

static void print_failure(long long count, const char *why, const char *advice, const char *example)
{
    char shown[512];

    printf("%9lld  %s%s%s\n", count, text_shown(why, 200, shown, sizeof shown), *advice != '\0' ? ": " : "", advice);
    if (example != NULL)
        printf("%9s  such as %s\n", "", text_shown(example, 90, shown, sizeof shown));
}

static const char *column(sqlite3_stmt *query, int index)
{
    const unsigned char *text = sqlite3_column_text(query, index);

    return text != NULL ? (const char *)text : "";
}

static void print_failures(struct ledger *ledger)
{
    sqlite3_stmt *query =
        ledger_query(ledger, "SELECT reason, count(*), CAST(min(path) AS TEXT) FROM image WHERE gone = 0"
                             " AND work IS NULL AND state = 3 GROUP BY reason ORDER BY 2 DESC");
    bool is_first = true;

    while (query != NULL && sqlite3_step(query) == SQLITE_ROW) {
        if (is_first)
            printf("\nfailed\n");
        is_first = false;
        print_failure(sqlite3_column_int64(query, 1), reason_text(sqlite3_column_int(query, 0)),
                      advice_for_image(sqlite3_column_int(query, 0)), column(query, 2));
    }
    sqlite3_finalize(query);
    query = ledger_query(ledger, "SELECT w.scope, count(*), CAST(min(i.path) AS TEXT), max(w.error) FROM image i"
                                 " JOIN work w ON w.id = i.work WHERE i.gone = 0 AND w.state = 3"
                                 " GROUP BY w.status ORDER BY 2 DESC");
    while (query != NULL && sqlite3_step(query) == SQLITE_ROW) {
        if (is_first)
            printf("\nfailed\n");
        is_first = false;
        print_failure(sqlite3_column_int64(query, 1), column(query, 3), advice_for_work(sqlite3_column_int(query, 0)),
                      column(query, 2));
    }
    sqlite3_finalize(query);
}

static void print_skipped(struct ledger *ledger)
{
    sqlite3_stmt *query = ledger_query(ledger, "SELECT reason, count(*) FROM image WHERE gone = 0 AND work IS NULL"
                                               " AND state = 4 GROUP BY reason ORDER BY 2 DESC");
    bool is_first = true;

    while (query != NULL && sqlite3_step(query) == SQLITE_ROW) {
        if (is_first)
            printf("\nskipped\n");
        is_first = false;
        print_failure(sqlite3_column_int64(query, 1), reason_text(sqlite3_column_int(query, 0)), "", NULL);
    }
    sqlite3_finalize(query);
}

int command_status(const struct options *options)
{
    struct place place;
    struct ledger *ledger = reader_open(options, &place);
    char shown[1024];
    char *asked;

    if (ledger == NULL)
        return EXIT_USAGE;
    asked = ledger_get(ledger, "asked");
    printf("%s\n", text_shown(place.root, 200, shown, sizeof shown));
    for (char *at = asked; at != NULL && *at != '\0'; at++)
        *at = *at == '\n' ? ' ' : *at;
    printf("%s\n\n", asked != NULL ? text_shown(asked, 200, shown, sizeof shown) : "");
    free(asked);
    print_folders(ledger);
    print_species(ledger);
    print_failures(ledger);
    print_skipped(ledger);
    ledger_close(ledger);
    return EXIT_DONE;
}
