/* SPDX-License-Identifier: MIT */
/*
 * Writes a response: JSON, errors in the configured format, XML of the storage, common headers. A second body replaces
 * the first one, so that a fault can override the service.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

#define HEADER_BYTES 4096

/* Storage of header texts; a header that does not fit is omitted. */
struct header_memory {
    size_t used;
    char text[HEADER_BYTES];
};

static const char *keep(struct header_memory *memory, const char *text)
{
    size_t size = strlen(text) + 1;
    char *kept = memory->text + memory->used;

    if (size > HEADER_BYTES - memory->used)
        return NULL;
    memcpy(kept, text, size);
    memory->used += size;
    return kept;
}

void svc_answer_begin(struct svc_exchange *exchange)
{
    struct header_memory *memory = malloc(sizeof(*memory));

    if (!memory)
        abort();
    memory->used = 0;
    *exchange->response = (struct svc_response){.memory = (char *)memory};
}

void svc_answer_header(struct svc_response *response, const char *name, const char *value)
{
    struct header_memory *memory = (struct header_memory *)(void *)response->memory;
    size_t at = 0;
    const char *kept_name;
    const char *kept_value;

    while (at < response->header_count && !svc_equal_nocase(response->headers[at].name, name))
        at++;
    if (at == SVC_MAX_HEADERS)
        return;
    kept_name = keep(memory, name);
    kept_value = keep(memory, value);
    if (!kept_name || !kept_value)
        return;
    response->headers[at] = (struct svc_header){.name = kept_name, .value = kept_value};
    if (at == response->header_count)
        response->header_count++;
}

void svc_answer_text(struct svc_exchange *exchange, int status, const char *type, const char *body, size_t size)
{
    struct svc_response *response = exchange->response;

    free(response->body);
    response->body = svc_alloc(size + 1);
    memcpy(response->body, body, size);
    response->body_size = size;
    response->status = status;
    svc_answer_header(response, "Content-Type", type);
}

void svc_answer_json(struct svc_exchange *exchange, int status, json_t *body)
{
    struct svc_response *response = exchange->response;

    if (exchange->svc->config.extra_fields && json_is_object(body))
        json_object_set_new(body, "added_later", json_pack("{s:[i,i],s:n}", "numbers", 1, 2, "nothing"));
    free(response->body);
    response->body = json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(12));
    if (!response->body)
        abort();
    response->body_size = strlen(response->body);
    response->status = status;
    svc_answer_header(response, "Content-Type", "application/json");
    json_decref(body);
}

void svc_answer_error(struct svc_exchange *exchange, int status, const char *code, const char *message)
{
    switch (exchange->svc->config.error_form) {
    case SVC_ERROR_OBJECT:
        svc_answer_json(exchange, status, json_pack("{s:{s:s,s:s}}", "error", "code", code, "message", message));
        return;
    case SVC_ERROR_TEXT:
        svc_answer_json(exchange, status, json_pack("{s:s}", "error", message));
        return;
    case SVC_ERROR_MESSAGE:
        svc_answer_json(exchange, status, json_pack("{s:s}", "message", message));
        return;
    case SVC_ERROR_NOT_JSON:
        break;
    }
    svc_answer_text(exchange, status, "text/plain", message, strlen(message));
}

void svc_answer_xml(struct svc_exchange *exchange, int status, const char *code, const char *message,
                    const char *detail)
{
    char body[1024];
    char more[320] = "";
    int size;

    if (detail)
        (void)snprintf(more, sizeof(more), "<AuthenticationErrorDetail>%s</AuthenticationErrorDetail>", detail);
    size = snprintf(body, sizeof(body),
                    "<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code><Message>%s</Message>%s</Error>", code,
                    message, more);

    svc_answer_text(exchange, status, "application/xml; charset=UTF-8", body,
                    (size_t)size < sizeof(body) ? (size_t)size : sizeof(body) - 1);
}

void svc_answer_retry_after(struct svc_exchange *exchange, int64_t seconds)
{
    char value[40] = "";

    switch (exchange->svc->config.retry_after) {
    case SVC_RETRY_AFTER_NONE:
        return;
    case SVC_RETRY_AFTER_DATE:
        /* Rounded up: the date must not be before the end of the delay. */
        svc_format_http_date(svc_server_ms(exchange) + seconds * 1000 + 999, value);
        break;
    case SVC_RETRY_AFTER_SECONDS:
        (void)snprintf(value, sizeof(value), "%lld", (long long)seconds);
        break;
    }
    svc_answer_header(exchange->response, "Retry-After", value);
}

void svc_answer_finish(struct svc_exchange *exchange)
{
    struct svc_response *response = exchange->response;
    char value[64];

    /* A fault may have set a Date. */
    if (!svc_response_header(response, "Date")) {
        svc_format_http_date(svc_server_ms(exchange), value);
        svc_answer_header(response, "Date", value);
    }
    (void)snprintf(value, sizeof(value), "req_%016llx", (unsigned long long)exchange->svc->request_serial);
    svc_answer_header(response, "x-request-id", value);
}

void svc_response_clear(struct svc_response *response)
{
    free(response->body);
    free(response->memory);
    *response = (struct svc_response){0};
}

const char *svc_response_header(const struct svc_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++) {
        if (svc_equal_nocase(response->headers[i].name, name))
            return response->headers[i].value;
    }
    return NULL;
}
