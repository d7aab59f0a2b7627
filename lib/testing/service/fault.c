/* SPDX-License-Identifier: MIT */
/*
 * Faults: ROUTE:KIND[:key=value]...
 *
 * ROUTE  create, upload, submit, poll, fetch; api (all but upload); any.
 * KIND   an HTTP status (200 to 599)  answered in place of processing the request
 *        reset-before, reset-after    the connection is reset, before or after the effect
 *        stall                        no byte of a response is ever sent; the request has no effect
 *        truncate                     half of the body, then the connection closes
 *        malformed                    a body that is cut in the middle, with a matching Content-Length
 *        wrong-length                 a Content-Length of half the body, which is sent whole
 *        slow                         the body at bps=BYTES_PER_SECOND
 *        delay                        the response is ms=MILLISECONDS late
 *        early                        an upload gets its response (status=503) before its body is read
 *        foreign-url                  submit, status and result URL of a create's response name another origin
 *        huge                         a response of size=BYTES, slightly more than 8 MiB by default
 *        html                         an HTML page, 502 unless status=; a gateway's for a server error, else a portal's
 *        odd                          a job or a result with one odd field, form=WORD or random
 *        header                       only adds header=Name=Value
 * key    p=0.3 probability, from the seed     n=3 fires at most three times
 *        from=2 skips the first two requests    every=4 then every fourth, starting with the first
 *        begin=MS, end=MS only within this interval since the model's first request
 *        repeat=MS the interval repeats with this period
 *        edge=1 with a status or html: answered in front of the service, which sees neither key nor request
 *        retry_after=SECONDS, retry_date=SECONDS (as an HTTP date), header=Name=Value on the response
 *        after_effect=1 with a status, html or stall: the request is processed first
 *        to=PLACE with a status 3xx: where Location points, foreign by default; api, old, storage (of a fetch: the
 *        storage serves the result without a key), /v1 or /api/v1 (relative), or a URL.  A request to
 *        that place is not affected.
 *        code=, message= of the error   %3A is a colon in code and message, in a header value and in a URL
 * form   of a result: nul, surrogate, nan, null-list, score-text, width-text, taxonomy-list, model-number,
 *        negative-time, null-box, id-text; of a job: members, null-expiry, error-text; of both: twice, bom
 *
 * All faults that fire on one request act together. Of two statuses the first one applies; one with edge=1 takes
 * precedence.
 */
#include "testing/service/fault.h"

#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

#define HUGE_SIZE (8 * 1024 * 1024 + 65536)

bool svc_add_fault(struct svc *svc, const char *spec, char *error, size_t error_size)
{
    struct svc_fault fault;

    const char *wrong;

    if (!svc_fault_parse(spec, &fault, error, error_size))
        return false;
    wrong = fault.to ? svc_move_check(svc, fault.to) : NULL;
    if (wrong) {
        (void)snprintf(error, error_size, "fault \"%s\": %s", spec, wrong);
        svc_fault_free(&fault);
        return false;
    }
    svc->faults = svc_grow(svc->faults, svc->fault_count + 1, sizeof(*svc->faults));
    svc->faults[svc->fault_count++] = fault;
    return true;
}

void svc_clear_faults(struct svc *svc)
{
    for (size_t i = 0; i < svc->fault_count; i++)
        svc_fault_free(&svc->faults[i]);
    svc->fault_count = 0;
}

void svc_faults_free(struct svc *svc)
{
    svc_clear_faults(svc);
    free(svc->faults);
}

/* Whether the fault applies to this request; if not, the request is not counted for it either. */
static bool is_meant(struct svc_exchange *exchange, const struct svc_fault *fault)
{
    int64_t passed_ms = exchange->now_ms - exchange->svc->first_ms;

    if (!(fault->routes & 1U << exchange->route))
        return false;
    if (fault->repeat_ms > 0)
        passed_ms %= fault->repeat_ms;
    if (passed_ms < fault->begin_ms || (fault->end_ms > 0 && passed_ms >= fault->end_ms))
        return false;
    return !fault->to || !svc_move_is_there(exchange, fault->to);
}

static bool fires(struct svc *svc, struct svc_fault *fault)
{
    int64_t index = fault->seen++ - fault->from;

    if (index < 0 || index % fault->every != 0 || (fault->count >= 0 && fault->fired >= fault->count))
        return false;
    if (fault->probability < 1 && ad_rng_unit(&svc->fault_rng) >= fault->probability)
        return false;
    fault->fired++;
    return true;
}

/* The first response wins, but one from in front of the service takes precedence. */
static void add_answer(const struct svc_fault *fault, struct svc_effects *effects)
{
    bool is_html = fault->kind == SVC_FAULT_HTML;

    if (effects->edge || (!is_html && !fault->status))
        return;
    if (fault->edge) {
        effects->edge = true;
        effects->status = effects->html = 0;
    }
    if (is_html && !effects->html) {
        effects->html = fault->status ? fault->status : 502;
    } else if (!is_html && !effects->status) {
        effects->status = fault->status;
        effects->code = fault->code;
        effects->message = fault->message;
        effects->to = fault->to;
    }
}

static void add_headers(const struct svc_fault *fault, struct svc_effects *effects)
{
    if (fault->retry_after_s >= 0)
        effects->retry_after_s = fault->retry_after_s;
    if (fault->retry_date_s >= 0)
        effects->retry_date_s = fault->retry_date_s;
    if (fault->header_name && effects->header_count < sizeof(effects->headers) / sizeof(effects->headers[0]))
        effects->headers[effects->header_count++] =
            (struct svc_header){.name = fault->header_name, .value = fault->header_value};
}

static void add_effect(const struct svc_fault *fault, struct svc_effects *effects)
{
    effects->any = true;
    effects->harms |= fault->kind != SVC_FAULT_ODD && fault->kind != SVC_FAULT_HEADER;
    add_answer(fault, effects);
    add_headers(fault, effects);
    effects->after_effect |= fault->after_effect;
    if (fault->ms > 0)
        effects->delay_ms += fault->ms;
    if (fault->bps > 0)
        effects->bytes_per_second = fault->bps;
    if (fault->kind == SVC_FAULT_RESET_BEFORE)
        effects->delivery = SVC_RESET_BEFORE;
    else if (fault->kind == SVC_FAULT_RESET_AFTER && effects->delivery == SVC_DELIVER)
        effects->delivery = SVC_RESET_AFTER;
    else if (fault->kind == SVC_FAULT_STALL && effects->delivery == SVC_DELIVER)
        effects->delivery = SVC_STALL;
    effects->truncate |= fault->kind == SVC_FAULT_TRUNCATE;
    effects->malformed |= fault->kind == SVC_FAULT_MALFORMED;
    effects->wrong_length |= fault->kind == SVC_FAULT_WRONG_LENGTH;
    effects->early |= fault->kind == SVC_FAULT_EARLY;
    effects->foreign_urls |= fault->kind == SVC_FAULT_FOREIGN_URL;
    if (fault->kind == SVC_FAULT_ODD)
        effects->odd = fault->form ? fault->form : SVC_ODD_DRAWN;
    if (fault->kind == SVC_FAULT_HUGE)
        effects->huge_size = fault->size ? (size_t)fault->size : HUGE_SIZE;
}

void svc_fault_effects(struct svc_exchange *exchange, struct svc_effects *effects)
{
    struct svc *svc = exchange->svc;

    *effects = (struct svc_effects){.retry_after_s = -1, .retry_date_s = -1};
    for (size_t i = 0; i < svc->fault_count; i++) {
        if (is_meant(exchange, &svc->faults[i]) && fires(svc, &svc->faults[i]))
            add_effect(&svc->faults[i], effects);
    }
    if (effects->edge)
        effects->after_effect = false;
    if (effects->any)
        svc->counts[SVC_COUNT_FAULTS]++;
}
