/* SPDX-License-Identifier: MIT */
/*
 * Twelve clients that share a quota by permits of one source, on virtual time. The source is late, loses calls and
 * replies, stops, and loses its state; clients die and are replaced; requests get lost or arrive late. A judge that
 * knows nothing about permits counts the requests that arrive at the service. The same settings give the same figures.
 */
#ifndef ENGINE_PERMIT_FLEET_H
#define ENGINE_PERMIT_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#define PERMIT_FLEET_CLIENTS 12
#define PERMIT_FLEET_HUNGRY 6 /* this many clients always have images; the others occasionally */
#define PERMIT_FLEET_WARM_MS 60000

enum permit_fleet_trouble {
    PERMIT_FLEET_SOURCE = 1, /* the source is slow, loses calls, stops, and loses its state */
    PERMIT_FLEET_DEATHS = 2, /* clients die and are replaced */
    PERMIT_FLEET_OUTAGES = 4 /* requests break off, but may still arrive */
};

struct permit_fleet {
    uint64_t seed;
    int32_t limit;       /* per minute */
    int64_t measured_ms; /* duration, after PERMIT_FLEET_WARM_MS */
    int32_t troubles;    /* enum permit_fleet_trouble */
    int64_t latency_ms;  /* network latency to the service; up to twice as long per request */
    int32_t foreign;     /* requests by another user of the key, 10 a second, mid-run; the service then limits */
    bool bursts;         /* setting of the source, see permit_source.h */
    bool charged_when_granted; /* fault injection into the source */
};

struct permit_figures {
    int32_t most;        /* maximum arrivals in any minute */
    double share;        /* arrivals / limit, in the measured time */
    int64_t images;      /* completed */
    double least_hungry; /* requests of the hungry clients with the fewest and the most, relative to the mean */
    double most_hungry;
    int32_t too_long;       /* maximum number of permits that were counted for longer than they can last */
    int32_t left;           /* still counted after all clients have been idle for the longest possible time */
    int64_t limited;        /* responses with 429 to clients */
    int32_t held;           /* clients that held their requests because another one got a 429 */
    int64_t limited_at_one; /* maximum for one client */
    int64_t calls;          /* calls to the source */
    int32_t deaths;
    int32_t losses; /* how often the source lost its state */
};

/* False when a library call failed. */
bool permit_fleet_run(const struct permit_fleet *fleet, struct permit_figures *figures);

#endif
