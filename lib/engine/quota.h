/* SPDX-License-Identifier: MIT */
/*
 * May a request of the API go?  One place asks for all: the client's own pacer, or permits that the host grants; and
 * the hold that a 429 or a busy service began, which lives in the pacer in both cases.
 */
#ifndef AD_ENGINE_QUOTA_H
#define AD_ENGINE_QUOTA_H

#include "engine/exchange.h"
#include "engine/permits.h"

/* The engine begins, or the host has turned permits on or off or changed their settings. */
void ad_quota_init(struct ad_engine *engine);
void ad_quota_configure(struct ad_engine *engine);

/* Do requests need permits? */
bool ad_quota_needs_permits(const struct ad_engine *engine);

/* Do they, with none in hand and no share to live on? */
bool ad_quota_is_out_of_permits(const struct ad_engine *engine);

/* 0: a paced request may go now.  Otherwise when to ask again; AD_TIME_NEVER: only a grant helps. */
int64_t ad_quota_ready_ms(struct ad_engine *engine);

/* May one go although all wait, to ask whether they still have to?  A permit it needs all the same. */
bool ad_quota_lets_probe(struct ad_engine *engine);

/* A paced request goes out.  It is over when its exchange has completed or was taken off the wire. */
void ad_quota_take(struct ad_engine *engine);
/* It did not go after all, in the very same moment. */
void ad_quota_untake(struct ad_engine *engine);
void ad_quota_end(struct ad_exchange *exchange, enum ad_permit_end end);

/* Answer 429, and rate headers of any answer; see pacer.h. */
void ad_quota_throttled(struct ad_exchange *exchange, int64_t hint_ms);
void ad_quota_hint(struct ad_exchange *exchange);

/* What may go in a minute x 1000; 0: not limited, or not known yet. */
int64_t ad_quota_rate_per_minute_x1000(struct ad_engine *engine);

/* Permits without a request that waits for them: a create may go beyond the window, see ad_admit. */
bool ad_quota_is_idle(struct ad_engine *engine);

/* How many permits could be used now or soon, beyond those in hand. */
int32_t ad_quota_wanted(struct ad_engine *engine);

/* When permits change by time alone; AD_TIME_NEVER: they do not. */
int64_t ad_quota_next_ms(struct ad_engine *engine);

#endif
