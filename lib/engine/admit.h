/* SPDX-License-Identifier: MIT */
/*
 * The last part of an iteration: puts waiting requests on the wire.  As far as slots and quota allow, in the order of
 * their classes.
 */
#ifndef AD_ENGINE_ADMIT_H
#define AD_ENGINE_ADMIT_H

#include "engine/core.h"

/* At most `budget` requests.  Returns when time alone will allow the next one, by quota or by its part of the
 * connections; 0: it will not. */
int64_t ad_admit(struct ad_engine *engine, int32_t budget);

#endif
