/* SPDX-License-Identifier: MIT */
/*
 * The beginning and the end of each exchange with the model, whoever answers it.
 */
#include "testing/service/internal.h"

void svc_exchange_begin(struct svc_exchange *exchange, struct svc *svc, const struct svc_request *request,
                        int64_t now_ms, struct svc_response *response)
{
    *exchange = (struct svc_exchange){.svc = svc, .request = request, .now_ms = now_ms, .response = response};
    svc->request_serial++;
    svc_answer_begin(exchange);
    svc_route_find(exchange);
}

void svc_exchange_end(struct svc_exchange *exchange)
{
    svc_answer_finish(exchange);
    svc_count_answer(exchange);
    if (exchange->told_end)
        exchange->told_end->end_told = exchange->svc->life;
}
