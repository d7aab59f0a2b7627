/* SPDX-License-Identifier: MIT */
/*
 * A call in flight: queueing it for its next step, putting it to sleep, and completing it.
 */
#ifndef AD_ENGINE_CALL_H
#define AD_ENGINE_CALL_H

#include "engine/core.h"

/* Decides the next step and queues the job for it, or completes the call. */
void ad_call_schedule(struct ad_engine *engine, animaldetect_job *job);

/* Queues the job again for its current step, ahead of the others of its class. */
void ad_call_again(struct ad_engine *engine, animaldetect_job *job);

/* Sleeps until `until_ms`, then schedules the call. */
void ad_call_sleep(struct ad_engine *engine, animaldetect_job *job, int64_t until_ms);

/* The call completes with success. */
void ad_call_succeed(struct ad_engine *engine, animaldetect_job *job);

/* The call completes with an error; step, attempts and job id are filled in from the job. */
void ad_call_fail(struct ad_engine *engine, animaldetect_job *job, struct ad_failure_facts *facts);

/* The same with a static reason (NULL: the text of the status). */
void ad_call_refuse(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason);

/* The call timeout has passed, or the next allowed retry would be after it (`hint_ms`; -1 for the former). */
void ad_call_fail_timeout(struct ad_engine *engine, animaldetect_job *job, int64_t hint_ms);

/* Removes a job from whatever queue it is in. */
void ad_call_unqueue(struct ad_engine *engine, animaldetect_job *job);

/* Begins a call and schedules its first step. */
void ad_call_begin(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal);

#endif
