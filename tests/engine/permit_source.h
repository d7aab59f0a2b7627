/* SPDX-License-Identifier: MIT */
/*
 * A source of permits for several clients: the rule "charged until settled" in memory, on a clock that is passed in. It
 * stands for what a host keeps on its own server, such as Redis.
 *
 * Each call of a client reports how many permits are outstanding there, and how long ago each settled one was settled.
 * A permit that is no longer outstanding is either unused, and free at once, or in the log under the time at which it
 * was settled. A client that is silent for longer than life + lag has no request on the wire: its permits are logged
 * under that time, until it calls again and reports what became of them. Permits are granted while outstanding + log of
 * the last minute <= limit.
 *
 *     Example: limit 2, life 5 s, lag 10 s. A has both permits at 0 s and reports at 3 s: none outstanding, one
 *     settled 1 s ago. So one was unused, and B gets it. B becomes silent after a call at 4 s and is charged until
 *     4 + 5 + 10 = 19 s, and its permit until 79 s. The permit of A is free at 62 s.
 *
 * A call that arrives after a newer one has no effect. Since the outstanding number is reported as a whole, and not as
 * increments, a grant whose reply was lost returns with the next call.
 */
#ifndef ENGINE_PERMIT_SOURCE_H
#define ENGINE_PERMIT_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#define PERMIT_SOURCE_CLIENTS 64
#define PERMIT_ASK_AGES 256

struct permit_source_rule {
    int32_t limit; /* per minute */
    int64_t life_ms;
    int64_t lag_ms;
    int32_t clients;           /* approximate number of clients */
    bool bursts;               /* free permits are granted at once, not spread over the minute */
    bool charged_when_granted; /* fault injection: the minute of a permit starts with its grant */
};

struct permit_ask {
    int32_t client; /* below PERMIT_SOURCE_CLIENTS; a restarted client has another number */
    int64_t number; /* sequence number of the call; from 1 */
    int32_t wanted;
    int32_t outstanding;
    int64_t before; /* how many were settled before those below */
    int32_t count;
    int64_t ages_ms[PERMIT_ASK_AGES];
    int32_t rate_limits; /* 429s since the last call */
    int64_t wait_ms;
};

struct permit_reply {
    int64_t number; /* of the call that this replies to */
    int32_t granted;
    int64_t known;    /* how many settled permits of this client are logged: it may forget them */
    int64_t again_ms; /* when to ask for more */
    int64_t hold_ms;  /* remaining hold of all clients, since one got a 429 */
};

struct permit_source;

struct permit_source *permit_source_new(const struct permit_source_rule *rule, int64_t now_ms);
void permit_source_free(struct permit_source *source);

/* False when the call is late and gets no reply. */
bool permit_source_call(struct permit_source *source, const struct permit_ask *ask, struct permit_reply *reply,
                        int64_t now_ms);

/*
 * The source loses its state, and knows that it did. Permits from before may be used for their life, and their requests
 * arrive up to the lag later, from clients that never call again: so it grants none for life + lag + a minute.
 */
void permit_source_lose(struct permit_source *source, int64_t now_ms);

/* What it counts: permits outstanding, and settled in the last minute. */
int32_t permit_source_charge(struct permit_source *source, int64_t now_ms);
int64_t permit_source_granted(const struct permit_source *source); /* in total */

#endif
