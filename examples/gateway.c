/* SPDX-License-Identifier: MIT */
/*
 * The gateway's images: from the folder into the client; the scope of the status alone decides what to do with each.
 * Every file is written atomically: a new file, fsync, rename. A rename that a power loss undoes leaves an older text,
 * which is sufficient: the library polls the job.
 */
#include "gateway.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_JOBS 64
#define RESERVED_JOBS 16 /* of these, for images that go first: a full client takes none, whatever its priority */
#define MAX_RERUNS 2     /* each is billed */
#define HOLD_MIN_MS 30000
#define HOLD_MAX_MS 600000
#define CALL_TIMEOUT_MS INT64_C(86400000) /* a job that never ends gives its place to others once a day */
#define SAVED_MAX 65536
#define PATH_SIZE (NAME_MAX + 32)

struct gateway_image {
    TAILQ_ENTRY(gateway_image) link;
    animaldetect_job *job; /* NULL before the first start */
    int32_t saved_stage;   /* the one in the journal, or before */
    bool goes_first;
    char name[];
};

/* ---- files ---- */

static bool write_whole(const char *folder, const char *name, const char *suffix, const char *text, size_t size)
{
    char path[PATH_SIZE];
    int file = open(".new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_whole = file >= 0 && write(file, text, size) == (ssize_t)size && fsync(file) == 0;

    (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    if (file >= 0)
        close(file);
    if (is_whole && rename(".new", path) == 0)
        return true;
    fprintf(stderr, "gateway: cannot write %s: %s\n", path, strerror(errno));
    return false;
}

static void save(struct gateway_image *image)
{
    char *text = NULL;
    size_t size = 0;

    if (animaldetect_job_save(image->job, &text, &size) == ANIMALDETECT_OK &&
        write_whole("journal", image->name, "", text, size))
        image->saved_stage = animaldetect_job_stage(image->job);
    animaldetect_text_free(text);
}

/* The job of the journal, NULL when there is none or its text is of no use: then the image finds its job by its key. */
static animaldetect_job *saved_job(animaldetect_client *client, const char *name)
{
    static char text[SAVED_MAX];
    char path[PATH_SIZE];
    animaldetect_job *job = NULL;
    int file;
    ssize_t size;

    (void)snprintf(path, sizeof path, "journal/%s", name);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    size = read(file, text, sizeof text);
    close(file);
    if (size > 0)
        (void)animaldetect_job_restore(client, text, (size_t)size, &job);
    return job;
}

/* ---- an image comes in ---- */

static int compare_names(const void *one, const void *other)
{
    return strcmp(((const struct gateway_image *)one)->name, ((const struct gateway_image *)other)->name);
}

static void wait_in_line(struct gateway *gateway, struct gateway_image *image)
{
    if (image->goes_first)
        TAILQ_INSERT_HEAD(&gateway->waiting, image, link);
    else
        TAILQ_INSERT_TAIL(&gateway->waiting, image, link);
}

void gateway_add(struct gateway *gateway, const char *name)
{
    struct gateway_image *image;
    struct gateway_image **known;
    struct stat what;

    if (*name == '.' || stat(name, &what) != 0 || !S_ISREG(what.st_mode))
        return;
    image = calloc(1, sizeof *image + strlen(name) + 1);
    if (image == NULL)
        return; /* the file stays, and is found by the next scan */
    memcpy(image->name, name, strlen(name));
    image->goes_first = strncmp(name, gateway->first, strlen(gateway->first)) == 0;
    known = tsearch(image, &gateway->names, compare_names);
    if (known != NULL && *known == image)
        wait_in_line(gateway, image);
    else
        free(image);
}

void gateway_scan(struct gateway *gateway)
{
    struct dirent **entries = NULL;
    int count = scandir(".", &entries, NULL, alphasort);

    for (int i = 0; i < count; i++) {
        gateway_add(gateway, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static int32_t make_job(struct gateway *gateway, struct gateway_image *image, int32_t rerun)
{
    int32_t status = animaldetect_job_new(gateway->client, ANIMALDETECT_OPERATION_DETECT, &image->job);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_file(image->job, image->name);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_rerun(image->job, rerun);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_priority(image->job, image->goes_first ? -1 : 0);
    image->saved_stage = ANIMALDETECT_STAGE_NEW;
    return status;
}

/* ---- a call has completed ---- */

static void forget(struct gateway *gateway, struct gateway_image *image)
{
    (void)tdelete(image, &gateway->names, compare_names);
    animaldetect_job_free(image->job);
    free(image);
}

/* The journal's text goes first: a later image of this name must not find it. */
static void move_out(struct gateway *gateway, struct gateway_image *image, const char *folder)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "journal/%s", image->name);
    (void)unlink(path);
    (void)snprintf(path, sizeof path, "%s/%s", folder, image->name);
    if (rename(image->name, path) != 0)
        fprintf(stderr, "gateway: cannot move %s: %s\n", image->name, strerror(errno));
    forget(gateway, image);
}

/* Stays in line, and everything waits a while: what is not the image's fault will meet the next one too. */
static void keep(struct gateway *gateway, struct gateway_image *image, int32_t status, int64_t now_ms)
{
    const char *note = animaldetect_job_note(image->job);
    char text[128];

    (void)snprintf(text, sizeof text, "%ld failed calls, the last %s", (note != NULL ? strtol(note, NULL, 10) : 0) + 1,
                   animaldetect_status_name(status));
    if (animaldetect_job_set_note(image->job, text) == ANIMALDETECT_OK)
        save(image);
    wait_in_line(gateway, image);
    if (now_ms < gateway->retry_at_ms)
        return;
    gateway->hold_ms = gateway->hold_ms == 0 ? HOLD_MIN_MS : 2 * gateway->hold_ms;
    if (gateway->hold_ms > HOLD_MAX_MS)
        gateway->hold_ms = HOLD_MAX_MS;
    gateway->retry_at_ms = now_ms + gateway->hold_ms;
    fprintf(stderr, "gateway: %s: %s: %s\n", image->name, text, animaldetect_job_message(image->job));
    if (animaldetect_status_scope(status) == ANIMALDETECT_SCOPE_ACCOUNT) {
        gateway->alarms++;
        fprintf(stderr, "gateway: operator action required: %s\n", animaldetect_status_text(status));
    }
}

static void set_aside(struct gateway *gateway, struct gateway_image *image)
{
    const char *message = animaldetect_job_message(image->job);

    fprintf(stderr, "gateway: %s is set aside: %s\n", image->name, message);
    (void)write_whole("aside", image->name, ".txt", message, strlen(message));
    gateway->set_aside++;
    move_out(gateway, image, "aside");
}

/* Until the next run has its job at the service the journal has the run before, which leads here again. */
static void run_again(struct gateway *gateway, struct gateway_image *image, int64_t now_ms)
{
    animaldetect_job *job = image->job;
    int32_t status = make_job(gateway, image, animaldetect_job_rerun_number(job) + 1);

    animaldetect_job_free(job);
    if (status == ANIMALDETECT_OK)
        wait_in_line(gateway, image);
    else
        keep(gateway, image, status, now_ms);
}

static void finish(struct gateway *gateway, struct gateway_image *image, int32_t status, int64_t now_ms)
{
    size_t size = 0;
    const char *json = animaldetect_job_result_json(image->job, &size);
    int32_t scope = animaldetect_status_scope(status);

    if (scope == ANIMALDETECT_SCOPE_NONE && write_whole("done", image->name, ".json", json, size)) {
        gateway->retry_at_ms = gateway->hold_ms = 0;
        gateway->succeeded++;
        move_out(gateway, image, "done");
    } else if (scope == ANIMALDETECT_SCOPE_JOB && animaldetect_job_rerun_number(image->job) < MAX_RERUNS) {
        run_again(gateway, image, now_ms);
    } else if (scope == ANIMALDETECT_SCOPE_IMAGE || scope == ANIMALDETECT_SCOPE_JOB) {
        set_aside(gateway, image);
    } else {
        keep(gateway, image, status, now_ms);
    }
}

/* ---- the loop's side ---- */

/* Whether the next one may be started too. */
static bool start(struct gateway *gateway, struct gateway_image *image, int64_t now_ms)
{
    int32_t status = ANIMALDETECT_OK;

    if (image->job == NULL)
        image->job = saved_job(gateway->client, image->name);
    if (image->job == NULL)
        status = make_job(gateway, image, 0);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_call_timeout_ms(image->job, CALL_TIMEOUT_MS);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_user_data(image->job, image);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run_async(image->job);
    if (status == ANIMALDETECT_E_QUEUE_FULL)
        return false;
    TAILQ_REMOVE(&gateway->waiting, image, link);
    if (status == ANIMALDETECT_OK)
        TAILQ_INSERT_TAIL(&gateway->running, image, link);
    else
        finish(gateway, image, status, now_ms);
    return now_ms >= gateway->retry_at_ms;
}

int32_t gateway_process(struct gateway *gateway, int64_t now_ms)
{
    struct gateway_image *image;
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_client_process(gateway->client);
    bool goes_on = status == ANIMALDETECT_OK && !gateway->is_draining && now_ms >= gateway->retry_at_ms;

    TAILQ_FOREACH(image, &gateway->running, link)
    {
        int32_t stage = animaldetect_job_stage(image->job);

        if (stage > image->saved_stage && stage < ANIMALDETECT_STAGE_FETCHED)
            save(image);
    }
    while (status == ANIMALDETECT_OK && animaldetect_client_next_done(gateway->client, &job) == ANIMALDETECT_OK) {
        image = animaldetect_job_user_data(job);
        TAILQ_REMOVE(&gateway->running, image, link);
        finish(gateway, image, animaldetect_job_status(job), now_ms);
        goes_on = !gateway->is_draining && now_ms >= gateway->retry_at_ms;
    }
    while (goes_on && (image = TAILQ_FIRST(&gateway->waiting)) != NULL &&
           (image->goes_first || animaldetect_client_in_flight(gateway->client) < MAX_JOBS - RESERVED_JOBS))
        goes_on = start(gateway, image, now_ms);
    return status;
}

int64_t gateway_sleep_ms(const struct gateway *gateway, int64_t now_ms)
{
    return now_ms < gateway->retry_at_ms ? gateway->retry_at_ms - now_ms : -1;
}

void gateway_retry(struct gateway *gateway)
{
    gateway->retry_at_ms = gateway->hold_ms = 0;
}

void gateway_drain(struct gateway *gateway)
{
    gateway->is_draining = true;
    (void)animaldetect_client_set_paused(gateway->client, ANIMALDETECT_PAUSE_CREATES);
}

/* What waits for its create stays in flight; a create that is on the wire may still make a job. */
bool gateway_is_drained(const struct gateway *gateway)
{
    const struct gateway_image *image;
    int64_t on_the_wire = 0;

    TAILQ_FOREACH(image, &gateway->running, link)
    {
        if (animaldetect_job_stage(image->job) > ANIMALDETECT_STAGE_NEW)
            return false;
    }
    (void)animaldetect_client_statistic(gateway->client, ANIMALDETECT_STAT_REQUESTS_ACTIVE, &on_the_wire);
    return on_the_wire == 0;
}

int gateway_open(struct gateway *gateway, animaldetect_client *client, const char *first)
{
    static const char *const folders[] = {"journal", "done", "aside"};

    *gateway = (struct gateway){.client = client, .first = first};
    TAILQ_INIT(&gateway->waiting);
    TAILQ_INIT(&gateway->running);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        if (mkdir(folders[i], 0700) != 0 && errno != EEXIST)
            return -1;
    }
    if (animaldetect_client_set_max_jobs(client, MAX_JOBS) != ANIMALDETECT_OK)
        return -1;
    gateway_scan(gateway);
    return 0;
}

void gateway_close(struct gateway *gateway)
{
    struct gateway_image *image;

    animaldetect_client_free(gateway->client);
    TAILQ_CONCAT(&gateway->waiting, &gateway->running, link);
    while ((image = TAILQ_FIRST(&gateway->waiting)) != NULL) {
        TAILQ_REMOVE(&gateway->waiting, image, link);
        forget(gateway, image);
    }
}
