/* SPDX-License-Identifier: MIT */
/*
 * Allocators with a count in front of them, and with failures to order.  The first is the C library's: what jansson,
 * libcurl and libsodium take is counted too.  Under a sanitizer, which brings an allocator of its own, its count is
 * always 0 and nothing fails.  The second is libcurl's own, in every build; what it gives is not in the first one's
 * count.
 */
#ifndef TESTS_KIT_HEAP_H
#define TESTS_KIT_HEAP_H

#include <stdbool.h>

bool heap_is_counted(void);

/* Blocks in use. */
long heap_live(void);

/* Allocations of this thread since heap_fail_at was called. */
long heap_calls(void);

/* What this thread takes and gives back meanwhile neither fails nor counts. */
void heap_look_away(bool away);

/* Lets the nth allocation of this thread from now on fail, and no other; 0: none. */
void heap_fail_at(long nth);

/* ---- libcurl's own allocator, for programs in which one thread uses libcurl ---- */

/* Before anything else has initialized libcurl; false: libcurl will not have it. */
bool heap_curl_begin(void);

/* Allocations since heap_curl_fail_at was called. */
long heap_curl_calls(void);

/* Lets the nth allocation from now on fail, and no other; 0: none. */
void heap_curl_fail_at(long nth);

#endif
