/* SPDX-License-Identifier: MIT */
/*
 * Reads an image from a file, memory, or the host's reader, with the checks of source.h.  Never yields the last bytes
 * of anything but the image.
 */
#include "engine/source.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ad_release *ad_source_clear(struct ad_source *source)
{
    struct ad_release *owed = source->release;

    if (source->kind == AD_SOURCE_BYTES)
        free((void *)(uintptr_t)source->from.bytes);
    memset(source, 0, sizeof *source);
    return owed;
}

void ad_reading_init(struct ad_reading *reading, struct ad_source *source, uint64_t limit)
{
    memset(reading, 0, sizeof *reading);
    reading->source = source;
    reading->limit = limit;
    reading->fd = -1;
    reading->fault.reason = "";
}

static int32_t source_refuse(struct ad_reading *reading, int32_t status, const char *reason)
{
    reading->fault = (struct ad_file_fault){.reason = reason};
    return status;
}

/* The first reading of a file: takes its size, unless that is known already. */
static int32_t take_file(struct ad_reading *reading, const struct ad_file_facts *facts)
{
    struct ad_source *source = reading->source;

    if (source->size != 0 && facts->size != source->size)
        return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED,
                             "the size of the file differs from that of the saved job");
    if (facts->size == 0)
        return source_refuse(reading, ANIMALDETECT_E_IMAGE_EMPTY, "the file is empty");
    source->size = facts->size;
    return ANIMALDETECT_OK;
}

/* It may still have the right bytes; only reading them again can tell. */
static int32_t doubt(struct ad_reading *reading)
{
    reading->source->doubted = true;
    reading->source->moved = true;
    return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED, "the file changed after it was hashed");
}

/* A later reading: an equal identity means equal bytes, any other one requires a comparison. */
static int32_t recognize_file(struct ad_reading *reading, const struct ad_file_facts *facts)
{
    struct ad_source *source = reading->source;
    bool known = source->identified && ad_file_is_same(&facts->identity, &source->identity);

    if (facts->size != source->size)
        return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED, "the size of the file changed after it was hashed");
    source->doubted = source->doubted || !known;
    reading->compares = source->doubted;
    if (!reading->compares)
        return ANIMALDETECT_OK;
    /* An attacker cannot set a file's ctime; FAT does not keep inode numbers. */
    if (source->guarded && !(source->identified && ad_file_has_same_times(&facts->identity, &source->identity)))
        return doubt(reading);
    if (reading->sha256 == NULL)
        return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED, "the file changed after it was first read");
    return ANIMALDETECT_OK;
}

static int32_t examine_file(struct ad_reading *reading)
{
    struct ad_file_facts facts;
    int32_t status = ad_file_examine(reading->fd, &facts, &reading->fault);

    if (status != ANIMALDETECT_OK)
        return status;
    reading->identity = facts.identity;
    return reading->again ? recognize_file(reading, &facts) : take_file(reading, &facts);
}

static int32_t open_file(struct ad_reading *reading)
{
    struct ad_source *source = reading->source;
    int32_t status = ad_file_open(source->from.path, &source->identity, &reading->fd, &reading->fault);

    return status == ANIMALDETECT_OK ? examine_file(reading) : status;
}

/* Numbers from ANIMALDETECT_E_HOST down are the host's own. */
static int32_t fail_reader(struct ad_reading *reading, int64_t number, const char *reason)
{
    bool own = number <= ANIMALDETECT_E_HOST && number >= INT32_MIN;

    return source_refuse(reading, own ? (int32_t)number : ANIMALDETECT_E_READER, reason);
}

static int32_t open_reader(struct ad_reading *reading)
{
    struct ad_source *source = reading->source;
    int32_t status;

    reading->compares = reading->again && reading->sha256 != NULL;
    if (!source->consumed)
        return ANIMALDETECT_OK;
    if (source->from.reader.rewind == NULL)
        return source_refuse(reading, ANIMALDETECT_E_READER, "the reader cannot be rewound for a retry");
    status = source->from.reader.rewind(source->from.reader.user);
    if (status != 0)
        return fail_reader(reading, status, "the rewind callback failed");
    source->consumed = false;
    return ANIMALDETECT_OK;
}

static int32_t reading_open(struct ad_reading *reading)
{
    struct ad_source *source = reading->source;
    int32_t status = ANIMALDETECT_OK;

    ad_reading_close(reading);
    reading->offset = 0;
    reading->compares = false;
    ad_digest_begin(&reading->digest);
    switch (source->kind) {
    case AD_SOURCE_FILE:
        status = open_file(reading);
        break;
    case AD_SOURCE_READER:
        status = open_reader(reading);
        break;
    case AD_SOURCE_BYTES:
    case AD_SOURCE_BORROWED:
        break;
    case AD_SOURCE_NONE:
    case AD_SOURCE_URL:
        return source_refuse(reading, ANIMALDETECT_E_NO_INPUT, "image data is required but not set");
    }
    if (status == ANIMALDETECT_OK && source->size > reading->limit)
        status = source_refuse(reading, ANIMALDETECT_E_IMAGE_TOO_LARGE, "the image is larger than the limit");
    if (status != ANIMALDETECT_OK)
        ad_reading_close(reading);
    return status;
}

int32_t ad_reading_open(struct ad_reading *reading)
{
    reading->again = false;
    reading->sha256 = NULL;
    return reading_open(reading);
}

int32_t ad_reading_open_again(struct ad_reading *reading, const uint8_t *sha256)
{
    /* An image of a job with a random key may never have been hashed: then this is the first reading. */
    reading->again = reading->source->identified || sha256 != NULL;
    reading->sha256 = sha256;
    return reading_open(reading);
}

/* Checks a file before its last bytes are returned.  If they are compared, the comparison decides. */
static int32_t check_file(struct ad_reading *reading)
{
    struct ad_file_facts facts;
    int32_t status;

    if (reading->compares)
        return ANIMALDETECT_OK;
    status = ad_file_examine(reading->fd, &facts, &reading->fault);
    if (status != ANIMALDETECT_OK)
        return status;
    if (facts.size == reading->source->size && ad_file_is_same(&facts.identity, &reading->identity))
        return ANIMALDETECT_OK;
    if (!reading->again &&
        ad_file_is_unwritten(&facts, &(struct ad_file_facts){reading->identity, reading->source->size}))
        return ANIMALDETECT_OK; /* the upload finds another identity, and compares */
    if (!reading->again)
        return source_refuse(reading, ANIMALDETECT_E_FILE_UNFINISHED,
                             "the file changed while it was hashed: it is still being written");
    if (facts.size != reading->source->size)
        return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED,
                             "the size of the file changed while it was uploaded");
    return doubt(reading);
}

static int64_t next_of_file(struct ad_reading *reading, uint8_t *buffer, size_t size)
{
    int64_t got = ad_file_read(reading->fd, buffer, size, reading->offset, &reading->fault);
    int32_t status = ANIMALDETECT_OK;

    if (got < 0)
        return got;
    if (got == 0)
        return reading->again ? source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED,
                                              "the file became shorter while it was uploaded")
                              : source_refuse(reading, ANIMALDETECT_E_FILE_UNFINISHED,
                                              "the file became shorter while it was hashed: it is still being written");
    if (reading->offset + (uint64_t)got == reading->source->size)
        status = check_file(reading);
    return status == ANIMALDETECT_OK ? got : status;
}

static int64_t next_of_reader(struct ad_reading *reading, uint8_t *buffer, size_t size)
{
    int64_t got;

    reading->source->consumed = true;
    got = reading->source->from.reader.read(reading->source->from.reader.user, buffer, size);
    if (got < 0)
        return fail_reader(reading, got, "the read callback failed");
    if ((uint64_t)got > size)
        return source_refuse(reading, ANIMALDETECT_E_READER,
                             "the read callback returned more bytes than the buffer holds");
    if (got == 0)
        return source_refuse(reading, ANIMALDETECT_E_READER,
                             "the read callback returned fewer bytes than the announced size");
    return got;
}

/* Hashes what was read.  At the end, checks that it is the expected image. */
static int32_t compare(struct ad_reading *reading, const uint8_t *bytes, size_t size)
{
    uint8_t seen[AD_DIGEST_SIZE];

    ad_digest_add(&reading->digest, bytes, size);
    if (reading->offset + size < reading->source->size)
        return ANIMALDETECT_OK;
    ad_digest_end(&reading->digest, seen);
    if (memcmp(seen, reading->sha256, sizeof seen) == 0)
        return ANIMALDETECT_OK;
    return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED,
                         "the image changed after it was hashed: the bytes differ");
}

int64_t ad_reading_next(struct ad_reading *reading, uint8_t *buffer, size_t size)
{
    struct ad_source *source = reading->source;
    uint64_t left = source->size - reading->offset;
    int64_t got = 0;

    if (left == 0)
        return 0;
    if (size > left)
        size = (size_t)left;
    switch (source->kind) {
    case AD_SOURCE_FILE:
        got = next_of_file(reading, buffer, size);
        break;
    case AD_SOURCE_READER:
        got = next_of_reader(reading, buffer, size);
        break;
    case AD_SOURCE_BYTES:
    case AD_SOURCE_BORROWED:
        memcpy(buffer, source->from.bytes + reading->offset, size);
        got = (int64_t)size;
        break;
    case AD_SOURCE_NONE:
    case AD_SOURCE_URL:
        return ANIMALDETECT_E_NO_INPUT; /* never opened */
    }
    if (got > 0 && reading->compares) {
        int32_t status = compare(reading, buffer, (size_t)got);

        if (status != ANIMALDETECT_OK)
            return status;
    }
    if (got > 0)
        reading->offset += (uint64_t)got;
    return got;
}

bool ad_reading_is_whole(const struct ad_reading *reading)
{
    return reading->offset == reading->source->size;
}

void ad_reading_keep(const struct ad_reading *reading, int64_t wall_s)
{
    struct ad_source *source = reading->source;

    if (source->kind != AD_SOURCE_FILE)
        return;
    source->identity = reading->identity;
    source->identified = true;
    source->doubted = ad_file_may_be_rewritten_unseen(&reading->identity, wall_s);
    source->moved = false;
}

const uint8_t *ad_reading_slice(struct ad_reading *reading, size_t size, size_t *got)
{
    const struct ad_source *source = reading->source;
    const uint8_t *bytes;
    uint64_t left = source->size - reading->offset;

    if (source->kind != AD_SOURCE_BYTES && source->kind != AD_SOURCE_BORROWED)
        return NULL;
    bytes = source->from.bytes + reading->offset;
    *got = left < size ? (size_t)left : size;
    reading->offset += *got;
    return bytes;
}

static int32_t reading_rewind(struct ad_reading *reading)
{
    if (ad_reading_is_whole(reading))
        reading->twice = true;
    if (reading->source->kind == AD_SOURCE_FILE && reading->fd >= 0) {
        reading->offset = 0;
        ad_digest_begin(&reading->digest);
        return examine_file(reading);
    }
    return reading_open(reading);
}

bool ad_reading_digest(struct ad_reading *reading, uint8_t out[AD_DIGEST_SIZE])
{
    struct ad_digest digest;
    uint8_t piece[32 * 1024];
    int64_t got;

    ad_digest_begin(&digest);
    while ((got = ad_reading_next(reading, piece, sizeof piece)) > 0)
        ad_digest_add(&digest, piece, (size_t)got);
    ad_digest_end(&digest, out);
    return got == 0;
}

void ad_reading_close(struct ad_reading *reading)
{
    if (reading->fd >= 0)
        close(reading->fd);
    reading->fd = -1;
}

static int64_t body_read(void *context, uint8_t *buffer, size_t size)
{
    return ad_reading_next(context, buffer, size);
}

static int32_t body_rewind(void *context)
{
    return reading_rewind(context);
}

const struct ad_body_ops ad_reading_body_ops = {body_read, body_rewind};
