/* SPDX-License-Identifier: MIT */
/*
 * The number of steps: the length of every array that is indexed by enum animaldetect_step.
 */
#ifndef AD_ENGINE_STEP_COUNT_H
#define AD_ENGINE_STEP_COUNT_H

#include <animaldetect/types.h>

/* steps.c does not compile if its table has another number of rows. */
#define AD_STEP_COUNT (ANIMALDETECT_STEP_FETCH + 1)

#endif
