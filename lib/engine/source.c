/* SPDX-License-Identifier: MIT */
/*
 * Reading an image: files with the check that they are still the same, memory, and the host's readers.
 */
#include "engine/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void ad_source_clear(struct ad_source *source)
{
    if (source->kind == AD_SOURCE_BYTES)
        free((void *)(uintptr_t)source->from.bytes);
    memset(source, 0, sizeof *source);
}

void ad_reading_init(struct ad_reading *reading, struct ad_source *source, uint64_t limit)
{
    memset(reading, 0, sizeof *reading);
    reading->source = source;
    reading->limit = limit;
    reading->fd = -1;
    reading->reason = "";
}

static int32_t source_refuse(struct ad_reading *reading, int32_t status, const char *reason, int error)
{
    reading->reason = reason;
    reading->error = error;
    return status;
}

static struct ad_file_identity identity_of(const struct stat *facts)
{
    struct ad_file_identity identity = {0};

    identity.device = (uint64_t)facts->st_dev;
    identity.inode = (uint64_t)facts->st_ino;
    identity.modified_s = (int64_t)facts->st_mtim.tv_sec;
    identity.modified_ns = (uint32_t)facts->st_mtim.tv_nsec;
    identity.changed_s = (int64_t)facts->st_ctim.tv_sec;
    identity.changed_ns = (uint32_t)facts->st_ctim.tv_nsec;
    return identity;
}

static bool same_identity(const struct ad_file_identity *a, const struct ad_file_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->modified_s == b->modified_s &&
           a->modified_ns == b->modified_ns && a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

/* Takes identity and size at the first reading, compares them at every later one. */
static int32_t check_file(struct ad_reading *reading)
{
    struct ad_source *source = reading->source;
    struct ad_file_identity identity;
    struct stat facts;

    if (fstat(reading->fd, &facts) != 0)
        return source_refuse(reading, ANIMALDETECT_E_FILE, "cannot read the file's size", errno);
    if (!S_ISREG(facts.st_mode))
        return source_refuse(reading, ANIMALDETECT_E_FILE,
                             S_ISDIR(facts.st_mode) ? "is a directory" : "is not a regular file", 0);
    identity = identity_of(&facts);
    if (source->identified) {
        if ((uint64_t)facts.st_size != source->size || !same_identity(&identity, &source->identity))
            return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED, "the file changed after it was hashed", 0);
        return ANIMALDETECT_OK;
    }
    if (source->size != 0 && (uint64_t)facts.st_size != source->size)
        return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED,
                             "the file has another size than when the job was saved", 0);
    if (facts.st_size <= 0)
        return source_refuse(reading, ANIMALDETECT_E_IMAGE_EMPTY, "the file is empty", 0);
    source->identity = identity;
    source->size = (uint64_t)facts.st_size;
    source->identified = true;
    return ANIMALDETECT_OK;
}

static int32_t open_file(struct ad_reading *reading)
{
    /* O_NONBLOCK: a FIFO without a writer must not hang the client; it has no effect on a regular file. */
    do
        reading->fd = open(reading->source->from.path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    while (reading->fd < 0 && errno == EINTR);
    /* The file is not to blame; the same call may succeed later. */
    if (reading->fd < 0 && (errno == EMFILE || errno == ENFILE))
        return source_refuse(reading, ANIMALDETECT_E_SYSTEM,
                             "no file descriptors are left: raise the limit or lower max_active", errno);
    if (reading->fd < 0)
        return source_refuse(reading, ANIMALDETECT_E_FILE, "cannot open the file", errno);
    return check_file(reading);
}

static int32_t open_reader(struct ad_reading *reading)
{
    struct ad_source *source = reading->source;

    if (!source->consumed)
        return ANIMALDETECT_OK;
    if (source->from.reader.rewind == NULL)
        return source_refuse(reading, ANIMALDETECT_E_READER, "the reader cannot be rewound for another try", 0);
    if (source->from.reader.rewind(source->from.reader.user) != 0)
        return source_refuse(reading, ANIMALDETECT_E_READER, "the reader failed to rewind", 0);
    source->consumed = false;
    return ANIMALDETECT_OK;
}

int32_t ad_reading_open(struct ad_reading *reading)
{
    struct ad_source *source = reading->source;
    int32_t status = ANIMALDETECT_OK;

    ad_reading_close(reading);
    reading->offset = 0;
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
        return source_refuse(reading, ANIMALDETECT_E_NO_INPUT, "the image's bytes are needed and were not set", 0);
    }
    if (status == ANIMALDETECT_OK && source->size > reading->limit)
        status = source_refuse(reading, ANIMALDETECT_E_IMAGE_TOO_LARGE, "the image is larger than the limit", 0);
    if (status != ANIMALDETECT_OK)
        ad_reading_close(reading);
    return status;
}

static int64_t next_of_file(struct ad_reading *reading, uint8_t *buffer, size_t size)
{
    ssize_t got;

    do
        got = pread(reading->fd, buffer, size, (off_t)reading->offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return source_refuse(reading, ANIMALDETECT_E_FILE, "cannot read the file", errno);
    if (got == 0)
        return source_refuse(reading, ANIMALDETECT_E_FILE_CHANGED, "the file became shorter while it was read", 0);
    /* Nothing that came from a changed file may be taken for the image: checked before the last bytes are given away.
     */
    if (reading->offset + (uint64_t)got == reading->source->size) {
        int32_t status = check_file(reading);

        if (status != ANIMALDETECT_OK)
            return status;
    }
    return got;
}

static int64_t next_of_reader(struct ad_reading *reading, uint8_t *buffer, size_t size)
{
    int64_t got;

    reading->source->consumed = true;
    got = reading->source->from.reader.read(reading->source->from.reader.user, buffer, size);
    if (got < 0)
        return source_refuse(reading, ANIMALDETECT_E_READER, "the reader reported a failure", 0);
    if ((uint64_t)got > size)
        return source_refuse(reading, ANIMALDETECT_E_READER, "the reader gave more bytes than there was room for", 0);
    if (got == 0)
        return source_refuse(reading, ANIMALDETECT_E_READER, "the reader gave fewer bytes than its size", 0);
    return got;
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
    if (got > 0)
        reading->offset += (uint64_t)got;
    return got;
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
    if (reading->source->kind == AD_SOURCE_FILE && reading->fd >= 0) {
        reading->offset = 0;
        return check_file(reading);
    }
    return ad_reading_open(reading);
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
