/* SPDX-License-Identifier: MIT */
/*
 * The measurements of the upload bench for one link, and the drawing of all links.
 */
#ifndef AD_BENCH_UPLINK_TABLE_H
#define AD_BENCH_UPLINK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "kit/uplink/rows.h"

#define UPLINK_POLICIES 5

/* Fixed numbers of concurrent uploads, then the rule. */
extern const int uplink_policies[UPLINK_POLICIES];

struct uplink_cell {
    double of_best; /* time of the best fixed number / time, minimum over all seeds; 0: not done */
    double in_vain; /* wasted bytes / bytes of the images, maximum over all seeds */
    double at_once; /* means over the seeds */
    double creates;
    double of_link; /* maximum over all seeds; 0: one was not done */
    double connections;
};

struct uplink_result {
    const struct uplink_row *row;
    struct uplink_cell cells[UPLINK_POLICIES];
};

/* Runs one link under all policies.  False: out of memory. */
bool uplink_measure(const struct uplink_row *row, int seeds, struct uplink_result *result);

void uplink_draw(FILE *file, const struct uplink_result *results, size_t count);

#endif
