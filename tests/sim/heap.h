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

/* What this thread takes and gives back meanwhile neither fails nor counts. */
void heap_look_away(bool away);

/* Lets the nth allocation of this thread from now on fail, and no other; 0: none. */
void heap_fail_at(long nth);

#endif
