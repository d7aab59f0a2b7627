/* SPDX-License-Identifier: MIT */
/*
 * What the suites over both kinds of reactor share: one reactor per test, pipes, and a record of what `collect`
 * reported.
 */
#ifndef TESTS_UNIT_REACTOR_KIT_H
#define TESTS_UNIT_REACTOR_KIT_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "base/time.h"
#include "transport/reactor/reactor.h"
#include "transport/transport.h"

#define HOUR_MS 3600000
#define MAX_SEEN 64

/* A reactor and what its last `collect` calls reported. */
struct kit {
    struct ad_reactor *reactor;
    bool drain;      /* read all input, so that a descriptor is reported once */
    int forget_from; /* when >= 0: when one is reported, forget all `others` except it */
    bool enough;     /* one at a time: stops after each report */
    int others[8];
    size_t other_count;
    int seen_fd[MAX_SEEN];
    int seen_events[MAX_SEEN];
    size_t seen;
};

static struct kit kit;

static inline int open_epoll(void **state)
{
    memset(&kit, 0, sizeof kit);
    kit.drain = true;
    kit.forget_from = -1;
    *state = &kit;
    return ad_reactor_epoll_new(&kit.reactor);
}

static inline int open_poll(void **state)
{
    memset(&kit, 0, sizeof kit);
    kit.drain = true;
    kit.forget_from = -1;
    *state = &kit;
    return ad_reactor_poll_new(&kit.reactor);
}

static inline int shut(void **state)
{
    (void)state;
    kit.reactor->ops->close(kit.reactor);
    return 0;
}

static inline bool on_ready(void *context, int fd, int events)
{
    struct kit *self = context;
    char sink[64];

    assert_true(self->seen < MAX_SEEN);
    self->seen_fd[self->seen] = fd;
    self->seen_events[self->seen] = events;
    self->seen++;
    if (self->drain && (events & AD_READABLE) != 0)
        (void)!read(fd, sink, sizeof sink);
    for (size_t i = 0; self->forget_from >= 0 && i < self->other_count; i++) {
        if (self->others[i] != fd)
            self->reactor->ops->watch(self->reactor, self->others[i], 0);
    }
    return !self->enough;
}

static inline bool collect(int32_t budget)
{
    kit.seen = 0;
    return kit.reactor->ops->collect(kit.reactor, budget, on_ready, &kit);
}

static inline void watch(int fd, int events)
{
    assert_int_equal(kit.reactor->ops->watch(kit.reactor, fd, events), ANIMALDETECT_OK);
}

static inline void arm(int64_t deadline_ms)
{
    kit.reactor->ops->arm(kit.reactor, deadline_ms);
}

/* Returns only when the reactor reports an event. */
static inline void block(void)
{
    kit.reactor->ops->prepare(kit.reactor);
    assert_int_equal(kit.reactor->ops->block(kit.reactor, -1), ANIMALDETECT_OK);
}

static inline void make_pipe(int ends[2])
{
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
}

static inline void shut_pipe(int ends[2])
{
    close(ends[0]);
    close(ends[1]);
}

static inline void feed(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

/* The test, once for each kind. */
#ifdef AD_HAS_EPOLL
#define OF_BOTH(name) \
    cmocka_unit_test_setup_teardown(name, open_epoll, shut), cmocka_unit_test_setup_teardown(name, open_poll, shut)
#else
#define OF_BOTH(name) cmocka_unit_test_setup_teardown(name, open_poll, shut)
#endif

#endif
