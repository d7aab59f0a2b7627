/* SPDX-License-Identifier: MIT */
/*
 * A model of one slow uplink that several uploads share, on virtual time: a bandwidth that may change, a round trip, a
 * queue of bounded length, random loss, outages, and relays that acknowledge what they have only buffered.
 *
 * Bytes are a fluid.  Each upload has a congestion window, which starts at ten segments, doubles with each round trip
 * until a queue shows, then grows by four segments with each.  All windows fall to 0.7 when the queue overflows. Random
 * loss bounds a window to 1.22 segments / sqrt(loss).  An outage breaks all connections.
 */
#ifndef AD_KIT_UPLINK_LINK_H
#define AD_KIT_UPLINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

#define UPLINK_UPLOADS 48
#define UPLINK_LAG 24    /* steps of the model that half a round trip takes at most */
#define UPLINK_RTTS 4096 /* the same of the longest round trip */

struct uplink_link {
    double high;   /* bytes a second */
    double low;    /* every second minute; 0: as `high` */
    double rtt;    /* seconds, of an empty link */
    double jitter; /* mean, beyond 3 ms */
    double buffer; /* bytes that may queue; 0: those of one second, 64 kB at least */
    double loss;   /* a share */
    double answer; /* mean, seconds that the storage thinks, beyond 0.05 to 0.2 s */
    double early;  /* bytes that are acknowledged before they have crossed the link */
    double outage; /* seconds without the network, every two minutes; 0: none */
};

struct uplink_connection {
    double window;
    double min_rtt;
    double idle_since;
};

struct uplink_upload {
    int image;
    double size;
    double left;      /* has not crossed the link */
    double acked;     /* as the sender sees it */
    double acked_s;   /* when that last grew */
    double ready;     /* when its body begins */
    double crossed_s; /* when the last byte had crossed; -1: not yet */
    double answer_s;  /* when the storage's answer is there */
    bool slow_start;
    struct uplink_connection connection;
    double crossed[UPLINK_LAG]; /* of the last steps */
};

struct uplink_network {
    const struct uplink_link *link;
    struct ad_rng *rng;
    double step;   /* seconds */
    double buffer; /* bytes */
    double now;
    double queue;             /* bytes */
    double rtt;               /* a round trip that begins now */
    double cut_s;             /* windows were cut */
    double noise;             /* smoothed jitter */
    double rtts[UPLINK_RTTS]; /* of those that began in the last steps */
    uint64_t steps;
    uint64_t known; /* the step in which the last one began that is over */
    bool is_up;
    struct uplink_upload uploads[UPLINK_UPLOADS];
    int count;
    struct uplink_connection idle[UPLINK_UPLOADS];
    int idle_count;
    int connections; /* opened ever */
};

void uplink_network_init(struct uplink_network *network, const struct uplink_link *link, struct ad_rng *rng);

double uplink_bandwidth(const struct uplink_link *link, double now);

bool uplink_is_down(const struct uplink_link *link, double now);

/* Begins an upload on an idle connection, or a new one.  There must be room for it. */
void uplink_begin(struct uplink_network *network, int image, double size);

/* Removes upload `index`; its connection may be used again unless it broke. */
void uplink_end(struct uplink_network *network, int index, bool broke);

/* What the sender's kernel says: the smoothed round trip, 0 before the first. */
double uplink_smoothed_rtt(const struct uplink_network *network);

/* Moves the time by one step. */
void uplink_advance(struct uplink_network *network);

#endif
