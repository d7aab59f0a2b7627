/* SPDX-License-Identifier: MIT */
/*
 * Handles requests that cannot reach the network, and the calls that wait for it.
 */
#ifndef AD_ENGINE_OFFLINE_H
#define AD_ENGINE_OFFLINE_H

#include "engine/exchange.h"

/* No connection, no TLS, or a captive portal: the call waits with all others, or fails with them. */
void ad_offline_act(struct ad_exchange *exchange, int32_t status);

/* Whether it is a probe that broke off or got no response: it counts as offline and uses up no attempt. */
bool ad_offline_is_lost(const struct ad_exchange *exchange);

/* The service responded to this exchange. */
void ad_offline_responded(const struct ad_exchange *exchange);

/* Fails some of the calls whose offline patience has run out.  True when there are more. */
bool ad_offline_give_up(struct ad_engine *engine);

#endif
