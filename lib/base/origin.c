/* SPDX-License-Identifier: MIT */
/*
 * Parses origins and resolves URLs. libcurl parses the URL, since it will connect to it; the checks here ensure that no
 * other parser would see another host in the same text, since they decide where the API key is sent. Ambiguous URLs are
 * refused. Never resolves a host name.
 */
#include "base/origin.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

#define MAX_URL 8192

static int32_t origin_status_of(CURLUcode code)
{
    return code == CURLUE_OUT_OF_MEMORY ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_E_INVALID_ARGUMENT;
}

/*
 * Checks the raw text before libcurl sees it. libcurl accepts one to three slashes, decodes %xx in hosts and removes
 * user info; other parsers differ, so all of that is refused.
 */
static bool is_clean(const char *url)
{
    return ad_text_length(url, MAX_URL) <= MAX_URL && ad_text_is_visible_ascii(url) && !strchr(url, '\\');
}

static bool authority_is_plain(const char *authority)
{
    size_t size = strcspn(authority, "/?#");

    return size > 0 && !memchr(authority, '@', size) && !memchr(authority, '%', size);
}

static bool origin_is_plain(const char *url)
{
    const char *authority;

    if (!is_clean(url))
        return false;
    if (ad_text_same_nocase(url, "https://", 8))
        authority = url + 8;
    else if (ad_text_same_nocase(url, "http://", 7))
        authority = url + 7;
    else
        return false;
    return authority_is_plain(authority);
}

/* Whether a parser could read this last label as the end of an IPv4 address (digits, or 0x and hex digits). */
static bool label_is_number(const char *label)
{
    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return label[2 + strspn(label + 2, "0123456789abcdefABCDEF")] == '\0';
    return label[strspn(label, "0123456789")] == '\0';
}

/* A name: non-empty labels of letters, digits, '-' and '_'; one trailing dot is allowed and removed. */
static bool normalize_name(char *host)
{
    size_t size = strlen(host);
    struct in_addr address;
    const char *last;
    bool dot = size > 0 && host[size - 1] == '.';

    if (dot)
        host[--size] = '\0';
    if (size == 0 || host[0] == '.' || strstr(host, "..") || !ad_text_is_name(host, "-_."))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (host[i] >= 'A' && host[i] <= 'Z')
            host[i] = (char)(host[i] - 'A' + 'a');
    }
    last = strrchr(host, '.');
    last = last ? last + 1 : host;
    /*
     * libcurl has normalized every unusual form of an address to dotted decimal; some parsers read the rest as a name.
     */
    if (host[size - 1] == '.')
        return false;
    return !label_is_number(last) || (!dot && inet_pton(AF_INET, host, &address) == 1);
}

static bool normalize_address6(char *host, size_t host_size)
{
    struct in6_addr address;
    char text[INET6_ADDRSTRLEN];
    size_t size = strlen(host);

    if (size < 3 || host[size - 1] != ']')
        return false;
    host[size - 1] = '\0';
    if (inet_pton(AF_INET6, host + 1, &address) != 1 || !inet_ntop(AF_INET6, &address, text, sizeof(text)))
        return false;
    (void)snprintf(host, host_size, "[%s]", text);
    return true;
}

static int32_t read_host(CURLU *handle, struct ad_origin *out)
{
    char *host = NULL;
    CURLUcode code = curl_url_get(handle, CURLUPART_HOST, &host, 0);
    size_t size;
    bool good;

    if (code != CURLUE_OK)
        return origin_status_of(code);
    size = strlen(host);
    good = size > 0 && size < sizeof(out->host);
    if (good) {
        memcpy(out->host, host, size + 1);
        good = host[0] == '[' ? normalize_address6(out->host, sizeof(out->host)) : normalize_name(out->host);
    }
    curl_free(host);
    return good ? ANIMALDETECT_OK : ANIMALDETECT_E_INVALID_ARGUMENT;
}

static int32_t read_port(CURLU *handle, struct ad_origin *out)
{
    char *text = NULL;
    CURLUcode code = curl_url_get(handle, CURLUPART_PORT, &text, CURLU_DEFAULT_PORT);
    unsigned long port;

    if (code != CURLUE_OK)
        return origin_status_of(code);
    port = strtoul(text, NULL, 10);
    curl_free(text);
    if (port == 0 || port > UINT16_MAX)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    out->port = (uint16_t)port;
    return ANIMALDETECT_OK;
}

/* `*handle` is set even on failure; the caller must clean it up. */
static int32_t open_url(const char *url, CURLU **handle)
{
    CURLUcode code;

    *handle = NULL;
    if (!origin_is_plain(url))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *handle = curl_url();
    if (!*handle)
        return ANIMALDETECT_E_NO_MEMORY;
    code = curl_url_set(*handle, CURLUPART_URL, url, CURLU_DISALLOW_USER);
    return code == CURLUE_OK ? ANIMALDETECT_OK : origin_status_of(code);
}

static int32_t read_origin(CURLU *handle, struct ad_origin *out)
{
    char *scheme = NULL;
    CURLUcode code = curl_url_get(handle, CURLUPART_SCHEME, &scheme, 0);
    int32_t status;

    if (code != CURLUE_OK)
        return origin_status_of(code);
    out->https = ad_text_equal_nocase(scheme, "https");
    curl_free(scheme);
    status = read_host(handle, out);
    if (status == ANIMALDETECT_OK)
        status = read_port(handle, out);
    return status;
}

int32_t ad_origin_parse(const char *url, struct ad_origin *out)
{
    struct ad_origin origin = {.port = 0};
    CURLU *handle = NULL;
    int32_t status = open_url(url, &handle);

    if (status == ANIMALDETECT_OK)
        status = read_origin(handle, &origin);
    if (status == ANIMALDETECT_OK)
        *out = origin;
    curl_url_cleanup(handle);
    return status;
}

bool ad_origin_begins(const char *base_url, const char *url)
{
    const char *authority = strstr(base_url, "://");
    size_t size = authority ? (size_t)(authority - base_url) + 3 + strcspn(authority + 3, "/") : 0;

    return size > 0 && strncmp(base_url, url, size) == 0 && url[size] == '/' && is_clean(url);
}

bool ad_origin_equal(const struct ad_origin *a, const struct ad_origin *b)
{
    return a->https == b->https && a->port == b->port && strcmp(a->host, b->host) == 0;
}

bool ad_origin_is_loopback(const struct ad_origin *origin)
{
    static const char suffix[] = ".localhost";
    const char *host = origin->host;
    size_t size = strlen(host);
    struct in_addr address;

    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    if (size >= sizeof(suffix) && strcmp(host + size - (sizeof(suffix) - 1), suffix) == 0)
        return true;
    return strncmp(host, "127.", 4) == 0 && inet_pton(AF_INET, host, &address) == 1;
}

void ad_origin_format(const struct ad_origin *origin, char *out, size_t size)
{
    const char *scheme = origin->https ? "https" : "http";

    if (origin->port == (origin->https ? 443 : 80))
        (void)snprintf(out, size, "%s://%s", scheme, origin->host);
    else
        (void)snprintf(out, size, "%s://%s:%u", scheme, origin->host, (unsigned)origin->port);
}

int32_t ad_base_url_normalize(const char *url, char **out)
{
    struct ad_origin origin = {.port = 0};
    char origin_text[AD_ORIGIN_TEXT_SIZE];
    CURLU *handle = NULL;
    char *path = NULL;
    size_t size;
    size_t origin_size;
    CURLUcode code;
    int32_t status = open_url(url, &handle);

    *out = NULL;
    if (status == ANIMALDETECT_OK && url[strcspn(url, "?#")] != '\0')
        status = ANIMALDETECT_E_INVALID_ARGUMENT;
    if (status == ANIMALDETECT_OK)
        status = read_origin(handle, &origin);
    if (status != ANIMALDETECT_OK)
        goto out;
    code = curl_url_get(handle, CURLUPART_PATH, &path, 0);
    if (code != CURLUE_OK) {
        status = origin_status_of(code);
        goto out;
    }
    size = strlen(path);
    while (size > 0 && path[size - 1] == '/')
        size--;
    ad_origin_format(&origin, origin_text, sizeof(origin_text));
    origin_size = strlen(origin_text);
    *out = malloc(origin_size + size + 1);
    if (!*out) {
        status = ANIMALDETECT_E_NO_MEMORY;
        goto out;
    }
    memcpy(*out, origin_text, origin_size);
    memcpy(*out + origin_size, path, size);
    (*out)[origin_size + size] = '\0';
out:
    curl_free(path);
    curl_url_cleanup(handle);
    return status;
}

/*
 * Like origin_is_plain, for a reference that may be relative: libcurl must see a scheme and an authority where other
 * parsers do. A colon in the first path segment makes it a scheme (RFC 3986 section 4.2).
 */
static bool reference_is_plain(const char *reference)
{
    if (reference[strcspn(reference, ":/?#")] == ':')
        return origin_is_plain(reference);
    return is_clean(reference) && (strncmp(reference, "//", 2) != 0 || authority_is_plain(reference + 2));
}

/* Writes the URL of a handle to a new string, without its fragment. */
static int32_t write_url(CURLU *handle, char **out)
{
    char *url = NULL;
    CURLUcode code = curl_url_set(handle, CURLUPART_FRAGMENT, NULL, 0);
    int32_t status = ANIMALDETECT_OK;

    if (code == CURLUE_OK)
        code = curl_url_get(handle, CURLUPART_URL, &url, 0);
    if (code != CURLUE_OK)
        return origin_status_of(code);
    if (!is_clean(url))
        status = ANIMALDETECT_E_INVALID_ARGUMENT;
    else if ((*out = strdup(url)) == NULL)
        status = ANIMALDETECT_E_NO_MEMORY;
    curl_free(url);
    return status;
}

int32_t ad_url_resolve(const char *url, const char *reference, char **out)
{
    struct ad_origin origin;
    CURLU *handle = NULL;
    CURLUcode code = CURLUE_OK;
    int32_t status;

    *out = NULL;
    if (!reference_is_plain(reference))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    status = open_url(url, &handle);
    /* Some libcurl versions change the path for a fragment-only reference. */
    if (status == ANIMALDETECT_OK && reference[0] != '\0' && reference[0] != '#')
        code = curl_url_set(handle, CURLUPART_URL, reference, CURLU_DISALLOW_USER);
    if (code != CURLUE_OK)
        status = origin_status_of(code);
    if (status == ANIMALDETECT_OK)
        status = read_origin(handle, &origin);
    if (status == ANIMALDETECT_OK)
        status = write_url(handle, out);
    curl_url_cleanup(handle);
    return status;
}
