/* SPDX-License-Identifier: MIT */
/*
 * One run, from the options to the exit code.  One thread; nothing blocks but the library's own wait, a commit, and the
 * reading of one file.
 */
#include "run.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dry_run.h"
#include "export.h"
#include "progress.h"
#include "stop.h"

#define AHEAD 64     /* images that are looked at before the service has a job for them */
#define BATCH 32     /* images that share a commit before they start */
#define BATCH_MS 250 /* how long the first of them waits for the others */
#define COMMIT_WRITES 512
#define COMMIT_MS 1000
#define LOOK_MS 100 /* between two checks of the stages */
#define SAVE_MS 2000

bool run_break(struct run *run)
{
    if (!run->is_broken) {
        run->is_broken = true;
        progress_clear(run->progress);
        complain("%s", ledger_message(run->ledger));
        if (run->client != NULL)
            (void)animaldetect_client_stop(run->client);
    }
    return false;
}

/* ---- the loop ---- */

void run_start_ready(struct run *run)
{
    struct item *item;

    if (run->ready_count == 0 || run->is_broken)
        return;
    if (!ledger_commit(run->ledger)) {
        (void)run_break(run);
        return;
    }
    while ((item = TAILQ_FIRST(&run->ready)) != NULL && !run->is_broken) {
        int32_t status = animaldetect_job_run_async(item->job);

        TAILQ_REMOVE(&run->ready, item, link);
        run->ready_count--;
        if (status == ANIMALDETECT_OK) {
            TAILQ_INSERT_TAIL(&run->running, item, link);
            run->running_count++;
            run->uncreated++;
        } else {
            run_finish(run, item, status);
        }
    }
}

/* The first Ctrl-C: what is on its way to the storage arrives, what is there is finished, the rest waits for the next
 * run. */
static void finish_uploads(struct run *run)
{
    struct item *item;

    run_free_items(&run->ready);
    run_free_items(&run->again);
    run->ready_count = 0;
    TAILQ_FOREACH(item, &run->running, link)
    {
        if (animaldetect_job_stage(item->job) < ANIMALDETECT_STAGE_UPLOADED &&
            animaldetect_job_upload_sent(item->job) == 0)
            (void)animaldetect_job_cancel(item->job);
    }
}

static void obey(struct run *run, int stop)
{
    if (run->is_gone && stop == STOP_NOT)
        stop = STOP_FINISH;
    if (stop <= run->stopped)
        return;
    run->stopped = stop;
    finish_uploads(run);
    if (stop == STOP_NOW)
        (void)animaldetect_client_stop(run->client);
}

static bool may_feed(const struct run *run)
{
    size_t jobs = (size_t)options_number(run->options, OPT_JOBS, DEFAULT_JOBS);

    return run->stopped == STOP_NOT && !run->is_broken && !run->is_fed && run->refused == ANIMALDETECT_OK &&
           run->offline == ANIMALDETECT_OK && run->running_count + run->ready_count < jobs &&
           run->uncreated + (int64_t)run->ready_count < AHEAD;
}

static void collect(struct run *run)
{
    animaldetect_job *job = NULL;

    while (animaldetect_client_next_done(run->client, &job) == ANIMALDETECT_OK) {
        struct item *item = animaldetect_job_user_data(job);

        TAILQ_REMOVE(&run->running, item, link);
        run->running_count--;
        run_finish(run, item, animaldetect_job_status(job));
    }
}

/* What was put off has its turn when everything else has ended. */
static void turn_to_again(struct run *run)
{
    struct item *item;

    if (run->running_count + run->ready_count > 0 || !run->is_fed || run->stopped != STOP_NOT)
        return;
    while ((item = TAILQ_FIRST(&run->again)) != NULL) {
        TAILQ_REMOVE(&run->again, item, link);
        TAILQ_INSERT_TAIL(&run->ready, item, link);
        run->ready_count++;
    }
}

static void count_uncreated(struct run *run)
{
    struct item *item;

    run->uncreated = 0;
    TAILQ_FOREACH(item, &run->running, link)
    {
        run->uncreated += animaldetect_job_stage(item->job) < ANIMALDETECT_STAGE_CREATED;
    }
}

struct times {
    int64_t looked;
    int64_t saved;
    int64_t committed;
};

/* What is done now and then, not for every image. */
static void tick(struct run *run, struct times *times)
{
    int64_t now = now_ms();

    if (now - times->looked >= LOOK_MS) {
        times->looked = now;
        count_uncreated(run);
        obey(run, stop_wanted());
        progress_reason(run->progress, quota_reason(run->quota));
        progress_show(run->progress, run->client, run->stopped);
    }
    if (now - times->saved >= SAVE_MS) {
        times->saved = now;
        run_save_stages(run);
    }
    if (!run->is_broken && (ledger_uncommitted(run->ledger) >= COMMIT_WRITES || now - times->committed >= COMMIT_MS)) {
        times->committed = now;
        if (!ledger_commit(run->ledger))
            (void)run_break(run);
    }
}

static bool is_over(const struct run *run)
{
    bool is_cut = run->stopped != STOP_NOT || run->is_broken || run->refused != ANIMALDETECT_OK ||
                  run->offline != ANIMALDETECT_OK;

    return run->running_count == 0 && (is_cut || (run->is_fed && run->ready_count == 0 && TAILQ_EMPTY(&run->again)));
}

static void wait_for_client(struct run *run, int64_t timeout_ms)
{
    if (run->quota == NULL) {
        (void)animaldetect_client_wait(run->client, timeout_ms);
        return;
    }
    quota_wait(run->quota, run->client, NULL, timeout_ms);
    (void)animaldetect_client_process(run->client);
    quota_exchange(run->quota, run->client);
}

void run_process(struct run *run)
{
    struct times times = {now_ms(), now_ms(), now_ms()};
    int64_t works = 0;
    int64_t unknown = 0;

    run->is_fed = false;
    run->offline = ANIMALDETECT_OK;
    run->last_pending = run->last_unknown = run->left_unfinished = 0;
    if (!ledger_last_work(run->ledger, &run->end_pending) || !ledger_left(run->ledger, &works, &unknown)) {
        (void)run_break(run);
        return;
    }
    progress_begin(run->progress, works + unknown);
    while (!is_over(run)) {
        bool is_fed = may_feed(run) && run_feed_one(run);

        if (run->ready_count >= BATCH || (run->ready_count > 0 && (!is_fed || now_ms() - run->ready_ms >= BATCH_MS)))
            run_start_ready(run);
        if (run->running_count > 0)
            wait_for_client(run, is_fed ? 0 : LOOK_MS);
        collect(run);
        turn_to_again(run);
        tick(run, &times);
    }
    if (!run->is_broken && !ledger_commit(run->ledger))
        (void)run_break(run);
    quota_leave(run->quota, run->client);
    progress_clear(run->progress);
}

/* ---- the end ---- */

int run_conclude(struct run *run)
{
    int64_t counts[STATES];

    progress_clear(run->progress);
    if (run->is_broken || !ledger_count(run->ledger, counts))
        return EXIT_GO_ON;
    fprintf(stderr, "%" PRId64 " done, %" PRId64 " empty, %" PRId64 " failed, %" PRId64 " skipped, %" PRId64 " pending",
            counts[STATE_DONE], counts[STATE_EMPTY], counts[STATE_FAILED], counts[STATE_SKIPPED],
            counts[STATE_PENDING]);
    if (run->problems > 0)
        fprintf(stderr, "; %" PRId64 " unreadable", run->problems);
    fputc('\n', stderr);
    if (counts[STATE_FAILED] > 0)
        fprintf(stderr, "run animaldetect status to see why\n");
    if (run->refused != ANIMALDETECT_OK)
        return EXIT_KEY;
    if (counts[STATE_PENDING] > 0) {
        fprintf(stderr, "%srun the same command again to continue\n",
                run->offline != ANIMALDETECT_OK ? "no network: " : "");
        return EXIT_GO_ON;
    }
    if (run->stopped != STOP_NOT || run->is_gone)
        return EXIT_GO_ON;
    return counts[STATE_FAILED] > 0 || run->problems > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
}

int command_run(const struct options *options)
{
    struct run run;
    int code;

    if (options->input_count == 0) {
        complain("no PATH given; try animaldetect run --help");
        return EXIT_USAGE;
    }
    if (options_has(options, OPT_DRY_RUN))
        return dry_run(options);
    stop_listen();
    code = run_open(&run, options);
    if (code == EXIT_DONE)
        code = run_connect(&run);
    if (code == EXIT_DONE && (!run_scan(&run)))
        code = run.walk == NULL ? EXIT_USAGE : EXIT_GO_ON;
    if (code == EXIT_DONE) {
        run_process(&run);
        code = run_conclude(&run);
        if (options_has(options, OPT_OUTPUT) && !run.is_broken) {
            int written = export_results(run.ledger, options);

            code = written != EXIT_DONE && code <= EXIT_SOME_FAILED ? written : code;
        }
    }
    run_close(&run);
    return code;
}
