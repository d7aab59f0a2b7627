/* SPDX-License-Identifier: MIT */
/*
 * The error message of a failed exchange.
 */
#ifndef AD_ENGINE_EXPLAIN_H
#define AD_ENGINE_EXPLAIN_H

#include "engine/exchange.h"
#include "engine/failure.h"

/* The facts of a failure.  `facts.reason` points to `reason`, so the struct must not be copied. */
struct ad_explanation {
    struct ad_failure_facts facts;
    char reason[768];
};

/* `problem`: what could not be read in the response, NULL for nothing.  Borrows from the exchange and its job. */
void ad_exchange_explain(const struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem,
                         struct ad_explanation *out);

/* The delay that the service asked for, -1 if it did not. */
int64_t ad_exchange_hint_ms(const struct ad_exchange *exchange);

#endif
