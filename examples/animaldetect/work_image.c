/* SPDX-License-Identifier: MIT */
/*
 * One image of a worker: from the entry to the job, and from the job's status to what is reported.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fcntl.h>
#include <sodium.h>

#include "place.h"
#include "progress.h"
#include "worker.h"

#define DEFAULT_TRIES 3
#define SECOND_NS 1000000000

/* ---- reporting ---- */

void work_report(struct worker *worker, struct parcel *parcel, int report)
{
    parcel->report = report;
    TAILQ_INSERT_TAIL(&worker->reports, parcel, link);
}

static const char *number_text(int64_t number, char out[24])
{
    (void)snprintf(out, 24, "%lld", (long long)number);
    return out;
}

/* What every record has. */
static void begin_record(struct parcel *parcel, const char *kind)
{
    const struct entry *entry = parcel->entry;
    struct record *record = &parcel->record;

    *record = (struct record){0};
    record->texts[RECORD_PATH] = entry->path;
    record->sizes[RECORD_PATH] = entry->path_size;
    record_set(record, RECORD_SIZE, number_text(entry->size, parcel->numbers[0]));
    record_set(record, RECORD_MTIME, number_text(entry->mtime_ns, parcel->numbers[1]));
    record_set(record, RECORD_ASKED, entry->asked);
    record_set(record, RECORD_KIND, kind);
    if (parcel->has_digest) {
        (void)sodium_bin2hex(parcel->hex, sizeof parcel->hex, parcel->digest, sizeof parcel->digest);
        record_set(record, RECORD_NAME, parcel->filename);
        record_set(record, RECORD_DIGEST, parcel->hex);
        record_set(record, RECORD_REFERENCE, parcel->reference);
        record_set(record, RECORD_TAKEN, parcel->taken);
    }
    if (parcel->job != NULL)
        record_set(record, RECORD_JOB, animaldetect_job_id(parcel->job));
}

static void end_step(struct worker *worker, const struct parcel *parcel, bool was_failed)
{
    progress_step(worker->progress, parcel->entry->path, was_failed);
    worker->done += !was_failed;
    worker->failed += was_failed;
}

/* The file, not the service, says no. */
static void refuse(struct worker *worker, struct parcel *parcel, int reason, const char *detail, bool is_skipped)
{
    (void)snprintf(parcel->message, sizeof parcel->message, "%s", detail);
    begin_record(parcel, RECORD_REFUSED);
    record_set(&parcel->record, RECORD_NUMBER, number_text(reason, parcel->numbers[2]));
    record_set(&parcel->record, RECORD_STATUS, is_skipped ? "skipped" : "");
    record_set(&parcel->record, RECORD_TEXT, parcel->message);
    parcel->status = reason_text(reason);
    end_step(worker, parcel, !is_skipped);
    work_report(worker, parcel, is_skipped ? REPORT_FINISH : REPORT_BURY);
}

/* The service, or the way to it. */
static void fail(struct worker *worker, struct parcel *parcel, int32_t status, const char *message)
{
    (void)snprintf(parcel->message, sizeof parcel->message, "%s",
                   message != NULL && *message != '\0' ? message : animaldetect_status_text(status));
    begin_record(parcel, RECORD_FAILURE);
    record_set(&parcel->record, RECORD_NUMBER, number_text(animaldetect_status_scope(status), parcel->numbers[2]));
    record_set(&parcel->record, RECORD_STATUS, animaldetect_status_name(status));
    record_set(&parcel->record, RECORD_TEXT, parcel->message);
    parcel->status = animaldetect_status_name(status);
    end_step(worker, parcel, true);
    work_report(worker, parcel, REPORT_BURY);
}

/* Whether it may be tried once more, by any worker; if so it is. */
static bool try_again(struct worker *worker, struct parcel *parcel, const char *status, const char *message)
{
    int tries = (int)options_number(worker->options, OPT_TRIES, DEFAULT_TRIES);

    if (parcel->entry->failures + 1 >= tries)
        return false;
    (void)snprintf(parcel->message, sizeof parcel->message, "%s", message);
    parcel->status = status;
    work_report(worker, parcel, REPORT_AGAIN);
    return true;
}

/* ---- the way to the file ---- */

/* A path of the queue is somebody else's text: it may not lead out of the root. */
static bool is_inside(const char *path, size_t size)
{
    const char *at = path;

    if (size == 0 || size >= PATH_MAX || *path == '/' || strlen(path) != size)
        return false;
    for (;;) {
        size_t length = strcspn(at, "/");

        if (length == 0 || (length == 1 && *at == '.') || (length == 2 && memcmp(at, "..", 2) == 0))
            return false;
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

/* Nor may a link in it. */
static bool leads_out(const struct worker *worker, const char *path)
{
    char whole[2 * PATH_MAX];
    char real[PATH_MAX];

    (void)snprintf(whole, sizeof whole, "%s/%s", worker->root, path);
    return realpath(whole, real) != NULL && !place_is_below(real, worker->root);
}

/* Servers of files round: to 100 ns, or to seconds. */
static bool is_same_time(int64_t one, int64_t other)
{
    bool is_coarse = one % SECOND_NS == 0 || other % SECOND_NS == 0;

    return is_coarse ? one / SECOND_NS == other / SECOND_NS : one / 100 == other / 100;
}

static bool is_root_there(const struct worker *worker)
{
    struct stat now;
    struct stat before;

    return fstat(worker->root_file, &before) == 0 && stat(worker->root, &now) == 0 && now.st_dev == before.st_dev &&
           now.st_ino == before.st_ino;
}

/* A file that cannot be read here may be readable elsewhere; a share that is gone is not the image's fault. */
static void fail_reading(struct worker *worker, struct parcel *parcel, int reason, const char *detail)
{
    if (!is_root_there(worker)) {
        if (!worker->is_root_gone)
            complain("%s is gone: its images are returned to the queue", worker->root);
        worker->is_root_gone = true;
        work_report(worker, parcel, REPORT_BACK);
    } else if (!try_again(worker, parcel, reason_text(reason), detail)) {
        refuse(worker, parcel, reason, detail, false);
    }
}

/* The image of an entry: true when it is one that can be sent. */
static bool look(struct worker *worker, struct parcel *parcel)
{
    const struct entry *entry = parcel->entry;
    struct stat facts;
    struct look look;
    int error = 0;

    if (!is_inside(entry->path, entry->path_size) || leads_out(worker, entry->path)) {
        refuse(worker, parcel, REASON_OUTSIDE, "", false);
        return false;
    }
    if (fstatat(worker->root_file, entry->path, &facts, 0) != 0) {
        fail_reading(worker, parcel, errno == ENOENT ? REASON_GONE : REASON_UNREADABLE, strerror(errno));
        return false;
    }
    if (facts.st_size != entry->size || !is_same_time(look_mtime_ns(&facts), entry->mtime_ns)) {
        refuse(worker, parcel, REASON_CHANGED, "", false);
        return false;
    }
    look_at(worker->root_file, entry->path, &worker->rules, &look, &error);
    if (error != 0) {
        fail_reading(worker, parcel, look.reason, look.detail);
        return false;
    }
    if (look.reason != REASON_NONE) {
        refuse(worker, parcel, look.reason, look.detail, look.state == STATE_SKIPPED);
        return false;
    }
    memcpy(parcel->digest, look.digest, sizeof parcel->digest);
    parcel->has_digest = true;
    (void)sodium_bin2hex(parcel->hex, sizeof parcel->hex, parcel->digest, sizeof parcel->digest);
    if (*entry->name != '\0') /* it is in the key: the entry's own goes before */
        (void)snprintf(parcel->filename, sizeof parcel->filename, "%s", entry->name);
    else
        (void)snprintf(parcel->filename, sizeof parcel->filename, "%s%s", parcel->hex, look.ending);
    taken_write(&look.taken, parcel->taken);
    return true;
}

/* A URL has no bytes here: the ledger knows it by its text. */
static void look_at_url(struct parcel *parcel)
{
    const struct taken unknown = {.latitude = strtod("nan", NULL), .longitude = strtod("nan", NULL)};

    (void)crypto_hash_sha256(parcel->digest, (const unsigned char *)parcel->entry->path, parcel->entry->path_size);
    parcel->has_digest = true;
    (void)snprintf(parcel->filename, sizeof parcel->filename, "%s", parcel->entry->name);
    taken_write(&unknown, parcel->taken);
}

/* ---- the job ---- */

/* The same bytes, options, name and reference: the same key as in any other worker, and in `run`. */
static int32_t make_job(struct worker *worker, struct parcel *parcel)
{
    const struct options *asked = &parcel->asked->options;
    char path[2 * PATH_MAX];
    int32_t status = connect_job(worker->client, asked, &parcel->job);

    if (options_has(asked, OPT_REFERENCE))
        reference_of(asked->values[OPT_REFERENCE], parcel->entry->path, parcel->reference);
    if (status == ANIMALDETECT_OK && parcel->filename[0] != '\0')
        status = animaldetect_job_set_filename(parcel->job, parcel->filename);
    if (status == ANIMALDETECT_OK && parcel->reference[0] != '\0')
        status = animaldetect_job_set_client_reference_id(parcel->job, parcel->reference);
    if (status == ANIMALDETECT_OK && parcel->entry->size == ENTRY_IS_URL) {
        status = animaldetect_job_set_source_url(parcel->job, parcel->entry->path);
    } else if (status == ANIMALDETECT_OK) {
        (void)snprintf(path, sizeof path, "%s/%s", worker->root, parcel->entry->path);
        status = animaldetect_job_set_sha256(parcel->job, parcel->hex);
        if (status == ANIMALDETECT_OK)
            status = animaldetect_job_set_file(parcel->job, path);
    }
    return status == ANIMALDETECT_OK ? animaldetect_job_set_user_data(parcel->job, parcel) : status;
}

/* Two jobs under one key would upload the same image side by side. */
static bool has_twin(const struct worker *worker, const struct parcel *parcel)
{
    const struct parcel *other;

    TAILQ_FOREACH(other, &worker->running, link)
    {
        if (other->asked == parcel->asked && memcmp(other->digest, parcel->digest, sizeof parcel->digest) == 0)
            return true;
    }
    return false;
}

void work_feed(struct worker *worker, struct parcel *parcel)
{
    int32_t status;

    parcel->asked = asked_find(&worker->asked, parcel->entry->asked);
    if (parcel->asked == NULL || !parcel->asked->is_good) {
        refuse(worker, parcel, REASON_UNASKED,
               parcel->asked == NULL ? "the queue has lost it: enqueue the image again" : "by this version", false);
        return;
    }
    if (parcel->entry->size == ENTRY_IS_URL)
        look_at_url(parcel);
    else if (worker->root_file < 0) {
        work_report(worker, parcel, REPORT_BACK); /* for one that has a root */
        return;
    } else if (!parcel->has_digest && !look(worker, parcel))
        return;
    if (has_twin(worker, parcel)) {
        TAILQ_INSERT_TAIL(&worker->twins, parcel, link);
        return;
    }
    status = make_job(worker, parcel);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run_async(parcel->job);
    if (status == ANIMALDETECT_OK) {
        worker->uncreated++;
        TAILQ_INSERT_TAIL(&worker->running, parcel, link);
    } else {
        work_conclude(worker, parcel, status);
    }
}

/* ---- its end ---- */

static bool is_finished(struct worker *worker, struct parcel *parcel)
{
    size_t size = 0;
    const char *json = animaldetect_job_result_json(parcel->job, &size);

    if (json == NULL)
        return false;
    begin_record(parcel, RECORD_RESULT);
    parcel->record.texts[RECORD_TEXT] = json;
    parcel->record.sizes[RECORD_TEXT] = size;
    end_step(worker, parcel, false);
    work_report(worker, parcel, REPORT_FINISH);
    return true;
}

static void stop_all(struct worker *worker, const char *message)
{
    progress_clear(worker->progress);
    complain("%s", message);
    (void)animaldetect_client_stop(worker->client);
}

void work_conclude(struct worker *worker, struct parcel *parcel, int32_t status)
{
    int32_t scope = animaldetect_status_scope(status);
    const char *message = parcel->job != NULL ? animaldetect_job_message(parcel->job) : NULL;

    if (scope == ANIMALDETECT_SCOPE_NONE && is_finished(worker, parcel))
        return;
    if (scope == ANIMALDETECT_SCOPE_NONE)
        status = ANIMALDETECT_E_PROTOCOL, scope = ANIMALDETECT_SCOPE_SERVICE;
    if (message == NULL || *message == '\0')
        message = animaldetect_status_text(status);
    if (scope == ANIMALDETECT_SCOPE_ACCOUNT && worker->refused == ANIMALDETECT_OK) {
        worker->refused = status; /* no other image would fare better */
        stop_all(worker, message);
    }
    if (scope == ANIMALDETECT_SCOPE_NETWORK && worker->offline == ANIMALDETECT_OK &&
        animaldetect_client_hold_reason(worker->client) == ANIMALDETECT_HOLD_NETWORK) {
        worker->offline = status; /* the patience is at its end */
        stop_all(worker, message);
    }
    if (status == ANIMALDETECT_E_CANCELED || scope == ANIMALDETECT_SCOPE_ACCOUNT || worker->offline != ANIMALDETECT_OK)
        work_report(worker, parcel, REPORT_BACK);
    else if (status == ANIMALDETECT_E_FILE)
        fail_reading(worker, parcel, REASON_UNREADABLE, message);
    else if (status == ANIMALDETECT_E_FILE_CHANGED)
        refuse(worker, parcel, REASON_CHANGED, message, false);
    else if (scope == ANIMALDETECT_SCOPE_IMAGE || scope == ANIMALDETECT_SCOPE_JOB ||
             !try_again(worker, parcel, animaldetect_status_name(status), message))
        fail(worker, parcel, status, message);
}
