/* SPDX-License-Identifier: MIT */
/*
 * The client's setters: each checks its argument, then changes one thing, then is done.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <animaldetect/client.h>

#include "api/guard.h"
#include "base/text.h"

#define DAY_MS INT64_C(86400000)

/* Enters for a change of what the transport is made from: over once that has happened. */
static int32_t client_enter_setup(animaldetect_client *client)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running) {
        status =
            ad_client_refuse(client, ANIMALDETECT_E_STATE, "the configuration is frozen once the client is in use");
        ad_unlock(client);
    }
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

int32_t animaldetect_client_set_api_key(animaldetect_client *client, const char *key)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (key == NULL || *key == '\0' || ad_text_length(key, 4096) > 4096 || !ad_text_is_visible_ascii(key))
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "the API key must be 1 to 4,096 printable ASCII characters without blanks");
    else
        status = ad_mask_add(&client->mask, key);
    if (status == ANIMALDETECT_OK)
        status = ad_secret_set(&client->key, key);
    return client_leave_with(client, status);
}

static int32_t explain_url(animaldetect_client *client, int32_t status, const char *what)
{
    if (status == ANIMALDETECT_OK || status == ANIMALDETECT_E_NO_MEMORY)
        return status;
    if (status == ANIMALDETECT_E_INSECURE_URL)
        return ad_client_refuse(client, status, "%s is plain http to a host that is not loopback", what);
    return ad_client_refuse(client, status,
                            "%s must be an absolute http or https URL without user name, query and fragment", what);
}

int32_t animaldetect_client_set_base_url(animaldetect_client *client, const char *url)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    status = url == NULL ? ANIMALDETECT_E_INVALID_ARGUMENT : ad_config_set_base_url(&client->config, url);
    return client_leave_with(client, explain_url(client, status, "the base URL"));
}

int32_t animaldetect_client_add_trusted_origin(animaldetect_client *client, const char *origin)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    status = origin == NULL ? ANIMALDETECT_E_INVALID_ARGUMENT : ad_config_add_trusted(&client->config, origin);
    return client_leave_with(client, explain_url(client, status, "the trusted origin"));
}

/* A text of the configuration, by its offset; `clean` decides what may stand in it. */
static int32_t client_set_text(animaldetect_client *client, size_t offset, const char *text, size_t max,
                               bool (*clean)(const char *), const char *what)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (text == NULL || ad_text_length(text, max) > max || (*text != '\0' && !clean(text)))
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "%s is too long or has characters that it must not have", what);
    else
        status = client_replace_text((char **)(void *)((char *)&client->config + offset), text, strlen(text));
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_ca_file(animaldetect_client *client, const char *path)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (path == NULL || *path == '\0' || ad_text_length(path, 4095) > 4095)
        status =
            ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the path of the CA file is empty or too long");
    else if (access(path, R_OK) != 0)
        status = ad_client_refuse(client, ANIMALDETECT_E_FILE, "the CA file cannot be read");
    else
        status = client_replace_text(&client->config.ca_file, path, strlen(path));
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_ca_pem(animaldetect_client *client, const char *pem, size_t size)
{
    static const char MARK[] = "-----BEGIN CERTIFICATE-----";
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (pem == NULL || size < sizeof MARK || size > 4 * 1024 * 1024 || memmem(pem, size, MARK, sizeof MARK - 1) == NULL)
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the certificates are not PEM text");
    else
        status = client_replace_text(&client->config.ca_pem, pem, size);
    if (status == ANIMALDETECT_OK)
        client->config.ca_pem_size = size;
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_proxy(animaldetect_client *client, const char *url)
{
    return client_set_text(client, offsetof(struct ad_config, proxy), url, 2048, ad_text_is_visible_ascii,
                           "the proxy URL");
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
    return client_set_text(client, offsetof(struct ad_config, checksum_field), name, 64, is_field_name,
                           "the name of the checksum field");
}

/* A number of the configuration: where it is, how wide it is, whether it may change while jobs run, and its range. */
struct client_range {
    size_t offset;
    size_t size;
    bool frozen; /* the transport was made from it */
    int64_t min;
    int64_t max;
    const char *what;
};

#define RANGE(field, frozen, min, max, what)                                                                       \
    {                                                                                                              \
        offsetof(struct ad_config, field), sizeof((struct ad_config *)NULL)->field, (frozen), (min), (max), (what) \
    }

static const struct client_range CONNECT_TIMEOUT = RANGE(connect_timeout_ms, false, 1, DAY_MS, "the connect timeout");
static const struct client_range STALL_TIMEOUT = RANGE(stall_timeout_ms, false, 1, DAY_MS, "the stall timeout");
static const struct client_range REQUEST_TIMEOUT = RANGE(request_timeout_ms, false, 1, DAY_MS, "the request timeout");
static const struct client_range MAX_ACTIVE = RANGE(max_active, true, 1, 10000, "the number of requests at once");
static const struct client_range RETRY_LIMIT = RANGE(retry_limit, false, 1, 1000, "the number of tries");
static const struct client_range POLL_MODE =
    RANGE(poll_mode, false, ANIMALDETECT_POLL_LATENCY, ANIMALDETECT_POLL_THROUGHPUT, "the poll mode");
static const struct client_range MAX_IMAGE = RANGE(max_image_bytes, true, 1, INT64_C(1) << 40, "the image limit");
static const struct client_range MAX_ANSWER =
    RANGE(max_answer_bytes, false, 1024, INT64_C(1) << 30, "the answer limit");

static int32_t client_set_number(animaldetect_client *client, const struct client_range *range, int64_t value)
{
    int32_t status = range->frozen ? client_enter_setup(client) : ad_enter(client);
    int32_t narrow = (int32_t)value;

    if (status != ANIMALDETECT_OK)
        return status;
    if (value < range->min || value > range->max)
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "%s is out of range", range->what);
    else
        memcpy((char *)&client->config + range->offset,
               range->size == sizeof narrow ? (const void *)&narrow : (const void *)&value, range->size);
    if (status == ANIMALDETECT_OK && range == &POLL_MODE && client->running)
        ad_engine_set_polling(&client->engine);
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_connect_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &CONNECT_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_stall_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &STALL_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_request_timeout_ms(animaldetect_client *client, int64_t timeout_ms)
{
    return client_set_number(client, &REQUEST_TIMEOUT, timeout_ms);
}

int32_t animaldetect_client_set_max_active(animaldetect_client *client, int32_t count)
{
    return client_set_number(client, &MAX_ACTIVE, count);
}

int32_t animaldetect_client_set_retry_limit(animaldetect_client *client, int32_t tries)
{
    return client_set_number(client, &RETRY_LIMIT, tries);
}

int32_t animaldetect_client_set_poll_mode(animaldetect_client *client, int32_t mode)
{
    return client_set_number(client, &POLL_MODE, mode);
}

static int32_t client_set_bytes(animaldetect_client *client, const struct client_range *range, uint64_t bytes)
{
    return client_set_number(client, range, bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
}

int32_t animaldetect_client_set_max_image_bytes(animaldetect_client *client, uint64_t bytes)
{
    return client_set_bytes(client, &MAX_IMAGE, bytes);
}

int32_t animaldetect_client_set_max_answer_bytes(animaldetect_client *client, uint64_t bytes)
{
    return client_set_bytes(client, &MAX_ANSWER, bytes);
}

int32_t animaldetect_client_set_rate_limit(animaldetect_client *client, int32_t requests_per_minute, int32_t burst)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (requests_per_minute < 0 || requests_per_minute > 1000000 || burst < 0 || burst > requests_per_minute) {
        status =
            ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the rate limit or its burst is out of range");
    } else {
        client->config.rate_per_minute = requests_per_minute;
        client->config.rate_burst = burst;
        if (client->running)
            ad_engine_set_quota(&client->engine);
    }
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_poll_bounds_ms(animaldetect_client *client, int64_t min_ms, int64_t max_ms)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (min_ms < 10 || max_ms < min_ms || max_ms > 3600000) {
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the poll bounds are out of range");
    } else {
        client->config.poll_min_ms = min_ms;
        client->config.poll_max_ms = max_ms;
        client->config.poll_bounded = true;
        if (client->running)
            ad_engine_set_polling(&client->engine);
    }
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_allow_insecure_http(animaldetect_client *client, int32_t allow)
{
    int32_t status = client_enter_setup(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (allow != 0 && allow != 1)
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "a switch is 0 or 1");
    else
        client->config.allow_insecure_http = allow == 1;
    return client_leave_with(client, status);
}

int32_t animaldetect_client_set_log(animaldetect_client *client, animaldetect_log_callback callback, int32_t level,
                                    void *user)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (level < ANIMALDETECT_LOG_NONE || level > ANIMALDETECT_LOG_DEBUG)
        return client_leave_with(client,
                                 ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "unknown log level"));
    client->log.callback = callback;
    client->log.level = level;
    client->log.user = user;
    return client_leave_with(client, ANIMALDETECT_OK);
}
