/* SPDX-License-Identifier: MIT */
/*
 * Redirects: each is a request of its own, admitted, paced and counted like any other.  The transport follows none, so
 * that one place (exchange.c) decides what may see the API key.
 */
#ifndef AD_ENGINE_REDIRECT_H
#define AD_ENGINE_REDIRECT_H

#include "base/check.h"
#include "engine/exchange.h"

/*
 * The answer of this exchange is a redirect.  ANIMALDETECT_OK: `job->call.hop` is set, and the job may be queued for
 * its step again.  ANIMALDETECT_E_HTTP: it is not followed, `problem` says where it leads and why not; E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_redirect_follow(struct ad_exchange *exchange, struct ad_problem *problem);

/*
 * The exchange has brought a good answer.  If redirects that are for good have led there, the base URL moves for the
 * client's life, and the host is told; at most three times, so that a service that moves to and fro fills no log.
 */
void ad_redirect_arrived(struct ad_exchange *exchange);

#endif
