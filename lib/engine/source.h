/* SPDX-License-Identifier: MIT */
/*
 * A job's image: where it comes from, reading it in slices, and reading it again as the body of its upload.
 *
 * The first reading is to hash it; what it finds of a file (size, identity) is kept with the source.  The second one,
 * the upload, gives the same bytes or fails before the last of them:
 *
 *   - memory, and a file with the identity of the first reading, are not hashed again;
 *   - what a reader gives, and a file with another identity (see image_file.h), is hashed as it is read.  The last
 *     bytes are given only if the digest is the one that the job holds.  Not so for a reader of which the host has
 *     said the digest itself;
 *   - a file whose identity changes between the first and the last byte is read once more, and then hashed.
 *
 * A file is open only between `open` and `close` of a reading.
 */
#ifndef AD_ENGINE_SOURCE_H
#define AD_ENGINE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <animaldetect/types.h>

#include "base/check.h"
#include "base/digest.h"
#include "base/release.h"
#include "engine/image_file.h"
#include "protocol/saved.h"
#include "transport/body.h"

struct ad_source {
    enum ad_source_kind kind;
    bool identified; /* `identity` is that of a file with these bytes */
    bool doubted;    /* the identity was once another one, or may outlast a write: hashed at each reading */
    bool moved;      /* a reading failed although the file may have the right bytes: to be read once more */
    /*
     * The path is that of a saved text, which somebody else may have written: no byte of a file leaves that was not
     * seen to be the image before.
     */
    bool guarded;
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
    struct ad_release *release; /* of what was borrowed; NULL when nothing is owed */
};

/* Frees copied bytes, back to NONE.  What is owed to the host is the caller's to run, or to defer. */
AD_CHECKED struct ad_release *ad_source_clear(struct ad_source *source);

/* One pass over an image. */
struct ad_reading {
    struct ad_source *source;
    uint64_t offset;
    uint64_t limit;     /* largest size that is accepted */
    int fd;             /* -1 when no file is open */
    bool again;         /* not the first one: gives the known bytes or fails */
    bool twice;         /* it was given whole, and then from the start once more */
    bool compares;      /* hashes what it gives, and compares before the last bytes */
    const uint8_t *sha256; /* what it is to be; NULL not known */
    struct ad_file_identity identity; /* of the open file */
    struct ad_digest digest;
    struct ad_file_fault fault; /* of the last failure */
};

void ad_reading_init(struct ad_reading *reading, struct ad_source *source, uint64_t limit);

/*
 * Opens for the first time: takes the size of a file; a reader is rewound when it was read before.  ANIMALDETECT_OK,
 * E_FILE, E_MEDIUM, E_NO_DESCRIPTORS, E_NO_MEMORY, E_FILE_CHANGED (another size than the known one), E_IMAGE_EMPTY,
 * E_IMAGE_TOO_LARGE, E_READER, the reader's own number, E_NO_INPUT.
 */
AD_CHECKED int32_t ad_reading_open(struct ad_reading *reading);

/* Opens again what was read before.  `sha256`, NULL if it is not known, is borrowed until the close. */
AD_CHECKED int32_t ad_reading_open_again(struct ad_reading *reading, const uint8_t *sha256);

/*
 * Up to `size` bytes: how many, 0 at the end, or a negative status.  The last bytes are only given after a check: the
 * first time that the file did not change meanwhile (E_FILE_UNFINISHED), later that all are the known ones
 * (E_FILE_CHANGED).
 */
int64_t ad_reading_next(struct ad_reading *reading, uint8_t *buffer, size_t size);

/* Was it read to its end, and so found to be what it should be? */
bool ad_reading_is_whole(const struct ad_reading *reading);

/* The bytes of a first reading are the image: a file is known by this identity from now on.  `wall_s`: see
 * ad_file_may_be_rewritten_unseen. */
void ad_reading_keep(const struct ad_reading *reading, int64_t wall_s);

/* The same for memory without a copy: a slice of at most `size` bytes; NULL for inputs that are not memory. */
const uint8_t *ad_reading_slice(struct ad_reading *reading, size_t size, size_t *got);

/* Hashes all of it, from where it was opened.  False: it could not be read. */
bool ad_reading_digest(struct ad_reading *reading, uint8_t out[AD_DIGEST_SIZE]);

void ad_reading_close(struct ad_reading *reading); /* more than once is legal */

/* The transport's view of a reading; `context` is the ad_reading. */
extern const struct ad_body_ops ad_reading_body_ops;

#endif
