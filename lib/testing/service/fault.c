/* SPDX-License-Identifier: MIT */
/*
 * Faults: ROUTE:KIND[:key=value]...
 *
 * ROUTE  create, upload, submit, status, result; api (all but upload); any.
 * KIND   an HTTP status (200 to 599)  answered in place of processing the request
 *        reset-before, reset-after    the connection is reset, before or after the effect
 *        stall                        no byte of an answer ever comes; the request has no effect
 *        truncate                     half of the body, then the connection closes
 *        malformed                    a body that is cut in its middle, with a fitting Content-Length
 *        wrong-length                 a Content-Length of half the body, which is sent whole
 *        slow                         the body at bps=BYTES_PER_SECOND
 *        delay                        the answer comes ms=MILLISECONDS late
 *        early                        an upload is answered (status=503) before its body was read
 *        foreign-url                  submit, status and result URL of a create's answer name another origin
 *        huge                         an answer of size=BYTES, 8 MiB and a bit unless said
 *        html                         502 with an HTML page
 *        header                       only adds header=Name=Value
 * key    p=0.3 probability, from the seed     n=3 fires at most three times
 *        from=2 the first two requests pass   every=4 then each fourth, beginning with the first
 *        retry_after=SECONDS, header=Name=Value on the answer
 *        after_effect=1 with a status, html or stall: the request is processed first
 *        code=, message= words of the error   %3A is a colon in these and in a header's value
 *
 * All faults that fire on one request act together; of two statuses the first stands.
 */
#include "testing/service/fault.h"

#include <stdlib.h>

#include "testing/service/internal.h"

#define HUGE_SIZE (8 * 1024 * 1024 + 65536)

bool svc_add_fault(struct svc *svc, const char *spec, char *error, size_t error_size)
{
    struct svc_fault fault;

    if (!svc_fault_parse(spec, &fault, error, error_size))
        return false;
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

static void add_words(const struct svc_fault *fault, struct svc_effects *effects)
{
    if (fault->status && !effects->status) {
        effects->status = fault->status;
        effects->code = fault->code;
        effects->message = fault->message;
    }
    if (fault->after_effect)
        effects->after_effect = true;
    if (fault->retry_after_s >= 0)
        effects->retry_after_s = fault->retry_after_s;
    if (fault->header_name && effects->header_count < sizeof(effects->headers) / sizeof(effects->headers[0]))
        effects->headers[effects->header_count++] =
            (struct svc_header){.name = fault->header_name, .value = fault->header_value};
}

static void add_effect(const struct svc_fault *fault, struct svc_effects *effects)
{
    effects->any = true;
    add_words(fault, effects);
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
    effects->html |= fault->kind == SVC_FAULT_HTML;
    effects->early |= fault->kind == SVC_FAULT_EARLY;
    effects->foreign_urls |= fault->kind == SVC_FAULT_FOREIGN_URL;
    if (fault->kind == SVC_FAULT_HUGE)
        effects->huge_size = fault->size ? (size_t)fault->size : HUGE_SIZE;
}

void svc_fault_effects(struct svc *svc, enum svc_route route, struct svc_effects *effects)
{
    *effects = (struct svc_effects){.retry_after_s = -1};
    for (size_t i = 0; i < svc->fault_count; i++) {
        if ((svc->faults[i].routes & 1U << route) && fires(svc, &svc->faults[i]))
            add_effect(&svc->faults[i], effects);
    }
    if (effects->any)
        svc->counts[SVC_COUNT_FAULTS]++;
}
