/* SPDX-License-Identifier: MIT */
/*
 * An allocator of libcurl's own, with a count and with failures to order.  What libcurl takes here is in nobody else's
 * count.
 */
#ifndef TORTURE_CURL_HEAP_H
#define TORTURE_CURL_HEAP_H

#include <stdbool.h>

/* Before anything else has initialized libcurl; false: libcurl will not have it. */
bool curl_heap_begin(void);

/* Allocations since curl_heap_fail_at was called. */
long curl_heap_calls(void);

/* Lets the nth allocation from now on fail, and no other; 0: none. */
void curl_heap_fail_at(long nth);

#endif
