/* SPDX-License-Identifier: MIT */
/*
 * The client's setters of texts and switches. Each checks its argument, then changes one thing.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <animaldetect/client.h>

#include "api/guard.h"
#include "api/settings.h"
#include "base/text.h"
#include "protocol/payload.h"
#include "transport/curl/curl.h"

static int32_t check_unused(animaldetect_client *client)
{
    if (!client->running)
        return ANIMALDETECT_OK;
    return ad_client_refuse(client, ANIMALDETECT_E_STATE, "this setting cannot be changed once the client is in use");
}

/* Enters, for settings that are fixed once the client is in use. */
static int32_t client_enter_setup(animaldetect_client *client)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    status = check_unused(client);
    if (status != ANIMALDETECT_OK)
        ad_unlock(client);
    return status;
}

static int32_t client_leave_with(animaldetect_client *client, int32_t status)
{
    ad_unlock(client);
    return status;
}

static int32_t client_replace_text(char **field, const char *text, size_t size)
{
    char *copy = NULL;

    if (text != NULL) {
        copy = malloc(size + 1);
        if (copy == NULL)
            return ANIMALDETECT_E_NO_MEMORY;
        memcpy(copy, text, size);
        copy[size] = '\0';
    }
    free(*field);
    *field = copy;
    return ANIMALDETECT_OK;
}

int32_t ad_client_check_api_key(animaldetect_client *client, const char *key, const char *what)
{
    if (key != NULL && ad_text_same_nocase(key, "Bearer ", 7))
        return ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                "%s must be the key alone, without \"Bearer \" in front", what);
    if (key == NULL || *key == '\0' || ad_text_length(key, 4096) > 4096 || !ad_text_is_visible_ascii(key))
        return ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                "%s must be 1 to 4,096 printable ASCII characters without spaces", what);
    return ANIMALDETECT_OK;
}

int32_t ad_client_put_api_key(animaldetect_client *client, const char *key, const char *what)
{
    int32_t status = ad_client_check_api_key(client, key, what);

    if (status == ANIMALDETECT_OK)
        status = ad_mask_add(&client->mask, key);
    if (status == ANIMALDETECT_OK)
        status = ad_secret_set(&client->key, key);
    if (status == ANIMALDETECT_OK && client->running)
        ad_engine_key_changed(&client->engine);
    return status;
}

int32_t animaldetect_client_set_api_key(animaldetect_client *client, const char *key)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    return client_leave_with(client, ad_client_put_api_key(client, key, "the API key"));
}

static int32_t explain_url(animaldetect_client *client, int32_t status, const char *what)
{
    if (status == ANIMALDETECT_OK || status == ANIMALDETECT_E_NO_MEMORY)
        return status;
    if (status == ANIMALDETECT_E_INSECURE_URL)
        return ad_client_refuse(client, status, "%s uses plain http to a host other than loopback; use https", what);
    return ad_client_refuse(client, status,
                            "%s must be an absolute http or https URL without user name, query or fragment", what);
}

int32_t ad_client_put_base_url(animaldetect_client *client, const char *url, const char *what)
{
    int32_t status;

    if (url == NULL)
        return explain_url(client, ANIMALDETECT_E_INVALID_ARGUMENT, what);
    if (client->running && !ad_config_has_base_url(&client->config, url))
        return ad_client_refuse(client, ANIMALDETECT_E_STATE, "%s cannot be changed once the client is in use", what);
    status = client->running ? ANIMALDETECT_OK : ad_config_set_base_url(&client->config, url);
    return explain_url(client, status, what);
}

int32_t animaldetect_client_set_base_url(animaldetect_client *client, const char *url)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    return client_leave_with(client, ad_client_put_base_url(client, url, "the base URL"));
}

int32_t animaldetect_client_add_trusted_origin(animaldetect_client *client, const char *origin)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    status = origin == NULL ? ANIMALDETECT_E_INVALID_ARGUMENT : ad_config_add_trusted(&client->config, origin);
    return client_leave_with(client, explain_url(client, status, "the trusted origin"));
}

/* Replaces a text that the transport has a copy of; on any failure nothing changes. */
static int32_t client_exchange_text(animaldetect_client *client, char **field, const char *text, size_t size)
{
    char *before = *field;
    int32_t status;

    *field = NULL;
    status = client_replace_text(field, text, size);
    if (status == ANIMALDETECT_OK && client->running)
        status = ad_engine_configure(&client->engine, &client->config);
    if (status == ANIMALDETECT_OK) {
        ad_secret_wipe_text(before); /* a proxy's may contain a password */
        return status;
    }
    ad_secret_wipe_text(*field);
    *field = before;
    return status;
}

/* Sets a text of the configuration, by its offset; `clean` checks it. */
static int32_t client_set_text(animaldetect_client *client, size_t offset, const char *text, size_t max,
                               bool (*clean)(const char *), const char *what)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (text == NULL || ad_text_length(text, max) > max || (*text != '\0' && !clean(text)))
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "%s is too long or contains invalid characters", what);
    else
        status = client_replace_text((char **)(void *)((char *)&client->config + offset), text, strlen(text));
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_ca_file(animaldetect_client *client, const char *path)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (path == NULL || *path == '\0' || ad_text_length(path, 4095) > 4095)
        return client_leave_with(client, ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                                          "the path of the CA file is empty or too long"));
    if (access(path, R_OK) != 0)
        return client_leave_with(
            client, ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the CA file cannot be read"));
    return client_leave_with(client, client_exchange_text(client, &client->config.ca_file, path, strlen(path)));
}

int32_t animaldetect_client_set_ca_pem(animaldetect_client *client, const char *pem, size_t size)
{
    static const char MARK[] = "-----BEGIN CERTIFICATE-----";
    size_t size_before;
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (pem == NULL || size < sizeof MARK || size > 4 * 1024 * 1024 || memmem(pem, size, MARK, sizeof MARK - 1) == NULL)
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the CA certificates are not PEM text");
    if (status != ANIMALDETECT_OK)
        return client_leave_with(client, status);
    size_before = client->config.ca_pem_size;
    client->config.ca_pem_size = size;
    status = client_exchange_text(client, &client->config.ca_pem, pem, size);
    if (status != ANIMALDETECT_OK)
        client->config.ca_pem_size = size_before;
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_proxy(animaldetect_client *client, const char *url)
{
    const char *reason = "is too long or contains invalid characters";
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (url == NULL || ad_text_length(url, 2048) > 2048 || !ad_curl_takes_proxy(url, &reason))
        return client_leave_with(client,
                                 ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the proxy URL %s", reason));
    return client_leave_with(client, client_exchange_text(client, &client->config.proxy, url, strlen(url)));
}

/* A header that the library or libcurl writes, or that would change the meaning of the request. */
static bool is_ours(const char *name)
{
    static const char *const OURS[] = {
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-Type",
        "Cookie",
        "Expect",
        "Host",
        "HTTP2-Settings",
        "Idempotency-Key",
        "Keep-Alive",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Range",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "User-Agent",
    };

    for (size_t i = 0; i < sizeof OURS / sizeof OURS[0]; i++)
        if (ad_text_equal_nocase(OURS[i], name))
            return true;
    return ad_text_same_nocase(name, "If-", 3);
}

static int32_t check_header(animaldetect_client *client, const char *name, const char *value)
{
    if (name == NULL || ad_text_length(name, 128) > 128 || !ad_text_is_token(name) || is_ours(name))
        return ad_client_refuse(
            client, ANIMALDETECT_E_INVALID_ARGUMENT,
            "the header name must be an HTTP token of at most 128 characters that the library does not set itself");
    if (value == NULL || ad_text_length(value, 1024) > 1024 || (*value != '\0' && !ad_text_is_header_value(value)))
        return ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                "the header value must be printable ASCII of at most 1,024 bytes");
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_add_header(animaldetect_client *client, const char *name, const char *value)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    status = check_header(client, name, value);
    if (status == ANIMALDETECT_OK)
        status = ad_config_add_header(&client->config, name, value);
    if (status == ANIMALDETECT_E_STATE)
        status = ad_client_refuse(client, status, "a client can have at most %d added headers", AD_CONFIG_HEADERS);
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_user_agent(animaldetect_client *client, const char *text)
{
    return client_set_text(client, offsetof(struct ad_config, user_agent), text, 256, ad_text_is_header_value,
                           "the user agent");
}

static bool is_field_name(const char *text)
{
    return ad_text_is_name(text, "_");
}

int32_t animaldetect_client_set_checksum_field(animaldetect_client *client, const char *name)
{
    if (name != NULL && ad_payload_has_field(name)) {
        int32_t status = client_enter_setup(client);

        if (status == ANIMALDETECT_OK)
            status = client_leave_with(
                client, ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                         "the name of the checksum field is already used by another field"));
        return status;
    }
    return client_set_text(client, offsetof(struct ad_config, checksum_field), name, 64, is_field_name,
                           "the name of the checksum field");
}

int32_t animaldetect_client_set_allow_insecure_http(animaldetect_client *client, int32_t allow)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (allow != 0 && allow != 1)
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "allow_insecure_http must be 0 or 1");
    else
        client->config.allow_insecure_http = allow == 1;
    return client_leave_with(client, status);
}
