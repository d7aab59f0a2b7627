/* SPDX-License-Identifier: MIT */
/*
 * Creates the libcurl transport of a client without a custom transport, by the client's configuration.
 */
#ifndef AD_API_FACTORY_H
#define AD_API_FACTORY_H

#include "api/client.h"
#include "base/check.h"

#define AD_USER_AGENT_SIZE 320

/* The library's name and version, and what the host added. */
void ad_client_user_agent(const struct ad_config *config, char out[AD_USER_AGENT_SIZE]);

/* An ad_transport_factory; the context is not used. */
AD_CHECKED int32_t ad_curl_factory(void *context, const struct ad_config *config, struct ad_transport **out);

#endif
