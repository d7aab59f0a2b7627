/* SPDX-License-Identifier: MIT */
/*
 * Many small strings of one owner, freed together.  Strings stay where they are; single ones are never freed.
 */
#ifndef AD_BASE_ARENA_H
#define AD_BASE_ARENA_H

#include <stddef.h>

struct ad_arena_chunk;

struct ad_arena {
    struct ad_arena_chunk *chunks; /* newest first; NULL while nothing was asked for */
};

void ad_arena_init(struct ad_arena *arena);
void ad_arena_free(struct ad_arena *arena); /* may be used again afterwards */

/* NULL when memory runs out; what was there stays.  `alloc` is aligned for any type and not zeroed. */
void *ad_arena_alloc(struct ad_arena *arena, size_t size);
char *ad_arena_copy(struct ad_arena *arena, const char *text);
char *ad_arena_copy_n(struct ad_arena *arena, const char *text, size_t size); /* adds the NUL */

#endif
