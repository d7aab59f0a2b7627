/* SPDX-License-Identifier: MIT */
/*
 * A queue of calls, by priority and then in order of arrival.  Calls of priority 0, nearly always all of them, are in a
 * list and cost O(1); the others are in a heap.  Calls with ad_call.ahead come first, whatever their priority: they
 * would otherwise deadlock.
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
    struct ad_list_node *walk; /* in `plain`: position of ad_queue_walk */
    struct ad_heap ranked;     /* all other priorities */
    int64_t front;             /* sequence numbers for the front and the back of the heap, since it was last empty */
    int64_t back;
};

void ad_queue_init(struct ad_queue *queue);
void ad_queue_free(struct ad_queue *queue);

/* Reserves space for this many calls of nonzero priority, so that nothing else can fail. */
AD_CHECKED int32_t ad_queue_reserve(struct ad_queue *queue, size_t count);

/* `in_front`: ahead of all others of its priority. */
void ad_queue_add(struct ad_queue *queue, animaldetect_job *job, bool in_front);
void ad_queue_remove(struct ad_queue *queue, animaldetect_job *job);
animaldetect_job *ad_queue_first(const struct ad_queue *queue); /* NULL when empty */
/*
 * The next call of a cyclic walk over those of priority 0, which tolerates additions and removals; NULL when there are
 * none.
 */
animaldetect_job *ad_queue_walk(struct ad_queue *queue);
/* Whether the first call has priority 0. */
bool ad_queue_is_plain(const struct ad_queue *queue);
size_t ad_queue_count(const struct ad_queue *queue);

#endif
