/* SPDX-License-Identifier: MIT */
/*
 * The record of what went on the wire, and how a route is told from a request.
 * Also the strict checks of a request's head: what a transport must never be given ends the test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mock/internal.h"

static const char *const NAMES[] = {
    [SVC_ROUTE_CREATE] = "create", [SVC_ROUTE_UPLOAD] = "upload", [SVC_ROUTE_SUBMIT] = "submit",
    [SVC_ROUTE_STATUS] = "status", [SVC_ROUTE_RESULT] = "result", [SVC_ROUTE_OTHER] = "other",
};

enum svc_route mock_route_named(const char *name)
{
    for (int route = 0; route < SVC_ROUTE_END; route++)
        if (strcmp(NAMES[route], name) == 0)
            return (enum svc_route)route;
    if (strcmp(name, "any") != 0)
        mock_die("there is no route \"%s\"", name);
    return SVC_ROUTE_END;
}

static bool path_ends(const char *url, size_t size, const char *end)
{
    size_t length = strlen(end);

    return size >= length && memcmp(url + size - length, end, length) == 0;
}

enum svc_route mock_route_of(const struct ad_transfer *transfer)
{
    const char *url = transfer->url;
    size_t size = strcspn(url, "?#");

    if (transfer->body.ops != NULL)
        return SVC_ROUTE_UPLOAD;
    if (path_ends(url, size, "/jobs"))
        return SVC_ROUTE_CREATE;
    if (path_ends(url, size, "/submit"))
        return SVC_ROUTE_SUBMIT;
    if (path_ends(url, size, "/result"))
        return SVC_ROUTE_RESULT;
    return strstr(url, "/jobs/") != NULL ? SVC_ROUTE_STATUS : SVC_ROUTE_OTHER;
}

static void check_text(const char *text, const char *what)
{
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            mock_die("a control character in %s: %.80s", what, text);
}

/* Every header as a line; nothing with a line end, a colon in a name, or more than there is room for may come here. */
static char *join_headers(const struct ad_transfer *transfer)
{
    size_t size = 1;
    char *text;
    char *at;

    if (transfer->header_count > AD_TRANSFER_MAX_HEADERS)
        mock_die("%zu headers", transfer->header_count);
    for (size_t i = 0; i < transfer->header_count; i++) {
        const struct ad_header *header = &transfer->headers[i];

        check_text(header->name, "the name of a header");
        check_text(header->value, "a header");
        if (*header->name == '\0' || strpbrk(header->name, ": ") != NULL)
            mock_die("\"%s\" is no name of a header", header->name);
        size += strlen(header->name) + strlen(header->value) + 3;
    }
    at = text = mock_alloc(size);
    for (size_t i = 0; i < transfer->header_count; i++)
        at += snprintf(at, size - (size_t)(at - text), "%s: %s\n", transfer->headers[i].name,
                       transfer->headers[i].value);
    return text;
}

static void check_bearer(struct mock *mock, const struct ad_transfer *transfer)
{
    const char *storage = mock->config.storage_origin;

    if (transfer->bearer == NULL)
        return;
    check_text(transfer->bearer, "the API key");
    if (strncmp(transfer->url, storage, strlen(storage)) != 0)
        return;
    mock->violations++;
    snprintf(mock->violation, sizeof mock->violation, "the API key goes to the storage: %s %.120s", transfer->method,
             transfer->url);
}

static struct mock_request *add(struct mock *mock)
{
    if (mock->request_count == mock->request_room) {
        mock->request_room = mock->request_room == 0 ? 64 : mock->request_room * 2;
        mock->requests = realloc(mock->requests, mock->request_room * sizeof *mock->requests);
        if (mock->requests == NULL)
            mock_die("out of memory");
    }
    memset(&mock->requests[mock->request_count], 0, sizeof *mock->requests);
    return &mock->requests[mock->request_count++];
}

size_t mock_record_start(struct mock *mock, const struct ad_transfer *transfer)
{
    struct mock_request *request;

    if (transfer->method == NULL || transfer->url == NULL)
        mock_die("a transfer without method or URL");
    check_text(transfer->method, "a method");
    check_text(transfer->url, "a URL");
    check_bearer(mock, transfer);
    request = add(mock);
    request->route = mock_route_of(transfer);
    request->nth = ++mock->counts[request->route];
    request->method = mock_copy(transfer->method);
    request->url = mock_copy(transfer->url);
    request->headers = join_headers(transfer);
    request->bearer = mock_copy(transfer->bearer);
    request->body_size = transfer->body.ops != NULL ? (size_t)transfer->body.size : transfer->body_size;
    request->start_ms = mock->now_ms;
    request->end_ms = -1;
    if (transfer->body_bytes != NULL) {
        request->body = mock_alloc(transfer->body_size + 1);
        memcpy(request->body, transfer->body_bytes, transfer->body_size);
    }
    return mock->forgotten + mock->request_count - 1;
}

struct mock_request *mock_record(struct mock *mock, size_t record)
{
    return record < mock->forgotten ? NULL : &mock->requests[record - mock->forgotten];
}

static void clear(struct mock_request *request)
{
    free(request->method);
    free(request->url);
    free(request->headers);
    free(request->bearer);
    free(request->body);
}

void mock_record_free(struct mock *mock)
{
    for (size_t i = 0; i < mock->request_count; i++)
        clear(&mock->requests[i]);
    free(mock->requests);
}

void mock_forget(struct mock *mock)
{
    size_t ended = 0;

    /* Only from the front, so that numbers stay what they are. */
    while (ended < mock->request_count && mock->requests[ended].end_ms >= 0)
        clear(&mock->requests[ended++]);
    if (ended > 0)
        memmove(mock->requests, mock->requests + ended, (mock->request_count - ended) * sizeof *mock->requests);
    mock->request_count -= ended;
    mock->forgotten += ended;
}

size_t mock_request_count(const struct mock *mock)
{
    return mock->request_count;
}

const struct mock_request *mock_request_at(const struct mock *mock, size_t index)
{
    return index < mock->request_count ? &mock->requests[index] : NULL;
}

const struct mock_request *mock_request_of(const struct mock *mock, const char *route, int nth)
{
    enum svc_route wanted = mock_route_named(route);
    int last = wanted == SVC_ROUTE_END ? 0 : mock->counts[wanted];

    for (size_t i = 0; i < mock->request_count; i++)
        if (mock->requests[i].route == wanted && mock->requests[i].nth == (nth < 0 ? last : nth))
            return &mock->requests[i];
    return NULL;
}

int mock_count(const struct mock *mock, const char *route)
{
    enum svc_route wanted = mock_route_named(route);
    int sum = 0;

    for (int i = 0; i < SVC_ROUTE_END; i++)
        sum += wanted == SVC_ROUTE_END || wanted == (enum svc_route)i ? mock->counts[i] : 0;
    return sum;
}

bool mock_request_header(const struct mock_request *request, const char *name, char *out, size_t size)
{
    size_t length = strlen(name);

    for (const char *line = request->headers; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (strncasecmp(line, name, length) != 0 || line[length] != ':')
            continue;
        line += length + 2;
        snprintf(out, size, "%.*s", (int)strcspn(line, "\n"), line);
        return true;
    }
    return false;
}
