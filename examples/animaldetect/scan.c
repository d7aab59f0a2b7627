/* SPDX-License-Identifier: MIT */
/*
 * The scan: every name under the inputs against the ledger, by size and time alone. An image that is done costs one
 * look-up and no read. Files that are gone are marked, if everything could be read.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "progress.h"
#include "run.h"
#include "stop.h"
#include "text.h"

#define SCAN_COMMIT 5000

static void say_problem(void *context, const char *path, int error, bool folder)
{
    struct run *run = context;
    char shown[512];

    run->problems++;
    progress_clear(run->progress);
    complain("cannot read %s%s: %s", folder ? "the folder " : "",
             *path == '\0' ? "." : text_shown(path, 200, shown, sizeof shown),
             error == EXDEV ? "not below the ledger's root" : strerror(error));
}

static void mark_visited(struct run *run, int64_t id)
{
    size_t byte = (size_t)id / 8;

    if (byte >= run->visited_bytes) {
        size_t room = byte + 65536;
        unsigned char *bits = realloc(run->visited, room);

        if (bits == NULL)
            return;
        memset(bits + run->visited_bytes, 0, room - run->visited_bytes);
        run->visited = bits;
        run->visited_bytes = room;
    }
    run->visited[byte] |= (unsigned char)(1 << (id % 8));
}

int run_reason_by_name(const struct found *found)
{
    if (found->reason != REASON_NONE)
        return found->reason;
    switch (look_name(found->name, strlen(found->name))) {
    case NAME_VIDEO:
        return REASON_VIDEO;
    case NAME_OTHER:
        return found->is_named ? REASON_NONE : REASON_OTHER_FILE;
    default:
        return REASON_NONE;
    }
}

/* Whether the row says all of it already. */
static bool is_known(const struct image *image, const struct found *found, int reason)
{
    if (image->id == 0 || image->gone)
        return false;
    if (reason != REASON_NONE && (image->reason != reason || image->work != 0))
        return false;
    if (reason == REASON_NONE && (image->reason == REASON_LINK || image->reason == REASON_GONE))
        return false;
    return image->size == found->facts->st_size && image->mtime_ns == look_mtime_ns(found->facts);
}

/* Back again, as it was when it was last there. */
static bool is_back(const struct image *image, const struct found *found, int reason)
{
    return image->id != 0 && image->gone && reason == REASON_NONE && image->size == found->facts->st_size &&
           image->mtime_ns == look_mtime_ns(found->facts);
}

static bool is_settling(const struct run *run, const struct found *found)
{
    struct timespec now;

    if (run->settle_ns == 0 || !S_ISREG(found->facts->st_mode))
        return false;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - look_mtime_ns(found->facts) < run->settle_ns;
}

static bool scan_file(void *context, const struct found *found)
{
    struct run *run = context;
    int reason = run_reason_by_name(found);
    struct image image;

    run->files++;
    if (run->files % 64 == 0) {
        progress_scan(run->progress, run->files, found->path);
        if (stop_wanted() != STOP_NOT)
            return false;
    }
    if (!ledger_find_image(run->ledger, found->path, found->size, &image))
        return run_break(run);
    if (image.id != 0)
        mark_visited(run, image.id);
    if (is_known(&image, found, reason))
        return true;
    if (reason == REASON_NONE && is_settling(run, found)) {
        run->unsettled++;
        return true;
    }
    if (is_back(&image, found, reason))
        return ledger_mark_gone(run->ledger, image.id, false) || run_break(run);
    image.size = found->facts->st_size;
    image.mtime_ns = look_mtime_ns(found->facts);
    image.work = 0;
    image.gone = false;
    image.reason = reason;
    image.state = reason == REASON_NONE ? STATE_PENDING : reason == REASON_UNREADABLE ? STATE_FAILED : STATE_SKIPPED;
    if (!ledger_put_image(run->ledger, found->path, found->size, &image,
                          reason == REASON_UNREADABLE ? "a link that leads nowhere" : NULL))
        return run_break(run);
    mark_visited(run, image.id);
    return ledger_uncommitted(run->ledger) < SCAN_COMMIT || ledger_commit(run->ledger) || run_break(run);
}

static bool scan_input(void *context, const char *path)
{
    struct run *run = context;

    return walk_path(run->walk, path);
}

/* ---- what is gone ---- */

struct gone {
    struct run *run;
    int64_t *ids;
    size_t count;
    size_t room;
};

static void keep_unvisited(void *context, int64_t id)
{
    struct gone *gone = context;
    size_t byte = (size_t)id / 8;

    if (byte < gone->run->visited_bytes && (gone->run->visited[byte] >> (id % 8) & 1) != 0)
        return;
    if (gone->count == gone->room) {
        size_t room = gone->room == 0 ? 256 : 2 * gone->room;
        int64_t *ids = realloc(gone->ids, room * sizeof *ids);

        if (ids == NULL)
            return;
        gone->ids = ids;
        gone->room = room;
    }
    gone->ids[gone->count++] = id;
}

static bool mark_gone_below(void *context, const char *folder)
{
    struct gone *gone = context;

    return ledger_each_id(gone->run->ledger, folder, keep_unvisited, gone);
}

/* It was said when the input was walked. */
static void say_nothing(void *context, const char *path, int error, bool folder)
{
    (void)context;
    (void)path;
    (void)error;
    (void)folder;
}

static bool mark_gone(struct run *run)
{
    struct gone gone = {.run = run};
    bool is_done =
        place_each(&run->place, run->options->inputs, run->options->input_count, mark_gone_below, say_nothing, &gone);

    for (size_t i = 0; i < gone.count && is_done; i++)
        is_done = ledger_mark_gone(run->ledger, gone.ids[i], true);
    free(gone.ids);
    return is_done || run_break(run);
}

bool run_scan(struct run *run)
{
    const struct walk_events events = {scan_file, NULL, say_problem, run};
    bool is_done;

    run->files = run->problems = run->unsettled = 0;
    if (run->visited_bytes > 0)
        memset(run->visited, 0, run->visited_bytes);
    walk_free(run->walk);
    run->walk = walk_new(run->place.root, &events);
    if (run->walk == NULL) {
        complain("cannot read %s: %s", run->place.root, strerror(errno));
        return false;
    }
    is_done = place_each(&run->place, run->options->inputs, run->options->input_count, scan_input, say_problem, run);
    if (!is_done && !run->is_broken && stop_wanted() == STOP_NOT && run->place.message[0] != '\0')
        complain("%s", run->place.message);
    /* An empty folder may be a card that is not mounted: nothing is concluded from it. */
    if (is_done && run->problems == 0 && run->files > 0)
        is_done = mark_gone(run);
    if (is_done && !ledger_commit(run->ledger))
        is_done = run_break(run);
    return is_done;
}
