/* SPDX-License-Identifier: MIT */
/*
 * Puts a request on the wire.  The API key is only ever put on one whose URL has just been checked against the trusted
 * origins.
 */
#include "engine/exchange.h"

#include <stdlib.h>
#include <string.h>

/*
 * An upload has the request timeout and the time that its bytes take at this rate, in bytes per second.  40 kbit/s, the
 * slowest cellular link in use, is 104 for each of 48 uploads that share it; a peer that takes or gives less than this
 * is holding a slot.
 */
#define SLOWEST_UPLOAD 64
#define ERROR_BODY_LIMIT (64 * 1024) /* what a storage may answer */

static void exchange_on_header(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
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
    exchange = calloc(1, sizeof *exchange);
    if (exchange != NULL)
        ad_request_init(&exchange->request);
    return exchange;
}

static int64_t sending_ms(uint64_t size)
{
    if (size > INT64_MAX / 4 / 1000)
        size = INT64_MAX / 4 / 1000;
    return (int64_t)(size * 1000 / SLOWEST_UPLOAD);
}

static void exchange_reset(struct ad_exchange *exchange, struct ad_engine *engine, animaldetect_job *job)
{
    const struct ad_config *config = engine->config;
    struct ad_transfer *transfer = &exchange->transfer;
    const struct ad_step *step = ad_step_of(job->call.step);
    bool upload = step->traits.storage;

    memset(transfer, 0, sizeof *transfer);
    ad_list_node_init(&exchange->spare);
    exchange->engine = engine;
    exchange->job = job;
    exchange->step = step;
    exchange->step_number = job->call.step;
    exchange->sent_ms = engine->now_ms;
    exchange->error.code[0] = exchange->error.message[0] = exchange->error.detail[0] = '\0';
    ad_hints_init(&exchange->hints, engine->mask);
    ad_reading_init(&exchange->reading, &job->input.source, config->max_image_bytes);
    transfer->on_header = exchange_on_header;
    transfer->answer_limit = upload ? ERROR_BODY_LIMIT : config->max_answer_bytes;
    transfer->connect_timeout_ms = config->connect_timeout_ms;
    transfer->stall_timeout_ms = config->stall_timeout_ms;
    transfer->once = !step->traits.idempotent;
    transfer->request_timeout_ms = config->request_timeout_ms + (upload ? sending_ms(job->input.source.size) : 0);
    transfer->answer_timeout_ms = upload ? config->request_timeout_ms : 0;
    transfer->body_optional = step->status_suffices;
    ad_buf_init(&transfer->answer, (size_t)transfer->answer_limit);
}

static void gather_facts(const struct ad_config *config, const animaldetect_job *job, struct ad_request_facts *facts)
{
    const struct ad_target *target = job->remote.target;

    memset(facts, 0, sizeof *facts);
    facts->base_url = config->base_url;
    ad_job_payload(job, &facts->payload);
    facts->payload.checksum_field = config->checksum_field;
    facts->key = job->input.key;
    facts->job_id = job->remote.id;
    facts->submit_url = job->remote.submit_url;
    facts->status_url = job->remote.status_url;
    facts->result_url = job->remote.result_url;
    facts->image_size = job->input.source.size;
    if (target != NULL) {
        facts->upload_method = target->method;
        facts->upload_url = target->url;
        facts->upload_headers = target->headers;
        facts->upload_header_count = target->header_count;
    }
}

/* The only place that hands the API key out. */
static int32_t authorize(struct ad_exchange *exchange, const char **reason)
{
    int32_t status = ad_config_check_api_url(exchange->engine->config, exchange->request.url);

    if (status == ANIMALDETECT_OK)
        exchange->transfer.bearer = exchange->engine->key->text;
    else if (status != ANIMALDETECT_E_NO_MEMORY)
        *reason = "the service named a URL that may not see the API key";
    return status;
}

/* No key goes to a storage; the bytes of the image do. */
static int32_t open_image(struct ad_exchange *exchange, const char **reason)
{
    struct ad_transfer *transfer = &exchange->transfer;
    int32_t status = ad_config_check_upload_url(exchange->engine->config, exchange->request.url);

    if (status != ANIMALDETECT_OK) {
        *reason = "the upload URL cannot be used";
        return status;
    }
    status = ad_reading_open(&exchange->reading);
    if (status != ANIMALDETECT_OK) {
        *reason = exchange->reading.reason;
        return status;
    }
    transfer->body.ops = &ad_reading_body_ops;
    transfer->body.context = &exchange->reading;
    transfer->body.size = exchange->job->input.source.size;
    return ANIMALDETECT_OK;
}

static int32_t exchange_build(struct ad_exchange *exchange, const char **reason)
{
    struct ad_transfer *transfer = &exchange->transfer;
    struct ad_request *request = &exchange->request;
    struct ad_request_facts facts;
    int32_t status;

    gather_facts(exchange->engine->config, exchange->job, &facts);
    status = exchange->step->build(&facts, request, reason);
    if (status != ANIMALDETECT_OK)
        return status;
    transfer->method = request->method;
    transfer->url = request->url;
    transfer->headers = request->headers;
    transfer->header_count = request->header_count;
    transfer->body_bytes = request->body;
    transfer->body_size = request->body_size;
    return exchange->step->traits.storage ? open_image(exchange, reason) : authorize(exchange, reason);
}

int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, const char **reason)
{
    struct ad_exchange *exchange = take_spare(engine);
    int32_t status;

    *reason = "";
    if (exchange == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    exchange_reset(exchange, engine, job);
    status = exchange_build(exchange, reason);
    if (status == ANIMALDETECT_OK)
        status = engine->transport->ops->start(engine->transport, &exchange->transfer);
    if (status != ANIMALDETECT_OK) {
        engine->os_error = exchange->reading.error;
        ad_exchange_release(exchange);
        return status;
    }
    job->call.exchange = exchange;
    engine->active++;
    engine->active_uploads += exchange->step->traits.storage;
    return ANIMALDETECT_OK;
}

void ad_exchange_leave_wire(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;

    if (exchange->job->call.exchange != exchange)
        return;
    exchange->job->call.exchange = NULL;
    engine->active--;
    engine->active_uploads -= exchange->step->traits.storage;
}

void ad_exchange_release(struct ad_exchange *exchange)
{
    ad_exchange_leave_wire(exchange);
    exchange->job = NULL;
    ad_reading_close(&exchange->reading);
    ad_request_reset(&exchange->request);
    ad_buf_free(&exchange->transfer.answer);
    ad_list_append(&exchange->engine->spare, &exchange->spare);
}

void ad_exchange_abort(struct ad_exchange *exchange)
{
    struct ad_transport *transport = exchange->engine->transport;

    transport->ops->abort(transport, &exchange->transfer);
    if (!exchange->step->traits.idempotent)
        exchange->job->remote.ask_first = true; /* it may have had its effect */
    ad_exchange_release(exchange);
}

void ad_exchange_free_spares(struct ad_engine *engine)
{
    struct ad_list_node *node;

    while ((node = ad_list_first(&engine->spare)) != NULL) {
        struct ad_exchange *exchange = AD_OWNER(node, struct ad_exchange, spare);

        ad_list_remove(&engine->spare, node);
        ad_request_free(&exchange->request);
        free(exchange);
    }
}
