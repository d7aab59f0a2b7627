/* SPDX-License-Identifier: MIT */
/*
 * What to do about an answer.  One function per kind of answer, tables where the answer is only looked up.
 * Pure: same reply, same verdict; how often and when to try again is the engine's business.
 */
#include "protocol/verdict.h"

#include <string.h>
#include <strings.h>

#include <animaldetect/types.h>

#include "base/text.h"

static struct ad_verdict verdict(enum ad_action action, int32_t status)
{
    return (struct ad_verdict){.action = action, .status = status};
}

/* The request may have had its effect. */
static struct ad_verdict verdict_lost(const struct ad_traits *traits, int32_t status)
{
    return verdict(traits->idempotent ? AD_RETRY : AD_RECONCILE, status);
}

static struct ad_verdict verdict_of_net(const struct ad_traits *traits, enum ad_net net)
{
    switch (net) {
    case AD_NET_CONNECT:
        return verdict(AD_RETRY, ANIMALDETECT_E_NETWORK);
    case AD_NET_BROKEN:
        return verdict_lost(traits, ANIMALDETECT_E_NETWORK);
    case AD_NET_TIMEOUT:
        return verdict_lost(traits, ANIMALDETECT_E_TIMEOUT);
    case AD_NET_TLS:
        return verdict(AD_FAIL, ANIMALDETECT_E_TLS);
    case AD_NET_TOO_LARGE:
        return verdict(AD_FAIL, ANIMALDETECT_E_ANSWER_TOO_LARGE);
    case AD_NET_BODY:
        return verdict(AD_FAIL, ANIMALDETECT_E_READER);
    case AD_NET_NO_MEMORY:
        return verdict(AD_FAIL, ANIMALDETECT_E_NO_MEMORY);
    case AD_NET_CODED:
        return verdict_lost(traits, ANIMALDETECT_E_PROTOCOL);
    case AD_NET_DESCRIPTORS:
        return verdict(AD_RETRY, ANIMALDETECT_E_SYSTEM);
    case AD_NET_OK:
    case AD_NET_INTERNAL:
        break;
    }
    return verdict(AD_FAIL, ANIMALDETECT_E_SYSTEM);
}

static bool code_is(const struct ad_service_error *error, const char *code)
{
    return error && ad_text_equal_nocase(error->code, code);
}

static struct ad_verdict verdict_of_upload(int32_t http_status, const struct ad_service_error *error)
{
    if (http_status == 429)
        return verdict(AD_RETRY, ANIMALDETECT_E_RATE_LIMITED);
    if (http_status == 401 || http_status == 403 || (http_status == 400 && code_is(error, "ExpiredToken")))
        return verdict(AD_REFRESH, ANIMALDETECT_E_UPLOAD_EXPIRED);
    /* S3-style stores say so when the body came too slowly: the next try may be faster. */
    if (http_status == 400 && code_is(error, "RequestTimeout"))
        return verdict(AD_RETRY, ANIMALDETECT_E_TIMEOUT);
    return verdict(AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
}

static bool is_in_progress(const struct ad_service_error *error)
{
    return code_is(error, "idempotency_in_progress") || code_is(error, "request_in_progress") ||
           code_is(error, "in_progress");
}

static struct ad_verdict verdict_of_conflict(const struct ad_traits *traits, const struct ad_service_error *error)
{
    switch (traits->conflict) {
    case AD_CONFLICT_KEY:
        return verdict(is_in_progress(error) ? AD_RETRY : AD_FAIL, ANIMALDETECT_E_CONFLICT);
    case AD_CONFLICT_STATE:
        return verdict(AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    case AD_CONFLICT_EARLY:
        return verdict(AD_RETRY, ANIMALDETECT_E_BAD_REQUEST);
    case AD_CONFLICT_FINAL:
        break;
    }
    return verdict(AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
}

/* Does a refused submit say that the job is not in the state to be submitted? */
static bool speaks_of_state(const struct ad_service_error *error)
{
    static const char *const words[] = {"state", "status", "already", "submitted"};

    for (size_t i = 0; error && i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasestr(error->code, words[i]) || strcasestr(error->message, words[i]))
            return true;
    }
    return false;
}

static struct ad_verdict verdict_of_refusal(const struct ad_traits *traits, int32_t http_status,
                                            const struct ad_service_error *error)
{
    switch (http_status) {
    case 401:
        return verdict(AD_FAIL, ANIMALDETECT_E_UNAUTHORIZED);
    case 402:
        return verdict(AD_FAIL, ANIMALDETECT_E_PAYMENT_REQUIRED);
    case 403:
        return verdict(AD_FAIL, ANIMALDETECT_E_FORBIDDEN);
    case 404:
        return verdict(AD_FAIL, ANIMALDETECT_E_NOT_FOUND);
    case 409:
        return verdict_of_conflict(traits, error);
    case 429:
        return verdict(AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
    default:
        break;
    }
    if (http_status == 400 && traits->conflict == AD_CONFLICT_STATE && speaks_of_state(error))
        return verdict(AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    return verdict(AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
}

struct ad_verdict ad_verdict_of(const struct ad_traits *traits, const struct ad_reply *reply)
{
    int32_t http_status = reply->http_status;

    if (reply->net != AD_NET_OK)
        return verdict_of_net(traits, reply->net);
    if (http_status >= 200 && http_status < 300)
        return verdict(AD_ADVANCE, ANIMALDETECT_OK);
    if (http_status >= 500 && http_status < 600)
        return verdict_lost(traits, ANIMALDETECT_E_SERVICE);
    if (http_status == 408)
        return verdict_lost(traits, ANIMALDETECT_E_TIMEOUT);
    if (http_status < 400 || http_status >= 600)
        return verdict(AD_FAIL, ANIMALDETECT_E_HTTP);
    if (traits->storage)
        return verdict_of_upload(http_status, reply->error);
    return verdict_of_refusal(traits, http_status, reply->error);
}
