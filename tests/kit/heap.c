/* SPDX-License-Identifier: MIT */
/*
 * See heap.h.  The program's own malloc overrides the C library's for every library in the process.
 */
#include "kit/heap.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define COUNTED 0
#else
#define COUNTED 1
#endif
#else
#define COUNTED 1
#endif

static atomic_long live;
static _Thread_local long calls;
static _Thread_local long fail_at;
static _Thread_local bool looks_away;

bool heap_is_counted(void)
{
    return COUNTED != 0;
}

long heap_live(void)
{
    return atomic_load(&live);
}

long heap_calls(void)
{
    return calls;
}

void heap_fail_at(long nth)
{
    calls = 0;
    fail_at = nth;
}

void heap_look_away(bool away)
{
    looks_away = away;
}

#if COUNTED
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static bool refuses(void)
{
    if (looks_away)
        return false;
    calls++;
    if (fail_at == 0 || calls != fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

static void count(long blocks)
{
    if (!looks_away)
        atomic_fetch_add(&live, blocks);
}

static void *counted(void *block)
{
    if (block != NULL)
        count(1);
    return block;
}

void *malloc(size_t size)
{
    return refuses() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return refuses() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size)
{
    void *moved;

    if (refuses())
        return NULL;
    moved = __libc_realloc(block, size);
    if (block == NULL)
        return counted(moved);
    if (moved == NULL && size == 0)
        count(-1);
    return moved;
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = refuses() ? NULL : counted(__libc_memalign(alignment, size));

    if (block == NULL)
        return ENOMEM;
    *out = block;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refuses() ? NULL : counted(__libc_memalign(alignment, size));
}

void free(void *block)
{
    if (block != NULL)
        count(-1);
    __libc_free(block);
}
#endif
