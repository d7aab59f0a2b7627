/* SPDX-License-Identifier: MIT */
/*
 * The transport's vtable over the world.  `fd` is an eventfd that is readable while there is work at the current time
 * or a signal is outstanding.  Each signal and each time that something becomes due writes to it, so that an
 * edge-triggered host sees as many edges as over a real epoll set, and not one more.
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
#include "mock/internal.h"

static struct mock_transport *own(struct ad_transport *transport)
{
    return (struct mock_transport *)transport;
}

static struct mock_transport *own_reactor(struct ad_reactor *reactor)
{
    return AD_OWNER(reactor, struct mock_transport, reactor);
}

static void lock(struct mock_transport *transport)
{
    pthread_mutex_lock(&transport->mock->lock);
}

static void unlock(struct mock_transport *transport)
{
    pthread_mutex_unlock(&transport->mock->lock);
}

static int64_t flows_due_ms(const struct mock_transport *transport)
{
    int64_t due = AD_TIME_NEVER;

    for (const struct mock_flow *flow = transport->flows; flow != NULL; flow = flow->next) {
        int64_t at = mock_flow_due_ms(flow);

        if (flow->completed && transport->bridge != NULL)
            continue; /* the bridge takes it right after `drive` */
        due = at < due ? at : due;
    }
    return due;
}

int64_t mock_transport_due_ms(const struct mock_transport *transport)
{
    int64_t due = flows_due_ms(transport);
    int64_t armed = transport->bridge == NULL ? transport->armed_ms : mock_bridge_due_ms(transport->bridge);

    return armed < due ? armed : due;
}

static void ring(const struct mock_transport *transport)
{
    uint64_t one = 1;

    if (transport->fd >= 0 && write(transport->fd, &one, sizeof one) != (ssize_t)sizeof one)
        mock_die("an eventfd cannot be written");
}

static void hush(const struct mock_transport *transport)
{
    uint64_t count;

    if (transport->fd >= 0 && read(transport->fd, &count, sizeof count) < 0 && errno != EAGAIN)
        mock_die("an eventfd cannot be read");
}

void mock_transport_refresh(struct mock_transport *transport)
{
    bool ready =
        transport->signaled || transport->announced || mock_transport_due_ms(transport) <= transport->mock->now_ms;

    if (ready && transport->bridge != NULL)
        mock_bridge_wake(transport->bridge); /* each turn takes it back, by itself */
    else if (ready && !transport->readable)
        ring(transport);
    else if (!ready && transport->readable)
        hush(transport);
    transport->readable = ready;
}

static int64_t op_now_ms(struct ad_transport *transport)
{
    return mock_now_ms(own(transport)->mock);
}

static int64_t op_wall_s(struct ad_transport *transport)
{
    struct mock *mock = own(transport)->mock;

    return mock->config.no_wall ? 0 : mock_wall_ms(mock) / 1000;
}

static struct mock_flow **find(struct mock_transport *transport, const struct ad_transfer *transfer)
{
    struct mock_flow **at = &transport->flows;

    while (*at != NULL && (*at)->transfer != transfer)
        at = &(*at)->next;
    return at;
}

static int32_t op_start(struct ad_transport *base, struct ad_transfer *transfer)
{
    struct mock_transport *transport = own(base);
    struct mock *mock = transport->mock;
    struct mock_flow **end;
    struct mock_flow *flow;

    lock(transport);
    end = find(transport, transfer);
    if (*end != NULL)
        mock_die("a transfer is started twice: %s", transfer->url);
    flow = mock_alloc(sizeof *flow);
    flow->transport = transport;
    flow->transfer = transfer;
    flow->serial = ++mock->serial;
    flow->record = mock_record_start(mock, transfer);
    *end = flow;
    transfer->slot = flow;
    transfer->net = AD_NET_OK;
    transfer->http_status = 0;
    transfer->body_status = ANIMALDETECT_OK;
    transfer->sent = 0;
    transfer->error_text[0] = '\0';
    mock->active++;
    mock->uploads += transfer->body.ops != NULL;
    mock->peak_active = mock->active > mock->peak_active ? mock->active : mock->peak_active;
    mock->peak_uploads = mock->uploads > mock->peak_uploads ? mock->uploads : mock->peak_uploads;
    mock_flow_begin(flow);
    mock->now_ms += mock->config.start_cost_ms;
    mock_transport_refresh(transport);
    unlock(transport);
    return ANIMALDETECT_OK;
}

/* A status answer that never reached its client has told it nothing: asking again is then no violation. */
static void take_back_answer(const struct mock *mock, const struct mock_flow *flow, const struct mock_request *record)
{
    const char *id = strstr(record->url, "/jobs/");
    char text[160];

    if (record->route != SVC_ROUTE_STATUS || id == NULL || !flow->answered)
        return;
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(id + 6, "/?#"), id + 6);
    svc_answer_lost(mock->svc, text);
}

/* Off the wire, into the record. */
static void leave(struct mock_transport *transport, struct mock_flow **at, bool aborted)
{
    struct mock *mock = transport->mock;
    struct mock_flow *flow = *at;
    struct mock_request *record = mock_record(mock, flow->record);

    if (aborted || flow->net != AD_NET_OK)
        take_back_answer(mock, flow, record);
    record->end_ms = mock->now_ms;
    record->aborted = aborted;
    record->net = flow->net;
    record->status = flow->transfer->http_status;
    record->sent = flow->transfer->sent;
    mock->active--;
    mock->uploads -= flow->transfer->body.ops != NULL;
    flow->transfer->slot = NULL;
    *at = flow->next;
    mock_flow_clear(flow);
}

static void op_abort(struct ad_transport *base, struct ad_transfer *transfer)
{
    struct mock_transport *transport = own(base);
    struct mock_flow **at;

    lock(transport);
    at = find(transport, transfer);
    if (*at == NULL)
        mock_die("a transfer that is not in progress is aborted");
    leave(transport, at, true);
    mock_transport_refresh(transport);
    unlock(transport);
}

static const char *words_of(enum ad_net net)
{
    static const char *const words[] = {
        [AD_NET_CONNECT] = "could not connect",
        [AD_NET_BROKEN] = "connection reset by peer",
        [AD_NET_TIMEOUT] = "nothing came for too long",
        [AD_NET_TLS] = "certificate refused",
        [AD_NET_TOO_LARGE] = "the answer is too large",
        [AD_NET_BODY] = "the body could not be read",
        [AD_NET_INTERNAL] = "the request could not be made",
    };

    return (size_t)net < sizeof words / sizeof words[0] && words[net] != NULL ? words[net] : "";
}

/* The flow that is due first; the older one of two. */
static struct mock_flow *next_due(const struct mock_transport *transport)
{
    struct mock_flow *first = NULL;

    for (struct mock_flow *flow = transport->flows; flow != NULL; flow = flow->next)
        if (!flow->completed && mock_flow_due_ms(flow) <= transport->mock->now_ms &&
            (first == NULL || mock_flow_due_ms(flow) < mock_flow_due_ms(first)))
            first = flow;
    return first;
}

static struct ad_transfer *finish(struct mock_transport *transport, struct mock_flow *flow)
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
    struct mock_transport *transport = own(base);
    struct mock_flow *flow;

    lock(transport);
    while ((flow = next_due(transport)) != NULL)
        if (mock_flow_step(flow)) {
            flow->completed = true;
            flow->completion = ++transport->completions;
        }
    mock_transport_refresh(transport);
    unlock(transport);
    return false;
}

/* The transfer that has completed first of those that were not taken. */
static struct ad_transfer *op_take(struct ad_transport *base)
{
    struct mock_transport *transport = own(base);
    struct mock_flow *first = NULL;
    struct ad_transfer *transfer = NULL;

    lock(transport);
    for (struct mock_flow *flow = transport->flows; flow != NULL; flow = flow->next)
        if (flow->completed && (first == NULL || flow->completion < first->completion))
            first = flow;
    if (first != NULL)
        transfer = finish(transport, first);
    mock_transport_refresh(transport);
    unlock(transport);
    return transfer;
}

static void op_arm(struct ad_transport *base, int64_t deadline_ms)
{
    struct mock_transport *transport = own(base);

    lock(transport);
    transport->armed_ms = deadline_ms;
    mock_transport_refresh(transport);
    unlock(transport);
}

static void reactor_signal(struct ad_reactor *reactor)
{
    struct mock_transport *transport = own_reactor(reactor);

    lock(transport);
    if (!transport->signaled)
        ring(transport);
    transport->signaled = transport->readable = true;
    pthread_cond_broadcast(&transport->mock->changed);
    unlock(transport);
}

static void reactor_acknowledge(struct ad_reactor *reactor)
{
    struct mock_transport *transport = own_reactor(reactor);

    lock(transport);
    transport->signaled = false;
    mock_transport_refresh(transport);
    unlock(transport);
}

static bool reactor_is_signaled(struct ad_reactor *reactor)
{
    return own_reactor(reactor)->signaled;
}

static void reactor_announce(struct ad_reactor *reactor, bool there)
{
    struct mock_transport *transport = own_reactor(reactor);

    lock(transport);
    transport->announced = there;
    if (there)
        ring(transport);
    transport->readable = transport->readable || there;
    mock_transport_refresh(transport);
    unlock(transport);
}

static void reactor_prepare(struct ad_reactor *reactor)
{
    (void)reactor;
}

/* Another thread may bring work: waits for it in real time, but never for ever. */
static void wait_for_signal(struct mock_transport *transport)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 60;
    while (!transport->signaled && mock_transport_due_ms(transport) == AD_TIME_NEVER)
        if (pthread_cond_timedwait(&transport->mock->changed, &transport->mock->lock, &until) == ETIMEDOUT)
            mock_die("a call is blocked, and no thread has brought it work for a minute");
}

static int32_t reactor_block(struct ad_reactor *reactor, int64_t timeout_ms)
{
    struct mock_transport *transport = own_reactor(reactor);
    struct mock *mock = transport->mock;
    int64_t due;

    lock(transport);
    due = transport->signaled ? mock->now_ms : mock_transport_due_ms(transport);
    if (due == AD_TIME_NEVER && timeout_ms < 0) {
        if (!mock->config.threads)
            mock_die("a call would block for ever: nothing is on the wire, no time is armed, no limit is set");
        wait_for_signal(transport);
        due = mock->now_ms;
    }
    if (timeout_ms >= 0 && due - mock->now_ms > timeout_ms)
        due = mock->now_ms + timeout_ms;
    if (due > mock->now_ms)
        mock->now_ms = due;
    for (struct mock_transport *each = mock->transports; each != NULL; each = each->next)
        mock_transport_refresh(each);
    unlock(transport);
    return ANIMALDETECT_OK;
}

static int32_t reactor_fd(struct ad_reactor *reactor)
{
    struct mock_transport *transport = own_reactor(reactor);

    return transport->mock->config.no_fd ? ANIMALDETECT_E_UNSUPPORTED : transport->fd;
}

static void op_close(struct ad_transport *base, bool forked)
{
    struct mock_transport *transport = own(base);
    struct mock_transport **at = &transport->mock->transports;

    lock(transport);
    if (transport->flows != NULL && !forked)
        mock_die("the transport is closed while a transfer is in progress: %s", transport->flows->transfer->url);
    while (*at != transport)
        at = &(*at)->next;
    *at = transport->next;
    while (transport->flows != NULL) {
        struct mock_flow *flow = transport->flows;

        transport->flows = flow->next;
        mock_flow_clear(flow);
    }
    unlock(transport);
    if (transport->fd >= 0)
        close(transport->fd);
    free(transport);
}

static const struct ad_transport_ops OPS = {
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

int32_t mock_factory(void *context, const struct ad_config *config, struct ad_transport **out)
{
    struct mock *mock = context;
    struct mock_transport *transport = mock_alloc(sizeof *transport);

    (void)config;
    transport->base.ops = &OPS;
    transport->base.reactor = &transport->reactor;
    transport->reactor.ops = &REACTOR_OPS;
    transport->mock = mock;
    transport->armed_ms = AD_TIME_NEVER;
    transport->fd = mock->config.no_fd ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (!mock->config.no_fd && transport->fd < 0)
        mock_die("no eventfd");
    pthread_mutex_lock(&mock->lock);
    transport->next = mock->transports;
    mock->transports = transport;
    pthread_mutex_unlock(&mock->lock);
    if (mock->config.bridged && !mock->config.no_fd)
        return mock_bridge_over(transport, out);
    *out = &transport->base;
    return ANIMALDETECT_OK;
}
