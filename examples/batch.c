/* SPDX-License-Identifier: MIT */
/*
 * Images from files and directories, started with `animaldetect_job_run_async`; a line of text or JSON for each.
 * A directory is read as it is needed, never as a whole; hidden files, of which memory cards have many, are left out.
 */
#include "batch.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEFAULT_WINDOW 1000
#define MORE_ROUNDS 2
#define KEY_REFUSED 3

/* ---- the next job ---- */

/* The next regular file of the open directory; NULL at its end, which closes it. */
static char *next_in_folder(struct batch *batch)
{
    const struct dirent *entry;
    struct stat what;
    char *path = NULL;

    while ((entry = readdir(batch->listing)) != NULL) {
        if (*entry->d_name == '.')
            continue;
        if (asprintf(&path, "%s/%s", batch->folder, entry->d_name) < 0)
            break;
        if (stat(path, &what) == 0 && S_ISREG(what.st_mode))
            return path;
        free(path);
    }
    closedir(batch->listing);
    batch->listing = NULL;
    return NULL;
}

/* The next image's path, to be freed; NULL when there is none any more. */
static char *next_path(struct batch *batch)
{
    for (;;) {
        char *path = batch->listing != NULL ? next_in_folder(batch) : NULL;

        if (path != NULL || *batch->names == NULL)
            return path;
        batch->folder = *batch->names++;
        batch->listing = opendir(batch->folder);
        if (batch->listing == NULL)
            return strdup(batch->folder); /* no directory: an image, or the library says what is wrong with it */
    }
}

static void push(animaldetect_job **list, animaldetect_job *job)
{
    (void)animaldetect_job_set_user_data(job, *list);
    *list = job;
}

static animaldetect_job *pop(animaldetect_job **list)
{
    animaldetect_job *job = *list;

    *list = animaldetect_job_user_data(job);
    return job;
}

/* A new image, or one that is tried again; NULL when there is none for now. */
static animaldetect_job *next_job(struct batch *batch)
{
    animaldetect_job *job = NULL;
    char *path;

    while (batch->ready == NULL && (path = next_path(batch)) != NULL) {
        int32_t status = animaldetect_job_new(batch->client, ANIMALDETECT_OPERATION_DETECT, &job);

        if (status == ANIMALDETECT_OK)
            status = animaldetect_job_set_file(job, path);
        if (status == ANIMALDETECT_OK) {
            push(&batch->ready, job);
        } else {
            report_failure(&batch->report, path, status, "", job);
            animaldetect_job_free(job);
        }
        free(path);
    }
    if (batch->ready == NULL && animaldetect_client_in_flight(batch->client) == 0) {
        batch->rounds--;
        batch->ready = batch->again;
        batch->again = NULL;
    }
    return batch->ready != NULL ? pop(&batch->ready) : NULL;
}

/* ---- its end ---- */

/* What becomes of an image is decided by whose matter its status is. */
static void end_job(struct batch *batch, animaldetect_job *job, int32_t status)
{
    int32_t scope = animaldetect_status_scope(status);
    const char *path = animaldetect_job_path(job);
    animaldetect_result *result = NULL;

    if (batch->rounds > 0 && (scope == ANIMALDETECT_SCOPE_NETWORK || scope == ANIMALDETECT_SCOPE_SERVICE)) {
        push(&batch->again, job);
        return;
    }
    if (scope == ANIMALDETECT_SCOPE_ACCOUNT) { /* no other image would fare better: all end as canceled */
        batch->refused = status;
        (void)animaldetect_client_stop(batch->client);
    }
    hold_show(&batch->report, batch->client);
    if (batch->refused != ANIMALDETECT_OK && status == ANIMALDETECT_E_CANCELED)
        report_failure(&batch->report, path, batch->refused, "not tried: the key or the account was refused", NULL);
    else if (scope == ANIMALDETECT_SCOPE_NONE && animaldetect_job_result(job, &result) == ANIMALDETECT_OK)
        report_result(&batch->report, path, job, result);
    else
        report_failure(&batch->report, path, status, animaldetect_job_message(job), job);
    animaldetect_result_free(result);
    animaldetect_job_free(job);
}

void batch_start_more(struct batch *batch)
{
    animaldetect_job *job;

    while ((job = next_job(batch)) != NULL) {
        int32_t status = animaldetect_job_run_async(job);

        if (status == ANIMALDETECT_E_QUEUE_FULL) {
            push(&batch->ready, job);
            return;
        }
        if (status != ANIMALDETECT_OK)
            end_job(batch, job, status);
    }
}

void batch_finish(struct batch *batch, animaldetect_job *job)
{
    end_job(batch, job, animaldetect_job_status(job));
    batch_start_more(batch);
}

/* The log speaks when something begins to hold the client; no image may complete for long then. */
static void on_log(void *user, const animaldetect_log_record *record)
{
    hold_show(user, animaldetect_log_client(record));
}

/* ---- the command line ---- */

int batch_open(struct batch *batch, int argc, char **argv)
{
    static const struct option options[] = {
        {"window", required_argument, NULL, 'w'}, {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
    long window = DEFAULT_WINDOW;
    char message[256];
    int option;
    int32_t status;

    *batch = (struct batch){.rounds = MORE_ROUNDS};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1 && option != '?') {
        if (option == 'w')
            window = strtol(optarg, NULL, 10);
        else
            batch->report.json = 1;
    }
    batch->names = argv + optind;
    if (option != -1 || *batch->names == NULL || window < 1) {
        fprintf(stderr, "usage: %s [--window N] [--json] FILE|DIRECTORY...\n", argv[0]);
        return 2;
    }
    status = animaldetect_client_new(&batch->client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_configure_from_env(batch->client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_max_jobs(batch->client, window);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_log(batch->client, ANIMALDETECT_LOG_WARNING, on_log, &batch->report, NULL);
    if (status == ANIMALDETECT_OK)
        return 0;
    animaldetect_client_copy_message(batch->client, message, sizeof message);
    fprintf(stderr, "%s: %s\n", argv[0], *message == '\0' ? animaldetect_status_text(status) : message);
    animaldetect_client_free(batch->client);
    return status == ANIMALDETECT_E_NO_API_KEY ? KEY_REFUSED : 2;
}

int batch_close(struct batch *batch)
{
    int is_whole = batch->ready == NULL && batch->again == NULL && animaldetect_client_in_flight(batch->client) == 0 &&
                   fflush(stdout) == 0;

    while (batch->ready != NULL)
        animaldetect_job_free(pop(&batch->ready));
    while (batch->again != NULL)
        animaldetect_job_free(pop(&batch->again));
    animaldetect_client_free(batch->client);
    if (batch->listing != NULL)
        closedir(batch->listing);
    fprintf(batch->report.json ? stderr : stdout, "%zu succeeded, %zu failed\n", batch->report.succeeded,
            batch->report.failed);
    if (batch->refused != ANIMALDETECT_OK)
        return KEY_REFUSED;
    return is_whole && batch->report.failed == 0 ? 0 : 1;
}
