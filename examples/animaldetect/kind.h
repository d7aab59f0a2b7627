/* SPDX-License-Identifier: MIT */
/*
 * The type of a file by its first bytes, and whether its last bytes are present.
 */
#ifndef TOOL_KIND_H
#define TOOL_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { KIND_HEAD = 128 * 1024, KIND_TAIL = 64 * 1024 }; /* bytes that are enough to know */

struct kind {
    const char *name;   /* "JPEG", "AVIF", "video"; NULL when it is not known */
    const char *ending; /* of what the service takes, such as ".jpg"; else NULL */
    bool is_video;
};

struct kind kind_of(const unsigned char *head, size_t size);

/*
 * Whether the end of an image is where it should be.  `head` and `tail` are the first and the last bytes of a file of
 * `total` bytes.  Only a type whose end can be told is judged: JPEG, PNG, WebP.
 */
bool kind_is_whole(const struct kind *kind, const unsigned char *head, size_t head_size, const unsigned char *tail,
                   size_t tail_size, uint64_t total);

#endif
