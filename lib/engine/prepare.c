/* SPDX-License-Identifier: MIT */
/*
 * The first step of a job: determines size, content type, SHA-256, file name and key.
 */
#include "engine/prepare.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/call.h"
#include "engine/quota.h"
#include "engine/unread.h"
#include "protocol/sniff.h"

#define CHUNK (32 * 1024)
#define REQUESTS_OF_A_RUN 4 /* create, submit, poll, fetch */
#define LEAST_READY 2

void ad_prepare_reset(animaldetect_job *job)
{
    if (job->remote.id != NULL || job->input.restored || job->input.source.kind != AD_SOURCE_FILE)
        return;
    job->input.prepared = false;
    job->input.source.identified = false;
    job->input.source.size = 0;
    job->input.has_sha256 = job->input.host_sha256 || job->input.verify_sha256;
    ad_job_drop_text(job, &job->key_text);
    if (job->input.sniffed)
        ad_job_drop_text(job, &job->input.content_type);
    job->input.sniffed = false;
}

/* The last component of a path, if it is valid in JSON. */
static int32_t name_after_path(animaldetect_job *job)
{
    const char *slash = strrchr(job->input.source.from.path, '/');
    const char *name = slash == NULL ? job->input.source.from.path : slash + 1;
    char clean[256];

    ad_text_quote(clean, sizeof clean, name, strlen(name));
    return ad_job_set_text(job, &job->input.filename, clean);
}

/* The service requires a file name for every upload: derived from the type, so that equal payloads have equal names. */
static int32_t name_after_type(animaldetect_job *job)
{
    const char *slash = strchr(job->input.content_type, '/');
    char name[48];

    (void)snprintf(name, sizeof name, "image.%.32s",
                   slash == NULL                    ? "bin"
                   : strcmp(slash + 1, "jpeg") == 0 ? "jpg"
                                                    : slash + 1);
    return ad_job_set_text(job, &job->input.filename, name);
}

static int32_t name_image(animaldetect_job *job)
{
    if (job->input.filename != NULL)
        return ANIMALDETECT_OK;
    return job->input.source.kind == AD_SOURCE_FILE ? name_after_path(job) : name_after_type(job);
}

static int32_t random_key(animaldetect_job *job)
{
    char key[AD_KEY_SIZE];

    if (job->input.key != NULL)
        return ANIMALDETECT_OK;
    ad_payload_random_key(key);
    job->input.random_key = true;
    return ad_job_set_text(job, &job->input.key, key);
}

/* Everything is known: continue with the create. */
static void prepare_finish(struct ad_engine *engine, animaldetect_job *job)
{
    int32_t status = job->input.source.kind == AD_SOURCE_URL ? ANIMALDETECT_OK : name_image(job);

    ad_hashing_close(&engine->hashing, job);
    if (status != ANIMALDETECT_OK) {
        ad_call_refuse(engine, job, status, NULL);
        return;
    }
    job->input.prepared = true;
    ad_call_schedule(engine, job);
}

static void prepare_fail(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason)
{
    ad_hashing_close(&engine->hashing, job);
    ad_call_refuse(engine, job, status, reason);
}

/* The image cannot be read. */
static void prepare_fail_source(struct ad_engine *engine, animaldetect_job *job, int32_t status,
                                struct ad_file_fault fault)
{
    ad_hashing_close(&engine->hashing, job);
    ad_unread(engine, job, status, &fault);
}

/* A single-pass reader is uploaded without being read first; the image of a source URL is not read at all. */
static bool needs_reading(const animaldetect_job *job)
{
    if (job->input.source.kind == AD_SOURCE_URL)
        return false;
    return job->input.source.kind != AD_SOURCE_READER || job->input.source.from.reader.rewind != NULL;
}

static void prepare_begin(struct ad_engine *engine, animaldetect_job *job)
{
    int32_t status;

    if (!needs_reading(job)) {
        if (job->input.source.kind == AD_SOURCE_READER && !job->input.has_sha256 &&
            (status = random_key(job)) != ANIMALDETECT_OK)
            prepare_fail(engine, job, status, NULL);
        else if (job->input.source.kind == AD_SOURCE_READER && job->input.source.size > engine->config->max_image_bytes)
            prepare_fail(engine, job, ANIMALDETECT_E_IMAGE_TOO_LARGE, NULL);
        else
            prepare_finish(engine, job);
        return;
    }
    status = ad_hashing_open(&engine->hashing, job, engine->config->max_image_bytes);
    if (status != ANIMALDETECT_OK)
        prepare_fail_source(engine, job, status, engine->hashing.reading.fault);
}

static int32_t prepare_sniff(animaldetect_job *job, const uint8_t *bytes, size_t size)
{
    const char *type = job->input.content_type != NULL ? job->input.content_type : ad_sniff(bytes, size);

    job->input.sniffed = job->input.sniffed || job->input.content_type == NULL;
    return type == NULL ? ANIMALDETECT_E_IMAGE_TYPE : ad_job_set_text(job, &job->input.content_type, type);
}

static int64_t wall_s(const struct ad_engine *engine)
{
    return engine->transport->ops->wall_s(engine->transport);
}

/* The digest is complete. */
static void prepare_conclude(struct ad_engine *engine, animaldetect_job *job)
{
    uint8_t seen[AD_DIGEST_SIZE];

    ad_digest_end(&engine->hashing.digest, seen);
    if (job->input.verify_sha256 && job->input.has_sha256 && memcmp(seen, job->input.sha256, sizeof seen) != 0) {
        prepare_fail_source(engine, job, ANIMALDETECT_E_FILE_CHANGED,
                            (struct ad_file_fault){.reason = "the image is not that of the saved job"});
        return;
    }
    ad_reading_keep(&engine->hashing.reading, wall_s(engine));
    memcpy(job->input.sha256, seen, sizeof seen);
    job->input.has_sha256 = true;
    prepare_finish(engine, job);
}

/* The next bytes of the image; those in memory are not copied into `chunk`.  The reading has the reason of an error. */
static int32_t read_piece(struct ad_reading *reading, uint8_t chunk[CHUNK], const uint8_t **bytes, size_t *size)
{
    int64_t got;

    *bytes = ad_reading_slice(reading, CHUNK, size);
    if (*bytes != NULL)
        return ANIMALDETECT_OK;
    got = ad_reading_next(reading, chunk, CHUNK);
    if (got < 0)
        return (int32_t)got;
    *bytes = chunk;
    *size = (size_t)got;
    return ANIMALDETECT_OK;
}

/* Processes one piece of the image; after the last one, or a failure, the job leaves the queue. */
static void prepare_piece(struct ad_engine *engine, animaldetect_job *job)
{
    struct ad_reading *reading = &engine->hashing.reading;
    bool first = reading->offset == 0;
    uint8_t chunk[CHUNK];
    const uint8_t *bytes;
    size_t size;
    int32_t status = read_piece(reading, chunk, &bytes, &size);

    if (status != ANIMALDETECT_OK) {
        prepare_fail_source(engine, job, status, reading->fault);
        return;
    }
    status = first ? prepare_sniff(job, bytes, size) : ANIMALDETECT_OK;
    if (status != ANIMALDETECT_OK) {
        prepare_fail_source(engine, job, status, (struct ad_file_fault){.reason = NULL});
        return;
    }
    if (job->input.has_sha256 && !job->input.verify_sha256) {
        ad_reading_keep(reading, wall_s(engine));
        prepare_finish(engine, job); /* the digest was given */
        return;
    }
    ad_digest_add(&engine->hashing.digest, bytes, size);
    if (reading->offset == job->input.source.size)
        prepare_conclude(engine, job);
}

/*
 * How many images may be ready ahead of their creates.  With a quota as many as are sent in a minute, at least the
 * burst; a run needs four requests or more.  Without one, a create for each slot: enough to fill all slots until the
 * next iteration.
 */
static size_t most_ready(struct ad_engine *engine, enum ad_hash_line line)
{
    int64_t rate = ad_quota_rate_per_minute_x1000(engine) / 1000;
    int64_t most = line == AD_HASH_NEW ? rate / REQUESTS_OF_A_RUN : rate;

    if (rate == 0)
        most = engine->config->max_requests;
    else if (most <= engine->pacer.burst)
        most = engine->pacer.burst + 1;
    return most < LEAST_READY ? LEAST_READY : (size_t)most;
}

/* Whether it would go before all ready ones, or its blocked thread must be told why nothing is sent. */
static bool is_urgent(const animaldetect_job *job, const animaldetect_job *first)
{
    return job->call.ahead || (first != NULL && job->input.priority < first->input.priority);
}

/* The image to continue with; NULL when there is none, or none that is due. */
static animaldetect_job *next_image(struct ad_engine *engine)
{
    static const enum ad_class classes[] = {
        [AD_HASH_UNDER_WAY] = AD_CLASS_UPLOAD, [AD_HASH_FREE] = AD_CLASS_FREE_CREATE, [AD_HASH_NEW] = AD_CLASS_CREATE};
    const struct ad_hashing *hashing = &engine->hashing;

    if (hashing->job != NULL)
        return hashing->job;
    for (int line = 0; line < AD_HASH_LINES; line++) {
        animaldetect_job *job = ad_queue_first(&hashing->lines[line]);
        const struct ad_queue *ready = &engine->waiting[classes[line]];

        if (job == NULL)
            continue;
        if (line == AD_HASH_UNDER_WAY || ad_queue_count(ready) < most_ready(engine, (enum ad_hash_line)line) ||
            is_urgent(job, ad_queue_first(ready)))
            return job;
    }
    return NULL;
}

bool ad_prepare_some(struct ad_engine *engine)
{
    size_t budget = AD_PREPARE_SLICE;
    animaldetect_job *job;

    while (budget > 0 && (job = next_image(engine)) != NULL) {
        uint64_t before;
        uint64_t used;

        if (budget < AD_PREPARE_SLICE && ad_engine_slice_is_over(engine))
            break;
        if (engine->hashing.job != job) {
            prepare_begin(engine, job);
            /* opening has a cost too: many tiny files must not make an iteration long */
            budget -= budget < CHUNK / 4 ? budget : CHUNK / 4;
            continue;
        }
        before = engine->hashing.reading.offset;
        prepare_piece(engine, job);
        used = engine->hashing.reading.offset - before;
        budget -= used < budget ? (size_t)used : budget;
    }
    return next_image(engine) != NULL;
}
