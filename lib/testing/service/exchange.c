/* SPDX-License-Identifier: MIT */
/*
 * The start and the end of each exchange with the model, whichever part responds.
 */
#include <string.h>

#include "testing/service/internal.h"

void svc_exchange_begin(struct svc_exchange *exchange, struct svc *svc, const struct svc_request *request,
                        int64_t now_ms, struct svc_response *response)
{
    *exchange = (struct svc_exchange){.svc = svc, .request = request, .now_ms = now_ms, .response = response};
    if (svc->request_serial++ == 0)
        svc->first_ms = now_ms;
    svc_answer_begin(exchange);
    svc_route_find(exchange);
}

static bool is_missing_result(int status)
{
    return status == 202 || status == 204 || status == 404 || status == 409;
}

/* What the response now permits the client: to poll again, or to run the same work again. */
static void excuse(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    int status = exchange->response->status;
    const char *key;
    struct svc_job *job;

    if (exchange->route == SVC_ROUTE_CREATE && status == 409) {
        key = svc_request_header(exchange->request, "Idempotency-Key");
        svc_work_excuse(svc, key ? svc_table_get(&svc->by_key, key, strlen(key)) : NULL);
        return;
    }
    if (exchange->route != SVC_ROUTE_SUBMIT && exchange->route != SVC_ROUTE_POLL && exchange->route != SVC_ROUTE_FETCH)
        return;
    job = svc_job_find(svc, exchange->id);
    if (status == 404)
        svc_work_excuse(svc, job);
    if (job && exchange->route == SVC_ROUTE_FETCH && is_missing_result(status))
        job->end_told = 0;
}

void svc_exchange_end(struct svc_exchange *exchange)
{
    svc_answer_finish(exchange);
    svc_count_answer(exchange);
    if (exchange->told_end)
        exchange->told_end->end_told = exchange->svc->life;
    if (exchange->told_result)
        exchange->told_result->result_told = true;
    excuse(exchange);
}
