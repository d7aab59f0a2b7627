/* SPDX-License-Identifier: MIT */
/*
 * The phases of one transfer on virtual time:
 *
 *   connect -> send (16 KiB pieces) -> answer (the model has responded, nothing has arrived yet) -> body -> end
 *
 * Each of them goes to the end when the network fails or a timeout passes. The model sees a request when its whole body
 * has arrived, the storage also its head; a request that is canceled before that has no effect.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "animaldetect/types.h"
#include "kit/world/internal.h"

#define MINUTE_MS INT64_C(60000)
#define MAX_HEADERS (AD_TRANSFER_MAX_HEADERS + 4)

static void end_with(struct world_flow *flow, enum ad_net net, int64_t due_ms)
{
    flow->phase = WORLD_END;
    flow->net = net;
    flow->due_ms = due_ms;
}

static int64_t timeout_at(const struct world_flow *flow)
{
    const struct ad_transfer *transfer = flow->transfer;
    int64_t at = AD_TIME_NEVER;

    if (flow->phase == WORLD_END)
        return at;
    if (flow->phase == WORLD_CONNECT && transfer->connect_timeout_ms > 0)
        at = flow->started_ms + transfer->connect_timeout_ms;
    if (flow->phase == WORLD_ANSWER && transfer->reply_timeout_ms > 0)
        at = flow->moved_ms + transfer->reply_timeout_ms;
    else if (flow->phase != WORLD_CONNECT && transfer->stall_timeout_ms > 0)
        at = flow->moved_ms + transfer->stall_timeout_ms;
    if (transfer->request_timeout_ms > 0 && flow->started_ms + transfer->request_timeout_ms < at)
        at = flow->started_ms + transfer->request_timeout_ms;
    return at;
}

int64_t world_flow_due_ms(const struct world_flow *flow)
{
    int64_t at = timeout_at(flow);

    return flow->due_ms < at ? flow->due_ms : at;
}

void world_flow_begin(struct world_flow *flow)
{
    struct world *world = flow->transport->world;
    const struct world_request *record = world_record(world, flow->record);
    const struct world_script *script = world_script_find(world, WORLD_SCRIPT_NET, record->route, record->nth);

    flow->lag_ms = world->config.latency_ms / 2 + ad_rng_upto(&world->rng, world->config.jitter_ms) / 2;
    flow->started_ms = flow->moved_ms = world->now_ms;
    flow->phase = WORLD_CONNECT;
    flow->due_ms = world->now_ms + flow->lag_ms;
    if (world->now_ms >= world->outage_from_ms && world->now_ms < world->outage_until_ms)
        end_with(flow, world->outage, world->now_ms + 2 * flow->lag_ms);
    else if (script != NULL && script->net == AD_NET_TIMEOUT)
        end_with(flow, AD_NET_TIMEOUT, world->now_ms + flow->transfer->stall_timeout_ms);
    else if (script != NULL)
        end_with(flow, script->net, world->now_ms + 2 * flow->lag_ms);
    else if (world->config.connect_failure > 0 && ad_rng_unit(&world->rng) < world->config.connect_failure)
        end_with(flow, AD_NET_CONNECT, world->now_ms + 2 * flow->lag_ms);
}

static size_t gather_headers(const struct world_flow *flow, struct svc_header headers[MAX_HEADERS], char *bearer,
                             size_t bearer_size, char length[24])
{
    const struct ad_transfer *transfer = flow->transfer;
    const struct world_request *record = world_record(flow->transport->world, flow->record);
    size_t count = 0;

    for (; count < transfer->header_count; count++)
        headers[count] = (struct svc_header){transfer->headers[count].name, transfer->headers[count].value};
    if (transfer->bearer != NULL && (record->bearer == NULL || strcmp(transfer->bearer, record->bearer) != 0))
        world_die("a transfer points to another API key than the one that it was begun with");
    if (record->bearer != NULL) {
        snprintf(bearer, bearer_size, "Bearer %s", record->bearer);
        headers[count++] = (struct svc_header){"Authorization", bearer};
    }
    snprintf(length, 24, "%llu",
             (unsigned long long)(transfer->body.ops != NULL ? transfer->body.size : transfer->body_size));
    headers[count++] = (struct svc_header){"Content-Length", length};
    return count;
}

static bool goes_to_storage(const struct world_flow *flow)
{
    const char *origin = flow->transport->world->config.storage_origin;
    size_t size = strlen(origin);

    return strncmp(flow->transfer->url, origin, size) == 0 && strchr("/?", flow->transfer->url[size]) != NULL;
}

/* The model, or a script in its place, has responded. */
static void answered(struct world_flow *flow)
{
    struct world *world = flow->transport->world;
    struct world_request *record = world_record(world, flow->record);
    const struct world_script *rewrite = world_script_find(world, WORLD_SCRIPT_REWRITE, record->route, record->nth);
    const struct world_script *effect = world_script_find(world, WORLD_SCRIPT_EFFECT, record->route, record->nth);

    record->arrived_ms = world->now_ms;
    if (rewrite != NULL && flow->response.delivery == SVC_DELIVER)
        world_script_rewrite(rewrite, &flow->response);
    if (effect != NULL)
        effect->act(effect->user);
    flow->answered = true;
    flow->phase = WORLD_ANSWER;
    flow->moved_ms = world->now_ms;
    flow->due_ms =
        flow->response.delivery == SVC_STALL ? AD_TIME_NEVER : world->now_ms + flow->lag_ms + flow->response.delay_ms;
}

/* The whole request has arrived. */
static void arrive(struct world_flow *flow)
{
    struct world *world = flow->transport->world;
    const struct ad_transfer *transfer = flow->transfer;
    const struct world_request *record = world_record(world, flow->record);
    const struct world_script *script = world_script_find(world, WORLD_SCRIPT_ANSWER, record->route, record->nth);
    struct svc_header headers[MAX_HEADERS];
    char bearer[4200];
    char length[24];
    struct svc_request request = {.method = transfer->method, .url = transfer->url, .headers = headers};

    if (script != NULL) {
        world_script_answer(script, flow);
    } else if (flow->upload != NULL) {
        svc_upload_end(world->svc, flow->upload, world_wall_ms(world), &flow->response);
        flow->upload = NULL;
    } else {
        request.header_count = gather_headers(flow, headers, bearer, sizeof bearer, length);
        request.body = transfer->body_bytes;
        request.body_size = transfer->body_size;
        svc_handle(world->svc, &request, world_wall_ms(world), &flow->response);
    }
    answered(flow);
}

static uint64_t next_piece(const struct world_flow *flow)
{
    uint64_t left = flow->transfer->body.size - flow->read;

    return left < WORLD_PIECE ? left : WORLD_PIECE;
}

static int64_t bandwidth(const struct world *world)
{
    bool is_low = world->config.link_low_bps > 0 && (world->now_ms - world->config.start_ms) / MINUTE_MS % 2 == 1;

    return is_low ? world->config.link_low_bps : world->config.link_bps;
}

/* When the shared link will have carried the next piece, behind everything that is queued already. */
static int64_t carried_ms(struct world *world, uint64_t size)
{
    int64_t now_us = world->now_ms * 1000;

    if (world->link_free_us < now_us)
        world->link_free_us = now_us;
    world->link_free_us += (int64_t)(size * 1000000 / (uint64_t)bandwidth(world));
    return (world->link_free_us + 999) / 1000;
}

/* The connection is open: the head has arrived, and all of a request from memory. */
static void connected(struct world_flow *flow)
{
    struct world *world = flow->transport->world;
    struct ad_transfer *transfer = flow->transfer;
    const struct world_request *record = world_record(world, flow->record);
    struct svc_header headers[MAX_HEADERS];
    char bearer[4200];
    char length[24];
    struct svc_request head = {.method = transfer->method, .url = transfer->url, .headers = headers};
    int32_t status;

    flow->moved_ms = flow->send_ms = world->now_ms;
    if (transfer->body.ops == NULL) {
        transfer->sent = transfer->body_size;
        arrive(flow);
        return;
    }
    status = transfer->body.ops->rewind(transfer->body.context);
    if (status != ANIMALDETECT_OK) {
        transfer->body_status = status;
        end_with(flow, AD_NET_BODY, world->now_ms);
        return;
    }
    flow->phase = WORLD_SEND;
    flow->due_ms = world->config.link_bps > 0 ? carried_ms(world, next_piece(flow)) : world->now_ms;
    if (!goes_to_storage(flow) || world_script_find(world, WORLD_SCRIPT_ANSWER, record->route, record->nth) != NULL)
        return;
    head.header_count = gather_headers(flow, headers, bearer, sizeof bearer, length);
    flow->upload = svc_upload_begin(world->svc, &head, world_wall_ms(world), &flow->response);
    if (flow->upload == NULL)
        answered(flow);
}

/* The bytes that the host's side has taken, including its buffer where the transport cannot query connections. */
static void note_sent(struct world_flow *flow)
{
    const struct world_config *config = &flow->transport->world->config;
    uint64_t left = flow->transfer->body.size - flow->read;
    uint64_t early = config->link_hides ? config->link_early : 0;

    flow->transfer->sent = flow->read + (left < early ? left : early);
}

static void run_upload_hook(struct world_flow *flow)
{
    struct world *world = flow->transport->world;
    const struct world_request *record = world_record(world, flow->record);
    const struct world_script *script = world_script_find(world, WORLD_SCRIPT_UPLOAD, record->route, record->nth);

    if (script == NULL || flow->hooked || flow->read < script->at)
        return;
    flow->hooked = true;
    script->act(script->user);
}

static void refuse_body(struct world_flow *flow, int32_t status)
{
    flow->transfer->body_status = status;
    end_with(flow, AD_NET_BODY, flow->transport->world->now_ms);
}

static void check_end_of_body(const struct ad_body *body)
{
    uint8_t beyond[16];

    if (body->ops->read(body->context, beyond, sizeof beyond) > 0)
        world_die("a body source gives more than its %llu bytes", (unsigned long long)body->size);
}

/* One piece of the body. */
static void send_piece(struct world_flow *flow)
{
    struct world *world = flow->transport->world;
    struct ad_transfer *transfer = flow->transfer;
    const struct ad_body *body = &transfer->body;
    size_t wanted = (size_t)next_piece(flow);
    uint8_t piece[WORLD_PIECE];
    int64_t got = 0;

    run_upload_hook(flow);
    if (wanted > 0)
        got = body->ops->read(body->context, piece, wanted);
    if (got < 0 || (got == 0 && wanted > 0)) {
        refuse_body(flow, got < 0 ? (int32_t)got : ANIMALDETECT_E_READER);
        return;
    }
    if ((uint64_t)got > wanted)
        world_die("a body source gave %lld bytes where %zu were asked for", (long long)got, wanted);
    if (flow->upload != NULL)
        svc_upload_feed(flow->upload, piece, (size_t)got);
    flow->read += (uint64_t)got;
    note_sent(flow);
    flow->moved_ms = world->now_ms;
    if (flow->read == body->size) {
        flow->all_ms = flow->all_ms == 0 ? world->now_ms : flow->all_ms;
        run_upload_hook(flow);
        check_end_of_body(body);
        arrive(flow);
    } else if (world->config.link_bps > 0) {
        flow->due_ms = carried_ms(world, next_piece(flow));
    } else if (world->config.upload_bps > 0) {
        flow->due_ms = flow->send_ms + (int64_t)(flow->read * 1000 / (uint64_t)world->config.upload_bps);
    }
}

static void give_headers(struct world_flow *flow)
{
    const struct svc_response *response = &flow->response;
    struct ad_transfer *transfer = flow->transfer;

    for (size_t i = 0; i < response->header_count; i++) {
        const struct svc_header *header = &response->headers[i];

        transfer->on_header(transfer, header->name, strlen(header->name), header->value, strlen(header->value));
    }
    transfer->http_status = response->status;
}

/* The first byte has arrived, or the error in its place. */
static void answer_arrives(struct world_flow *flow)
{
    int64_t now = flow->transport->world->now_ms;

    if (flow->response.delivery != SVC_DELIVER) {
        end_with(flow, AD_NET_BROKEN, now);
        return;
    }
    give_headers(flow);
    flow->phase = WORLD_BODY;
    flow->moved_ms = flow->due_ms = now;
}

/* The body, at once or in pieces of a quarter of a second. */
static void receive(struct world_flow *flow)
{
    const struct svc_response *response = &flow->response;
    struct ad_transfer *transfer = flow->transfer;
    int64_t now = flow->transport->world->now_ms;
    size_t whole = response->send_size < response->declared_size ? response->send_size : response->declared_size;
    size_t size = whole - flow->received;
    int64_t bps = response->bytes_per_second;
    int64_t share = bps / 4 > 0 ? bps / 4 : 1;
    int32_t status = ANIMALDETECT_OK;

    if (bps > 0 && (uint64_t)share < size)
        size = (size_t)share;
    if (size > 0)
        status = ad_buf_add(&transfer->answer, response->body + flow->received, size);
    flow->received += size;
    flow->moved_ms = now;
    if (status != ANIMALDETECT_OK)
        end_with(flow, status == ANIMALDETECT_E_NO_MEMORY ? AD_NET_NO_MEMORY : AD_NET_TOO_LARGE, now);
    else if (flow->received < whole)
        flow->due_ms = now + share * 1000 / bps;
    else
        end_with(flow, whole < response->declared_size ? AD_NET_BROKEN : AD_NET_OK, now);
}

bool world_flow_step(struct world_flow *flow)
{
    int64_t now = flow->transport->world->now_ms;

    if (timeout_at(flow) <= now && timeout_at(flow) < flow->due_ms)
        end_with(flow, AD_NET_TIMEOUT, now);
    switch (flow->phase) {
    case WORLD_CONNECT:
        connected(flow);
        break;
    case WORLD_SEND:
        send_piece(flow);
        break;
    case WORLD_ANSWER:
        answer_arrives(flow);
        break;
    case WORLD_BODY:
        receive(flow);
        break;
    case WORLD_END:
        return true;
    }
    return false;
}

/* Bytes that a relay has taken for the link are acknowledged, and its queue is not in the round-trip time. */
void world_flow_look(struct world_flow *flow, struct ad_transfer *transfer)
{
    const struct world *world = flow->transport->world;
    uint64_t early = world->config.link_early;
    uint64_t left = transfer->body.size - flow->read;
    int64_t queue_us = early > 0 ? 0 : world->link_free_us - world->now_ms * 1000;

    if (flow->phase == WORLD_CONNECT || transfer->body.ops == NULL)
        return;
    transfer->acked = flow->phase == WORLD_SEND && early > 0 ? flow->read + (left < early ? left : early) : flow->read;
    if (flow->all_ms == 0 && transfer->acked == transfer->body.size)
        flow->all_ms = world->now_ms;
    transfer->acked_ms = flow->all_ms;
    transfer->min_rtt_us = 2 * flow->lag_ms * 1000;
    transfer->rtt_us = transfer->min_rtt_us + (queue_us > 0 ? queue_us : 0);
}

void world_flow_clear(struct world_flow *flow)
{
    if (flow->upload != NULL)
        svc_upload_abort(flow->upload);
    if (flow->answered)
        svc_response_clear(&flow->response);
    free(flow);
}
