/* SPDX-License-Identifier: MIT */
/*
 * How a submitted job gets on at the service: lost submits, unknown states, and when it is overdue.
 */
#ifndef AD_ENGINE_COURSE_H
#define AD_ENGINE_COURSE_H

#include "base/check.h"
#include "engine/core.h"
#include "protocol/answer.h"
#include "protocol/hints.h"

/* A submit was answered well. */
void ad_course_submitted(const struct ad_engine *engine, animaldetect_job *job, const struct ad_hints *hints);

/*
 * A status answer: call it before its state and error are kept in the job, which are compared.
 * ANIMALDETECT_OK, or why the wait ends, with words in `problem`: E_OVERDUE, E_STATE_UNKNOWN.
 */
AD_CHECKED int32_t ad_course_look(const struct ad_engine *engine, animaldetect_job *job,
                                  const struct ad_job_answer *said, const struct ad_hints *hints,
                                  struct ad_problem *problem);

/* A poll that is due at `due_ms`, but not after the service has dropped the job with its result. */
int64_t ad_course_due_ms(const animaldetect_job *job, int64_t due_ms);

/* A result that was asked for beside the polls is not there, or may be (not `clear`): on with the polls. */
void ad_course_no_result(const struct ad_engine *engine, animaldetect_job *job, bool clear);

#endif
