/* SPDX-License-Identifier: MIT */
/*
 * The API's part of the connections and the storage's: neither takes one that the other still uses.
 *
 * Over HTTP/1.1 a request in flight is a connection, which is kept for the next request to that host.  When all are
 * open and one host gets a request more than it has connections, a kept one of the other host is closed, which is
 * opened again soon.  In a run where API and storage are busy in turn that has no end: 617 connections for 2,500
 * requests with 64 slots at a round trip of 200 ms.
 *
 * So each of the two has a part, which grows with its requests while connections are left: up to a half at once, then
 * one each 100 ms up to three quarters.  With 64 slots the creates that begin a run take 32 connections; what the
 * uploads leave goes to whoever waits.  When all are given away, and one side has had connections to spare for as long
 * as the other had none, one connection changes hands.  At most a fifth do in a minute, so that the parts follow a need
 * that lasts, and opening connections costs next to nothing.
 *
 * An API that speaks HTTP/2 puts all its requests on one or two connections, and is not bounded here.  Nor is it where
 * no image is uploaded.
 */
#ifndef AD_ENGINE_PARTS_H
#define AD_ENGINE_PARTS_H

#include <stdbool.h>
#include <stdint.h>

enum ad_side { AD_SIDE_API, AD_SIDE_STORAGE };

struct ad_part {
    int32_t size;        /* connections */
    int32_t in_flight;   /* requests */
    int64_t all_used_ms; /* when all of it was last in use */
};

struct ad_parts {
    struct ad_part sides[2];
    int32_t connections; /* in sum */
    bool uploads;        /* there are any, or will be */
    bool shared;         /* requests of the API share connections */
    int64_t changed_ms;  /* when a part last grew beyond a half */
};

void ad_parts_init(struct ad_parts *parts, int64_t now_ms);

/*
 * May a request that waits go to this side?  Its part grows for that, so it is asked last.  `connections` is what there
 * may be in sum.  When not: `ready_ms` becomes the time to ask again, if that is sooner than what it is, 0 being never.
 */
bool ad_parts_admit(struct ad_parts *parts, enum ad_side side, int32_t connections, int64_t now_ms, int64_t *ready_ms);

void ad_parts_begin(struct ad_parts *parts, enum ad_side side, int64_t now_ms); /* a request is on the wire */
void ad_parts_end(struct ad_parts *parts, enum ad_side side, int64_t now_ms);

#endif
