/* SPDX-License-Identifier: MIT */
/*
 * Calls that wait for the same thing, by priority, and among equal ones in the order in which they came.  Those of
 * priority 0, which is nearly always all of them, stand in a list and cost O(1); the others in a heap.  Before all of
 * them, whatever their priority, stand those that would otherwise wait for each other, see ad_call.ahead.
 */
#ifndef AD_ENGINE_QUEUE_H
#define AD_ENGINE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/list.h"
#include "engine/job.h"

struct ad_queue {
    struct ad_list ahead;
    struct ad_list plain;      /* priority 0 */
    struct ad_list_node *walk; /* in `plain`: where the walk goes on */
    struct ad_heap ranked;     /* the others */
    int64_t front;             /* place in line of the first and the last that came to the heap since it was empty */
    int64_t back;
};

void ad_queue_init(struct ad_queue *queue);
void ad_queue_free(struct ad_queue *queue);

/* Room for so many of another priority than 0: nothing else can fail. */
AD_CHECKED int32_t ad_queue_reserve(struct ad_queue *queue, size_t count);

/* `in_front`: before all others of its priority. */
void ad_queue_add(struct ad_queue *queue, animaldetect_job *job, bool in_front);
void ad_queue_remove(struct ad_queue *queue, animaldetect_job *job);
animaldetect_job *ad_queue_first(const struct ad_queue *queue); /* NULL when empty */
/* The next one of a walk around those of priority 0, which goes on while others come and go; NULL when there are none.
 */
animaldetect_job *ad_queue_walk(struct ad_queue *queue);
/* Is it the turn of one of priority 0? */
bool ad_queue_is_plain(const struct ad_queue *queue);
size_t ad_queue_count(const struct ad_queue *queue);

#endif
