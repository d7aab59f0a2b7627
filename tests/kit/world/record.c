/* SPDX-License-Identifier: MIT */
/*
 * The record of requests on the wire, with the route of each. Also the strict checks of a request's head: input that a
 * transport must never get fails the test.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kit/world/internal.h"

static const char *const NAMES[] = {
    [SVC_ROUTE_CREATE] = "create", [SVC_ROUTE_UPLOAD] = "upload", [SVC_ROUTE_SUBMIT] = "submit",
    [SVC_ROUTE_POLL] = "poll", [SVC_ROUTE_FETCH] = "fetch", [SVC_ROUTE_OTHER] = "other",
};

enum svc_route world_route_named(const char *name)
{
    for (int route = 0; route < SVC_ROUTE_END; route++)
        if (strcmp(NAMES[route], name) == 0)
            return (enum svc_route)route;
    if (strcmp(name, "any") != 0)
        world_die("there is no route \"%s\"", name);
    return SVC_ROUTE_END;
}

enum svc_route world_route_of(const struct ad_transfer *transfer)
{
    return transfer->body.ops != NULL ? SVC_ROUTE_UPLOAD : svc_route_of_url(transfer->url);
}

static void check_text(const char *text, const char *what)
{
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            world_die("a control character in %s: %.80s", what, text);
}

/* Every header as a line; a line break, a colon in a name, or more headers than fit are violations. */
static char *join_headers(const struct ad_transfer *transfer)
{
    size_t size = 1;
    char *text;
    char *at;

    if (transfer->header_count > AD_TRANSFER_MAX_HEADERS)
        world_die("%zu headers", transfer->header_count);
    for (size_t i = 0; i < transfer->header_count; i++) {
        const struct ad_header *header = &transfer->headers[i];

        check_text(header->name, "the name of a header");
        check_text(header->value, "a header");
        if (*header->name == '\0' || strpbrk(header->name, ": ") != NULL)
            world_die("\"%s\" is no name of a header", header->name);
        size += strlen(header->name) + strlen(header->value) + 3;
    }
    at = text = world_alloc(size);
    for (size_t i = 0; i < transfer->header_count; i++)
        at += snprintf(at, size - (size_t)(at - text), "%s: %s\n", transfer->headers[i].name,
                       transfer->headers[i].value);
    return text;
}

static void check_bearer(struct world *world, const struct ad_transfer *transfer)
{
    const char *storage = world->config.storage_origin;

    if (transfer->bearer == NULL)
        return;
    check_text(transfer->bearer, "the API key");
    if (strncmp(transfer->url, storage, strlen(storage)) != 0)
        return;
    world->violations++;
    snprintf(world->violation, sizeof world->violation, "the API key goes to the storage: %s %.120s", transfer->method,
             transfer->url);
}

static struct world_request *add(struct world *world)
{
    if (world->request_count == world->request_room) {
        world->request_room = world->request_room == 0 ? 64 : world->request_room * 2;
        world->requests = realloc(world->requests, world->request_room * sizeof *world->requests);
        if (world->requests == NULL)
            world_die("out of memory");
    }
    memset(&world->requests[world->request_count], 0, sizeof *world->requests);
    return &world->requests[world->request_count++];
}

bool world_is_bridged(const struct world *world)
{
    return world->config.bridged;
}

size_t world_record_start(struct world *world, const struct ad_transfer *transfer)
{
    struct world_request *request;

    if (transfer->method == NULL || transfer->url == NULL)
        world_die("a transfer without method or URL");
    check_text(transfer->method, "a method");
    check_text(transfer->url, "a URL");
    check_bearer(world, transfer);
    request = add(world);
    request->route = world_route_of(transfer);
    request->nth = ++world->counts[request->route];
    request->method = world_copy(transfer->method);
    request->url = world_copy(transfer->url);
    request->headers = join_headers(transfer);
    request->bearer = world_copy(transfer->bearer);
    request->body_size = transfer->body.ops != NULL ? (size_t)transfer->body.size : transfer->body_size;
    request->start_ms = world->now_ms;
    request->arrived_ms = request->end_ms = -1;
    request->once = transfer->once;
    request->fresh = transfer->fresh;
    if (transfer->body_bytes != NULL) {
        request->body = world_alloc(transfer->body_size + 1);
        memcpy(request->body, transfer->body_bytes, transfer->body_size);
    }
    return world->forgotten + world->request_count - 1;
}

struct world_request *world_record(struct world *world, size_t record)
{
    return record < world->forgotten ? NULL : &world->requests[record - world->forgotten];
}

static void clear(struct world_request *request)
{
    free(request->method);
    free(request->url);
    free(request->headers);
    free(request->bearer);
    free(request->body);
}

void world_record_free(struct world *world)
{
    for (size_t i = 0; i < world->request_count; i++)
        clear(&world->requests[i]);
    free(world->requests);
}

void world_forget(struct world *world)
{
    size_t ended = 0;

    /* Only from the front, so that record numbers stay valid. */
    while (ended < world->request_count && world->requests[ended].end_ms >= 0)
        clear(&world->requests[ended++]);
    if (ended > 0)
        memmove(world->requests, world->requests + ended, (world->request_count - ended) * sizeof *world->requests);
    world->request_count -= ended;
    world->forgotten += ended;
}

size_t world_request_count(const struct world *world)
{
    return world->request_count;
}

const struct world_request *world_request_at(const struct world *world, size_t index)
{
    return index < world->request_count ? &world->requests[index] : NULL;
}

const struct world_request *world_request_of(const struct world *world, const char *route, int nth)
{
    enum svc_route wanted = world_route_named(route);
    int last = wanted == SVC_ROUTE_END ? 0 : world->counts[wanted];

    for (size_t i = 0; i < world->request_count; i++)
        if (world->requests[i].route == wanted && world->requests[i].nth == (nth < 0 ? last : nth))
            return &world->requests[i];
    return NULL;
}

int world_count(const struct world *world, const char *route)
{
    enum svc_route wanted = world_route_named(route);
    int sum = 0;

    for (int i = 0; i < SVC_ROUTE_END; i++)
        sum += wanted == SVC_ROUTE_END || wanted == (enum svc_route)i ? world->counts[i] : 0;
    return sum;
}

bool world_request_header(const struct world_request *request, const char *name, char *out, size_t size)
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
