/* SPDX-License-Identifier: MIT */
/*
 * What an answer means for its step: every kind of answer, and what to do about it, as one function.  Pure.
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
 * step: enum animaldetect_step, CREATE to FETCH.
 *   - CREATE 409 with a code that says "in progress" (idempotency_in_progress, request_in_progress, in_progress) is
 *     retried; any other is final.
 *   - SUBMIT whose answer was lost (BROKEN, TIMEOUT, 408, 5xx), SUBMIT 409 and SUBMIT 400 that speaks of the state:
 *     AD_RECONCILE.
 *   - UPLOAD 400 ExpiredToken, 403, 401: AD_REFRESH.  UPLOAD 400 RequestTimeout: AD_RETRY.  UPLOAD other 4xx:
 *     E_UPLOAD_REFUSED.  Upload 429: plain AD_RETRY (not the API's quota).
 *   - FETCH 409: the result lags behind the status: AD_RETRY.
 *   - 3xx: E_HTTP, never followed.  1xx cannot arrive here.
 *   - AD_NET_CODED is E_PROTOCOL and tried again: a proxy on the way did it, and the next answer may come without it.
 *   - AD_NET_BODY fails with E_READER; the engine puts the body source's own status in its place.
 */
struct ad_verdict ad_verdict_of(int32_t step, const struct ad_reply *reply);

#endif
