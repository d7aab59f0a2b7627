/* SPDX-License-Identifier: MIT */
/*
 * A job's image: where it comes from, reading it in slices, and reading it again as the body of its upload.
 *
 * The first reading is for hashing; size and identity of a file are kept with the source.  The second one, the upload,
 * yields the same bytes, or fails before the last of them:
 *
 *   - Memory, and a file with the identity of the first reading, are not hashed again.
 *   - A reader, or a file with another identity (see image_file.h), is hashed as it is read. The last bytes are
 *     returned only if the digest is the job's. Exception: a reader whose digest was set by the host.
 *   - A file whose identity changes during the reading is read once more, and hashed.
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
    bool doubted;    /* the identity differed once, or may survive a write: hash at each reading */
    bool moved;      /* a reading failed although the file may have the right bytes: read once more */
    /*
     * The path comes from a saved text, which somebody else may have written: no byte of the file is sent before the
     * file was verified to be the image.
     */
    bool guarded;
    bool consumed;   /* a reader was read from, and must be rewound first */
    uint64_t size;   /* 0 while unknown (file) */
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
    struct ad_release *release; /* of what was borrowed; NULL when there is none to call */
};

/* Frees copied bytes, back to NONE.  The caller runs or defers the returned release. */
AD_CHECKED struct ad_release *ad_source_clear(struct ad_source *source);

/* One pass over an image. */
struct ad_reading {
    struct ad_source *source;
    uint64_t offset;
    uint64_t limit;     /* maximum accepted size */
    int fd;             /* -1 when no file is open */
    bool again;         /* not the first reading: yields the known bytes or fails */
    bool twice;         /* it was read whole, and then once more from the start */
    bool compares;      /* hashes as it reads, and compares before the last bytes */
    const uint8_t *sha256;            /* the expected digest; NULL unknown */
    struct ad_file_identity identity; /* of the open file */
    struct ad_digest digest;
    struct ad_file_fault fault; /* of the last failure */
};

void ad_reading_init(struct ad_reading *reading, struct ad_source *source, uint64_t limit);

/*
 * Opens for the first reading: determines the size of a file; rewinds a reader that was read before.  ANIMALDETECT_OK,
 * E_FILE, E_MEDIUM, E_NO_DESCRIPTORS, E_NO_MEMORY, E_FILE_CHANGED (another size than the known one), E_IMAGE_EMPTY,
 * E_IMAGE_TOO_LARGE, E_READER, the reader's own number, E_NO_INPUT.
 */
AD_CHECKED int32_t ad_reading_open(struct ad_reading *reading);

/* Opens for a later reading.  `sha256`, NULL if unknown, is borrowed until the close. */
AD_CHECKED int32_t ad_reading_open_again(struct ad_reading *reading, const uint8_t *sha256);

/*
 * Reads up to `size` bytes; returns the count, 0 at the end, or a negative status.  The last bytes are returned only
 * after a check: in the first reading that the file did not change meanwhile (E_FILE_UNFINISHED), in later ones that
 * the bytes are the known ones (E_FILE_CHANGED).
 */
int64_t ad_reading_next(struct ad_reading *reading, uint8_t *buffer, size_t size);

/* Whether it was read to the end, and so verified. */
bool ad_reading_is_whole(const struct ad_reading *reading);

/*
 * The bytes of a first reading are the image: records the file's identity.  `wall_s`: see
 * ad_file_may_be_rewritten_unseen.
 */
void ad_reading_keep(const struct ad_reading *reading, int64_t wall_s);

/* The same for memory, without a copy: a slice of at most `size` bytes; NULL for inputs that are not memory. */
const uint8_t *ad_reading_slice(struct ad_reading *reading, size_t size, size_t *got);

/* Hashes the whole image, from where it was opened.  False: it could not be read. */
bool ad_reading_digest(struct ad_reading *reading, uint8_t out[AD_DIGEST_SIZE]);

void ad_reading_close(struct ad_reading *reading); /* may be called repeatedly */

/* Lets the transport read a body; `context` is the ad_reading. */
extern const struct ad_body_ops ad_reading_body_ops;

#endif
