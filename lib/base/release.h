/* SPDX-License-Identifier: MIT */
/*
 * A host's release function that is owed one call.  It must run without a lock, so what is done with under the client's
 * lock is put on a list, and the list is run when the lock was given back.
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

/* `out` is NULL for a NULL callback: nothing is owed.  A setter that fails later gives it back with `free`. */
AD_CHECKED int32_t ad_release_new(animaldetect_release_callback run, void *user, struct ad_release **out);

/* Puts it on the list, which owns it then; nothing for NULL. */
void ad_release_defer(struct ad_release **list, struct ad_release *release);

/* Calls and frees each of the list, in the order in which they were put there. */
void ad_release_run(struct ad_release *list);

#endif
