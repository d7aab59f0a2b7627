/* SPDX-License-Identifier: MIT */
/*
 * Version and capabilities of the loaded libcurl, which may differ from the one at compile time.
 */
#include <curl/curl.h>
#include <string.h>

#include "base/text.h"
#include "transport/curl/curl.h"

static const curl_version_info_data *info(void)
{
    return curl_version_info(CURLVERSION_NOW);
}

const char *ad_curl_version(void)
{
    return info()->version;
}

const char *ad_curl_tls(void)
{
    return info()->ssl_version != NULL ? info()->ssl_version : "none";
}

bool ad_curl_has(enum ad_curl_ability ability)
{
    int features = info()->features;

    switch (ability) {
    case AD_CURL_HTTP2:
        return (features & CURL_VERSION_HTTP2) != 0;
    case AD_CURL_HTTPS_PROXY:
        return (features & CURL_VERSION_HTTPS_PROXY) != 0;
    case AD_CURL_IPV6:
        return (features & CURL_VERSION_IPV6) != 0;
    case AD_CURL_ASYNC_DNS:
        break;
    }
    return (features & CURL_VERSION_ASYNCHDNS) != 0;
}

/*
 * libcurl's own sends raise no signal.  A TLS library that writes to the socket itself may, as OpenSSL did until
 * libcurl 7.87 gave it its own send function.  For other TLS libraries it is unknown.
 */
bool ad_curl_raises_sigpipe(void)
{
    static const char *const quiet[] = {"none", "OpenSSL/", "GnuTLS/"};
    const char *tls = ad_curl_tls();

    if (info()->version_num < 0x075700)
        return true;
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++)
        if (strncmp(tls, quiet[i], strlen(quiet[i])) == 0)
            return false;
    return true;
}

static bool takes_scheme(const char *scheme, const char **reason)
{
    static const char *const SCHEMES[] = {"http", "socks4", "socks4a", "socks5", "socks5h"};

    for (size_t i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0]; i++)
        if (ad_text_equal_nocase(SCHEMES[i], scheme))
            return true;
    if (ad_text_equal_nocase(scheme, "https") && ad_curl_has(AD_CURL_HTTPS_PROXY))
        return true;
    *reason = ad_text_equal_nocase(scheme, "https")
                  ? "has the scheme https, but this libcurl does not support https proxies"
                  : "must have the scheme http, https, socks4, socks4a, socks5 or socks5h";
    return false;
}

/* Parsed as libcurl will parse it. */
bool ad_curl_takes_proxy(const char *url, const char **reason)
{
    CURLU *parts;
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *path = NULL;
    bool good = false;

    if (*url == '\0')
        return true;
    *reason = "contains invalid characters";
    if (!ad_text_is_visible_ascii(url))
        return false;
    *reason = "must be [scheme://][user[:password]@]host[:port]";
    parts = curl_url();
    if (parts != NULL &&
        curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK && host[0] != '.' &&
        (curl_url_get(parts, CURLUPART_PORT, &port, 0) != CURLUE_OK || strcmp(port, "0") != 0) &&
        curl_url_get(parts, CURLUPART_PATH, &path, 0) == CURLUE_OK && strcmp(path, "/") == 0 &&
        strpbrk(url, "?#") == NULL && strstr(url, ":///") == NULL)
        good = takes_scheme(scheme, reason);
    curl_free(path);
    curl_free(port);
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    return good;
}
