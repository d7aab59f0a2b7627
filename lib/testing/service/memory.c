/* SPDX-License-Identifier: MIT */
/*
 * Memory for the model: aborts when out of memory.  A test process without memory cannot prove anything.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

void *svc_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory)
        abort();
    return memory;
}

void *svc_grow(void *memory, size_t count, size_t size)
{
    size_t bytes;
    void *grown = __builtin_mul_overflow(count, size, &bytes) ? NULL : realloc(memory, bytes);

    if (!grown)
        abort();
    return grown;
}

char *svc_copy(const char *text)
{
    char *copy;

    if (!text)
        return NULL;
    copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}
