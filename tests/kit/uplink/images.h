/* SPDX-License-Identifier: MIT */
/*
 * The images of the upload bench: their sizes, and the queues in which they wait.
 */
#ifndef AD_KIT_UPLINK_IMAGES_H
#define AD_KIT_UPLINK_IMAGES_H

#include <stdbool.h>

#include "base/rng.h"

#define UPLINK_IMAGES 4096

enum uplink_images {
    UPLINK_50K,    /* 50 kB each */
    UPLINK_200K,   /* 200 kB each */
    UPLINK_CAMERA, /* lognormal, median 200 kB, sigma 0.6, 50 kB to 10 MB */
    UPLINK_BIG,    /* 1 to 10 MB */
    UPLINK_MIXED,  /* four of five 60 kB, the others 2 to 6 MB */
};

struct uplink_image {
    double size;
    double expires;
    double created; /* when its create gets its response */
    bool repeated;  /* its URL is not the first */
};

/* Images in order; a ring, since images whose upload broke go to the front. */
struct uplink_line {
    int images[UPLINK_IMAGES];
    int first;
    int count;
};

void uplink_line_append(struct uplink_line *line, int image);

void uplink_line_prepend(struct uplink_line *line, int image);

int uplink_line_first(const struct uplink_line *line);

void uplink_line_drop_first(struct uplink_line *line);

double uplink_draw_size(enum uplink_images images, struct ad_rng *rng);

#endif
