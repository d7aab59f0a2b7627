/* SPDX-License-Identifier: MIT */
/*
 * A model of one slow uplink that several uploads share, on virtual time: a bandwidth that may change, a round trip, a
 * queue of bounded length, random loss, outages, and relays that acknowledge bytes that they have only buffered.
 *
 * Bytes are a fluid. Each upload has a congestion window, which starts at ten segments, doubles with each round trip
 * until a queue builds up, then grows by four segments with each. All windows shrink to 0.7 when the queue overflows.
 * Random loss bounds a window to 1.22 segments / sqrt(loss). An outage breaks all connections.
 */
#ifndef AD_KIT_UPLINK_LINK_H
#define AD_KIT_UPLINK_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"

#define UPLINK_UPLOADS 48
#define UPLINK_LAG 24    /* maximum number of steps of the model in half a round trip */
#define UPLINK_RTTS 4096 /* the same for the longest round trip */

struct uplink_link {
    double high;   /* bytes a second */
    double low;    /* in every second minute; 0: as `high` */
    double rtt;    /* seconds, with an empty queue */
    double jitter; /* mean, beyond 3 ms */
    double buffer; /* bytes that fit into the queue; 0: one second's worth, at least 64 kB */
    double loss;   /* probability */
    double answer; /* mean response time of the storage in seconds, in addition to 0.05 to 0.2 s */
    double early;  /* bytes that are acknowledged before they have crossed the link */
    double outage; /* seconds without a network in every two minutes; 0: none */
};

struct uplink_connection {
    double window;
    double min_rtt;
    double idle_since;
};

struct uplink_upload {
    int image;
    double size;
    double left;      /* bytes that have not crossed the link */
    double acked;     /* bytes, as seen by the sender */
    double acked_s;   /* when `acked` last grew */
    double ready;     /* when its body starts */
    double crossed_s; /* when the last byte crossed the link; -1: not yet */
    double answer_s;  /* when the storage's response arrives */
    bool slow_start;
    struct uplink_connection connection;
    double crossed[UPLINK_LAG]; /* in each of the last steps */
};

struct uplink_network {
    const struct uplink_link *link;
    struct ad_rng *rng;
    double step;   /* seconds */
    double buffer; /* bytes */
    double now;
    double queue;             /* bytes */
    double rtt;               /* of a round trip that starts now */
    double cut_s;             /* when the windows were last reduced */
    double noise;             /* smoothed jitter */
    double rtts[UPLINK_RTTS]; /* of those that started in each of the last steps */
    uint64_t steps;
    uint64_t known; /* the step in which the last completed round trip started */
    bool is_up;
    struct uplink_upload uploads[UPLINK_UPLOADS];
    int count;
    struct uplink_connection idle[UPLINK_UPLOADS];
    int idle_count;
    int connections; /* opened in total */
};

void uplink_network_init(struct uplink_network *network, const struct uplink_link *link, struct ad_rng *rng);

double uplink_bandwidth(const struct uplink_link *link, double now);

bool uplink_is_down(const struct uplink_link *link, double now);

/* Starts an upload on an idle connection, or a new one. There must be room for it. */
void uplink_begin(struct uplink_network *network, int image, double size);

/* Removes upload `index`; its connection is reused unless it broke. */
void uplink_end(struct uplink_network *network, int index, bool broke);

/* The smoothed round trip of the sender's kernel, 0 before the first. */
double uplink_smoothed_rtt(const struct uplink_network *network);

/* Advances the time by one step. */
void uplink_advance(struct uplink_network *network);

#endif
