/* SPDX-License-Identifier: MIT */
/*
 * The options of an easy handle.  `common` is set once when a slot is created; `transfer` sets every option that can
 * differ between transfers, each time, so that a pooled handle behaves like a new one at less cost.  Must never disable
 * a check of TLS, follow a redirect, or let libcurl add a header that the engine did not ask for.
 */
#include <limits.h>
#include <string.h>

#include "animaldetect/types.h"
#include "base/origin.h"
#include "base/text.h"
#include "transport/curl/private.h"

#define RECEIVE_BUFFER 32768L
#define UPLOAD_BUFFER 65536L

/* What an option is for, which decides what its absence means. */
enum need {
    NEEDED,
    WISHED,
    FOR_PROXY /* needed if this libcurl has proxies */
};

struct long_option {
    long value;
    const char *name;
    CURLoption option;
    enum need need;
};

#define NEED(option, value)            \
    {                                  \
        value, #option, option, NEEDED \
    }
#define WISH(option, value)            \
    {                                  \
        value, #option, option, WISHED \
    }
#define PROXY(option, value)              \
    {                                     \
        value, #option, option, FOR_PROXY \
    }

static const struct long_option common_longs[] = {
    NEED(CURLOPT_NOSIGNAL, 1),
    WISH(CURLOPT_NOPROGRESS, 1),
    NEED(CURLOPT_FOLLOWLOCATION, 0),
    NEED(CURLOPT_UNRESTRICTED_AUTH, 0),
    WISH(CURLOPT_NETRC, CURL_NETRC_IGNORED),
    NEED(CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
    NEED(CURLOPT_PATH_AS_IS, 1), /* a signed URL must be sent unchanged */
    NEED(CURLOPT_HTTP09_ALLOWED, 0),
    PROXY(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
    PROXY(CURLOPT_HEADEROPT, CURLHEADER_SEPARATE), /* a proxy's CONNECT gets none of our headers */
    NEED(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2),
    PROXY(CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2),
    NEED(CURLOPT_SSL_VERIFYPEER, 1),
    NEED(CURLOPT_SSL_VERIFYHOST, 2),
    PROXY(CURLOPT_PROXY_SSL_VERIFYPEER, 1),
    PROXY(CURLOPT_PROXY_SSL_VERIFYHOST, 2),
    WISH(CURLOPT_TCP_NODELAY, 1),
    WISH(CURLOPT_TCP_KEEPALIVE, 1),
    WISH(CURLOPT_BUFFERSIZE, RECEIVE_BUFFER),
    WISH(CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER),
};

static void set_long(struct ad_refusal *refusal, const struct ad_slot *slot, const struct long_option *row)
{
    CURLcode code = curl_easy_setopt(slot->easy, row->option, row->value);

    if (row->need == NEEDED || (row->need == FOR_PROXY && slot->takes_proxies))
        (void)ad_refusal_need(refusal, code, row->name);
    else
        (void)ad_refusal_wish(refusal, code, row->name);
}

/* libcurl 7.80 and later call back before they put a request on a connection.  See issue.c for older ones. */
static void set_issue(struct ad_refusal *refusal, struct ad_slot *slot)
{
    CURL *easy = slot->easy;

#if LIBCURL_VERSION_NUM >= 0x075000
    slot->asks_before_issue = AD_WISH(refusal, easy, CURLOPT_PREREQDATA, slot) &&
                              AD_WISH(refusal, easy, CURLOPT_PREREQFUNCTION, ad_slot_on_issue);
#endif
    if (slot->asks_before_issue)
        return;
    AD_NEED(refusal, easy, CURLOPT_DEBUGFUNCTION, ad_slot_on_debug);
    AD_NEED(refusal, easy, CURLOPT_DEBUGDATA, slot);
    AD_NEED(refusal, easy, CURLOPT_VERBOSE, 1L);
}

static void set_callbacks(struct ad_refusal *refusal, struct ad_slot *slot)
{
    CURL *easy = slot->easy;

    AD_NEED(refusal, easy, CURLOPT_PRIVATE, slot);
    AD_NEED(refusal, easy, CURLOPT_ERRORBUFFER, slot->error);
    AD_NEED(refusal, easy, CURLOPT_HEADERFUNCTION, ad_slot_on_header);
    AD_NEED(refusal, easy, CURLOPT_HEADERDATA, slot);
    AD_NEED(refusal, easy, CURLOPT_WRITEFUNCTION, ad_slot_on_body);
    AD_NEED(refusal, easy, CURLOPT_WRITEDATA, slot);
    AD_NEED(refusal, easy, CURLOPT_READFUNCTION, ad_slot_on_read);
    AD_NEED(refusal, easy, CURLOPT_READDATA, slot);
    AD_NEED(refusal, easy, CURLOPT_SEEKFUNCTION, ad_slot_on_seek);
    AD_NEED(refusal, easy, CURLOPT_SEEKDATA, slot);
    AD_NEED(refusal, easy, CURLOPT_OPENSOCKETFUNCTION, ad_curl_on_open);
    AD_NEED(refusal, easy, CURLOPT_OPENSOCKETDATA, slot);
    AD_NEED(refusal, easy, CURLOPT_CLOSESOCKETFUNCTION, ad_curl_on_close);
    AD_NEED(refusal, easy, CURLOPT_CLOSESOCKETDATA, slot->owner);
    set_issue(refusal, slot);
}

/* By name since 7.85, which deprecates the numbers. */
static void set_protocols(struct ad_refusal *refusal, CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
    if (AD_WISH(refusal, easy, CURLOPT_PROTOCOLS_STR, "http,https"))
        return;
#endif
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    AD_NEED(refusal, easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#pragma GCC diagnostic pop
}

void ad_slot_set_common(struct ad_slot *slot, struct ad_refusal *refusal)
{
    const struct ad_curl *owner = slot->owner;
    CURL *easy = slot->easy;

    set_callbacks(refusal, slot);
    slot->takes_proxies = AD_WISH(refusal, easy, CURLOPT_PROXY, NULL);
    for (size_t i = 0; i < sizeof common_longs / sizeof common_longs[0]; i++)
        set_long(refusal, slot, &common_longs[i]);
    set_protocols(refusal, easy);
    AD_NEED(refusal, easy, CURLOPT_USERAGENT, owner->user_agent);
    if (owner->sessions != NULL)
        AD_WISH(refusal, easy, CURLOPT_SHARE, owner->sessions);
#if LIBCURL_VERSION_NUM >= 0x075700
    /*
     * Without it, giving up on a name that does not resolve waits for the resolver's thread, and blocks all other
     * transfers.  The thread ends by itself.
     */
    AD_WISH(refusal, easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    ad_slot_set_settings(slot, refusal);
}

/* A proxy set by the host has no exceptions.  Never NULL, or libcurl would read the environment. */
static const char *hosts_without_proxy(const struct ad_curl *owner)
{
    if (owner->proxy != NULL || owner->environment == NULL || owner->environment->no_proxy == NULL)
        return "";
    return owner->environment->no_proxy;
}

/* Unless the host set a proxy, CURLOPT_PROXY is set per transfer. */
void ad_slot_set_settings(struct ad_slot *slot, struct ad_refusal *refusal)
{
    const struct ad_curl *owner = slot->owner;
    CURL *easy = slot->easy;
    bool has_proxy = owner->proxy != NULL && owner->proxy[0] != '\0';

    (void)ad_refusal_need(refusal, ad_trust_apply(owner->trust, easy), "an option for the CA certificates");
    if (has_proxy || (owner->proxy != NULL && slot->takes_proxies))
        AD_NEED(refusal, easy, CURLOPT_PROXY, owner->proxy);
    if (slot->takes_proxies)
        AD_NEED(refusal, easy, CURLOPT_NOPROXY, hosts_without_proxy(owner));
    slot->settings_seen = owner->settings;
}

/* A new request must not use an address that was looked up on a previous network. */
static void set_network(struct ad_refusal *refusal, struct ad_slot *slot)
{
    const struct ad_curl *owner = slot->owner;
    bool lookup = owner->lookup_until_ms != 0 && ad_time_now_ms() < owner->lookup_until_ms;

    if (lookup != slot->lookup)
        AD_NEED(refusal, slot->easy, CURLOPT_DNS_CACHE_TIMEOUT, lookup ? 0L : 60L);
    if (slot->forbidden)
        AD_NEED(refusal, slot->easy, CURLOPT_FORBID_REUSE, 0L);
    slot->lookup = lookup;
    slot->forbidden = false;
}

static long bounded(int64_t value, long most)
{
    if (value < 0)
        return 0;
    return value > most ? most : (long)value;
}

/* libcurl's own stall detection is not used, see stall.c. */
static void set_times(struct ad_refusal *refusal, const struct ad_transfer *transfer, CURL *easy)
{
    AD_NEED(refusal, easy, CURLOPT_CONNECTTIMEOUT_MS, bounded(transfer->connect_timeout_ms, INT_MAX));
    AD_NEED(refusal, easy, CURLOPT_TIMEOUT_MS, bounded(transfer->request_timeout_ms, INT_MAX));
}

/*
 * HTTPGET first: it resets UPLOAD and POST of the previous transfer.  A body from a source is sent as libcurl's upload,
 * one in memory as its post fields (borrowed); the method name is set in addition where it differs.
 */
static void set_body(struct ad_refusal *refusal, const struct ad_transfer *transfer, CURL *easy)
{
    const char *implied = "GET";
    bool has_source = transfer->body.ops != NULL;
    bool is_get = strcmp(transfer->method, "GET") == 0 && transfer->body_bytes == NULL;

    AD_NEED(refusal, easy, CURLOPT_POSTFIELDS, NULL);
    AD_NEED(refusal, easy, CURLOPT_HTTPGET, 1L);
    if (has_source) {
        implied = "PUT";
        if (transfer->body.size > INT64_MAX)
            (void)ad_refusal_need(refusal, CURLE_FILESIZE_EXCEEDED, "an upload of that size");
        AD_NEED(refusal, easy, CURLOPT_UPLOAD, 1L);
        AD_NEED(refusal, easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->body.size);
    } else if (!is_get) {
        size_t size = transfer->body_bytes != NULL ? transfer->body_size : 0;

        implied = "POST";
        AD_NEED(refusal, easy, CURLOPT_POST, 1L);
        AD_NEED(refusal, easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size);
        AD_NEED(refusal, easy, CURLOPT_POSTFIELDS, size > 0 ? transfer->body_bytes : "");
    }
    AD_NEED(refusal, easy, CURLOPT_CUSTOMREQUEST, strcmp(transfer->method, implied) == 0 ? NULL : transfer->method);
}

/*
 * The proxy that the environment named when the client was created.  A plain-text request to loopback is allowed
 * because it cannot leave the machine, so an environment's proxy must not carry it away.  One set by the host is the
 * host's decision.
 */
static const char *proxy_of_environment(const struct ad_curl *owner, const char *url)
{
    struct ad_origin origin;
    const char *proxy = NULL;

    if (owner->environment == NULL)
        return "";
    if (!ad_text_same_nocase(url, "http:", 5))
        proxy = owner->environment->https_proxy;
    else if (owner->environment->http_proxy != NULL &&
             !(ad_origin_parse(url, &origin) == ANIMALDETECT_OK && ad_origin_is_loopback(&origin)))
        proxy = owner->environment->http_proxy;
    return proxy == NULL ? "" : proxy;
}

/*
 * Waiting to learn whether a connection can be shared only pays where HTTP/2 can be negotiated.  Not for uploads: they
 * gain nothing from sharing, and libcurl 7.88 turns a refusal before the last byte into a stream error, or spins on an
 * early response.  Not for any request while a connection of an earlier network is in use: a new stream must not join
 * it.  A libcurl without HTTP/2 rejects the version.
 */
static void set_version(struct ad_refusal *refusal, const struct ad_slot *slot)
{
    const struct ad_transfer *transfer = slot->transfer;
    CURL *easy = slot->easy;
    bool http2 = strncmp(transfer->url, "https:", 6) == 0 && transfer->body.ops == NULL && slot->owner->strays == 0;

    if (transfer->once && !slot->asks_before_issue)
        http2 = false;
    http2 = http2 && AD_WISH(refusal, easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
    if (!http2)
        AD_NEED(refusal, easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    AD_WISH(refusal, easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L);
}

void ad_slot_set_transfer(struct ad_slot *slot, struct ad_refusal *refusal)
{
    const struct ad_transfer *transfer = slot->transfer;
    CURL *easy = slot->easy;
    struct curl_slist *headers = ad_slot_headers(slot);

    if (headers == NULL) {
        (void)ad_refusal_need(refusal, CURLE_OUT_OF_MEMORY, "");
        return;
    }
    if (slot->settings_seen != slot->owner->settings)
        ad_slot_set_settings(slot, refusal);
    AD_NEED(refusal, easy, CURLOPT_URL, transfer->url);
    AD_NEED(refusal, easy, CURLOPT_HTTPHEADER, headers);
    set_version(refusal, slot);
    set_times(refusal, transfer, easy);
    if (slot->owner->proxy == NULL && slot->takes_proxies)
        AD_NEED(refusal, easy, CURLOPT_PROXY, proxy_of_environment(slot->owner, transfer->url));
    set_body(refusal, transfer, easy);
    set_network(refusal, slot);
    /* A libcurl that does not call back before sending again can only send again on a kept connection: see issue.c. */
    AD_NEED(refusal, easy, CURLOPT_FRESH_CONNECT,
            transfer->fresh || (transfer->once && !slot->asks_before_issue) ? 1L : 0L);
    slot->error[0] = '\0';
}
