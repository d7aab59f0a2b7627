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
    AD_THROTTLED,    /* 429: freeze all API calls of the client, then again */
    AD_REFRESH,      /* ask create again with the same key for a fresh upload URL */
    AD_RECONCILE,    /* ask for the status before anything else */
    AD_FAIL          /* final */
};

/* What a 409 means: the one status whose meaning depends on what was asked. */
enum ad_conflict {
    AD_CONFLICT_KEY,   /* create: retried while the code says that the key's first request is in progress, else final */
    AD_CONFLICT_STATE, /* submit: another one may have had its effect: AD_RECONCILE */
    AD_CONFLICT_EARLY, /* fetch: the result lags behind the status: AD_RETRY */
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
};

struct ad_verdict {
    enum ad_action action;
    int32_t status; /* for all but AD_ADVANCE */
};

/*
 *   - A request that is not idempotent and whose answer was lost (BROKEN, TIMEOUT, CODED, 408, 5xx): AD_RECONCILE.
 *   - 409 by the request's trait; "in progress" is one of the codes idempotency_in_progress, request_in_progress,
 *     in_progress.  400 that speaks of the state is as a 409 where that is AD_CONFLICT_STATE.
 *   - Storage: 400 ExpiredToken, 403, 401: AD_REFRESH.  400 RequestTimeout: AD_RETRY.  Other 4xx: E_UPLOAD_REFUSED.
 *     429: plain AD_RETRY (not the API's quota).
 *   - 3xx: E_HTTP, never followed.  1xx cannot arrive here.
 *   - AD_NET_CODED is E_PROTOCOL and tried again: a proxy on the way did it, and the next answer may come without it.
 *   - AD_NET_BODY fails with E_READER; the engine puts the body source's own status in its place.
 */
struct ad_verdict ad_verdict_of(const struct ad_traits *traits, const struct ad_reply *reply);

#endif
