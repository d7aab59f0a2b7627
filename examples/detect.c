/* SPDX-License-Identifier: MIT */
/*
 * detect: sends images to the service, one after the other, and prints what was seen.  The readable example of the
 * blocking API; for many images see loop_epoll.c, where thousands are on their way at once.
 * Promises one line on stdout per image whatever happens to the others, a line on stderr when it has to wait for the
 * network or the service, and a telling exit code.
 * The API key is read from the environment by the library and never seen here.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "detect_print.h"

enum { ALL_SUCCEEDED = 0, SOME_FAILED = 1, BAD_USAGE = 2, KEY_REFUSED = 3 };

#define PROGRESS_MS 100
#define WATCH_MS 1000
#define MAX_RERUNS 9
#define MAX_UNREACHED 2
#define MAX_TIMEOUT_S 2592000 /* the 30 days for which the service keeps a job */

static const char help[] =
    "usage: detect [option]... IMAGE...\n"
    "\n"
    "Sends images (JPEG, PNG, WebP, HEIC, HEIF) to the Animal Detect service and prints what was seen.\n"
    "\n"
    "  --operation OP     detect (default), detect_urban, filter or filter_urban\n"
    "  --threshold X      leave out what scores lower, 0.01 to 0.99 (the service's default is 0.2)\n"
    "  --country C        where the images were taken: US, USA or \"United States\"\n"
    "  --source-url URL   an image that the service fetches itself; may be repeated\n"
    "  --rerun N          where the service failed or dropped an image, try up to N (1 to 9) further runs of it; each "
    "is\n"
    "                     a new job, which is billed once, however often the command is repeated\n"
    "  --timeout SECONDS  how long one image may take, waiting for network and quota included (default: no limit, but "
    "a\n"
    "                     job that is not finished within a day fails); the next run goes on with it\n"
    "  --json             one JSON object per line in place of text\n"
    "  --version          the library's version\n"
    "  --help             this text\n"
    "\n"
    "AD_API_KEY (or ANIMAL_DETECT_API_KEY) holds the API key, AD_API_BASE_URL the service when it is another one.\n"
    "The same image is never billed twice: run an interrupted command again and it goes on where it was. File name "
    "and\n"
    "options count: a renamed copy is another image. What failed at the service fails again until it has a --rerun.\n"
    "\n"
    "Exit code: 0 every image succeeded, 1 some failed, 2 wrong usage, 3 the key or the account was refused.\n";

struct input {
    const char *name; /* path or URL */
    int is_url;
};

struct settings {
    const char *operation;
    const char *country; /* NULL: not said */
    double threshold;    /* negative: not said */
    double timeout_s;    /* 0: none */
    int32_t reruns;
    int json;
    struct input *inputs;
    size_t count;
};

static int32_t set_options(animaldetect_job *job, const struct settings *settings)
{
    int32_t status = ANIMALDETECT_OK;

    if (settings->threshold >= 0)
        status = animaldetect_job_set_threshold(job, settings->threshold);
    if (status == ANIMALDETECT_OK && settings->country != NULL)
        status = animaldetect_job_set_country(job, settings->country);
    return status;
}

/* `animaldetect_job_run` in slices: between them a person sees progress, and everybody what holds the client. */
static int32_t run(animaldetect_client *client, animaldetect_job *job, struct report *report, const char *name,
                   size_t number, size_t count)
{
    int watched = isatty(STDERR_FILENO);
    int32_t status = animaldetect_job_run_async(job);

    report->held_by = ANIMALDETECT_HOLD_NONE;
    if (status != ANIMALDETECT_OK)
        return status;
    while ((status = animaldetect_job_wait(job, watched ? PROGRESS_MS : WATCH_MS)) == ANIMALDETECT_AGAIN) {
        hold_show(report, client);
        if (watched)
            progress_show(job, name, number, count);
    }
    if (watched)
        progress_clear();
    return status;
}

/* Whether the job at the service is beyond hope, and another one may succeed. */
static int needs_rerun(const animaldetect_job *job, int32_t status)
{
    if (status == ANIMALDETECT_E_OVERDUE || status == ANIMALDETECT_E_STATE_UNKNOWN)
        return 1;
    return animaldetect_status_scope(status) == ANIMALDETECT_SCOPE_JOB && animaldetect_job_id(job) != NULL;
}

/* One image from its name to its line.  A call's words are with the job, a refused setter's with the client. */
static int32_t process(animaldetect_client *client, const struct settings *settings, size_t index,
                       struct report *report)
{
    const struct input *input = &settings->inputs[index];
    char message[256];
    animaldetect_job *job = NULL;
    animaldetect_result *result = NULL;
    int32_t status = animaldetect_job_new(client, settings->operation, &job);

    if (status == ANIMALDETECT_OK)
        status = set_options(job, settings);
    if (status == ANIMALDETECT_OK)
        status = input->is_url ? animaldetect_job_set_source_url(job, input->name)
                               : animaldetect_job_set_file(job, input->name);
    if (status != ANIMALDETECT_OK) {
        animaldetect_client_copy_message(client, message, sizeof message);
        report_failure(report, input->name, status, message, job);
        goto out;
    }
    if (settings->timeout_s > 0)
        (void)animaldetect_job_set_call_timeout_ms(job, (int64_t)(settings->timeout_s * 1000));
    status = run(client, job, report, input->name, index + 1, settings->count);
    while (needs_rerun(job, status) && animaldetect_job_rerun_number(job) < settings->reruns &&
           animaldetect_job_rerun(job) == ANIMALDETECT_OK)
        status = run(client, job, report, input->name, index + 1, settings->count);
    if (needs_rerun(job, status) && animaldetect_job_rerun_number(job) < MAX_RERUNS)
        report_rerun(report, job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_result(job, &result);
    if (status == ANIMALDETECT_OK)
        report_result(report, input->name, job, result);
    else
        report_failure(report, input->name, status, animaldetect_job_message(job), job);
out:
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    return status;
}

/*
 * Why the rest is not tried, NULL when it is: a refused key is refused for every image.  One image that met no network
 * may have met a firewall that dislikes its name; two in a row met none.
 */
static const char *reason_to_stop(struct report *report, int32_t status)
{
    if (animaldetect_status_scope(status) == ANIMALDETECT_SCOPE_ACCOUNT)
        return "not tried: the key or the account was refused";
    if (status == ANIMALDETECT_OK || report->held_by != ANIMALDETECT_HOLD_NETWORK)
        report->unreached = 0;
    else if (++report->unreached == MAX_UNREACHED)
        return "not tried: the service cannot be reached";
    return NULL;
}

/* The service is not asked in vain for image after image, but each keeps its line. */
static int process_all(animaldetect_client *client, const struct settings *settings, struct report *report)
{
    const char *stopped = NULL;
    int32_t status = ANIMALDETECT_OK;

    for (size_t i = 0; i < settings->count; i++) {
        if (stopped != NULL) {
            report_failure(report, settings->inputs[i].name, status, stopped, NULL);
        } else {
            status = process(client, settings, i, report);
            stopped = reason_to_stop(report, status);
        }
        fflush(stdout);
    }
    if (animaldetect_status_scope(status) == ANIMALDETECT_SCOPE_ACCOUNT)
        return KEY_REFUSED;
    return report->failed > 0 ? SOME_FAILED : ALL_SUCCEEDED;
}

/* Makes the client, and finds out before the first image which options the library refuses. */
static int make_client(const struct settings *settings, animaldetect_client **client)
{
    char message[256];
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_client_new(client);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_configure_from_env(*client);
    if (status == ANIMALDETECT_E_NO_API_KEY) {
        fputs("detect: no API key: set AD_API_KEY\n", stderr);
        return KEY_REFUSED;
    }
    /* Somebody is waiting, and one image at a time costs few requests. */
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_poll_mode(*client, ANIMALDETECT_POLL_LATENCY);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(*client, settings->operation, &job);
    if (status == ANIMALDETECT_OK)
        status = set_options(job, settings);
    animaldetect_job_free(job);
    if (status == ANIMALDETECT_OK)
        return ALL_SUCCEEDED;
    animaldetect_client_copy_message(*client, message, sizeof message);
    fprintf(stderr, "detect: %s\n", *message == '\0' ? animaldetect_status_text(status) : message);
    return BAD_USAGE;
}

static int take_number(const char *text, const char *what, double min, double max, double *out)
{
    char *end = NULL;

    *out = strtod(text, &end);
    if (end != text && *end == '\0' && *out >= min && *out <= max)
        return 0;
    fprintf(stderr, "detect: \"%s\" is not %s\n", text, what);
    return -1;
}

static void add_input(struct settings *settings, const char *name, int is_url)
{
    settings->inputs[settings->count++] = (struct input){.name = name, .is_url = is_url};
}

/* 0 to go on, -1 for a value that is none. */
static int take_value(int option, struct settings *settings)
{
    double number = 0;
    int taken = 0;

    if (option == 'o')
        settings->operation = optarg;
    else if (option == 'c')
        settings->country = optarg;
    else if (option == 'u')
        add_input(settings, optarg, 1);
    else if (option == 't')
        taken = take_number(optarg, "a threshold", 0, 1, &settings->threshold);
    else if (option == 's')
        taken = take_number(optarg, "a time of 0.001 to 2592000 seconds", 0.001, MAX_TIMEOUT_S, &settings->timeout_s);
    else if (option == 'r')
        taken = take_number(optarg, "a number of runs, 1 to 9", 1, MAX_RERUNS, &number);
    if (option == 'r')
        settings->reruns = (int32_t)number;
    return taken;
}

/* 0 to go on, 1 when all is said, -1 for wrong usage. */
static int parse(int argc, char **argv, struct settings *settings)
{
    static const struct option options[] = {
        {"operation", required_argument, NULL, 'o'},
        {"threshold", required_argument, NULL, 't'},
        {"country", required_argument, NULL, 'c'},
        {"json", no_argument, NULL, 'j'},
        {"source-url", required_argument, NULL, 'u'},
        {"rerun", required_argument, NULL, 'r'},
        {"timeout", required_argument, NULL, 's'},
        {"version", no_argument, NULL, 'v'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'j')
            settings->json = 1;
        else if (option == 'v')
            return printf("detect, libanimaldetect %s\n", animaldetect_version()) > 0;
        else if (option == 'h')
            return fputs(help, stdout) >= 0;
        else if (option == '?' || take_value(option, settings) != 0)
            return -1;
    }
    for (; optind < argc; optind++)
        add_input(settings, argv[optind], 0);
    if (settings->count > 0)
        return 0;
    fputs("detect: no image given\n", stderr);
    return -1;
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    struct settings settings = {.operation = ANIMALDETECT_OPERATION_DETECT, .threshold = -1};
    struct report report = {0};
    animaldetect_client *client = NULL;
    double begin = seconds_now();
    int code = BAD_USAGE;
    int parsed;

    settings.inputs = calloc((size_t)argc, sizeof *settings.inputs);
    parsed = settings.inputs == NULL ? -1 : parse(argc, argv, &settings);
    if (parsed < 0)
        fputs("Try detect --help.\n", stderr);
    if (parsed != 0) {
        code = parsed > 0 ? ALL_SUCCEEDED : BAD_USAGE;
        goto out;
    }
    report.json = settings.json;
    code = make_client(&settings, &client);
    if (code != ALL_SUCCEEDED)
        goto out;
    code = process_all(client, &settings, &report);
    if (!report.json || isatty(STDERR_FILENO))
        report_summary(&report, client, seconds_now() - begin);
out:
    animaldetect_client_free(client);
    free(settings.inputs);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "detect: cannot write: %s\n", strerror(errno));
        code = code == ALL_SUCCEEDED ? SOME_FAILED : code;
    }
    return code;
}
