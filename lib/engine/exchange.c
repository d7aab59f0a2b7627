/* SPDX-License-Identifier: MIT */
/*
 * Turns a job's step into a request: method, URL, headers, body.  The API key is only ever put on a request whose URL
 * has just been checked against the trusted origins.
 */
#include "engine/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/*
 * An upload has the request timeout and the time that its bytes take at this rate, in bytes per second.  40 kbit/s, the
 * slowest cellular link in use, is 104 for each of 48 uploads that share it; a peer that takes or gives less than this
 * is holding a place.
 */
#define SLOWEST_UPLOAD 64
#define ERROR_BODY_LIMIT (64 * 1024) /* what a storage may answer */

static void on_header(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size)
{
    struct ad_exchange *exchange = AD_OWNER(transfer, struct ad_exchange, transfer);

    ad_hints_header(&exchange->hints, name, name_size, value, value_size);
}

static struct ad_exchange *take_spare(struct ad_engine *engine)
{
    struct ad_list_node *node = ad_list_first(&engine->spare);
    struct ad_exchange *exchange;

    if (node != NULL) {
        ad_list_remove(&engine->spare, node);
        return AD_OWNER(node, struct ad_exchange, spare);
    }
    exchange = malloc(sizeof *exchange);
    if (exchange != NULL)
        memset(exchange, 0, sizeof *exchange);
    return exchange;
}

static int64_t sending_ms(uint64_t size)
{
    if (size > INT64_MAX / 4 / 1000)
        size = INT64_MAX / 4 / 1000;
    return (int64_t)(size * 1000 / SLOWEST_UPLOAD);
}

static void reset(struct ad_exchange *exchange, struct ad_engine *engine, animaldetect_job *job)
{
    const struct ad_config *config = engine->config;
    struct ad_transfer *transfer = &exchange->transfer;
    bool upload = job->call.step == ANIMALDETECT_STEP_UPLOAD;

    memset(transfer, 0, sizeof *transfer);
    ad_list_node_init(&exchange->spare);
    exchange->engine = engine;
    exchange->job = job;
    exchange->step = job->call.step;
    exchange->sent_ms = engine->now_ms;
    exchange->error.code[0] = exchange->error.message[0] = exchange->error.detail[0] = '\0';
    ad_hints_init(&exchange->hints, engine->mask);
    ad_buf_init(&exchange->body, 1024 * 1024);
    ad_reading_init(&exchange->reading, &job->input.source, config->max_image_bytes);
    transfer->on_header = on_header;
    transfer->answer_limit = upload ? ERROR_BODY_LIMIT : config->max_answer_bytes;
    transfer->connect_timeout_ms = config->connect_timeout_ms;
    transfer->stall_timeout_ms = config->stall_timeout_ms;
    transfer->once = job->call.step == ANIMALDETECT_STEP_SUBMIT; /* the one request that is not idempotent */
    transfer->request_timeout_ms = config->request_timeout_ms + (upload ? sending_ms(job->input.source.size) : 0);
    transfer->answer_timeout_ms = upload ? config->request_timeout_ms : 0;
    transfer->body_optional = upload || job->call.step == ANIMALDETECT_STEP_SUBMIT;
    ad_buf_init(&transfer->answer, (size_t)transfer->answer_limit);
}

static void add_header(struct ad_transfer *transfer, const char *name, const char *value)
{
    transfer->headers[transfer->header_count++] = (struct ad_header){name, value};
}

/* Every request to the API goes through here: the only place that hands the key out. */
static int32_t build_api(struct ad_exchange *exchange, const char *method, const char *url, const char **reason)
{
    struct ad_transfer *transfer = &exchange->transfer;
    int32_t status = url == NULL ? ANIMALDETECT_E_NO_MEMORY : ad_config_check_api_url(exchange->engine->config, url);

    if (status != ANIMALDETECT_OK) {
        *reason = status == ANIMALDETECT_E_NO_MEMORY ? "" : "the service named a URL that may not see the API key";
        return status;
    }
    transfer->method = method;
    transfer->url = url;
    transfer->bearer = exchange->engine->key->text;
    add_header(transfer, "Accept", "application/json");
    add_header(transfer, "Accept-Encoding", "identity"); /* nothing is decoded, see transport/coding.h */
    return ANIMALDETECT_OK;
}

static int32_t build_create(struct ad_exchange *exchange, const char **reason)
{
    struct ad_transfer *transfer = &exchange->transfer;
    const struct ad_config *config = exchange->engine->config;
    animaldetect_job *job = exchange->job;
    size_t size = strlen(config->base_url) + sizeof "/jobs";
    struct ad_payload payload;
    char *url;
    int32_t status;

    ad_job_payload(job, &payload);
    payload.checksum_field = config->checksum_field;
    status = ad_payload_body(&payload, &exchange->body);
    if (status == ANIMALDETECT_OK)
        status = ad_job_key(job, exchange->key);
    if (status != ANIMALDETECT_OK) {
        *reason = "the create request cannot be written as JSON";
        return status;
    }
    /* The URL lives behind the JSON, in the same buffer. */
    transfer->body_size = exchange->body.size;
    status = ad_buf_add(&exchange->body, "", 1);
    if (status == ANIMALDETECT_OK)
        status = ad_buf_format(&exchange->body, "%s/jobs", config->base_url);
    if (status != ANIMALDETECT_OK)
        return status;
    transfer->body_bytes = exchange->body.data;
    url = exchange->body.data + exchange->body.size + 1 - size;
    status = build_api(exchange, "POST", url, reason);
    if (status != ANIMALDETECT_OK)
        return status;
    add_header(transfer, "Content-Type", "application/json");
    add_header(transfer, "Idempotency-Key", exchange->key);
    return ANIMALDETECT_OK;
}

/* Exactly the headers that the service returned; the content type is added when it named none. */
static int32_t build_upload(struct ad_exchange *exchange, const char **reason)
{
    struct ad_transfer *transfer = &exchange->transfer;
    animaldetect_job *job = exchange->job;
    const struct ad_target *target = job->remote.target;
    bool typed = false;
    int32_t status = ad_config_check_upload_url(exchange->engine->config, target->url);

    if (status != ANIMALDETECT_OK) {
        *reason = "the upload URL cannot be used";
        return status;
    }
    (void)snprintf(exchange->length, sizeof exchange->length, "%" PRIu64, job->input.source.size);
    for (size_t i = 0; i < target->header_count; i++) {
        const struct ad_header *header = &target->headers[i];

        if (ad_text_equal_nocase(header->name, "Content-Length")) {
            if (strcmp(header->value, exchange->length) != 0) {
                *reason = "upload.headers names another Content-Length than the image has";
                return ANIMALDETECT_E_PROTOCOL;
            }
            continue; /* the transport writes it */
        }
        typed = typed || ad_text_equal_nocase(header->name, "Content-Type");
        add_header(transfer, header->name, header->value);
    }
    if (!typed && job->input.content_type != NULL)
        add_header(transfer, "Content-Type", job->input.content_type);
    status = ad_reading_open(&exchange->reading);
    if (status != ANIMALDETECT_OK) {
        *reason = exchange->reading.reason;
        return status;
    }
    transfer->method = target->method;
    transfer->url = target->url;
    transfer->body.ops = &ad_reading_body_ops;
    transfer->body.context = &exchange->reading;
    transfer->body.size = job->input.source.size;
    return ANIMALDETECT_OK;
}

static int32_t build(struct ad_exchange *exchange, const char **reason)
{
    const char *base = exchange->engine->config->base_url;
    animaldetect_job *job = exchange->job;

    switch (exchange->step) {
    case ANIMALDETECT_STEP_CREATE:
        return build_create(exchange, reason);
    case ANIMALDETECT_STEP_UPLOAD:
        return build_upload(exchange, reason);
    case ANIMALDETECT_STEP_SUBMIT:
        return build_api(exchange, "POST", ad_job_url_text(job, AD_URL_SUBMIT, base), reason);
    case ANIMALDETECT_STEP_POLL:
        return build_api(exchange, "GET", ad_job_url_text(job, AD_URL_STATUS, base), reason);
    default:
        return build_api(exchange, "GET", ad_job_url_text(job, AD_URL_RESULT, base), reason);
    }
}

int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, const char **reason)
{
    struct ad_exchange *exchange = take_spare(engine);
    int32_t status;

    *reason = "";
    if (exchange == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    reset(exchange, engine, job);
    status = build(exchange, reason);
    if (status == ANIMALDETECT_OK)
        status = engine->transport->ops->start(engine->transport, &exchange->transfer);
    if (status != ANIMALDETECT_OK) {
        engine->os_error = exchange->reading.error;
        ad_exchange_release(exchange);
        return status;
    }
    job->call.exchange = exchange;
    engine->active++;
    if (exchange->step == ANIMALDETECT_STEP_UPLOAD)
        engine->active_uploads++;
    return ANIMALDETECT_OK;
}

void ad_exchange_release(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;

    if (exchange->job != NULL && exchange->job->call.exchange == exchange) {
        exchange->job->call.exchange = NULL;
        engine->active--;
        if (exchange->step == ANIMALDETECT_STEP_UPLOAD)
            engine->active_uploads--;
    }
    exchange->job = NULL;
    ad_reading_close(&exchange->reading);
    ad_buf_free(&exchange->body);
    ad_buf_free(&exchange->transfer.answer);
    ad_list_append(&engine->spare, &exchange->spare);
}

void ad_exchange_abort(struct ad_exchange *exchange)
{
    struct ad_transport *transport = exchange->engine->transport;

    transport->ops->abort(transport, &exchange->transfer);
    if (exchange->step == ANIMALDETECT_STEP_SUBMIT)
        exchange->job->remote.ask_first = true; /* it may have had its effect */
    ad_exchange_release(exchange);
}

void ad_exchange_free_spares(struct ad_engine *engine)
{
    struct ad_list_node *node;

    while ((node = ad_list_first(&engine->spare)) != NULL) {
        ad_list_remove(&engine->spare, node);
        free(AD_OWNER(node, struct ad_exchange, spare));
    }
}
