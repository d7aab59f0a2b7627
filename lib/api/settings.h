/* SPDX-License-Identifier: MIT */
/*
 * Setters of settings that also have an environment variable.  `what` names the setter or the variable in the message.
 * All locked; ANIMALDETECT_OK, or a status with its message stored for the host.
 */
#ifndef AD_API_SETTINGS_H
#define AD_API_SETTINGS_H

#include "api/client.h"

AD_CHECKED int32_t ad_client_check_api_key(animaldetect_client *client, const char *key, const char *what);
AD_CHECKED int32_t ad_client_put_api_key(animaldetect_client *client, const char *key, const char *what);
AD_CHECKED int32_t ad_client_put_base_url(animaldetect_client *client, const char *url, const char *what);

#endif
