/* SPDX-License-Identifier: MIT */
/*
 * Puts the world behind the public transport interface: each exchange from the interface becomes a transfer of the
 * world's own vtable, and the outcome goes back into the exchange. With it every scenario of the engine runs over
 * transport.h as well. It does not lock the client: one thread per world.
 */
#include <stdlib.h>
#include <string.h>

#include "animaldetect/types.h"
#include "kit/world/internal.h"
#include "transport/custom/custom.h"

#define BEARER "Bearer "

struct world_bridge {
    struct world_transport *inner;
    animaldetect_transport *transport;
};

/* One exchange in progress; `transfer` comes first, so that a callback finds it. */
struct carried {
    struct ad_transfer transfer;
    struct ad_header headers[AD_TRANSFER_MAX_HEADERS];
    animaldetect_exchange *exchange;
};

static void on_header(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size)
{
    animaldetect_exchange *exchange = ((struct carried *)(void *)transfer)->exchange;
    char *name_copy = strndup(name, name_size);
    char *value_copy = strndup(value, value_size);

    if (name_copy == NULL || value_copy == NULL)
        world_die("out of memory");
    (void)animaldetect_exchange_add_header(exchange, name_copy, value_copy);
    free(name_copy);
    free(value_copy);
}

static void drop(struct carried *carried)
{
    ad_buf_free(&carried->transfer.answer);
    free(carried);
}

static int32_t failure_of(enum ad_net net)
{
    switch (net) {
    case AD_NET_CONNECT:
    case AD_NET_CONNECT_TIMEOUT:
        return ANIMALDETECT_FAILURE_CONNECT;
    case AD_NET_TIMEOUT:
        return ANIMALDETECT_FAILURE_TIMEOUT;
    case AD_NET_TLS:
        return ANIMALDETECT_FAILURE_TLS;
    case AD_NET_INTERNAL:
        return ANIMALDETECT_FAILURE_REFUSED;
    default:
        return ANIMALDETECT_FAILURE_BROKEN;
    }
}

static void end_exchange(struct ad_transfer *transfer)
{
    struct carried *carried = (struct carried *)(void *)transfer;
    animaldetect_exchange *exchange = carried->exchange;
    int32_t status;

    if (transfer->net == AD_NET_OK || transfer->net == AD_NET_TOO_LARGE) {
        (void)animaldetect_exchange_add_body(exchange, ad_buf_string(&transfer->answer), transfer->answer.size);
        (void)animaldetect_exchange_set_status(exchange, transfer->http_status == 0 ? 200 : transfer->http_status);
        status = animaldetect_exchange_complete(exchange);
    } else {
        status = animaldetect_exchange_fail(exchange, failure_of(transfer->net), transfer->error_text);
    }
    if (status != ANIMALDETECT_OK)
        world_die("an exchange cannot be ended: %d", (int)status);
    drop(carried);
}

static int64_t read_body(void *context, uint8_t *buffer, size_t size)
{
    return animaldetect_exchange_read_body(context, buffer, size);
}

static int32_t rewind_body(void *context)
{
    return animaldetect_exchange_rewind_body(context);
}

static const struct ad_body_ops BODY = {read_body, rewind_body};

static void copy_headers(struct carried *carried, const animaldetect_exchange *exchange)
{
    struct ad_transfer *transfer = &carried->transfer;

    transfer->headers = carried->headers;
    for (size_t i = 0; i < animaldetect_exchange_header_count(exchange); i++) {
        const char *name = animaldetect_exchange_header_name(exchange, i);
        const char *value = animaldetect_exchange_header_value(exchange, i);

        if (strcmp(name, "Authorization") == 0 && strncmp(value, BEARER, strlen(BEARER)) == 0)
            transfer->bearer = value + strlen(BEARER);
        else if (strcmp(name, "User-Agent") != 0)
            carried->headers[transfer->header_count++] = (struct ad_header){name, value};
    }
}

static int32_t start(void *user, animaldetect_exchange *exchange)
{
    struct world_bridge *bridge = user;
    struct carried *carried = world_alloc(sizeof *carried);
    struct ad_transfer *transfer = &carried->transfer;
    struct ad_transport *inner = &bridge->inner->base;

    carried->exchange = exchange;
    transfer->on_header = on_header;
    transfer->method = animaldetect_exchange_method(exchange);
    transfer->url = animaldetect_exchange_url(exchange);
    copy_headers(carried, exchange);
    if (animaldetect_exchange_body(exchange) != NULL) {
        transfer->body_bytes = (const char *)animaldetect_exchange_body(exchange);
        transfer->body_size = (size_t)animaldetect_exchange_body_size(exchange);
    } else if (exchange->transfer->body.ops != NULL) {
        transfer->body = (struct ad_body){&BODY, exchange, animaldetect_exchange_body_size(exchange)};
    }
    /* The exchange enforces the cap and these timeouts; the world enforces them too, to the millisecond. */
    transfer->answer_limit = 2 * exchange->transfer->answer_limit + 1024 * 1024;
    transfer->connect_timeout_ms = animaldetect_exchange_connect_timeout_ms(exchange);
    transfer->stall_timeout_ms = exchange->transfer->stall_timeout_ms;
    transfer->request_timeout_ms = exchange->transfer->request_timeout_ms;
    transfer->once = !animaldetect_exchange_may_resend(exchange);
    ad_buf_init(&transfer->answer, (size_t)transfer->answer_limit);
    (void)animaldetect_exchange_set_user_data(exchange, carried);
    return inner->ops->start(inner, transfer);
}

static void cancel(void *user, animaldetect_exchange *exchange)
{
    struct world_bridge *bridge = user;
    struct ad_transport *inner = &bridge->inner->base;
    struct carried *carried = animaldetect_exchange_user_data(exchange);

    inner->ops->abort(inner, &carried->transfer);
    drop(carried);
    (void)animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, NULL);
}

static int64_t clock_ms(void *user)
{
    return world_now_ms(((struct world_bridge *)user)->inner->world);
}

static int64_t wall_clock_ms(void *user)
{
    const struct world *world = ((struct world_bridge *)user)->inner->world;

    return world->config.no_wall ? 0 : world_wall_ms(world);
}

static void poll_mock(void *user)
{
    struct ad_transport *inner = &((struct world_bridge *)user)->inner->base;

    struct ad_transfer *transfer;

    (void)inner->ops->drive(inner);
    while ((transfer = inner->ops->take(inner)) != NULL)
        end_exchange(transfer);
}

static int64_t idle(void *user, int64_t timeout_ms)
{
    struct ad_transport *inner = &((struct world_bridge *)user)->inner->base;
    int32_t status = ad_transport_block(inner, timeout_ms);

    return status == ANIMALDETECT_OK ? 0 : status;
}

static void release_transport(void *user)
{
    struct world_bridge *bridge = user;
    struct ad_transport *inner = &bridge->inner->base;

    bridge->inner->bridge = NULL;
    inner->ops->close(inner, false);
    free(bridge);
}

/* One thread: the reader of a body is already inside the client. */
static int32_t enter(void *context)
{
    (void)context;
    return ANIMALDETECT_AGAIN;
}

static void leave(void *context)
{
    (void)context;
}

int64_t world_bridge_due_ms(const struct world_bridge *bridge)
{
    int64_t due_ms = animaldetect_transport_due_ms(bridge->transport);

    return due_ms < 0 ? AD_TIME_NEVER : due_ms;
}

void world_bridge_wake(const struct world_bridge *bridge)
{
    (void)animaldetect_transport_wake(bridge->transport);
}

int32_t world_bridge_over(struct world_transport *inner, struct ad_transport **out)
{
    struct ad_custom_owner owner = {NULL, enter, leave, leave};
    struct world_bridge *bridge = world_alloc(sizeof *bridge);
    int32_t status = animaldetect_transport_new(bridge, release_transport, &bridge->transport);

    if (status != ANIMALDETECT_OK)
        world_die("no transport");
    bridge->inner = inner;
    inner->bridge = bridge;
    (void)animaldetect_transport_set_start(bridge->transport, start);
    (void)animaldetect_transport_set_cancel(bridge->transport, cancel);
    (void)animaldetect_transport_set_clock(bridge->transport, clock_ms);
    (void)animaldetect_transport_set_wall_clock(bridge->transport, wall_clock_ms);
    (void)animaldetect_transport_set_poll(bridge->transport, poll_mock);
    (void)animaldetect_transport_set_idle(bridge->transport, idle);
    status = ad_custom_new(bridge->transport, "world", &owner, out);
    animaldetect_transport_free(bridge->transport); /* the link keeps it */
    return status;
}
