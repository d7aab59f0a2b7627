/* SPDX-License-Identifier: MIT */
/*
 * Lines for people and lines for programs.  A JSON line carries the service's result untouched.
 */
#include "detect_print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "seen.h"

#define CLEAR_LINE "\r\033[K"
#define SHORT_HOLD_MS 1500 /* not worth a line */

/* A file name need not be UTF-8, JSON must be. */
static json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    char *copy = value == NULL ? strdup(text) : NULL;

    if (copy == NULL)
        return value;
    for (char *byte = copy; *byte != '\0'; byte++) {
        if ((unsigned char)*byte >= 0x80)
            *byte = '?';
    }
    value = json_string(copy);
    free(copy);
    return value;
}

/*
 * The result goes in as the service wrote it, digit for digit: parsing and writing it again could round a number.
 * Line ends can only stand between JSON tokens, so a blank in their place keeps the object on one line.
 */
static void print_json_result(const char *name, const animaldetect_job *job)
{
    json_t *frame = json_pack("{s:o, s:s, s:s}", "file", json_text(name), "job_id", animaldetect_job_id(job), "state",
                              animaldetect_state_name(animaldetect_job_state(job)));
    char *text = frame != NULL ? json_dumps(frame, JSON_COMPACT) : NULL;

    if (text != NULL) {
        printf("%.*s,\"result\":", (int)strlen(text) - 1, text);
        for (const char *json = animaldetect_job_result_json(job, NULL); *json != '\0'; json++)
            putchar(*json == '\n' || *json == '\r' ? ' ' : *json);
        puts("}");
    }
    free(text);
    json_decref(frame);
}

void report_result(struct report *report, const char *name, const animaldetect_job *job,
                   const animaldetect_result *result)
{
    struct seen seen = seen_in(result);

    report->succeeded++;
    report->with_animals += seen.animals > 0;
    report->animals += seen.animals;
    if (report->json)
        print_json_result(name, job);
    else if (seen.boxes == 0)
        printf("%-30s %s\n", name, seen.label);
    else
        printf("%-30s %-22s %4.2f  %2zu animal%s\n", name, seen.label, seen.score, seen.animals,
               seen.animals == 1 ? "" : "s");
}

void report_failure(struct report *report, const char *name, int32_t status, const char *message,
                    const animaldetect_job *job)
{
    int32_t http_status = animaldetect_job_http_status(job);
    json_t *line;

    report->failed++;
    if (*message == '\0')
        message = animaldetect_status_text(status);
    if (!report->json) {
        printf("%-30s failed: %s\n", name, message);
        return;
    }
    line = json_pack("{s:o, s:{s:s, s:s, s:s, s:o}}", "file", json_text(name), "error", "code",
                     animaldetect_status_name(status), "message", message, "stage",
                     animaldetect_step_name(animaldetect_job_failed_step(job)), "http_status",
                     http_status > 0 ? json_integer(http_status) : json_null());
    (void)json_dumpf(line, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(line);
}

void report_rerun(struct report *report, const animaldetect_job *job)
{
    int32_t next = animaldetect_job_rerun_number(job) + 1;

    report->rerunnable++;
    if (next > report->next_run)
        report->next_run = next;
}

void report_summary(const struct report *report, animaldetect_client *client, double seconds)
{
    FILE *out = report->json ? stderr : stdout;
    size_t count = report->succeeded + report->failed;
    int64_t known = 0;

    (void)animaldetect_client_statistic(client, ANIMALDETECT_STAT_REPLAYS, &known);
    fprintf(out, "\n%zu image%s in %.1f s: %zu with animals (%zu in all), %zu without, %zu failed", count,
            count == 1 ? "" : "s", seconds, report->with_animals, report->animals,
            report->succeeded - report->with_animals, report->failed);
    if (known > 0)
        fprintf(out, "; %" PRId64 " job%s known to the service from before, not billed again", known,
                known == 1 ? "" : "s");
    fputc('\n', out);
    if (report->rerunnable > 0)
        fprintf(out, "%zu of them may have another run, which is billed: the same command with --rerun %d\n",
                report->rerunnable, (int)report->next_run);
}

void progress_show(const animaldetect_job *job, const char *name, size_t number, size_t count)
{
    int32_t stage = animaldetect_job_stage(job);
    uint64_t total = animaldetect_job_upload_total(job);

    fprintf(stderr, CLEAR_LINE "[%zu/%zu] %s: ", number, count, name);
    if (stage == ANIMALDETECT_STAGE_CREATED && total > 0)
        fprintf(stderr, "%d %% uploaded", (int)(animaldetect_job_upload_sent(job) * 100 / total));
    else if (stage == ANIMALDETECT_STAGE_SUBMITTED)
        fputs(animaldetect_state_name(animaldetect_job_state(job)), stderr);
    else
        fputs(animaldetect_stage_name(stage), stderr);
}

void progress_clear(void)
{
    fputs(CLEAR_LINE, stderr);
}

static const char *hold_text(int32_t reason)
{
    switch (reason) {
    case ANIMALDETECT_HOLD_NETWORK:
        return "the service cannot be reached";
    case ANIMALDETECT_HOLD_RATE_LIMIT:
        return "the service limits the requests of this key";
    case ANIMALDETECT_HOLD_SERVICE:
        return "the service is not available and asks for a wait";
    default:
        return "requests are held back";
    }
}

/* Most waits for quota are over in a moment; a network that was not there twice is worth a line. */
static int is_short(int32_t reason, int64_t until_ms)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return reason != ANIMALDETECT_HOLD_NETWORK && until_ms < (int64_t)now.tv_sec * 1000 + SHORT_HOLD_MS;
}

void hold_show(struct report *report, animaldetect_client *client)
{
    int64_t until_ms = animaldetect_client_held_until_ms(client);
    time_t until = (time_t)(until_ms / 1000);
    struct tm local;
    char text[16] = "";

    report->held_by = animaldetect_client_hold_reason(client);
    if (report->held_by == ANIMALDETECT_HOLD_NONE)
        report->shown = ANIMALDETECT_HOLD_NONE;
    if (report->held_by == report->shown || is_short(report->held_by, until_ms))
        return;
    report->shown = report->held_by;
    if (isatty(STDERR_FILENO))
        progress_clear();
    if (localtime_r(&until, &local) != NULL)
        (void)strftime(text, sizeof text, "%H:%M:%S", &local);
    fprintf(stderr, "waiting: %s; the next request is sent at %s\n", hold_text(report->held_by), text);
}
