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
#include "screen.h"
#include "text.h"

#define MOST_FOLDERS 40
#define MOST_SPECIES 40
#define DEEPEST 64
#define NUMBER_COLUMNS 9
#define LEAST_NAME 12
#define NAME_COLUMNS 40 /* of the first column at most, where there is no terminal */

/* ---- tables ---- */

static const char *column(sqlite3_stmt *query, int index)
{
    const unsigned char *text = sqlite3_column_text(query, index);

    return text != NULL ? (const char *)text : "";
}

/* How wide the first column is, beside `numbers` columns of numbers; `widest` is its longest entry. */
static int first_column(int widest, int numbers)
{
    int columns = screen_columns(stdout);
    int room = columns > 0 ? columns - 1 - numbers * NUMBER_COLUMNS : NAME_COLUMNS;

    return widest < LEAST_NAME || room < LEAST_NAME ? LEAST_NAME : widest < room ? widest : room;
}

static int shown_width(const char *name)
{
    char shown[4096];

    (void)text_shown(name, NAME_COLUMNS * 4, shown, sizeof shown);
    return text_width(shown, strlen(shown));
}

static void print_number(int64_t number)
{
    char text[32];

    printf("%*s", NUMBER_COLUMNS, text_count(number, text));
}

/* ---- folders ---- */

struct folder {
    int64_t counts[STATES];
    char name[];
};

struct folders {
    void *tree; /* by name */
    struct folder **list;
    size_t count;
    size_t room;
};

static int compare_folders(const void *one, const void *other)
{
    return strcmp(((const struct folder *)one)->name, ((const struct folder *)other)->name);
}

static int compare_entries(const void *one, const void *other)
{
    return compare_folders(*(struct folder *const *)one, *(struct folder *const *)other);
}

static void keep_entry(void *node)
{
    (void)node; /* the list frees it */
}

static void folders_free(struct folders *folders)
{
    tdestroy(folders->tree, keep_entry);
    for (size_t i = 0; i < folders->count; i++)
        free(folders->list[i]);
    free(folders->list);
    *folders = (struct folders){0};
}

static bool has_room(struct folders *folders)
{
    size_t room = folders->room == 0 ? 64 : 2 * folders->room;
    struct folder **list = folders->count < folders->room ? NULL : realloc(folders->list, room * sizeof *list);

    if (list != NULL) {
        folders->list = list;
        folders->room = room;
    }
    return folders->count < folders->room;
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
    folder = has_room(folders) ? calloc(1, sizeof *folder + (size_t)(end - path) + 2) : NULL;
    if (folder == NULL)
        return NULL;
    memcpy(folder->name, end == path ? "." : path, end == path ? 1 : (size_t)(end - path) - 1);
    found = tsearch(folder, &folders->tree, compare_folders);
    if (found == NULL || *found != folder) {
        free(folder);
        return found != NULL ? *found : NULL;
    }
    folders->list[folders->count++] = folder;
    return folder;
}

static bool count_folders(struct ledger *ledger, struct folders *folders, int depth)
{
    sqlite3_stmt *query = ledger_query(ledger, "SELECT i.path, coalesce(w.state, i.state) FROM image i"
                                               " LEFT JOIN work w ON w.id = i.work WHERE i.gone = 0");
    bool fits = query != NULL;

    while (fits && ledger_row(ledger, query) == 1) {
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

static void print_counts(const char *name, int width, const int64_t counts[STATES])
{
    screen_cell(stdout, width, name);
    print_number(counts[STATE_DONE]);
    print_number(counts[STATE_EMPTY]);
    print_number(counts[STATE_FAILED]);
    print_number(counts[STATE_PENDING]);
    print_number(counts[STATE_SKIPPED]);
    putchar('\n');
}

static void print_folders(struct ledger *ledger)
{
    struct folders folders = {0};
    int64_t counts[STATES];
    int widest = 0;

    for (int depth = DEEPEST; depth >= 1 && !count_folders(ledger, &folders, depth); depth = depth > 4 ? 4 : depth - 1)
        folders_free(&folders);
    if (folders.count > 1)
        qsort(folders.list, folders.count, sizeof *folders.list, compare_entries);
    for (size_t i = 0; i < folders.count; i++) {
        int width = shown_width(folders.list[i]->name);

        widest = width > widest ? width : widest;
    }
    widest = first_column(widest, 5);
    printf("%-*s%*s%*s%*s%*s%*s\n", widest, "folder", NUMBER_COLUMNS, "done", NUMBER_COLUMNS, "empty", NUMBER_COLUMNS,
           "failed", NUMBER_COLUMNS, "pending", NUMBER_COLUMNS, "skipped");
    for (size_t i = 0; i < folders.count; i++)
        print_counts(folders.list[i]->name, widest, folders.list[i]->counts);
    if (folders.count > 1 && ledger_count(ledger, counts))
        print_counts("all", widest, counts);
    folders_free(&folders);
}

/* ---- species ---- */

static void print_species(struct ledger *ledger)
{
    static const char head[] = "best label per image";
    sqlite3_stmt *query =
        ledger_query(ledger, "SELECT coalesce(w.label, 'unnamed'), count(*), avg(w.score) FROM image i"
                             " JOIN work w ON w.id = i.work WHERE i.gone = 0 AND w.state = 1"
                             " GROUP BY w.label ORDER BY 2 DESC, 1");
    char number[32];
    int64_t others = 0;
    int rows = 0;
    int width = (int)sizeof head;

    while (ledger_row(ledger, query) == 1) {
        int columns = shown_width(column(query, 0));

        width = columns > width ? columns : width;
    }
    width = first_column(width, 2);
    while (ledger_row(ledger, query) == 1) { /* which begins it again */
        if (rows == 0)
            printf("\n%-*s%*s%*s\n", width, head, NUMBER_COLUMNS, "images", NUMBER_COLUMNS, "score");
        if (++rows > MOST_SPECIES) {
            others += sqlite3_column_int64(query, 1);
            continue;
        }
        screen_cell(stdout, width, column(query, 0));
        print_number(sqlite3_column_int64(query, 1));
        printf("%*s\n", NUMBER_COLUMNS, text_decimal(sqlite3_column_double(query, 2), 2, number));
    }
    if (others > 0) {
        printf("%-*s", width, "others");
        print_number(others);
        putchar('\n');
    }
    sqlite3_finalize(query);
}

/* ---- failures ---- */

static const char *advice_for_image(int reason)
{
    switch (reason) {
    case REASON_UNREADABLE:
    case REASON_GONE:
        return "check the card and the permissions; the next run retries";
    case REASON_BROKEN:
        return "copy it again from the card; --send-broken --retry sends it as it is";
    case REASON_TOO_LARGE:
        return "make it smaller";
    case REASON_UNSUPPORTED:
        return "convert it to JPEG";
    case REASON_NOT_IMAGE:
        return "check the file: damaged, or not an image";
    case REASON_NO_BYTES:
        return "copy it again from the card";
    default:
        return "";
    }
}

static const char *advice_for_work(int scope)
{
    switch (scope) {
    case ANIMALDETECT_SCOPE_JOB:
        return "run --rerun creates a new job, which is billed";
    case ANIMALDETECT_SCOPE_IMAGE:
        return "run --retry sends it again";
    case ANIMALDETECT_SCOPE_SERVICE:
    case ANIMALDETECT_SCOPE_NETWORK:
        return "the next run retries";
    default:
        return "";
    }
}

/* How many, why, what to do, and one of them. */
static void print_failure(int64_t count, const char *why, const char *advice, const char *example)
{
    char shown[1024];
    int columns = screen_columns(stdout);

    print_number(count);
    fputs("  ", stdout);
    screen_wrap(stdout, columns, NUMBER_COLUMNS + 2, text_shown(why, 400, shown, sizeof shown));
    if (*advice != '\0') {
        printf("%*s", NUMBER_COLUMNS + 2, "");
        screen_wrap(stdout, columns, NUMBER_COLUMNS + 2, advice);
    }
    if (example != NULL) {
        int room = columns > 0 ? columns - NUMBER_COLUMNS - 11 : 200;

        printf("%*sfor example %s\n", NUMBER_COLUMNS + 2, "", text_shown(example, room, shown, sizeof shown));
    }
}

static void print_failures(struct ledger *ledger)
{
    sqlite3_stmt *query = ledger_query(
        ledger,
        "SELECT reason, count(*), CAST(min(path) AS TEXT), replace(group_concat(DISTINCT detail), ',', ', ') FROM image"
        " WHERE gone = 0 AND work IS NULL AND state = 3 GROUP BY reason ORDER BY 2 DESC");
    bool is_first = true;
    char why[1024];

    while (ledger_row(ledger, query) == 1) {
        int reason = sqlite3_column_int(query, 0);

        if (is_first)
            printf("\nfailed\n");
        is_first = false;
        (void)snprintf(why, sizeof why, "%s%s%s%s", reason_text(reason), *column(query, 3) != '\0' ? " (" : "",
                       column(query, 3), *column(query, 3) != '\0' ? ")" : "");
        print_failure(sqlite3_column_int64(query, 1), why, advice_for_image(reason), column(query, 2));
    }
    sqlite3_finalize(query);
    query = ledger_query(ledger, "SELECT w.scope, count(*), CAST(min(i.path) AS TEXT), max(w.error) FROM image i"
                                 " JOIN work w ON w.id = i.work WHERE i.gone = 0 AND w.state = 3"
                                 " GROUP BY w.status ORDER BY 2 DESC");
    while (ledger_row(ledger, query) == 1) {
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

    while (ledger_row(ledger, query) == 1) {
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
    char shown[4096];
    char *asked;
    int code = EXIT_DONE;

    if (ledger == NULL)
        return EXIT_USAGE;
    asked = ledger_get(ledger, "asked");
    printf("%s\n", text_shown(place.root, 1000, shown, sizeof shown));
    for (char *at = asked; at != NULL && *at != '\0'; at++)
        *at = *at == '\n' ? ' ' : *at;
    screen_wrap(stdout, screen_columns(stdout), 0, asked != NULL ? text_shown(asked, 1000, shown, sizeof shown) : "");
    putchar('\n');
    free(asked);
    print_folders(ledger);
    print_species(ledger);
    print_failures(ledger);
    print_skipped(ledger);
    if (*ledger_message(ledger) != '\0') {
        complain("%s", ledger_message(ledger));
        code = EXIT_SOME_FAILED;
    }
    ledger_close(ledger);
    return code;
}
