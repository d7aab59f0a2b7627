/* SPDX-License-Identifier: MIT */
/*
 * Jobs that take longer than nearly all others.  They must not hold new images back, nor be found late after a stall.
 */
#ifndef AD_ENGINE_STRAGGLER_H
#define AD_ENGINE_STRAGGLER_H

#include "engine/core.h"

/*
 * After a good answer to a poll.  A job that has become late leaves the window, so that another image may be created.
 * When one ends that was late, or the first of any after a stall, the polls of the oldest late ones are pulled forward:
 * each of them that has ended too pulls others.
 */
void ad_straggler_observe(struct ad_engine *engine, animaldetect_job *job);

#endif
