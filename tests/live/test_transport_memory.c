/* SPDX-License-Identifier: MIT */
/*
 * Out of memory where the transport cannot know for which exchange: inside libcurl, or while adding a socket to the
 * reactor. No exchange may hang. The linker puts `__wrap_curl_multi_socket_action` before libcurl's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "live/echo.h"
#include "live/transport_kit.h"
#include "transport/curl/private.h"

static bool action_fails;

CURLMcode __real_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running);

CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running)
{
    CURLMcode code = __real_curl_multi_socket_action(multi, fd, mask, running);

    return action_fails ? CURLM_OUT_OF_MEMORY : code;
}

static int32_t refuse_watch(struct ad_reactor *reactor, int fd, int events)
{
    (void)reactor;
    (void)fd;
    return events == 0 ? ANIMALDETECT_OK : ANIMALDETECT_E_NO_MEMORY;
}

static void run_good_one(struct kit *kit, struct echo *echo)
{
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/");
    kit_run(kit, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    exchange_free(&exchange);
}

static void failure_of_libcurl_ends_all_in_progress(void **state)
{
    struct echo *echo = echo_open();
    struct exchange all[3];

    for (int i = 0; i < 3; i++) {
        exchange_init(&all[i], "GET", echo_port(echo), "/hold");
        kit_start(*state, &all[i]);
    }
    action_fails = true;
    for (int i = 0; i < 3; i++)
        kit_finish(*state, &all[i]);
    action_fails = false;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(all[i].transfer.net, AD_NET_NO_MEMORY);
        exchange_free(&all[i]);
    }
    run_good_one(*state, echo);
    echo_close(echo);
}

static void socket_that_cannot_be_watched_ends_its_exchange(void **state)
{
    struct kit *kit = *state;
    struct ad_reactor *reactor = ((struct ad_curl *)(void *)kit->transport)->base.reactor;
    const struct ad_reactor_ops *usual = reactor->ops;
    struct ad_reactor_ops failing = *usual;
    struct echo *echo = echo_open();
    struct exchange exchange;

    failing.watch = refuse_watch;
    exchange_init(&exchange, "GET", echo_port(echo), "/hold");
    reactor->ops = &failing;
    kit_run(kit, &exchange);
    reactor->ops = usual;

    assert_int_equal(exchange.transfer.net, AD_NET_NO_MEMORY);
    exchange_free(&exchange);
    run_good_one(kit, echo);
    echo_close(echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ALL_WAYS(failure_of_libcurl_ends_all_in_progress),
        IN_ALL_WAYS(socket_that_cannot_be_watched_ends_its_exchange),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
