/* SPDX-License-Identifier: MIT */
/*
 * One iteration of the loop: deliver what has completed, wake what is due, hash a slice, admit what may go on the wire,
 * and arm the next.  Work per iteration is bounded and never depends on the number of jobs that wait.
 */
#ifndef AD_ENGINE_ITERATION_H
#define AD_ENGINE_ITERATION_H

#include "engine/core.h"

/*
 * Does what is ready, bounded in number and in time: about AD_SLICE_MS for each part and the one piece of work that
 * passes it.  What is left makes the next iteration due.
 */
void ad_engine_iterate(struct ad_engine *engine);

#endif
