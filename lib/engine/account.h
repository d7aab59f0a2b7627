/* SPDX-License-Identifier: MIT */
/*
 * Calls while the service refuses the key or the account: whom it is told, and who waits.
 */
#ifndef AD_ENGINE_ACCOUNT_H
#define AD_ENGINE_ACCOUNT_H

#include "engine/exchange.h"

/* 401 or 402.  With a key that was replaced meanwhile it is no refusal: the request is made again with the new one. */
void ad_account_refused(struct ad_exchange *exchange, int32_t status);

/* Does the request that the call waits for wait for the host's word on key or account? */
bool ad_account_holds(const struct ad_engine *engine, const animaldetect_job *job);

/* A call that came to wait although its thread may be the one that has to end the hold: told in place of waiting. */
void ad_account_tell(struct ad_engine *engine, animaldetect_job *job);

#endif
