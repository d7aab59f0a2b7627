/* SPDX-License-Identifier: MIT */
/*
 * Calls while the service refuses the API key or the account: which fail at once, and which wait.
 */
#ifndef AD_ENGINE_ACCOUNT_H
#define AD_ENGINE_ACCOUNT_H

#include "engine/exchange.h"

/* Handles 401 or 402.  If the key was replaced since the request was sent, it is sent again with the new one. */
void ad_account_refused(struct ad_exchange *exchange, int32_t status);

/* Whether the call waits because the account is held. */
bool ad_account_holds(const struct ad_engine *engine, const animaldetect_job *job);

/* Fails a waiting call whose blocked thread may be the one that would have to end the hold. */
void ad_account_fail_blocked(struct ad_engine *engine, animaldetect_job *job);

#endif
