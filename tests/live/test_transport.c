/* SPDX-License-Identifier: MIT */
/*
 * Exchanges that succeed, over real sockets: what is sent, what is received, and that one exchange does not affect the
 * next.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "base/digest.h"
#include "live/echo.h"
#include "live/peer.h"
#include "live/transport_kit.h"

#define BIG_SIZE ((size_t)10 * 1024 * 1024)
#define MANY 64
#define PLAIN_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static uint8_t *pattern(size_t size)
{
    uint8_t *bytes = malloc(size);

    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 251);
    return bytes;
}

static void assert_digest_in(const char *answer, const void *bytes, size_t size)
{
    struct ad_digest digest;
    uint8_t out[AD_DIGEST_SIZE];
    char hex[AD_DIGEST_HEX_SIZE];

    ad_digest_begin(&digest);
    ad_digest_add(&digest, bytes, size);
    ad_digest_end(&digest, out);
    ad_digest_hex(out, hex);
    assert_non_null(strstr(answer, hex));
}

static void get_gives_status_headers_and_body(void **state)
{
    struct echo *echo = echo_open();
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/a/b?c=d");
    kit_run(*state, &exchange);

    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    assert_int_equal(exchange.transfer.http_status, 200);
    assert_non_null(strstr(exchange.headers, "X-Echo: yes\n"));
    assert_non_null(strstr(exchange_answer(&exchange), "GET /a/b length=none size=0 authorization=none"));
    exchange_free(&exchange);
    echo_close(echo);
}

static void post_sends_the_bytes(void **state)
{
    struct echo *echo = echo_open();
    struct exchange exchange;

    exchange_init(&exchange, "POST", echo_port(echo), "/jobs");
    exchange.transfer.body_bytes = "{\"a\":1}";
    exchange.transfer.body_size = 7;
    kit_run(*state, &exchange);

    assert_non_null(strstr(exchange_answer(&exchange), "POST /jobs length=7 size=7"));
    assert_digest_in(exchange_answer(&exchange), "{\"a\":1}", 7);
    assert_int_equal(exchange.transfer.sent, 7);
    exchange_free(&exchange);
    echo_close(echo);
}

static void post_and_put_without_body_say_length_zero(void **state)
{
    struct echo *echo = echo_open();
    const char *const methods[] = {"POST", "PUT"};

    for (int i = 0; i < 2; i++) {
        struct exchange exchange;
        char expected[64];

        exchange_init(&exchange, methods[i], echo_port(echo), "/submit");
        kit_run(*state, &exchange);
        (void)snprintf(expected, sizeof expected, "%s /submit length=0 size=0", methods[i]);
        assert_non_null(strstr(exchange_answer(&exchange), expected));
        exchange_free(&exchange);
    }
    echo_close(echo);
}

static void source_is_streamed_whole(void **state)
{
    struct echo *echo = echo_open();
    uint8_t *bytes = pattern(BIG_SIZE);
    const char *const methods[] = {"PUT", "POST"};
    const size_t sizes[] = {BIG_SIZE, 65537, 1, 0};

    for (int i = 0; i < 8; i++) {
        struct exchange exchange;
        char expected[64];
        size_t size = sizes[i / 2];

        exchange_init(&exchange, methods[i % 2], echo_port(echo), "/put");
        exchange_source(&exchange, bytes, size);
        exchange.source.at_most = i / 2 == 1 ? 1000 : 0;
        kit_run(*state, &exchange);
        (void)snprintf(expected, sizeof expected, "%s /put length=%zu size=%zu", methods[i % 2], size, size);
        assert_non_null(strstr(exchange_answer(&exchange), expected));
        assert_digest_in(exchange_answer(&exchange), bytes, size);
        assert_int_equal(exchange.transfer.sent, size);
        exchange_free(&exchange);
    }
    free(bytes);
    echo_close(echo);
}

static void same_source_can_be_sent_again(void **state)
{
    struct echo *echo = echo_open();
    uint8_t *bytes = pattern(100000);
    struct exchange exchange;

    exchange_init(&exchange, "PUT", echo_port(echo), "/put");
    exchange_source(&exchange, bytes, 100000);
    kit_run(*state, &exchange);
    exchange.done = 0;
    kit_run(*state, &exchange);

    assert_int_equal(exchange.source.rewinds, 2);
    assert_digest_in(exchange_answer(&exchange), bytes, 100000);
    exchange_free(&exchange);
    free(bytes);
    echo_close(echo);
}

static void big_answer_comes_whole(void **state)
{
    struct echo *echo = echo_open();
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/bytes/5000000");
    kit_run(*state, &exchange);

    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    assert_int_equal(exchange.transfer.answer.size, 5000000);
    assert_int_equal(exchange_answer(&exchange)[4999999], 'a' + 4999999 % 26);
    exchange_free(&exchange);
    echo_close(echo);
}

static void only_the_given_headers_are_sent(void **state)
{
    const struct peer_script script = {.answer = PLAIN_ANSWER};
    struct peer *peer = peer_open(&script);
    struct exchange exchange;
    char expected[512];

    exchange_init(&exchange, "POST", peer_port(peer), "/x/../y?signature=%2f");
    exchange.transfer.bearer = TEST_KEY;
    exchange.transfer.body_bytes = "";
    exchange_header(&exchange, "X-One", "1");
    exchange_header(&exchange, "X-Empty", "");
    kit_run(*state, &exchange);

    (void)snprintf(expected, sizeof expected,
                   "POST /x/../y?signature=%%2f HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: kit/1\r\nAccept: */*\r\n"
                   "Authorization: Bearer " TEST_KEY "\r\nX-One: 1\r\nX-Empty:\r\nContent-Length: 0\r\n\r\n",
                   peer_port(peer));
    assert_string_equal(peer_request(peer), expected);
    exchange_free(&exchange);
    peer_close(peer);
}

static void key_is_sent_only_where_it_was_given(void **state)
{
    struct echo *echo = echo_open();

    for (int i = 0; i < 4; i++) {
        struct exchange exchange;

        exchange_init(&exchange, "GET", echo_port(echo), "/");
        exchange.transfer.bearer = i % 2 == 0 ? TEST_KEY : NULL;
        kit_run(*state, &exchange);
        assert_non_null(
            strstr(exchange_answer(&exchange), i % 2 == 0 ? "authorization=Bearer " TEST_KEY : "authorization=none"));
        exchange_free(&exchange);
    }
    echo_close(echo);
}

/* Every kind of request after every other kind, on the same pooled handle. */
static void one_exchange_leaves_nothing_for_the_next(void **state)
{
    struct echo *echo = echo_open();
    uint8_t *bytes = pattern(3000);
    const char *const expected[] = {"GET / length=none size=0", "POST / length=5 size=5", "PUT / length=3000 size=3000",
                                    "POST / length=0 size=0", "PUT / length=4 size=4"};

    for (int i = 0; i < 50; i++) {
        int kind = i < 25 ? i % 5 : i * i / 3 % 5;
        struct exchange exchange;

        exchange_init(&exchange, kind == 0 ? "GET" : expected[kind][1] == 'U' ? "PUT" : "POST", echo_port(echo), "/");
        if (kind == 2)
            exchange_source(&exchange, bytes, 3000);
        exchange.transfer.body_bytes = kind == 1 ? "hello" : kind == 4 ? "four" : NULL;
        exchange.transfer.body_size = kind == 1 ? 5 : kind == 4 ? 4 : 0;
        if (kind == 1)
            exchange_header(&exchange, "Content-Type", "text/plain");
        kit_run(*state, &exchange);
        assert_non_null(strstr(exchange_answer(&exchange), expected[kind]));
        exchange_free(&exchange);
    }
    assert_int_equal(echo_connections(echo), 1);
    free(bytes);
    echo_close(echo);
}

static void many_exchanges_run_at_once(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct exchange *all = calloc(MANY, sizeof *all);
    uint8_t *bytes = pattern(200000);

    kit->budget = 3;
    for (int turn = 0; turn < 3; turn++) {
        for (int i = 0; i < MANY; i++) {
            exchange_init(&all[i], i % 2 == 0 ? "PUT" : "GET", echo_port(echo), i % 2 == 0 ? "/p" : "/bytes/100000");
            if (i % 2 == 0)
                exchange_source(&all[i], bytes, 200000);
            kit_start(kit, &all[i]);
        }
        for (int i = 0; i < MANY; i++) {
            kit_finish(kit, &all[i]);
            assert_int_equal(all[i].transfer.net, AD_NET_OK);
            if (i % 2 == 0)
                assert_digest_in(exchange_answer(&all[i]), bytes, 200000);
            else
                assert_int_equal(all[i].transfer.answer.size, 100000);
            exchange_free(&all[i]);
        }
    }
    assert_in_range(echo_connections(echo), 1, MANY);
    free(bytes);
    free(all);
    echo_close(echo);
}

static void interim_answers_and_trailers_are_not_forwarded(void **state)
{
    const struct peer_script script = {
        .answer = "HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\nHTTP/1.1 202 Accepted\r\nX-Final:  2 \r\n"
                  "Transfer-Encoding: chunked\r\nTrailer: X-Late\r\n\r\n3\r\nabc\r\n0\r\nX-Late: 3\r\n\r\n"};
    struct peer *peer = peer_open(&script);
    struct exchange exchange;

    exchange_init(&exchange, "GET", peer_port(peer), "/");
    kit_run(*state, &exchange);

    assert_int_equal(exchange.transfer.http_status, 202);
    assert_string_equal(exchange.headers, "X-Final: 2\nTransfer-Encoding: chunked\nTrailer: X-Late\n");
    assert_string_equal(exchange_answer(&exchange), "abc");
    exchange_free(&exchange);
    peer_close(peer);
}

static void redirect_is_handed_over_not_followed(void **state)
{
    const struct peer_script script = {
        .answer = "HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"};
    struct peer *peer = peer_open(&script);
    struct exchange exchange;

    exchange_init(&exchange, "GET", peer_port(peer), "/");
    exchange.transfer.bearer = TEST_KEY;
    kit_run(*state, &exchange);

    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    assert_int_equal(exchange.transfer.http_status, 307);
    exchange_free(&exchange);
    peer_close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ALL_WAYS(get_gives_status_headers_and_body),
        IN_ALL_WAYS(post_sends_the_bytes),
        IN_ALL_WAYS(post_and_put_without_body_say_length_zero),
        IN_ALL_WAYS(source_is_streamed_whole),
        IN_ALL_WAYS(same_source_can_be_sent_again),
        IN_ALL_WAYS(big_answer_comes_whole),
        IN_ALL_WAYS(only_the_given_headers_are_sent),
        IN_ALL_WAYS(key_is_sent_only_where_it_was_given),
        IN_ALL_WAYS(one_exchange_leaves_nothing_for_the_next),
        IN_ALL_WAYS(many_exchanges_run_at_once),
        IN_ALL_WAYS(interim_answers_and_trailers_are_not_forwarded),
        IN_ALL_WAYS(redirect_is_handed_over_not_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
