/* SPDX-License-Identifier: MIT */
/*
 * Acts on a verdict: what becomes of the call whose request was answered, or was not.
 */
#ifndef AD_ENGINE_ACT_H
#define AD_ENGINE_ACT_H

#include "engine/exchange.h"
#include "protocol/verdict.h"

/* The exchange is off the wire; what it brought is still there. */
void ad_act(struct ad_exchange *exchange, struct ad_verdict verdict);

#endif
