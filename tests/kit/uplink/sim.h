/* SPDX-License-Identifier: MIT */
/*
 * A client that creates and uploads images over one link of link.h, on virtual time: the real rule of
 * engine/uplink.h, or a fixed number of uploads at once.  The rule sees what a transport would: acknowledged bytes,
 * round trips, answers.  The fixed numbers know the bandwidth, for their creates.
 *
 * A create takes a round trip, queue included, and 0.1 s.  An upload that has not crossed the link when its URL expires
 * is refused, and begins again with a new URL.  It is a measuring tool: it never reads a clock, and the same seed gives
 * the same figures.
 */
#ifndef AD_KIT_UPLINK_SIM_H
#define AD_KIT_UPLINK_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/uplink/images.h"
#include "kit/uplink/link.h"

struct uplink_run {
    struct uplink_link link;
    enum uplink_images images;
    double seconds; /* as many images as the link carries in about that time */
    double life;    /* of an upload URL, seconds */
    bool blind;     /* the transport knows no round trips */
    int fixed;      /* uploads at once; 0: the rule */
    uint64_t seed;
};

struct uplink_figures {
    double seconds;  /* 0: not done in 6 times what the link needs, and 300 s */
    double of_link;  /* that, in times of what the link needs for the bytes alone */
    double in_vain;  /* bytes sent in vain, of the images' */
    double at_once;  /* uploads in flight, mean over time */
    double creates;  /* for each image */
    int connections; /* opened */
};

/* False: out of memory. */
bool uplink_simulate(const struct uplink_run *run, struct uplink_figures *figures);

#endif
