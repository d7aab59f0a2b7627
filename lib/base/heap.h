/* SPDX-License-Identifier: MIT */
/*
 * A binary min-heap of nodes embedded in their owners, ordered by a 64-bit key (a time). push, update, remove and pop
 * are O(log n). Only push can fail (ANIMALDETECT_E_NO_MEMORY), and not for nodes whose space was reserved.
 */
#ifndef AD_BASE_HEAP_H
#define AD_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define AD_HEAP_NONE SIZE_MAX

struct ad_heap_node {
    int64_t key;
    size_t index; /* position in the heap, AD_HEAP_NONE when not in it */
};

struct ad_heap {
    struct ad_heap_node **nodes;
    size_t count;
    size_t capacity;
};

void ad_heap_init(struct ad_heap *heap);
void ad_heap_free(struct ad_heap *heap);
void ad_heap_node_init(struct ad_heap_node *node);
bool ad_heap_holds(const struct ad_heap_node *node);

AD_CHECKED int32_t ad_heap_reserve(struct ad_heap *heap, size_t count);
AD_CHECKED int32_t ad_heap_push(struct ad_heap *heap, struct ad_heap_node *node, int64_t key);
void ad_heap_update(struct ad_heap *heap, struct ad_heap_node *node, int64_t key);
void ad_heap_remove(struct ad_heap *heap, struct ad_heap_node *node); /* no effect when it is not in the heap */
struct ad_heap_node *ad_heap_first(const struct ad_heap *heap);       /* NULL when empty */

/* The number of nodes whose key is at most `key`, counting up to `most`; O(result). */
size_t ad_heap_count_until(const struct ad_heap *heap, int64_t key, size_t most);

#endif
