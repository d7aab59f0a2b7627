/* SPDX-License-Identifier: MIT */
/*
 * See images.h.
 */
#include "kit/uplink/images.h"

#include <math.h>

void uplink_line_append(struct uplink_line *line, int image)
{
    line->images[(line->first + line->count++) % UPLINK_IMAGES] = image;
}

void uplink_line_prepend(struct uplink_line *line, int image)
{
    line->first = (line->first + UPLINK_IMAGES - 1) % UPLINK_IMAGES;
    line->images[line->first] = image;
    line->count++;
}

int uplink_line_first(const struct uplink_line *line)
{
    return line->images[line->first];
}

void uplink_line_drop_first(struct uplink_line *line)
{
    line->first = (line->first + 1) % UPLINK_IMAGES;
    line->count--;
}

static double lognormal(struct ad_rng *rng, double median, double sigma)
{
    double radius = sqrt(-2 * log(1 - ad_rng_unit(rng)));

    return median * exp(sigma * radius * cos(6.283185307179586 * ad_rng_unit(rng)));
}

double uplink_draw_size(enum uplink_images images, struct ad_rng *rng)
{
    switch (images) {
    case UPLINK_50K:
        return 50000;
    case UPLINK_200K:
        return 200000;
    case UPLINK_CAMERA:
        return floor(fmin(1e7, fmax(5e4, lognormal(rng, 2e5, 0.6))));
    case UPLINK_BIG:
        return floor(1e6 + 9e6 * ad_rng_unit(rng));
    case UPLINK_MIXED:
        return ad_rng_unit(rng) < 0.8 ? 60000 : floor(2e6 + 4e6 * ad_rng_unit(rng));
    }
    return 0;
}
