/* SPDX-License-Identifier: MIT */
/*
 * A pending call of a host's release function.  It must run without a lock, so under the client's lock it is only put
 * on a list, which is run after the unlock.
 */
#ifndef AD_BASE_RELEASE_H
#define AD_BASE_RELEASE_H

#include <animaldetect/types.h>

#include "base/check.h"

struct ad_release {
    struct ad_release *next;
    animaldetect_release_callback run;
    void *user;
};

/* `out` is NULL for a NULL callback: nothing to call.  A setter that fails later frees it with `free`. */
AD_CHECKED int32_t ad_release_new(animaldetect_release_callback run, void *user, struct ad_release **out);

/* Appends it to the list, which then owns it; no effect for NULL. */
void ad_release_defer(struct ad_release **list, struct ad_release *release);

/* Calls and frees each in the order in which they were added. */
void ad_release_run(struct ad_release *list);

#endif
