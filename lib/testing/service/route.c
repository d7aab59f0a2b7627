/* SPDX-License-Identifier: MIT */
/*
 * Finds place, route and job id of a request, for both bases of the API.  Anything but the five routes is
 * SVC_ROUTE_OTHER; nothing is answered here.
 */
#include <string.h>
#include <strings.h>

#include "testing/service/internal.h"

/* True if the URL's origin is `origin`, with or without an explicit default port; `*rest` is what follows it. */
static bool has_origin(const char *url, const char *origin, const char **rest)
{
    size_t size = origin ? strlen(origin) : 0;

    if (size == 0 || strncasecmp(url, origin, size) != 0)
        return false;
    url += size;
    if (strncmp(url, ":443", 4) == 0 && strncmp(origin, "https:", 6) == 0)
        url += 4;
    else if (strncmp(url, ":80", 3) == 0 && strncmp(origin, "http:", 5) == 0)
        url += 3;
    if (*url && *url != '/' && *url != '?' && *url != '#')
        return false;
    *rest = url;
    return true;
}

bool svc_url_has_origin(const char *url, const char *origin)
{
    const char *rest;

    return has_origin(url, origin, &rest);
}

/* Sets place and origin; returns the path with query. */
static const char *find_place(struct svc_exchange *exchange)
{
    const struct svc_config *config = &exchange->svc->config;
    const char *url = exchange->request->url;
    const char *rest = "";

    exchange->origin = config->api_origin;
    exchange->place = exchange->request->place;
    if (!url)
        return exchange->request->target ? exchange->request->target : "";
    if (has_origin(url, config->api_origin, &rest)) {
        exchange->place = SVC_API;
    } else if (has_origin(url, config->old_api_origin, &rest)) {
        exchange->place = SVC_API;
        exchange->origin = config->old_api_origin;
    } else if (has_origin(url, config->storage_origin, &rest)) {
        exchange->place = SVC_STORAGE;
    } else {
        exchange->place = SVC_OTHER;
    }
    return rest;
}

static bool take_id(struct svc_exchange *exchange, const char *text, size_t size)
{
    if (size == 0 || size >= sizeof(exchange->id))
        return false;
    memcpy(exchange->id, text, size);
    exchange->id[size] = '\0';
    return true;
}

/* An upload, or a result served by the storage. */
static enum svc_route storage_route(struct svc_exchange *exchange)
{
    static const char results[] = "/animal_detect/jobs/";
    const char *path = exchange->path;
    const char *name = strrchr(path, '/');
    size_t size;

    if (strncmp(path, results, sizeof(results) - 1) == 0) {
        path += sizeof(results) - 1;
        size = strcspn(path, "/");
        if (strcmp(path + size, "/result") == 0 && take_id(exchange, path, size))
            return SVC_ROUTE_FETCH;
    } else if (name) {
        take_id(exchange, name + 1, strlen(name + 1));
    }
    return SVC_ROUTE_UPLOAD;
}

static enum svc_route api_route(struct svc_exchange *exchange)
{
    const char *path = exchange->path;
    size_t size;

    if (strcmp(path, "/jobs") == 0)
        return SVC_ROUTE_CREATE;
    if (strncmp(path, "/jobs/", 6) != 0)
        return SVC_ROUTE_OTHER;
    path += 6;
    size = strcspn(path, "/");
    if (!take_id(exchange, path, size))
        return SVC_ROUTE_OTHER;
    path += size;
    if (*path == '\0')
        return SVC_ROUTE_POLL;
    if (strcmp(path, "/submit") == 0)
        return SVC_ROUTE_SUBMIT;
    return strcmp(path, "/result") == 0 ? SVC_ROUTE_FETCH : SVC_ROUTE_OTHER;
}

/* Removes the base from the path; false if it has neither of the two. */
static bool cut_base(struct svc_exchange *exchange)
{
    static const char *const bases[] = {"/v1", "/api/v1"};

    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(bases[i]);

        if (strncmp(exchange->path, bases[i], size) == 0 && exchange->path[size] == '/') {
            memmove(exchange->path, exchange->path + size, strlen(exchange->path + size) + 1);
            exchange->base = bases[i];
            return true;
        }
    }
    return false;
}

void svc_route_find(struct svc_exchange *exchange)
{
    const char *target = find_place(exchange);
    size_t size = strcspn(target, "?#");

    exchange->route = SVC_ROUTE_OTHER;
    exchange->base = "/v1";
    exchange->query = target[size] == '?' ? target + size + 1 : "";
    if (exchange->svc->config.answer_origin)
        exchange->origin = exchange->svc->config.answer_origin;
    if (size >= sizeof(exchange->path))
        return;
    memcpy(exchange->path, target, size);
    exchange->path[size] = '\0';
    if (exchange->place == SVC_API && cut_base(exchange)) {
        exchange->route = api_route(exchange);
    } else if (exchange->place == SVC_STORAGE) {
        exchange->route = storage_route(exchange);
    }
}

static bool path_ends(const char *url, size_t size, const char *end)
{
    size_t length = strlen(end);

    return size >= length && memcmp(url + size - length, end, length) == 0;
}

enum svc_route svc_route_of_url(const char *url)
{
    size_t size = strcspn(url, "?#");

    if (path_ends(url, size, "/jobs"))
        return SVC_ROUTE_CREATE;
    if (path_ends(url, size, "/submit"))
        return SVC_ROUTE_SUBMIT;
    if (path_ends(url, size, "/result"))
        return SVC_ROUTE_FETCH;
    return strstr(url, "/jobs/") != NULL ? SVC_ROUTE_POLL : SVC_ROUTE_OTHER;
}
