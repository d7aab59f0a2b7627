/* SPDX-License-Identifier: MIT */
/*
 * The next step of a job, as a pure function; see flow.h for the table.
 */
#include "engine/flow.h"

#include <stddef.h>

static struct ad_next step(int32_t which)
{
    return (struct ad_next){which, ANIMALDETECT_OK};
}

static struct ad_next end(int32_t status)
{
    return (struct ad_next){ANIMALDETECT_STEP_NONE, status};
}

static struct ad_next when_prepared(const animaldetect_job *job, int32_t which)
{
    return step(job->input.prepared ? which : ANIMALDETECT_STEP_PREPARE);
}

static struct ad_next next_in_service(const animaldetect_job *job)
{
    if (job->call.goal <= AD_GOAL_SUBMIT || (job->call.goal == AD_GOAL_POLL && job->call.asked))
        return end(ANIMALDETECT_OK);
    return step(job->remote.progress.check_result ? ANIMALDETECT_STEP_FETCH : ANIMALDETECT_STEP_POLL);
}

static struct ad_next next_before_submit(const animaldetect_job *job)
{
    /*
     * After a successful submit the service may still show the old state for a moment: that is no reason to submit
     * again.
     */
    if (job->remote.stage >= ANIMALDETECT_STAGE_SUBMITTED)
        return job->remote.progress.resubmit ? step(ANIMALDETECT_STEP_SUBMIT) : next_in_service(job);
    if (job->call.goal == AD_GOAL_POLL)
        return job->call.asked ? end(ANIMALDETECT_OK) : step(ANIMALDETECT_STEP_POLL);
    if (job->remote.stage == ANIMALDETECT_STAGE_UPLOADED)
        return job->call.goal == AD_GOAL_UPLOAD ? end(ANIMALDETECT_OK) : step(ANIMALDETECT_STEP_SUBMIT);
    if (job->remote.target == NULL || job->remote.need_target)
        return when_prepared(job, ANIMALDETECT_STEP_CREATE);
    return when_prepared(job, ANIMALDETECT_STEP_UPLOAD);
}

struct ad_next ad_flow_next(const animaldetect_job *job)
{
    if (job->remote.result != NULL && job->call.goal >= AD_GOAL_FETCH)
        return end(ANIMALDETECT_OK);
    if (job->remote.id == NULL)
        return when_prepared(job, ANIMALDETECT_STEP_CREATE);
    if (job->call.goal == AD_GOAL_CREATE)
        return end(ANIMALDETECT_OK);
    if (job->remote.ask_first)
        return step(ANIMALDETECT_STEP_POLL);
    switch ((enum animaldetect_state)job->remote.state) {
    case ANIMALDETECT_STATE_NONE:
        return step(ANIMALDETECT_STEP_POLL);
    case ANIMALDETECT_STATE_AWAITING_UPLOAD:
        return next_before_submit(job);
    case ANIMALDETECT_STATE_SUCCEEDED:
        return job->call.goal <= AD_GOAL_POLL ? end(ANIMALDETECT_OK) : step(ANIMALDETECT_STEP_FETCH);
    case ANIMALDETECT_STATE_FAILED:
        return end(job->call.goal <= AD_GOAL_POLL ? ANIMALDETECT_OK : ANIMALDETECT_E_JOB_FAILED);
    case ANIMALDETECT_STATE_EXPIRED:
        return end(job->call.goal <= AD_GOAL_POLL ? ANIMALDETECT_OK : ANIMALDETECT_E_JOB_EXPIRED);
    case ANIMALDETECT_STATE_QUEUED:
    case ANIMALDETECT_STATE_RUNNING:
    case ANIMALDETECT_STATE_OTHER:
        break;
    }
    return next_in_service(job);
}

static int32_t check_input(const animaldetect_job *job, const char **why)
{
    const struct ad_source *source = &job->input.source;

    if (source->kind == AD_SOURCE_NONE) {
        bool had_one = job->input.restored || job->input.started;

        *why = job->input.restored
                   ? "set the image again: the saved job does not contain it, or has no digest of the file"
               : job->input.started ? "set the image again: its reader cannot be rewound"
                                    : "no image is set";
        return had_one ? ANIMALDETECT_E_NO_INPUT : ANIMALDETECT_E_STATE;
    }
    if (source->kind == AD_SOURCE_READER && source->from.reader.rewind == NULL &&
        (job->input.content_type == NULL || job->input.filename == NULL)) {
        *why = "a reader without rewind needs a content type and a file name";
        return ANIMALDETECT_E_STATE;
    }
    return ANIMALDETECT_OK;
}

int32_t ad_flow_check(const animaldetect_job *job, enum ad_goal goal, const char **why)
{
    bool known = job->remote.id != NULL;

    *why = "";
    if (!known && goal != AD_GOAL_CREATE && goal != AD_GOAL_RUN) {
        *why = "the job was not created yet";
        return ANIMALDETECT_E_STATE;
    }
    if (!known)
        return check_input(job, why);
    if (goal == AD_GOAL_SUBMIT && job->remote.stage < ANIMALDETECT_STAGE_UPLOADED &&
        job->remote.state == ANIMALDETECT_STATE_AWAITING_UPLOAD && !job->remote.ask_first) {
        *why = "the image was not uploaded yet";
        return ANIMALDETECT_E_STATE;
    }
    if (goal == AD_GOAL_FETCH && job->remote.stage < ANIMALDETECT_STAGE_FINISHED) {
        *why = "the job is not known to have finished";
        return ANIMALDETECT_E_STATE;
    }
    return ANIMALDETECT_OK;
}

uint8_t ad_flow_stage_of(int32_t state)
{
    switch ((enum animaldetect_state)state) {
    case ANIMALDETECT_STATE_NONE:
        return ANIMALDETECT_STAGE_NEW;
    case ANIMALDETECT_STATE_AWAITING_UPLOAD:
        return ANIMALDETECT_STAGE_CREATED;
    case ANIMALDETECT_STATE_SUCCEEDED:
    case ANIMALDETECT_STATE_FAILED:
    case ANIMALDETECT_STATE_EXPIRED:
        return ANIMALDETECT_STAGE_FINISHED;
    case ANIMALDETECT_STATE_QUEUED:
    case ANIMALDETECT_STATE_RUNNING:
    case ANIMALDETECT_STATE_OTHER:
        break;
    }
    return ANIMALDETECT_STAGE_SUBMITTED;
}
