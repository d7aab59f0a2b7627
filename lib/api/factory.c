/* SPDX-License-Identifier: MIT */
/*
 * Creates the libcurl transport from a client's configuration.
 */
#include "api/factory.h"

#include <stdio.h>

#include <animaldetect/version.h>

#include "transport/curl/curl.h"

void ad_client_user_agent(const struct ad_config *config, char out[AD_USER_AGENT_SIZE])
{
    (void)snprintf(out, AD_USER_AGENT_SIZE, "libanimaldetect/%s%s%s", ANIMALDETECT_VERSION,
                   config->user_agent == NULL ? "" : " ", config->user_agent == NULL ? "" : config->user_agent);
}

int32_t ad_curl_factory(void *context, const struct ad_config *config, struct ad_transport **out)
{
    struct ad_curl_config settings = {0};
    char agent[AD_USER_AGENT_SIZE];

    ad_client_user_agent(config, agent);
    settings.user_agent = agent;
    settings.environment = context;
    settings.settings = ad_engine_settings(config);
    return ad_curl_transport_new(&settings, out);
}
