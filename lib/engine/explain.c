/* SPDX-License-Identifier: MIT */
/*
 * Composes the error message from the most specific source: what could not be read, the response, the transport's
 * message, the text of the status.
 */
#include "engine/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int64_t ad_exchange_hint_ms(const struct ad_exchange *exchange)
{
    struct ad_transport *transport = exchange->engine->transport;

    return ad_hints_retry_after_ms(&exchange->hints, transport->ops->wall_s(transport));
}

/* Who responded: "service", "storage", or the origin of a result outside the service. */
static void explain_peer(const struct ad_exchange *exchange, int32_t status, char *out, size_t size)
{
    char text[AD_ORIGIN_TEXT_SIZE];
    struct ad_origin origin;

    if (status == ANIMALDETECT_E_NETWORK) {
        (void)snprintf(out, size, "a portal or proxy");
    } else if (ad_exchange_is_foreign(exchange) && ad_origin_parse(exchange->request.url, &origin) == ANIMALDETECT_OK) {
        ad_origin_format(&origin, text, sizeof text);
        (void)ad_mask_text(exchange->engine->mask, out, size, text, strlen(text));
    } else {
        (void)snprintf(out, size, "%s", exchange->step->traits.storage ? "storage" : "service");
    }
}

/* "storage answered 403 (signature expired at 13:15:00Z)" */
static void describe_answer(const struct ad_exchange *exchange, int32_t status, char *out, size_t size)
{
    const struct ad_service_error *error = &exchange->error;
    char peer[AD_ORIGIN_TEXT_SIZE];
    char expiry[64];

    explain_peer(exchange, status, peer, sizeof peer);
    ad_failure_expiry_text(error->detail, expiry, sizeof expiry);
    if (*expiry != '\0')
        (void)snprintf(out, size, "%s answered %" PRId32 " (%s)", peer, exchange->transfer.http_status, expiry);
    else if (*error->message != '\0' && *error->code != '\0')
        (void)snprintf(out, size, "%s answered %" PRId32 " (%s: %s)", peer, exchange->transfer.http_status, error->code,
                       error->message);
    else if (*error->message != '\0' || *error->code != '\0')
        (void)snprintf(out, size, "%s answered %" PRId32 " (%s%s)", peer, exchange->transfer.http_status, error->code,
                       error->message);
    else if (*exchange->transfer.error_text != '\0')
        (void)snprintf(out, size, "%s answered %" PRId32 " (%s)", peer, exchange->transfer.http_status,
                       exchange->transfer.error_text);
    else
        (void)snprintf(out, size, "%s answered %" PRId32, peer, exchange->transfer.http_status);
}

static void describe_failure(const struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem,
                             char *out, size_t size)
{
    const struct ad_transfer *transfer = &exchange->transfer;
    char body[200];

    if (problem != NULL && *problem->text != '\0' && status == ANIMALDETECT_E_PROTOCOL) {
        (void)ad_mask_text(exchange->engine->mask, body, sizeof body, ad_buf_string(&transfer->answer),
                           transfer->answer.size);
        (void)snprintf(out, size, "%s; the response begins: %s", problem->text, body);
    } else if (problem != NULL && *problem->text != '\0') {
        (void)snprintf(out, size, "%s", problem->text);
    } else if (transfer->net == AD_NET_OK && transfer->http_status >= 300) {
        describe_answer(exchange, status, out, size);
    } else if (transfer->net == AD_NET_BODY) {
        (void)snprintf(out, size, "%s", exchange->reading.fault.reason);
    } else if (transfer->net != AD_NET_OK && *transfer->error_text != '\0') {
        (void)snprintf(out, size, "%s (%s)", animaldetect_status_text(status), transfer->error_text);
    } else {
        (void)snprintf(out, size, "%s", animaldetect_status_text(status));
    }
}

void ad_exchange_explain(const struct ad_exchange *exchange, int32_t status, const struct ad_problem *problem,
                         struct ad_explanation *out)
{
    struct ad_failure_facts *facts = &out->facts;

    describe_failure(exchange, status, problem, out->reason, sizeof out->reason);
    memset(facts, 0, sizeof *facts);
    facts->status = status;
    facts->step = exchange->step_number;
    facts->step_name = exchange->step->name;
    facts->http_status = exchange->transfer.http_status;
    facts->retry_after_ms = ad_exchange_hint_ms(exchange);
    facts->reason = out->reason;
    facts->code = exchange->error.code;
    facts->message = exchange->error.message;
    facts->request_id = exchange->hints.request_id;
    facts->job_id = exchange->job->remote.id;
    facts->attempts = ad_job_attempts(exchange->job, exchange->step_number);
}
