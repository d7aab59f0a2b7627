/* SPDX-License-Identifier: MIT */
/*
 * The portable reactor: an array for poll, a pipe for `signal`, and the deadline as poll's timeout.
 *
 * `block` runs without the lock, so it polls a copy made by `prepare`.  If the live array gets a descriptor, or an
 * earlier deadline, while the copy is in use, a second pipe (the nudge) ends the poll; it is quieted when the copy is
 * made again.  There is no single descriptor that a host could watch.
 */
#include "transport/reactor/reactor.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "animaldetect/types.h"
#include "base/time.h"
#include "transport/reactor/bell.h"
#include "transport/reactor/ready.h"
#include "transport/transport.h"

#define OWN_DESCRIPTORS 2        /* bell and nudge are first in the copy */
#define SHORT_COPY_TIMEOUT_MS 10 /* poll timeout for an incomplete copy (out of memory) */

struct poll_reactor {
    struct ad_reactor base;
    struct ad_bell bell;
    struct ad_bell nudge;
    struct pollfd *live;
    size_t count;
    size_t capacity;
    size_t cursor;   /* where the next poll starts, so that a small budget starves none */
    int32_t *places; /* by descriptor number: index in `live` plus 1, 0 if absent */
    size_t places_size;
    int64_t wanted_ms;
    bool prepared; /* a copy is, or is about to be, in use */
    struct pollfd *copy;
    size_t copy_count;
    size_t copy_capacity;
    int64_t copy_ms; /* the deadline of the copy */
    bool copy_short; /* out of memory: incomplete */
    struct ad_ready_batch batch;
};

static struct poll_reactor *poll_of(struct ad_reactor *reactor)
{
    return (struct poll_reactor *)(void *)reactor;
}

static bool reserve_live(struct poll_reactor *self)
{
    size_t capacity = self->capacity > 0 ? self->capacity * 2 : 16;
    struct pollfd *grown;

    if (self->count < self->capacity)
        return true;
    grown = realloc(self->live, capacity * sizeof *grown);
    if (grown == NULL)
        return false;
    self->live = grown;
    self->capacity = capacity;
    return true;
}

static bool reserve_places(struct poll_reactor *self, int fd)
{
    size_t need = (size_t)fd + 1;
    size_t size = self->places_size > 0 ? self->places_size : 64;
    int32_t *grown;

    if (need <= self->places_size)
        return true;
    while (size < need)
        size *= 2;
    grown = realloc(self->places, size * sizeof *grown);
    if (grown == NULL)
        return false;
    memset(grown + self->places_size, 0, (size - self->places_size) * sizeof *grown);
    self->places = grown;
    self->places_size = size;
    return true;
}

static void nudge(struct poll_reactor *self)
{
    if (self->prepared)
        ad_bell_ring(&self->nudge);
}

static void poll_forget(struct poll_reactor *self, int fd)
{
    int32_t place;

    ad_ready_forget(&self->batch, fd);
    if ((size_t)fd >= self->places_size || self->places[fd] == 0)
        return;
    place = self->places[fd] - 1;
    self->places[fd] = 0;
    self->count--;
    if ((size_t)place != self->count) {
        self->live[place] = self->live[self->count];
        self->places[self->live[place].fd] = place + 1;
    }
}

static int32_t poll_watch(struct ad_reactor *reactor, int fd, int events)
{
    struct poll_reactor *self = poll_of(reactor);
    short flags = (short)(((events & AD_READABLE) != 0 ? POLLIN : 0) | ((events & AD_WRITABLE) != 0 ? POLLOUT : 0));

    if (fd < 0)
        return ANIMALDETECT_OK;
    if (events == 0) {
        poll_forget(self, fd);
        return ANIMALDETECT_OK;
    }
    if (!reserve_places(self, fd) || !reserve_live(self))
        return ANIMALDETECT_E_NO_MEMORY;
    if (self->places[fd] == 0) {
        self->live[self->count].fd = fd;
        self->live[self->count].revents = 0;
        self->places[fd] = (int32_t)++self->count;
    }
    self->live[self->places[fd] - 1].events = flags;
    nudge(self);
    return ANIMALDETECT_OK;
}

static void poll_arm(struct ad_reactor *reactor, int64_t deadline_ms)
{
    struct poll_reactor *self = poll_of(reactor);

    self->wanted_ms = deadline_ms;
    if (deadline_ms < self->copy_ms)
        nudge(self);
}

static int poll_events_of(short revents)
{
    return ((revents & POLLIN) != 0 ? AD_READABLE : 0) | ((revents & POLLOUT) != 0 ? AD_WRITABLE : 0) |
           ((revents & (POLLERR | POLLHUP | POLLNVAL)) != 0 ? AD_TROUBLE : 0);
}

/* Polls the live array once; returns the number of ready descriptors. */
static int poll_look(struct poll_reactor *self, int limit)
{
    size_t begin = self->cursor;
    int found = 0;

    self->batch.count = self->batch.next = 0;
    if (self->count == 0)
        return 0;
    do {
        found = poll(self->live, (nfds_t)self->count, 0);
    } while (found < 0 && errno == EINTR);
    if (limit > AD_READY_BATCH)
        limit = AD_READY_BATCH;
    for (size_t i = 0; i < self->count && self->batch.count < found && self->batch.count < limit; i++) {
        size_t place = (begin + i) % self->count;
        struct ad_ready *entry = &self->batch.entries[self->batch.count];

        if (self->live[place].revents == 0)
            continue;
        entry->fd = self->live[place].fd;
        entry->events = poll_events_of(self->live[place].revents);
        self->batch.count++;
        self->cursor = place + 1;
    }
    return self->batch.count;
}

static bool poll_collect(struct ad_reactor *reactor, int32_t budget, ad_reactor_ready ready, void *context)
{
    struct poll_reactor *self = poll_of(reactor);

    self->prepared = false;
    while (budget > 0) {
        if (ad_ready_is_empty(&self->batch) && poll_look(self, budget) == 0)
            return false;
        if (!ad_ready_deliver(&self->batch, &budget, ready, context))
            break;
    }
    return true;
}

static void poll_signal(struct ad_reactor *reactor)
{
    ad_bell_ring(&poll_of(reactor)->bell);
}

static void poll_acknowledge(struct ad_reactor *reactor)
{
    ad_bell_quiet(&poll_of(reactor)->bell);
}

static bool poll_is_signaled(struct ad_reactor *reactor)
{
    return ad_bell_rings(&poll_of(reactor)->bell);
}

/* There is no descriptor that a host could watch. */
static void poll_announce(struct ad_reactor *reactor, bool there)
{
    (void)reactor;
    (void)there;
}

static void poll_prepare(struct ad_reactor *reactor)
{
    struct poll_reactor *self = poll_of(reactor);
    size_t need = self->count + OWN_DESCRIPTORS;
    size_t fits;

    ad_bell_quiet(&self->nudge);
    if (need > self->copy_capacity) {
        size_t capacity = self->capacity + OWN_DESCRIPTORS;
        struct pollfd *grown = realloc(self->copy, capacity * sizeof *grown);

        if (grown != NULL) {
            self->copy = grown;
            self->copy_capacity = capacity;
        }
    }
    fits = self->copy_capacity - OWN_DESCRIPTORS;
    self->copy_short = self->count > fits;
    if (!self->copy_short)
        fits = self->count;
    if (fits > 0)
        memcpy(self->copy + OWN_DESCRIPTORS, self->live, fits * sizeof *self->live);
    self->copy_count = fits + OWN_DESCRIPTORS;
    self->copy_ms = self->wanted_ms;
    self->prepared = true;
}

static int timeout_of(const struct poll_reactor *self, int64_t timeout_ms)
{
    int64_t timeout = timeout_ms < 0 ? INT64_MAX : timeout_ms;

    if (self->copy_ms != AD_TIME_NEVER) {
        int64_t now_ms = ad_time_now_ms();
        int64_t left_ms = self->copy_ms > now_ms ? self->copy_ms - now_ms : 0;

        if (left_ms < timeout)
            timeout = left_ms;
    }
    if (self->copy_short && timeout > SHORT_COPY_TIMEOUT_MS)
        timeout = SHORT_COPY_TIMEOUT_MS;
    if (timeout == INT64_MAX)
        return -1;
    return timeout > INT32_MAX ? INT32_MAX : (int)timeout;
}

static int32_t poll_block(struct ad_reactor *reactor, int64_t timeout_ms)
{
    struct poll_reactor *self = poll_of(reactor);
    int ready = poll(self->copy, (nfds_t)self->copy_count, timeout_of(self, timeout_ms));

    if (ready < 0 && errno != EINTR && errno != EAGAIN)
        return ANIMALDETECT_E_SYSTEM;
    return ANIMALDETECT_OK;
}

static int32_t poll_fd(struct ad_reactor *reactor)
{
    (void)reactor;
    return ANIMALDETECT_E_UNSUPPORTED;
}

static void poll_close(struct ad_reactor *reactor)
{
    struct poll_reactor *self = poll_of(reactor);

    ad_bell_close(&self->bell);
    ad_bell_close(&self->nudge);
    free(self->live);
    free(self->places);
    free(self->copy);
    free(self);
}

static const struct ad_reactor_ops poll_ops = {
    .watch = poll_watch,
    .collect = poll_collect,
    .arm = poll_arm,
    .signal = poll_signal,
    .acknowledge = poll_acknowledge,
    .is_signaled = poll_is_signaled,
    .announce = poll_announce,
    .prepare = poll_prepare,
    .block = poll_block,
    .fd = poll_fd,
    .close = poll_close,
};

int32_t ad_reactor_poll_new(struct ad_reactor **out)
{
    struct poll_reactor *self = calloc(1, sizeof *self);
    int32_t status = ANIMALDETECT_E_NO_MEMORY;

    if (self == NULL)
        return status;
    self->base.ops = &poll_ops;
    self->wanted_ms = AD_TIME_NEVER;
    self->copy_ms = AD_TIME_NEVER;
    self->bell.read_fd = -1;
    self->nudge.read_fd = -1;
    self->copy = calloc(OWN_DESCRIPTORS, sizeof *self->copy);
    if (self->copy == NULL)
        goto out;
    self->copy_capacity = OWN_DESCRIPTORS;
    self->copy_count = OWN_DESCRIPTORS;
    status = ad_bell_open(&self->bell, AD_BELL_PIPE);
    if (status == ANIMALDETECT_OK)
        status = ad_bell_open(&self->nudge, AD_BELL_PIPE);
    if (status != ANIMALDETECT_OK)
        goto out;
    self->copy[0] = (struct pollfd){.fd = self->bell.read_fd, .events = POLLIN};
    self->copy[1] = (struct pollfd){.fd = self->nudge.read_fd, .events = POLLIN};
    *out = &self->base;
out:
    if (status != ANIMALDETECT_OK)
        poll_close(&self->base);
    return status;
}
