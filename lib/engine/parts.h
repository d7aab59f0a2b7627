/* SPDX-License-Identifier: MIT */
/*
 * Divides the connections between API and storage, so that neither takes one that the other still uses.
 *
 * Over HTTP/1.1 a request in flight needs a connection, which is kept for the next request to that host.  When all are
 * open and one host needs another one, libcurl closes a kept connection of the other host, which must soon be opened
 * again.  When API and storage are busy in turn, this repeats: 617 connections for 2,500 requests with 64 slots at a
 * round trip of 200 ms.
 *
 * So each has a share, which grows with its requests while connections are left: up to half of all at once, then by one
 * every 100 ms up to three quarters.  With 64 slots the creates at the start of a run take 32 connections; the rest
 * goes to whoever needs it.  When all are assigned, and one side has had spare connections for as long as the other had
 * none, one connection changes sides.  At most a fifth of all do so per minute, so that the shares follow lasting
 * demand and the cost of opening connections is negligible.
 *
 * An API that speaks HTTP/2 multiplexes all its requests over one or two connections and is not bounded here.  Nor is
 * it when no image is uploaded.
 */
#ifndef AD_ENGINE_PARTS_H
#define AD_ENGINE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

enum ad_side { AD_SIDE_API, AD_SIDE_STORAGE };

struct ad_part {
    int32_t size;        /* its share, in connections */
    int32_t in_flight;   /* requests in flight */
    int64_t all_used_ms; /* when the whole share was last in use */
};

struct ad_parts {
    struct ad_part sides[2];
    int32_t connections; /* total */
    bool uploads;        /* uploads exist or are expected */
    bool shared;         /* API requests are multiplexed */
    int64_t changed_ms;  /* when a share last grew beyond half */
};

void ad_parts_init(struct ad_parts *parts, int64_t now_ms);

/*
 * Whether a waiting request may go to this side.  Grows the share if needed, so check everything else first.
 * `connections` is the maximum in total.  If false, `ready_ms` is lowered to the time to check again (0: none).
 */
bool ad_parts_admit(struct ad_parts *parts, enum ad_side side, int32_t connections, int64_t now_ms, int64_t *ready_ms);

void ad_parts_begin(struct ad_parts *parts, enum ad_side side, int64_t now_ms); /* a request was put on the wire */
void ad_parts_end(struct ad_parts *parts, enum ad_side side, int64_t now_ms);

#endif
