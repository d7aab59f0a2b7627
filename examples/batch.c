/* SPDX-License-Identifier: MIT */
/*
 * Images from files and directories, started with `animaldetect_job_run_async`.  A job carries its path as user data.
 * A directory is read as it is needed, never as a whole.
 */
#include "batch.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "seen.h"

#define DEFAULT_WINDOW 1000

/* The next regular file of the open directory; NULL at its end, which closes it. */
static char *next_in_folder(struct batch *batch)
{
    const struct dirent *entry;
    struct stat what;
    char *path = NULL;

    while ((entry = readdir(batch->listing)) != NULL) {
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

static void print_end(struct batch *batch, const char *path, const animaldetect_job *job, int32_t status)
{
    const char *message = animaldetect_job_message(job);
    animaldetect_result *result = NULL;

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_result(job, &result);
    if (status == ANIMALDETECT_OK) {
        struct seen seen = seen_in(result);

        batch->succeeded++;
        printf("%s: %s, %zu animal%s\n", path, seen.label, seen.animals, seen.animals == 1 ? "" : "s");
    } else {
        batch->failed++;
        printf("%s: failed: %s\n", path,
               message != NULL && *message != '\0' ? message : animaldetect_status_text(status));
    }
    animaldetect_result_free(result);
}

static void start(struct batch *batch, char *path)
{
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_job_new(batch->client, ANIMALDETECT_OPERATION_DETECT, &job);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_file(job, path);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_user_data(job, path);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run_async(job);
    if (status == ANIMALDETECT_OK) {
        batch->in_flight++;
        return;
    }
    print_end(batch, path, job, status);
    animaldetect_job_free(job);
    free(path);
}

void batch_start_more(struct batch *batch)
{
    char *path = NULL;

    while (batch->in_flight < batch->window && (path = next_path(batch)) != NULL)
        start(batch, path);
}

void batch_finish(struct batch *batch, animaldetect_job *job)
{
    char *path = animaldetect_job_user_data(job);

    print_end(batch, path, job, animaldetect_job_status(job));
    animaldetect_job_free(job);
    free(path);
    batch->in_flight--;
    batch_start_more(batch);
}

int batch_open(struct batch *batch, int argc, char **argv)
{
    static const struct option options[] = {{"window", required_argument, NULL, 'w'}, {NULL, 0, NULL, 0}};
    int option;
    int32_t status;

    *batch = (struct batch){.window = DEFAULT_WINDOW};
    while ((option = getopt_long(argc, argv, "", options, NULL)) == 'w')
        batch->window = strtol(optarg, NULL, 10);
    batch->names = argv + optind;
    if (option != -1 || *batch->names == NULL || batch->window < 1) {
        fprintf(stderr, "usage: %s [--window N] FILE|DIRECTORY...\n", argv[0]);
        return 2;
    }
    status = animaldetect_client_new_from_env(&batch->client);
    if (status == ANIMALDETECT_OK)
        return 0;
    fprintf(stderr, "%s: %s\n", argv[0], animaldetect_status_text(status));
    return status == ANIMALDETECT_E_NO_API_KEY ? 3 : 2;
}

int batch_close(struct batch *batch)
{
    animaldetect_client_free(batch->client);
    if (batch->listing != NULL)
        closedir(batch->listing);
    printf("%ld succeeded, %ld failed\n", batch->succeeded, batch->failed);
    return batch->failed > 0 || batch->in_flight > 0 ? 1 : 0;
}
