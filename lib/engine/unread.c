/* SPDX-License-Identifier: MIT */
/*
 * Handles an image that could not be read, see unread.h.
 */
#include "engine/unread.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/backoff.h"
#include "engine/call.h"
#include "engine/retry.h"
#include "engine/steps.h"

#define REREADS_MOST 10 /* per call */
#define STARVED_BASE_MS 500

/* strerror_r has two variants: POSIX returns an int, GNU the text. */
static const char *said_posix(int failed, const char *buffer)
{
    return failed == 0 ? buffer : "";
}

static const char *said_gnu(const char *text, const char *buffer)
{
    return text == NULL ? buffer : text;
}

#define SAID(result, buffer) _Generic((result), int : said_posix, char * : said_gnu)((result), (buffer))

/* Composes the message: reason, the system's error text, the file's name. */
static void describe(const animaldetect_job *job, int32_t status, const struct ad_file_fault *fault, char *line,
                     size_t size)
{
    const char *reason = fault->reason;
    char path[512] = "";
    char error[96] = "";
    char number[16] = "";
    const char *said = "";

    if (job->input.source.kind == AD_SOURCE_FILE)
        ad_text_quote(path, sizeof path, job->input.source.from.path, strlen(job->input.source.from.path));
    if (fault->error != 0)
        said = SAID(strerror_r(fault->error, error, sizeof error), error);
    if (reason == NULL || *reason == '\0')
        reason = animaldetect_status_text(status);
    if (status <= ANIMALDETECT_E_HOST)
        (void)snprintf(number, sizeof number, " (%" PRId32 ")", status);
    (void)snprintf(line, size, "%s%s%s%s%s%s%s", reason, number, *said == '\0' ? "" : ": ", said,
                   *path == '\0' ? "" : " (", path, *path == '\0' ? "" : ")");
}

/* Whether to read again a file whose identity has changed, since its bytes may be the same. */
static bool is_read_again(animaldetect_job *job)
{
    struct ad_source *source = &job->input.source;
    bool moved = source->moved;

    source->moved = false;
    if (!moved || !source->guarded)
        return moved;
    job->input.prepared = false; /* hash it first, so that none of it is sent before */
    return job->call.rereads++ < REREADS_MOST;
}

static void log_again(const struct ad_engine *engine, const animaldetect_job *job, const char *message)
{
    struct animaldetect_log_record record = {
        .level = ANIMALDETECT_LOG_WARNING, .step = job->call.step, .duration_ms = -1, .job = job};

    ad_log_write(engine->log, &record, "reading the image again: %s", message);
}

/* Other requests free descriptors when they complete: waits as for a connection. */
static bool is_tried_later(struct ad_engine *engine, animaldetect_job *job, int32_t status)
{
    uint16_t *failures = &job->call.failures[job->call.step];

    if (status != ANIMALDETECT_E_NO_DESCRIPTORS)
        return false;
    if (*failures < UINT16_MAX)
        ++*failures;
    return *failures < engine->config->max_tries;
}

void ad_unread(struct ad_engine *engine, animaldetect_job *job, int32_t status, const struct ad_file_fault *fault)
{
    char line[768];

    describe(job, status, fault, line, sizeof line);
    if (is_read_again(job)) {
        log_again(engine, job, line);
        ad_call_schedule(engine, job);
    } else if (is_tried_later(engine, job, status)) {
        int attempt = job->call.failures[job->call.step] - 1;

        log_again(engine, job, line);
        ad_call_sleep(engine, job,
                      engine->now_ms + ad_backoff_ms(attempt, STARVED_BASE_MS, AD_RETRY_CAP_MS, -1, &engine->rng));
    } else {
        ad_call_refuse(engine, job, status, line);
    }
}
