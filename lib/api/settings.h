/* SPDX-License-Identifier: MIT */
/*
 * Settings that can come from more than one place: a setter, or a variable of the environment.  `what` names the place
 * in the message.  All locked; ANIMALDETECT_OK, or a status with the reason kept for the host.
 */
#ifndef AD_API_SETTINGS_H
#define AD_API_SETTINGS_H

#include "api/client.h"

AD_CHECKED int32_t ad_client_check_api_key(animaldetect_client *client, const char *key, const char *what);
AD_CHECKED int32_t ad_client_put_api_key(animaldetect_client *client, const char *key, const char *what);
AD_CHECKED int32_t ad_client_put_base_url(animaldetect_client *client, const char *url, const char *what);

#endif
