/* SPDX-License-Identifier: MIT */
/*
 * Scripts: what a test injects at the nth request of a route, in place of the model's behavior.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/world/internal.h"

/* Appended: of two that match, the one that was added first applies. */
static struct world_script *add(struct world *world, int kind, const char *route, int nth)
{
    struct world_script *script = world_alloc(sizeof *script);
    struct world_script **end = &world->scripts;

    script->kind = (__typeof__(script->kind))kind;
    script->route = world_route_named(route);
    script->nth = nth;
    pthread_mutex_lock(&world->lock);
    while (*end != NULL)
        end = &(*end)->next;
    *end = script;
    pthread_mutex_unlock(&world->lock);
    return script;
}

void world_answer(struct world *world, const char *route, int nth, int status, const char *headers, const char *body)
{
    struct world_script *script = add(world, WORLD_SCRIPT_ANSWER, route, nth);

    script->headers = world_copy(headers);
    script->body = world_copy(body);
    script->status = status;
}

void world_net(struct world *world, const char *route, int nth, enum ad_net net)
{
    add(world, WORLD_SCRIPT_NET, route, nth)->net = net;
}

void world_outage(struct world *world, int64_t from_ms, int64_t until_ms, enum ad_net net)
{
    world->outage_from_ms = from_ms;
    world->outage_until_ms = until_ms;
    world->outage = net;
}

void world_rewrite(struct world *world, const char *route, int nth, const char *from, const char *to)
{
    struct world_script *script = add(world, WORLD_SCRIPT_REWRITE, route, nth);

    script->body = world_copy(from);
    script->to = world_copy(to);
}

static void hook(struct world_script *script, uint64_t at, void (*act)(void *user), void *user)
{
    script->at = at;
    script->act = act;
    script->user = user;
}

void world_on_upload(struct world *world, int nth, uint64_t at, void (*act)(void *user), void *user)
{
    hook(add(world, WORLD_SCRIPT_UPLOAD, "upload", nth), at, act, user);
}

void world_on_effect(struct world *world, const char *route, int nth, void (*act)(void *user), void *user)
{
    hook(add(world, WORLD_SCRIPT_EFFECT, route, nth), 0, act, user);
}

const struct world_script *world_script_find(const struct world *world, int kind, enum svc_route route, int nth)
{
    for (const struct world_script *script = world->scripts; script != NULL; script = script->next) {
        bool routed = script->route == route || script->route == SVC_ROUTE_END;

        if ((int)script->kind == kind && routed && (script->nth == 0 || script->nth == nth))
            return script;
    }
    return NULL;
}

void world_script_rewrite(const struct world_script *script, struct svc_response *response)
{
    char *found = response->body == NULL ? NULL : strstr(response->body, script->body);
    size_t from = strlen(script->body);
    size_t to = strlen(script->to);
    size_t before;
    char *body;

    if (found == NULL)
        world_die("a rewrite finds no %s in %d %s", script->body, response->status,
                  response->body == NULL ? "" : response->body);
    before = (size_t)(found - response->body);
    body = world_alloc(response->body_size - from + to + 1);
    memcpy(body, response->body, before);
    memcpy(body + before, script->to, to);
    memcpy(body + before + to, found + from, response->body_size - before - from);
    free(response->body);
    response->body = body;
    response->body_size = response->body_size - from + to;
    response->send_size = response->declared_size = response->body_size;
}

/* Splits "Name: value" lines in place; names and values point into `memory`, which the response owns. */
static void split_headers(struct svc_response *response, const char *headers)
{
    char *rest = response->memory = world_copy(headers);
    char *line;

    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
        char *value = strstr(line, ": ");

        if (value == NULL || response->header_count == SVC_MAX_HEADERS)
            world_die("a scripted header cannot be used: %s", line);
        *value = '\0';
        response->headers[response->header_count++] = (struct svc_header){line, value + 2};
    }
}

void world_script_answer(const struct world_script *script, struct world_flow *flow)
{
    struct svc_response *response = &flow->response;

    memset(response, 0, sizeof *response);
    response->status = script->status;
    if (script->headers != NULL)
        split_headers(response, script->headers);
    response->body = world_copy(script->body == NULL ? "" : script->body);
    response->body_size = strlen(response->body);
    response->send_size = response->declared_size = response->body_size;
}

void world_script_free(struct world *world)
{
    while (world->scripts != NULL) {
        struct world_script *script = world->scripts;

        world->scripts = script->next;
        free(script->headers);
        free(script->body);
        free(script->to);
        free(script);
    }
}
