/* SPDX-License-Identifier: MIT */
/*
 * Failing exchanges over real sockets: each completes once, with the engine's error, and reports whether the request
 * may have had its effect.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "animaldetect/types.h"
#include "live/echo.h"
#include "live/peer.h"
#include "live/transport_kit.h"

#define SIGNED_PATH "/object?signature=secret"
#define UPLOAD_SIZE ((size_t)4 * 1024 * 1024)

/* A GET to a peer that plays the script; returns its outcome. */
static enum ad_net outcome_of(void **state, const struct peer_script *script, const char *scheme)
{
    struct peer *peer = peer_open(script);
    struct exchange exchange;
    enum ad_net net;

    exchange_init(&exchange, "GET", peer_port(peer), SIGNED_PATH);
    (void)snprintf(exchange.url, sizeof exchange.url, "%s://127.0.0.1:%u" SIGNED_PATH, scheme, peer_port(peer));
    exchange.transfer.bearer = TEST_KEY;
    exchange.transfer.answer_limit = 100000;
    exchange.transfer.stall_timeout_ms = 1000;
    kit_run(*state, &exchange);
    net = exchange.transfer.net;
    if (net != AD_NET_OK)
        assert_int_equal(exchange.transfer.http_status, 0);
    exchange_free(&exchange);
    peer_close(peer);
    return net;
}

static void refused_connection_was_not_sent(void **state)
{
    struct exchange exchange;

    exchange_init(&exchange, "GET", peer_dead_port(), SIGNED_PATH);
    kit_run(*state, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_CONNECT);
    exchange_free(&exchange);
}

static void cut_off_answers_are_broken(void **state)
{
    static const char *const answers[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 100 Continue\r\n\r\n",
        "",
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct peer_script script = {.answer = answers[i]};

        assert_int_equal(outcome_of(state, &script, "http"), AD_NET_BROKEN);
        script.end = PEER_RESET;
        assert_int_equal(outcome_of(state, &script, "http"), AD_NET_BROKEN);
    }
}

static void answers_that_are_not_http_are_broken(void **state)
{
    static const char *const answers[] = {
        "SSH-2.0-OpenSSH_9.2\r\n",
        "hello world\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: twelve\r\n\r\nhello",
    };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        const struct peer_script script = {.answer = answers[i]};

        assert_int_equal(outcome_of(state, &script, "http"), AD_NET_BROKEN);
    }
}

static void silence_is_a_timeout(void **state)
{
    const struct peer_script silent = {.answer = "", .end = PEER_HOLD};
    const struct peer_script halfway = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", .end = PEER_HOLD};

    assert_int_equal(outcome_of(state, &silent, "http"), AD_NET_TIMEOUT);
    assert_int_equal(outcome_of(state, &halfway, "http"), AD_NET_TIMEOUT);
}

static void request_timeout_bounds_the_whole_exchange(void **state)
{
    struct echo *echo = echo_open();
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/hold");
    exchange.transfer.request_timeout_ms = 50;
    kit_run(*state, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_TIMEOUT);
    exchange_free(&exchange);
    echo_close(echo);
}

static void body_past_the_limit_is_too_large(void **state)
{
    struct echo *echo = echo_open();

    for (int over = 0; over < 2; over++) {
        struct exchange exchange;

        exchange_init(&exchange, "GET", echo_port(echo), "/bytes/70000");
        exchange.transfer.answer_limit = over == 1 ? 69999 : 70000;
        kit_run(*state, &exchange);
        assert_int_equal(exchange.transfer.net, over == 1 ? AD_NET_TOO_LARGE : AD_NET_OK);
        assert_in_range(exchange.transfer.answer.size, 0, 70000);
        exchange_free(&exchange);
    }
    echo_close(echo);
}

static void endless_headers_are_too_large(void **state)
{
    const struct peer_script script = {
        .answer = "HTTP/1.1 200 OK\r\nX-Filler: ................................................\r\n",
        .repeat = 6000,
        .repeat_size = 60};

    assert_int_equal(outcome_of(state, &script, "http"), AD_NET_TOO_LARGE);
}

static void tls_refused_by_the_peer_is_final_but_lost_is_not(void **state)
{
    const struct peer_script plain = {.answer = "HTTP/1.1 400 Bad Request\r\n\r\n", .answer_at_once = true};
    const struct peer_script gone = {.answer = "", .answer_at_once = true};
    const struct peer_script reset = {.answer = "", .answer_at_once = true, .end = PEER_RESET};

    /* libcurl reads the system's certificates before it sends anything */
    if (access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0) {
        print_message("skip: the system has no certificates (Debian: ca-certificates)\n");
        skip();
    }
    assert_int_equal(outcome_of(state, &plain, "https"), AD_NET_TLS);
    assert_int_equal(outcome_of(state, &gone, "https"), AD_NET_CONNECT);
    assert_int_equal(outcome_of(state, &reset, "https"), AD_NET_CONNECT);
}

static void refused_urls_are_our_own_fault(void **state)
{
    static const char *const urls[] = {"ftp://127.0.0.1/x", "file:///etc/hostname", "http://user@127.0.0.1/",
                                       "http://"};

    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct exchange exchange;

        exchange_init(&exchange, "GET", 1, "/");
        exchange.transfer.url = urls[i];
        kit_run(*state, &exchange);
        assert_int_equal(exchange.transfer.net, AD_NET_INTERNAL);
        exchange_free(&exchange);
    }
}

/* The storage responds before it has read the upload, and reads no more: the response counts, and the sending stops. */
static void early_refusal_of_an_upload_is_an_answer(void **state)
{
    const struct peer_script script = {
        .answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\nConnection: close\r\n\r\nexpired", .end = PEER_HOLD};
    uint8_t *bytes = calloc(1, UPLOAD_SIZE);
    struct peer *peer = peer_open(&script);
    struct exchange exchange;

    exchange_init(&exchange, "PUT", peer_port(peer), SIGNED_PATH);
    exchange_source(&exchange, bytes, UPLOAD_SIZE);
    kit_run(*state, &exchange);

    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    assert_int_equal(exchange.transfer.http_status, 403);
    assert_string_equal(exchange_answer(&exchange), "expired");
    assert_true(exchange.transfer.sent < UPLOAD_SIZE);
    /* Large as it is, it was sent without Expect: 100-continue. */
    assert_null(strstr(peer_request(peer), "Expect"));
    exchange_free(&exchange);
    peer_close(peer);
    free(bytes);
}

/* An error of the source fails the exchange, and the peer never gets a whole request. */
static void failing_source_never_completes_the_request(void **state)
{
    static const struct {
        uint64_t end;
        int32_t read_status;
        int32_t rewind_status;
        int32_t expected;
    } cases[] = {
        {50000, 0, 0, ANIMALDETECT_E_READER},
        {99999, 0, 0, ANIMALDETECT_E_READER},
        {0, 0, 0, ANIMALDETECT_E_READER},
        {50000, ANIMALDETECT_E_FILE_CHANGED, 0, ANIMALDETECT_E_FILE_CHANGED},
        {100000, 0, ANIMALDETECT_E_FILE, ANIMALDETECT_E_FILE},
    };
    static uint8_t bytes[100000];
    struct echo *echo = echo_open();
    struct exchange exchange;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        exchange_init(&exchange, i % 2 == 0 ? "PUT" : "POST", echo_port(echo), "/put");
        exchange_source(&exchange, bytes, sizeof bytes);
        exchange.source.end = cases[i].end;
        exchange.source.read_status = cases[i].read_status;
        exchange.source.rewind_status = cases[i].rewind_status;
        kit_run(*state, &exchange);
        assert_int_equal(exchange.transfer.net, AD_NET_BODY);
        assert_int_equal(exchange.transfer.body_status, cases[i].expected);
        exchange_free(&exchange);
    }
    exchange_init(&exchange, "GET", echo_port(echo), "/");
    kit_run(*state, &exchange);
    assert_int_equal(echo_requests(echo), 1);
    exchange_free(&exchange);
    echo_close(echo);
}

/* A kept-alive connection that the peer has closed meanwhile is no failure: the request is sent again on a new one. */
static void dead_kept_connection_is_replaced(void **state)
{
    const struct peer_script script = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    struct peer *peer = peer_open(&script);
    static uint8_t bytes[1000];

    for (int i = 0; i < 3; i++) {
        struct exchange exchange;

        exchange_init(&exchange, "PUT", peer_port(peer), "/");
        exchange_source(&exchange, bytes, sizeof bytes);
        kit_run(*state, &exchange);
        assert_int_equal(exchange.transfer.net, AD_NET_OK);
        exchange_free(&exchange);
    }
    assert_int_equal(peer_connections(peer), 3);
    peer_close(peer);
}

/*
 * The same with a peer that reads the request and closes without a response: the body starts again, and the earlier
 * POST on the same handle has left nothing that would stop libcurl from rewinding.
 */
static void body_begins_anew_on_the_replacing_connection(void **state)
{
    enum { SIZE = 300000 };
    const struct peer_script script = {
        .answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .read_all = true, .end = PEER_DROP};
    struct peer *peer = peer_open(&script);
    char *bytes = malloc(SIZE);
    struct exchange post;
    struct exchange put;

    for (int i = 0; i < SIZE; i++)
        bytes[i] = (char)('a' + i % 23);
    exchange_init(&post, "POST", peer_port(peer), "/");
    post.transfer.body_bytes = "first";
    post.transfer.body_size = 5;
    kit_run(*state, &post);
    exchange_init(&put, "PUT", peer_port(peer), "/");
    exchange_source(&put, (const uint8_t *)bytes, SIZE);
    kit_run(*state, &put);

    assert_int_equal(put.transfer.net, AD_NET_OK);
    assert_int_equal(peer_connections(peer), 2);
    assert_int_equal(put.source.rewinds, 2);
    assert_int_equal(put.transfer.sent, SIZE);
    /* The peer keeps its latest input, which is the second attempt. */
    assert_memory_equal(strstr(peer_request(peer), "\r\n\r\n") + 4, bytes, 8000);
    exchange_free(&post);
    exchange_free(&put);
    peer_close(peer);
    free(bytes);
}

/* A request that must be sent once is not resent without the engine: its response is lost, as on a new connection. */
static void request_to_be_sent_once_is_not_repeated(void **state)
{
    const struct peer_script script = {
        .answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", .read_all = true, .end = PEER_DROP};
    struct peer *peer;
    struct exchange exchange;

    /* With that libcurl it has its own connection: test_transport_libcurls.c. */
    if (curl_version_info(CURLVERSION_NOW)->version_num < 0x075000)
        skip();
    peer = peer_open(&script);
    for (int i = 0; i < 2; i++) {
        exchange_init(&exchange, "POST", peer_port(peer), "/submit");
        exchange.transfer.once = true;
        kit_run(*state, &exchange);
        assert_int_equal(exchange.transfer.net, i == 0 ? AD_NET_OK : AD_NET_BROKEN);
        exchange_free(&exchange);
    }
    peer_close(peer);
}

static void proxy_that_refuses_the_tunnel_gets_none_of_our_headers(void **state)
{
    const struct peer_script script = {.answer = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"};
    struct peer *peer = peer_open(&script);
    struct exchange exchange;
    struct kit kit;
    char proxy[64];
    const struct ad_curl_config config = {
        .user_agent = "kit/1", .settings.proxy = proxy, .settings.max_connections = 1};

    (void)state;
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", peer_port(peer));
    kit_open(&kit, &config);
    exchange_init(&exchange, "GET", 1, SIGNED_PATH);
    exchange.transfer.url = "https://service.invalid" SIGNED_PATH;
    exchange.transfer.bearer = TEST_KEY;
    exchange_header(&exchange, "X-Secret", "1");
    kit_run(&kit, &exchange);

    assert_int_equal(exchange.transfer.net, AD_NET_CONNECT);
    assert_string_equal(exchange.headers, "");
    assert_int_equal(strncmp(peer_request(peer), "CONNECT service.invalid:443 HTTP/1.1\r\n", 38), 0);
    assert_null(strstr(peer_request(peer), "Authorization"));
    assert_null(strstr(peer_request(peer), "X-Secret"));
    exchange_free(&exchange);
    kit_close(&kit);
    peer_close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ALL_WAYS(refused_connection_was_not_sent),
        IN_ALL_WAYS(cut_off_answers_are_broken),
        IN_ALL_WAYS(answers_that_are_not_http_are_broken),
        /* It waits for the stall timeout: one run is enough. */
        cmocka_unit_test_setup_teardown(silence_is_a_timeout, kit_setup_edge, kit_teardown),
        IN_ALL_WAYS(request_timeout_bounds_the_whole_exchange),
        IN_ALL_WAYS(body_past_the_limit_is_too_large),
        IN_ALL_WAYS(endless_headers_are_too_large),
        IN_ALL_WAYS(tls_refused_by_the_peer_is_final_but_lost_is_not),
        IN_ALL_WAYS(refused_urls_are_our_own_fault),
        IN_ALL_WAYS(early_refusal_of_an_upload_is_an_answer),
        IN_ALL_WAYS(failing_source_never_completes_the_request),
        IN_ALL_WAYS(dead_kept_connection_is_replaced),
        IN_ALL_WAYS(request_to_be_sent_once_is_not_repeated),
        cmocka_unit_test(proxy_that_refuses_the_tunnel_gets_none_of_our_headers),
        IN_ALL_WAYS(body_begins_anew_on_the_replacing_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
