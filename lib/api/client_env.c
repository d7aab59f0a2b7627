/* SPDX-License-Identifier: MIT */
/*
 * Configuration from the environment.
 */
#include <sodium.h>
#include <string.h>

#include <animaldetect/client.h>

#include "api/guard.h"
#include "api/settings.h"
#include "base/environment.h"

#define VALUE_SIZE 8192 /* more than any accepted value */

/* Surrounding white space, such as the line end of the file that it was read from, is not part of the value. */
struct variable {
    const char *name;
    char value[VALUE_SIZE]; /* "": unset or empty */
};

static void read_variable(struct variable *variable, const char *name)
{
    static const char BLANKS[] = " \t\r\n";
    const char *text = ad_environment_get(name);
    size_t size;

    variable->name = name;
    text = text == NULL ? "" : text + strspn(text, BLANKS);
    size = strlen(text);
    while (size > 0 && strchr(BLANKS, text[size - 1]) != NULL)
        size--;
    size = size < VALUE_SIZE ? size : VALUE_SIZE - 1;
    memcpy(variable->value, text, size);
    variable->value[size] = '\0';
}

/* Validates everything before changing anything. */
static int32_t configure(animaldetect_client *client, const struct variable *key, const struct variable *url)
{
    int32_t status;

    if (*key->value == '\0')
        return ad_client_refuse(client, ANIMALDETECT_E_NO_API_KEY,
                                "no API key: set AD_API_KEY or ANIMAL_DETECT_API_KEY");
    status = ad_client_check_api_key(client, key->value, key->name);
    if (status == ANIMALDETECT_OK && *url->value != '\0')
        status = ad_client_put_base_url(client, url->value, url->name);
    return status == ANIMALDETECT_OK ? ad_client_put_api_key(client, key->value, key->name) : status;
}

int32_t animaldetect_client_configure_from_env(animaldetect_client *client)
{
    struct variable key;
    struct variable url;
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    read_variable(&key, "AD_API_KEY");
    if (*key.value == '\0')
        read_variable(&key, "ANIMAL_DETECT_API_KEY");
    read_variable(&url, "AD_API_BASE_URL");
    status = configure(client, &key, &url);
    sodium_memzero(key.value, sizeof key.value);
    ad_unlock(client);
    return status;
}
