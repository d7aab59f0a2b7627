/* SPDX-License-Identifier: MIT */
/*
 * A request that failed: counted, remembered, logged, and made again later, or its call ends.
 */
#ifndef AD_ENGINE_RETRY_H
#define AD_ENGINE_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/exchange.h"
#include "protocol/answer.h"

/* The upper end of a wait that the service has not asked for. */
#define AD_RETRY_CAP_MS 30000

/* The call ends with `status`; `problem` may be NULL. */
void ad_retry_end(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem);

/* What was met on the way, in case the timeout comes. */
void ad_retry_remember(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem);

/*
 * Counts a failure that may be tried again, and remembers it.  False: it was the last try, and the call has completed.
 * `more` tries are granted beyond what the host allows.
 */
bool ad_retry_may(struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem, int32_t more);

/* The same step after backoff, not before the service's time but at the latest when it would be asked anyway. */
void ad_retry_later(struct ad_exchange *exchange);

/* The same without a look at the tries: the wait before try `attempt` (0: the first). */
void ad_retry_sleep(struct ad_exchange *exchange, int attempt);

/* A log record about this exchange. */
void ad_exchange_log(const struct ad_exchange *exchange, int32_t level, const char *before, const char *words);

#endif
