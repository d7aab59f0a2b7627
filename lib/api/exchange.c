/* SPDX-License-Identifier: MIT */
/*
 * How a host's transport reads a request and returns the response.
 */
#include <animaldetect/exchange.h>

#include <string.h>

#include "base/text.h"
#include "transport/custom/custom.h"

const char *animaldetect_exchange_method(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? NULL : exchange->method;
}

const char *animaldetect_exchange_url(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? NULL : exchange->url;
}

size_t animaldetect_exchange_header_count(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? 0 : exchange->header_count;
}

const char *animaldetect_exchange_header_name(const animaldetect_exchange *exchange, size_t index)
{
    return exchange == NULL || index >= exchange->header_count ? NULL : exchange->headers[index].name;
}

const char *animaldetect_exchange_header_value(const animaldetect_exchange *exchange, size_t index)
{
    return exchange == NULL || index >= exchange->header_count ? NULL : exchange->headers[index].value;
}

const char *animaldetect_exchange_header(const animaldetect_exchange *exchange, const char *name)
{
    size_t count = exchange == NULL || name == NULL ? 0 : exchange->header_count;

    for (size_t i = 0; i < count; i++) {
        if (ad_text_equal_nocase(exchange->headers[i].name, name))
            return exchange->headers[i].value;
    }
    return NULL;
}

const uint8_t *animaldetect_exchange_body(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? NULL : exchange->body;
}

uint64_t animaldetect_exchange_body_size(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? 0 : exchange->body_size;
}

static int32_t enter(const animaldetect_exchange *exchange)
{
    const struct ad_custom_owner *owner = &exchange->link->owner;

    return owner->enter(owner->context);
}

static void exchange_leave(const animaldetect_exchange *exchange, int32_t entered)
{
    const struct ad_custom_owner *owner = &exchange->link->owner;

    if (entered == ANIMALDETECT_OK)
        owner->leave(owner->context);
}

static int64_t read_memory(animaldetect_exchange *exchange, uint8_t *buffer, size_t size)
{
    uint64_t left = exchange->body_size - exchange->given;

    if (size > left)
        size = (size_t)left;
    if (size == 0 || exchange->body == NULL)
        return 0;
    memcpy(buffer, exchange->body + exchange->given, size);
    exchange->given += size;
    return (int64_t)size;
}

static int32_t rewind_source(animaldetect_exchange *exchange, const struct ad_body *body)
{
    int32_t status = body->ops->rewind(body->context);

    if (status != ANIMALDETECT_OK)
        exchange->body_status = status;
    else
        exchange->rewound = true;
    return status;
}

/* Called with the client's lock. */
static int64_t read_source(animaldetect_exchange *exchange, uint8_t *buffer, size_t size)
{
    const struct ad_body *body;
    uint64_t left = exchange->body_size - exchange->given;
    int64_t got = ANIMALDETECT_OK;

    if (exchange->transfer == NULL)
        return ANIMALDETECT_E_CANCELED;
    if (exchange->body_status != ANIMALDETECT_OK)
        return exchange->body_status;
    body = &exchange->transfer->body;
    if (!exchange->rewound)
        got = rewind_source(exchange, body);
    if (size > left)
        size = (size_t)left;
    if (got != ANIMALDETECT_OK || size == 0)
        return got;
    got = body->ops->read(body->context, buffer, size);
    if (got == 0 || got > (int64_t)size || got < INT32_MIN)
        got = ANIMALDETECT_E_READER;
    if (got < 0) {
        exchange->body_status = (int32_t)got;
    } else {
        exchange->given += (uint64_t)got;
        exchange->transfer->sent = exchange->given;
    }
    return got;
}

int64_t animaldetect_exchange_read_body(animaldetect_exchange *exchange, uint8_t *buffer, size_t size)
{
    int32_t entered;
    int64_t got;

    if (exchange == NULL || buffer == NULL || size == 0)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    atomic_fetch_add(&exchange->moves, 1);
    if (exchange->body != NULL || exchange->body_size == 0)
        return read_memory(exchange, buffer, size);
    entered = enter(exchange);
    if (entered == ANIMALDETECT_E_FORKED)
        return entered;
    got = read_source(exchange, buffer, size);
    exchange_leave(exchange, entered);
    return got;
}

int32_t animaldetect_exchange_rewind_body(animaldetect_exchange *exchange)
{
    int32_t status = ANIMALDETECT_OK;
    int32_t entered;

    if (exchange == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (exchange->body != NULL || exchange->body_size == 0) {
        exchange->given = 0;
        return ANIMALDETECT_OK;
    }
    entered = enter(exchange);
    if (entered == ANIMALDETECT_E_FORKED)
        return entered;
    if (exchange->transfer == NULL)
        status = ANIMALDETECT_E_CANCELED;
    else if (exchange->body_status != ANIMALDETECT_OK)
        status = exchange->body_status;
    else
        status = rewind_source(exchange, &exchange->transfer->body);
    if (status == ANIMALDETECT_OK)
        exchange->given = exchange->transfer->sent = 0;
    exchange_leave(exchange, entered);
    return status;
}

int32_t animaldetect_exchange_may_resend(const animaldetect_exchange *exchange)
{
    return exchange != NULL && !exchange->once;
}

int64_t animaldetect_exchange_connect_timeout_ms(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? 0 : exchange->connect_timeout_ms;
}

int32_t animaldetect_exchange_is_canceled(const animaldetect_exchange *exchange)
{
    pthread_mutex_t *lock;
    bool canceled;

    if (exchange == NULL)
        return 0;
    lock = &exchange->link->transport->lock;
    pthread_mutex_lock(lock);
    canceled = exchange->canceled;
    pthread_mutex_unlock(lock);
    return canceled;
}

int32_t animaldetect_exchange_set_user_data(animaldetect_exchange *exchange, void *data)
{
    if (exchange == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    exchange->user_data = data;
    return ANIMALDETECT_OK;
}

void *animaldetect_exchange_user_data(const animaldetect_exchange *exchange)
{
    return exchange == NULL ? NULL : exchange->user_data;
}

int32_t animaldetect_exchange_set_status(animaldetect_exchange *exchange, int32_t http_status)
{
    if (exchange == NULL || http_status < 200 || http_status > 599)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    atomic_fetch_add(&exchange->moves, 1);
    exchange->http_status = http_status;
    atomic_store(&exchange->refused, http_status >= 300);
    atomic_store(&exchange->answering, true);
    return ANIMALDETECT_OK;
}

/* An error while taking the response becomes the outcome of the exchange. */
static int32_t judged(animaldetect_exchange *exchange, int32_t status)
{
    if (status != ANIMALDETECT_OK)
        exchange->fault = status == ANIMALDETECT_E_NO_MEMORY ? AD_NET_NO_MEMORY : AD_NET_TOO_LARGE;
    return status;
}

int32_t animaldetect_exchange_add_header(animaldetect_exchange *exchange, const char *name, const char *value)
{
    size_t before;
    int32_t status;

    if (exchange == NULL || name == NULL || value == NULL || *name == '\0')
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    atomic_fetch_add(&exchange->moves, 1);
    atomic_store(&exchange->answering, true);
    before = exchange->header_text.size;
    status = ad_buf_add(&exchange->header_text, name, strlen(name) + 1);
    if (status == ANIMALDETECT_OK)
        status = ad_buf_add(&exchange->header_text, value, strlen(value) + 1);
    if (status != ANIMALDETECT_OK)
        exchange->header_text.size = before;
    return judged(exchange, status);
}

int32_t animaldetect_exchange_add_body(animaldetect_exchange *exchange, const void *bytes, size_t size)
{
    if (exchange == NULL || (bytes == NULL && size > 0))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    atomic_fetch_add(&exchange->moves, 1);
    if (size > 0)
        atomic_store(&exchange->answering, true);
    return size == 0 ? ANIMALDETECT_OK : judged(exchange, ad_buf_add(&exchange->answer, bytes, size));
}

int32_t animaldetect_exchange_complete(animaldetect_exchange *exchange)
{
    if (exchange == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (exchange->http_status == 0)
        return ANIMALDETECT_E_STATE;
    exchange->net = AD_NET_OK;
    ad_custom_exchange_end(exchange);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_exchange_fail(animaldetect_exchange *exchange, int32_t failure, const char *words)
{
    static const enum ad_net nets[] = {
        [ANIMALDETECT_FAILURE_CONNECT] = AD_NET_CONNECT,  [ANIMALDETECT_FAILURE_BROKEN] = AD_NET_BROKEN,
        [ANIMALDETECT_FAILURE_TIMEOUT] = AD_NET_TIMEOUT,  [ANIMALDETECT_FAILURE_TLS] = AD_NET_TLS,
        [ANIMALDETECT_FAILURE_REFUSED] = AD_NET_INTERNAL,
    };

    if (exchange == NULL || failure < ANIMALDETECT_FAILURE_CONNECT || failure > ANIMALDETECT_FAILURE_REFUSED)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    exchange->net = nets[failure];
    if (words != NULL)
        (void)ad_text_quote(exchange->message, sizeof exchange->message, words, strlen(words));
    ad_custom_exchange_end(exchange);
    return ANIMALDETECT_OK;
}
