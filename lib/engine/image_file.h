/* SPDX-License-Identifier: MIT */
/*
 * Files of images: opening one, what tells it from another, and whose fault it is when it cannot be read.
 */
#ifndef AD_ENGINE_IMAGE_FILE_H
#define AD_ENGINE_IMAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/types.h>

#include "base/check.h"

/*
 * What tells one content of a file from another (stat(2)).  An equal identity means equal bytes.  Another one does not
 * mean other bytes: FAT and exFAT keep no inode numbers, and chmod, a hard link or a restore change the times.
 */
struct ad_file_identity {
    uint64_t device;
    uint64_t inode;
    int64_t modified_s;
    int64_t changed_s;
    uint32_t modified_ns;
    uint32_t changed_ns;
};

struct ad_file_facts {
    struct ad_file_identity identity;
    uint64_t size;
};

struct ad_file_fault {
    int error;          /* errno, 0 for none */
    const char *reason; /* static words */
};

/*
 * Opens for reading.  `known`: what the file was when it was last read, zero when it was not.
 * ANIMALDETECT_OK, E_FILE, E_MEDIUM, E_NO_DESCRIPTORS, E_NO_MEMORY; then `fault` is set.
 */
AD_CHECKED int32_t ad_file_open(const char *path, const struct ad_file_identity *known, int *fd,
                                struct ad_file_fault *fault);

/* Size and identity of a regular file, as above. */
AD_CHECKED int32_t ad_file_examine(int fd, struct ad_file_facts *facts, struct ad_file_fault *fault);

/* Up to `size` bytes from `offset`, 0 at the end, or a status as above. */
int64_t ad_file_read(int fd, void *buffer, size_t size, uint64_t offset, struct ad_file_fault *fault);

bool ad_file_is_same(const struct ad_file_identity *a, const struct ad_file_identity *b);

/* The same but for the inode number. */
bool ad_file_has_same_times(const struct ad_file_identity *a, const struct ad_file_identity *b);

/*
 * May a write that follows leave it the same?  On FAT, with times of two seconds, yes, if the last one has just been.
 * `wall_s`: seconds since 1970, 0 not known.
 */
bool ad_file_may_be_rewritten_unseen(const struct ad_file_identity *identity, int64_t wall_s);

/* Of two looks at one open file: was nothing written in between?  Its name, its mode and its links may be others. */
bool ad_file_is_unwritten(const struct ad_file_facts *a, const struct ad_file_facts *b);

#endif
