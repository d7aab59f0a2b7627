/* SPDX-License-Identifier: MIT */
/*
 * The engine's vtable over a host's callbacks, see custom.h.  A reactor provides the descriptor and the waiting; with a
 * clock of the host's own the reactor's timer is not used, since it runs on another clock.  Must never touch an
 * exchange that the host may have freed.
 */
#include "transport/custom/custom.h"

#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/time.h"
#include "transport/coding.h"

static struct ad_custom *custom_of(struct ad_transport *transport)
{
    return (struct ad_custom *)(void *)transport;
}

static int64_t custom_now_ms(struct ad_transport *transport)
{
    const animaldetect_transport *host = custom_of(transport)->transport;

    return host->clock == NULL ? ad_time_now_ms() : host->clock(host->user);
}

static int64_t custom_wall_s(struct ad_transport *transport)
{
    const animaldetect_transport *host = custom_of(transport)->transport;

    return host->wall_clock == NULL ? ad_time_wall_s() : host->wall_clock(host->user) / 1000;
}

static int32_t custom_start(struct ad_transport *transport, struct ad_transfer *transfer)
{
    struct ad_custom *self = custom_of(transport);
    int64_t now_ms = custom_now_ms(transport);
    animaldetect_exchange *exchange;
    bool ended;
    int32_t status = ad_heap_reserve(&self->timeouts, self->timeouts.count + 1);

    if (status != ANIMALDETECT_OK)
        return status;
    exchange = ad_custom_exchange_new(self, transfer);
    if (exchange == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    ad_transfer_begin(transfer);
    if (transfer->request_timeout_ms > 0 && transfer->request_timeout_ms < AD_TIME_NEVER - now_ms)
        exchange->request_ms = now_ms + transfer->request_timeout_ms;
    exchange->moved_ms = now_ms;
    transfer->slot = exchange;
    /* space was reserved above */
    AD_IGNORE(ad_heap_push(&self->timeouts, &exchange->timeout, ad_custom_due_ms(exchange, now_ms)));
    exchange->holds++; /* ours, until the callback returns: another thread may complete it at once */
    status = self->transport->start(self->transport->user, exchange);
    pthread_mutex_lock(&self->transport->lock);
    ended = exchange->ended;
    pthread_mutex_unlock(&self->transport->lock);
    if (status != ANIMALDETECT_OK && !ended) {
        transfer->slot = NULL;
        ad_heap_remove(&self->timeouts, &exchange->timeout);
        ad_custom_exchange_drop(exchange); /* the host's hold, since it refused the exchange */
        status = status == ANIMALDETECT_E_NO_MEMORY ? status : ANIMALDETECT_E_SYSTEM;
    } else {
        status = ANIMALDETECT_OK;
    }
    ad_custom_exchange_drop(exchange);
    return status;
}

/* Detaches the transfer from its exchange; notifies the host unless it has completed the exchange. */
static void detach(struct ad_custom *self, animaldetect_exchange *exchange)
{
    animaldetect_transport *host = self->transport;
    bool ended;

    exchange->transfer->slot = NULL;
    exchange->transfer = NULL;
    ad_heap_remove(&self->timeouts, &exchange->timeout);
    pthread_mutex_lock(&host->lock);
    ended = exchange->ended;
    if (ended)
        ad_list_remove(&self->ended, &exchange->node);
    else
        exchange->holds++;
    exchange->canceled = true;
    pthread_mutex_unlock(&host->lock);
    if (!ended && host->cancel != NULL)
        host->cancel(host->user, exchange);
    ad_custom_exchange_drop(exchange); /* the queue's hold, or the one just taken */
}

static void custom_abort(struct ad_transport *transport, struct ad_transfer *transfer)
{
    if (transfer->slot != NULL)
        detach(custom_of(transport), transfer->slot);
}

static void give_headers(const animaldetect_exchange *exchange, struct ad_transfer *transfer, struct ad_coding *coding)
{
    const char *text = exchange->header_text.data;
    const char *end = text == NULL ? NULL : text + exchange->header_text.size;

    while (text != end) {
        size_t name_size = strlen(text);
        const char *value = text + name_size + 1;
        size_t value_size = strlen(value);

        ad_coding_header(coding, text, name_size, value, value_size);
        transfer->on_header(transfer, text, name_size, value, value_size);
        text = value + value_size + 1;
    }
}

/* Concludes an exchange that the host has completed, already taken off the queue. */
static struct ad_transfer *conclude(struct ad_custom *self, animaldetect_exchange *exchange)
{
    struct ad_transfer *transfer = exchange->transfer;

    exchange->transfer = NULL;
    transfer->slot = NULL;
    ad_heap_remove(&self->timeouts, &exchange->timeout);
    transfer->sent = transfer->body.ops != NULL ? exchange->given : exchange->body_size;
    transfer->net = exchange->fault != AD_NET_OK ? exchange->fault : exchange->net;
    if (exchange->body_status != ANIMALDETECT_OK) {
        transfer->net = AD_NET_BODY;
        transfer->body_status = exchange->body_status;
    }
    memcpy(transfer->error_text, exchange->message, sizeof exchange->message);
    if (transfer->net == AD_NET_OK) {
        struct ad_coding coding = {.kind = AD_CODING_NONE};

        give_headers(exchange, transfer, &coding);
        transfer->http_status = exchange->http_status;
        ad_buf_free(&transfer->answer);
        transfer->answer = exchange->answer;
        ad_buf_init(&exchange->answer, 0);
        if (coding.kind != AD_CODING_NONE && transfer->answer.size > 0)
            ad_coding_conclude(&coding, transfer, exchange->http_status);
    }
    ad_custom_exchange_drop(exchange);
    return transfer;
}

static animaldetect_exchange *take_ended(struct ad_custom *self)
{
    struct ad_list_node *node;

    pthread_mutex_lock(&self->transport->lock);
    node = ad_list_first(&self->ended);
    if (node != NULL)
        ad_list_remove(&self->ended, node);
    pthread_mutex_unlock(&self->transport->lock);
    return node == NULL ? NULL : AD_OWNER(node, animaldetect_exchange, node);
}

static void set_driving(struct ad_custom *self, bool driving)
{
    pthread_mutex_lock(&self->transport->lock);
    self->driving = driving;
    pthread_mutex_unlock(&self->transport->lock);
}

/* Checks the request that is due first; returns its transfer if it has timed out.  `*due`: there may be another. */
static struct ad_transfer *check_timeout(struct ad_custom *self, bool *due)
{
    struct ad_heap_node *first = ad_heap_first(&self->timeouts);
    int64_t now_ms = custom_now_ms(&self->base);
    animaldetect_exchange *exchange;
    struct ad_transfer *transfer;
    bool ended;

    *due = first != NULL && first->key <= now_ms;
    if (!*due)
        return NULL;
    exchange = AD_OWNER(first, animaldetect_exchange, timeout);
    pthread_mutex_lock(&self->transport->lock);
    ended = exchange->ended;
    pthread_mutex_unlock(&self->transport->lock);
    if (ended) {
        ad_heap_remove(&self->timeouts, first); /* it is in the queue already */
        return NULL;
    }
    if (!ad_custom_is_over(exchange, now_ms)) {
        ad_heap_update(&self->timeouts, first, ad_custom_due_ms(exchange, now_ms));
        return NULL;
    }
    transfer = exchange->transfer;
    detach(self, exchange);
    transfer->net = AD_NET_TIMEOUT;
    return transfer;
}

static bool ignore(void *context, int fd, int events)
{
    (void)context;
    (void)fd;
    (void)events;
    return true;
}

/* The host moves the bytes; what it completes is in the queue at once. */
static bool custom_drive(struct ad_transport *transport)
{
    struct ad_custom *self = custom_of(transport);

    set_driving(self, true);
    if (self->transport->poll != NULL)
        self->transport->poll(self->transport->user);
    (void)transport->reactor->ops->collect(transport->reactor, 1, ignore, NULL);
    set_driving(self, false);
    return false;
}

static struct ad_transfer *custom_take(struct ad_transport *transport)
{
    struct ad_custom *self = custom_of(transport);
    animaldetect_exchange *exchange = take_ended(self);
    struct ad_transfer *transfer = exchange == NULL ? NULL : conclude(self, exchange);

    for (bool due = true; transfer == NULL && due;)
        transfer = check_timeout(self, &due);
    return transfer;
}

static void custom_arm(struct ad_transport *transport, int64_t deadline_ms)
{
    struct ad_custom *self = custom_of(transport);
    const struct ad_heap_node *first = ad_heap_first(&self->timeouts);
    int64_t due_ms = first != NULL && first->key < deadline_ms ? first->key : deadline_ms;

    pthread_mutex_lock(&self->transport->lock);
    self->due_ms = due_ms;
    pthread_mutex_unlock(&self->transport->lock);
    if (self->transport->clock == NULL)
        transport->reactor->ops->arm(transport->reactor, due_ms);
    else if (due_ms <= custom_now_ms(transport))
        transport->reactor->ops->signal(transport->reactor);
}

/* The earlier of the host's limit and the engine's next deadline; -1 for neither. */
static int64_t idle_ms(struct ad_custom *self, int64_t timeout_ms, bool *ready)
{
    int64_t due_ms;
    int64_t left_ms;

    pthread_mutex_lock(&self->transport->lock);
    due_ms = self->due_ms;
    pthread_mutex_unlock(&self->transport->lock);
    *ready = self->base.reactor->ops->is_signaled(self->base.reactor);
    if (due_ms == AD_TIME_NEVER)
        return timeout_ms;
    left_ms = due_ms - custom_now_ms(&self->base);
    left_ms = left_ms < 0 ? 0 : left_ms;
    return timeout_ms >= 0 && timeout_ms < left_ms ? timeout_ms : left_ms;
}

static int32_t custom_block(struct ad_transport *transport, int64_t timeout_ms)
{
    struct ad_custom *self = custom_of(transport);
    animaldetect_transport *host = self->transport;
    bool ready = false;
    int64_t left_ms;
    int64_t limit_ms;

    if (host->idle == NULL)
        return transport->reactor->ops->block(transport->reactor, timeout_ms);
    left_ms = idle_ms(self, timeout_ms, &ready);
    if (ready)
        return ANIMALDETECT_OK;
    limit_ms = host->idle(host->user, left_ms);
    if (limit_ms < 0)
        return limit_ms >= INT32_MIN ? (int32_t)limit_ms : ANIMALDETECT_E_SYSTEM;
    if (limit_ms == 0)
        return ANIMALDETECT_OK;
    /* The host's limit is on its own clock; only the system clock can be compared with the callback's result. */
    if (host->clock == NULL && timeout_ms >= 0 && timeout_ms < limit_ms)
        limit_ms = timeout_ms;
    return transport->reactor->ops->block(transport->reactor, limit_ms == INT64_MAX ? -1 : limit_ms);
}

/* In a forked child the leaf may be held by a thread that does not exist there: what it protects is left alone. */
static void custom_close(struct ad_transport *transport, bool forked)
{
    struct ad_custom *self = custom_of(transport);
    struct ad_reactor *reactor = transport->reactor;

    ad_heap_free(&self->timeouts);
    /* In a child there are no other threads, and the leaf may have been held at the fork. */
    if (!forked)
        pthread_mutex_lock(&self->transport->lock);
    self->open = false;
    transport->reactor = NULL;
    ad_list_remove(&self->transport->links, &self->node);
    if (!forked)
        pthread_mutex_unlock(&self->transport->lock);
    reactor->ops->close(reactor);
    if (!forked)
        ad_custom_link_release(self);
}

static const struct ad_transport_ops custom_ops = {
    .now_ms = custom_now_ms,
    .wall_s = custom_wall_s,
    .start = custom_start,
    .abort = custom_abort,
    .drive = custom_drive,
    .take = custom_take,
    .arm = custom_arm,
    .block = custom_block,
    .close = custom_close,
};

int32_t ad_custom_new(animaldetect_transport *transport, const char *user_agent, const struct ad_custom_owner *owner,
                      struct ad_transport **out)
{
    struct ad_custom *self = calloc(1, sizeof *self);
    int32_t status = ANIMALDETECT_E_NO_MEMORY;

    if (self == NULL)
        return status;
    self->user_agent = strdup(user_agent);
    if (self->user_agent != NULL)
        status = ad_reactor_new(&self->base.reactor);
    if (status != ANIMALDETECT_OK) {
        free(self->user_agent);
        free(self);
        return status;
    }
    self->base.ops = &custom_ops;
    self->transport = transport;
    self->owner = *owner;
    self->due_ms = AD_TIME_NEVER;
    self->references = 1;
    self->open = true;
    ad_heap_init(&self->timeouts);
    ad_list_init(&self->ended);
    ad_list_node_init(&self->node);
    pthread_mutex_lock(&transport->lock);
    transport->references++;
    ad_list_append(&transport->links, &self->node);
    pthread_mutex_unlock(&transport->lock);
    *out = &self->base;
    return ANIMALDETECT_OK;
}
