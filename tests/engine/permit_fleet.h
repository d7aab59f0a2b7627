/* SPDX-License-Identifier: MIT */
/*
 * Twelve clients that share a quota by permits of one source, on virtual time.  The source is late, loses calls and
 * replies, stops, forgets everything; clients die and others come; requests get lost on their way and arrive late.
 * A judge who knows nothing of permits counts what arrives at the service.  The same settings give the same figures.
 */
#ifndef ENGINE_PERMIT_FLEET_H
#define ENGINE_PERMIT_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#define PERMIT_FLEET_CLIENTS 12
#define PERMIT_FLEET_HUNGRY 6 /* of them always have images; the others now and then */
#define PERMIT_FLEET_WARM_MS 60000

enum permit_fleet_trouble {
    PERMIT_FLEET_SOURCE = 1, /* the source is slow, loses calls, stops and forgets */
    PERMIT_FLEET_DEATHS = 2, /* clients die, others come */
    PERMIT_FLEET_OUTAGES = 4 /* requests break off, and may arrive all the same */
};

struct permit_fleet {
    uint64_t seed;
    int32_t limit;       /* in a minute */
    int64_t measured_ms; /* this long, after PERMIT_FLEET_WARM_MS */
    int32_t troubles;    /* enum permit_fleet_trouble */
    int64_t latency_ms;  /* of the service; of a request up to twice as much */
    int32_t foreign;     /* so many requests of somebody else, ten a second, in the middle; the service then counts */
    bool bursts;         /* of the source, see permit_source.h */
    bool charged_when_granted; /* a fault of the source */
};

struct permit_figures {
    int32_t most;        /* arrivals in any minute */
    double share;        /* of the limit, in the measured time */
    int64_t images;      /* done */
    double least_hungry; /* requests of the hungry clients with the fewest and the most, against their mean */
    double most_hungry;
    int32_t too_long;       /* most permits that were counted although granted longer ago than they can last */
    int32_t left;           /* still counted when all clients have been idle for so long */
    int64_t limited;        /* answers 429 to clients */
    int32_t held;           /* clients that held their requests since another one met a 429 */
    int64_t limited_at_one; /* most at one client */
    int64_t calls;          /* of the source */
    int32_t deaths;
    int32_t losses; /* of all that the source knew */
};

/* False when a call of the library failed. */
bool permit_fleet_run(const struct permit_fleet *fleet, struct permit_figures *figures);

#endif
