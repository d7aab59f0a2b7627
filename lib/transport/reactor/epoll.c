/* SPDX-License-Identifier: MIT */
/*
 * The reactor over epoll, a timerfd and eventfds.  One set contains the watched descriptors (level-triggered), the
 * timerfd with the deadline, and the eventfd of `signal`, so the set's own descriptor is readable whenever there is
 * work.  The host watches a second set, which contains the first and one more eventfd for `announce`.
 *
 * The timer is set only when necessary: a later deadline leaves it alone (one early wakeup, which then corrects it), so
 * frequent calls of `arm` cost nothing.  Without a deadline it is off: an idle client never wakes up.  `collect` must
 * never wait, and `block` must never take events out of the set.
 */
#include "transport/reactor/reactor.h"

#include "animaldetect/types.h"

#ifdef AD_HAS_EPOLL

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/time.h"
#include "transport/reactor/bell.h"
#include "transport/reactor/ready.h"
#include "transport/transport.h"

#define OWN_DESCRIPTORS 2 /* timer and bell */

struct epoll_reactor {
    struct ad_reactor base;
    int set_fd;
    int host_fd; /* contains set_fd and `news` */
    int timer_fd;
    struct ad_bell bell;
    struct ad_bell news;
    int64_t wanted_ms;      /* the last deadline from `arm` */
    int64_t set_ms;         /* the timer's setting, AD_TIME_NEVER: off */
    bool fired;             /* it has expired and is readable until it is set again */
    bool timer_is_relative; /* its clock differs from ours */
    struct ad_ready_batch batch;
    uint8_t *watched; /* by descriptor number: 1 when it was added; only a hint, the kernel decides */
    size_t watched_size;
};

static struct epoll_reactor *epoll_of(struct ad_reactor *reactor)
{
    return (struct epoll_reactor *)(void *)reactor;
}

static bool hint_reserve(struct epoll_reactor *self, int fd)
{
    size_t need = (size_t)fd + 1;
    size_t size = self->watched_size > 0 ? self->watched_size : 64;
    uint8_t *grown;

    if (need <= self->watched_size)
        return true;
    while (size < need)
        size *= 2;
    grown = realloc(self->watched, size);
    if (grown == NULL)
        return false;
    memset(grown + self->watched_size, 0, size - self->watched_size);
    self->watched = grown;
    self->watched_size = size;
    return true;
}

static void epoll_forget(struct epoll_reactor *self, int fd)
{
    struct epoll_event none = {0};

    ad_ready_forget(&self->batch, fd);
    if ((size_t)fd < self->watched_size)
        self->watched[fd] = 0;
    /* ENOENT, EBADF: it was closed first and has left the set by itself. */
    (void)epoll_ctl(self->set_fd, EPOLL_CTL_DEL, fd, &none);
}

static int32_t epoll_watch(struct ad_reactor *reactor, int fd, int events)
{
    struct epoll_reactor *self = epoll_of(reactor);
    struct epoll_event event = {0};
    int operation;

    if (fd < 0)
        return ANIMALDETECT_OK;
    if (events == 0) {
        epoll_forget(self, fd);
        return ANIMALDETECT_OK;
    }
    if (!hint_reserve(self, fd))
        return ANIMALDETECT_E_NO_MEMORY;
    event.data.fd = fd;
    event.events =
        ((events & AD_READABLE) != 0 ? (uint32_t)EPOLLIN : 0) | ((events & AD_WRITABLE) != 0 ? (uint32_t)EPOLLOUT : 0);
    operation = self->watched[fd] != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (epoll_ctl(self->set_fd, operation, fd, &event) != 0) {
        /* The descriptor was closed and its number reused without our knowing. */
        if (operation == EPOLL_CTL_MOD && errno == ENOENT)
            operation = EPOLL_CTL_ADD;
        else if (operation == EPOLL_CTL_ADD && errno == EEXIST)
            operation = EPOLL_CTL_MOD;
        else
            return errno == ENOMEM || errno == ENOSPC ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_E_SYSTEM;
        if (epoll_ctl(self->set_fd, operation, fd, &event) != 0)
            return errno == ENOMEM || errno == ENOSPC ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_E_SYSTEM;
    }
    self->watched[fd] = 1;
    return ANIMALDETECT_OK;
}

/* Farther than any real deadline, and within a 32-bit time_t.  An early wakeup corrects it. */
#define TIMER_MOST_MS (INT64_C(1000) * INT32_MAX)

static void set_timer(struct epoll_reactor *self, int64_t deadline_ms)
{
    struct itimerspec when = {0};

    if (deadline_ms != AD_TIME_NEVER) {
        int64_t at_ms = self->timer_is_relative ? deadline_ms - ad_time_now_ms() : deadline_ms;

        if (at_ms > TIMER_MOST_MS)
            at_ms = TIMER_MOST_MS;
        /* All zero would disarm the timer: a deadline at or before 0 becomes the first nanosecond. */
        when.it_value.tv_nsec = 1;
        if (at_ms > 0) {
            when.it_value.tv_sec = (time_t)(at_ms / 1000);
            when.it_value.tv_nsec = (long)(at_ms % 1000) * 1000000;
        }
    }
    /* Setting it also makes it unreadable. */
    if (timerfd_settime(self->timer_fd, self->timer_is_relative ? 0 : TFD_TIMER_ABSTIME, &when, NULL) == 0) {
        self->set_ms = deadline_ms;
        self->fired = false;
    }
}

static void epoll_arm(struct ad_reactor *reactor, int64_t deadline_ms)
{
    struct epoll_reactor *self = epoll_of(reactor);

    self->wanted_ms = deadline_ms;
    if (deadline_ms == AD_TIME_NEVER) {
        if (self->set_ms != AD_TIME_NEVER)
            set_timer(self, AD_TIME_NEVER);
    } else if (self->fired ? deadline_ms > self->set_ms : deadline_ms < self->set_ms) {
        set_timer(self, deadline_ms);
    }
}

/* Corrects an early expiry; a timer that is due stays readable until the owner arms a later time. */
static void timer_fired(struct epoll_reactor *self)
{
    if (self->fired)
        return;
    if (self->wanted_ms > ad_time_now_ms())
        set_timer(self, self->wanted_ms);
    else
        self->fired = true;
}

static int epoll_events_of(uint32_t events)
{
    return ((events & EPOLLIN) != 0 ? AD_READABLE : 0) | ((events & EPOLLOUT) != 0 ? AD_WRITABLE : 0) |
           ((events & (EPOLLERR | EPOLLHUP)) != 0 ? AD_TROUBLE : 0);
}

/*
 * Requests at most `limit` events, so that the kernel's rotation starves no descriptor; returns their number, own
 * descriptors included.
 */
static int ask(struct epoll_reactor *self, int limit)
{
    struct epoll_event events[AD_READY_BATCH];
    int count;

    do {
        count = epoll_wait(self->set_fd, events, limit, 0);
    } while (count < 0 && errno == EINTR);
    for (int i = 0; i < count; i++) {
        if (events[i].data.fd == self->timer_fd) {
            timer_fired(self);
        } else if (events[i].data.fd != self->bell.read_fd) {
            struct ad_ready *entry = &self->batch.entries[self->batch.count++];

            entry->fd = events[i].data.fd;
            entry->events = epoll_events_of(events[i].events);
        }
    }
    return count;
}

/*
 * Polls the set once; returns the number of watched descriptors.  With a small limit the own ones may have used it up.
 */
static int epoll_look(struct epoll_reactor *self, int limit)
{
    if (limit > AD_READY_BATCH)
        limit = AD_READY_BATCH;
    self->batch.count = self->batch.next = 0;
    for (int tries = 0; tries <= OWN_DESCRIPTORS && self->batch.count == 0; tries++) {
        if (ask(self, limit) < limit)
            break;
    }
    return self->batch.count;
}

/*
 * Polls until nothing is ready, so a descriptor that was not drained is found again.  An edge-triggered host depends on
 * that, since the kernel does not report again what stays readable.
 */
static bool epoll_collect(struct ad_reactor *reactor, int32_t budget, ad_reactor_ready ready, void *context)
{
    struct epoll_reactor *self = epoll_of(reactor);

    while (budget > 0) {
        if (ad_ready_is_empty(&self->batch) && epoll_look(self, budget) == 0)
            return false;
        if (!ad_ready_deliver(&self->batch, &budget, ready, context))
            break;
    }
    return true;
}

static void epoll_signal(struct ad_reactor *reactor)
{
    ad_bell_ring(&epoll_of(reactor)->bell);
}

static void epoll_acknowledge(struct ad_reactor *reactor)
{
    ad_bell_quiet(&epoll_of(reactor)->bell);
}

static bool epoll_is_signaled(struct ad_reactor *reactor)
{
    return ad_bell_rings(&epoll_of(reactor)->bell);
}

/* Quiet first: ringing a bell that already rings makes no new edge. */
static void epoll_announce(struct ad_reactor *reactor, bool there)
{
    struct epoll_reactor *self = epoll_of(reactor);

    ad_bell_quiet(&self->news);
    if (there)
        ad_bell_ring(&self->news);
}

/* The kernel's set is always up to date. */
static void epoll_prepare(struct ad_reactor *reactor)
{
    (void)reactor;
}

static int32_t epoll_block(struct ad_reactor *reactor, int64_t timeout_ms)
{
    struct pollfd set = {.fd = epoll_of(reactor)->set_fd, .events = POLLIN};
    int timeout = timeout_ms < 0 ? -1 : timeout_ms > INT32_MAX ? INT32_MAX : (int)timeout_ms;

    if (poll(&set, 1, timeout) < 0 && errno != EINTR && errno != EAGAIN)
        return ANIMALDETECT_E_SYSTEM;
    return ANIMALDETECT_OK;
}

static int32_t epoll_fd(struct ad_reactor *reactor)
{
    return epoll_of(reactor)->host_fd;
}

/* No EPOLL_CTL_DEL: in a forked child it would remove the parent's watches. */
static void epoll_close(struct ad_reactor *reactor)
{
    struct epoll_reactor *self = epoll_of(reactor);

    if (self->set_fd >= 0)
        (void)close(self->set_fd);
    if (self->host_fd >= 0)
        (void)close(self->host_fd);
    if (self->timer_fd >= 0)
        (void)close(self->timer_fd);
    ad_bell_close(&self->bell);
    ad_bell_close(&self->news);
    free(self->watched);
    free(self);
}

static const struct ad_reactor_ops epoll_ops = {
    .watch = epoll_watch,
    .collect = epoll_collect,
    .arm = epoll_arm,
    .signal = epoll_signal,
    .acknowledge = epoll_acknowledge,
    .is_signaled = epoll_is_signaled,
    .announce = epoll_announce,
    .prepare = epoll_prepare,
    .block = epoll_block,
    .fd = epoll_fd,
    .close = epoll_close,
};

static bool add_own(int set_fd, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};

    return epoll_ctl(set_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

/* Linux before 3.15, and kernel emulations, may have no such timer on that clock. */
static void open_timer(struct epoll_reactor *self)
{
    self->timer_fd = timerfd_create(AD_TIME_CLOCK, TFD_CLOEXEC | TFD_NONBLOCK);
    if (self->timer_fd < 0 && errno == EINVAL) {
        self->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        self->timer_is_relative = true;
    }
}

int32_t ad_reactor_epoll_new(struct ad_reactor **out)
{
    struct epoll_reactor *self = calloc(1, sizeof *self);
    int32_t status = ANIMALDETECT_E_SYSTEM;

    if (self == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    self->base.ops = &epoll_ops;
    self->wanted_ms = AD_TIME_NEVER;
    self->set_ms = AD_TIME_NEVER;
    self->bell.read_fd = self->news.read_fd = -1;
    self->set_fd = epoll_create1(EPOLL_CLOEXEC);
    self->host_fd = epoll_create1(EPOLL_CLOEXEC);
    open_timer(self);
    if (self->set_fd < 0 || self->host_fd < 0 || self->timer_fd < 0)
        goto out;
    status = ad_bell_open(&self->bell, AD_BELL_EVENTFD);
    if (status == ANIMALDETECT_OK)
        status = ad_bell_open(&self->news, AD_BELL_EVENTFD);
    if (status != ANIMALDETECT_OK)
        goto out;
    if (!add_own(self->set_fd, self->timer_fd) || !add_own(self->set_fd, self->bell.read_fd) ||
        !add_own(self->host_fd, self->set_fd) || !add_own(self->host_fd, self->news.read_fd)) {
        status = ANIMALDETECT_E_SYSTEM;
        goto out;
    }
    *out = &self->base;
out:
    if (status != ANIMALDETECT_OK)
        epoll_close(&self->base);
    return status;
}

#else

int32_t ad_reactor_epoll_new(struct ad_reactor **out)
{
    (void)out;
    return ANIMALDETECT_E_UNSUPPORTED;
}

#endif
