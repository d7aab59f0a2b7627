/* SPDX-License-Identifier: MIT */
/*
 * The last part of an iteration: puts waiting requests on the wire.  In the order of their classes, as slots and quota
 * allow.
 */
#ifndef AD_ENGINE_ADMIT_H
#define AD_ENGINE_ADMIT_H

#include "engine/core.h"

/*
 * Starts at most `budget` requests.  Returns the time at which the next one may go without further events, by quota or
 * by its share of the connections; 0: none by time alone.
 */
int64_t ad_admit(struct ad_engine *engine, int32_t budget);

#endif
