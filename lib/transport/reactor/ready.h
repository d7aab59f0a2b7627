/* SPDX-License-Identifier: MIT */
/*
 * The descriptors that one poll found ready, while they are being processed.  Processing one entry can close the
 * descriptor of a later one, whose number may be reused for a new socket at once: `forget` drops such entries, so that
 * no callback gets an event of another socket.  Unprocessed entries are kept for the next iteration: otherwise the last
 * ones of each batch would starve behind slow ones.
 */
#ifndef AD_TRANSPORT_READY_H
#define AD_TRANSPORT_READY_H

#include "transport/reactor/reactor.h"

#define AD_READY_BATCH 64

struct ad_ready {
    int fd; /* -1: forgotten */
    int events;
};

struct ad_ready_batch {
    struct ad_ready entries[AD_READY_BATCH];
    int count;
    int next; /* the first unprocessed entry; `count` when there is none */
};

static inline void ad_ready_forget(struct ad_ready_batch *batch, int fd)
{
    for (int i = 0; i < batch->count; i++) {
        if (batch->entries[i].fd == fd)
            batch->entries[i].fd = -1;
    }
}

/* Processes at most `*budget` entries, and counts it down.  False when `ready` returned false. */
static inline bool ad_ready_deliver(struct ad_ready_batch *batch, int32_t *budget, ad_reactor_ready ready,
                                    void *context)
{
    while (batch->next < batch->count && *budget > 0) {
        struct ad_ready entry = batch->entries[batch->next++];

        --*budget;
        if (entry.fd >= 0 && !ready(context, entry.fd, entry.events))
            return false;
    }
    return true;
}

static inline bool ad_ready_is_empty(const struct ad_ready_batch *batch)
{
    return batch->next == batch->count;
}

#endif
