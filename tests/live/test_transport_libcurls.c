/* SPDX-License-Identifier: MIT */
/*
 * The libcurl transport over libcurls with other behavior: one that reuses a dead connection, one without a callback
 * before it sends, one without HTTP/2, and one that lets SIGPIPE through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "animaldetect/types.h"
#include "live/certificate.h"
#include "live/echo.h"
#include "live/libcurl_shim.h"
#include "live/peer.h"
#include "live/transport_kit.h"
#include "transport/curl/private.h"

#if LIBCURL_VERSION_NUM >= 0x075000
static struct ad_curl *watched;

/* Like a server that closes idle connections: for the client it happens after libcurl has checked the connection. */
static void close_idle_connections(void)
{
    shim.before_issue = NULL;
    for (size_t i = 0; i < watched->sockets.count; i++)
        assert_int_equal(shutdown(watched->sockets.open[i].fd, SHUT_RDWR), 0);
}
#endif

static enum ad_net post_once(struct kit *kit, uint16_t port)
{
    struct exchange exchange;
    enum ad_net net;

    exchange_init(&exchange, "POST", port, "/submit");
    exchange.transfer.once = true;
    kit_run(kit, &exchange);
    net = exchange.transfer.net;
    exchange_free(&exchange);
    return net;
}

static void get(struct kit *kit, uint16_t port)
{
    struct exchange exchange;

    exchange_init(&exchange, "GET", port, "/");
    kit_run(kit, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    exchange_free(&exchange);
}

#if LIBCURL_VERSION_NUM >= 0x075000
static void dead_connection_costs_a_request_to_be_sent_once_nothing(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();

    shim_reset();
    watched = (struct ad_curl *)(void *)kit->transport;
    for (int i = 0; i < 3; i++) {
        get(kit, echo_port(echo));
        shim.before_issue = close_idle_connections;
        assert_int_equal(post_once(kit, echo_port(echo)), AD_NET_OK);
        assert_int_equal(echo_requests(echo), 2 * (i + 1));
    }
    shim_reset();
    assert_int_equal(post_once(kit, echo_port(echo)), AD_NET_OK);
    echo_close(echo);
}
#endif

static void fresh_transfer_takes_no_kept_connection(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct exchange exchange;

    shim_reset();
    get(kit, echo_port(echo));
    for (int i = 0; i < 2; i++) {
        exchange_init(&exchange, "POST", echo_port(echo), "/");
        exchange.transfer.fresh = i == 0;
        kit_run(kit, &exchange);
        assert_int_equal(exchange.transfer.net, AD_NET_OK);
        assert_int_equal(echo_connections(echo), 2);
        exchange_free(&exchange);
    }
    echo_close(echo);
}

static void open_older(struct kit *kit)
{
    const struct ad_curl_config config = {.user_agent = "kit/1", .settings.proxy = "", .settings.max_connections = 8};

    shim_reset();
    (void)shim_refuse_named("PREREQFUNCTION");
    kit_open(kit, &config);
}

/* Without that callback, a request to be sent once has its own connection, on which it is not resent. */
static void libcurl_that_does_not_ask_sends_once(void **state)
{
    struct echo *echo = echo_open();
    struct kit kit;

    (void)state;
    open_older(&kit);
    get(&kit, echo_port(echo));
    get(&kit, echo_port(echo));
    assert_int_equal(echo_connections(echo), 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(post_once(&kit, echo_port(echo)), AD_NET_OK);
        assert_int_equal(echo_connections(echo), 2 + i);
    }
    assert_int_equal(echo_requests(echo), 5);
    kit_close(&kit);
    echo_close(echo);
}

static void libcurl_without_a_prereq_callback_loses_no_response_silently(void **state)
{
    const struct peer_script script = {.answer = "", .read_all = true, .end = PEER_CLOSE};
    struct peer *peer = peer_open(&script);
    struct kit kit;

    (void)state;
    open_older(&kit);
    assert_int_equal(post_once(&kit, peer_port(peer)), AD_NET_BROKEN);
    assert_int_equal(peer_connections(peer), 1);
    kit_close(&kit);
    peer_close(peer);
}

static void libcurl_that_does_not_ask_still_knows_silence(void **state)
{
    struct echo *echo = echo_open();
    struct exchange exchange;
    struct kit kit;

    (void)state;
    open_older(&kit);
    exchange_init(&exchange, "GET", echo_port(echo), "/hold");
    exchange.transfer.stall_timeout_ms = 50;
    kit_run(&kit, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_TIMEOUT);
    assert_non_null(strstr(exchange.transfer.error_text, "no byte moved"));
    exchange_free(&exchange);
    kit_close(&kit);
    echo_close(echo);
}

/* The outcome of a GET over TLS, with this certificate trusted; the caller has configured the shim. */
static enum ad_net get_over_tls(const char *trusted)
{
    const struct ad_curl_config config = {.user_agent = "kit/1",
                                          .settings.proxy = "",
                                          .settings.ca_pem = trusted,
                                          .settings.ca_pem_size = strlen(trusted),
                                          .settings.max_connections = 8};
    struct echo *echo = echo_open_tls();
    struct exchange exchange;
    struct kit kit;
    enum ad_net net;

    kit_open(&kit, &config);
    exchange_init(&exchange, "GET", echo_port(echo), "/");
    (void)snprintf(exchange.url, sizeof exchange.url, "https://127.0.0.1:%u/", echo_port(echo));
    kit_run(&kit, &exchange);
    net = exchange.transfer.net;
    exchange_free(&exchange);
    kit_close(&kit);
    echo_close(echo);
    return net;
}

static void libcurl_without_http2_speaks_tls(void **state)
{
    (void)state;
    shim_reset();
    shim.http2_is_refused = true;
    assert_int_equal(get_over_tls(TEST_CERTIFICATE), AD_NET_OK);
}

static bool takes_blobs(void)
{
    CURLcode code = CURLE_UNKNOWN_OPTION;
#if LIBCURL_VERSION_NUM >= 0x074d00
    struct curl_blob blob = {(void *)(uintptr_t)TEST_CERTIFICATE, strlen(TEST_CERTIFICATE), CURL_BLOB_NOCOPY};
    CURL *easy = curl_easy_init();

    code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
    curl_easy_cleanup(easy);
#endif
    return code == CURLE_OK;
}

static void certificates_as_a_blob_are_trusted_and_no_others(void **state)
{
    (void)state;
    shim_reset();
    if (!takes_blobs())
        skip();
    shim.no_memory_files = true;
    assert_int_equal(get_over_tls(TEST_CERTIFICATE), AD_NET_OK);
    assert_int_equal(get_over_tls(OTHER_CERTIFICATE), AD_NET_TLS);
}

static bool sigpipe_is(int (*of)(sigset_t *))
{
    sigset_t set;

    sigemptyset(&set);
    assert_int_equal(of(&set), 0);
    return sigismember(&set, SIGPIPE) == 1;
}

static int mask_of(sigset_t *set)
{
    return pthread_sigmask(SIG_SETMASK, NULL, set);
}

/* A request, an aborted one, and the closing of the transport: each may write. */
static void run_all_ways(const char *ssl_version, unsigned version)
{
    const struct ad_curl_config config = {.user_agent = "kit/1", .settings.proxy = "", .settings.max_connections = 8};
    struct echo *echo = echo_open();
    struct exchange exchange;
    struct kit kit;

    shim_reset();
    shim.raises_sigpipe = true;
    shim.version = version;
    shim.ssl_version = ssl_version;
    kit_open(&kit, &config);
    get(&kit, echo_port(echo));
    exchange_init(&exchange, "GET", echo_port(echo), "/hold");
    kit_start(&kit, &exchange);
    kit.transport->ops->abort(kit.transport, &exchange.transfer);
    exchange_free(&exchange);
    kit_close(&kit);
    assert_true(shim.raised >= 4);
    shim_reset();
    echo_close(echo);
}

/* SIGPIPE has its default action here: one that gets through kills the test. */
static void sigpipe_of_libcurl_does_not_reach_the_host(void **state)
{
    (void)state;
    run_all_ways("OpenSSL/3.0.0", 0x075600);
    run_all_ways("SomeTLS/1.0", 0x080000);
    assert_false(sigpipe_is(mask_of));
    assert_false(sigpipe_is(sigpending));
}

static void sigpipe_of_the_host_stays_pending(void **state)
{
    sigset_t mask;
    int number;

    (void)state;
    sigemptyset(&mask);
    sigaddset(&mask, SIGPIPE);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &mask, NULL), 0);
    assert_int_equal(raise(SIGPIPE), 0);
    run_all_ways("OpenSSL/3.0.0", 0x075600);
    assert_true(sigpipe_is(mask_of));
    assert_true(sigpipe_is(sigpending));
    assert_int_equal(sigwait(&mask, &number), 0);
    assert_int_equal(pthread_sigmask(SIG_UNBLOCK, &mask, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if LIBCURL_VERSION_NUM >= 0x075000
        IN_ALL_WAYS(dead_connection_costs_a_request_to_be_sent_once_nothing),
#endif
        IN_ALL_WAYS(fresh_transfer_takes_no_kept_connection),
        cmocka_unit_test(libcurl_that_does_not_ask_sends_once),
        cmocka_unit_test(libcurl_without_a_prereq_callback_loses_no_response_silently),
        cmocka_unit_test(libcurl_that_does_not_ask_still_knows_silence),
        cmocka_unit_test(libcurl_without_http2_speaks_tls),
        cmocka_unit_test(certificates_as_a_blob_are_trusted_and_no_others),
        cmocka_unit_test(sigpipe_of_libcurl_does_not_reach_the_host),
        cmocka_unit_test(sigpipe_of_the_host_stays_pending),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
