/* SPDX-License-Identifier: MIT */
/*
 * The list and the heap of a queue behind one interface, see queue.h.
 */
#include "engine/queue.h"

#define PLACES INT64_C(0x80000000) /* sequence numbers per priority */

void ad_queue_init(struct ad_queue *queue)
{
    ad_list_init(&queue->ahead);
    ad_list_init(&queue->plain);
    queue->walk = &queue->plain.root;
    ad_heap_init(&queue->ranked);
    queue->front = queue->back = PLACES / 2;
}

void ad_queue_free(struct ad_queue *queue)
{
    ad_heap_free(&queue->ranked);
}

int32_t ad_queue_reserve(struct ad_queue *queue, size_t count)
{
    return ad_heap_reserve(&queue->ranked, count);
}

/* After 2^30 others the sequence numbers are used up; later ones then have no order. */
static int64_t next_place(struct ad_queue *queue, bool in_front)
{
    if (in_front)
        return queue->front > 0 ? --queue->front : 0;
    return queue->back < PLACES - 1 ? ++queue->back : PLACES - 1;
}

void ad_queue_add(struct ad_queue *queue, animaldetect_job *job, bool in_front)
{
    struct ad_list *list = job->call.ahead ? &queue->ahead : &queue->plain;

    if (job->input.priority != 0 && !job->call.ahead) {
        if (queue->ranked.count == 0)
            queue->front = queue->back = PLACES / 2;
        AD_IGNORE(
            ad_heap_push(&queue->ranked, &job->call.rank, job->input.priority * PLACES + next_place(queue, in_front)));
    } else if (in_front) {
        ad_list_prepend(list, &job->call.queue);
    } else {
        ad_list_append(list, &job->call.queue);
    }
}

void ad_queue_remove(struct ad_queue *queue, animaldetect_job *job)
{
    if (queue->walk == &job->call.queue)
        queue->walk = queue->walk->next;
    if (ad_heap_holds(&job->call.rank))
        ad_heap_remove(&queue->ranked, &job->call.rank);
    else
        ad_list_remove(job->call.ahead ? &queue->ahead : &queue->plain, &job->call.queue);
}

animaldetect_job *ad_queue_first(const struct ad_queue *queue)
{
    struct ad_heap_node *rank = ad_heap_first(&queue->ranked);
    struct ad_list_node *ahead = ad_list_first(&queue->ahead);
    struct ad_list_node *node = ad_list_first(&queue->plain);

    if (ahead != NULL)
        return AD_OWNER(ahead, animaldetect_job, call.queue);
    if (rank != NULL && (rank->key < 0 || node == NULL))
        return AD_OWNER(rank, animaldetect_job, call.rank);
    return node == NULL ? NULL : AD_OWNER(node, animaldetect_job, call.queue);
}

animaldetect_job *ad_queue_walk(struct ad_queue *queue)
{
    struct ad_list_node *node = queue->walk == &queue->plain.root ? queue->plain.root.next : queue->walk;

    if (node == &queue->plain.root)
        return NULL;
    queue->walk = node->next;
    return AD_OWNER(node, animaldetect_job, call.queue);
}

bool ad_queue_is_plain(const struct ad_queue *queue)
{
    struct ad_heap_node *rank = ad_heap_first(&queue->ranked);

    return ad_list_first(&queue->ahead) == NULL && (rank == NULL || rank->key >= 0);
}

size_t ad_queue_count(const struct ad_queue *queue)
{
    return queue->ahead.count + queue->plain.count + queue->ranked.count;
}
