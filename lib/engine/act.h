/* SPDX-License-Identifier: MIT */
/*
 * Acts on a verdict: what happens to a call after its request has completed or failed.
 */
#ifndef AD_ENGINE_ACT_H
#define AD_ENGINE_ACT_H

#include "engine/exchange.h"
#include "protocol/verdict.h"

/* The exchange is off the wire; its response is still readable. */
void ad_act(struct ad_exchange *exchange, struct ad_verdict verdict);

#endif
