/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes of a request body come from.  Implemented by the engine over files, memory and the host's readers;
 * read by a transport.
 */
#ifndef AD_TRANSPORT_BODY_H
#define AD_TRANSPORT_BODY_H

#include <stddef.h>
#include <stdint.h>

struct ad_body_ops {
    /*
     * Puts up to `size` (> 0) bytes into `buffer`.  Returns the count, 0 at the end, or a negative animaldetect status:
     * the transfer must then be aborted without completing the request, with AD_NET_BODY.
     */
    int64_t (*read)(void *context, uint8_t *buffer, size_t size);
    /* Rewinds to the first byte.  ANIMALDETECT_OK or a negative status, as above. */
    int32_t (*rewind)(void *context);
};

struct ad_body {
    const struct ad_body_ops *ops; /* NULL: no body source */
    void *context;
    uint64_t size; /* total bytes that `read` returns */
};

#endif
