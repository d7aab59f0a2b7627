/* SPDX-License-Identifier: MIT */
/** @file
 * Counters and gauges of a client, read one at a time so that more can be added.
 */
#ifndef ANIMALDETECT_STATISTICS_H
#define ANIMALDETECT_STATISTICS_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What `animaldetect_client_statistic` can read. Counters only grow; gauges are marked. */
enum animaldetect_statistic {
  ANIMALDETECT_STAT_REQUESTS_CREATE = 0,   /**< create requests that went on the wire, retries included */
  ANIMALDETECT_STAT_REQUESTS_UPLOAD = 1,   /**< upload requests that went on the wire, retries included */
  ANIMALDETECT_STAT_REQUESTS_SUBMIT = 2,   /**< submit requests that went on the wire, retries included */
  ANIMALDETECT_STAT_REQUESTS_POLL = 3,     /**< polls that went on the wire, retries included */
  ANIMALDETECT_STAT_REQUESTS_FETCH = 4,    /**< fetches that went on the wire, retries included */
  ANIMALDETECT_STAT_RETRIES = 5,           /**< requests that were repeated after a failure */
  ANIMALDETECT_STAT_RATE_LIMITED = 6,      /**< responses with status 429 */
  ANIMALDETECT_STAT_BYTES_SENT = 7,        /**< bytes of request bodies */
  ANIMALDETECT_STAT_BYTES_RECEIVED = 8,    /**< bytes of response bodies */
  ANIMALDETECT_STAT_CALLS_SUCCEEDED = 9,   /**< calls that completed with ANIMALDETECT_OK */
  ANIMALDETECT_STAT_CALLS_FAILED = 10,     /**< calls that completed with an error */
  ANIMALDETECT_STAT_CALLS_CANCELED = 11,   /**< calls that completed with ANIMALDETECT_E_CANCELED */
  ANIMALDETECT_STAT_JOBS_SUCCEEDED = 12,   /**< jobs that the service finished */
  ANIMALDETECT_STAT_JOBS_FAILED = 13,      /**< jobs that the service failed */
  ANIMALDETECT_STAT_JOBS_EXPIRED = 14,     /**< jobs that the service dropped */
  ANIMALDETECT_STAT_REPLAYS = 15,          /**< create requests for which the service returned an existing job */
  ANIMALDETECT_STAT_CALLS_IN_FLIGHT = 16,  /**< gauge */
  ANIMALDETECT_STAT_REQUESTS_ACTIVE = 17,  /**< gauge: requests on the wire now */
  ANIMALDETECT_STAT_REQUESTS_WAITING = 18, /**< gauge: requests waiting for a slot or for quota */
  ANIMALDETECT_STAT_PACE_PER_MINUTE = 19,  /**< gauge: requests per minute that the pacer allows now; 0 for unpaced */
  ANIMALDETECT_STAT_HOLD_MS = 20,          /**< gauge: milliseconds until the hold after a 429 ends; 0 for none */
  ANIMALDETECT_STAT_ITERATIONS = 21,       /**< iterations of the engine; constant on an idle client */
  ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN = 22, /**< bytes sent for uploads that failed */
  ANIMALDETECT_STAT_FRESH_URLS = 23,       /**< create requests for a fresh upload URL of a job that had one */
  ANIMALDETECT_STAT_UPLOADS_ACTIVE = 24,   /**< gauge: uploads on the wire now */
  ANIMALDETECT_STAT_UPLINK_RATE = 25,      /**< gauge: bytes per second that uploads get through; 0 for unknown */
  /**
   * gauge: milliseconds that the service's clock is ahead of this machine's, by the `Date` of the API's last response,
   * exact to a second or two; negative when it is behind, 0 also for unknown
   */
  ANIMALDETECT_STAT_CLOCK_OFFSET_MS = 26
};

/**
 * Reads one statistic.
 *
 * @param which  a value of `enum animaldetect_statistic`
 * @param out    receives the value
 * @return  also ANIMALDETECT_E_INVALID_ARGUMENT (an unknown `which` too)
 */
ANIMALDETECT_API int32_t animaldetect_client_statistic(animaldetect_client *client, int32_t which, int64_t *out);

/**
 * Name of a statistic, such as "requests_create": for a host that exports all of them, also those of later versions.
 *
 * @param which  a value of `enum animaldetect_statistic`; they are counted from 0 without a gap
 * @return  static text, always valid; NULL past the last one
 */
ANIMALDETECT_API const char *animaldetect_statistic_name(int32_t which);

/**
 * Whether a statistic is a gauge, which goes up and down, and not a counter.
 *
 * @param which  a value of `enum animaldetect_statistic`
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_statistic_is_gauge(int32_t which);

/**
 * A quantile of the recent latencies of one step's requests, from sending the request to receiving the response.
 *
 * @param step      a value of `enum animaldetect_step` from create to fetch; ANIMALDETECT_STEP_NONE for whole jobs:
 *                  from the start of a `run` call to its success
 * @param quantile  0.0 to 1.0, such as 0.99
 * @param out_ms    receives milliseconds; exact to about 5 percent
 * @return  also ANIMALDETECT_ABSENT when nothing was measured yet
 */
ANIMALDETECT_API int32_t animaldetect_client_latency_ms(animaldetect_client *client, int32_t step, double quantile,
                                                      int64_t *out_ms);

#ifdef __cplusplus
}
#endif

#endif
