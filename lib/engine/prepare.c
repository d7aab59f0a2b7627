/* SPDX-License-Identifier: MIT */
/*
 * The first step of a job: size, content type, SHA-256, file name, key.
 */
#include "engine/prepare.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "engine/call.h"
#include "protocol/sniff.h"

#define CHUNK (32 * 1024)

void ad_prepare_reset(animaldetect_job *job)
{
    if (job->remote.id != NULL || job->input.restored || job->input.source.kind != AD_SOURCE_FILE)
        return;
    job->input.prepared = false;
    job->input.source.identified = false;
    job->input.source.size = 0;
    job->input.has_sha256 = job->input.host_sha256;
    job->key_text = NULL;
    if (job->input.sniffed)
        job->input.content_type = NULL;
    job->input.sniffed = false;
}

/* The last part of a path, as text that may stand in JSON. */
static int32_t name_after_path(animaldetect_job *job)
{
    const char *slash = strrchr(job->input.source.from.path, '/');
    const char *name = slash == NULL ? job->input.source.from.path : slash + 1;
    char clean[256];

    ad_text_quote(clean, sizeof clean, name, strlen(name));
    return ad_job_set_text(job, &job->input.filename, clean);
}

/* The service wants a file name for every upload: one that says the type, the same for the same payload. */
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

/* Everything is known: on with the create. */
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
    engine->os_error = engine->hashing.job == job ? engine->hashing.reading.error : 0;
    ad_hashing_close(&engine->hashing, job);
    ad_call_fail_source(engine, job, status, reason);
}

/* A single-pass reader is uploaded without being read first; a source URL has nothing to read. */
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
        prepare_fail(engine, job, status, engine->hashing.reading.reason);
}

static int32_t prepare_sniff(animaldetect_job *job, const uint8_t *bytes, size_t size)
{
    const char *type = job->input.content_type != NULL ? job->input.content_type : ad_sniff(bytes, size);

    job->input.sniffed = job->input.sniffed || job->input.content_type == NULL;
    return type == NULL ? ANIMALDETECT_E_IMAGE_TYPE : ad_job_set_text(job, &job->input.content_type, type);
}

/* The digest is complete. */
static void prepare_conclude(struct ad_engine *engine, animaldetect_job *job)
{
    uint8_t seen[AD_DIGEST_SIZE];

    ad_digest_end(&engine->hashing.digest, seen);
    if (job->input.verify_sha256 && job->input.has_sha256 && memcmp(seen, job->input.sha256, sizeof seen) != 0) {
        prepare_fail(engine, job, ANIMALDETECT_E_FILE_CHANGED, "the image is not the one that the job was saved with");
        return;
    }
    memcpy(job->input.sha256, seen, sizeof seen);
    job->input.has_sha256 = true;
    prepare_finish(engine, job);
}

/* The next bytes of the image; those of memory are not copied into `chunk`.  An error's reason is in the reading. */
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

/* One piece of the image; with the last one, or a failure, the job leaves the queue. */
static void prepare_piece(struct ad_engine *engine, animaldetect_job *job)
{
    struct ad_reading *reading = &engine->hashing.reading;
    bool first = reading->offset == 0;
    uint8_t chunk[CHUNK];
    const uint8_t *bytes;
    size_t size;
    int32_t status = read_piece(reading, chunk, &bytes, &size);

    if (status != ANIMALDETECT_OK) {
        prepare_fail(engine, job, status, reading->reason);
        return;
    }
    status = first ? prepare_sniff(job, bytes, size) : ANIMALDETECT_OK;
    if (status != ANIMALDETECT_OK) {
        reading->error = 0;
        prepare_fail(engine, job, status, NULL);
        return;
    }
    if (job->input.has_sha256 && !job->input.verify_sha256) {
        prepare_finish(engine, job); /* the digest was given */
        return;
    }
    ad_digest_add(&engine->hashing.digest, bytes, size);
    if (reading->offset == job->input.source.size)
        prepare_conclude(engine, job);
}

bool ad_prepare_some(struct ad_engine *engine)
{
    size_t budget = AD_PREPARE_SLICE;
    struct ad_list_node *node;

    while (budget > 0 && (node = ad_list_first(&engine->hashing.queue)) != NULL) {
        animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.queue);
        uint64_t before;
        uint64_t used;

        if (budget < AD_PREPARE_SLICE && ad_engine_slice_is_over(engine))
            break;
        if (engine->hashing.job != job) {
            prepare_begin(engine, job);
            /* opening costs something too: many tiny files must not make an iteration long */
            budget -= budget < CHUNK / 4 ? budget : CHUNK / 4;
            continue;
        }
        before = engine->hashing.reading.offset;
        prepare_piece(engine, job);
        used = engine->hashing.reading.offset - before;
        budget -= used < budget ? (size_t)used : budget;
    }
    return ad_list_first(&engine->hashing.queue) != NULL;
}
