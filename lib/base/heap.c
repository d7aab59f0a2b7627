/* SPDX-License-Identifier: MIT */
/*
 * The min-heap of heap.h: an array of pointers to nodes that store their own index, so that a timer is moved or removed
 * without a search.  The array only grows; the nodes belong to their owners and are never freed here.
 */
#include "base/heap.h"

#include <stdlib.h>

#include <animaldetect/types.h>

#include "base/checked.h"

#define FIRST_CAPACITY 16

void ad_heap_init(struct ad_heap *heap)
{
    *heap = (struct ad_heap){0};
}

void ad_heap_free(struct ad_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        heap->nodes[i]->index = AD_HEAP_NONE;
    free(heap->nodes);
    ad_heap_init(heap);
}

void ad_heap_node_init(struct ad_heap_node *node)
{
    node->key = 0;
    node->index = AD_HEAP_NONE;
}

bool ad_heap_holds(const struct ad_heap_node *node)
{
    return node->index != AD_HEAP_NONE;
}

static void place(struct ad_heap *heap, struct ad_heap_node *node, size_t index)
{
    heap->nodes[index] = node;
    node->index = index;
}

static void sift_up(struct ad_heap *heap, struct ad_heap_node *node)
{
    size_t index = node->index;

    while (index > 0) {
        size_t parent = (index - 1) / 2;

        if (heap->nodes[parent]->key <= node->key)
            break;
        place(heap, heap->nodes[parent], index);
        index = parent;
    }
    place(heap, node, index);
}

static void sift_down(struct ad_heap *heap, struct ad_heap_node *node)
{
    size_t index = node->index;

    for (;;) {
        size_t child = 2 * index + 1;

        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && heap->nodes[child + 1]->key < heap->nodes[child]->key)
            child++;
        if (heap->nodes[child]->key >= node->key)
            break;
        place(heap, heap->nodes[child], index);
        index = child;
    }
    place(heap, node, index);
}

int32_t ad_heap_reserve(struct ad_heap *heap, size_t count)
{
    size_t capacity = heap->capacity ? heap->capacity : FIRST_CAPACITY;
    size_t bytes;
    struct ad_heap_node **nodes;

    if (count <= heap->capacity)
        return ANIMALDETECT_OK;
    while (capacity < count) {
        if (!ad_size_mul(capacity, 2, &capacity))
            return ANIMALDETECT_E_NO_MEMORY;
    }
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
    if (!ad_size_mul(capacity, sizeof(*nodes), &bytes))
        return ANIMALDETECT_E_NO_MEMORY;
    nodes = realloc(heap->nodes, bytes);
    if (!nodes)
        return ANIMALDETECT_E_NO_MEMORY;
    heap->nodes = nodes;
    heap->capacity = capacity;
    return ANIMALDETECT_OK;
}

int32_t ad_heap_push(struct ad_heap *heap, struct ad_heap_node *node, int64_t key)
{
    int32_t status;

    if (ad_heap_holds(node)) {
        ad_heap_update(heap, node, key);
        return ANIMALDETECT_OK;
    }
    status = ad_heap_reserve(heap, heap->count + 1);
    if (status != ANIMALDETECT_OK)
        return status;
    node->key = key;
    place(heap, node, heap->count);
    heap->count++;
    sift_up(heap, node);
    return ANIMALDETECT_OK;
}

void ad_heap_update(struct ad_heap *heap, struct ad_heap_node *node, int64_t key)
{
    bool earlier = key < node->key;

    if (!ad_heap_holds(node))
        return;
    node->key = key;
    if (earlier)
        sift_up(heap, node);
    else
        sift_down(heap, node);
}

void ad_heap_remove(struct ad_heap *heap, struct ad_heap_node *node)
{
    struct ad_heap_node *last;

    if (!ad_heap_holds(node))
        return;
    heap->count--;
    last = heap->nodes[heap->count];
    if (last != node) {
        place(heap, last, node->index);
        sift_up(heap, last);
        sift_down(heap, last);
    }
    node->index = AD_HEAP_NONE;
}

struct ad_heap_node *ad_heap_first(const struct ad_heap *heap)
{
    return heap->count > 0 ? heap->nodes[0] : NULL;
}

size_t ad_heap_count_until(const struct ad_heap *heap, int64_t key, size_t most)
{
    size_t open[8 * sizeof(size_t) + 2]; /* indices still to visit: two per level of the heap */
    size_t opened = 0;
    size_t count = 0;

    open[opened++] = 0;
    while (opened > 0 && count < most) {
        size_t index = open[--opened];

        /* A node whose key is too large has only larger ones below it. */
        if (index >= heap->count || heap->nodes[index]->key > key)
            continue;
        count++;
        open[opened++] = 2 * index + 2;
        open[opened++] = 2 * index + 1;
    }
    return count;
}
