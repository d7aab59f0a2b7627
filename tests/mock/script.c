/* SPDX-License-Identifier: MIT */
/*
 * Scripts: what a test wants to happen at the nth request of a route, past the model.
 */
#include <stdlib.h>
#include <string.h>

#include "mock/internal.h"

/* Behind the others: of two that fit, the one that was added first counts. */
static struct mock_script *add(struct mock *mock, int kind, const char *route, int nth)
{
    struct mock_script *script = mock_alloc(sizeof *script);
    struct mock_script **end = &mock->scripts;

    script->kind = (__typeof__(script->kind))kind;
    script->route = mock_route_named(route);
    script->nth = nth;
    pthread_mutex_lock(&mock->lock);
    while (*end != NULL)
        end = &(*end)->next;
    *end = script;
    pthread_mutex_unlock(&mock->lock);
    return script;
}

void mock_answer(struct mock *mock, const char *route, int nth, int status, const char *headers, const char *body)
{
    struct mock_script *script = add(mock, MOCK_SCRIPT_ANSWER, route, nth);

    script->headers = mock_copy(headers);
    script->body = mock_copy(body);
    script->status = status;
}

void mock_net(struct mock *mock, const char *route, int nth, enum ad_net net)
{
    add(mock, MOCK_SCRIPT_NET, route, nth)->net = net;
}

void mock_rewrite(struct mock *mock, const char *route, int nth, const char *from, const char *to)
{
    struct mock_script *script = add(mock, MOCK_SCRIPT_REWRITE, route, nth);

    script->body = mock_copy(from);
    script->to = mock_copy(to);
}

static void hook(struct mock_script *script, uint64_t at, void (*act)(void *user), void *user)
{
    script->at = at;
    script->act = act;
    script->user = user;
}

void mock_on_upload(struct mock *mock, int nth, uint64_t at, void (*act)(void *user), void *user)
{
    hook(add(mock, MOCK_SCRIPT_UPLOAD, "upload", nth), at, act, user);
}

void mock_on_effect(struct mock *mock, const char *route, int nth, void (*act)(void *user), void *user)
{
    hook(add(mock, MOCK_SCRIPT_EFFECT, route, nth), 0, act, user);
}

const struct mock_script *mock_script_find(const struct mock *mock, int kind, enum svc_route route, int nth)
{
    for (const struct mock_script *script = mock->scripts; script != NULL; script = script->next) {
        bool routed = script->route == route || script->route == SVC_ROUTE_END;

        if ((int)script->kind == kind && routed && (script->nth == 0 || script->nth == nth))
            return script;
    }
    return NULL;
}

void mock_script_rewrite(const struct mock_script *script, struct svc_response *response)
{
    char *found = response->body == NULL ? NULL : strstr(response->body, script->body);
    size_t from = strlen(script->body);
    size_t to = strlen(script->to);
    size_t before;
    char *body;

    if (found == NULL)
        mock_die("a rewrite finds no %s in %d %s", script->body, response->status,
                 response->body == NULL ? "" : response->body);
    before = (size_t)(found - response->body);
    body = mock_alloc(response->body_size - from + to + 1);
    memcpy(body, response->body, before);
    memcpy(body + before, script->to, to);
    memcpy(body + before + to, found + from, response->body_size - before - from);
    free(response->body);
    response->body = body;
    response->body_size = response->body_size - from + to;
    response->send_size = response->declared_size = response->body_size;
}

/* Splits "Name: value" lines in place; the names and values point into `memory`, which the response owns. */
static void split_headers(struct svc_response *response, const char *headers)
{
    char *rest = response->memory = mock_copy(headers);
    char *line;

    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL) {
        char *value = strstr(line, ": ");

        if (value == NULL || response->header_count == SVC_MAX_HEADERS)
            mock_die("a scripted header cannot be used: %s", line);
        *value = '\0';
        response->headers[response->header_count++] = (struct svc_header){line, value + 2};
    }
}

void mock_script_answer(const struct mock_script *script, struct mock_flow *flow)
{
    struct svc_response *response = &flow->response;

    memset(response, 0, sizeof *response);
    response->status = script->status;
    if (script->headers != NULL)
        split_headers(response, script->headers);
    response->body = mock_copy(script->body == NULL ? "" : script->body);
    response->body_size = strlen(response->body);
    response->send_size = response->declared_size = response->body_size;
}

void mock_script_free(struct mock *mock)
{
    while (mock->scripts != NULL) {
        struct mock_script *script = mock->scripts;

        mock->scripts = script->next;
        free(script->headers);
        free(script->body);
        free(script->to);
        free(script);
    }
}
