/* SPDX-License-Identifier: MIT */
/*
 * The pool of easy handles.  An idle slot holds no key, no borrowed pointer and no transfer.
 */
#include <stdlib.h>

#include "transport/curl/private.h"

static struct ad_slot *slot_new(struct ad_curl *self, struct ad_refusal *refusal)
{
    struct ad_slot *slot = calloc(1, sizeof *slot);

    if (slot == NULL) {
        (void)ad_refusal_need(refusal, CURLE_OUT_OF_MEMORY, "");
        return NULL;
    }
    ad_list_node_init(&slot->node);
    ad_list_node_init(&slot->doomed_node);
    ad_heap_node_init(&slot->check);
    slot->owner = self;
    slot->easy = curl_easy_init();
    if (slot->easy == NULL)
        (void)ad_refusal_need(refusal, CURLE_OUT_OF_MEMORY, "");
    else
        ad_slot_set_common(slot, refusal);
    if (refusal->code != CURLE_OK) {
        ad_slot_free(slot, false);
        return NULL;
    }
    return slot;
}

struct ad_slot *ad_slot_take(struct ad_curl *self, struct ad_refusal *refusal)
{
    struct ad_list_node *node = ad_list_first(&self->idle);
    struct ad_slot *slot = node != NULL ? AD_OWNER(node, struct ad_slot, node) : slot_new(self, refusal);

    if (slot == NULL)
        return NULL;
    ad_list_remove(&self->idle, &slot->node);
    ad_list_append(&self->active, &slot->node);
    return slot;
}

void ad_slot_release(struct ad_slot *slot)
{
    struct ad_curl *self = slot->owner;

    ad_slot_wipe_headers(slot);
    ad_list_remove(&self->active, &slot->node);
    ad_list_remove(&self->doomed, &slot->doomed_node);
    ad_heap_remove(&self->checks, &slot->check);
    slot->transfer = NULL;
    if (slot->network != self->network && self->strays > 0)
        self->strays--;
    if (self->trust->older != NULL && self->active.count == 0)
        ad_curl_free_old_trust(self);
    if (self->idle.count < self->max_connections)
        ad_list_prepend(&self->idle, &slot->node);
    else
        ad_slot_free(slot, false);
}

void ad_slot_free(struct ad_slot *slot, bool forked)
{
    ad_slot_wipe_headers(slot);
    if (!forked && slot->easy != NULL)
        curl_easy_cleanup(slot->easy);
    free(slot->header_text);
    free(slot);
}
