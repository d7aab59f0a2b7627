/* SPDX-License-Identifier: MIT */
/*
 * The outcome of a transfer: converts libcurl's codes to enum ad_net.  What matters is whether the request may have
 * taken effect (BROKEN, TIMEOUT) or cannot have (CONNECT, TLS).  Must never return a text with a URL in it, nor treat a
 * truncated response as complete.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "transport/curl/private.h"

static long info_long(CURL *easy, CURLINFO info)
{
    long value = 0;

    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static curl_off_t info_size(CURL *easy, CURLINFO info)
{
    curl_off_t value = -1;

    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : -1;
}

/*
 * libcurl has one code for "the peer refused the handshake" and "the connection broke during it"; only the first is
 * final.  The system's error number is not always kept; then the text has to do.
 */
static bool lost_in_handshake(const struct ad_slot *slot)
{
    static const char *const signs[] = {"SSL_ERROR_SYSCALL", "SSL_ERROR_ZERO_RETURN", "unexpected eof", "reset by peer",
                                        "Broken pipe"};
    long number = info_long(slot->easy, CURLINFO_OS_ERRNO);

    if (number == ECONNRESET || number == EPIPE || number == ECONNABORTED || number == ETIMEDOUT)
        return true;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        if (strstr(slot->error, signs[i]) != NULL)
            return true;
    }
    return false;
}

/* Newer than the headers that this was compiled with. */
#define CODE_TOO_LARGE 100

/*
 * libcurl 7 reports a header line beyond its own limit (100 KiB) as out of memory.  We assume that limit if this many
 * header bytes were received and no line was passed on.
 */
#define LONG_LINE_BYTES ((uint64_t)64 * 1024)

static bool line_is_too_long(const struct ad_slot *slot)
{
    return slot->issued && !slot->answer.complete && slot->unseen >= LONG_LINE_BYTES;
}

static enum ad_net too_long_line(struct ad_slot *slot)
{
    (void)snprintf(slot->words, sizeof slot->words, "a line of the response headers is too long");
    return AD_NET_TOO_LARGE;
}

/* Whether the failure of a connection, a name lookup or a file means that no descriptor was left. */
static bool lacks_descriptors(const struct ad_slot *slot, CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
#if LIBCURL_VERSION_NUM >= 0x075400
    case CURLE_UNRECOVERABLE_POLL:
#endif
        return slot->no_descriptor || !ad_sockets_are_left();
    default:
        return false;
    }
}

static enum ad_net net_of_broken(const struct ad_slot *slot)
{
    /* A proxy refused to open the tunnel: the service has not seen the request. */
    if (slot->answer.status == 0 && info_long(slot->easy, CURLINFO_HTTP_CONNECTCODE) >= 300)
        return AD_NET_CONNECT;
    return AD_NET_BROKEN;
}

static enum ad_net net_of(const struct ad_slot *slot, CURLcode code)
{
    if ((int)code == CODE_TOO_LARGE)
        return AD_NET_TOO_LARGE;
    switch (code) {
    case CURLE_OK:
        return AD_NET_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY:
    case CURLE_INTERFACE_FAILED:
    case CURLE_NO_CONNECTION_AVAILABLE:
        return AD_NET_CONNECT;
    case CURLE_OPERATION_TIMEDOUT:
        return slot->issued || info_long(slot->easy, CURLINFO_REQUEST_SIZE) > 0 ? AD_NET_TIMEOUT
                                                                                : AD_NET_CONNECT_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
        return lost_in_handshake(slot) ? AD_NET_CONNECT : AD_NET_TLS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
#if LIBCURL_VERSION_NUM >= 0x074d00
    case CURLE_SSL_CLIENTCERT:
#endif
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_USE_SSL_FAILED:
        return AD_NET_TLS;
    case CURLE_FILESIZE_EXCEEDED:
        return AD_NET_TOO_LARGE;
    case CURLE_OUT_OF_MEMORY:
        return AD_NET_NO_MEMORY;
    case CURLE_BAD_CONTENT_ENCODING:
        return AD_NET_CODED;
    case CURLE_UNSUPPORTED_PROTOCOL:
        /* An unsupported scheme, or a response that is not HTTP (libcurl: "HTTP/0.9 when not allowed"). */
        return info_long(slot->easy, CURLINFO_REQUEST_SIZE) > 0 ? AD_NET_BROKEN : AD_NET_INTERNAL;
    case CURLE_CHUNK_FAILED:
    case CURLE_GOT_NOTHING:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_HTTP3:
    case CURLE_PARTIAL_FILE:
    case CURLE_QUIC_CONNECT_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_WEIRD_SERVER_REPLY:
        return net_of_broken(slot);
    default:
        return AD_NET_INTERNAL;
    }
}

/*
 * A server may refuse an upload before reading it, respond, and close: sending then fails although a complete response
 * has arrived (seen with HTTP/2).  Complete means that the announced length was received.  Over HTTP/1 libcurl reads
 * before it sends, so the response is lost only if it and the reset both arrive between these two: that is BROKEN, and
 * the retry may receive it.
 */
static bool answered_early(const struct ad_slot *slot, enum ad_net net)
{
    curl_off_t length;

    if (net != AD_NET_BROKEN || !slot->answer.complete || slot->answer.status < 400)
        return false;
    length = info_size(slot->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
    return length >= 0 && (uint64_t)length == slot->answer.body_bytes;
}

/* Newer versions use a generic receive error, and limit all headers together. */
static bool headers_were_too_long(const struct ad_slot *slot, CURLcode code)
{
    if ((int)code == CODE_TOO_LARGE)
        return !slot->answer.complete;
    if (code == CURLE_OUT_OF_MEMORY)
        return line_is_too_long(slot);
    return code == CURLE_RECV_ERROR && strstr(slot->error, "Too large response headers") != NULL;
}

static enum ad_net judge(struct ad_slot *slot, CURLcode code)
{
    if (headers_were_too_long(slot, code))
        return too_long_line(slot);
    if (lacks_descriptors(slot, code)) {
        (void)snprintf(slot->words, sizeof slot->words,
                       "no file descriptors are left: raise the limit (ulimit -n) or lower max_requests");
        return AD_NET_DESCRIPTORS;
    }
    return net_of(slot, code);
}

static void describe(const struct ad_slot *slot, CURLcode code)
{
    struct ad_transfer *transfer = slot->transfer;
    const char *text = slot->words[0] != '\0' ? slot->words : slot->error;

    if (text[0] == '\0' || strstr(text, "://") != NULL)
        text = curl_easy_strerror(code);
    (void)ad_text_quote(transfer->error_text, sizeof transfer->error_text, text, strlen(text));
}

void ad_slot_conclude(struct ad_slot *slot, CURLcode code)
{
    struct ad_transfer *transfer = slot->transfer;
    curl_off_t sent = info_size(slot->easy, CURLINFO_SIZE_UPLOAD_T);

    transfer->net = slot->fault != AD_NET_OK ? slot->fault : judge(slot, code);
    if (answered_early(slot, transfer->net))
        transfer->net = AD_NET_OK;
    /* It was sent on a kept connection that broke; only the second attempt could not connect. */
    if (transfer->once && slot->issued &&
        (transfer->net == AD_NET_CONNECT || transfer->net == AD_NET_TLS || transfer->net == AD_NET_DESCRIPTORS))
        transfer->net = AD_NET_BROKEN;
    /* libcurl accepts headers that were truncated by a close as a response. */
    if (transfer->net == AD_NET_OK && !slot->answer.complete) {
        transfer->net = AD_NET_BROKEN;
        (void)snprintf(slot->words, sizeof slot->words, "the connection was closed within the response headers");
    }
    if (sent >= 0)
        transfer->sent = (uint64_t)sent;
    if (transfer->net == AD_NET_CODED) {
        ad_coding_conclude(&slot->coding, transfer, slot->answer.status);
        return;
    }
    transfer->http_status = transfer->net == AD_NET_OK ? slot->answer.status : 0;
    transfer->multiplexed = info_long(slot->easy, CURLINFO_HTTP_VERSION) >= CURL_HTTP_VERSION_2_0;
    transfer->error_text[0] = '\0';
    if (transfer->net != AD_NET_OK)
        describe(slot, code);
}

void ad_slot_fail(struct ad_slot *slot, enum ad_net fault)
{
    if (ad_list_holds(&slot->doomed_node))
        return;
    slot->fault = fault;
    ad_list_append(&slot->owner->doomed, &slot->doomed_node);
}
