/* SPDX-License-Identifier: MIT */
/*
 * One iteration of the loop: deliver, wake, prepare, admit, and arm the next one.  That is: handle transfers that have
 * completed, wake calls that are due, hash a slice, put on the wire what may go.  Work per iteration is bounded and
 * never depends on the number of jobs that wait.
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
