/* SPDX-License-Identifier: MIT */
/*
 * The dry run. New and changed images are read completely, since only their bytes show which of them are the same.
 */
#include "dry_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connect.h"
#include "ledger.h"
#include "look.h"
#include "place.h"
#include "progress.h"
#include "screen.h"
#include "seen.h"
#include "text.h"
#include "walk.h"

#define REQUESTS_PER_IMAGE 4 /* create, submit, fetch, and one poll */
#define COUNT_COLUMNS 9
#define POLLED_TWICE 1.15 /* measured: a poll or so more for each seventh image */

struct dry {
    const struct options *options;
    struct place place;
    struct ledger *ledger; /* NULL: none yet */
    int64_t settings;
    struct walk *walk;
    struct progress *progress;
    struct look_rules rules;
    struct seen seen; /* digests */
    int64_t known;
    int64_t pending;
    int64_t new_images;
    int64_t duplicates;
    int64_t problems;
    uint64_t bytes;
    int64_t reasons[REASONS];
};

static void say_problem(void *context, const char *path, int error, bool folder)
{
    struct dry *dry = context;
    char shown[512];

    dry->problems++;
    progress_clear(dry->progress);
    complain("cannot read %s%s: %s", folder ? "the folder " : "", text_shown(path, 200, shown, sizeof shown),
             strerror(error));
}

/* Whether these bytes need no request: the ledger has them, or another file of this run does. */
static bool is_duplicate(struct dry *dry, const struct look *look)
{
    struct work work = {0};
    uint64_t parts[2];

    if (dry->ledger != NULL && dry->settings != 0)
        (void)ledger_find_work(dry->ledger, look->digest, dry->settings, &work);
    memcpy(parts, look->digest, sizeof parts);
    return work.id != 0 || seen_before(&dry->seen, parts[0], parts[1]);
}

static bool dry_file(void *context, const struct found *found)
{
    struct dry *dry = context;
    int kind = look_name(found->name, strlen(found->name));
    struct image image = {0};
    struct look look;
    int error = 0;

    progress_scan(dry->progress, dry->known + dry->new_images, found->path);
    if (found->reason != REASON_NONE || kind == NAME_VIDEO || (kind == NAME_OTHER && !found->is_named)) {
        dry->reasons[found->reason != REASON_NONE ? found->reason
                     : kind == NAME_VIDEO         ? REASON_VIDEO
                                                  : REASON_OTHER_FILE]++;
        return true;
    }
    if (dry->ledger != NULL)
        (void)ledger_find_image(dry->ledger, found->path, found->size, &image);
    if (image.id != 0 && image.size == found->facts->st_size && image.mtime_ns == look_mtime_ns(found->facts) &&
        (image.work != 0 || image.state != STATE_PENDING)) {
        dry->known++;
        return true;
    }
    look_at(walk_root(dry->walk), found->path, &dry->rules, &look, &error);
    if (look.reason != REASON_NONE) {
        dry->reasons[look.reason]++;
        if (look.state == STATE_FAILED)
            printf("%s: %s\n", text_shown(found->path, 400, (char[1024]){0}, 1024), reason_text(look.reason));
    } else if (is_duplicate(dry, &look)) {
        dry->duplicates++;
    } else {
        dry->new_images++;
        dry->bytes += (uint64_t)look.size;
    }
    return true;
}

static bool dry_input(void *context, const char *path)
{
    struct dry *dry = context;

    return walk_path(dry->walk, path);
}

/* ---- the report ---- */

static void say_line(const char *what, int64_t count, const char *words)
{
    char number[32];

    printf("%-10s%*s  ", what, COUNT_COLUMNS, text_count(count, number));
    screen_wrap(stdout, screen_columns(stdout), 10 + COUNT_COLUMNS + 2, words);
}

/* The reasons of one column, under their sum. */
static void say_reasons(const struct dry *dry, const char *what, const char *words, int from, int end)
{
    int64_t sum = 0;

    for (int reason = from; reason < end; reason++)
        sum += dry->reasons[reason];
    if (sum > 0)
        say_line(what, sum, words);
    for (int reason = from; reason < end; reason++) {
        if (dry->reasons[reason] > 0)
            say_line("", dry->reasons[reason], reason_text(reason));
    }
}

static void say_cost(const struct dry *dry, int64_t images)
{
    double rpm = options_number(dry->options, OPT_RPM, 0);
    char text[32];

    if (rpm > 0)
        printf("time      at least %s, at %.0f requests per minute\n",
               text_duration((int64_t)((double)images * (REQUESTS_PER_IMAGE - 1 + POLLED_TWICE) * 60 / rpm), text),
               rpm);
    else
        printf("time      unknown: set your quota with --rpm\n");
    if (options_has(dry->options, OPT_PRICE))
        printf("cost      %s, at %s for 1,000 images\n",
               text_decimal((double)images * options_number(dry->options, OPT_PRICE, 0) / 1000, 2, text),
               dry->options->values[OPT_PRICE]);
}

static void say(const struct dry *dry)
{
    char size[32];
    char words[64];

    (void)snprintf(words, sizeof words, "images, %s", text_bytes(dry->bytes, size));
    say_line("to send", dry->new_images + dry->pending, words);
    if (dry->pending > 0)
        say_line("", dry->pending, "of them already started");
    if (dry->known > 0)
        say_line("known", dry->known, "done, not sent again");
    if (dry->duplicates > 0)
        say_line("copies", dry->duplicates, "duplicates of another image, not sent again");
    say_reasons(dry, "skipped", "not images", REASON_NONE + 1, REASON_SPECIAL + 1);
    say_reasons(dry, "failed", "will not be sent", REASON_SPECIAL + 1, REASONS);
    say_cost(dry, dry->new_images + dry->pending);
    printf("nothing was sent\n");
}

static bool dry_open(struct dry *dry)
{
    const struct walk_events events = {dry_file, NULL, say_problem, dry};
    char message[512];
    bool is_locked;
    int64_t unknown = 0;

    if (!place_find(&dry->place, dry->options->inputs, dry->options->input_count, dry->options->values[OPT_LEDGER])) {
        complain("%s", dry->place.message);
        return false;
    }
    if (access(dry->place.ledger, F_OK) == 0) {
        char *root;

        dry->ledger = ledger_open(dry->place.ledger, LEDGER_READ, message, sizeof message, &is_locked);
        root = dry->ledger != NULL ? ledger_get(dry->ledger, "root") : NULL;
        if (root != NULL && place_is_below(dry->place.root, root))
            place_set_root(&dry->place, root);
        free(root);
    }
    if (dry->ledger != NULL) {
        char *asked = options_asked(dry->options);
        char *before = ledger_get(dry->ledger, "asked");

        /* other options: every image would be sent again */
        if (asked != NULL && before != NULL && strcmp(asked, before) == 0)
            (void)ledger_settings(dry->ledger, asked, &dry->settings);
        else if (before != NULL)
            complain(
                "the options differ from those that the ledger's images were sent with: a run requires --new-options");
        free(asked);
        free(before);
        (void)ledger_left(dry->ledger, &dry->pending, &unknown);
    }
    dry->walk = walk_new(dry->place.root, &events);
    if (dry->walk == NULL)
        complain("cannot read %s: %s", dry->place.root, strerror(errno));
    return dry->walk != NULL;
}

int dry_run(const struct options *options)
{
    struct dry dry = {.options = options,
                      .rules = {.max_bytes = (uint64_t)options_number(options, OPT_MAX_SIZE, DEFAULT_MAX_BYTES),
                                .takes_broken = options_has(options, OPT_SEND_BROKEN),
                                .needs_digest = true}};
    int code = EXIT_USAGE;

    dry.progress = progress_new(options_has(options, OPT_QUIET));
    if (dry.progress != NULL && dry_open(&dry) &&
        place_each(&dry.place, options->inputs, options->input_count, dry_input, say_problem, &dry)) {
        progress_clear(dry.progress);
        say(&dry);
        code = dry.problems > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
    }
    ledger_close(dry.ledger);
    walk_free(dry.walk);
    seen_clear(&dry.seen);
    progress_free(dry.progress);
    place_close();
    return code;
}
