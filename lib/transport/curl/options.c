/* SPDX-License-Identifier: MIT */
/*
 * The options of an easy handle.  `common` is set once when a slot is made; `transfer` sets every option that can
 * differ between two transfers, each time, so that a pooled handle behaves like a fresh one without the cost of making
 * it one. Must never turn a check of TLS off, follow a redirect, or let libcurl add a header that the engine did not
 * ask for.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "animaldetect/types.h"
#include "base/origin.h"
#include "transport/curl/private.h"

#define RECEIVE_BUFFER 32768L
#define UPLOAD_BUFFER 65536L

struct long_option {
    CURLoption option;
    long value;
};

static const struct long_option common_longs[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_NOPROGRESS, 1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_UNRESTRICTED_AUTH, 0},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_PATH_AS_IS, 1}, /* a signed URL must arrive as it was signed */
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_HEADEROPT, CURLHEADER_SEPARATE}, /* a proxy's CONNECT gets none of our headers */
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
    {CURLOPT_TCP_NODELAY, 1},
    {CURLOPT_TCP_KEEPALIVE, 1},
    {CURLOPT_BUFFERSIZE, RECEIVE_BUFFER},
    {CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER},
};

/* Keeps the first failure of a row of calls. */
static void note(CURLcode *first, CURLcode now)
{
    if (*first == CURLE_OK)
        *first = now;
}

static int32_t options_status_of(CURLcode code)
{
    if (code == CURLE_OK)
        return ANIMALDETECT_OK;
    return code == CURLE_OUT_OF_MEMORY ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_E_SYSTEM;
}

static CURLcode set_callbacks(struct ad_slot *slot)
{
    CURL *easy = slot->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);

    note(&code, curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->error));
    note(&code, curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, ad_slot_on_header));
    note(&code, curl_easy_setopt(easy, CURLOPT_HEADERDATA, slot));
    note(&code, curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ad_slot_on_body));
    note(&code, curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot));
    note(&code, curl_easy_setopt(easy, CURLOPT_READFUNCTION, ad_slot_on_read));
    note(&code, curl_easy_setopt(easy, CURLOPT_READDATA, slot));
    note(&code, curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, ad_slot_on_seek));
    note(&code, curl_easy_setopt(easy, CURLOPT_SEEKDATA, slot));
    note(&code, curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, ad_slot_on_issue));
    note(&code, curl_easy_setopt(easy, CURLOPT_PREREQDATA, slot));
    note(&code, curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, ad_curl_on_open));
    note(&code, curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, slot));
    note(&code, curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, ad_curl_on_close));
    note(&code, curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, slot->owner));
    return code;
}

/* The same certificates for the service and for a proxy that speaks TLS, as the curl tool does it. */
static CURLcode set_trust(const struct ad_curl *owner, CURL *easy)
{
    CURLcode code = CURLE_OK;

    if (owner->ca_pem.data != NULL) {
        /* Not copied by libcurl: it lives in the transport, which outlives its handles. */
        note(&code, curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &owner->ca_pem));
        note(&code, curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO_BLOB, &owner->ca_pem));
    } else if (owner->ca_file != NULL) {
        note(&code, curl_easy_setopt(easy, CURLOPT_CAINFO, owner->ca_file));
        note(&code, curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, owner->ca_file));
    }
    return code;
}

int32_t ad_slot_set_common(struct ad_slot *slot)
{
    const struct ad_curl *owner = slot->owner;
    CURL *easy = slot->easy;
    CURLcode code = set_callbacks(slot);

    for (size_t i = 0; i < sizeof common_longs / sizeof common_longs[0]; i++)
        note(&code, curl_easy_setopt(easy, common_longs[i].option, common_longs[i].value));
    note(&code, curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https"));
    note(&code, curl_easy_setopt(easy, CURLOPT_USERAGENT, owner->user_agent));
    if (owner->proxy != NULL) {
        note(&code, curl_easy_setopt(easy, CURLOPT_PROXY, owner->proxy));
        note(&code, curl_easy_setopt(easy, CURLOPT_NOPROXY, "")); /* or the environment's exceptions would still hold */
    }
    note(&code, set_trust(owner, easy));
#if LIBCURL_VERSION_NUM >= 0x075700
    /*
     * Without it, giving up on a name that does not resolve waits for the resolver's thread, and with it every other
     * transfer. The thread ends by itself.  An older library at run time does not know the option.
     */
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
    return options_status_of(code);
}

static long bounded(int64_t value, long most)
{
    if (value < 0)
        return 0;
    return value > most ? most : (long)value;
}

/* Silence is not libcurl's to find, see stall.c. */
static CURLcode set_times(const struct ad_transfer *transfer, CURL *easy)
{
    CURLcode code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, bounded(transfer->connect_timeout_ms, INT_MAX));

    note(&code, curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, bounded(transfer->request_timeout_ms, INT_MAX)));
    return code;
}

/*
 * HTTPGET first: it takes back UPLOAD and POST of the transfer before.  A body from a source goes out as libcurl's
 * upload, one in memory as its post fields (borrowed); the method's name is set on top where it differs.
 */
static CURLcode set_body(const struct ad_transfer *transfer, CURL *easy)
{
    const char *implied = "GET";
    bool has_source = transfer->body.ops != NULL;
    bool is_get = strcmp(transfer->method, "GET") == 0 && transfer->body_bytes == NULL;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);

    note(&code, curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L));
    if (has_source) {
        implied = "PUT";
        note(&code, curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L));
        note(&code, curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)transfer->body.size));
    } else if (!is_get) {
        size_t size = transfer->body_bytes != NULL ? transfer->body_size : 0;

        implied = "POST";
        note(&code, curl_easy_setopt(easy, CURLOPT_POST, 1L));
        note(&code, curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)size));
        note(&code, curl_easy_setopt(easy, CURLOPT_POSTFIELDS, size > 0 ? transfer->body_bytes : ""));
    }
    note(&code, curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
                                 strcmp(transfer->method, implied) == 0 ? NULL : transfer->method));
    return code;
}

static bool names_a_proxy(const char *variable)
{
    const char *value = getenv(variable); /* NOLINT(concurrency-mt-unsafe): as libcurl asks for it, at the same time */

    return value != NULL && value[0] != '\0';
}

/*
 * A request to loopback goes in clear because it cannot leave the machine: a proxy that only the environment names must
 * not carry it away.  One that the host has set is the host's decision.  Where the environment names none, libcurl is
 * spared to ask again.
 */
static bool goes_direct(const char *url)
{
    struct ad_origin origin;

    if (strncasecmp(url, "http:", 5) != 0)
        return false;
    if (!names_a_proxy("http_proxy") && !names_a_proxy("all_proxy") && !names_a_proxy("ALL_PROXY"))
        return true;
    return ad_origin_parse(url, &origin) == ANIMALDETECT_OK && ad_origin_is_loopback(&origin);
}

int32_t ad_slot_set_transfer(struct ad_slot *slot)
{
    const struct ad_transfer *transfer = slot->transfer;
    CURL *easy = slot->easy;
    bool http2 = strncmp(transfer->url, "https:", 6) == 0 && transfer->body.ops == NULL;
    struct curl_slist *headers;
    CURLcode code;

    if (transfer->body.ops != NULL && transfer->body.size > INT64_MAX)
        return ANIMALDETECT_E_SYSTEM;
    headers = ad_slot_headers(slot);
    if (headers == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    code = curl_easy_setopt(easy, CURLOPT_URL, transfer->url);
    note(&code, curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers));
    /*
     * Waiting to learn whether a connection can be shared only pays where HTTP/2 can be agreed on.  Uploads do without
     * it: they gain nothing from sharing, and libcurl 7.88 turns a refusal that comes before the last byte into a
     * stream error, or spins on an early answer.
     */
    note(&code, curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
    note(&code, curl_easy_setopt(easy, CURLOPT_PIPEWAIT, http2 ? 1L : 0L));
    note(&code, set_times(transfer, easy));
    if (slot->owner->proxy == NULL)
        note(&code, curl_easy_setopt(easy, CURLOPT_PROXY, goes_direct(transfer->url) ? "" : NULL));
    note(&code, set_body(transfer, easy));
    slot->error[0] = '\0';
    return options_status_of(code);
}
