/* SPDX-License-Identifier: MIT */
/*
 * Strings of one owner in a few chunks.  A chunk of 504 bytes fills a 512-byte block of glibc's heap, and one chunk
 * holds all texts of a typical waiting job, of which there may be 100,000.  A string that does not fit well gets a
 * chunk of its own behind the newest one, so that the rest of the newest stays usable.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/checked.h"

#define CHUNK_SIZE 504

struct ad_arena_chunk {
    struct ad_arena_chunk *next;
    uint32_t used;
    uint32_t capacity; /* 0 marks a chunk with a single large string */
    alignas(max_align_t) char data[];
};

#define CHUNK_ROOM (CHUNK_SIZE - sizeof(struct ad_arena_chunk))

void ad_arena_init(struct ad_arena *arena)
{
    arena->chunks = NULL;
}

void ad_arena_free(struct ad_arena *arena)
{
    struct ad_arena_chunk *chunk = arena->chunks;

    while (chunk) {
        struct ad_arena_chunk *next = chunk->next;

        free(chunk);
        chunk = next;
    }
    arena->chunks = NULL;
}

static struct ad_arena_chunk *chunk_new(size_t room)
{
    struct ad_arena_chunk *chunk;
    size_t size;

    if (!ad_size_add(sizeof(struct ad_arena_chunk), room, &size))
        return NULL;
    chunk = malloc(size);
    if (!chunk)
        return NULL;
    chunk->next = NULL;
    chunk->used = 0;
    chunk->capacity = 0;
    return chunk;
}

static void *take_big(struct ad_arena *arena, size_t size)
{
    struct ad_arena_chunk *chunk = chunk_new(size);

    if (!chunk)
        return NULL;
    if (arena->chunks) {
        chunk->next = arena->chunks->next;
        arena->chunks->next = chunk;
    } else {
        arena->chunks = chunk;
    }
    return chunk->data;
}

/* `alignment` is a power of two. */
static void *take(struct ad_arena *arena, size_t size, size_t alignment)
{
    struct ad_arena_chunk *chunk = arena->chunks;
    size_t start = chunk ? (chunk->used + alignment - 1) & ~(alignment - 1) : 0;

    if (chunk && start <= chunk->capacity && size <= chunk->capacity - start) {
        chunk->used = (uint32_t)(start + size);
        return chunk->data + start;
    }
    if (size > CHUNK_ROOM / 2)
        return take_big(arena, size);
    chunk = chunk_new(CHUNK_ROOM);
    if (!chunk)
        return NULL;
    chunk->capacity = CHUNK_ROOM;
    chunk->used = (uint32_t)size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    return chunk->data;
}

void *ad_arena_alloc(struct ad_arena *arena, size_t size)
{
    return take(arena, size, alignof(max_align_t));
}

char *ad_arena_copy_n(struct ad_arena *arena, const char *text, size_t size)
{
    size_t with_end;
    char *copy;

    if (!ad_size_add(size, 1, &with_end))
        return NULL;
    copy = take(arena, with_end, 1);
    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

char *ad_arena_copy(struct ad_arena *arena, const char *text)
{
    return ad_arena_copy_n(arena, text, strlen(text));
}
