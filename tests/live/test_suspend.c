/* SPDX-License-Identifier: MIT */
/*
 * A machine that was suspended: deadlines that passed meanwhile are due at the next wakeup, a peer does not count as
 * stalled because of it, and libcurl, whose clock stood still, is called again at its own time.
 *
 * The library's calls of clock_gettime and timerfd_create are intercepted. A suspend advances the clock that counts it.
 * How the kernel's timer behaves then is not tested; that it uses this clock is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>

#include "animaldetect/types.h"
#include "base/time.h"
#include "live/peer.h"
#include "live/transport_kit.h"

#define HOUR_MS (INT64_C(3600) * 1000)

static const struct peer_script half_an_answer = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no",
                                                  .end = PEER_HOLD};
static int64_t suspended_s;
static clockid_t timer_clock;
static bool old_kernel; /* no timers on the clock that counts suspends */

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);

int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
    int failed = __real_clock_gettime(clock, out);

    if (clock == CLOCK_BOOTTIME)
        out->tv_sec += (time_t)suspended_s;
    return failed;
}

int __wrap_timerfd_create(int clock, int flags)
{
    timer_clock = clock;
    if (old_kernel && clock == CLOCK_BOOTTIME) {
        errno = EINVAL;
        return -1;
    }
    return __real_timerfd_create(clock, flags);
}

static void suspend_for(int64_t seconds)
{
    suspended_s += seconds;
}

static int wake_up(void **state)
{
    (void)state;
    suspended_s = 0;
    old_kernel = false;
    return 0;
}

static void the_clock_of_deadlines_counts_a_suspend_and_that_of_silence_does_not(void **state)
{
    int64_t now_ms = ad_time_now_ms();
    int64_t awake_ms = ad_time_awake_ms();

    (void)state;
    suspend_for(3600);
    assert_true(ad_time_now_ms() - now_ms >= HOUR_MS);
    assert_true(ad_time_awake_ms() - awake_ms < HOUR_MS);
}

static void the_timer_is_on_the_clock_of_deadlines(void **state)
{
    struct ad_reactor *reactor = NULL;

    (void)state;
    assert_int_equal(ad_reactor_epoll_new(&reactor), ANIMALDETECT_OK);
    assert_int_equal(timer_clock, AD_TIME_CLOCK);
    assert_int_equal(timer_clock, CLOCK_BOOTTIME);
    reactor->ops->close(reactor);
}

/* The kernel's clock does not advance here, so such a timer alone shows that it was set by the difference. */
static void a_kernel_without_timers_on_that_clock_gets_another(void **state)
{
    struct ad_reactor *reactor = NULL;
    int64_t deadline_ms;

    (void)state;
    old_kernel = true;
    suspend_for(7200);
    assert_int_equal(ad_reactor_epoll_new(&reactor), ANIMALDETECT_OK);
    assert_int_equal(timer_clock, CLOCK_MONOTONIC);
    deadline_ms = ad_time_now_ms() + 5;
    reactor->ops->arm(reactor, deadline_ms);
    while (ad_time_now_ms() < deadline_ms)
        assert_int_equal(reactor->ops->block(reactor, -1), ANIMALDETECT_OK);
    reactor->ops->close(reactor);
}

/* The response takes longer than the stall timeout, on a clock that counts the suspend. */
static void a_peer_is_not_silent_while_we_were_suspended(void **state)
{
    const struct ad_curl_config config = {.settings.max_connections = 4};
    struct peer *peer = peer_open(&half_an_answer);
    struct exchange exchange;
    struct kit kit;

    (void)state;
    kit_open(&kit, &config);
    exchange_init(&exchange, "GET", peer_port(peer), "/");
    exchange.transfer.answer_timeout_ms = 30000;
    kit_start(&kit, &exchange);
    while (exchange.headers[0] == '\0')
        kit_turn(&kit);
    suspend_for(3600);
    kit.transport->reactor->ops->signal(kit.transport->reactor);
    for (int i = 0; i < 3; i++)
        (void)kit_drive(&kit, 4);
    assert_int_equal(exchange.done, 0);
    kit.transport->ops->abort(kit.transport, &exchange.transfer);
    exchange_free(&exchange);
    kit_close(&kit);
    peer_close(peer);
}

/* libcurl's own timeout is not due on its clock after the suspend, and must not be forgotten. */
static void libcurls_timer_is_kept_over_a_suspend(void **state)
{
    const struct ad_curl_config config = {.settings.max_connections = 4};
    struct peer *peer = peer_open(&half_an_answer);
    struct exchange exchange;
    struct kit kit;

    (void)state;
    old_kernel = true; /* so that the timer, which does not count a suspend here, is set by the difference */
    kit_open(&kit, &config);
    exchange_init(&exchange, "GET", peer_port(peer), "/");
    exchange.transfer.request_timeout_ms = 1000;
    kit_start(&kit, &exchange);
    while (exchange.headers[0] == '\0')
        kit_turn(&kit);
    suspend_for(3600);
    kit_finish(&kit, &exchange);
    assert_int_equal(exchange.transfer.net, AD_NET_TIMEOUT);
    exchange_free(&exchange);
    kit_close(&kit);
    peer_close(peer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_clock_of_deadlines_counts_a_suspend_and_that_of_silence_does_not, wake_up),
        cmocka_unit_test_setup(the_timer_is_on_the_clock_of_deadlines, wake_up),
        cmocka_unit_test_setup(a_kernel_without_timers_on_that_clock_gets_another, wake_up),
        cmocka_unit_test_setup(a_peer_is_not_silent_while_we_were_suspended, wake_up),
        cmocka_unit_test_setup(libcurls_timer_is_kept_over_a_suspend, wake_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
