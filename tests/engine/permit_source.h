/* SPDX-License-Identifier: MIT */
/*
 * A source of permits for several clients: the rule "charged until settled" in memory, on a clock that is passed in. It
 * stands for what a host keeps on a server of its own, such as Redis.
 *
 * Each call of a client says how many permits are outstanding there, and which were settled how long ago.  A permit
 * that is no longer outstanding is either unused, and free at once, or in the log under the time at which it was
 * settled.  A client that is silent for longer than life + lag has nothing on its way any more: what it had goes into
 * the log under that time, until it calls again and says what became of it.  Permits are granted while outstanding +
 * log of the last minute <= limit.
 *
 *     Example: limit 2, life 5 s, lag 10 s.  A has both permits at 0 s and says at 3 s: none outstanding, one settled 1
 * s ago.  So one was unused, and B gets it.  B falls silent after a call at 4 s and is charged until 4 + 5 + 10 = 19 s,
 *     and its permit until 79 s.  The one of A is free at 62 s.
 *
 * A call that arrives after a newer one changes nothing.  Since what is outstanding is stated, and not counted up and
 * down, a grant whose reply was lost returns with the next call.
 */
#ifndef ENGINE_PERMIT_SOURCE_H
#define ENGINE_PERMIT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#define PERMIT_SOURCE_CLIENTS 64
#define PERMIT_ASK_AGES 256

struct permit_source_rule {
    int32_t limit; /* in a minute */
    int64_t life_ms;
    int64_t lag_ms;
    int32_t clients;           /* how many there are, about */
    bool bursts;               /* what is free is granted at once, and not spread over the minute */
    bool charged_when_granted; /* a fault: the minute of a permit begins with its grant */
};

struct permit_ask {
    int32_t client; /* below PERMIT_SOURCE_CLIENTS; one that begins again has another number */
    int64_t number; /* of the call; from 1 */
    int32_t wanted;
    int32_t outstanding;
    int64_t before; /* how many were settled before those below */
    int32_t count;
    int64_t ages_ms[PERMIT_ASK_AGES];
    int32_t rate_limits; /* 429s since the last call */
    int64_t wait_ms;
};

struct permit_reply {
    int64_t number; /* of the call */
    int32_t granted;
    int64_t known;    /* how many settled ones of this client are logged: it may forget them */
    int64_t again_ms; /* when to ask for more */
    int64_t hold_ms;  /* how much longer all clients wait, since one met a 429 */
};

struct permit_source;

struct permit_source *permit_source_new(const struct permit_source_rule *rule, int64_t now_ms);
void permit_source_free(struct permit_source *source);

/* False when the call is late and has no reply. */
bool permit_source_call(struct permit_source *source, const struct permit_ask *ask, struct permit_reply *reply,
                        int64_t now_ms);

/*
 * It forgets everything, and knows that it did.  Permits from before may be used for their life and arrive the lag
 * later, by clients that never call again: so it grants none for life + lag + a minute.
 */
void permit_source_lose(struct permit_source *source, int64_t now_ms);

/* What it counts: outstanding, and settled in the last minute. */
int32_t permit_source_charge(struct permit_source *source, int64_t now_ms);
int64_t permit_source_granted(const struct permit_source *source); /* ever */

#endif
