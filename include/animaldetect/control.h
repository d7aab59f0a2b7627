/* SPDX-License-Identifier: MIT */
/** @file
 * Control of a whole client while it runs: stop it, pause it, tell it that the network is another one; and what holds
 * it.
 */
#ifndef ANIMALDETECT_CONTROL_H
#define ANIMALDETECT_CONTROL_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a client does not begin for now, for `animaldetect_client_set_paused`. */
enum animaldetect_pause {
  ANIMALDETECT_PAUSE_NONE = 0,    /**< go on */
  ANIMALDETECT_PAUSE_CREATES = 1, /**< no new job at the service; those that have one are finished: drain */
  ANIMALDETECT_PAUSE_UPLOADS = 2, /**< no upload; everything else goes on */
  ANIMALDETECT_PAUSE_ALL = 3      /**< no request at all */
};

/**
 * Stops the client for good. Every call in flight completes with ANIMALDETECT_E_CANCELED and is handed out as usual. A
 * call that is started later returns ANIMALDETECT_E_CANCELED and sends nothing. Blocked threads return; once all
 * completions were collected, `animaldetect_client_wait` returns ANIMALDETECT_E_CANCELED. Getters,
 * `animaldetect_job_save` and `animaldetect_client_next_done` work as before. Free the client when every thread has
 * seen the end.
 */
ANIMALDETECT_API int32_t animaldetect_client_stop(animaldetect_client *client);

/**
 * Sets what the client does not begin for now. Requests on the wire are finished, also uploads. Calls wait meanwhile,
 * and their timeouts run. May be called at any time.
 *
 * @param what  a value of `enum animaldetect_pause`; default ANIMALDETECT_PAUSE_NONE
 */
ANIMALDETECT_API int32_t animaldetect_client_set_paused(animaldetect_client *client, int32_t what);

/**
 * Tells the client that the machine has another network, such as cellular in place of Wi-Fi: kept connections are not
 * used again, names are resolved anew, and what waits after a failure of the network is tried at once. Requests on the
 * wire are left alone; those that the old network carried end by their stall timeout. A custom transport is not told.
 */
ANIMALDETECT_API int32_t animaldetect_client_network_changed(animaldetect_client *client);

/** What keeps a client's requests back, for `animaldetect_client_hold_reason`. Treat an unknown number as a hold. */
enum animaldetect_hold {
  ANIMALDETECT_HOLD_NONE = 0,       /**< nothing */
  ANIMALDETECT_HOLD_NETWORK = 1,    /**< no network: all calls wait, one request at a time probes */
  ANIMALDETECT_HOLD_RATE_LIMIT = 2, /**< 429, or headers that say that nothing remains: API requests wait */
  ANIMALDETECT_HOLD_SERVICE = 3,    /**< 503 with a long `Retry-After`: API requests wait */
  /**
   * 401 or 402: creates wait for the host, after several 401 all API requests. Blocking calls do not wait, they end
   * with the same status. A call on a job that was refused asks again, for all; so does a blocking call on another job
   * a minute after the last refusal.
   */
  ANIMALDETECT_HOLD_ACCOUNT = 4
};

/**
 * What keeps requests back now; of several holds the one that holds the most.
 *
 * @return  a value of `enum animaldetect_hold`; ANIMALDETECT_HOLD_NONE also for NULL and for a client that was freed
 */
ANIMALDETECT_API int32_t animaldetect_client_hold_reason(animaldetect_client *client);

/**
 * Until when the hold of `animaldetect_client_hold_reason` lasts, or when the client next asks by itself whether it
 * still does, whichever comes first. Exact to a second.
 *
 * @return  milliseconds since 1970 by this machine's clock; 0 without a hold; -1 when only the host can end it, by
 *          `animaldetect_client_set_api_key` or `animaldetect_client_resume`
 */
ANIMALDETECT_API int64_t animaldetect_client_held_until_ms(animaldetect_client *client);

/**
 * Ends a hold of ANIMALDETECT_HOLD_ACCOUNT: the account can pay again, or the key has its rights back. Of a network that
 * is not there the next probe is sent at once. A wait that the service asked for goes on.
 */
ANIMALDETECT_API int32_t animaldetect_client_resume(animaldetect_client *client);

#ifdef __cplusplus
}
#endif

#endif
