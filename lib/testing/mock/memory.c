/* SPDX-License-Identifier: MIT */
/*
 * Memory of the mock: aborts the process when out of memory.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/mock/internal.h"

void *mock_alloc(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);

    if (memory == NULL)
        abort();
    return memory;
}

char *mock_copy_n(const void *bytes, size_t size)
{
    char *copy = mock_alloc(size + 1);

    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *mock_copy(const char *text)
{
    return text == NULL ? NULL : mock_copy_n(text, strlen(text));
}
