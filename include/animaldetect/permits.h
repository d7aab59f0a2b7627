/* SPDX-License-Identifier: MIT */
/** @file
 * Permits: several clients, on one machine or on many, that share the quota of one key. A source of permits that the
 * host runs, such as a Redis server, counts for all of them; the host passes numbers between it and each client with
 * the functions below.
 *
 * A permit is for one API request; uploads need none. The host grants permits for a time and may take unused ones back.
 * A permit is charged from the grant until it is *settled*: an unused permit at once; one whose request was answered,
 * at that time; one whose request failed but may have reached the service, the lag later. A source that grants only
 * while what is outstanding, plus what was settled in the last minute, is at most the quota never lets more requests
 * arrive in any minute than the quota, whatever is delayed or lost.
 *
 * Read the numbers after each `animaldetect_client_process`: the descriptor of the client becomes readable when one of
 * them may have changed. When other threads drive the client, or one waits in `animaldetect_client_wait`, read them
 * every half second.
 */
#ifndef ANIMALDETECT_PERMITS_H
#define ANIMALDETECT_PERMITS_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sets whether API requests need permits. With permits the rate limit of `animaldetect_client_set_rate_limit` and rate
 * headers are not used. A 429 still holds requests, but the source must reduce the pace of all clients. May be called
 * at any time. What is outstanding when permits are turned off is still settled and reported. Requests that are on the
 * wire when permits are turned on are outstanding from then on, without a grant. Those that were answered before are in
 * no report: a host that turns permits on in mid-run tells its source of them, or waits a minute.
 *
 * @param on  1, or 0 (default)
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_permits(animaldetect_client *client, int32_t on);

/**
 * Sets what the client may use while nothing is granted because the source of permits is unavailable. By default it
 * waits. When nothing was granted and no permit used for `after_ms`, it sends at its share of the quota until the next
 * grant. These requests are outstanding and settled like all others. The quota holds if the shares of all clients
 * together are at most the quota.
 *
 * @param requests_per_minute  0 to wait (default), to 10,000,000
 * @param after_ms             60,000 to 86,400,000 ms, so that the last grant is over a minute old
 */
ANIMALDETECT_API int32_t animaldetect_client_set_permit_share(animaldetect_client *client, int32_t requests_per_minute,
                                                              int64_t after_ms);

/**
 * Sets how long after it was sent a request may still arrive at the service. A request that failed without a response
 * is settled after this time, and with permits no connection may take longer to establish. Default 10,000 ms.
 *
 * @param lag_ms  100 to 600,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_permit_lag_ms(animaldetect_client *client, int64_t lag_ms);

/**
 * How many more permits the client could use now or within a second.
 *
 * @param out  receives the number; 0 without permits and before the first job. During a hold it is 1 while something
 *             waits: for the request that probes whether the hold still applies
 */
ANIMALDETECT_API int32_t animaldetect_client_permits_wanted(animaldetect_client *client, int32_t *out);

/**
 * Grants permits. A permit that is unused at the end of its lifetime expires.
 *
 * @param count    1 to 1,000,000
 * @param life_ms  1 to 3,600,000 ms from now: the host subtracts what has passed since it asked the source
 * @return  also ANIMALDETECT_E_STATE when requests need no permits, or before the first job
 */
ANIMALDETECT_API int32_t animaldetect_client_grant_permits(animaldetect_client *client, int32_t count, int64_t life_ms);

/**
 * Takes back unused permits, those with the longest lifetime first.
 *
 * @param count  how many at most; 0 or more
 * @param out    receives how many there were
 */
ANIMALDETECT_API int32_t animaldetect_client_return_permits(animaldetect_client *client, int32_t count, int32_t *out);

/**
 * Reports the permits that were settled since the last report, and how many are outstanding, both at the same moment:
 * read separately, a request that is answered in between would be in neither. Keep the ages until the source has
 * received them. Permits that do not fit are outstanding until the next report. A permit that was settled more than two
 * minutes ago is no longer reported.
 *
 * @param ages_ms          receives how many milliseconds ago each was settled, the oldest first; may be NULL when
 *                         `capacity` is 0
 * @param capacity         of the array, in numbers
 * @param out_settled      receives how many it received
 * @param out_outstanding  receives how many are outstanding: unused, on the wire, failed less than the lag ago, or not
 *                         in this report
 */
ANIMALDETECT_API int32_t animaldetect_client_report_permits(animaldetect_client *client, int64_t *ages_ms,
                                                            int32_t capacity, int32_t *out_settled,
                                                            int32_t *out_outstanding);

/**
 * Reports the 429 responses since the last call, to share them with the other clients. A response to a request that was
 * already on the wire when the previous 429 arrived is not counted.
 *
 * @param out_count    receives how many there were
 * @param out_wait_ms  receives for how many more milliseconds the client holds its requests; 0 for none
 */
ANIMALDETECT_API int32_t animaldetect_client_take_rate_limits(animaldetect_client *client, int32_t *out_count,
                                                              int64_t *out_wait_ms);

/**
 * Holds all API requests as after a 429, for a 429 that another client received. A longer hold stays.
 *
 * @param wait_ms  0 to 86,400,000 ms from now
 * @return  also ANIMALDETECT_E_STATE before the first job
 */
ANIMALDETECT_API int32_t animaldetect_client_hold_requests(animaldetect_client *client, int64_t wait_ms);

#ifdef __cplusplus
}
#endif

#endif
