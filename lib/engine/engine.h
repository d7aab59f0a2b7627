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

/* The same of the waits of hold.h. */
void ad_engine_set_waits(struct ad_engine *engine);

/* The part of the configuration that a transport has a copy of. */
struct ad_transport_settings ad_engine_settings(const struct ad_config *config);
/* It has changed.  E_NO_MEMORY: the transport goes on with what it had. */
AD_CHECKED int32_t ad_engine_configure(struct ad_engine *engine, const struct ad_config *config);

/* Starts a call that ad_flow_check allows, for a thread that blocks or not.  E_NO_MEMORY: nothing was started. */
AD_CHECKED int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal, bool blocks);

/* Completes the call in flight with E_CANCELED, handed out like any other.  Nothing without a call. */
void ad_engine_cancel(struct ad_engine *engine, animaldetect_job *job);

/* The same for every call. */
void ad_engine_cancel_all(struct ad_engine *engine);

/* Its place among those that wait changes at once.  E_NO_MEMORY: nothing has changed. */
AD_CHECKED int32_t ad_engine_set_priority(struct ad_engine *engine, animaldetect_job *job, int32_t priority);

/* The machine has another network: the transport drops kept connections, what it made fail is tried at once. */
void ad_engine_network_changed(struct ad_engine *engine);

/* The key is another one: what was refused for the old one need not wait. */
void ad_engine_key_changed(struct ad_engine *engine);

/* The host says that what was refused may be asked for again; a network that is looked for is looked for at once. */
void ad_engine_resume(struct ad_engine *engine);

/* What keeps requests back, for the host: enum animaldetect_hold, and until when, as the public function says it. */
struct ad_hold_report {
    int32_t reason;
    int64_t until_ms;
};
struct ad_hold_report ad_engine_hold(const struct ad_engine *engine);

/* How much longer requests of the API wait since the service, or another client of its, said so; 0 when they do not. */
int64_t ad_engine_held_ms(const struct ad_engine *engine);
/* They wait for so long, unless they wait for longer. */
void ad_engine_hold_requests(struct ad_engine *engine, int64_t wait_ms);

/* Would the call of a thread that blocks wait for its own host?  ANIMALDETECT_OK, or the refusal of the service. */
AD_CHECKED int32_t ad_engine_check_blocking(const struct ad_engine *engine, const animaldetect_job *job);

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
