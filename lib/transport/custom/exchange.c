/* SPDX-License-Identifier: MIT */
/*
 * The life of a custom transport's exchange: a copy of the request, its holds, and its completion.  Must wipe the
 * memory that held the key.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "transport/custom/custom.h"

#define BEARER "Bearer "
#define MAX_HEADER_TEXT (64 * 1024)

/* Writes the copies consecutively into one block. */
struct writer {
    char *at;
};

static const char *request_put(struct writer *writer, const char *prefix, const char *text)
{
    char *start = writer->at;
    size_t first = strlen(prefix);
    size_t second = strlen(text) + 1;

    memcpy(start, prefix, first);
    memcpy(start + first, text, second);
    writer->at += first + second;
    return start;
}

static size_t copy_size(const struct ad_custom *link, const struct ad_transfer *transfer)
{
    size_t size = strlen(transfer->method) + strlen(transfer->url) + 2 + transfer->body_size;

    for (size_t i = 0; i < transfer->header_count; i++)
        size += strlen(transfer->headers[i].name) + strlen(transfer->headers[i].value) + 2;
    if (transfer->bearer != NULL)
        size += sizeof "Authorization" + sizeof BEARER + strlen(transfer->bearer);
    return size + sizeof "User-Agent" + strlen(link->user_agent) + 1;
}

static void add_header(animaldetect_exchange *exchange, struct writer *writer, const char *name, const char *prefix,
                       const char *value)
{
    struct ad_exchange_header *header = &exchange->headers[exchange->header_count++];

    header->name = request_put(writer, "", name);
    header->value = request_put(writer, prefix, value);
}

static void copy_request(animaldetect_exchange *exchange, const struct ad_transfer *transfer)
{
    struct writer writer = {exchange->text};

    if (transfer->body_bytes != NULL) {
        memcpy(writer.at, transfer->body_bytes, transfer->body_size);
        exchange->body = (const uint8_t *)writer.at;
        writer.at += transfer->body_size;
    }
    exchange->body_size = transfer->body.ops != NULL ? transfer->body.size : transfer->body_size;
    exchange->method = request_put(&writer, "", transfer->method);
    exchange->url = request_put(&writer, "", transfer->url);
    if (transfer->bearer != NULL)
        add_header(exchange, &writer, "Authorization", BEARER, transfer->bearer);
    add_header(exchange, &writer, "User-Agent", "", exchange->link->user_agent);
    for (size_t i = 0; i < transfer->header_count; i++)
        add_header(exchange, &writer, transfer->headers[i].name, "", transfer->headers[i].value);
}

animaldetect_exchange *ad_custom_exchange_new(struct ad_custom *link, struct ad_transfer *transfer)
{
    animaldetect_exchange *exchange = calloc(1, sizeof *exchange);

    if (exchange == NULL)
        return NULL;
    exchange->link = link;
    exchange->text_size = copy_size(link, transfer);
    exchange->text = malloc(exchange->text_size);
    if (exchange->text == NULL) {
        free(exchange);
        return NULL;
    }
    copy_request(exchange, transfer);
    exchange->transfer = transfer;
    exchange->connect_timeout_ms = transfer->connect_timeout_ms;
    exchange->once = transfer->once;
    exchange->request_ms = AD_TIME_NEVER;
    exchange->answer_ms = AD_TIME_NEVER;
    exchange->holds = 1;
    ad_heap_node_init(&exchange->timeout);
    ad_list_node_init(&exchange->node);
    ad_buf_init(&exchange->header_text, MAX_HEADER_TEXT);
    ad_buf_init(&exchange->answer, (size_t)transfer->answer_limit);
    pthread_mutex_lock(&link->transport->lock);
    link->references++;
    pthread_mutex_unlock(&link->transport->lock);
    return exchange;
}

void ad_custom_exchange_drop(animaldetect_exchange *exchange)
{
    struct ad_custom *link = exchange->link;
    bool last;

    pthread_mutex_lock(&link->transport->lock);
    last = --exchange->holds == 0;
    pthread_mutex_unlock(&link->transport->lock);
    if (!last)
        return;
    sodium_memzero(exchange->text, exchange->text_size);
    free(exchange->text);
    ad_buf_free(&exchange->header_text);
    ad_buf_free(&exchange->answer);
    free(exchange);
    ad_custom_link_release(link);
}

void ad_custom_exchange_end(animaldetect_exchange *exchange)
{
    struct ad_custom *link = exchange->link;
    bool wanted;

    pthread_mutex_lock(&link->transport->lock);
    wanted = link->open && !exchange->canceled;
    exchange->ended = true;
    if (wanted) { /* the host's hold is now the queue's */
        ad_list_append(&link->ended, &exchange->node);
        if (!link->driving)
            ad_custom_signal(link);
    }
    pthread_mutex_unlock(&link->transport->lock);
    if (!wanted)
        ad_custom_exchange_drop(exchange);
}
