/* SPDX-License-Identifier: MIT */
/*
 * Handles a failed request: counts it, logs it, and retries it later or fails the call.
 */
#ifndef AD_ENGINE_RETRY_H
#define AD_ENGINE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/exchange.h"
#include "protocol/answer.h"

/* The maximum delay that the service has not asked for. */
#define AD_RETRY_CAP_MS 30000

/* Fails the call with `status`; `problem` may be NULL. */
void ad_retry_end(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem);

/* Remembers the error in case the call times out. */
void ad_retry_remember(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem);

/*
 * Counts and remembers a retriable failure.  False: it was the last attempt, and the call has completed.  `more`
 * attempts are allowed beyond the host's limit.
 */
bool ad_retry_may(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem, int32_t more);

/*
 * Retries the step after backoff, not before the service's Retry-After, but at the latest when it would be probed
 * anyway.
 */
void ad_retry_later(struct ad_exchange *exchange);

/* The same without checking the number of attempts: sleeps for the delay of attempt `attempt` (0: the first). */
void ad_retry_sleep(struct ad_exchange *exchange, int attempt);

/* Logs a record about this exchange. */
void ad_exchange_log(const struct ad_exchange *exchange, int32_t level, const char *before, const char *message);

#endif
