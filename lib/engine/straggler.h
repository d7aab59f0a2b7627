/* SPDX-License-Identifier: MIT */
/*
 * Jobs that take longer than nearly all others.  They must not delay new images, nor be found finished too late after a
 * stall.
 */
#ifndef AD_ENGINE_STRAGGLER_H
#define AD_ENGINE_STRAGGLER_H

#include "engine/core.h"

/*
 * After a good response to a poll.  A job that has become late leaves the window, so that another image may be created.
 * When a late job finishes, or any job as the first after a stall, the polls of the oldest late jobs are moved forward;
 * each of those that has finished too moves others.
 */
void ad_straggler_observe(struct ad_engine *engine, animaldetect_job *job);

#endif
