/* SPDX-License-Identifier: MIT */
/*
 * The record of requests, and which route each had.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "testing/mock/internal.h"

static const char *const NAMES[] = {
    [SVC_ROUTE_CREATE] = "create", [SVC_ROUTE_UPLOAD] = "upload", [SVC_ROUTE_SUBMIT] = "submit",
    [SVC_ROUTE_POLL] = "poll",     [SVC_ROUTE_FETCH] = "fetch",   [SVC_ROUTE_OTHER] = "other",
    [SVC_ROUTE_END] = "any",
};

bool mock_route_named(const char *name, enum svc_route *out)
{
    for (int route = 0; name != NULL && route <= SVC_ROUTE_END; route++) {
        if (strcmp(NAMES[route], name) == 0) {
            *out = (enum svc_route)route;
            return true;
        }
    }
    return false;
}

static enum svc_route route_of(const animaldetect_exchange *exchange)
{
    const char *url = animaldetect_exchange_url(exchange);

    /* The storage accepts uploads and serves results. */
    if (strncmp(url, MOCK_STORAGE "/", sizeof MOCK_STORAGE) == 0 && svc_route_of_url(url) != SVC_ROUTE_FETCH)
        return SVC_ROUTE_UPLOAD;
    return svc_route_of_url(url);
}

static void append(struct mock_requests *requests, animaldetect_mock_request *request)
{
    if (requests->count == requests->room) {
        requests->room = requests->room == 0 ? 64 : requests->room * 2;
        requests->at = realloc(requests->at, requests->room * sizeof(animaldetect_mock_request *));
        if (requests->at == NULL)
            abort();
    }
    requests->at[requests->count++] = request;
}

animaldetect_mock_request *mock_record(animaldetect_mock *mock, const animaldetect_exchange *exchange)
{
    animaldetect_mock_request *request = mock_alloc(sizeof *request);
    const uint8_t *body = animaldetect_exchange_body(exchange);

    request->route = route_of(exchange);
    request->method = mock_copy(animaldetect_exchange_method(exchange));
    request->url = mock_copy(animaldetect_exchange_url(exchange));
    request->header_count = animaldetect_exchange_header_count(exchange);
    request->headers = mock_alloc(2 * request->header_count * sizeof(char *));
    for (size_t i = 0; i < request->header_count; i++) {
        request->headers[2 * i] = mock_copy(animaldetect_exchange_header_name(exchange, i));
        request->headers[2 * i + 1] = mock_copy(animaldetect_exchange_header_value(exchange, i));
    }
    request->body_size = animaldetect_exchange_body_size(exchange);
    if (body != NULL)
        request->body = mock_copy_n(body, (size_t)request->body_size);
    request->start_ms = mock->now_ms;
    request->end_ms = -1;
    append(&mock->routes[request->route], request);
    append(&mock->routes[SVC_ROUTE_END], request);
    return request;
}

static void free_request(animaldetect_mock_request *request)
{
    for (size_t i = 0; i < 2 * request->header_count; i++)
        free(request->headers[i]);
    free(request->headers);
    free(request->method);
    free(request->url);
    free(request->body);
    free(request);
}

void mock_record_free(animaldetect_mock *mock)
{
    struct mock_requests *all = &mock->routes[SVC_ROUTE_END];

    for (size_t i = 0; i < all->count; i++)
        free_request(all->at[i]);
    for (int route = 0; route <= SVC_ROUTE_END; route++)
        free(mock->routes[route].at);
}

size_t animaldetect_mock_request_count(const animaldetect_mock *mock, const char *route)
{
    enum svc_route which;
    size_t count;

    if (mock == NULL || !mock_route_named(route, &which))
        return 0;
    pthread_mutex_lock(mock_lock_of(mock));
    count = mock->routes[which].count;
    pthread_mutex_unlock(mock_lock_of(mock));
    return count;
}

const animaldetect_mock_request *animaldetect_mock_request_at(const animaldetect_mock *mock, const char *route,
                                                              size_t index)
{
    const animaldetect_mock_request *request = NULL;
    enum svc_route which;

    if (mock == NULL || !mock_route_named(route, &which))
        return NULL;
    pthread_mutex_lock(mock_lock_of(mock));
    if (index < mock->routes[which].count)
        request = mock->routes[which].at[index];
    pthread_mutex_unlock(mock_lock_of(mock));
    return request;
}

const char *animaldetect_mock_request_route(const animaldetect_mock_request *request)
{
    return request == NULL ? NULL : NAMES[request->route];
}

const char *animaldetect_mock_request_method(const animaldetect_mock_request *request)
{
    return request == NULL ? NULL : request->method;
}

const char *animaldetect_mock_request_url(const animaldetect_mock_request *request)
{
    return request == NULL ? NULL : request->url;
}

const char *animaldetect_mock_request_header(const animaldetect_mock_request *request, const char *name)
{
    size_t count = request == NULL || name == NULL ? 0 : request->header_count;

    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(request->headers[2 * i], name) == 0)
            return request->headers[2 * i + 1];
    }
    return NULL;
}

const char *animaldetect_mock_request_body(const animaldetect_mock_request *request)
{
    return request == NULL ? NULL : request->body;
}

uint64_t animaldetect_mock_request_body_size(const animaldetect_mock_request *request)
{
    return request == NULL ? 0 : request->body_size;
}

int32_t animaldetect_mock_request_http_status(const animaldetect_mock_request *request)
{
    return request == NULL ? 0 : __atomic_load_n(&request->http_status, __ATOMIC_ACQUIRE);
}

int64_t animaldetect_mock_request_start_ms(const animaldetect_mock_request *request)
{
    return request == NULL ? -1 : request->start_ms;
}

int64_t animaldetect_mock_request_end_ms(const animaldetect_mock_request *request)
{
    return request == NULL ? -1 : __atomic_load_n(&request->end_ms, __ATOMIC_ACQUIRE);
}
