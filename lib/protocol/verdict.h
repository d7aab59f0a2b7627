/* SPDX-License-Identifier: MIT */
/*
 * What an answer means for its request: every kind of answer, and what to do about it, as one function.  Pure.
 */
#ifndef AD_PROTOCOL_VERDICT_H
#define AD_PROTOCOL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/net.h"
#include "protocol/answer.h"

enum ad_action {
    AD_ADVANCE,      /* the step succeeded: read the body */
    AD_RETRY,        /* the same request again, after backoff; `status` is what to report when tries run out */
    AD_THROTTLED,    /* 429: hold all API calls of the client, then again */
    AD_OFFLINE,      /* there is no way to the service: with all other calls, until there is one */
    AD_REFUSED,      /* final for this key or account: others need not ask */
    AD_REFRESH,      /* ask create again with the same key for a fresh upload URL */
    AD_RECONCILE,    /* ask for the status before anything else */
    AD_REDIRECT,     /* somewhere else, if that may be followed: see redirect.h */
    AD_LATER,        /* again after backoff, for `grace_ms` from the first such answer; it uses up no try */
    AD_FAIL          /* final */
};

/* What a 409 means: the one status whose meaning depends on what was asked. */
enum ad_conflict {
    AD_CONFLICT_KEY,   /* create: the key's first request may be in progress: AD_LATER */
    AD_CONFLICT_STATE, /* submit: another one may have had its effect: AD_RECONCILE */
    AD_CONFLICT_EARLY, /* fetch: the result lags behind the status: AD_LATER */
    AD_CONFLICT_FINAL
};

/* What sets requests apart when an answer is judged. */
struct ad_traits {
    bool storage;    /* goes to a storage, not to the API */
    bool idempotent; /* sending it twice is as sending it once */
    enum ad_conflict conflict;
};

struct ad_reply {
    enum ad_net net;
    int32_t http_status; /* 0 without an answer */
    const struct ad_service_error *error; /* read when http_status >= 400; may be NULL */
    bool own_key; /* the idempotency key is the host's: another payload may have it */
    bool stored;  /* an earlier upload, whose answer was lost, may have stored the image */
    bool expired; /* the upload URL was past the time that the service gave it */
    bool foreign; /* it comes from where a redirect has led a result's fetch, outside the service */
};

struct ad_verdict {
    enum ad_action action;
    int32_t status; /* for all but AD_ADVANCE */
    int64_t grace_ms; /* for AD_LATER */
};

#define AD_GRACE_CONFLICT_MS 120000
#define AD_GRACE_UNKNOWN_MS 60000 /* a job that was just created and is not known yet */
#define AD_GRACE_RESULT_MS 300000 /* a result that is not there yet although its job has succeeded */

/*
 *   - A request that is not idempotent and whose answer was lost (BROKEN, TIMEOUT, CODED, 408, 5xx): AD_RECONCILE.
 *   - 409 by the request's trait.  On create a key that was derived from the payload can only be in progress, unless
 *     the words say that the payload is another one; the host's own key is in conflict, unless they say in progress.
 *     400 that speaks of the state, or of an upload that is missing, is as a 409 where that is AD_CONFLICT_STATE.
 *   - 404 of a job that the service has named is AD_LATER; so are 202, 204 and 404 in place of a result.
 *   - 407, 511, and a 401 or 403 that is an HTML page come from in between: AD_OFFLINE with E_NETWORK, as a connection
 *     or a handshake that failed.
 *   - Another 4xx of the API that is an HTML page is E_PROTOCOL and as a 5xx, but 408, 413, 425 and 429.
 *   - 401 and 402 of the API: AD_REFUSED.
 *   - Storage: 400, 401 or 403 that speaks of expiry, or comes when the URL's time is over: AD_REFRESH.  400
 *     RequestTimeout: AD_RETRY.  412, by which a URL is kept from being used twice, after an upload whose answer was
 *     lost: AD_ADVANCE.  Other 4xx: E_UPLOAD_REFUSED.
 *     429: plain AD_RETRY (not the API's quota).
 *   - 301, 302, 303, 307, 308: AD_REDIRECT.  Any other 3xx: E_HTTP.  1xx cannot arrive here.
 *   - What a foreign origin answers in place of a result says nothing of key, job or quota: tried again from the API
 *     on, which may name another place; 404 and 409 are a result that is not there yet.
 *   - AD_NET_CODED is E_PROTOCOL and tried again: a proxy on the way did it, and the next answer may come without it.
 *   - AD_NET_BODY fails with E_READER; the engine puts the body source's own status in its place.
 */
struct ad_verdict ad_verdict_of(const struct ad_traits *traits, const struct ad_reply *reply);

#endif
