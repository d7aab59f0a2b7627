/* SPDX-License-Identifier: MIT */
/*
 * What a host program does that shares a quota: it carries numbers between its client and the source of permits, by
 * calls that may be slow or lost.  One call at a time; it never waits.  On the public interface alone.
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
    int32_t number; /* of the client at the source */
    int64_t life_ms;
    int64_t calls;
    bool calling; /* the reply to the last call is not there yet */
    int64_t called_ms;
    int64_t again_ms; /* not before that for more permits */
    int64_t before;   /* settled, and known to the source */
    int32_t unknown;  /* settled, and not: when */
    int64_t settled_ms[PERMIT_HOST_UNKNOWN];
    int32_t outstanding;
    int32_t wanted;
    int32_t rate_limits; /* not known to the source */
    int32_t told;        /* of these, in the last call */
    int64_t wait_until_ms;
    int64_t limited; /* 429s in all */
    bool held;       /* before it met one itself */
};

/* False when a call of the library failed. */
bool permit_host_begin(struct permit_host *host, animaldetect_client *client, int32_t number,
                       const struct permit_source_rule *rule, struct ad_rng *rng);

/* Pulls the numbers.  True when there is a call to make now, in `ask`. */
bool permit_host_look(struct permit_host *host, struct permit_ask *ask, int64_t now_ms);

/* The reply to a call, however late; false when a call of the library failed. */
bool permit_host_reply(struct permit_host *host, const struct permit_reply *reply, int64_t now_ms);

/* When to look again if nothing happens. */
int64_t permit_host_next_ms(const struct permit_host *host);

#endif
