/* SPDX-License-Identifier: MIT */
/*
 * Capabilities of this build and of the libraries that it runs with, by name.
 */
#include <animaldetect/version.h>

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "transport/curl/curl.h"
#include "transport/reactor/reactor.h"

static const char *yes_or_no(bool yes)
{
    return yes ? "yes" : "no";
}

static const char *libcurl_text(void)
{
    return ad_curl_version();
}

static const char *tls_text(void)
{
    return ad_curl_tls();
}

static const char *http2_text(void)
{
    return yes_or_no(ad_curl_has(AD_CURL_HTTP2));
}

static const char *https_proxy_text(void)
{
    return yes_or_no(ad_curl_has(AD_CURL_HTTPS_PROXY));
}

static const char *ipv6_text(void)
{
    return yes_or_no(ad_curl_has(AD_CURL_IPV6));
}

static const char *async_dns_text(void)
{
    return yes_or_no(ad_curl_has(AD_CURL_ASYNC_DNS));
}

static const struct {
    const char *name;
    const char *(*text)(void);
} FEATURES[] = {
    {"reactor", ad_reactor_name},
    {"libcurl", libcurl_text},
    {"jansson", jansson_version_str},
    {"libsodium", sodium_version_string},
    {"tls", tls_text},
    {"http2", http2_text},
    {"https_proxy", https_proxy_text},
    {"ipv6", ipv6_text},
    {"async_dns", async_dns_text},
};

#define FEATURE_COUNT (sizeof FEATURES / sizeof FEATURES[0])

const char *animaldetect_feature_name(size_t index)
{
    return index < FEATURE_COUNT ? FEATURES[index].name : NULL;
}

const char *animaldetect_feature_text(const char *name)
{
    for (size_t i = 0; i < FEATURE_COUNT && name != NULL; i++)
        if (strcmp(FEATURES[i].name, name) == 0)
            return FEATURES[i].text();
    return NULL;
}
