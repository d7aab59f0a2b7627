/* SPDX-License-Identifier: MIT */
/*
 * The transport's vtable over the world. `fd` is an eventfd that is readable while there is work at the current time or
 * a signal is pending. Each signal and each due time writes to it, so that an edge-triggered host gets exactly as many
 * edges as over a real epoll set.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "animaldetect/types.h"
#include "base/list.h"
#include "kit/world/internal.h"

static struct world_transport *own(struct ad_transport *transport)
{
    return (struct world_transport *)transport;
}

static struct world_transport *own_reactor(struct ad_reactor *reactor)
{
    return AD_OWNER(reactor, struct world_transport, reactor);
}

static void lock(struct world_transport *transport)
{
    pthread_mutex_lock(&transport->world->lock);
}

static void unlock(struct world_transport *transport)
{
    pthread_mutex_unlock(&transport->world->lock);
}

static int64_t flows_due_ms(const struct world_transport *transport)
{
    int64_t due = AD_TIME_NEVER;

    for (const struct world_flow *flow = transport->flows; flow != NULL; flow = flow->next) {
        int64_t at = world_flow_due_ms(flow);

        if (flow->completed && transport->bridge != NULL)
            continue; /* the bridge collects it right after `drive` */
        due = at < due ? at : due;
    }
    return due;
}

int64_t world_transport_due_ms(const struct world_transport *transport)
{
    int64_t due = flows_due_ms(transport);
    int64_t armed = transport->bridge == NULL ? transport->armed_ms : world_bridge_due_ms(transport->bridge);

    return armed < due ? armed : due;
}

static void ring(const struct world_transport *transport)
{
    uint64_t one = 1;

    if (transport->fd >= 0 && write(transport->fd, &one, sizeof one) != (ssize_t)sizeof one)
        world_die("an eventfd cannot be written");
}

static void hush(const struct world_transport *transport)
{
    uint64_t count;

    if (transport->fd >= 0 && read(transport->fd, &count, sizeof count) < 0 && errno != EAGAIN)
        world_die("an eventfd cannot be read");
}

void world_transport_refresh(struct world_transport *transport)
{
    bool ready =
        transport->signaled || transport->announced || world_transport_due_ms(transport) <= transport->world->now_ms;

    if (ready && transport->bridge != NULL)
        world_bridge_wake(transport->bridge); /* each iteration resets it, by itself */
    else if (ready && !transport->readable)
        ring(transport);
    else if (!ready && transport->readable)
        hush(transport);
    transport->readable = ready;
}

static int64_t op_now_ms(struct ad_transport *transport)
{
    return world_now_ms(own(transport)->world);
}

static int64_t op_wall_s(struct ad_transport *transport)
{
    struct world *world = own(transport)->world;

    return world->config.no_wall ? 0 : world_wall_ms(world) / 1000;
}

static struct world_flow **find(struct world_transport *transport, const struct ad_transfer *transfer)
{
    struct world_flow **at = &transport->flows;

    while (*at != NULL && (*at)->transfer != transfer)
        at = &(*at)->next;
    return at;
}

static int32_t op_start(struct ad_transport *base, struct ad_transfer *transfer)
{
    struct world_transport *transport = own(base);
    struct world *world = transport->world;
    struct world_flow **end;
    struct world_flow *flow;

    lock(transport);
    end = find(transport, transfer);
    if (*end != NULL)
        world_die("a transfer is started twice: %s", transfer->url);
    flow = world_alloc(sizeof *flow);
    flow->transport = transport;
    flow->transfer = transfer;
    flow->serial = ++world->serial;
    flow->record = world_record_start(world, transfer);
    *end = flow;
    ad_transfer_begin(transfer);
    transfer->slot = flow;
    world->active++;
    world->uploads += transfer->body.ops != NULL;
    world->peak_active = world->active > world->peak_active ? world->active : world->peak_active;
    world->peak_uploads = world->uploads > world->peak_uploads ? world->uploads : world->peak_uploads;
    world_flow_begin(flow);
    world->now_ms += world->config.start_cost_ms;
    world_transport_refresh(transport);
    unlock(transport);
    return ANIMALDETECT_OK;
}

/* A poll response that never reached its client does not count: polling again is then no violation. */
static void take_back_answer(const struct world *world, const struct world_flow *flow,
                             const struct world_request *record)
{
    const char *id = strstr(record->url, "/jobs/");
    char text[160];

    if (record->route != SVC_ROUTE_POLL || id == NULL || !flow->answered)
        return;
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(id + 6, "/?#"), id + 6);
    svc_answer_lost(world->svc, text);
}

/* Moves a request from the wire to the record. */
static void leave(struct world_transport *transport, struct world_flow **at, bool aborted)
{
    struct world *world = transport->world;
    struct world_flow *flow = *at;
    struct world_request *record = world_record(world, flow->record);

    if (aborted || flow->net != AD_NET_OK)
        take_back_answer(world, flow, record);
    record->end_ms = world->now_ms;
    record->aborted = aborted;
    record->net = flow->net;
    record->status = flow->transfer->http_status;
    record->sent = flow->transfer->sent;
    world->active--;
    world->uploads -= flow->transfer->body.ops != NULL;
    flow->transfer->slot = NULL;
    *at = flow->next;
    world_flow_clear(flow);
}

static void op_abort(struct ad_transport *base, struct ad_transfer *transfer)
{
    struct world_transport *transport = own(base);
    struct world_flow **at;

    lock(transport);
    at = find(transport, transfer);
    if (*at == NULL)
        world_die("a transfer that is not in progress is aborted");
    leave(transport, at, true);
    world_transport_refresh(transport);
    unlock(transport);
}

static const char *words_of(enum ad_net net)
{
    static const char *const words[] = {
        [AD_NET_CONNECT] = "could not connect",
        [AD_NET_CONNECT_TIMEOUT] = "no connection in time",
        [AD_NET_BROKEN] = "connection reset by peer",
        [AD_NET_TIMEOUT] = "nothing came for too long",
        [AD_NET_TLS] = "certificate refused",
        [AD_NET_TOO_LARGE] = "the answer is too large",
        [AD_NET_BODY] = "the body could not be read",
        [AD_NET_INTERNAL] = "the request could not be made",
    };

    return (size_t)net < sizeof words / sizeof words[0] && words[net] != NULL ? words[net] : "";
}

/* The flow that is due first; of two, the older one. */
static struct world_flow *next_due(const struct world_transport *transport)
{
    struct world_flow *first = NULL;

    for (struct world_flow *flow = transport->flows; flow != NULL; flow = flow->next)
        if (!flow->completed && world_flow_due_ms(flow) <= transport->world->now_ms &&
            (first == NULL || world_flow_due_ms(flow) < world_flow_due_ms(first)))
            first = flow;
    return first;
}

static struct ad_transfer *finish(struct world_transport *transport, struct world_flow *flow)
{
    struct ad_transfer *transfer = flow->transfer;

    transfer->net = flow->net;
    if (flow->net != AD_NET_OK) {
        const char *words = words_of(flow->net);

        transfer->http_status = 0;
        memcpy(transfer->error_text, words, strlen(words) + 1);
    }
    leave(transport, find(transport, transfer), false);
    return transfer;
}

static bool op_drive(struct ad_transport *base)
{
    struct world_transport *transport = own(base);
    struct world_flow *flow;

    lock(transport);
    while ((flow = next_due(transport)) != NULL)
        if (world_flow_step(flow)) {
            flow->completed = true;
            flow->completion = ++transport->completions;
        }
    world_transport_refresh(transport);
    unlock(transport);
    return false;
}

/* The first completed transfer that was not collected. */
static struct ad_transfer *op_take(struct ad_transport *base)
{
    struct world_transport *transport = own(base);
    struct world_flow *first = NULL;
    struct ad_transfer *transfer = NULL;

    lock(transport);
    for (struct world_flow *flow = transport->flows; flow != NULL; flow = flow->next)
        if (flow->completed && (first == NULL || flow->completion < first->completion))
            first = flow;
    if (first != NULL)
        transfer = finish(transport, first);
    world_transport_refresh(transport);
    unlock(transport);
    return transfer;
}

static void op_arm(struct ad_transport *base, int64_t deadline_ms)
{
    struct world_transport *transport = own(base);

    lock(transport);
    transport->armed_ms = deadline_ms;
    world_transport_refresh(transport);
    unlock(transport);
}

static void reactor_signal(struct ad_reactor *reactor)
{
    struct world_transport *transport = own_reactor(reactor);

    lock(transport);
    if (!transport->signaled)
        ring(transport);
    transport->signaled = transport->readable = true;
    pthread_cond_broadcast(&transport->world->changed);
    unlock(transport);
}

static void reactor_acknowledge(struct ad_reactor *reactor)
{
    struct world_transport *transport = own_reactor(reactor);

    lock(transport);
    transport->signaled = false;
    world_transport_refresh(transport);
    unlock(transport);
}

static bool reactor_is_signaled(struct ad_reactor *reactor)
{
    return own_reactor(reactor)->signaled;
}

static void reactor_announce(struct ad_reactor *reactor, bool there)
{
    struct world_transport *transport = own_reactor(reactor);

    lock(transport);
    transport->announced = there;
    if (there)
        ring(transport);
    transport->readable = transport->readable || there;
    world_transport_refresh(transport);
    unlock(transport);
}

static void reactor_prepare(struct ad_reactor *reactor)
{
    (void)reactor;
}

/* Another thread may bring work: waits for it in real time, but never forever. */
static void wait_for_signal(struct world_transport *transport)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    while (!transport->signaled && world_transport_due_ms(transport) == AD_TIME_NEVER)
        if (pthread_cond_timedwait(&transport->world->changed, &transport->world->lock, &until) == ETIMEDOUT)
            world_die("a call is blocked, and no thread has brought it work for a minute");
}

static int32_t reactor_block(struct ad_reactor *reactor, int64_t timeout_ms)
{
    struct world_transport *transport = own_reactor(reactor);
    struct world *world = transport->world;
    int64_t due;

    lock(transport);
    due = transport->signaled ? world->now_ms : world_transport_due_ms(transport);
    if (due == AD_TIME_NEVER && timeout_ms < 0) {
        if (!world->config.threads)
            world_die("a call would block forever: nothing is on the wire, no time is armed, no limit is set");
        wait_for_signal(transport);
        due = world->now_ms;
    }
    if (timeout_ms >= 0 && due - world->now_ms > timeout_ms)
        due = world->now_ms + timeout_ms;
    if (due > world->now_ms)
        world->now_ms = due;
    for (struct world_transport *each = world->transports; each != NULL; each = each->next)
        world_transport_refresh(each);
    unlock(transport);
    return ANIMALDETECT_OK;
}

static int32_t reactor_fd(struct ad_reactor *reactor)
{
    struct world_transport *transport = own_reactor(reactor);

    return transport->world->config.no_fd ? ANIMALDETECT_E_UNSUPPORTED : transport->fd;
}

static void op_close(struct ad_transport *base, bool forked)
{
    struct world_transport *transport = own(base);
    struct world_transport **at = &transport->world->transports;

    lock(transport);
    if (transport->flows != NULL && !forked)
        world_die("the transport is closed while a transfer is in progress: %s", transport->flows->transfer->url);
    while (*at != transport)
        at = &(*at)->next;
    *at = transport->next;
    while (transport->flows != NULL) {
        struct world_flow *flow = transport->flows;

        transport->flows = flow->next;
        world_flow_clear(flow);
    }
    unlock(transport);
    if (transport->fd >= 0)
        close(transport->fd);
    free(transport);
}

static void op_look(struct ad_transport *base, struct ad_transfer *transfer)
{
    struct world_transport *transport = own(base);

    lock(transport);
    world_flow_look(transfer->slot, transfer);
    unlock(transport);
}

static const struct ad_transport_ops OPS = {
    .now_ms = op_now_ms,
    .wall_s = op_wall_s,
    .start = op_start,
    .abort = op_abort,
    .drive = op_drive,
    .take = op_take,
    .look = op_look,
    .arm = op_arm,
    .close = op_close,
};

/* Like a transport over the public interface. */
static const struct ad_transport_ops BLIND_OPS = {
    .now_ms = op_now_ms,
    .wall_s = op_wall_s,
    .start = op_start,
    .abort = op_abort,
    .drive = op_drive,
    .take = op_take,
    .arm = op_arm,
    .close = op_close,
};

static const struct ad_reactor_ops REACTOR_OPS = {
    .signal = reactor_signal,
    .acknowledge = reactor_acknowledge,
    .is_signaled = reactor_is_signaled,
    .announce = reactor_announce,
    .prepare = reactor_prepare,
    .block = reactor_block,
    .fd = reactor_fd,
};

int32_t world_factory(void *context, const struct ad_config *config, struct ad_transport **out)
{
    struct world *world = context;
    struct world_transport *transport = world_alloc(sizeof *transport);

    (void)config;
    transport->base.ops = world->config.link_hides ? &BLIND_OPS : &OPS;
    transport->base.reactor = &transport->reactor;
    transport->reactor.ops = &REACTOR_OPS;
    transport->world = world;
    transport->armed_ms = AD_TIME_NEVER;
    transport->fd = world->config.no_fd ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!world->config.no_fd && transport->fd < 0)
        world_die("no eventfd");
    pthread_mutex_lock(&world->lock);
    transport->next = world->transports;
    world->transports = transport;
    pthread_mutex_unlock(&world->lock);
    if (world->config.bridged && !world->config.no_fd)
        return world_bridge_over(transport, out);
    *out = &transport->base;
    return ANIMALDETECT_OK;
}
