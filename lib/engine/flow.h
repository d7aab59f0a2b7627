/* SPDX-License-Identifier: MIT */
/*
 * Decides which step a job needs next, from what is known of it.  Pure: reads a job, changes nothing.
 *
 *   no id yet                         prepare, create
 *   ask first                         poll (restored, attached, or the response to a submit was lost)
 *   awaiting_upload                   upload (create again if the upload URL is missing or invalid), then submit
 *   queued, running, any other state  poll
 *   succeeded                         fetch
 *   failed, expired                   none: the call completes
 */
#ifndef AD_ENGINE_FLOW_H
#define AD_ENGINE_FLOW_H

#include "base/check.h"
#include "engine/job.h"

struct ad_next {
    int32_t step; /* enum animaldetect_step; NONE: the call completes with `status` */
    int32_t status;
};

struct ad_next ad_flow_next(const animaldetect_job *job);

/* Whether a call with this goal may start.  ANIMALDETECT_OK, or ANIMALDETECT_E_STATE and a static reason. */
AD_CHECKED int32_t ad_flow_check(const animaldetect_job *job, enum ad_goal goal, const char **why);

/* The stage implied by a state of the service. */
uint8_t ad_flow_stage_of(int32_t state);

#endif
