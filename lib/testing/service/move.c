/* SPDX-License-Identifier: MIT */
/*
 * Redirects: where a request is redirected to, and whether it already is at that place. A place is "foreign", "api",
 * "old", "storage" (a result served by the storage), a base ("/v1", a relative redirect), or a URL with or without a
 * base. A request to that place is answered, so that no redirect loops.
 */
#include <string.h>
#include <strings.h>

#include "testing/service/internal.h"

/* An origin and a base; origin "": relative. */
struct target {
    char origin[SVC_MAX_PATH];
    const char *base;
};

static size_t origin_size(const char *url)
{
    const char *host = strstr(url, "://");

    return host ? (size_t)(host + 3 - url) + strcspn(host + 3, "/") : 0;
}

static void resolve(const struct svc_exchange *exchange, const char *place, struct target *target)
{
    const struct svc_config *config = &exchange->svc->config;
    size_t size = origin_size(place);

    *target = (struct target){.base = exchange->base};
    if (strcmp(place, "api") == 0) {
        (void)snprintf(target->origin, sizeof(target->origin), "%s", config->api_origin);
        target->base = "/v1";
    } else if (strcmp(place, "old") == 0) {
        (void)snprintf(target->origin, sizeof(target->origin), "%s", config->old_api_origin);
        target->base = "/api/v1";
    } else if (size > 0) {
        (void)snprintf(target->origin, sizeof(target->origin), "%.*s", (int)size, place);
        if (place[size])
            target->base = place + size;
    } else if (*place == '/') {
        target->base = place;
    } else {
        (void)snprintf(target->origin, sizeof(target->origin), "%s", config->foreign_origin);
    }
}

const char *svc_move_check(const struct svc *svc, const char *place)
{
    if (strcmp(place, "old") == 0)
        return svc->config.old_api_origin ? NULL : "there is no older origin";
    if (strcmp(place, "api") == 0 || strcmp(place, "foreign") == 0 || strcmp(place, "storage") == 0)
        return NULL;
    if (*place == '/')
        return strcmp(place, "/v1") == 0 || strcmp(place, "/api/v1") == 0 ? NULL : "a base is /v1 or /api/v1";
    if ((strncmp(place, "https://", 8) != 0 && strncmp(place, "http://", 7) != 0) || strlen(place) >= SVC_MAX_PATH ||
        origin_size(place) == (size_t)(strstr(place, "://") - place) + 3)
        return "to is not foreign, api, old, storage, a base or a URL";
    return NULL;
}

/* Whether the request was made to the origin; a front end without a URL passes its host. */
static bool is_at(const struct svc_exchange *exchange, const char *origin)
{
    const struct svc_request *request = exchange->request;
    const char *host;

    if (!*origin)
        return true;
    if (request->url)
        return svc_url_has_origin(request->url, origin);
    host = svc_request_header(request, "Host");
    origin = strstr(origin, "://");
    return host && origin && strcasecmp(host, origin + 3) == 0;
}

bool svc_move_is_there(struct svc_exchange *exchange, const char *place)
{
    struct target target;

    if (strcmp(place, "storage") == 0)
        return exchange->place == SVC_STORAGE;
    if (strcmp(place, "foreign") == 0 || exchange->place != SVC_API)
        return false;
    resolve(exchange, place, &target);
    if (!is_at(exchange, target.origin) || strcmp(target.base, exchange->base) != 0)
        return false;
    if (*target.origin && !exchange->svc->config.answer_origin) {
        (void)snprintf(exchange->moved_origin, sizeof(exchange->moved_origin), "%s", target.origin);
        exchange->origin = exchange->moved_origin;
    }
    return true;
}

void svc_move_answer(struct svc_exchange *exchange, const char *place)
{
    char url[SVC_MAX_PATH * 3];
    char path[SVC_MAX_PATH];
    struct target target;

    if (strcmp(place, "storage") == 0) {
        (void)snprintf(path, sizeof(path), "/animal_detect/jobs/%s/result", exchange->id);
        svc_signed_url(exchange->svc, path, exchange->now_ms + exchange->svc->config.upload_ttl_ms,
                       exchange->svc->generation, url, sizeof(url));
    } else {
        resolve(exchange, place, &target);
        (void)snprintf(url, sizeof(url), "%s%s%s", target.origin, target.base, exchange->path);
    }
    svc_answer_header(exchange->response, "Location", url);
}
