/* SPDX-License-Identifier: MIT */
/*
 * A call in flight: queueing it for what it needs next, putting it to sleep, and completing it.
 */
#ifndef AD_ENGINE_CALL_H
#define AD_ENGINE_CALL_H

#include "engine/core.h"

/* Decides the next step and queues the job for it, or completes the call. */
void ad_call_schedule(struct ad_engine *engine, animaldetect_job *job);

/* Queues the job again for the step it is in, in front of the others of its class. */
void ad_call_again(struct ad_engine *engine, animaldetect_job *job);

/* Nothing until `until_ms`, then schedule. */
void ad_call_sleep(struct ad_engine *engine, animaldetect_job *job, int64_t until_ms);

/* The call completes with success. */
void ad_call_succeed(struct ad_engine *engine, animaldetect_job *job);

/* The call completes with an error; step, attempts and job id are filled in from the job. */
void ad_call_fail(struct ad_engine *engine, animaldetect_job *job, struct ad_failure_facts *facts);

/* The same with only a status and static words (NULL for the status's own). */
void ad_call_refuse(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason);

/* The call timeout has passed, or the next allowed retry would be after it (`hint_ms`, -1 when that is not why). */
void ad_call_fail_timeout(struct ad_engine *engine, animaldetect_job *job, int64_t hint_ms);

/* Takes a job out of whatever queue it stands in. */
void ad_call_unqueue(struct ad_engine *engine, animaldetect_job *job);

/* Begins a call; the first step is then scheduled. */
void ad_call_begin(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal);

#endif
