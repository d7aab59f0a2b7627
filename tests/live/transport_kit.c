/* SPDX-License-Identifier: MIT */
/*
 * See transport_kit.h.
 */
#include "live/transport_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "base/time.h"

#define ANSWER_LIMIT (8U * 1024 * 1024)

static int setup(void **state, int32_t (*new_reactor)(struct ad_reactor **), bool outer)
{
    const struct ad_curl_config config = {
        .user_agent = "kit/1", .settings.proxy = "", .settings.max_connections = 64, .new_reactor = new_reactor};
    struct kit *kit = calloc(1, sizeof *kit);
    struct epoll_event event = {.events = EPOLLIN | EPOLLET};

    kit->outer = -1;
    kit->budget = 64;
    kit->deadline_ms = AD_TIME_NEVER;
    *state = kit;
    if (ad_curl_transport_new(&config, &kit->transport) != ANIMALDETECT_OK)
        return -1;
    if (!outer)
        return 0;
    kit->outer = epoll_create1(EPOLL_CLOEXEC);
    return epoll_ctl(kit->outer, EPOLL_CTL_ADD, kit->transport->reactor->ops->fd(kit->transport->reactor), &event);
}

void kit_open(struct kit *kit, const struct ad_curl_config *config)
{
    kit->outer = -1;
    kit->budget = 64;
    kit->deadline_ms = AD_TIME_NEVER;
    assert_int_equal(ad_curl_transport_new(config, &kit->transport), ANIMALDETECT_OK);
}

void kit_close(struct kit *kit)
{
    kit->transport->ops->close(kit->transport, false);
}

int kit_setup_epoll(void **state)
{
    return setup(state, ad_reactor_epoll_new, false);
}

int kit_setup_poll(void **state)
{
    return setup(state, ad_reactor_poll_new, false);
}

int kit_setup_edge(void **state)
{
    return setup(state, NULL, true);
}

int kit_teardown(void **state)
{
    struct kit *kit = *state;

    kit->transport->ops->close(kit->transport, false);
    if (kit->outer >= 0)
        close(kit->outer);
    free(kit);
    return 0;
}

static int64_t source_read(void *context, uint8_t *buffer, size_t size)
{
    struct source *source = context;
    uint64_t left = source->end - source->position;

    if (left == 0)
        return source->read_status;
    if (size > left)
        size = (size_t)left;
    if (source->at_most > 0 && size > source->at_most)
        size = source->at_most;
    memcpy(buffer, source->bytes + source->position, size);
    source->position += size;
    return (int64_t)size;
}

static int32_t source_rewind(void *context)
{
    struct source *source = context;

    source->rewinds++;
    source->position = 0;
    return source->rewind_status;
}

static const struct ad_body_ops source_ops = {source_read, source_rewind};

static void on_header(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size)
{
    struct exchange *exchange = (struct exchange *)(void *)transfer;
    size_t used = strlen(exchange->headers);

    (void)snprintf(exchange->headers + used, sizeof exchange->headers - used, "%.*s: %.*s\n", (int)name_size, name,
                   (int)value_size, value);
}

void exchange_init(struct exchange *exchange, const char *method, uint16_t port, const char *path)
{
    memset(exchange, 0, sizeof *exchange);
    (void)snprintf(exchange->url, sizeof exchange->url, "http://127.0.0.1:%u%s", port, path);
    exchange->transfer.on_header = on_header;
    exchange->transfer.headers = exchange->request_headers;
    exchange->transfer.method = method;
    exchange->transfer.url = exchange->url;
    exchange->transfer.answer_limit = ANSWER_LIMIT;
    exchange->transfer.connect_timeout_ms = 20000;
    exchange->transfer.stall_timeout_ms = 20000;
    ad_buf_init(&exchange->transfer.answer, ANSWER_LIMIT);
}

void exchange_source(struct exchange *exchange, const uint8_t *bytes, size_t size)
{
    exchange->source.bytes = bytes;
    exchange->source.end = size;
    exchange->transfer.body.ops = &source_ops;
    exchange->transfer.body.context = &exchange->source;
    exchange->transfer.body.size = size;
}

void exchange_header(struct exchange *exchange, const char *name, const char *value)
{
    struct ad_header *header = &exchange->request_headers[exchange->transfer.header_count++];

    header->name = name;
    header->value = value;
}

void exchange_free(struct exchange *exchange)
{
    ad_buf_free(&exchange->transfer.answer);
}

const char *exchange_answer(const struct exchange *exchange)
{
    return ad_buf_string(&exchange->transfer.answer);
}

void kit_start(struct kit *kit, struct exchange *exchange)
{
    assert_int_equal(kit->transport->ops->start(kit->transport, &exchange->transfer), ANIMALDETECT_OK);
    assert_int_equal(exchange->done, 0);
    kit->transport->ops->arm(kit->transport, kit->deadline_ms);
}

bool kit_drive(struct kit *kit, int32_t budget)
{
    bool more = kit->transport->ops->drive(kit->transport);
    struct ad_transfer *transfer;

    while (budget-- > 0) {
        struct exchange *exchange;

        transfer = kit->transport->ops->take(kit->transport);
        if (transfer == NULL)
            return more;
        exchange = (struct exchange *)(void *)transfer;
        exchange->done++;
        if (exchange->then != NULL)
            exchange->then(exchange);
    }
    return true;
}

void kit_turn(struct kit *kit)
{
    struct ad_transport *transport = kit->transport;
    struct ad_reactor *reactor = transport->reactor;
    struct epoll_event event;
    bool more;

    if (kit->outer >= 0) {
        assert_int_equal(epoll_wait(kit->outer, &event, 1, -1), 1);
    } else {
        reactor->ops->prepare(reactor);
        assert_int_equal(ad_transport_block(transport, -1), ANIMALDETECT_OK);
    }
    reactor->ops->acknowledge(reactor);
    more = kit_drive(kit, kit->budget);
    transport->ops->arm(transport, kit->deadline_ms);
    if (more)
        reactor->ops->signal(reactor);
}

void kit_finish(struct kit *kit, struct exchange *exchange)
{
    const char *text = exchange->transfer.error_text;

    while (exchange->done == 0)
        kit_turn(kit);
    assert_int_equal(exchange->done, 1);
    assert_null(exchange->transfer.slot);
    assert_null(strstr(text, TEST_KEY));
    assert_null(strstr(text, "://"));
    assert_null(strstr(text, "signature"));
    assert_null(strchr(text, '\n'));
    assert_int_equal(text[0] == '\0', exchange->transfer.net == AD_NET_OK);
}

void kit_run(struct kit *kit, struct exchange *exchange)
{
    kit_start(kit, exchange);
    kit_finish(kit, exchange);
}
