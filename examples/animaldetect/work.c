/* SPDX-License-Identifier: MIT */
/*
 * The loop of a worker.  One thread: it waits on the client's descriptor and on that of Redis, and nothing else blocks
 * but the reading of one file.
 */
#include "work.h"
#include "worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "progress.h"
#include "run.h"
#include "stop.h"

#define AHEAD 64      /* images that are looked at before the service has a job for them */
#define FRESH_MOST 32 /* claimed entries that are not started: other workers could have them */
#define LOOK_MS 100
#define LAST_MS 10000 /* how long the last reports wait for a Redis that is away */
#define DEFAULT_IDLE 60

static size_t jobs_of(const struct worker *worker)
{
    return (size_t)options_number(worker->options, OPT_JOBS, DEFAULT_JOBS);
}

static bool is_ending(const struct worker *worker)
{
    return worker->stopped != STOP_NOT || worker->refused != ANIMALDETECT_OK || worker->offline != ANIMALDETECT_OK ||
           worker->is_root_gone;
}

static size_t room_of(const struct worker *worker)
{
    size_t jobs = jobs_of(worker);
    size_t room = worker->held < jobs ? jobs - worker->held : 0;

    if (is_ending(worker) || worker->fresh_count >= FRESH_MOST)
        return 0;
    return room < FRESH_MOST - worker->fresh_count ? room : FRESH_MOST - worker->fresh_count;
}

/* ---- images ---- */

static bool feed_one(struct worker *worker)
{
    struct parcel *parcel = TAILQ_FIRST(&worker->fresh);

    if (parcel == NULL || worker->uncreated >= AHEAD || is_ending(worker))
        return false;
    TAILQ_REMOVE(&worker->fresh, parcel, link);
    worker->fresh_count--;
    work_feed(worker, parcel);
    return true;
}

/* Something has ended: what waited for the same bytes may go. */
static void wake_twins(struct worker *worker)
{
    struct parcel *parcel;

    while ((parcel = TAILQ_FIRST(&worker->twins)) != NULL) {
        TAILQ_REMOVE(&worker->twins, parcel, link);
        TAILQ_INSERT_HEAD(&worker->fresh, parcel, link);
        worker->fresh_count++;
    }
}

static void collect_jobs(struct worker *worker)
{
    animaldetect_job *job = NULL;
    bool has_ended = false;

    (void)animaldetect_client_process(worker->client);
    while (animaldetect_client_next_done(worker->client, &job) == ANIMALDETECT_OK) {
        struct parcel *parcel = animaldetect_job_user_data(job);

        TAILQ_REMOVE(&worker->running, parcel, link);
        work_conclude(worker, parcel, animaldetect_job_status(job));
        has_ended = true;
    }
    if (has_ended)
        wake_twins(worker);
}

static void give_back(struct worker *worker, struct parcels *list)
{
    struct parcel *parcel;

    while ((parcel = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, parcel, link);
        work_report(worker, parcel, REPORT_BACK);
    }
}

/* Entries that are not started are for other workers; uploads that are on the wire are finished. */
static void wind_down(struct worker *worker)
{
    struct parcel *parcel;

    give_back(worker, &worker->fresh);
    give_back(worker, &worker->twins);
    worker->fresh_count = 0;
    TAILQ_FOREACH(parcel, &worker->running, link)
    {
        if (animaldetect_job_stage(parcel->job) < ANIMALDETECT_STAGE_UPLOADED &&
            animaldetect_job_upload_sent(parcel->job) == 0)
            (void)animaldetect_job_cancel(parcel->job);
    }
}

/* ---- the loop ---- */

static void obey(struct worker *worker)
{
    int stop = stop_wanted();

    if (stop > worker->stopped) {
        worker->stopped = stop;
        if (stop == STOP_NOW)
            (void)animaldetect_client_stop(worker->client);
    }
    if (is_ending(worker))
        wind_down(worker);
}

static void tick(struct worker *worker)
{
    struct parcel *parcel;
    int64_t known = worker->done + worker->failed + (worker->left > 0 ? worker->left : 0);

    worker->uncreated = 0;
    TAILQ_FOREACH(parcel, &worker->running, link)
    {
        worker->uncreated += animaldetect_job_stage(parcel->job) < ANIMALDETECT_STAGE_CREATED;
    }
    progress_add(worker->progress, known - worker->known);
    worker->known = known;
    progress_reason(worker->progress, quota_reason(worker->quota));
    progress_show(worker->progress, worker->client, worker->stopped);
    obey(worker);
}

/* With --drain: no entry is claimed here, and none is in the streams, waiting or claimed by another worker. */
static bool is_drained(const struct worker *worker)
{
    return options_has(worker->options, OPT_DRAIN) && worker->held == 0 && worker->left == 0;
}

static bool is_over(const struct worker *worker)
{
    return (is_ending(worker) || is_drained(worker)) && worker->held == 0 && !worker->is_taking && !worker->is_claiming;
}

static void process(struct worker *worker)
{
    int file = animaldetect_client_fd(worker->client);
    int64_t looked = 0;
    int64_t last = 0; /* since when only reports are left, at the end */

    worker->left = -1; /* not known yet */
    while (!is_over(worker)) {
        bool is_fed = feed_one(worker);
        int64_t now;

        work_exchange(worker, room_of(worker));
        if (worker->quota != NULL)
            quota_wait(worker->quota, worker->client, worker->link, is_fed ? 0 : LOOK_MS);
        else
            (void)link_wait(worker->link, file, is_fed ? 0 : LOOK_MS);
        collect_jobs(worker);
        quota_exchange(worker->quota, worker->client);
        now = now_ms();
        if (now - looked >= LOOK_MS) {
            looked = now;
            tick(worker);
        }
        if (!is_ending(worker) || !TAILQ_EMPTY(&worker->running) || link_is_up(worker->link))
            last = now;
        else if (now - last >= LAST_MS)
            break; /* other workers claim these entries */
    }
    quota_leave(worker->quota, worker->client);
    progress_clear(worker->progress);
}

/* ---- from the options to the exit code ---- */

static void name_worker(struct worker *worker)
{
    unsigned char noise[4];
    char hex[2 * sizeof noise + 1];
    char host[64] = "";

    randombytes_buf(noise, sizeof noise);
    if (gethostname(host, sizeof host - 1) != 0 || *host == '\0')
        (void)snprintf(host, sizeof host, "worker");
    (void)snprintf(worker->name, sizeof worker->name, "%s-%ld-%s", host, (long)getpid(),
                   sodium_bin2hex(hex, sizeof hex, noise, sizeof noise));
}

static int open_root(struct worker *worker)
{
    const char *root = worker->options->values[OPT_ROOT];

    worker->root_file = -1;
    if (root == NULL)
        return EXIT_DONE;
    if (realpath(root, worker->root) != NULL)
        worker->root_file = open(worker->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (worker->root_file >= 0)
        return EXIT_DONE;
    complain("--root %s: %s", root, strerror(errno));
    return EXIT_USAGE;
}

static int open_worker(struct worker *worker)
{
    const struct options *options = worker->options;
    int code = open_root(worker);

    if (code != EXIT_DONE)
        return code;
    worker->progress = progress_new(options_has(options, OPT_QUIET));
    worker->link = link_new(options->values[OPT_QUEUE], &queue_plan);
    if (worker->progress == NULL || worker->link == NULL)
        return EXIT_USAGE;
    code = connect_client(options, &worker->client);
    if (code == EXIT_DONE)
        code = link_open(worker->link);
    if (code == EXIT_DONE)
        code = quota_open(options, &worker->quota);
    if (code == EXIT_DONE && quota_configure(worker->quota, worker->client) != ANIMALDETECT_OK)
        code = EXIT_GO_ON;
    if (code != EXIT_DONE)
        return code;
    name_worker(worker);
    worker->idle_ms = (int64_t)options_number(options, OPT_IDLE, DEFAULT_IDLE) * 1000;
    worker->claim_stream = KEY_W0;
    progress_begin(worker->progress, 0);
    return EXIT_DONE;
}

static void free_list(struct worker *worker, struct parcels *list)
{
    struct parcel *parcel;

    while ((parcel = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, parcel, link);
        work_free_parcel(worker, parcel);
    }
}

static void close_worker(struct worker *worker)
{
    link_free(worker->link); /* answers what is not answered, so before the parcels */
    free_list(worker, &worker->fresh);
    free_list(worker, &worker->twins);
    free_list(worker, &worker->running);
    free_list(worker, &worker->reports);
    quota_free(worker->quota);
    animaldetect_client_free(worker->client);
    asked_free(&worker->asked);
    progress_free(worker->progress);
    if (worker->root_file >= 0)
        (void)close(worker->root_file);
}

static int conclude(const struct worker *worker)
{
    fprintf(stderr, "%" PRId64 " done, %" PRId64 " failed, %" PRId64 " returned", worker->done, worker->failed,
            worker->given_back);
    if (worker->held > 0)
        fprintf(stderr, "; the queue is unreachable: other workers take over %zu images", worker->held);
    fputc('\n', stderr);
    if (worker->refused != ANIMALDETECT_OK)
        return EXIT_KEY;
    if (is_ending(worker) || worker->held > 0)
        return EXIT_GO_ON;
    return worker->failed > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
}

int command_work(const struct options *options)
{
    struct worker worker = {.options = options, .root_file = -1};
    int code;

    if (options->values[OPT_QUEUE] == NULL || options->input_count > 0) {
        complain("%s; try animaldetect work --help", options->input_count > 0
                                                         ? "work takes no PATH: the images come from the queue"
                                                         : "--queue is required");
        return EXIT_USAGE;
    }
    TAILQ_INIT(&worker.fresh);
    TAILQ_INIT(&worker.twins);
    TAILQ_INIT(&worker.running);
    TAILQ_INIT(&worker.reports);
    SLIST_INIT(&worker.asked);
    worker.rules = (struct look_rules){
        .max_bytes = (uint64_t)options_number(options, OPT_MAX_SIZE, DEFAULT_MAX_BYTES),
        .takes_broken = options_has(options, OPT_SEND_BROKEN),
        .needs_digest = true,
    };
    stop_listen();
    code = open_worker(&worker);
    if (code == EXIT_DONE) {
        process(&worker);
        if (link_is_up(worker.link))
            work_leave(&worker);
        code = conclude(&worker);
    }
    close_worker(&worker);
    return code;
}
