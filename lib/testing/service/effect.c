/* SPDX-License-Identifier: MIT */
/*
 * Applies faults to a response: replaces it, corrupts its body, or plans its delivery. Runs before the route if the
 * request must have no effect, and after it on its response.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static void answer_fault_status(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    char code[32];
    const char *message = effects->message ? effects->message : "the service could not take the request";

    (void)snprintf(code, sizeof(code), "status_%d", effects->status);
    if (exchange->place == SVC_STORAGE)
        svc_answer_xml(exchange, effects->status, effects->code ? effects->code : "InternalError", message, NULL);
    else
        svc_answer_error(exchange, effects->status, effects->code ? effects->code : code, message);
    if (effects->status == 429)
        exchange->svc->counts[SVC_COUNT_LIMITED]++;
    if (effects->status == 401)
        exchange->svc->counts[SVC_COUNT_UNAUTHORIZED]++;
    if (effects->status >= 300 && effects->status < 400)
        svc_move_answer(exchange, effects->to ? effects->to : "foreign");
}

/* A gateway's page for a server error, otherwise a portal's. */
static void answer_html(struct svc_exchange *exchange, int status)
{
    bool portal = status < 500 || status == 511;
    char title[40];
    char page[160];
    int size;

    (void)snprintf(title, sizeof(title), "%d %s", status, status == 502 ? "Bad Gateway" : "Service Unavailable");
    size = snprintf(page, sizeof(page), "<html><head><title>%s</title></head><body><h1>%d</h1></body></html>\n",
                    portal ? "Sign in to the network" : title, status);
    svc_answer_text(exchange, status, "text/html", page, (size_t)size);
    if (status >= 300 && status < 400)
        svc_move_answer(exchange, "foreign");
}

static void replace_answer(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    if (effects->status && !effects->early)
        answer_fault_status(exchange, effects);
    else if (effects->html)
        answer_html(exchange, effects->html);
}

bool svc_effect_before(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    exchange->foreign_urls = effects->foreign_urls;
    exchange->odd = effects->odd;
    if (effects->delivery == SVC_RESET_BEFORE || (effects->delivery == SVC_STALL && !effects->after_effect))
        return true;
    if ((!effects->status && !effects->html) || effects->after_effect)
        return false;
    replace_answer(exchange, effects);
    return true;
}

/* Stays valid JSON: it may start with spaces. */
static void make_huge(struct svc_response *response, size_t size)
{
    char *body;

    if (response->body_size >= size)
        return;
    body = svc_alloc(size + 1);
    memset(body, ' ', size);
    if (response->body)
        memcpy(body + size - response->body_size, response->body, response->body_size);
    free(response->body);
    response->body = body;
    response->body_size = size;
}

static void cut_body(struct svc_exchange *exchange)
{
    struct svc_response *response = exchange->response;

    if (response->body_size < 2) {
        svc_answer_text(exchange, response->status, "application/json", "{\"job_id\":", 10);
        return;
    }
    response->body_size /= 2;
    response->body[response->body_size] = '\0';
}

static void plan_lengths(struct svc_response *response, const struct svc_effects *effects)
{
    response->send_size = response->body_size;
    response->declared_size = response->body_size;
    if (effects->truncate && response->body_size == 0)
        response->declared_size = 64;
    else if (effects->truncate)
        response->send_size = response->body_size / 2;
    else if (effects->wrong_length)
        response->declared_size = response->body_size / 2;
}

static void answer_retry_date(struct svc_exchange *exchange, int64_t seconds)
{
    char value[40];

    svc_format_http_date(svc_server_ms(exchange) + seconds * 1000, value);
    svc_answer_header(exchange->response, "Retry-After", value);
}

void svc_effect_after(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    struct svc_response *response = exchange->response;

    if (effects->any && effects->after_effect)
        replace_answer(exchange, effects);
    if (effects->huge_size)
        make_huge(response, effects->huge_size);
    if (effects->malformed)
        cut_body(exchange);
    if (effects->retry_after_s >= 0)
        svc_answer_retry_after(exchange, effects->retry_after_s);
    if (effects->retry_date_s >= 0)
        answer_retry_date(exchange, effects->retry_date_s);
    for (size_t i = 0; i < effects->header_count; i++)
        svc_answer_header(response, effects->headers[i].name, effects->headers[i].value);
    response->delivery = effects->delivery;
    response->delay_ms = effects->delay_ms;
    response->bytes_per_second = effects->bytes_per_second;
    plan_lengths(response, effects);
    /* A client learns that a job has finished, or its result, only from a response that surely arrives unchanged. */
    if (effects->harms) {
        exchange->told_end = NULL;
        exchange->told_result = NULL;
    }
}
