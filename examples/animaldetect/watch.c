/* SPDX-License-Identifier: MIT */
/*
 * The watch: scan, process, wait for a change, again.  The same ledger and the same code as `run`.
 *
 * While images are processed nothing is scanned; what comes meanwhile is found right after.  Failures of the service
 * and the network are retried in every round; rounds are at least a minute apart while there are any.
 */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "notice.h"
#include "progress.h"
#include "run.h"
#include "stop.h"

#define DEFAULT_SETTLE 5
#define LOOK_MS 60000         /* without notices of every folder */
#define LOOK_ANYWAY_MS 900000 /* a notice may be lost, and a network file system gives none */
#define RETRY_MS 60000
#define FOLDER_MS 1000

/* Whether something is left that the next round may finish. */
static bool is_anything_left(struct run *run)
{
    int64_t works = 0;
    int64_t unknown = 0;

    return run->problems > 0 || run->offline != ANIMALDETECT_OK || run->refused != ANIMALDETECT_OK ||
           (ledger_left(run->ledger, &works, &unknown) && works + unknown > 0);
}

static int64_t pause_ms(struct run *run, const struct notice *notice)
{
    if (run->unsettled > 0)
        return run->settle_ns / 1000000 + 200;
    if (is_anything_left(run))
        return RETRY_MS;
    return notice_is_whole(notice) ? LOOK_ANYWAY_MS : LOOK_MS;
}

/* A client that was stopped because its key was rejected is created again: the key may have changed. */
static int round_of(struct run *run, struct notice *notice)
{
    int code;

    if (run->refused != ANIMALDETECT_OK) {
        animaldetect_client_free(run->client);
        run->client = NULL;
        run->refused = ANIMALDETECT_OK;
    }
    run->is_gone = false;
    run->stopped = STOP_NOT;
    code = run_connect(run);
    if (code != EXIT_DONE)
        return code;
    notice_spread(notice); /* before the scan: what comes during it is noticed */
    if (run_scan(run))
        run_process(run);
    if (!run->is_broken && run->files > 0 && stop_wanted() == STOP_NOT)
        (void)run_conclude(run);
    return run->is_broken ? EXIT_GO_ON : EXIT_DONE;
}

static int watch(struct run *run)
{
    struct notice *notice = notice_new(run->place.root);
    int code = notice != NULL ? EXIT_DONE : EXIT_GO_ON;

    run->settle_ns = (int64_t)options_number(run->options, OPT_SETTLE, DEFAULT_SETTLE) * 1000000000;
    while (code == EXIT_DONE && stop_wanted() == STOP_NOT) {
        int64_t until;

        code = round_of(run, notice);
        until = now_ms() + pause_ms(run, notice);
        /* a change ends the pause, but the file has to settle first, and many come at once */
        while (code == EXIT_DONE && stop_wanted() == STOP_NOT && now_ms() < until) {
            if (notice_wait(notice, until - now_ms() < 1000 ? until - now_ms() : 1000) &&
                until > now_ms() + run->settle_ns / 1000000 + 200)
                until = now_ms() + run->settle_ns / 1000000 + 200;
        }
    }
    notice_free(notice);
    return code;
}

/* A card or a disk that is mounted later. */
static bool wait_for_folder(const char *folder)
{
    bool is_said = false;

    while (access(folder, F_OK) != 0 && stop_wanted() == STOP_NOT) {
        if (!is_said)
            complain("%s: %s; waiting for it", folder, strerror(errno));
        is_said = true;
        (void)poll(NULL, 0, FOLDER_MS);
    }
    return stop_wanted() == STOP_NOT;
}

int command_watch(const struct options *options)
{
    struct run run;
    int code;

    if (options->input_count != 1) {
        complain("one FOLDER is required; try animaldetect watch --help");
        return EXIT_USAGE;
    }
    stop_listen();
    if (!wait_for_folder(options->inputs[0]))
        return EXIT_DONE;
    code = run_open(&run, options);
    if (code == EXIT_DONE)
        code = watch(&run);
    run_close(&run);
    return code;
}
