/* SPDX-License-Identifier: MIT */
/*
 * What a host program does to share a quota: it carries numbers between its client and the source of permits, by calls
 * that may be slow or lost. One call at a time; it never blocks. Uses the public interface only.
 */
#ifndef ENGINE_PERMIT_HOST_H
#define ENGINE_PERMIT_HOST_H

#include <animaldetect/animaldetect.h>

#include "base/rng.h"
#include "engine/permit_source.h"

#define PERMIT_HOST_UNKNOWN 4096

struct permit_host {
    animaldetect_client *client;
    struct ad_rng *rng;
    int32_t number; /* of the client, at the source */
    int64_t life_ms;
    int64_t calls;
    bool calling; /* the last call has no reply yet */
    int64_t called_ms;
    int64_t again_ms; /* no request for more permits before */
    int64_t before;   /* settled, and logged by the source */
    int32_t unknown;  /* settled, not yet logged: their times */
    int64_t settled_ms[PERMIT_HOST_UNKNOWN];
    int32_t outstanding;
    int32_t wanted;
    int32_t rate_limits; /* 429s that the source does not know about */
    int32_t told;        /* how many of them the last call reported */
    int64_t wait_until_ms;
    int64_t limited; /* 429s in total */
    bool held;       /* held before it got a 429 itself */
};

/* False when a library call failed. */
bool permit_host_begin(struct permit_host *host, animaldetect_client *client, int32_t number,
                       const struct permit_source_rule *rule, struct ad_rng *rng);

/* Pulls the numbers. True when a call is to be made now, with `ask`. */
bool permit_host_look(struct permit_host *host, struct permit_ask *ask, int64_t now_ms);

/* Processes the reply to a call, however late; false when a library call failed. */
bool permit_host_reply(struct permit_host *host, const struct permit_reply *reply, int64_t now_ms);

/* When to call again if nothing else happens. */
int64_t permit_host_next_ms(const struct permit_host *host);

#endif
