/* SPDX-License-Identifier: MIT */
/*
 * Carries one request in virtual time to the service and back.  Its phases:
 *
 *   arriving (half the latency) -> answering (the service has responded) -> sending (the response's body) -> completed
 *
 * The service handles a request on arrival, so one canceled before has no effect.  The bytes of an image are read when
 * the request starts, since only then the client's lock is held.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testing/mock/internal.h"

#define MAX_HEADERS 64
#define PIECE 16384

static bool must_be_read(const animaldetect_exchange *exchange)
{
    return animaldetect_exchange_body(exchange) == NULL && animaldetect_exchange_body_size(exchange) > 0;
}

static void fill_request(const animaldetect_exchange *exchange, struct svc_header headers[MAX_HEADERS], char length[24],
                         struct svc_request *request)
{
    size_t count = animaldetect_exchange_header_count(exchange);

    *request = (struct svc_request){.method = animaldetect_exchange_method(exchange),
                                    .url = animaldetect_exchange_url(exchange),
                                    .headers = headers};
    for (size_t i = 0; i < count && i < MAX_HEADERS - 1; i++)
        headers[request->header_count++] = (struct svc_header){animaldetect_exchange_header_name(exchange, i),
                                                               animaldetect_exchange_header_value(exchange, i)};
    (void)snprintf(length, 24, "%" PRIu64, animaldetect_exchange_body_size(exchange));
    headers[request->header_count++] = (struct svc_header){"Content-Length", length};
    request->body = animaldetect_exchange_body(exchange);
    request->body_size = request->body == NULL ? 0 : (size_t)animaldetect_exchange_body_size(exchange);
}

/* The head of an upload reaches the storage before its body. */
static void begin_upload(animaldetect_mock *mock, struct mock_flow *flow)
{
    struct svc_header headers[MAX_HEADERS];
    char length[24];
    struct svc_request head;

    fill_request(flow->exchange, headers, length, &head);
    flow->upload = svc_upload_begin(mock_service(mock), &head, mock_wall_ms(mock), &flow->response);
    flow->answered = flow->upload == NULL;
}

static struct mock_flow *begin(animaldetect_mock *mock, animaldetect_exchange *exchange)
{
    struct mock_flow *flow = mock_alloc(sizeof *flow);
    const struct mock_script *script;

    (void)mock_service(mock);
    flow->exchange = exchange;
    flow->request = mock_record(mock, exchange);
    flow->lag_ms = mock->latency_ms / 2;
    script = mock_script_find(mock, MOCK_SCRIPT_DELAY, flow->request->route);
    flow->delay_ms = script == NULL ? 0 : script->delay_ms;
    script = mock_script_find(mock, MOCK_SCRIPT_FAIL, flow->request->route);
    flow->failure = script == NULL ? 0 : script->failure;
    script = mock_script_find(mock, MOCK_SCRIPT_ANSWER, flow->request->route);
    if (script != NULL && flow->failure == 0) {
        mock_script_answer(script, &flow->response);
        flow->scripted = flow->answered = true;
    }
    if (flow->request->route == SVC_ROUTE_UPLOAD && flow->failure == 0 && !flow->scripted)
        begin_upload(mock, flow);
    return flow;
}

/* Without the mock's lock.  False if the image could not be read. */
static bool read_image(struct mock_flow *flow)
{
    uint8_t piece[PIECE];
    int64_t got;

    while ((got = animaldetect_exchange_read_body(flow->exchange, piece, sizeof piece)) > 0) {
        if (flow->upload != NULL)
            svc_upload_feed(flow->upload, piece, (size_t)got);
    }
    return got == 0;
}

static void clear(struct mock_flow *flow)
{
    if (flow->upload != NULL)
        svc_upload_abort(flow->upload);
    if (flow->answered)
        svc_response_clear(&flow->response);
    free(flow);
}

static void note_end(const animaldetect_mock *mock, animaldetect_mock_request *request, int32_t http_status)
{
    __atomic_store_n(&request->http_status, http_status, __ATOMIC_RELEASE);
    __atomic_store_n(&request->end_ms, mock->now_ms, __ATOMIC_RELEASE);
}

static void enlist(animaldetect_mock *mock, struct mock_flow *flow)
{
    struct mock_flow **end = &mock->flows;

    flow->phase = MOCK_ARRIVING;
    flow->due_ms = mock->now_ms + flow->lag_ms;
    if (flow->failure != 0) {
        flow->phase = MOCK_ANSWERING;
        flow->due_ms = flow->failure == ANIMALDETECT_FAILURE_TIMEOUT ? MOCK_NEVER : flow->due_ms + flow->lag_ms;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = flow;
}

int32_t mock_start(void *user, animaldetect_exchange *exchange)
{
    animaldetect_mock *mock = user;
    struct mock_flow *flow;
    bool good = true;

    pthread_mutex_lock(&mock->lock);
    flow = begin(mock, exchange);
    pthread_mutex_unlock(&mock->lock);
    if (flow->failure == 0 && must_be_read(exchange))
        good = read_image(flow);
    pthread_mutex_lock(&mock->lock);
    if (good) {
        enlist(mock, flow);
    } else {
        note_end(mock, flow->request, 0);
        clear(flow);
        (void)animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, "cannot read the image");
    }
    pthread_mutex_unlock(&mock->lock);
    return ANIMALDETECT_OK;
}

/* If the client canceled before the response to a poll arrived, polling again is no violation. */
static void take_back_answer(animaldetect_mock *mock, const struct mock_flow *flow)
{
    const char *id = strstr(flow->request->url, "/jobs/");
    char text[160];

    if (flow->request->route != SVC_ROUTE_POLL || id == NULL || !flow->answered)
        return;
    (void)snprintf(text, sizeof text, "%.*s", (int)strcspn(id + 6, "/?#"), id + 6);
    svc_answer_lost(mock->svc, text);
}

static void take_off(animaldetect_mock *mock, struct mock_flow *flow)
{
    struct mock_flow **at = &mock->flows;

    while (*at != flow) /* NOLINT(clang-analyzer-core.NullDereference): a flow is in the list until here */
        at = &(*at)->next;
    *at = flow->next;
}

/* Another thread may just have completed the exchange: only exchanges in the list are ours. */
void mock_cancel(void *user, animaldetect_exchange *exchange)
{
    animaldetect_mock *mock = user;
    struct mock_flow *flow;

    pthread_mutex_lock(&mock->lock);
    for (flow = mock->flows; flow != NULL && flow->exchange != exchange; flow = flow->next)
        ;
    if (flow != NULL) {
        take_back_answer(mock, flow);
        take_off(mock, flow);
        note_end(mock, flow->request, 0);
        clear(flow);
        (void)animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, NULL);
    }
    pthread_mutex_unlock(&mock->lock);
}

static void arrive(animaldetect_mock *mock, struct mock_flow *flow)
{
    struct svc_header headers[MAX_HEADERS];
    char length[24];
    struct svc_request request;

    if (flow->upload != NULL) {
        svc_upload_end(mock->svc, flow->upload, mock_wall_ms(mock), &flow->response);
        flow->upload = NULL;
    } else if (!flow->answered) {
        fill_request(flow->exchange, headers, length, &request);
        svc_handle(mock->svc, &request, mock_wall_ms(mock), &flow->response);
    }
    flow->answered = true;
    flow->phase = MOCK_ANSWERING;
    flow->due_ms = mock->now_ms + flow->lag_ms + flow->delay_ms + flow->response.delay_ms;
    if (flow->response.delivery == SVC_STALL)
        flow->due_ms = MOCK_NEVER;
}

static void fail(animaldetect_mock *mock, struct mock_flow *flow, int32_t failure, const char *words)
{
    animaldetect_exchange *exchange = flow->exchange;

    take_off(mock, flow);
    note_end(mock, flow->request, 0);
    clear(flow);
    (void)animaldetect_exchange_fail(exchange, failure, words);
}

static const char *words_of(int32_t failure)
{
    switch ((enum animaldetect_failure)failure) {
    case ANIMALDETECT_FAILURE_CONNECT:
        return "could not connect";
    case ANIMALDETECT_FAILURE_TLS:
        return "certificate rejected";
    case ANIMALDETECT_FAILURE_REFUSED:
        return "the transport cannot send this request";
    case ANIMALDETECT_FAILURE_BROKEN:
    case ANIMALDETECT_FAILURE_TIMEOUT:
        break;
    }
    return "connection reset by peer";
}

static void give_head(animaldetect_mock *mock, struct mock_flow *flow)
{
    const struct svc_response *response = &flow->response;

    if (flow->failure != 0 || response->delivery != SVC_DELIVER) {
        int32_t failure = flow->failure != 0 ? flow->failure : ANIMALDETECT_FAILURE_BROKEN;

        fail(mock, flow, failure, words_of(failure));
        return;
    }
    (void)animaldetect_exchange_set_status(flow->exchange, response->status);
    for (size_t i = 0; i < response->header_count; i++)
        (void)animaldetect_exchange_add_header(flow->exchange, response->headers[i].name, response->headers[i].value);
    flow->phase = MOCK_SENDING;
}

/* The whole body, or what fits in a quarter of a second. */
static void give_piece(animaldetect_mock *mock, struct mock_flow *flow)
{
    const struct svc_response *response = &flow->response;
    animaldetect_exchange *exchange = flow->exchange;
    size_t whole = response->send_size < response->declared_size ? response->send_size : response->declared_size;
    size_t size = whole - flow->received;
    int64_t share = response->bytes_per_second / 4 > 0 ? response->bytes_per_second / 4 : 1;

    if (response->bytes_per_second > 0 && (uint64_t)share < size)
        size = (size_t)share;
    if (size > 0)
        (void)animaldetect_exchange_add_body(exchange, response->body + flow->received, size);
    flow->received += size;
    if (flow->received < whole) {
        flow->due_ms = mock->now_ms + share * 1000 / response->bytes_per_second;
    } else if (whole < response->declared_size) {
        fail(mock, flow, ANIMALDETECT_FAILURE_BROKEN, "the response was cut short");
    } else {
        take_off(mock, flow);
        note_end(mock, flow->request, response->status);
        clear(flow);
        (void)animaldetect_exchange_complete(exchange);
    }
}

static struct mock_flow *first_due(const animaldetect_mock *mock)
{
    struct mock_flow *first = NULL;

    for (struct mock_flow *flow = mock->flows; flow != NULL; flow = flow->next) {
        if (first == NULL || flow->due_ms < first->due_ms)
            first = flow;
    }
    return first;
}

int64_t mock_next_due_ms(const animaldetect_mock *mock)
{
    const struct mock_flow *first = first_due(mock);

    return first == NULL ? MOCK_NEVER : first->due_ms;
}

void mock_deliver_due(animaldetect_mock *mock)
{
    struct mock_flow *flow;

    while ((flow = first_due(mock)) != NULL && flow->due_ms <= mock->now_ms) {
        if (flow->phase == MOCK_ARRIVING)
            arrive(mock, flow);
        else if (flow->phase == MOCK_ANSWERING)
            give_head(mock, flow);
        else
            give_piece(mock, flow);
    }
}
