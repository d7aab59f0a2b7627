/* SPDX-License-Identifier: MIT */
/*
 * Images from files and folders, started with `animaldetect_job_run_async`. Each has one line, with tabs between path,
 * label and score, or path and error.
 */
#include "batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_WINDOW 1000

enum { ALL_SUCCEEDED = 0, SOME_FAILED = 1, BAD_USAGE = 2, KEY_REFUSED = 3 };

/* Names and the service's texts: an escape sequence in one must not reach a terminal. */
static void print_safely(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (at[0] == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0)
            at++;
        else if (at[0] >= 0x20 && at[0] != 0x7F) {
            putchar(at[0]);
            continue;
        }
        putchar('?');
    }
}

static void print_failure(struct batch *batch, const char *path, const char *message)
{
    batch->failed++;
    print_safely(path);
    fputs("\tfailed: ", stdout);
    print_safely(message);
    putchar('\n');
}

/* The surest detection. */
static void print_result(struct batch *batch, const char *path, const animaldetect_result *result)
{
    const char *label = "nothing";
    double best = 0;

    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        const animaldetect_detection *seen = animaldetect_result_at(result, i);
        double score = 0;

        (void)animaldetect_detection_score(seen, &score);
        if (i > 0 && score <= best)
            continue;
        best = score;
        label = animaldetect_detection_label(seen);
    }
    batch->succeeded++;
    print_safely(path);
    putchar('\t');
    print_safely(label != NULL ? label : "unnamed");
    printf("\t%.2f\n", best);
}

/* ---- the next image ---- */

static animaldetect_job *next_job(struct batch *batch)
{
    animaldetect_job *job = batch->next;
    char message[256];
    char *path;

    batch->next = NULL;
    while (job == NULL && (path = files_next(&batch->files)) != NULL) {
        if (animaldetect_job_new(batch->client, ANIMALDETECT_OPERATION_DETECT, &job) != ANIMALDETECT_OK ||
            animaldetect_job_set_file(job, path) != ANIMALDETECT_OK) {
            animaldetect_client_copy_message(batch->client, message, sizeof message);
            print_failure(batch, path, message);
            animaldetect_job_free(job);
            job = NULL;
        }
        free(path);
    }
    return job;
}

static void end_job(struct batch *batch, animaldetect_job *job, int32_t status)
{
    const char *path = animaldetect_job_path(job);
    const char *message = animaldetect_job_message(job);
    animaldetect_result *result = NULL;

    if (animaldetect_status_scope(status) == ANIMALDETECT_SCOPE_ACCOUNT) {
        batch->refused = status; /* no other image would fare better: all end as canceled */
        (void)animaldetect_client_stop(batch->client);
    }
    if (status == ANIMALDETECT_OK && animaldetect_job_result(job, &result) == ANIMALDETECT_OK)
        print_result(batch, path, result);
    else if (batch->refused != ANIMALDETECT_OK && status == ANIMALDETECT_E_CANCELED)
        print_failure(batch, path, "not tried: the API key or the account was rejected");
    else
        print_failure(batch, path, *message != '\0' ? message : animaldetect_status_text(status));
    animaldetect_result_free(result);
    animaldetect_job_free(job);
}

void batch_start_more(struct batch *batch)
{
    animaldetect_job *job;

    while ((job = next_job(batch)) != NULL) {
        int32_t status = animaldetect_job_run_async(job);

        if (status == ANIMALDETECT_E_QUEUE_FULL) {
            batch->next = job;
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

/* ---- the whole ---- */

/* When something begins to hold the client, no image may complete for long. */
static void on_log(void *user, const animaldetect_log_record *record)
{
    struct batch *batch = user;
    int32_t held_by = animaldetect_client_hold_reason(batch->client);

    if (held_by != ANIMALDETECT_HOLD_NONE && held_by != batch->held_by)
        fprintf(stderr, "waiting: %s\n", animaldetect_log_text(record));
    batch->held_by = held_by;
}

int batch_open(struct batch *batch, int argc, char **argv)
{
    int has_window = argc > 2 && strcmp(argv[1], "--window") == 0;
    long window = has_window ? strtol(argv[2], NULL, 10) : DEFAULT_WINDOW;
    char **names = argv + (has_window ? 3 : 1);
    char message[256] = "";
    int32_t status;

    *batch = (struct batch){.files.names = names};
    setvbuf(stdout, NULL, _IOLBF, 0); /* a program that is killed leaves whole lines */
    if (argc < 2 || *names == NULL || strncmp(*names, "--", 2) == 0 || window < 1) {
        fprintf(stderr, "usage: %s [--window N] FILE|FOLDER...\n", argv[0]);
        return BAD_USAGE;
    }
    status = animaldetect_client_new(&batch->client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_configure_from_env(batch->client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_max_jobs(batch->client, window);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_log(batch->client, ANIMALDETECT_LOG_WARNING, on_log, batch, NULL);
    if (status == ANIMALDETECT_OK)
        return ALL_SUCCEEDED;
    animaldetect_client_copy_message(batch->client, message, sizeof message);
    fprintf(stderr, "%s: %s\n", argv[0], *message != '\0' ? message : animaldetect_status_text(status));
    animaldetect_client_free(batch->client);
    return status == ANIMALDETECT_E_NO_API_KEY ? KEY_REFUSED : BAD_USAGE;
}

int batch_close(struct batch *batch)
{
    int is_whole = batch->next == NULL && batch->files.folder == NULL && *batch->files.names == NULL &&
                   animaldetect_client_in_flight(batch->client) == 0;

    animaldetect_job_free(batch->next);
    files_close(&batch->files);
    animaldetect_client_free(batch->client);
    fprintf(stderr, "%zu succeeded, %zu failed, %zu unreadable\n", batch->succeeded, batch->failed,
            batch->files.unreadable);
    if (ferror(stdout) || fflush(stdout) != 0) {
        fputs("cannot write standard output\n", stderr);
        is_whole = 0;
    }
    if (batch->refused != ANIMALDETECT_OK)
        return KEY_REFUSED;
    return is_whole && batch->failed == 0 && batch->files.unreadable == 0 ? ALL_SUCCEEDED : SOME_FAILED;
}
