/* SPDX-License-Identifier: MIT */
/*
 * Watches the processing of a submitted job: lost submits, unknown states, overdue jobs.
 */
#ifndef AD_ENGINE_PROGRESS_H
#define AD_ENGINE_PROGRESS_H

#include "base/check.h"
#include "engine/core.h"
#include "protocol/answer.h"
#include "protocol/hints.h"

/* A submit succeeded. */
void ad_progress_submitted(const struct ad_engine *engine, animaldetect_job *job, const struct ad_hints *hints);

/*
 * Handles the response to a poll. Call it before state and error are stored in the job, since it compares them.
 * ANIMALDETECT_OK, or E_OVERDUE or E_STATE_UNKNOWN with a reason in `problem`: the call fails.
 */
AD_CHECKED int32_t ad_progress_polled(const struct ad_engine *engine, animaldetect_job *job,
                                      const struct ad_job_answer *said, const struct ad_hints *hints,
                                      struct ad_problem *problem);

/* Limits the time of the next poll, `due_ms`, to when the service still has the job and its result. */
int64_t ad_progress_due_ms(const animaldetect_job *job, int64_t due_ms);

/* The job was checked for a result between polls, and there is none (`clear`), or it is uncertain: polls continue. */
void ad_progress_no_result(const struct ad_engine *engine, animaldetect_job *job, bool clear);

#endif
