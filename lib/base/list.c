/* SPDX-License-Identifier: MIT */
/*
 * The queue of list.h: a ring through a root node, so that no operation has special cases. It never allocates.
 */
#include "base/list.h"

void ad_list_init(struct ad_list *list)
{
    list->root.next = &list->root;
    list->root.previous = &list->root;
    list->count = 0;
}

void ad_list_node_init(struct ad_list_node *node)
{
    node->next = NULL;
    node->previous = NULL;
}

bool ad_list_holds(const struct ad_list_node *node)
{
    return node->next != NULL;
}

/* A node that is already in a list stays where it is. */
static void insert_after(struct ad_list *list, struct ad_list_node *place, struct ad_list_node *node)
{
    if (ad_list_holds(node))
        return;
    node->previous = place;
    node->next = place->next;
    place->next->previous = node;
    place->next = node;
    list->count++;
}

void ad_list_append(struct ad_list *list, struct ad_list_node *node)
{
    insert_after(list, list->root.previous, node);
}

void ad_list_prepend(struct ad_list *list, struct ad_list_node *node)
{
    insert_after(list, &list->root, node);
}

void ad_list_remove(struct ad_list *list, struct ad_list_node *node)
{
    if (!ad_list_holds(node))
        return;
    node->previous->next = node->next;
    node->next->previous = node->previous;
    ad_list_node_init(node);
    list->count--;
}

struct ad_list_node *ad_list_first(const struct ad_list *list)
{
    return list->root.next == &list->root ? NULL : list->root.next;
}
