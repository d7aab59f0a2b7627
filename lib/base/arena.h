/* SPDX-License-Identifier: MIT */
/*
 * Many small strings of one owner, freed together.  A string never moves, and is not freed by itself.
 */
#ifndef AD_BASE_ARENA_H
#define AD_BASE_ARENA_H

#include <stddef.h>

struct ad_arena_chunk;

struct ad_arena {
    struct ad_arena_chunk *chunks; /* newest first; NULL before the first allocation */
};

void ad_arena_init(struct ad_arena *arena);
void ad_arena_free(struct ad_arena *arena); /* reusable afterwards */

/* NULL when out of memory; existing strings stay valid.  `alloc` returns memory aligned for any type, not zeroed. */
void *ad_arena_alloc(struct ad_arena *arena, size_t size);
char *ad_arena_copy(struct ad_arena *arena, const char *text);
char *ad_arena_copy_n(struct ad_arena *arena, const char *text, size_t size); /* adds the NUL */

#endif
