/* SPDX-License-Identifier: MIT */
/*
 * Image files: opens them, identifies them, and classifies read errors.
 */
#ifndef AD_ENGINE_IMAGE_FILE_H
#define AD_ENGINE_IMAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/types.h>

#include "base/check.h"

/*
 * Identifies one version of a file's contents (stat(2)).  Equal identities mean equal bytes.  Different ones may still
 * have equal bytes: FAT and exFAT keep no inode numbers, and chmod, a hard link or a restore change the times.
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
    const char *reason; /* static text */
};

/*
 * Opens for reading.  `known`: the identity at the last reading, zero if there was none. ANIMALDETECT_OK, E_FILE,
 * E_MEDIUM, E_NO_DESCRIPTORS, E_NO_MEMORY; on error `fault` is set.
 */
AD_CHECKED int32_t ad_file_open(const char *path, const struct ad_file_identity *known, int *fd,
                                struct ad_file_fault *fault);

/* Size and identity of a regular file, errors as above. */
AD_CHECKED int32_t ad_file_examine(int fd, struct ad_file_facts *facts, struct ad_file_fault *fault);

/* Reads up to `size` bytes from `offset`; returns 0 at the end, or a status as above. */
int64_t ad_file_read(int fd, void *buffer, size_t size, uint64_t offset, struct ad_file_fault *fault);

bool ad_file_is_same(const struct ad_file_identity *a, const struct ad_file_identity *b);

/* Compares everything except the inode number. */
bool ad_file_has_same_times(const struct ad_file_identity *a, const struct ad_file_identity *b);

/*
 * Whether another write could leave the identity unchanged: yes on FAT, whose times have a resolution of two seconds,
 * if the last write was just now.  `wall_s`: seconds since 1970, 0 if unknown.
 */
bool ad_file_may_be_rewritten_unseen(const struct ad_file_identity *identity, int64_t wall_s);

/* Whether an open file was not written between two examinations.  Its name, mode and links may have changed. */
bool ad_file_is_unwritten(const struct ad_file_facts *a, const struct ad_file_facts *b);

#endif
