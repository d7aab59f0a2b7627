/* SPDX-License-Identifier: MIT */
/*
 * The epoll reactor's one descriptor, for a host that watches it level-triggered or edge-triggered: readable while
 * there is work, signaled again for new work, silent when there is none.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "base/time.h"
#include "transport/reactor/reactor.h"
#include "transport/transport.h"

#define HOUR_MS 3600000

static struct ad_reactor *reactor;
static int level; /* the host's own epoll sets */
static int edge;

static int open_host(void **state)
{
    struct epoll_event event = {.events = EPOLLIN};

    (void)state;
    if (ad_reactor_epoll_new(&reactor) != ANIMALDETECT_OK)
        return -1;
    level = epoll_create1(EPOLL_CLOEXEC);
    edge = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ctl(level, EPOLL_CTL_ADD, reactor->ops->fd(reactor), &event) != 0)
        return -1;
    event.events |= EPOLLET;
    return epoll_ctl(edge, EPOLL_CTL_ADD, reactor->ops->fd(reactor), &event);
}

static int close_host(void **state)
{
    (void)state;
    reactor->ops->close(reactor);
    close(level);
    close(edge);
    return 0;
}

static int wakes(int set, int timeout_ms)
{
    struct epoll_event event;

    return epoll_wait(set, &event, 1, timeout_ms);
}

static bool drain(void *context, int fd, int events)
{
    char sink[64];

    (void)context;
    (void)events;
    (void)!read(fd, sink, sizeof sink);
    return true;
}

static void collect(void)
{
    assert_false(reactor->ops->collect(reactor, 64, drain, NULL));
}

static void idle_reactor_is_silent(void **state)
{
    (void)state;
    assert_int_equal(wakes(level, 0), 0);
    reactor->ops->arm(reactor, ad_time_now_ms() + HOUR_MS);
    assert_int_equal(wakes(level, 0), 0);
}

static void disarming_silences_a_deadline_that_has_come(void **state)
{
    (void)state;
    reactor->ops->arm(reactor, 0);
    assert_int_equal(wakes(level, -1), 1);

    reactor->ops->arm(reactor, AD_TIME_NEVER);

    assert_int_equal(wakes(level, 0), 0);
    assert_int_equal(wakes(edge, 0), 0);
}

static void deadline_stays_readable_until_a_later_one_is_armed(void **state)
{
    (void)state;
    reactor->ops->arm(reactor, ad_time_now_ms());
    assert_int_equal(wakes(level, -1), 1);
    collect();
    collect();
    assert_int_equal(wakes(level, 0), 1);
    reactor->ops->arm(reactor, 0);
    assert_int_equal(wakes(level, 0), 1);

    reactor->ops->arm(reactor, ad_time_now_ms() + HOUR_MS);

    assert_int_equal(wakes(level, 0), 0);
}

/* A deadline that moved later may cause one early wakeup, and no further one. */
static void early_wake_happens_at_most_once(void **state)
{
    (void)state;
    reactor->ops->arm(reactor, 0);
    reactor->ops->arm(reactor, ad_time_now_ms() + HOUR_MS);
    (void)wakes(level, 0);
    collect();
    assert_int_equal(wakes(level, 0), 0);
}

static void edge_triggered_host_is_notified_of_every_signal(void **state)
{
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        reactor->ops->signal(reactor);
        assert_int_equal(wakes(edge, -1), 1);
        reactor->ops->acknowledge(reactor);
        collect();
        assert_int_equal(wakes(level, 0), 0);
    }
}

static void edge_triggered_host_is_notified_of_every_deadline(void **state)
{
    (void)state;
    for (int turn = 0; turn < 3; turn++) {
        reactor->ops->arm(reactor, ad_time_now_ms());
        assert_int_equal(wakes(edge, -1), 1);
        collect();
        reactor->ops->arm(reactor, ad_time_now_ms() + HOUR_MS);
        assert_int_equal(wakes(level, 0), 0);
    }
}

static void edge_triggered_host_is_notified_of_data_after_it_was_collected(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    assert_int_equal(reactor->ops->watch(reactor, ends[0], AD_READABLE), ANIMALDETECT_OK);
    for (int turn = 0; turn < 3; turn++) {
        assert_int_equal(write(ends[1], "x", 1), 1);
        assert_int_equal(wakes(edge, -1), 1);
        collect();
        assert_int_equal(wakes(level, 0), 0);
    }
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(idle_reactor_is_silent, open_host, close_host),
        cmocka_unit_test_setup_teardown(disarming_silences_a_deadline_that_has_come, open_host, close_host),
        cmocka_unit_test_setup_teardown(deadline_stays_readable_until_a_later_one_is_armed, open_host, close_host),
        cmocka_unit_test_setup_teardown(early_wake_happens_at_most_once, open_host, close_host),
        cmocka_unit_test_setup_teardown(edge_triggered_host_is_notified_of_every_signal, open_host, close_host),
        cmocka_unit_test_setup_teardown(edge_triggered_host_is_notified_of_every_deadline, open_host, close_host),
        cmocka_unit_test_setup_teardown(edge_triggered_host_is_notified_of_data_after_it_was_collected, open_host,
                                        close_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
