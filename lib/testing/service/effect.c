/* SPDX-License-Identifier: MIT */
/*
 * What the faults do to one answer: replace it, break its body, or plan its delivery.
 * Runs around the route: before it when the request must have no effect, after it on what it answered.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static void answer_fault_status(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    char code[32];
    char place[SVC_MAX_PATH * 2];
    const char *message = effects->message ? effects->message : "the service could not take the request";

    (void)snprintf(code, sizeof(code), "status_%d", effects->status);
    if (exchange->place == SVC_STORAGE)
        svc_answer_xml(exchange, effects->status, effects->code ? effects->code : "InternalError", message);
    else
        svc_answer_error(exchange, effects->status, effects->code ? effects->code : code, message);
    if (effects->status == 429)
        exchange->svc->counts[SVC_COUNT_LIMITED]++;
    if (effects->status >= 300 && effects->status < 400) {
        (void)snprintf(place, sizeof(place), "%s%s%s", exchange->svc->config.foreign_origin, exchange->base,
                       exchange->path);
        svc_answer_header(exchange->response, "Location", place);
    }
}

static void answer_html(struct svc_exchange *exchange)
{
    static const char page[] = "<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>\n";

    svc_answer_text(exchange, 502, "text/html", page, sizeof(page) - 1);
}

static void replace_answer(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    if (effects->status && !effects->early)
        answer_fault_status(exchange, effects);
    else if (effects->html)
        answer_html(exchange);
}

bool svc_effect_before(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    exchange->foreign_urls = effects->foreign_urls;
    if (effects->delivery == SVC_RESET_BEFORE || (effects->delivery == SVC_STALL && !effects->after_effect))
        return true;
    if ((!effects->status && !effects->html) || effects->after_effect)
        return false;
    replace_answer(exchange, effects);
    return true;
}

/* Valid JSON for as long as the body was: blanks may stand before it. */
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
    for (size_t i = 0; i < effects->header_count; i++)
        svc_answer_header(response, effects->headers[i].name, effects->headers[i].value);
    response->delivery = effects->delivery;
    response->delay_ms = effects->delay_ms;
    response->bytes_per_second = effects->bytes_per_second;
    plan_lengths(response, effects);
    /* Only an answer that surely arrived, as it was meant, tells the client that a job has ended. */
    if (effects->any)
        exchange->told_end = NULL;
}
