/* SPDX-License-Identifier: MIT */
/*
 * The interface of the engine for the public functions: start, cancel, forget, and take completed jobs.  One per
 * client; every function is called with the client's lock held.
 *
 *   idle -> hashing -> waiting -> wire -> (sleeping -> waiting -> wire)* -> done -> idle
 */
#ifndef AD_ENGINE_ENGINE_H
#define AD_ENGINE_ENGINE_H

#include "base/check.h"
#include "engine/core.h"

/* Takes ownership of the transport. */
void ad_engine_init(struct ad_engine *engine, const struct ad_config *config, struct ad_secret *key,
                    const struct ad_mask *mask, struct ad_log *log, struct ad_transport *transport, uint64_t seed);

/* Completes every call with E_CANCELED, without notifying the host, and closes the transport. */
void ad_engine_close(struct ad_engine *engine, bool forked);

/* Applies changes of quota, poll mode and poll bounds in the configuration to later requests. */
void ad_engine_set_quota(struct ad_engine *engine);
void ad_engine_set_polling(struct ad_engine *engine);

/* Applies changes of the settings of hold.h. */
void ad_engine_set_waits(struct ad_engine *engine);

/* The part of the configuration that is copied into a transport. */
struct ad_transport_settings ad_engine_settings(const struct ad_config *config);
/* Applies changes to it.  E_NO_MEMORY: the transport keeps the previous settings. */
AD_CHECKED int32_t ad_engine_configure(struct ad_engine *engine, const struct ad_config *config);

/* Starts a call that ad_flow_check allows; `blocks`: a thread waits for it.  E_NO_MEMORY: nothing was started. */
AD_CHECKED int32_t ad_engine_start(struct ad_engine *engine, animaldetect_job *job, enum ad_goal goal, bool blocks);

/* Completes the call in flight with E_CANCELED; it is collected like any other.  No effect without a call. */
void ad_engine_cancel(struct ad_engine *engine, animaldetect_job *job);

/* The same for every call. */
void ad_engine_cancel_all(struct ad_engine *engine);

/* Reorders its waiting request at once.  E_NO_MEMORY: nothing has changed. */
AD_CHECKED int32_t ad_engine_set_priority(struct ad_engine *engine, animaldetect_job *job, int32_t priority);

/* The machine changed networks: drops kept connections and retries at once what failed for lack of a network. */
void ad_engine_network_changed(struct ad_engine *engine);

/* The API key was replaced: ends the hold of the old key. */
void ad_engine_key_changed(struct ad_engine *engine);

/* The host asks to retry: ends the account hold, and probes a lost network at once. */
void ad_engine_resume(struct ad_engine *engine);

/* What holds requests back, for the public function: enum animaldetect_hold, and until when. */
struct ad_hold_report {
    int32_t reason;
    int64_t until_ms;
};
struct ad_hold_report ad_engine_hold(const struct ad_engine *engine);

/* Remaining time of the hold that the service, or another client of it, asked for; 0 if there is none. */
int64_t ad_engine_held_ms(const struct ad_engine *engine);
/* Holds API requests for this time, or longer if they are held already. */
void ad_engine_hold_requests(struct ad_engine *engine, int64_t wait_ms);

/*
 * Whether a blocking call would wait for its own host to end a hold.  ANIMALDETECT_OK, or the refusal of the service.
 */
AD_CHECKED int32_t ad_engine_check_blocking(const struct ad_engine *engine, const animaldetect_job *job);

/* Forgets the job: aborts its exchange and removes it from every queue, without a completion. */
void ad_engine_forget(struct ad_engine *engine, animaldetect_job *job);

/* The same after a fork, in the child: only memory and descriptors of this process are touched. */
void ad_engine_forget_forked(struct ad_engine *engine, animaldetect_job *job);

/* The next completed call, or NULL; it is then idle. */
animaldetect_job *ad_engine_take(struct ad_engine *engine);
/* Collects this job's completion. */
void ad_engine_take_job(struct ad_engine *engine, animaldetect_job *job);

/* Milliseconds until the next iteration is due; 0 now, -1 when only the transport can cause one. */
int64_t ad_engine_timeout_ms(const struct ad_engine *engine);

#endif
