/* SPDX-License-Identifier: MIT */
/*
 * What to do with an image whose call has completed, by the scope of its status: done, postponed, failed, or left
 * pending.
 */
#include <stdlib.h>
#include <string.h>

#include "progress.h"
#include "run.h"
#include "stop.h"
#include "summary.h"

#define MORE_ROUNDS 1
#define MESSAGE_MAX 1024

/* The library's words without the path at their end: the ledger has it anyway, and equal failures read alike. */
static const char *message_of(const struct item *item, int32_t status, char out[MESSAGE_MAX])
{
    const char *message = item->job != NULL ? animaldetect_job_message(item->job) : NULL;
    const char *path = item->job != NULL ? animaldetect_job_path(item->job) : NULL;
    const char *end = message != NULL ? strrchr(message, '(') : NULL;

    if (message == NULL || *message == '\0')
        return animaldetect_status_text(status);
    if (path == NULL || end == NULL || end <= message || strncmp(end + 1, path, strlen(path)) != 0)
        return message;
    (void)snprintf(out, MESSAGE_MAX, "%.*s", (int)(end - 1 - message), message);
    return out;
}

/* The text is there for the next run; without it the key finds the job. */
static bool save_job(struct run *run, struct item *item)
{
    char *saved = NULL;
    size_t size = 0;
    bool is_written = true;

    if (item->job == NULL || animaldetect_job_stage(item->job) < ANIMALDETECT_STAGE_CREATED ||
        animaldetect_job_save(item->job, &saved, &size) != ANIMALDETECT_OK)
        return true;
    is_written = ledger_save_job(run->ledger, item->work, saved, size, animaldetect_job_id(item->job));
    if (is_written)
        item->saved_stage = animaldetect_job_stage(item->job);
    animaldetect_text_free(saved);
    return is_written;
}

void run_save_stages(struct run *run)
{
    struct item *item;

    TAILQ_FOREACH(item, &run->running, link)
    {
        if (run->is_broken)
            return;
        if (item->saved_stage < ANIMALDETECT_STAGE_UPLOADED &&
            animaldetect_job_stage(item->job) >= ANIMALDETECT_STAGE_UPLOADED && !save_job(run, item))
            (void)run_break(run);
    }
}

/* ---- done ---- */

/* Whether the file is still the one that was looked at; one that is gone by now was, when it was uploaded. */
static bool has_changed(const struct run *run, const struct item *item)
{
    struct stat facts;

    return fstatat(walk_root(run->walk), item->path, &facts, 0) == 0 &&
           (facts.st_size != item->size || look_mtime_ns(&facts) != item->mtime_ns);
}

static bool is_done(struct run *run, struct item *item)
{
    animaldetect_result *result = NULL;
    struct summary summary;
    size_t size = 0;
    const char *json = animaldetect_job_result_json(item->job, &size);
    bool is_written;

    if (json == NULL || animaldetect_job_result(item->job, &result) != ANIMALDETECT_OK)
        return false;
    summary = summary_of(result);
    is_written = has_changed(run, item)
                     ? ledger_drop_work(run->ledger,
                                        item->work) /* the result may be that of other bytes: inspect the file again */
                     : ledger_finish(run->ledger, item->work, animaldetect_job_id(item->job), &summary, json, size);
    if (!is_written)
        (void)run_break(run);
    animaldetect_result_free(result);
    progress_step(run->progress, item->path, false);
    return true;
}

/* ---- not done ---- */

static void put_off(struct run *run, struct item *item)
{
    item->rounds++;
    TAILQ_INSERT_TAIL(&run->again, item, link);
}

static void end_as(struct run *run, struct item *item, int32_t status, int state)
{
    char text[MESSAGE_MAX];
    bool is_written = ledger_fail(run->ledger, item->work, state, animaldetect_status_scope(status),
                                  animaldetect_status_name(status), message_of(item, status, text));

    if (is_written && state == STATE_PENDING)
        is_written = save_job(run, item);
    if (!is_written)
        (void)run_break(run);
    if (state == STATE_FAILED)
        progress_step(run->progress, item->path, true);
    else
        run->left_unfinished++;
    run_free_item(item);
}

/* This name cannot be read or has other bytes now. The work may have another name; else it waits for one. */
static void blame_file(struct run *run, struct item *item, int32_t status)
{
    struct image image = {.id = item->image, .size = item->size, .mtime_ns = item->mtime_ns};
    char text[MESSAGE_MAX];

    if (status != ANIMALDETECT_E_FILE_CHANGED) {
        image.state = STATE_FAILED;
        image.reason = REASON_UNREADABLE;
    }
    if (!save_job(run, item) ||
        !ledger_put_image(run->ledger, item->path, strlen(item->path), &image, message_of(item, status, text)))
        (void)run_break(run);
    progress_step(run->progress, item->path, status != ANIMALDETECT_E_FILE_CHANGED);
    run_free_item(item);
}

/* The patience has expired: the other images would fail too, and the next run continues. */
static bool is_offline(const struct run *run)
{
    return animaldetect_client_hold_reason(run->client) == ANIMALDETECT_HOLD_NETWORK ||
           (options_has(run->options, OPT_PATIENCE) && options_number(run->options, OPT_PATIENCE, 0) == 0);
}

static bool may_come_again(const struct run *run, const struct item *item)
{
    return item->rounds < MORE_ROUNDS && item->job != NULL && run->stopped == STOP_NOT && !run->is_gone &&
           run->refused == ANIMALDETECT_OK && run->offline == ANIMALDETECT_OK;
}

void run_finish(struct run *run, struct item *item, int32_t status)
{
    int32_t scope = animaldetect_status_scope(status);
    char text[MESSAGE_MAX];
    bool is_unread = status == ANIMALDETECT_E_FILE || status == ANIMALDETECT_E_MEDIUM;

    if (run->is_broken) {
        run_free_item(item); /* the ledger has what it was able to take */
        return;
    }
    if (scope == ANIMALDETECT_SCOPE_NONE && is_done(run, item)) {
        run_free_item(item);
        return;
    }
    if (scope == ANIMALDETECT_SCOPE_NONE)
        status = ANIMALDETECT_E_PROTOCOL, scope = ANIMALDETECT_SCOPE_SERVICE;
    if (scope == ANIMALDETECT_SCOPE_ACCOUNT && run->refused == ANIMALDETECT_OK) {
        run->refused = status; /* no other image would fare better */
        progress_clear(run->progress);
        complain("%s", message_of(item, status, text));
        (void)animaldetect_client_stop(run->client);
    }
    if (scope == ANIMALDETECT_SCOPE_NETWORK && is_offline(run))
        run->offline = status;
    if (is_unread && run_root_is_gone(run))
        end_as(run, item, status, STATE_PENDING);
    else if (is_unread || status == ANIMALDETECT_E_FILE_CHANGED)
        blame_file(run, item, status);
    else if (scope == ANIMALDETECT_SCOPE_IMAGE || scope == ANIMALDETECT_SCOPE_JOB)
        end_as(run, item, status, STATE_FAILED);
    else if (status != ANIMALDETECT_E_CANCELED && scope != ANIMALDETECT_SCOPE_ACCOUNT && may_come_again(run, item))
        put_off(run, item);
    else
        end_as(run, item, status, scope == ANIMALDETECT_SCOPE_SERVICE ? STATE_FAILED : STATE_PENDING);
}
