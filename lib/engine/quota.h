/* SPDX-License-Identifier: MIT */
/*
 * Decides whether an API request may be sent: by the client's own pacer, or by permits that the host grants.  The hold
 * after a 429 or for a busy service is in the pacer in both cases.
 */
#ifndef AD_ENGINE_QUOTA_H
#define AD_ENGINE_QUOTA_H

#include "engine/exchange.h"
#include "engine/permits.h"

/* At the start of the engine, and when the host turns permits on or off or changes their settings. */
void ad_quota_init(struct ad_engine *engine);
void ad_quota_configure(struct ad_engine *engine);

/* Whether requests need permits. */
bool ad_quota_needs_permits(const struct ad_engine *engine);

/* Whether requests need permits, none is in hand, and there is no share. */
bool ad_quota_is_out_of_permits(const struct ad_engine *engine);

/* 0: a paced request may go now.  Otherwise when to check again; AD_TIME_NEVER: only a grant helps. */
int64_t ad_quota_ready_ms(struct ad_engine *engine);

/* Whether a probe may go during a hold.  It still needs a permit. */
bool ad_quota_lets_probe(struct ad_engine *engine);

/* A paced request is sent.  It ends when its exchange completes or is taken off the wire. */
void ad_quota_take(struct ad_engine *engine);
/* The request was not sent after all; called in the same millisecond. */
void ad_quota_untake(struct ad_engine *engine);
void ad_quota_end(struct ad_exchange *exchange, enum ad_permit_end end);

/* A 429 response, and the rate headers of any response; see pacer.h. */
void ad_quota_throttled(struct ad_exchange *exchange, int64_t hint_ms);
void ad_quota_hint(struct ad_exchange *exchange);

/* Allowed requests per minute x 1000; 0: unlimited, or unknown so far. */
int64_t ad_quota_rate_per_minute_x1000(struct ad_engine *engine);

/* Whether permits are unused and no request waits for them: a create may then exceed the window, see ad_admit. */
bool ad_quota_is_idle(struct ad_engine *engine);

/* How many more permits could be used now or soon, beyond those in hand. */
int32_t ad_quota_wanted(struct ad_engine *engine);

/* When permits change by time alone; AD_TIME_NEVER: not at all. */
int64_t ad_quota_next_ms(struct ad_engine *engine);

#endif
