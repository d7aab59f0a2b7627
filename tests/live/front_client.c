/* SPDX-License-Identifier: MIT */
/*
 * A host for the live tests: sends images through the whole flow with the public API only, and prints each outcome.
 * Service and key come from the environment (AD_API_BASE_URL, AD_API_KEY), everything else from the options.  One line
 * per completed run on stdout: status, failed step, HTTP status, attempts and message, separated by tabs; then one line
 * of counters.  The most detailed log goes to stderr, so that a test can search it for the key.
 */
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/animaldetect.h>

#include "kit/message.h"

#define PEM_SIZE 65536

struct settings {
    const char *ca_file;
    const char *ca_pem; /* a file, read here */
    const char *proxy;  /* NULL: from the environment */
    int32_t tries;
    int32_t max_requests;
    int64_t stall_ms;
    int64_t request_ms;
    int in_turn; /* one image after the other */
    int cancel;  /* another thread cancels the first job when a line comes on stdin */
};

static void log_line(void *user, const animaldetect_log_record *record)
{
    const char *message = animaldetect_log_text(record);

    (void)user;
    fprintf(stderr, "%" PRId32 " %s\n", animaldetect_log_level(record), message);
}

static void need(int32_t status, const char *what, animaldetect_client *client)
{
    if (status == ANIMALDETECT_OK)
        return;
    fprintf(stderr, "front_client: %s: %s (%s)\n", what, animaldetect_status_name(status), message_of(client));
    exit(2);
}

static int32_t set_pem(animaldetect_client *client, const char *path)
{
    static char pem[PEM_SIZE];
    FILE *file = fopen(path, "r");
    size_t size;

    if (file == NULL)
        return ANIMALDETECT_E_FILE;
    size = fread(pem, 1, sizeof pem, file);
    fclose(file);
    return animaldetect_client_set_ca_pem(client, pem, size);
}

static animaldetect_client *client_of(const struct settings *settings)
{
    animaldetect_client *client = NULL;

    need(animaldetect_client_new(&client), "client", client);
    need(animaldetect_client_configure_from_env(client), "the environment", client);
    need(animaldetect_client_set_log(client, ANIMALDETECT_LOG_DEBUG, log_line, NULL, NULL), "log", client);
    /* an origin that cannot be reached here will never be reachable */
    need(animaldetect_client_set_offline_patience_ms(client, 0), "offline patience", client);
    /* the emulated service is fast: frequent polls save time */
    need(animaldetect_client_set_poll_mode(client, ANIMALDETECT_POLL_LATENCY), "poll mode", client);
    need(animaldetect_client_set_poll_bounds_ms(client, 20, 300), "poll bounds", client);
    if (settings->ca_file != NULL)
        need(animaldetect_client_set_ca_file(client, settings->ca_file), "--ca-file", client);
    if (settings->ca_pem != NULL)
        need(set_pem(client, settings->ca_pem), "--ca-pem", client);
    if (settings->proxy != NULL)
        need(animaldetect_client_set_proxy(client, settings->proxy), "--proxy", client);
    /* An error of the server in between must be reported at once, and not retried for long. */
    need(animaldetect_client_set_offline_patience_ms(client, 0), "offline patience", client);
    if (settings->tries > 0)
        need(animaldetect_client_set_max_tries(client, settings->tries), "--tries", client);
    if (settings->max_requests > 0)
        need(animaldetect_client_set_max_requests(client, settings->max_requests), "--max-requests", client);
    if (settings->stall_ms > 0)
        need(animaldetect_client_set_stall_timeout_ms(client, settings->stall_ms), "--stall-ms", client);
    if (settings->request_ms > 0)
        need(animaldetect_client_set_request_timeout_ms(client, settings->request_ms), "--request-ms", client);
    return client;
}

static void print_end(const animaldetect_job *job)
{
    int32_t status = animaldetect_job_status(job);
    animaldetect_result *result = NULL;

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_result(job, &result);
    printf("%s\t%s\t%" PRId32 "\t%" PRId32 "\t%s\n", animaldetect_status_name(status),
           animaldetect_step_name(animaldetect_job_failed_step(job)), animaldetect_job_http_status(job),
           animaldetect_job_attempts(job), animaldetect_job_message(job));
    animaldetect_result_free(result);
}

static void finish(animaldetect_job *job)
{
    (void)animaldetect_job_wait(job, -1);
    print_end(job);
    animaldetect_job_free(job);
}

static void *cancel_on_a_line(void *job)
{
    if (getchar() != EOF)
        (void)animaldetect_job_cancel(job);
    return NULL;
}

static void run(animaldetect_client *client, const struct settings *settings, char **paths, size_t count)
{
    animaldetect_job **jobs = calloc(count, sizeof(animaldetect_job *));
    pthread_t canceler;

    if (jobs == NULL)
        exit(2);
    for (size_t i = 0; i < count; i++) {
        need(animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &jobs[i]), "job", client);
        need(animaldetect_job_set_file(jobs[i], paths[i]), paths[i], client);
        need(animaldetect_job_run_async(jobs[i]), "run", client);
        if (settings->in_turn)
            finish(jobs[i]);
    }
    if (settings->cancel && pthread_create(&canceler, NULL, cancel_on_a_line, jobs[0]) != 0)
        exit(2);
    if (settings->cancel) {
        (void)animaldetect_job_wait(jobs[0], -1);
        (void)pthread_join(canceler, NULL);
    }
    for (size_t i = 0; i < count && !settings->in_turn; i++)
        finish(jobs[i]);
    free(jobs);
}

static void print_counters(animaldetect_client *client)
{
    static const struct {
        const char *name;
        int32_t which;
    } counters[] = {
        {"create", ANIMALDETECT_STAT_REQUESTS_CREATE}, {"upload", ANIMALDETECT_STAT_REQUESTS_UPLOAD},
        {"submit", ANIMALDETECT_STAT_REQUESTS_SUBMIT}, {"poll", ANIMALDETECT_STAT_REQUESTS_POLL},
        {"fetch", ANIMALDETECT_STAT_REQUESTS_FETCH},   {"retries", ANIMALDETECT_STAT_RETRIES},
    };

    printf("counters");
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        int64_t value = -1;

        need(animaldetect_client_statistic(client, counters[i].which, &value), counters[i].name, client);
        printf("\t%s=%" PRId64, counters[i].name, value);
    }
    printf("\n");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"ca-file", required_argument, NULL, 'f'},
        {"ca-pem", required_argument, NULL, 'p'},
        {"proxy", required_argument, NULL, 'x'},
        {"tries", required_argument, NULL, 't'},
        {"stall-ms", required_argument, NULL, 's'},
        {"in-turn", no_argument, NULL, 'i'},
        {"request-ms", required_argument, NULL, 'r'},
        {"cancel", no_argument, NULL, 'c'},
        {"max-requests", required_argument, NULL, 'm'},
        {NULL, 0, NULL, 0},
    };
    struct settings settings = {0};
    animaldetect_client *client;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 'f':
            settings.ca_file = optarg;
            break;
        case 'p':
            settings.ca_pem = optarg;
            break;
        case 'x':
            settings.proxy = optarg;
            break;
        case 't':
            settings.tries = (int32_t)strtol(optarg, NULL, 10);
            break;
        case 's':
            settings.stall_ms = strtoll(optarg, NULL, 10);
            break;
        case 'r':
            settings.request_ms = strtoll(optarg, NULL, 10);
            break;
        case 'i':
            settings.in_turn = 1;
            break;
        case 'c':
            settings.cancel = 1;
            break;
        case 'm':
            settings.max_requests = (int32_t)strtol(optarg, NULL, 10);
            break;
        default:
            return 2;
        }
    }
    client = client_of(&settings);
    run(client, &settings, argv + optind, (size_t)(argc - optind));
    print_counters(client);
    animaldetect_client_free(client);
    return fflush(stdout) == 0 ? 0 : 2;
}
