/* SPDX-License-Identifier: MIT */
/*
 * A doubly linked queue of nodes embedded in their owners.  A node is in at most one list.  Removing a node that is in
 * no list has no effect, nor has adding one that is in a list.  All operations are O(1).
 */
#ifndef AD_BASE_LIST_H
#define AD_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct ad_list_node {
    struct ad_list_node *next; /* NULL when in no list */
    struct ad_list_node *previous;
};

struct ad_list {
    struct ad_list_node root; /* next: first, previous: last; itself when empty */
    size_t count;
};

/* The owner of a node: AD_OWNER(node, animaldetect_job, call.queue). */
#define AD_OWNER(node, type, member) ((type *)(void *)((char *)(node) - offsetof(type, member)))

void ad_list_init(struct ad_list *list);
void ad_list_node_init(struct ad_list_node *node);
bool ad_list_holds(const struct ad_list_node *node);
void ad_list_append(struct ad_list *list, struct ad_list_node *node);
void ad_list_prepend(struct ad_list *list, struct ad_list_node *node);
void ad_list_remove(struct ad_list *list, struct ad_list_node *node);
struct ad_list_node *ad_list_first(const struct ad_list *list); /* NULL when empty */

#endif
