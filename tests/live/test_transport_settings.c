/* SPDX-License-Identifier: MIT */
/*
 * Settings that change while a transport is in use: proxy, certificates, number of connections, network.  New requests
 * use the new ones; requests on the wire keep the old ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "live/certificate.h"
#include "live/echo.h"
#include "live/peer.h"
#include "live/transport_kit.h"

static const struct ad_transport_settings plain = {.proxy = "", .max_connections = 8};

static void configure(struct kit *kit, const struct ad_transport_settings *settings)
{
    assert_int_equal(kit->transport->ops->configure(kit->transport, settings), ANIMALDETECT_OK);
}

/* One GET with a small response; returns its outcome. */
static enum ad_net get(struct kit *kit, const char *scheme, uint16_t port)
{
    struct exchange exchange;
    enum ad_net net;

    exchange_init(&exchange, "GET", port, "/");
    (void)snprintf(exchange.url, sizeof exchange.url, "%s://127.0.0.1:%u/", scheme, port);
    exchange.transfer.bearer = TEST_KEY;
    kit_run(kit, &exchange);
    net = exchange.transfer.net;
    exchange_free(&exchange);
    return net;
}

static void kept_connections_are_dropped_when_the_network_changes(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();

    for (int i = 0; i < 3; i++)
        assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK);
    assert_int_equal(echo_connections(echo), 1);
    kit->transport->ops->network_changed(kit->transport);
    for (int i = 0; i < 3; i++)
        assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK);
    assert_int_equal(echo_connections(echo), 2);
    echo_close(echo);
}

/* A transfer on the old network continues; no new request uses its connection, and it is not kept alive. */
static void a_transfer_on_the_wire_goes_on_when_the_network_changes(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct exchange held;
    struct exchange large;

    exchange_init(&held, "GET", echo_port(echo), "/hold");
    exchange_init(&large, "GET", echo_port(echo), "/bytes/3000000");
    large.transfer.answer_limit = 4000000;
    kit_start(kit, &held);
    kit_start(kit, &large);
    while (echo_requests(echo) < 2)
        kit_turn(kit);
    kit->transport->ops->network_changed(kit->transport);
    kit->transport->ops->network_changed(kit->transport);
    assert_int_equal(echo_connections(echo), 2);
    if (!large.done)
        kit_finish(kit, &large);
    assert_int_equal(large.transfer.net, AD_NET_OK);
    assert_int_equal(large.transfer.answer.size, 3000000);
    assert_int_equal(held.done, 0);
    assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK); /* not on the connection that `large` released */
    assert_int_equal(echo_connections(echo), 3);
    kit->transport->ops->abort(kit->transport, &held.transfer);
    assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK);
    assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK); /* connections on the new network are reused */
    assert_in_range(echo_connections(echo), 3, 4);
    exchange_free(&held);
    exchange_free(&large);
    echo_close(echo);
}

static void certificates_that_are_renewed_count_for_what_is_sent_next(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open_tls();
    struct ad_transport_settings settings = plain;

    assert_int_equal(get(kit, "https", echo_port(echo)), AD_NET_TLS);
    settings.ca_pem = TEST_CERTIFICATE;
    settings.ca_pem_size = sizeof TEST_CERTIFICATE - 1;
    configure(kit, &settings);
    assert_int_equal(get(kit, "https", echo_port(echo)), AD_NET_OK);
    configure(kit, &settings); /* setting the same again keeps the connection */
    assert_int_equal(get(kit, "https", echo_port(echo)), AD_NET_OK);
    assert_int_equal(echo_requests(echo), 2);
    settings.ca_pem = OTHER_CERTIFICATE;
    settings.ca_pem_size = sizeof OTHER_CERTIFICATE - 1;
    configure(kit, &settings);
    assert_int_equal(get(kit, "https", echo_port(echo)), AD_NET_TLS); /* even with a kept-alive connection */
    assert_int_equal(echo_requests(echo), 2);
    echo_close(echo);
}

/* Certificates are replaced repeatedly during a transfer that started with the first. */
static void certificates_outlive_the_transfers_that_use_them(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open_tls();
    struct ad_transport_settings settings = plain;
    struct exchange held;

    settings.ca_pem = TEST_CERTIFICATE;
    settings.ca_pem_size = sizeof TEST_CERTIFICATE - 1;
    configure(kit, &settings);
    exchange_init(&held, "GET", echo_port(echo), "/hold");
    (void)snprintf(held.url, sizeof held.url, "https://127.0.0.1:%u/hold", echo_port(echo));
    kit_start(kit, &held);
    for (int i = 0; i < 20; i++) {
        settings.ca_pem = i % 2 == 0 ? OTHER_CERTIFICATE : TEST_CERTIFICATE;
        settings.ca_pem_size = strlen(settings.ca_pem);
        configure(kit, &settings);
        (void)kit_drive(kit, 8);
    }
    while (echo_requests(echo) < 1)
        kit_turn(kit);
    kit->transport->ops->abort(kit->transport, &held.transfer);
    assert_int_equal(get(kit, "https", echo_port(echo)), AD_NET_OK);
    exchange_free(&held);
    echo_close(echo);
}

static void a_proxy_that_is_set_later_carries_what_is_sent_next(void **state)
{
    const struct peer_script script = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct peer *peer = peer_open(&script);
    struct ad_transport_settings settings = plain;
    char proxy[64];
    char wanted[64];

    assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK);
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", peer_port(peer));
    (void)snprintf(wanted, sizeof wanted, "GET http://127.0.0.1:%u/ HTTP/1.1\r\n", echo_port(echo));
    settings.proxy = proxy;
    configure(kit, &settings);
    assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK);
    assert_int_equal(strncmp(peer_request(peer), wanted, strlen(wanted)), 0);
    assert_int_equal(echo_requests(echo), 1);
    configure(kit, &plain);
    assert_int_equal(get(kit, "http", echo_port(echo)), AD_NET_OK);
    assert_int_equal(echo_requests(echo), 2);
    assert_int_equal(peer_connections(peer), 1);
    peer_close(peer);
    echo_close(echo);
}

static void more_connections_are_opened_when_they_are_permitted(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct ad_transport_settings settings = plain;
    struct exchange held[4];

    settings.max_connections = 2;
    configure(kit, &settings);
    for (int i = 0; i < 4; i++) {
        exchange_init(&held[i], "GET", echo_port(echo), "/hold");
        kit_start(kit, &held[i]);
    }
    while (echo_requests(echo) < 2)
        kit_turn(kit);
    assert_int_equal(echo_connections(echo), 2);
    settings.max_connections = 4;
    configure(kit, &settings);
    for (int i = 0; i < 2; i++) { /* libcurl checks again when there is an event */
        kit->transport->ops->abort(kit->transport, &held[i].transfer);
        exchange_free(&held[i]);
        exchange_init(&held[i], "GET", echo_port(echo), "/hold");
        kit_start(kit, &held[i]);
    }
    while (echo_requests(echo) < 6)
        kit_turn(kit);
    for (int i = 0; i < 4; i++) {
        kit->transport->ops->abort(kit->transport, &held[i].transfer);
        exchange_free(&held[i]);
    }
    echo_close(echo);
}

#define IN_BOTH_WAYS(test)                                                \
    cmocka_unit_test_setup_teardown(test, kit_setup_epoll, kit_teardown), \
        cmocka_unit_test_setup_teardown(test, kit_setup_edge, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_BOTH_WAYS(kept_connections_are_dropped_when_the_network_changes),
        IN_BOTH_WAYS(a_transfer_on_the_wire_goes_on_when_the_network_changes),
        IN_BOTH_WAYS(certificates_that_are_renewed_count_for_what_is_sent_next),
        IN_BOTH_WAYS(certificates_outlive_the_transfers_that_use_them),
        IN_BOTH_WAYS(a_proxy_that_is_set_later_carries_what_is_sent_next),
        IN_BOTH_WAYS(more_connections_are_opened_when_they_are_permitted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
