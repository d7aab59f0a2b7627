/* SPDX-License-Identifier: MIT */
/*
 * Which step a job needs next, from what is known of it.  Pure: reads a job, changes nothing.
 *
 *   no id yet           prepare, create
 *   ask first           poll (restored, attached, or the answer of a submit was lost)
 *   awaiting_upload     upload (through create again when the upload URL is missing or no good), then submit
 *   queued, running, any other word   poll
 *   succeeded           fetch
 *   failed, expired     none: the call completes
 */
#ifndef AD_ENGINE_FLOW_H
#define AD_ENGINE_FLOW_H

#include "base/check.h"
#include "engine/job.h"

struct ad_next {
    int32_t step;   /* enum animaldetect_step; NONE: the call ends with `status` */
    int32_t status;
};

struct ad_next ad_flow_next(const animaldetect_job *job);

/* May a call with this goal start?  ANIMALDETECT_OK, or ANIMALDETECT_E_STATE and static words for why. */
AD_CHECKED int32_t ad_flow_check(const animaldetect_job *job, enum ad_goal goal, const char **why);

/* The stage that a state of the service implies. */
uint8_t ad_flow_stage_of(int32_t state);

#endif
