/* SPDX-License-Identifier: MIT */
/*
 * A client that is configured from the environment.
 */
#include <stdlib.h>

#include <animaldetect/client.h>

static const char *from_env(const char *name)
{
    const char *value = getenv(name); /* NOLINT(concurrency-mt-unsafe): said at the function that asks */

    return value == NULL || *value == '\0' ? NULL : value;
}

int32_t animaldetect_client_new_from_env(animaldetect_client **out)
{
    animaldetect_client *client = NULL;
    const char *key = from_env("AD_API_KEY");
    const char *base_url = from_env("AD_API_BASE_URL");
    int32_t status = animaldetect_client_new(&client);

    if (status != ANIMALDETECT_OK) {
        if (out != NULL)
            *out = NULL;
        return status;
    }
    if (key == NULL)
        key = from_env("ANIMAL_DETECT_API_KEY");
    if (out == NULL)
        status = ANIMALDETECT_E_INVALID_ARGUMENT;
    else
        *out = NULL;
    if (status == ANIMALDETECT_OK && key == NULL)
        status = ANIMALDETECT_E_NO_API_KEY;
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_api_key(client, key);
    if (status == ANIMALDETECT_OK && base_url != NULL)
        status = animaldetect_client_set_base_url(client, base_url);
    if (status == ANIMALDETECT_OK)
        *out = client;
    else
        animaldetect_client_free(client);
    return status;
}
