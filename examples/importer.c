/* SPDX-License-Identifier: MIT */
/*
 * Imports images with 30 threads that block, and stops all of them with one call.
 *
 * usage: importer IMAGE...
 *
 * SIGINT and SIGTERM stop it. Writes the result of IMAGE to IMAGE.json and prints a line per image, also for those that
 * are left. The same command finishes them and finds their existing jobs. Exit code 0 all done, 1 some failed or a line
 * could not be written, 3 some are left.
 */
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include <animaldetect/animaldetect.h>

#define THREADS 30

struct importer {
    animaldetect_client *client;
    char **paths;
    int count;
    atomic_int next;
    atomic_int succeeded;
    atomic_int failed;
    atomic_int left;
};

static int32_t write_result(const char *path, const animaldetect_job *job)
{
    char name[PATH_MAX];
    FILE *file;
    int is_written;

    (void)snprintf(name, sizeof name, "%s.json", path);
    file = fopen(name, "we");
    is_written = file != NULL && fputs(animaldetect_job_result_json(job, NULL), file) >= 0;
    if (file != NULL && fclose(file) != 0)
        is_written = 0;
    return is_written ? ANIMALDETECT_OK : ANIMALDETECT_E_SYSTEM;
}

/* An image that is not done is left, unless the fault is its own or that of its job at the service. */
static void report(struct importer *importer, const char *path, const animaldetect_job *job, int32_t status)
{
    int32_t scope = animaldetect_status_scope(status);
    const char *message = animaldetect_job_message(job);

    if (message == NULL || *message == '\0')
        message = animaldetect_status_text(status);
    if (scope == ANIMALDETECT_SCOPE_NONE) {
        atomic_fetch_add(&importer->succeeded, 1);
        printf("done %s\n", path);
    } else if (scope == ANIMALDETECT_SCOPE_IMAGE || scope == ANIMALDETECT_SCOPE_JOB) {
        atomic_fetch_add(&importer->failed, 1);
        printf("failed %s: %s\n", path, message);
    } else {
        atomic_fetch_add(&importer->left, 1);
        printf("left %s: %s\n", path, message);
    }
}

/* After the stop every call returns ANIMALDETECT_E_CANCELED at once, so that the rest of the images is gone through. */
static void *work(void *context)
{
    struct importer *importer = context;
    int index;

    while ((index = atomic_fetch_add(&importer->next, 1)) < importer->count) {
        animaldetect_job *job = NULL;
        int32_t status = animaldetect_job_new(importer->client, ANIMALDETECT_OPERATION_DETECT, &job);

        if (status == ANIMALDETECT_OK)
            status = animaldetect_job_set_file(job, importer->paths[index]);
        if (status == ANIMALDETECT_OK)
            status = animaldetect_job_run(job);
        if (status == ANIMALDETECT_OK)
            status = write_result(importer->paths[index], job);
        report(importer, importer->paths[index], job, status);
        animaldetect_job_free(job);
    }
    return NULL;
}

static void *stop_at_signal(void *context)
{
    struct importer *importer = context;
    sigset_t signals;
    int number;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (sigwait(&signals, &number) == 0)
        (void)animaldetect_client_stop(importer->client);
    return NULL;
}

int main(int argc, char **argv)
{
    static struct importer importer;
    pthread_t threads[THREADS];
    pthread_t stopper;
    sigset_t all;
    int started = 0;

    importer.paths = argv + 1;
    importer.count = argc - 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (importer.count < 1 || animaldetect_client_new(&importer.client) != ANIMALDETECT_OK ||
        animaldetect_client_configure_from_env(importer.client) != ANIMALDETECT_OK) {
        fprintf(stderr, "usage: AD_API_KEY=... %s IMAGE...\n", argv[0]);
        animaldetect_client_free(importer.client);
        return 2;
    }
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, NULL); /* for all threads: the stopper waits for the signals */
    if (pthread_create(&stopper, NULL, stop_at_signal, &importer) != 0)
        return 2;
    while (started < THREADS - 1 && pthread_create(&threads[started], NULL, work, &importer) == 0)
        started++;
    (void)work(&importer); /* this thread is one of them */
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    pthread_cancel(stopper); /* which is in sigwait, or has ended */
    pthread_join(stopper, NULL);
    animaldetect_client_free(importer.client);
    printf("%d done, %d failed, %d left\n", importer.succeeded, importer.failed, importer.left);
    if (fflush(stdout) != 0 || ferror(stdout))
        return 1;
    return importer.left > 0 ? 3 : importer.failed > 0;
}
