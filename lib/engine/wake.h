/* SPDX-License-Identifier: MIT */
/*
 * The second part of an iteration: wakes calls that are due, to go on or because their timeout has passed.
 */
#ifndef AD_ENGINE_WAKE_H
#define AD_ENGINE_WAKE_H

#include "engine/core.h"

/* Wakes every job whose time has come, at most `budget`.  True when more are due. */
bool ad_wake_due(struct ad_engine *engine, int32_t budget);

#endif
