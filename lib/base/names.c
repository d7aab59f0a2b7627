/* SPDX-License-Identifier: MIT */
/*
 * Names of states and stages.  Static text only.  The names of statuses are in status.c, those of steps in
 * engine/steps.c.
 */
#include <animaldetect/types.h>

const char *animaldetect_state_name(int32_t state)
{
    switch ((enum animaldetect_state)state) {
    case ANIMALDETECT_STATE_NONE:
        return "none";
    case ANIMALDETECT_STATE_AWAITING_UPLOAD:
        return "awaiting_upload";
    case ANIMALDETECT_STATE_QUEUED:
        return "queued";
    case ANIMALDETECT_STATE_RUNNING:
        return "running";
    case ANIMALDETECT_STATE_SUCCEEDED:
        return "succeeded";
    case ANIMALDETECT_STATE_FAILED:
        return "failed";
    case ANIMALDETECT_STATE_EXPIRED:
        return "expired";
    case ANIMALDETECT_STATE_OTHER:
        break;
    }
    return "other";
}

const char *animaldetect_stage_name(int32_t stage)
{
    switch ((enum animaldetect_stage)stage) {
    case ANIMALDETECT_STAGE_NEW:
        return "new";
    case ANIMALDETECT_STAGE_CREATED:
        return "created";
    case ANIMALDETECT_STAGE_UPLOADED:
        return "uploaded";
    case ANIMALDETECT_STAGE_SUBMITTED:
        return "submitted";
    case ANIMALDETECT_STAGE_FINISHED:
        return "finished";
    case ANIMALDETECT_STAGE_FETCHED:
        return "fetched";
    }
    return "other";
}
