/* SPDX-License-Identifier: MIT */
/*
 * A client that creates and uploads images over one link of link.h, on virtual time: the real rule of engine/uplink.h,
 * or a fixed number of concurrent uploads. The rule sees what a transport reports: acknowledged bytes, round trips,
 * responses. The fixed numbers know the bandwidth, for their creates.
 *
 * A create takes a round trip, queue included, and 0.1 s. An upload that has not crossed the link when its URL expires
 * is rejected, and starts again with a new URL. It only measures: it never reads a clock, and the same seed gives the
 * same figures.
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
    double seconds; /* as many images as the link carries in about this time */
    double life;    /* of an upload URL, seconds */
    bool blind;     /* the transport reports no round trips */
    int fixed;      /* concurrent uploads; 0: the rule */
    uint64_t seed;
};

struct uplink_figures {
    double seconds;  /* 0: not done in 6 times what the link needs, plus 300 s */
    double of_link;  /* `seconds` / time that the link needs for the bytes alone */
    double in_vain;  /* wasted bytes / bytes of the images */
    double at_once;  /* uploads in flight, mean over time */
    double creates;  /* per image */
    int connections; /* opened */
};

/* False: out of memory. */
bool uplink_simulate(const struct uplink_run *run, struct uplink_figures *figures);

#endif
