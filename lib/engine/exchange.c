/* SPDX-License-Identifier: MIT */
/*
 * Puts requests on the wire.  The API key and the host's headers are added only if the URL was just checked against the
 * trusted origins.
 */
#include "engine/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "engine/hop.h"
#include "engine/quota.h"

/*
 * The timeout of an upload is the request timeout plus the time for its bytes at this rate, in bytes per second.  The
 * slowest cellular link in use, 40 kbit/s, gives 104 to each of 48 uploads; a peer slower than this only occupies a
 * slot.
 */
#define SLOWEST_UPLOAD 64
#define ERROR_BODY_LIMIT (64 * 1024) /* maximum error body of a storage */

static void exchange_on_header(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                               size_t value_size)
{
    struct ad_exchange *exchange = AD_OWNER(transfer, struct ad_exchange, transfer);

    ad_hints_header(&exchange->hints, name, name_size, value, value_size);
    ad_location_header(&exchange->location, name, name_size, value, value_size);
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
    ad_list_node_init(&exchange->upload);
    exchange->engine = engine;
    exchange->job = job;
    exchange->step = step;
    exchange->step_number = job->call.step;
    exchange->sent_ms = engine->now_ms;
    exchange->key_number = engine->hold.account.key;
    exchange->probe = false;
    exchange->permit = false;
    exchange->error.code[0] = exchange->error.message[0] = exchange->error.detail[0] = '\0';
    ad_hints_init(&exchange->hints, engine->mask);
    ad_location_init(&exchange->location);
    exchange->hop = job->call.hop;
    job->call.hop = NULL;
    ad_reading_init(&exchange->reading, &job->input.source, config->max_image_bytes);
    transfer->on_header = exchange_on_header;
    transfer->answer_limit = upload ? ERROR_BODY_LIMIT : config->max_answer_bytes;
    transfer->connect_timeout_ms = config->connect_timeout_ms;
    if (!upload && ad_quota_needs_permits(engine) && config->permit_lag_ms < transfer->connect_timeout_ms)
        transfer->connect_timeout_ms = config->permit_lag_ms; /* it must not arrive later than this */
    transfer->stall_timeout_ms = config->stall_timeout_ms;
    transfer->once = !step->traits.idempotent;
    transfer->fresh = transfer->once && job->call.failures[job->call.step] > 0;
    transfer->request_timeout_ms = config->request_timeout_ms + (upload ? sending_ms(job->input.source.size) : 0);
    transfer->reply_timeout_ms = upload ? config->request_timeout_ms : 0;
    transfer->answer_timeout_ms = upload ? config->request_timeout_ms : 0;
    transfer->body_optional = step->status_suffices;
    ad_buf_init(&transfer->answer, (size_t)transfer->answer_limit);
}

static void gather_facts(const struct ad_engine *engine, const animaldetect_job *job, struct ad_request_facts *facts)
{
    const struct ad_target *target = job->remote.target;

    memset(facts, 0, sizeof *facts);
    facts->base_url = ad_engine_base_url(engine);
    ad_job_payload(job, engine->config->checksum_field, &facts->payload);
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

/* The only place that adds the API key. */
static int32_t authorize(struct ad_exchange *exchange, const char **reason)
{
    const struct ad_config *config = exchange->engine->config;
    int32_t status = ad_config_check_api_url(config, exchange->request.url);

    if (status == ANIMALDETECT_OK)
        status = ad_request_add_headers(&exchange->request, config->headers, config->header_count);
    if (status == ANIMALDETECT_OK)
        exchange->transfer.bearer = exchange->engine->key->text;
    else if (status != ANIMALDETECT_E_NO_MEMORY)
        *reason = "the service named a URL that may not see the API key";
    return status;
}

bool ad_exchange_is_foreign(const struct ad_exchange *exchange)
{
    return ad_hop_is_foreign(exchange->hop);
}

bool ad_exchange_asks_about_wait(const struct ad_exchange *exchange)
{
    return exchange->probe && exchange->sent_ms >= exchange->engine->hold.service.asked_ms;
}

/* The result is outside the service: no API key, and none of the host's headers. */
static int32_t check_foreign(const struct ad_exchange *exchange, const char **reason)
{
    int32_t status = ad_config_check_upload_url(exchange->engine->config, exchange->request.url);

    if (status != ANIMALDETECT_OK && status != ANIMALDETECT_E_NO_MEMORY)
        *reason = "the result was moved to a URL that cannot be used";
    return status;
}

/* Whether there is a digest to compare with.  A digest that the host set for its own reader is trusted. */
static bool is_known(const struct ad_input *input)
{
    return input->has_sha256 && (input->source.kind == AD_SOURCE_FILE || !input->host_sha256 || input->verify_sha256);
}

/* A storage gets no API key, but the bytes of the image. */
static int32_t open_image(struct ad_exchange *exchange, const char **reason)
{
    struct ad_transfer *transfer = &exchange->transfer;
    const struct ad_input *input = &exchange->job->input;
    int32_t status = ad_config_check_upload_url(exchange->engine->config, exchange->request.url);

    if (status != ANIMALDETECT_OK) {
        *reason = "the upload URL cannot be used";
        return status;
    }
    status = ad_reading_open_again(&exchange->reading, is_known(input) ? input->sha256 : NULL);
    if (status != ANIMALDETECT_OK)
        return status;
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

    gather_facts(exchange->engine, exchange->job, &facts);
    status = exchange->step->build(&facts, request, reason);
    if (status != ANIMALDETECT_OK)
        return status;
    if (exchange->hop != NULL)
        ad_request_redirect(request, exchange->hop->url, exchange->hop->get);
    transfer->method = request->method;
    transfer->url = request->url;
    transfer->body_bytes = request->body;
    transfer->body_size = request->body_size;
    if (exchange->step->traits.storage)
        status = open_image(exchange, reason);
    else if (ad_exchange_is_foreign(exchange))
        status = check_foreign(exchange, reason);
    else
        status = authorize(exchange, reason);
    transfer->headers = request->headers;
    transfer->header_count = request->header_count;
    return status;
}

static enum ad_side side_of(const struct ad_exchange *exchange)
{
    return exchange->step->traits.storage ? AD_SIDE_STORAGE : AD_SIDE_API;
}

int32_t ad_exchange_start(struct ad_engine *engine, animaldetect_job *job, struct ad_file_fault *fault)
{
    struct ad_exchange *exchange = take_spare(engine);
    int32_t status;

    *fault = (struct ad_file_fault){.reason = ""};
    if (exchange == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    exchange_reset(exchange, engine, job);
    status = exchange_build(exchange, &fault->reason);
    if (status == ANIMALDETECT_OK)
        status = engine->transport->ops->start(engine->transport, &exchange->transfer);
    exchange->transfer.bearer = NULL; /* the host may replace the key from now on */
    if (status != ANIMALDETECT_OK) {
        /* The transport's error message stays in the spare exchange until that is reused. */
        if (exchange->transfer.error_text[0] != '\0')
            fault->reason = exchange->transfer.error_text;
        if (*exchange->reading.fault.reason != '\0')
            *fault = exchange->reading.fault;
        ad_exchange_release(exchange);
        return status;
    }
    job->call.exchange = exchange;
    engine->active++;
    ad_parts_begin(&engine->parts, side_of(exchange), engine->now_ms);
    ad_uploads_begin(engine, exchange);
    if (exchange->step->traits.storage && job->remote.uploads < UINT8_MAX)
        job->remote.uploads++;
    return ANIMALDETECT_OK;
}

void ad_exchange_leave_wire(struct ad_exchange *exchange)
{
    struct ad_engine *engine = exchange->engine;

    if (exchange->job->call.exchange != exchange)
        return;
    exchange->job->call.exchange = NULL;
    engine->active--;
    ad_parts_end(&engine->parts, side_of(exchange), engine->now_ms);
    ad_uploads_end(engine, exchange);
    if (exchange->probe)
        engine->hold.probing = false;
}

void ad_exchange_release(struct ad_exchange *exchange)
{
    ad_exchange_leave_wire(exchange);
    exchange->job = NULL;
    ad_reading_close(&exchange->reading);
    ad_request_reset(&exchange->request);
    ad_location_free(&exchange->location);
    free(exchange->hop);
    exchange->hop = NULL;
    ad_buf_free(&exchange->transfer.answer);
    ad_list_append(&exchange->engine->spare, &exchange->spare);
}

void ad_exchange_abort(struct ad_exchange *exchange)
{
    struct ad_transport *transport = exchange->engine->transport;

    transport->ops->abort(transport, &exchange->transfer);
    ad_quota_end(exchange, AD_PERMIT_LOST);
    if (!exchange->step->traits.idempotent)
        exchange->job->remote.ask_first = true; /* it may have taken effect */
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
