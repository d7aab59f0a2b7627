/* SPDX-License-Identifier: MIT */
/*
 * From files and URLs to entries of a queue.
 */
#include "enqueue.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "connect.h"
#include "look.h"
#include "place.h"
#include "progress.h"
#include "queue_keys.h"
#include "queue_put.h"
#include "run.h"
#include "stop.h"
#include "text.h"
#include "walk.h"

struct enqueue {
    const struct options *options;
    struct link *link;
    struct put put;
    struct ledger *ledger; /* what is done there is left out; NULL for none */
    struct progress *progress;
    struct place place;
    struct walk *walk;
    char *asked;
    int64_t settings;      /* of the ledger: the row of these options; 0 when it has none */
    char folder[PATH_MAX]; /* the last one, and whether it is below the root */
    bool is_folder_inside;
    bool is_usage; /* there is no --root */
    int64_t done_before;
    int64_t skipped;
    int64_t problems;
};

/* ---- candidates ---- */

static bool is_done_before(struct enqueue *enqueue, const char *path, int64_t size, int64_t mtime_ns)
{
    struct image image;
    struct work work;

    return enqueue->ledger != NULL && enqueue->settings != 0 &&
           ledger_find_image(enqueue->ledger, path, strlen(path), &image) && image.id != 0 && image.size == size &&
           image.mtime_ns == mtime_ns && image.work != 0 && ledger_get_work(enqueue->ledger, image.work, &work) &&
           work.settings == enqueue->settings && (work.state == STATE_DONE || work.state == STATE_EMPTY);
}

/* One file or URL, unless it was enqueued before, or is done. */
static bool candidate(struct enqueue *enqueue, const char *path, const char *name, int64_t size, int64_t mtime_ns)
{
    if (!put_pass(&enqueue->put, path, size, mtime_ns))
        return !enqueue->put.is_other;
    if (is_done_before(enqueue, path, size, mtime_ns)) {
        enqueue->done_before++;
        return true; /* the end of the batch moves past it */
    }
    return put_add(&enqueue->put, path, name, size, mtime_ns);
}

static bool is_url(const char *text)
{
    return strncasecmp(text, "https://", 8) == 0 || strncasecmp(text, "http://", 7) == 0;
}

/* The last part of its path, which the service gets as the file's name. */
static bool add_url(struct enqueue *enqueue, const char *url)
{
    size_t end = strcspn(url, "?#");
    const char *host = strstr(url, "//") + 2;
    const char *slash = memrchr(host, '/', end - (size_t)(host - url));
    char name[NAME_MAX + 1] = "";

    if (slash != NULL)
        (void)snprintf(name, sizeof name, "%.*s", (int)(url + end - slash - 1), slash + 1);
    return candidate(enqueue, url, name, ENTRY_IS_URL, 0);
}

static void say_problem(void *context, const char *path, int error, bool folder)
{
    struct enqueue *enqueue = context;
    char shown[512];

    if (is_url(path))
        return; /* take_problem has taken it */
    enqueue->problems++;
    progress_clear(enqueue->progress);
    complain("cannot read %s%s: %s", folder ? "the folder " : "",
             *path == '\0' ? "." : text_shown(path, 200, shown, sizeof shown),
             error == EXDEV ? "not below the root" : strerror(error));
}

/* Workers refuse what a link leads to outside of the root. Folders are looked at once. */
static bool is_inside(struct enqueue *enqueue, const struct found *found)
{
    char whole[2 * PATH_MAX];
    char real[PATH_MAX];
    size_t folder = (size_t)(found->name - found->path);
    struct stat facts;

    if (strncmp(enqueue->folder, found->path, folder) != 0 || enqueue->folder[folder] != '\0' ||
        (folder == 0 && !enqueue->is_folder_inside)) {
        (void)snprintf(enqueue->folder, sizeof enqueue->folder, "%.*s", (int)folder, found->path);
        (void)snprintf(whole, sizeof whole, "%s/%s", enqueue->place.root, enqueue->folder);
        enqueue->is_folder_inside = realpath(whole, real) != NULL && place_is_below(real, enqueue->place.root);
    }
    if (!enqueue->is_folder_inside)
        return false;
    if (fstatat(walk_root(enqueue->walk), found->path, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISLNK(facts.st_mode))
        return true;
    (void)snprintf(whole, sizeof whole, "%s/%s", enqueue->place.root, found->path);
    return realpath(whole, real) != NULL && place_is_below(real, enqueue->place.root);
}

static bool take_file(void *context, const struct found *found)
{
    struct enqueue *enqueue = context;

    if (enqueue->put.passed % 64 == 0)
        progress_scan(enqueue->progress, enqueue->put.passed, found->path);
    if (stop_wanted() != STOP_NOT)
        return false;
    if (run_reason_by_name(found) != REASON_NONE) {
        enqueue->skipped++;
        return true;
    }
    if (!is_inside(enqueue, found)) {
        say_problem(enqueue, found->path, EXDEV, false);
        return true;
    }
    return candidate(enqueue, found->path, "", found->facts->st_size, look_mtime_ns(found->facts));
}

static bool take_input(void *context, const char *path)
{
    struct enqueue *enqueue = context;

    if (!options_has(enqueue->options, OPT_ROOT)) {
        enqueue->is_usage = true;
        complain("--root is required: the folder that all workers share");
        return false;
    }
    return walk_path(enqueue->walk, path);
}

/* place_each calls it for names that are no files: URLs are among these. */
static void take_problem(void *context, const char *path, int error, bool folder)
{
    struct enqueue *enqueue = context;

    if (!is_url(path))
        say_problem(context, path, error, folder);
    else if (!enqueue->put.is_other && !enqueue->put.is_lost && stop_wanted() == STOP_NOT)
        (void)add_url(enqueue, path);
}

/* ---- a run ---- */

/* Every file once; true when all of it is in the queue. */
static bool pass_all(struct enqueue *enqueue)
{
    const struct walk_events events = {take_file, NULL, say_problem, enqueue};

    put_begin(&enqueue->put);
    enqueue->done_before = enqueue->skipped = enqueue->problems = 0;
    enqueue->folder[0] = '/'; /* no folder of the walk begins so */
    walk_free(enqueue->walk);
    enqueue->walk = walk_new(enqueue->place.root, &events);
    if (enqueue->walk == NULL) {
        complain("cannot read %s: %s", enqueue->place.root, strerror(errno));
        return false;
    }
    return place_each(&enqueue->place, enqueue->options->inputs, enqueue->options->input_count, take_input,
                      take_problem, enqueue) &&
           put_end(&enqueue->put);
}

static bool pass_run(struct enqueue *enqueue)
{
    if (!put_resume(&enqueue->put))
        return false;
    if (pass_all(enqueue))
        return true;
    if (!enqueue->put.is_other)
        return false;
    progress_clear(enqueue->progress);
    complain("the files differ from those of the interrupted run: starting again");
    return put_forget(&enqueue->put) && pass_all(enqueue);
}

/* ---- from the options to the exit code ---- */

static int open_ledger(struct enqueue *enqueue)
{
    const char *file = enqueue->options->values[OPT_LEDGER];
    char message[512];
    bool is_locked;

    if (file == NULL || access(file, F_OK) != 0)
        return EXIT_DONE; /* nothing is done yet */
    enqueue->ledger = ledger_open(file, LEDGER_READ, message, sizeof message, &is_locked);
    if (enqueue->ledger == NULL) {
        complain("%s: %s", file, message);
        return EXIT_USAGE;
    }
    return ledger_find_settings(enqueue->ledger, enqueue->asked, &enqueue->settings) ? EXIT_DONE : EXIT_GO_ON;
}

static int open_enqueue(struct enqueue *enqueue)
{
    const struct options *options = enqueue->options;
    const char *root = options->values[OPT_ROOT];
    char real[PATH_MAX] = "/";
    int code;

    if (root != NULL && realpath(root, real) == NULL) {
        complain("--root %s: %s", root, strerror(errno));
        return EXIT_USAGE;
    }
    place_set_root(&enqueue->place, real);
    enqueue->progress = progress_new(options_has(options, OPT_QUIET));
    enqueue->asked = options_asked(options);
    if (enqueue->progress == NULL || enqueue->asked == NULL)
        return EXIT_GO_ON;
    code = open_ledger(enqueue);
    if (code != EXIT_DONE)
        return code;
    enqueue->link = link_new(options->values[OPT_QUEUE], &queue_plan);
    if (enqueue->link == NULL)
        return EXIT_USAGE;
    put_init(&enqueue->put, enqueue->link, options, enqueue->asked, enqueue->place.root);
    enqueue->put.progress = enqueue->progress;
    return link_open(enqueue->link);
}

static int conclude(struct enqueue *enqueue, bool is_done)
{
    progress_clear(enqueue->progress);
    if (enqueue->is_usage)
        return EXIT_USAGE;
    if (enqueue->put.is_lost)
        complain("entries of the queue were lost: run enqueue again");
    if (enqueue->place.message[0] != '\0')
        complain("%s", enqueue->place.message);
    fprintf(stderr, "%" PRId64 " enqueued, %" PRId64 " already done, %" PRId64 " skipped", enqueue->put.added,
            enqueue->done_before, enqueue->skipped);
    if (enqueue->problems > 0)
        fprintf(stderr, "; %" PRId64 " unreadable", enqueue->problems);
    fputc('\n', stderr);
    if (!is_done) {
        fprintf(stderr, "run the same command again to continue\n");
        return EXIT_GO_ON;
    }
    return enqueue->problems > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
}

int command_enqueue(const struct options *options)
{
    struct enqueue enqueue = {.options = options};
    int code;

    if (options->values[OPT_QUEUE] == NULL || options->input_count == 0) {
        complain("%s; try animaldetect enqueue --help",
                 options->input_count == 0 ? "no PATH given" : "--queue is required");
        return EXIT_USAGE;
    }
    stop_listen();
    code = open_enqueue(&enqueue);
    if (code == EXIT_DONE)
        code = conclude(&enqueue, pass_run(&enqueue));
    if (enqueue.link != NULL)
        put_free(&enqueue.put);
    link_free(enqueue.link);
    ledger_close(enqueue.ledger);
    walk_free(enqueue.walk);
    progress_free(enqueue.progress);
    free(enqueue.asked);
    place_close();
    return code;
}
