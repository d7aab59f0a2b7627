/* SPDX-License-Identifier: MIT */
/*
 * A job's image: where it comes from, reading it in slices, and reading it again as the body of its
 * upload.  A file is open only between `open` and `close` of a reading, and must be the same file, unchanged, every
 * time.
 */
#ifndef AD_ENGINE_SOURCE_H
#define AD_ENGINE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <animaldetect/types.h>

#include "base/check.h"
#include "base/digest.h"
#include "protocol/saved.h"
#include "transport/body.h"

/* What tells one content of a file from another (stat(2)); all zero while not taken. */
struct ad_file_identity {
    uint64_t device;
    uint64_t inode;
    int64_t modified_s;
    int64_t changed_s;
    uint32_t modified_ns;
    uint32_t changed_ns;
};

struct ad_source {
    enum ad_source_kind kind;
    bool identified; /* `identity` was taken */
    bool consumed;   /* a reader was read from, and must be rewound first */
    uint64_t size;   /* 0 while not known (file) */
    union {
        const char *path;     /* FILE; in the job's arena */
        const uint8_t *bytes; /* BYTES (malloc), BORROWED */
        const char *url;      /* SOURCE_URL; in the job's arena */
        struct {
            animaldetect_read_callback read;
            animaldetect_rewind_callback rewind;
            void *user;
        } reader;
    } from;
    struct ad_file_identity identity;
};

void ad_source_clear(struct ad_source *source); /* frees copied bytes, back to NONE */

/* One pass over an image. */
struct ad_reading {
    struct ad_source *source;
    uint64_t offset;
    uint64_t limit;     /* largest size that is accepted */
    int fd;             /* -1 when no file is open */
    int32_t error;      /* errno of the last failure, 0 for none */
    const char *reason; /* words for the last failure; static */
};

void ad_reading_init(struct ad_reading *reading, struct ad_source *source, uint64_t limit);

/*
 * Opens (a file is checked against its identity, or its identity and size are taken; a reader is rewound when it was
 * read before). ANIMALDETECT_OK, E_FILE, E_FILE_CHANGED, E_IMAGE_EMPTY, E_IMAGE_TOO_LARGE, E_READER, E_NO_INPUT.
 */
AD_CHECKED int32_t ad_reading_open(struct ad_reading *reading);

/*
 * Up to `size` bytes: how many, 0 at the end, or a negative status.  The last bytes are only given after a check that
 * the source is still what it was: a changed file is never read to its end.
 */
int64_t ad_reading_next(struct ad_reading *reading, uint8_t *buffer, size_t size);

/* The same for memory without a copy: a slice of at most `size` bytes; NULL for inputs that are not memory. */
const uint8_t *ad_reading_slice(struct ad_reading *reading, size_t size, size_t *got);

/* Hashes all of it, from where it was opened.  False: it could not be read. */
bool ad_reading_digest(struct ad_reading *reading, uint8_t out[AD_DIGEST_SIZE]);

void ad_reading_close(struct ad_reading *reading); /* more than once is legal */

/* The transport's view of a reading; `context` is the ad_reading. */
extern const struct ad_body_ops ad_reading_body_ops;

#endif
