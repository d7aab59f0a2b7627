/* SPDX-License-Identifier: MIT */
/*
 * The links that the rule of engine/uplink.h is measured on, in groups, and what each group requires.
 */
#ifndef AD_KIT_UPLINK_ROWS_H
#define AD_KIT_UPLINK_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/uplink/sim.h"

enum uplink_group {
    UPLINK_STEADY,
    UPLINK_SHALLOW,  /* a queue of 20 ms */
    UPLINK_ANSWERS,  /* the storage is slow to respond */
    UPLINK_EARLY,    /* a relay, or a modem, acknowledges 256 kB before they have crossed the link */
    UPLINK_CHANGING, /* the bandwidth changes tenfold each minute */
    UPLINK_OUTAGES,  /* 20 s of every 120 s without a network */
    UPLINK_BLIND,    /* the transport reports no round trips */
    UPLINK_GROUPS
};

struct uplink_row {
    enum uplink_group group;
    struct uplink_run run;
    bool is_quick;
};

extern const struct uplink_row uplink_rows[];
extern const size_t uplink_row_count;

const char *uplink_group_name(enum uplink_group group);

/* A description of the link. */
void uplink_row_name(const struct uplink_row *row, char *name, size_t size);

#endif
