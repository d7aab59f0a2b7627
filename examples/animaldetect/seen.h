/* SPDX-License-Identifier: MIT */
/*
 * A set of files that were met: by device and inode, or by their real path.
 */
#ifndef TOOL_SEEN_H
#define TOOL_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct seen {
    struct seen_file {
        uint64_t one;
        uint64_t other;
    } * table;
    size_t room; /* a power of two; 0 at first */
    size_t count;
};

/* Whether it was there already; else it is from now on. Out of memory counts as not there. */
bool seen_before(struct seen *seen, uint64_t one, uint64_t other);
bool seen_path_before(struct seen *seen, const char *path);
void seen_clear(struct seen *seen);

#endif
