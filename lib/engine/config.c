/* SPDX-License-Identifier: MIT */
/*
 * The texts of the configuration, and the rules for origins: which URLs may receive the API key.
 */
#include "engine/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/secret.h"
#include "base/text.h"

static const char *const OFFICIAL[] = {AD_BASE_URL_DEFAULT, AD_BASE_URL_OLDER};

int32_t ad_config_init(struct ad_config *config)
{
    memset(config, 0, sizeof *config);
    config->connect_timeout_ms = 15000;
    config->stall_timeout_ms = 30000;
    config->request_timeout_ms = 60000;
    config->offline_patience_ms = 120000;
    config->max_retry_after_ms = 600000;
    config->processing_timeout_ms = 86400000;
    config->max_image_bytes = UINT64_C(10) * 1024 * 1024;
    config->max_answer_bytes = UINT64_C(8) * 1024 * 1024;
    config->max_requests = 64;
    config->permit_share_after_ms = 60000;
    config->permit_lag_ms = 10000;
    config->max_tries = 6;
    config->poll_mode = ANIMALDETECT_POLL_BALANCED;
    config->storage = calloc(1, sizeof *config->storage);
    return config->storage != NULL ? ad_config_set_base_url(config, AD_BASE_URL_DEFAULT) : ANIMALDETECT_E_NO_MEMORY;
}

static void drop_header(struct ad_config *config, size_t index)
{
    struct ad_header *header = &config->headers[index];

    free((void *)(uintptr_t)header->name);
    free((void *)(uintptr_t)header->value);
    *header = config->headers[--config->header_count];
}

void ad_config_free(struct ad_config *config)
{
    free(config->base_url);
    free(config->trusted);
    free(config->storage);
    free(config->ca_file);
    free(config->ca_pem);
    ad_secret_wipe_text(config->proxy); /* it may contain a password */
    free(config->user_agent);
    free(config->checksum_field);
    free(config->permits);
    while (config->header_count > 0)
        drop_header(config, config->header_count - 1);
    memset(config, 0, sizeof *config);
}

/* Whether the host may set it.  Whether it may be used depends on the base URL, which may be set later. */
static bool may_be_set(const struct ad_config *config, const struct ad_origin *origin)
{
    return origin->https || config->allow_insecure_http || ad_origin_is_loopback(origin);
}

/*
 * Whether requests may be sent there.  Over https always.  Over plain http if the host allows it everywhere, or within
 * loopback: a service elsewhere, even over https, must not make us connect to daemons on this machine.
 */
static bool config_permits(const struct ad_config *config, const struct ad_origin *origin)
{
    if (origin->https || config->allow_insecure_http)
        return true;
    return config->base_is_plain_loopback && (origin == &config->base_origin || ad_origin_is_loopback(origin));
}

static bool is_official(const struct ad_origin *origin)
{
    char text[AD_ORIGIN_TEXT_SIZE];
    char url[AD_ORIGIN_TEXT_SIZE + 1];

    ad_origin_format(origin, text, sizeof text);
    (void)snprintf(url, sizeof url, "%s/", text);
    for (size_t i = 0; i < sizeof OFFICIAL / sizeof OFFICIAL[0]; i++)
        if (ad_origin_begins(OFFICIAL[i], url))
            return true;
    return false;
}

int32_t ad_config_set_base_url(struct ad_config *config, const char *url)
{
    struct ad_origin origin;
    char *normal = NULL;
    int32_t status = ad_origin_parse(url, &origin);

    if (status != ANIMALDETECT_OK)
        return status;
    if (!may_be_set(config, &origin))
        return ANIMALDETECT_E_INSECURE_URL;
    status = ad_base_url_normalize(url, &normal);
    if (status != ANIMALDETECT_OK)
        return status;
    free(config->base_url);
    config->base_url = normal;
    config->base_origin = origin;
    config->base_is_official = is_official(&origin);
    config->base_is_plain_loopback = !origin.https && ad_origin_is_loopback(&origin);
    return ANIMALDETECT_OK;
}

bool ad_config_has_base_url(const struct ad_config *config, const char *url)
{
    char *normal = NULL;
    bool same = ad_base_url_normalize(url, &normal) == ANIMALDETECT_OK && strcmp(normal, config->base_url) == 0;

    free(normal);
    return same;
}

int32_t ad_config_add_trusted(struct ad_config *config, const char *origin)
{
    struct ad_origin parsed;
    struct ad_origin *grown;
    char *normal = NULL;
    bool more;
    int32_t status = ad_origin_parse(origin, &parsed);

    if (status == ANIMALDETECT_OK)
        status = ad_base_url_normalize(origin, &normal);
    if (status != ANIMALDETECT_OK)
        return status;
    /* A path would suggest that only URLs below it are trusted. */
    more = strchr(strstr(normal, "://") + 3, '/') != NULL;
    free(normal);
    if (more)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (!may_be_set(config, &parsed))
        return ANIMALDETECT_E_INSECURE_URL;
    grown = realloc(config->trusted, (config->trusted_count + 1) * sizeof *grown);
    if (grown == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    config->trusted = grown;
    config->trusted[config->trusted_count++] = parsed;
    return ANIMALDETECT_OK;
}

int32_t ad_config_add_header(struct ad_config *config, const char *name, const char *value)
{
    char *kept_name;
    char *kept_value;
    size_t index = 0;

    while (index < config->header_count && !ad_text_equal_nocase(config->headers[index].name, name))
        index++;
    if (*value == '\0') {
        if (index < config->header_count)
            drop_header(config, index);
        return ANIMALDETECT_OK;
    }
    if (index == AD_CONFIG_HEADERS)
        return ANIMALDETECT_E_STATE;
    kept_name = strdup(name);
    kept_value = strdup(value);
    if (kept_name == NULL || kept_value == NULL) {
        free(kept_name);
        free(kept_value);
        return ANIMALDETECT_E_NO_MEMORY;
    }
    if (index < config->header_count)
        drop_header(config, index);
    config->headers[config->header_count++] = (struct ad_header){kept_name, kept_value};
    return ANIMALDETECT_OK;
}

int32_t ad_config_check_api_url(const struct ad_config *config, const char *url)
{
    struct ad_origin origin;
    int32_t status;
    bool trusted;

    if (url == NULL)
        return ANIMALDETECT_E_UNTRUSTED_URL;
    if (config->base_url != NULL && ad_origin_begins(config->base_url, url))
        return config_permits(config, &config->base_origin) ? ANIMALDETECT_OK : ANIMALDETECT_E_INSECURE_URL;
    status = ad_origin_parse(url, &origin);
    if (status != ANIMALDETECT_OK)
        return status == ANIMALDETECT_E_NO_MEMORY ? status : ANIMALDETECT_E_UNTRUSTED_URL;
    trusted = ad_origin_equal(&origin, &config->base_origin) || (config->base_is_official && is_official(&origin));
    for (size_t i = 0; i < config->trusted_count && !trusted; i++)
        trusted = ad_origin_equal(&origin, &config->trusted[i]);
    if (!trusted)
        return ANIMALDETECT_E_UNTRUSTED_URL;
    return config_permits(config, &origin) ? ANIMALDETECT_OK : ANIMALDETECT_E_INSECURE_URL;
}

/* The origin of an upload URL.  Not parsed again if it starts like the last one. */
static int32_t split_upload_url(const struct ad_config *config, const char *url, struct ad_origin *out)
{
    struct ad_storage *storage = config->storage;
    int32_t status;

    if (ad_origin_begins(storage->text, url)) {
        *out = storage->origin;
        return ANIMALDETECT_OK;
    }
    status = ad_origin_parse(url, out);
    if (status == ANIMALDETECT_OK) {
        storage->origin = *out;
        ad_origin_format(out, storage->text, sizeof storage->text);
    }
    return status;
}

int32_t ad_config_check_upload_url(const struct ad_config *config, const char *url)
{
    struct ad_origin origin;
    int32_t status = url == NULL ? ANIMALDETECT_E_PROTOCOL : split_upload_url(config, url, &origin);

    if (status != ANIMALDETECT_OK)
        return status == ANIMALDETECT_E_NO_MEMORY ? status : ANIMALDETECT_E_PROTOCOL;
    return config_permits(config, &origin) ? ANIMALDETECT_OK : ANIMALDETECT_E_INSECURE_URL;
}
