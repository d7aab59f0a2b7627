/* SPDX-License-Identifier: MIT */
/** @file
 * Control of a running client: stop it, pause it, report another network; query and end its holds.
 */
#ifndef ANIMALDETECT_CONTROL_H
#define ANIMALDETECT_CONTROL_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which requests a client does not start, for `animaldetect_client_set_paused`. */
enum animaldetect_pause {
  ANIMALDETECT_PAUSE_NONE = 0,    /**< nothing is paused */
  ANIMALDETECT_PAUSE_CREATES = 1, /**< create no new jobs, finish existing ones: drain */
  ANIMALDETECT_PAUSE_UPLOADS = 2, /**< start no uploads; everything else continues */
  ANIMALDETECT_PAUSE_ALL = 3      /**< start no requests */
};

/**
 * Stops the client permanently. Every call in flight completes with ANIMALDETECT_E_CANCELED and is handed out as usual.
 * A call that is started later returns ANIMALDETECT_E_CANCELED and sends nothing. Blocked threads return; once all
 * completions were collected, `animaldetect_client_wait` returns ANIMALDETECT_E_CANCELED. Getters,
 * `animaldetect_job_save` and `animaldetect_client_next_done` work as before. Free the client after every thread has
 * stopped using it.
 */
ANIMALDETECT_API int32_t animaldetect_client_stop(animaldetect_client *client);

/**
 * Sets which requests the client does not start. Requests on the wire, including uploads, are finished. Calls wait
 * meanwhile, and their timeouts run. May be called at any time.
 *
 * @param what  a value of `enum animaldetect_pause`; default ANIMALDETECT_PAUSE_NONE
 */
ANIMALDETECT_API int32_t animaldetect_client_set_paused(animaldetect_client *client, int32_t what);

/**
 * Notifies the client that the machine has another network, such as cellular in place of Wi-Fi. Idle connections are
 * not used again, names are resolved again, and requests that wait after a network failure are retried at once.
 * Requests on the wire continue; those on the old network fail at their stall timeout. A custom transport is not
 * notified.
 */
ANIMALDETECT_API int32_t animaldetect_client_network_changed(animaldetect_client *client);

/** Why a client holds requests, for `animaldetect_client_hold_reason`. Treat an unknown number as a hold. */
enum animaldetect_hold {
  ANIMALDETECT_HOLD_NONE = 0,       /**< nothing */
  ANIMALDETECT_HOLD_NETWORK = 1,    /**< no network: all calls wait, one request at a time probes */
  ANIMALDETECT_HOLD_RATE_LIMIT = 2, /**< 429, or rate headers without a remaining request: API requests wait */
  ANIMALDETECT_HOLD_SERVICE = 3,    /**< 503 with a long `Retry-After`: API requests wait */
  /**
   * 401 or 402: creates wait until the host acts, after several 401 all API requests. Blocking calls do not wait, they
   * fail with the same status. A new call on a job that was refused probes for all jobs; so does a blocking call on
   * another job a minute after the last refusal.
   */
  ANIMALDETECT_HOLD_ACCOUNT = 4
};

/**
 * Why requests are held now. If several holds apply, the one that holds the most requests.
 *
 * @return  a value of `enum animaldetect_hold`; ANIMALDETECT_HOLD_NONE also for NULL and for a client that was freed
 */
ANIMALDETECT_API int32_t animaldetect_client_hold_reason(animaldetect_client *client);

/**
 * When the hold of `animaldetect_client_hold_reason` ends, or when the client next probes whether it still applies,
 * whichever comes first. Exact to a second.
 *
 * @return  milliseconds since 1970 by this machine's clock; 0 without a hold; -1 when only the host can end it, by
 *          `animaldetect_client_set_api_key` or `animaldetect_client_resume`
 */
ANIMALDETECT_API int64_t animaldetect_client_held_until_ms(animaldetect_client *client);

/**
 * Ends a hold of ANIMALDETECT_HOLD_ACCOUNT, after the account or the key was corrected. During
 * ANIMALDETECT_HOLD_NETWORK the next probe is sent at once. A wait that the service requested continues.
 */
ANIMALDETECT_API int32_t animaldetect_client_resume(animaldetect_client *client);

#ifdef __cplusplus
}
#endif

#endif
