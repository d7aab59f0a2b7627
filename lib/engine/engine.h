/* SPDX-License-Identifier: MIT */
/*
 * The engine as the public functions see it: start, cancel, forget, and take completed jobs.  One per client; every
 * function is called with the client's lock held.
 *
 *   idle -> hashing -> waiting -> wire -> (sleeping -> waiting -> wire)* -> done -> idle
 */
#ifndef AD_ENGINE_ENGINE_H
#define AD_ENGINE_ENGINE_H

#include "base/check.h"
#include "engine/core.h"

/* Takes over the transport. */
void ad_engine_init(struct ad_engine *engine, const struct ad_config *config, struct ad_secret *key,
                    const struct ad_mask *mask, struct ad_log *log, struct ad_transport *transport, uint64_t seed);

/* Completes every call silently with E_CANCELED and closes the transport. */
void ad_engine_close(struct ad_engine *engine, bool forked);

/* The host has changed quota, or poll mode and bounds, in the configuration: they count for what is sent next. */
void ad_engine_set_quota(struct ad_engine *engine);
void ad_engine_set_polling(struct ad_engine *engine);

/* Starts a call that ad_flow_check allows.  E_NO_MEMORY: nothing was started. */
AD_CHECKED int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal);

/* Completes the call in flight with E_CANCELED, handed out like any other.  Nothing without a call. */
void ad_engine_cancel(struct ad_engine *engine, animaldetect_job *job);

/* Forgets the job: aborts its exchange, takes it out of every queue, hands nothing out. */
void ad_engine_forget(struct ad_engine *engine, animaldetect_job *job);

/* The same in a child of the process that made the client: touches memory and this process's descriptors. */
void ad_engine_forget_forked(struct ad_engine *engine, animaldetect_job *job);

/* The next completed call, or NULL; it is idle afterwards. */
animaldetect_job *ad_engine_take(struct ad_engine *engine);
/* Takes this job's completion. */
void ad_engine_take_job(struct ad_engine *engine, animaldetect_job *job);

/* Milliseconds until the next iteration is due; 0 now, -1 when only the transport can tell. */
int64_t ad_engine_timeout_ms(const struct ad_engine *engine);

#endif
