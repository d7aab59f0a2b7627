/* SPDX-License-Identifier: MIT */
/*
 * A call in flight: queueing it for what it needs next, putting it to sleep, and ending it.  Shared by the parts of the
 * engine.
 */
#ifndef AD_ENGINE_CALL_H
#define AD_ENGINE_CALL_H

#include "engine/engine.h"

/* Decides the next step and queues the job for it, or ends the call. */
void ad_call_schedule(struct ad_engine *engine, animaldetect_job *job);

/* Queues the job again for the step it is in, in front of the others of its class. */
void ad_call_again(struct ad_engine *engine, animaldetect_job *job);

/* Nothing until `until_ms`, then schedule. */
void ad_call_sleep(struct ad_engine *engine, animaldetect_job *job, int64_t until_ms);

/* The call ends well. */
void ad_call_end(struct ad_engine *engine, animaldetect_job *job);

/* The call ends with an error; step, attempts and job id are filled in from the job. */
void ad_call_fail(struct ad_engine *engine, animaldetect_job *job, struct ad_failure_facts *facts);

/* The same with only a status and static words (NULL for the status's own). */
void ad_call_refuse(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason);

/* A failure of a file or reader: words, the system's words for engine->os_error, the file's name. */
void ad_call_fail_source(struct ad_engine *engine, animaldetect_job *job, int32_t status, const char *reason);

/* The deadline has passed, or the next permitted try lies behind it (`hint_ms`, -1 when that is not why). */
void ad_call_fail_deadline(struct ad_engine *engine, animaldetect_job *job, int64_t hint_ms);

/* Takes a job out of whatever queue it stands in. */
void ad_call_unqueue(struct ad_engine *engine, animaldetect_job *job);

/* Wakes every job whose time has come, at most `budget`.  True when more are due. */
bool ad_call_wake_due(struct ad_engine *engine, int32_t budget);

#endif
