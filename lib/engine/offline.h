/* SPDX-License-Identifier: MIT */
/*
 * A request that found no network, and the calls that wait for one.
 */
#ifndef AD_ENGINE_OFFLINE_H
#define AD_ENGINE_OFFLINE_H

#include "engine/exchange.h"

/* No connection, no TLS, or a portal: the call waits with all others, or ends with them. */
void ad_offline_act(struct ad_exchange *exchange, int32_t status);

/* A probe that broke off or was never answered: it has found no network either, and uses up no try. */
bool ad_offline_is_lost(const struct ad_exchange *exchange);

/* The service was heard through this exchange. */
void ad_offline_over(const struct ad_exchange *exchange);

/* Fails some of the calls that have waited for the whole patience.  True when there are more. */
bool ad_offline_give_up(struct ad_engine *engine);

#endif
