/* SPDX-License-Identifier: MIT */
/*
 * Decides what a response means for its request and what to do next, in one function.  Pure.
 */
#ifndef AD_PROTOCOL_VERDICT_H
#define AD_PROTOCOL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/net.h"
#include "protocol/answer.h"

enum ad_action {
    AD_ADVANCE,   /* the step succeeded: read the body */
    AD_RETRY,     /* send again after backoff; `status` is reported when no attempts are left */
    AD_THROTTLED, /* 429: hold all API requests of the client, then send again */
    AD_OFFLINE,   /* the service cannot be reached: wait with all other calls until it can */
    AD_REFUSED,   /* final for this key or account: do not send others */
    AD_REFRESH,   /* send create again with the same key, for a fresh upload URL */
    AD_RECONCILE, /* poll the state before anything else */
    AD_REDIRECT,  /* send to another URL, if allowed: see redirect.h */
    AD_LATER,     /* send again after backoff, for `grace_ms` from the first such response; uses up no attempts */
    AD_FAIL       /* final */
};

/* What a 409 means: its meaning depends on the request. */
enum ad_conflict {
    AD_CONFLICT_KEY,   /* create: the first request with this key may be in progress: AD_LATER */
    AD_CONFLICT_STATE, /* submit: an earlier one may have taken effect: AD_RECONCILE */
    AD_CONFLICT_EARLY, /* fetch: the result is behind the state: AD_LATER */
    AD_CONFLICT_FINAL
};

/* The properties of a request that matter for judging its response. */
struct ad_traits {
    bool storage;    /* goes to a storage, not to the API */
    bool idempotent; /* sending it twice has the same effect as sending it once */
    enum ad_conflict conflict;
};

struct ad_reply {
    enum ad_net net;
    int32_t http_status;                  /* 0 without a response */
    const struct ad_service_error *error; /* read when http_status >= 400; may be NULL */
    bool own_key;                         /* the host set the idempotency key: another payload may have used it */
    bool stored;                          /* an earlier upload, whose response was lost, may have stored the image */
    bool expired;                         /* the upload URL was past its expiry time */
    bool foreign;                         /* a redirect led the fetch of a result to this origin, outside the service */
};

struct ad_verdict {
    enum ad_action action;
    int32_t status; /* for all but AD_ADVANCE */
    int64_t grace_ms; /* for AD_LATER */
};

#define AD_GRACE_CONFLICT_MS 120000
#define AD_GRACE_UNKNOWN_MS 60000 /* a job that was just created and is not known everywhere yet */
#define AD_GRACE_RESULT_MS 300000 /* a result that is not available yet although its job has succeeded */

/*
 * The rules that the table does not show:
 *
 *   - The response to a request that is not idempotent was lost (BROKEN, TIMEOUT, CODED, 408, 5xx): AD_RECONCILE.
 *   - 409: see enum ad_conflict. On a create, a key derived from the payload can only be in progress, unless the
 *     message says that the payload differs; a key of the host is in conflict, unless the message says that it is in
 *     progress. A 400 about the job's state, or about a missing upload, counts as 409 where 409 is AD_CONFLICT_STATE.
 *   - 404 for a job that the service has named: AD_LATER. Also 202, 204 and 404 for a result.
 *   - 407, 511, and a 401 or 403 with an HTML page come from a proxy or a portal: AD_OFFLINE with E_NETWORK, as for a
 *     failed connection or handshake.
 *   - Any other 4xx of the API with an HTML page is E_PROTOCOL and handled as a 5xx, except 408, 413, 425 and 429.
 *   - 401 and 402 of the API: AD_REFUSED.
 *   - Storage: 400, 401 or 403 that mentions expiry, or arrives after the URL has expired: AD_REFRESH. 400
 *     RequestTimeout: AD_RETRY. 412 (the URL may be used once only) after an upload whose response was lost:
 *     AD_ADVANCE. Other 4xx: E_UPLOAD_REFUSED. 429: plain AD_RETRY (it is not the API's quota).
 *   - 301, 302, 303, 307, 308: AD_REDIRECT. Any other 3xx: E_HTTP. The transport consumes 1xx.
 *   - A response of a foreign origin to a fetch says nothing about key, job or quota: retried from the API, which may
 *     name another URL; 404 and 409 mean that the result is not available yet.
 *   - AD_NET_CODED is E_PROTOCOL and retried: a proxy added the coding, and the next response may come without it.
 *   - AD_NET_BODY fails with E_READER; the engine replaces it by the body source's own status.
 */
struct ad_verdict ad_verdict_of(const struct ad_traits *traits, const struct ad_reply *reply);

#endif
