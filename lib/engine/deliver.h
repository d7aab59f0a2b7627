/* SPDX-License-Identifier: MIT */
/*
 * The first part of an iteration: handles completed transfers.  Counts each, judges its response by `protocol`, acts on
 * it.
 */
#ifndef AD_ENGINE_DELIVER_H
#define AD_ENGINE_DELIVER_H

#include "engine/core.h"

/* Moves bytes, then handles at most `budget` completed transfers.  True when more are ready. */
bool ad_deliver(struct ad_engine *engine, int32_t budget);

#endif
