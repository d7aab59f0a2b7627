/* SPDX-License-Identifier: MIT */
/*
 * The last part of an iteration: puts waiting requests on the wire.  As far as slots and quota allow, in the order of
 * their classes.
 */
#ifndef AD_ENGINE_ADMIT_H
#define AD_ENGINE_ADMIT_H

#include "engine/core.h"

/* At most `budget` requests.  Returns when quota will allow the next one: 0 when quota holds nothing back. */
int64_t ad_admit(struct ad_engine *engine, int32_t budget);

#endif
