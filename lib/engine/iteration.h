/* SPDX-License-Identifier: MIT */
/*
 * One iteration of the loop: deliver, wake, prepare, admit, and arm the next one.  It handles completed transfers,
 * wakes calls that are due, hashes a slice, and starts the requests that may go.  The work per iteration is bounded and
 * does not depend on the number of waiting jobs.
 */
#ifndef AD_ENGINE_ITERATION_H
#define AD_ENGINE_ITERATION_H

#include "engine/core.h"

/*
 * Does what is ready, bounded in number and in time: each part stops at the first piece of work that exceeds
 * AD_SLICE_MS. If work is left, the next iteration is due at once.
 */
void ad_engine_iterate(struct ad_engine *engine);

#endif
