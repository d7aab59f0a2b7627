/* SPDX-License-Identifier: MIT */
/*
 * Follows redirects.  Each is a request of its own, admitted, paced and counted like any other.  The transport follows
 * none, so that one place (exchange.c) decides where the API key is sent.
 */
#ifndef AD_ENGINE_REDIRECT_H
#define AD_ENGINE_REDIRECT_H

#include "base/check.h"
#include "engine/exchange.h"

/*
 * The response of this exchange is a redirect.  ANIMALDETECT_OK: `job->call.hop` is set, and the job may be queued for
 * its step again.  ANIMALDETECT_E_HTTP: it is not followed, `problem` says where it leads and why not; E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_redirect_follow(struct ad_exchange *exchange, struct ad_problem *problem);

/*
 * The exchange has a good response.  If permanent redirects led to it, the base URL moves for the lifetime of the
 * client, and the host is notified; at most three times, so that a service that moves back and forth does not flood the
 * log.
 */
void ad_redirect_arrived(struct ad_exchange *exchange);

#endif
