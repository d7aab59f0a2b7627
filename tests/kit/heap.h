/* SPDX-License-Identifier: MIT */
/*
 * Allocators with a counter and fault injection. The first is the C library's: allocations of jansson, libcurl and
 * libsodium are counted too. Under a sanitizer, which has its own allocator, its count is always 0 and nothing fails.
 * The second is libcurl's own, in every build; its allocations are not in the first one's count.
 */
#ifndef TESTS_KIT_HEAP_H
#define TESTS_KIT_HEAP_H

#include <stdbool.h>

bool heap_is_counted(void);

/* Blocks in use. */
long heap_live(void);

/* Allocations of this thread since heap_fail_at was called. */
long heap_calls(void);

/* In between, allocations and frees of this thread neither fail nor count. */
void heap_look_away(bool away);

/* Makes the nth allocation of this thread from now on fail, and no other; 0: none. */
void heap_fail_at(long nth);

/* ---- libcurl's own allocator, for programs with one thread that uses libcurl ---- */

/* Call it before anything else initializes libcurl; false: libcurl rejected it. */
bool heap_curl_begin(void);

/* Allocations since heap_curl_fail_at was called. */
long heap_curl_calls(void);

/* Makes the nth allocation from now on fail, and no other; 0: none. */
void heap_curl_fail_at(long nth);

#endif
