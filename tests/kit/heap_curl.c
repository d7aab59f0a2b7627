/* SPDX-License-Identifier: MIT */
/*
 * The second allocator of heap.h. libcurl calls these functions from the program's only thread. It is a separate file
 * because a compiler may assume that malloc and free read no variable of the file that calls them, so a call of
 * heap_look_away beside their definition could be optimized away.
 */
#include "kit/heap.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

static long calls;
static long fail_at;

static bool refuses(void)
{
    calls++;
    return fail_at != 0 && calls == fail_at;
}

static void *take_again(void *block, size_t size)
{
    void *moved;

    if (refuses())
        return NULL;
    heap_look_away(true);
    moved = realloc(block, size);
    heap_look_away(false);
    return moved;
}

static void *take(size_t size)
{
    return take_again(NULL, size);
}

static void *take_zeroed(size_t count, size_t size)
{
    void *block;

    if (refuses())
        return NULL;
    heap_look_away(true);
    block = calloc(count, size);
    heap_look_away(false);
    return block;
}

static void give_back(void *block)
{
    heap_look_away(true);
    free(block);
    heap_look_away(false);
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *to = take(size);

    return to == NULL ? NULL : memcpy(to, text, size);
}

bool heap_curl_begin(void)
{
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, give_back, take_again, copy, take_zeroed) == CURLE_OK;
}

long heap_curl_calls(void)
{
    return calls;
}

void heap_curl_fail_at(long nth)
{
    calls = 0;
    fail_at = nth;
}
