/* SPDX-License-Identifier: MIT */
/*
 * Scripts: what a test does with the nth request of a route, without asking the service.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/mock/internal.h"

/* Appends: of two that match, the one added first wins.  NULL, with a message, if it is refused. */
static struct mock_script *make(animaldetect_mock *mock, enum mock_script_kind kind, const char *route, int32_t nth)
{
    struct mock_script *script;
    enum svc_route which;

    if (!mock_route_named(route, &which) || nth < 0) {
        (void)mock_refuse(mock, "unknown route or request number: %s, %d", route == NULL ? "NULL" : route, (int)nth);
        return NULL;
    }
    script = mock_alloc(sizeof *script);
    script->kind = kind;
    script->route = which;
    script->nth = nth;
    return script;
}

static int32_t add(animaldetect_mock *mock, struct mock_script *script)
{
    struct mock_script **end = &mock->scripts;

    pthread_mutex_lock(&mock->lock);
    while (*end != NULL)
        end = &(*end)->next;
    *end = script;
    pthread_mutex_unlock(&mock->lock);
    return ANIMALDETECT_OK;
}

/* Each line is "Name: value", and there are not too many. */
static bool headers_are_good(const char *headers)
{
    size_t count = 0;

    while (headers != NULL && *headers != '\0') {
        size_t size = strcspn(headers, "\n");
        const char *value = memmem(headers, size, ": ", 2);

        if (value == NULL || value == headers || ++count > SVC_MAX_HEADERS)
            return false;
        headers += size + (headers[size] == '\n');
    }
    return true;
}

int32_t animaldetect_mock_answer(animaldetect_mock *mock, const char *route, int32_t nth, int32_t http_status,
                                 const char *headers, const char *body)
{
    struct mock_script *script;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (http_status < 200 || http_status > 599 || !headers_are_good(headers))
        return mock_refuse(mock, "the status must be 200 to 599, the headers \"Name: value\" lines");
    script = make(mock, MOCK_SCRIPT_ANSWER, route, nth);
    if (script == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    script->http_status = http_status;
    script->headers = mock_copy(headers);
    script->body = mock_copy(body);
    return add(mock, script);
}

int32_t animaldetect_mock_fail(animaldetect_mock *mock, const char *route, int32_t nth, int32_t failure)
{
    struct mock_script *script;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (failure < ANIMALDETECT_FAILURE_CONNECT || failure > ANIMALDETECT_FAILURE_REFUSED)
        return mock_refuse(mock, "%d is not a value of enum animaldetect_failure", (int)failure);
    script = make(mock, MOCK_SCRIPT_FAIL, route, nth);
    if (script == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    script->failure = failure;
    return add(mock, script);
}

int32_t animaldetect_mock_delay(animaldetect_mock *mock, const char *route, int32_t nth, int64_t delay_ms)
{
    struct mock_script *script;

    if (mock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (delay_ms < 1 || delay_ms > 86400000)
        return mock_refuse(mock, "the delay must be 1 to 86,400,000 ms");
    script = make(mock, MOCK_SCRIPT_DELAY, route, nth);
    if (script == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    script->delay_ms = delay_ms;
    return add(mock, script);
}

/* For the request recorded last. */
const struct mock_script *mock_script_find(const animaldetect_mock *mock, enum mock_script_kind kind,
                                           enum svc_route route)
{
    for (const struct mock_script *script = mock->scripts; script != NULL; script = script->next) {
        bool routed = script->route == route || script->route == SVC_ROUTE_END;

        if (script->kind == kind && routed &&
            (script->nth == 0 || (size_t)script->nth == mock->routes[script->route].count))
            return script;
    }
    return NULL;
}

void mock_script_answer(const struct mock_script *script, struct svc_response *response)
{
    char *rest = response->memory = mock_copy(script->headers);
    char *line;

    response->status = script->http_status;
    while (rest != NULL && (line = strsep(&rest, "\n")) != NULL && *line != '\0') {
        char *value = strstr(line, ": ");

        *value = '\0';
        response->headers[response->header_count++] = (struct svc_header){line, value + 2};
    }
    response->body = mock_copy(script->body == NULL ? "" : script->body);
    response->body_size = strlen(response->body);
    response->send_size = response->declared_size = response->body_size;
}

void mock_script_free(animaldetect_mock *mock)
{
    while (mock->scripts != NULL) {
        struct mock_script *script = mock->scripts;

        mock->scripts = script->next;
        free(script->headers);
        free(script->body);
        free(script);
    }
}
