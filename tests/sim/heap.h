/* SPDX-License-Identifier: MIT */
/*
 * The C library's allocator with a count in front of it, and with failures to order: what jansson, libcurl and libsodium
 * take is counted too.  Under a sanitizer, which brings an allocator of its own, the count is always 0 and nothing fails.
 */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

#include <stdbool.h>

bool heap_is_counted(void);

/* Blocks in use. */
long heap_live(void);

/* Allocations of this thread since heap_fail_at was called. */
long heap_calls(void);

/* From now on allocations that this library makes neither fail nor count as calls.  False: it is not loaded. */
bool heap_spare(const char *library);

/* Lets the nth allocation of this thread from now on fail, and no other; 0: none. */
void heap_fail_at(long nth);

#endif
