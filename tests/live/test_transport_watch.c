/* SPDX-License-Identifier: MIT */
/*
 * The libcurl transport's use of the reactor: reused connections stay watched, an idle client watches nothing, and no
 * socket is closed while it is watched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "animaldetect/types.h"
#include "base/time.h"
#include "live/echo.h"
#include "live/transport_kit.h"
#include "transport/curl/private.h"

#define MOST_DESCRIPTORS 1024
#define HOUR_MS 3600000

static struct {
    int epoll_ctls;
    int timer_settings;
    int closed_while_watched;
    bool watched[MOST_DESCRIPTORS];
} seen;

int __real_epoll_ctl(int set, int operation, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int set, int operation, int fd, struct epoll_event *event);
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old);
int __real_close(int fd);
int __wrap_close(int fd);

int __wrap_epoll_ctl(int set, int operation, int fd, struct epoll_event *event)
{
    seen.epoll_ctls++;
    assert_in_range(fd, 0, MOST_DESCRIPTORS - 1);
    seen.watched[fd] = operation != EPOLL_CTL_DEL;
    return __real_epoll_ctl(set, operation, fd, event);
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value, struct itimerspec *old)
{
    seen.timer_settings++;
    return __real_timerfd_settime(fd, flags, value, old);
}

/* The library's own function: libcurl closes through it, too. */
int __wrap_close(int fd)
{
    int kind = 0;
    socklen_t size = sizeof kind;

    if (fd >= 0 && fd < MOST_DESCRIPTORS && seen.watched[fd] && getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &size) == 0)
        seen.closed_while_watched++;
    return __real_close(fd);
}

static struct ad_curl *curl_of(struct kit *kit)
{
    return (struct ad_curl *)(void *)kit->transport;
}

static void get(struct kit *kit, struct echo *echo)
{
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/");
    kit_run(kit, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    exchange_free(&exchange);
}

/* Like the engine while it has work. */
static void have_work(struct kit *kit)
{
    kit->deadline_ms = ad_time_now_ms() + HOUR_MS;
    kit->transport->ops->arm(kit->transport, kit->deadline_ms);
}

static void be_idle(struct kit *kit)
{
    kit->deadline_ms = AD_TIME_NEVER;
    kit->transport->ops->arm(kit->transport, kit->deadline_ms);
}

static void a_connection_that_is_used_again_stays_watched(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    int epoll_ctls;

    have_work(kit);
    get(kit, echo);
    epoll_ctls = seen.epoll_ctls;
    for (int i = 0; i < 20; i++)
        get(kit, echo);
    assert_int_equal(echo_connections(echo), 1);
    assert_int_equal(seen.epoll_ctls, epoll_ctls);
    echo_close(echo);
}

static void a_request_that_begins_sets_no_timer(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    int settings;

    have_work(kit);
    get(kit, echo);
    settings = seen.timer_settings;
    for (int i = 0; i < 20; i++)
        get(kit, echo);
    assert_in_range(seen.timer_settings - settings, 0, 2);
    echo_close(echo);
}

static void what_was_driven_in_the_iteration_that_began_it_wakes_nobody(void **state)
{
    struct kit *kit = *state;
    struct ad_reactor *reactor = kit->transport->reactor;
    struct echo *echo = echo_open();
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/hold");
    assert_int_equal(kit->transport->ops->start(kit->transport, &exchange.transfer), ANIMALDETECT_OK);
    while (kit_drive(kit, 1))
        continue;
    assert_false(reactor->ops->is_signaled(reactor));
    have_work(kit);
    assert_false(reactor->ops->is_signaled(reactor));
    kit->transport->ops->abort(kit->transport, &exchange.transfer);
    exchange_free(&exchange);
    echo_close(echo);
}

static void what_begins_and_is_not_driven_wakes(void **state)
{
    struct kit *kit = *state;
    struct ad_reactor *reactor = kit->transport->reactor;
    struct echo *echo = echo_open();
    struct exchange exchange;

    exchange_init(&exchange, "GET", echo_port(echo), "/");
    assert_int_equal(kit->transport->ops->start(kit->transport, &exchange.transfer), ANIMALDETECT_OK);
    have_work(kit);
    assert_true(reactor->ops->is_signaled(reactor));
    kit_finish(kit, &exchange);
    exchange_free(&exchange);
    echo_close(echo);
}

static void an_idle_client_watches_no_connection(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();

    have_work(kit);
    get(kit, echo);
    assert_int_equal(curl_of(kit)->sockets.resting, 1);
    assert_int_not_equal(curl_of(kit)->sockets.open[0].events, 0);
    be_idle(kit);
    assert_int_equal(curl_of(kit)->sockets.resting, 0);
    assert_int_equal(curl_of(kit)->sockets.open[0].events, 0);
    get(kit, echo);
    assert_int_equal(curl_of(kit)->sockets.open[0].events, 0);
    assert_int_equal(echo_connections(echo), 1);
    echo_close(echo);
}

static void a_connection_that_is_closed_in_between_wakes_once(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();

    have_work(kit);
    get(kit, echo);
    assert_int_equal(shutdown(curl_of(kit)->sockets.open[0].fd, SHUT_RDWR), 0);
    kit_turn(kit);
    assert_int_equal(curl_of(kit)->sockets.open[0].events, 0);
    assert_int_equal(curl_of(kit)->sockets.resting, 0);
    get(kit, echo);
    assert_int_equal(echo_connections(echo), 2);
    echo_close(echo);
}

static void hold(struct kit *kit, struct exchange *exchange, const struct echo *echo)
{
    exchange_init(exchange, "GET", echo_port(echo), "/hold");
    kit_start(kit, exchange);
    while (curl_of(kit)->sockets.count == 0 || curl_of(kit)->sockets.open[0].events != AD_READABLE)
        kit_turn(kit);
}

static void no_socket_is_closed_while_it_is_watched(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct exchange exchange;

    have_work(kit);
    hold(kit, &exchange, echo);
    kit->transport->ops->abort(kit->transport, &exchange.transfer);
    assert_int_equal(curl_of(kit)->sockets.count, 0);
    exchange_free(&exchange);
    get(kit, echo);
    assert_int_equal(curl_of(kit)->sockets.resting, 1);
    kit->transport->ops->close(kit->transport, false);
    assert_int_equal(seen.closed_while_watched, 0);
    echo_close(echo);
    assert_int_equal(kit_setup_epoll(state), 0);
    free(kit);
}

static int setup(void **state)
{
    return kit_setup_epoll(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, kit_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_connection_that_is_used_again_stays_watched),
        TEST(a_request_that_begins_sets_no_timer),
        TEST(what_was_driven_in_the_iteration_that_began_it_wakes_nobody),
        TEST(what_begins_and_is_not_driven_wakes),
        TEST(an_idle_client_watches_no_connection),
        TEST(a_connection_that_is_closed_in_between_wakes_once),
        TEST(no_socket_is_closed_while_it_is_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
