/* SPDX-License-Identifier: MIT */
/*
 * What one look at the descriptors found, while it is being worked through.  Working on one entry can close the
 * descriptor of a later one, whose number may be given to a new socket at once: `forget` drops such entries, so that
 * nobody hears of another one's event.
 */
#ifndef AD_TRANSPORT_READY_H
#define AD_TRANSPORT_READY_H

#include "transport/reactor.h"

#define AD_READY_BATCH 64

struct ad_ready {
    int fd; /* -1: forgotten */
    int events;
};

struct ad_ready_batch {
    struct ad_ready entries[AD_READY_BATCH];
    int count;
};

static inline void ad_ready_forget(struct ad_ready_batch *batch, int fd)
{
    for (int i = 0; i < batch->count; i++) {
        if (batch->entries[i].fd == fd)
            batch->entries[i].fd = -1;
    }
}

static inline void ad_ready_deliver(struct ad_ready_batch *batch, ad_reactor_ready ready, void *context)
{
    for (int i = 0; i < batch->count; i++) {
        if (batch->entries[i].fd >= 0)
            ready(context, batch->entries[i].fd, batch->entries[i].events);
    }
    batch->count = 0;
}

#endif
