/* SPDX-License-Identifier: MIT */
/*
 * A result served by the storage: under a signed URL, without a key. The redirect to it is a fault of the fetch, see
 * move.c.
 */
#include <string.h>

#include "testing/service/internal.h"

static void answer(struct svc_exchange *exchange)
{
    struct svc *svc = exchange->svc;
    struct svc_job *job = svc_job_find(svc, exchange->id);
    int64_t expires_ms = 0;
    int64_t generation = 0;
    enum svc_state state;

    if (!job || !svc_signature_holds(exchange, &expires_ms, &generation)) {
        svc_answer_xml(exchange, 403, "SignatureDoesNotMatch", "The calculated signature does not match.", NULL);
        return;
    }
    if (strcmp(exchange->request->method, "GET") != 0) {
        svc_violate(svc, "bad_method", "%s of the result of %s", exchange->request->method, job->id);
        svc_answer_xml(exchange, 403, "SignatureDoesNotMatch", "The method is not the one that was signed.", NULL);
        return;
    }
    if (exchange->now_ms >= expires_ms) {
        svc_answer_xml(exchange, 400, "ExpiredToken", "The provided token has expired.", NULL);
        return;
    }
    state = svc_job_state_at(job, exchange->now_ms);
    if (state == SVC_SUCCEEDED) {
        svc_answer_result(exchange, job);
        return;
    }
    svc_judge_early_fetch(exchange, job, state);
    svc_answer_xml(exchange, 404, "NoSuchKey", "The specified key does not exist.", NULL);
}

void svc_handover(struct svc_exchange *exchange, const struct svc_effects *effects)
{
    if (!svc_effect_before(exchange, effects))
        answer(exchange);
    svc_effect_after(exchange, effects);
    svc_exchange_end(exchange);
}
