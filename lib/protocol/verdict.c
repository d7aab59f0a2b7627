/* SPDX-License-Identifier: MIT */
/*
 * Decides what a response means: one function per kind of response, and tables for plain status codes.  Pure: the same
 * reply gives the same verdict; when and how often to retry is decided by the engine.
 */
#include "protocol/verdict.h"

#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "protocol/expiry.h"
#include "protocol/redirect.h"

static struct ad_verdict verdict(enum ad_action action, int32_t status)
{
    return (struct ad_verdict){.action = action, .status = status};
}

static struct ad_verdict verdict_later(int32_t status, int64_t grace_ms)
{
    return (struct ad_verdict){.action = AD_LATER, .status = status, .grace_ms = grace_ms};
}

/* The request may have taken effect. */
static struct ad_verdict verdict_lost(const struct ad_traits *traits, int32_t status)
{
    return verdict(traits->idempotent ? AD_RETRY : AD_RECONCILE, status);
}

static struct ad_verdict verdict_of_net(const struct ad_traits *traits, enum ad_net net)
{
    switch (net) {
    case AD_NET_CONNECT:
        return verdict(AD_OFFLINE, ANIMALDETECT_E_NETWORK);
    case AD_NET_CONNECT_TIMEOUT:
        return verdict(AD_OFFLINE, ANIMALDETECT_E_TIMEOUT);
    case AD_NET_BROKEN:
        return verdict_lost(traits, ANIMALDETECT_E_NETWORK);
    case AD_NET_TIMEOUT:
        return verdict_lost(traits, ANIMALDETECT_E_TIMEOUT);
    case AD_NET_TLS:
        return verdict(AD_OFFLINE, ANIMALDETECT_E_TLS);
    case AD_NET_TOO_LARGE:
        return verdict(AD_FAIL, ANIMALDETECT_E_ANSWER_TOO_LARGE);
    case AD_NET_BODY:
        return verdict(AD_FAIL, ANIMALDETECT_E_READER);
    case AD_NET_NO_MEMORY:
        return verdict(AD_FAIL, ANIMALDETECT_E_NO_MEMORY);
    case AD_NET_CODED:
        return verdict_lost(traits, ANIMALDETECT_E_PROTOCOL);
    case AD_NET_DESCRIPTORS:
        return verdict(AD_RETRY, ANIMALDETECT_E_NO_DESCRIPTORS);
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

static struct ad_verdict verdict_of_upload(const struct ad_reply *reply)
{
    int32_t http_status = reply->http_status;
    bool denied = http_status == 400 || http_status == 401 || http_status == 403;

    if (http_status == 429)
        return verdict(AD_RETRY, ANIMALDETECT_E_RATE_LIMITED);
    /* S3-compatible storages return this when the body came too slowly: the next attempt may be faster. */
    if (http_status == 400 && code_is(reply->error, "RequestTimeout"))
        return verdict(AD_RETRY, ANIMALDETECT_E_TIMEOUT);
    if (http_status == 412 && reply->stored)
        return verdict(AD_ADVANCE, ANIMALDETECT_OK);
    if (denied && (reply->expired || ad_expiry_is_why(reply->error)))
        return verdict(AD_REFRESH, ANIMALDETECT_E_UPLOAD_EXPIRED);
    return verdict(AD_FAIL, ANIMALDETECT_E_UPLOAD_REFUSED);
}

/* Whether the code or the message contains one of these words. */
static bool says(const struct ad_service_error *error, const char *const *words, size_t count)
{
    for (size_t i = 0; error && i < count; i++) {
        if (ad_text_has_nocase(error->code, words[i]) || ad_text_has_nocase(error->message, words[i]))
            return true;
    }
    return false;
}

#define SAYS(error, words) says((error), (words), sizeof(words) / sizeof((words)[0]))

static bool says_in_progress(const struct ad_service_error *error)
{
    static const char *const words[] = {"progress", "in_use",     "in use", "outstanding",
                                        "pending",  "concurrent", "locked"};

    return SAYS(error, words);
}

static bool says_mismatch(const struct ad_service_error *error)
{
    static const char *const words[] = {"mismatch",        "different",     "reused",
                                        "another payload", "other payload", "not match"};

    return SAYS(error, words);
}

static struct ad_verdict verdict_of_conflict(const struct ad_traits *traits, const struct ad_reply *reply)
{
    bool waits = reply->own_key ? says_in_progress(reply->error) : !says_mismatch(reply->error);

    switch (traits->conflict) {
    case AD_CONFLICT_KEY:
        return waits ? verdict_later(ANIMALDETECT_E_CONFLICT, AD_GRACE_CONFLICT_MS)
                     : verdict(AD_FAIL, ANIMALDETECT_E_CONFLICT);
    case AD_CONFLICT_STATE:
        return verdict(AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    case AD_CONFLICT_EARLY:
        return verdict_later(ANIMALDETECT_E_SERVICE, AD_GRACE_RESULT_MS);
    case AD_CONFLICT_FINAL:
        break;
    }
    return verdict(AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
}

/* Whether the refusal of a submit is about the job's state. */
static bool speaks_of_state(const struct ad_service_error *error)
{
    static const char *const words[] = {"state", "status", "already", "submitted"};

    return SAYS(error, words);
}

/* ... or about a missing image: a proxy may have answered the upload, or the storage lost it. */
static bool misses_upload(const struct ad_service_error *error)
{
    static const char *const subject[] = {"upload"};
    static const char *const words[] = {"missing", "not found", "not_found"};

    return SAYS(error, subject) && SAYS(error, words);
}

/* The service itself has named the job: it may not be known on all of its machines yet. */
static struct ad_verdict verdict_of_unknown(const struct ad_traits *traits)
{
    switch (traits->conflict) {
    case AD_CONFLICT_KEY:
        break;
    case AD_CONFLICT_EARLY:
        return verdict_later(ANIMALDETECT_E_NOT_FOUND, AD_GRACE_RESULT_MS);
    case AD_CONFLICT_STATE:
    case AD_CONFLICT_FINAL:
        return verdict_later(ANIMALDETECT_E_NOT_FOUND, AD_GRACE_UNKNOWN_MS);
    }
    return verdict(AD_FAIL, ANIMALDETECT_E_NOT_FOUND);
}

static bool is_page(const struct ad_reply *reply)
{
    return reply->error != NULL && reply->error->page;
}

/* Whether a portal or a proxy answered: it sends a page for people, the service sends JSON. */
static bool is_from_between(const struct ad_reply *reply)
{
    switch (reply->http_status) {
    case 407:
    case 511:
        return true;
    case 401:
    case 403:
        return is_page(reply);
    default:
        return false;
    }
}

/*
 * A page instead of the service's JSON says nothing about image, key or job.  The excepted statuses are meaningful
 * anyway.
 */
static bool is_page_for_json(const struct ad_reply *reply)
{
    switch (reply->http_status) {
    case 408:
    case 413:
    case 425:
    case 429:
        return false;
    default:
        return is_page(reply);
    }
}

static struct ad_verdict verdict_of_refusal(const struct ad_traits *traits, const struct ad_reply *reply)
{
    if (is_page_for_json(reply))
        return verdict_lost(traits, ANIMALDETECT_E_PROTOCOL);
    switch (reply->http_status) {
    case 401:
        return verdict(AD_REFUSED, ANIMALDETECT_E_UNAUTHORIZED);
    case 402:
        return verdict(AD_REFUSED, ANIMALDETECT_E_PAYMENT_REQUIRED);
    case 403:
        return verdict(AD_FAIL, ANIMALDETECT_E_FORBIDDEN);
    case 404:
        return verdict_of_unknown(traits);
    case 409:
        return verdict_of_conflict(traits, reply);
    case 425:
        return verdict_lost(traits, ANIMALDETECT_E_SERVICE);
    case 429:
        return verdict(AD_THROTTLED, ANIMALDETECT_E_RATE_LIMITED);
    default:
        break;
    }
    if (reply->http_status == 400 && traits->conflict == AD_CONFLICT_STATE &&
        (speaks_of_state(reply->error) || misses_upload(reply->error) ||
         (reply->error != NULL && reply->error->no_form)))
        return verdict(AD_RECONCILE, ANIMALDETECT_E_BAD_REQUEST);
    return verdict(AD_FAIL, ANIMALDETECT_E_BAD_REQUEST);
}

/* The signature of such a URL may have expired while it waited for a slot; the next one is fresh. */
static struct ad_verdict verdict_of_foreign(int32_t http_status)
{
    switch (http_status) {
    case 404:
        return verdict_later(ANIMALDETECT_E_NOT_FOUND, AD_GRACE_RESULT_MS);
    case 409:
        return verdict_later(ANIMALDETECT_E_SERVICE, AD_GRACE_RESULT_MS);
    case 429:
        return verdict(AD_RETRY, ANIMALDETECT_E_RATE_LIMITED);
    default:
        return verdict(AD_RETRY, ANIMALDETECT_E_SERVICE);
    }
}

struct ad_verdict ad_verdict_of(const struct ad_traits *traits, const struct ad_reply *reply)
{
    int32_t http_status = reply->http_status;

    if (reply->net != AD_NET_OK)
        return verdict_of_net(traits, reply->net);
    if ((http_status == 202 || http_status == 204) && traits->conflict == AD_CONFLICT_EARLY)
        return verdict_later(ANIMALDETECT_E_SERVICE, AD_GRACE_RESULT_MS);
    if (http_status >= 200 && http_status < 300)
        return verdict(AD_ADVANCE, ANIMALDETECT_OK);
    if (http_status >= 400 && is_from_between(reply))
        return verdict(AD_OFFLINE, ANIMALDETECT_E_NETWORK);
    if (http_status >= 500 && http_status < 600)
        return verdict_lost(traits, ANIMALDETECT_E_SERVICE);
    if (http_status == 408)
        return verdict_lost(traits, ANIMALDETECT_E_TIMEOUT);
    if (ad_redirect_is_one(http_status))
        return verdict(AD_REDIRECT, ANIMALDETECT_E_HTTP);
    if (http_status < 400 || http_status >= 600)
        return verdict(AD_FAIL, ANIMALDETECT_E_HTTP);
    if (traits->storage)
        return verdict_of_upload(reply);
    return reply->foreign ? verdict_of_foreign(http_status) : verdict_of_refusal(traits, reply);
}
