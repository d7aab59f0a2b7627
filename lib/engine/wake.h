/* SPDX-License-Identifier: MIT */
/*
 * The second part of an iteration: wakes calls that are due to continue, or whose timeout has passed.
 */
#ifndef AD_ENGINE_WAKE_H
#define AD_ENGINE_WAKE_H

#include "engine/core.h"

/* Wakes at most `budget` jobs that are due.  True when more are due. */
bool ad_wake_due(struct ad_engine *engine, int32_t budget);

#endif
