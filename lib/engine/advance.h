/* SPDX-License-Identifier: MIT */
/*
 * What becomes of a job when an exchange has ended: reads the answer, gets the verdict from `protocol`, acts on it.
 */
#ifndef AD_ENGINE_ADVANCE_H
#define AD_ENGINE_ADVANCE_H

#include "engine/exchange.h"

/* Handles at most `budget` exchanges that have completed, and one at least.  True when more may have. */
bool ad_deliver(struct ad_engine *engine, int32_t budget);

/* In accept.c: takes over what a good answer says.  ANIMALDETECT_OK, or a final status with words in `problem`. */
int32_t ad_accept(struct ad_exchange *exchange, struct ad_problem *problem);

#endif
