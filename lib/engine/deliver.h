/* SPDX-License-Identifier: MIT */
/*
 * The first part of an iteration: handles transfers that have completed.  Each is counted, judged by `protocol`, and
 * acted on.
 */
#ifndef AD_ENGINE_DELIVER_H
#define AD_ENGINE_DELIVER_H

#include "engine/core.h"

/* Moves bytes, then handles at most `budget` transfers that have completed.  True when more is ready. */
bool ad_deliver(struct ad_engine *engine, int32_t budget);

#endif
