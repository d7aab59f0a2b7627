/* SPDX-License-Identifier: MIT */
/*
 * The feed: what the ledger has to do next. First the works that an earlier run started, then files that were not
 * inspected yet. The bytes decide: content that the ledger knows is not sent again, whatever the file's name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "progress.h"
#include "reference.h"
#include "run.h"
#include "text.h"

/* ---- one item ---- */

void run_free_item(struct item *item)
{
    animaldetect_job_free(item->job);
    free(item);
}

static struct item *new_item(const struct image *image, int64_t work, const char *path, size_t size)
{
    struct item *item = calloc(1, sizeof *item + size + 1);

    if (item == NULL)
        return NULL;
    item->work = work;
    item->image = image->id;
    item->size = image->size;
    item->mtime_ns = image->mtime_ns;
    memcpy(item->path, path, size);
    return item;
}

/* The same digest, options, name, reference and rerun number: the same key, in any process. */
static int32_t fill_job(struct run *run, struct item *item, const struct work *work, const struct work_texts *texts)
{
    char hex[2 * sizeof work->digest + 1];
    int32_t status = connect_job(run->client, run->options, &item->job);

    (void)sodium_bin2hex(hex, sizeof hex, work->digest, sizeof work->digest);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_sha256(item->job, hex);
    if (status == ANIMALDETECT_OK && texts->filename != NULL)
        status = animaldetect_job_set_filename(item->job, texts->filename);
    if (status == ANIMALDETECT_OK && texts->reference != NULL)
        status = animaldetect_job_set_client_reference_id(item->job, texts->reference);
    if (status == ANIMALDETECT_OK && work->rerun > 0)
        status = animaldetect_job_set_rerun(item->job, work->rerun);
    return status;
}

static int32_t make_job(struct run *run, struct item *item, const struct work *work)
{
    char path[2 * PATH_MAX];
    struct work_texts texts = {0};
    int32_t status = ANIMALDETECT_E_SAVED_JOB;

    (void)snprintf(path, sizeof path, "%s/%s", run->place.root, item->path);
    (void)ledger_work_texts(run->ledger, work->id, &texts);
    if (texts.saved != NULL)
        status = animaldetect_job_restore(run->client, texts.saved, strlen(texts.saved), &item->job);
    if (status == ANIMALDETECT_OK) {
        item->saved_stage = animaldetect_job_stage(item->job);
        if (item->saved_stage < ANIMALDETECT_STAGE_UPLOADED)
            (void)animaldetect_job_set_file(item->job, path); /* the root may have another path now */
    } else {
        status = fill_job(run, item, work, &texts); /* the key finds the job that there may be */
        if (status == ANIMALDETECT_OK)
            status = animaldetect_job_set_file(item->job, path);
    }
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_user_data(item->job, item);
    work_texts_free(&texts);
    return status;
}

/* ---- taking up ---- */

static bool is_under_way(const struct run *run, int64_t work)
{
    const struct items *const lists[] = {&run->running, &run->ready, &run->again};
    const struct item *item;

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        TAILQ_FOREACH(item, lists[i], link)
        {
            if (item->work == work)
                return true;
        }
    }
    return false;
}

/* The work's job is made; it is started after the next commit. */
static bool take_up(struct run *run, const struct work *work, const struct image *image, const char *path, size_t size)
{
    struct item *item = new_item(image, work->id, path, size);
    int32_t status = item == NULL ? ANIMALDETECT_E_NO_MEMORY : make_job(run, item, work);

    if (item == NULL) {
        complain("out of memory");
        run->stopped = 2;
        return false;
    }
    if (status != ANIMALDETECT_OK) {
        run_finish(run, item, status);
        return !run->is_broken;
    }
    if (run->ready_count++ == 0)
        run->ready_ms = now_ms();
    TAILQ_INSERT_TAIL(&run->ready, item, link);
    return true;
}

static bool is_unchanged(const struct run *run, const struct image *image, const char *path)
{
    struct stat facts;

    /* one that cannot be found may be uploaded already; if not, the library says so */
    return fstatat(walk_root(run->walk), path, &facts, 0) != 0 ||
           (facts.st_size == image->size && look_mtime_ns(&facts) == image->mtime_ns);
}

/* A work of an earlier run. */
static bool feed_pending(struct run *run)
{
    char path[PATH_MAX];
    const char *found;
    size_t size = 0;
    struct image image;
    struct work work;

    if (run->last_pending >= run->end_pending || !ledger_next_pending(run->ledger, run->last_pending, &work) ||
        work.id > run->end_pending) {
        run->last_pending = run->end_pending;
        return false;
    }
    run->last_pending = work.id;
    if (work.settings != run->settings || !ledger_image_of_work(run->ledger, work.id, &image, &found, &size))
        return true;
    (void)snprintf(path, sizeof path, "%.*s", (int)size, found); /* the row's bytes go with the next query */
    if (is_unchanged(run, &image, path))
        return take_up(run, &work, &image, path, size);
    image.work = 0;
    image.state = STATE_PENDING; /* returns later as a file that was not inspected */
    progress_add(run->progress, 1);
    return ledger_put_image(run->ledger, path, size, &image, NULL) || run_break(run);
}

/* ---- files that were not inspected yet ---- */

static bool add_work(struct run *run, const struct look *look, const char *path, struct work *work)
{
    const char *template = run->options->values[OPT_REFERENCE];
    char reference[REFERENCE_MAX + 1] = "";
    char hex[2 * sizeof look->digest + 1];
    char filename[sizeof hex + 8];

    (void)sodium_bin2hex(hex, sizeof hex, look->digest, sizeof look->digest);
    (void)snprintf(filename, sizeof filename, "%s%s", hex, look->ending);
    if (template != NULL)
        reference_of(template, path, reference);
    memcpy(work->digest, look->digest, sizeof work->digest);
    work->settings = run->settings;
    work->state = STATE_PENDING;
    return ledger_add_work(run->ledger, work, filename, reference, &look->taken) || run_break(run);
}

/* Its bytes are known: they are sent unless they were before. */
static bool feed_content(struct run *run, struct image *image, const struct look *look, const char *path, size_t size)
{
    struct work work;
    bool is_new;

    if (!ledger_find_work(run->ledger, look->digest, run->settings, &work))
        return run_break(run);
    is_new = work.id == 0;
    if (is_new && !add_work(run, look, path, &work))
        return false;
    image->work = work.id;
    image->state = STATE_PENDING;
    image->reason = REASON_NONE;
    if (!ledger_put_image(run->ledger, path, size, image, NULL))
        return run_break(run);
    if (work.state == STATE_PENDING && (is_new || !is_under_way(run, work.id)))
        return take_up(run, &work, image, path, size);
    progress_step(run->progress, path, work.state == STATE_FAILED);
    return true;
}

/* A card that was taken out, or not put in: what cannot be read now is not the images' fault. */
static bool is_root_there(const struct run *run)
{
    struct stat now;
    struct stat before;
    int file;

    if (fstat(walk_root(run->walk), &before) != 0 || stat(run->place.root, &now) != 0 || now.st_dev != before.st_dev)
        return false;
    file = open(run->place.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return false;
    (void)close(file);
    return true;
}

bool run_root_is_gone(struct run *run)
{
    if (run->is_gone || (run->files > 0 && is_root_there(run)))
        return run->is_gone;
    progress_clear(run->progress);
    complain("%s is %s: finishing what was uploaded; run the same command again for the rest", run->place.root,
             run->files > 0 ? "gone" : "empty, as if the card was removed");
    run->is_gone = true;
    return true;
}

static bool feed_unknown(struct run *run)
{
    struct image image = {.id = run->last_unknown};
    char path[PATH_MAX];
    const char *found;
    size_t size = 0;
    struct look look;
    int error = 0;

    if (!ledger_next_unknown(run->ledger, &image, &found, &size))
        return false;
    run->last_unknown = image.id;
    (void)snprintf(path, sizeof path, "%.*s", (int)size, found);
    look_at(walk_root(run->walk), path, &run->rules, &look, &error);
    if (error != 0 && run_root_is_gone(run))
        return false;
    if (error == 0) {
        image.size = look.size;
        image.mtime_ns = look.mtime_ns;
    }
    if (look.reason == REASON_NONE)
        return feed_content(run, &image, &look, path, size);
    image.state = look.state;
    image.reason = look.reason;
    progress_step(run->progress, path, look.state == STATE_FAILED);
    return ledger_put_image(run->ledger, path, size, &image, *look.detail != '\0' ? look.detail : NULL) ||
           run_break(run);
}

bool run_feed_one(struct run *run)
{
    if (run->is_fed || run->is_gone || run->is_broken)
        return false;
    if (feed_pending(run) || (run->last_pending >= run->end_pending && !run->is_broken && feed_unknown(run)))
        return true;
    run->is_fed = !run->is_broken;
    return false;
}
