/* SPDX-License-Identifier: MIT */
/*
 * Checks the head of a request: keys and cookies in the wrong place, headers that are not allowed.  Only records
 * violations, which never contain the key itself.
 */
#include <string.h>

#include "testing/service/internal.h"

static bool holds_key(const struct svc *svc, const char *text)
{
    for (size_t i = 0; text && i < svc->key_count; i++) {
        if (strstr(text, svc->keys[i].text))
            return true;
    }
    return false;
}

static bool holds_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 32 || *text == 127)
            return true;
    }
    return false;
}

static const char *target_of(const struct svc_exchange *exchange)
{
    return exchange->request->url ? exchange->request->url : exchange->request->target;
}

/* True if any header, or the target, contains an API key or an Authorization header. */
static bool carries_key(const struct svc_exchange *exchange)
{
    const struct svc_request *request = exchange->request;

    for (size_t i = 0; i < request->header_count; i++) {
        if (svc_equal_nocase(request->headers[i].name, "Authorization") ||
            holds_key(exchange->svc, request->headers[i].value))
            return true;
    }
    return holds_key(exchange->svc, target_of(exchange));
}

void svc_head_check_api(const struct svc_exchange *exchange)
{
    const struct svc_request *request = exchange->request;

    if (holds_key(exchange->svc, target_of(exchange)))
        svc_violate(exchange->svc, "key_in_url", "on %s", exchange->path);
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = request->headers[i].name;

        if (svc_equal_nocase(name, "Cookie"))
            svc_violate(exchange->svc, "cookie_at_api", "on %s", exchange->path);
        if (svc_equal_nocase(name, "Expect") || holds_control(request->headers[i].value))
            svc_violate(exchange->svc, "bad_header", "%s on %s", name, exchange->path);
    }
}

/* A header that any HTTP client or proxy adds. */
static bool is_plain(const char *name)
{
    static const char *const plain[] = {
        "Host",       "User-Agent",   "Accept",  "Accept-Encoding", "Content-Length",    "Transfer-Encoding",
        "Connection", "Content-Type", "Via",     "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
        "X-Real-IP",  "Forwarded",    "Upgrade", "HTTP2-Settings"};

    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (svc_equal_nocase(plain[i], name))
            return true;
    }
    return false;
}

void svc_head_check_storage(const struct svc_exchange *exchange)
{
    const struct svc_request *request = exchange->request;
    const char *signed_name = exchange->svc->config.upload_header_name;

    if (carries_key(exchange))
        svc_violate(exchange->svc, "key_at_storage", "on %s", exchange->path);
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = request->headers[i].name;
        bool known = is_plain(name) || (signed_name && svc_equal_nocase(name, signed_name));

        if (svc_equal_nocase(name, "Cookie"))
            svc_violate(exchange->svc, "cookie_at_storage", "on %s", exchange->path);
        else if (!svc_equal_nocase(name, "Authorization") && (!known || holds_control(request->headers[i].value)))
            svc_violate(exchange->svc, "bad_header", "%s on %s", name, exchange->path);
    }
}

void svc_head_check_elsewhere(const struct svc_exchange *exchange)
{
    if (carries_key(exchange))
        svc_violate(exchange->svc, "key_elsewhere", "at an origin that is not the service's");
}
