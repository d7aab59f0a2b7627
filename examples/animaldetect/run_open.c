/* SPDX-License-Identifier: MIT */
/*
 * Opening a run: root and ledger, whether the options are the same as before, and what is retried.
 */
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "run.h"

void run_free_items(struct items *items)
{
    struct item *item;

    while ((item = TAILQ_FIRST(items)) != NULL) {
        TAILQ_REMOVE(items, item, link);
        run_free_item(item);
    }
}

/* Other options than the ledger's images were asked with bill every image again: only when that is meant. */
static bool is_refused(struct run *run, const char *before, const char *asked)
{
    int64_t works = 0;

    if (options_has(run->options, OPT_NEW_OPTIONS) || !ledger_last_work(run->ledger, &works) || works == 0)
        return false;
    complain("the images of this ledger were sent with other options:\n%snow they are:\n%s"
             "Use the same options again, or --new-options to send every image again, which is billed again.",
             before, asked);
    return true;
}

static int check_asked(struct run *run)
{
    char *asked = options_asked(run->options);
    char *before = ledger_get(run->ledger, "asked");
    bool is_other = asked != NULL && (before == NULL || strcmp(before, asked) != 0);
    bool is_written = asked != NULL;
    int code = EXIT_DONE;

    if (is_other && before != NULL && is_refused(run, before, asked)) {
        code = EXIT_USAGE;
        goto out;
    }
    is_written = is_written && ledger_settings(run->ledger, asked, &run->settings);
    if (is_written && is_other)
        is_written = ledger_set(run->ledger, "asked", asked, strlen(asked));
    /* names whose bytes were asked otherwise are looked at again */
    if (is_written && ((is_other && before != NULL) || options_has(run->options, OPT_VERIFY)))
        is_written = ledger_forget_bytes(run->ledger);
    if (!is_written) {
        (void)run_break(run);
        code = EXIT_GO_ON;
    }
out:
    free(asked);
    free(before);
    return code;
}

/* The ledger's root, which may be above the inputs' own, and may have moved. */
static int check_root(struct run *run)
{
    char *root = ledger_get(run->ledger, "root");
    int code = EXIT_DONE;

    if (root != NULL && !options_has(run->options, OPT_MOVED)) {
        if (place_is_below(run->place.root, root)) {
            place_set_root(&run->place, root);
        } else {
            complain("this ledger belongs to %s, and %s is not below it; if the folder was moved, add --moved", root,
                     run->place.root);
            code = EXIT_USAGE;
        }
    } else if (!ledger_set(run->ledger, "root", run->place.root, strlen(run->place.root))) {
        (void)run_break(run);
        code = EXIT_GO_ON;
    }
    free(root);
    return code;
}

int run_open(struct run *run, const struct options *options)
{
    char message[512];
    bool is_locked;
    int code;

    *run = (struct run){.options = options};
    TAILQ_INIT(&run->running);
    TAILQ_INIT(&run->ready);
    TAILQ_INIT(&run->again);
    run->rules = (struct look_rules){
        .max_bytes = (uint64_t)options_number(options, OPT_MAX_SIZE, DEFAULT_MAX_BYTES),
        .takes_broken = options_has(options, OPT_SEND_BROKEN),
        .needs_digest = true,
    };
    run->progress = progress_new(options_has(options, OPT_QUIET));
    if (run->progress == NULL ||
        !place_find(&run->place, options->inputs, options->input_count, options->values[OPT_LEDGER]) ||
        !place_make(&run->place)) {
        complain("%s", run->place.message);
        return EXIT_USAGE;
    }
    run->ledger = ledger_open(run->place.ledger, LEDGER_WRITE, message, sizeof message, &is_locked);
    if (run->ledger == NULL) {
        complain("%s: %s", run->place.ledger, message);
        return EXIT_GO_ON;
    }
    code = check_root(run);
    if (code == EXIT_DONE)
        code = check_asked(run);
    return code;
}

int run_connect(struct run *run)
{
    const struct retries retries = {
        .images = options_has(run->options, OPT_RETRY),
        .jobs = options_has(run->options, OPT_RERUN),
        .all = options_has(run->options, OPT_RERUN_ALL),
    };
    int code = run->client == NULL ? connect_client(run->options, &run->client) : EXIT_DONE;

    if (code == EXIT_DONE && run->quota == NULL)
        code = quota_open(run->options, &run->quota);
    if (code == EXIT_DONE && quota_configure(run->quota, run->client) != ANIMALDETECT_OK)
        code = EXIT_GO_ON;
    if (code != EXIT_DONE)
        return code;
    if (!ledger_retry_images(run->ledger, retries.images) ||
        !ledger_retry_works(run->ledger, &retries, run->settings) || !ledger_commit(run->ledger)) {
        (void)run_break(run);
        return EXIT_GO_ON;
    }
    return EXIT_DONE;
}

void run_close(struct run *run)
{
    run_free_items(&run->running);
    run_free_items(&run->ready);
    run_free_items(&run->again);
    quota_free(run->quota);
    animaldetect_client_free(run->client);
    ledger_close(run->ledger);
    walk_free(run->walk);
    progress_free(run->progress);
    free(run->visited);
    place_close();
}
