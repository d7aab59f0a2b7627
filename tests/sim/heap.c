/* SPDX-License-Identifier: MIT */
/*
 * See heap.h.  The program's own malloc stands in front of the C library's for every library in the process.
 */
#include "sim/heap.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static struct {
    uintptr_t from;
    uintptr_t to;
} spared;

static int find_library(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    if (strstr(info->dlpi_name, user) == NULL)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0) {
            spared.from = info->dlpi_addr + part->p_vaddr;
            spared.to = spared.from + part->p_memsz;
        }
    }
    return 1;
}

bool heap_spare(const char *library)
{
    return dl_iterate_phdr(find_library, (void *)(uintptr_t)library) != 0 && spared.to > 0;
}

#if COUNTED
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

static bool refuses(const void *caller)
{
    uintptr_t at = (uintptr_t)caller;

    if (at >= spared.from && at < spared.to)
        return false;
    calls++;
    if (fail_at == 0 || calls != fail_at)
        return false;
    errno = ENOMEM;
    return true;
}

static void *counted(void *block)
{
    if (block != NULL)
        atomic_fetch_add(&live, 1);
    return block;
}

void *malloc(size_t size)
{
    return refuses(__builtin_return_address(0)) ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size)
{
    return refuses(__builtin_return_address(0)) ? NULL : counted(__libc_calloc(count, size));
}

/* The C library's own would call malloc in the name of the C library. */
char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = refuses(__builtin_return_address(0)) ? NULL : counted(__libc_malloc(size));

    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void *realloc(void *block, size_t size)
{
    void *moved;

    if (refuses(__builtin_return_address(0)))
        return NULL;
    moved = __libc_realloc(block, size);
    if (block == NULL)
        return counted(moved);
    if (moved == NULL && size == 0)
        atomic_fetch_sub(&live, 1);
    return moved;
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = refuses(__builtin_return_address(0)) ? NULL : counted(__libc_memalign(alignment, size));

    if (block == NULL)
        return ENOMEM;
    *out = block;
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refuses(__builtin_return_address(0)) ? NULL : counted(__libc_memalign(alignment, size));
}

void free(void *block)
{
    if (block != NULL)
        atomic_fetch_sub(&live, 1);
    __libc_free(block);
}
#endif
