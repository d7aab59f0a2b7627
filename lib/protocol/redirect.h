/* SPDX-License-Identifier: MIT */
/*
 * What a redirect (301, 302, 303, 307, 308) means for its request: where to, and whether to go there.  Pure.
 *
 *   the API, to a trusted origin        followed, at most AD_REDIRECT_HOPS times for one request
 *   a result, to any other over https   followed once, without the API key; a redirect from there is refused
 *   everything else, and any storage    refused, in words that name the origin
 *
 * 301, 302, 307 and 308 keep method and body, so that a create stays the create of its key; 303 becomes a GET.  301 and
 * 308 are for good: where the path after the base URL stays the same, the base URL has moved.
 */
#ifndef AD_PROTOCOL_REDIRECT_H
#define AD_PROTOCOL_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define AD_REDIRECT_HOPS 3

/*
 * The Location of an answer, fed header by header like struct ad_hints.  It is a text of its own since few answers have
 * one: there is memory for it only then.
 */
struct ad_location {
    struct ad_buf text; /* the first one counts */
    int32_t status;     /* ANIMALDETECT_OK; E_NO_MEMORY, E_ANSWER_TOO_LARGE, E_INVALID_ARGUMENT: it cannot be used */
};

void ad_location_init(struct ad_location *location);
void ad_location_header(struct ad_location *location, const char *name, size_t name_size, const char *value,
                        size_t value_size);
void ad_location_free(struct ad_location *location); /* may be used again afterwards */

bool ad_redirect_is_one(int32_t http_status);
bool ad_redirect_is_for_good(int32_t http_status);

struct ad_redirected {
    bool storage;    /* the request went to a storage */
    bool result;     /* it fetches a result */
    bool foreign;    /* it had left the service already */
    uint32_t hops;   /* redirects that led to it */
    int32_t trusted; /* of the new URL: ANIMALDETECT_OK if it may see the API key, E_UNTRUSTED_URL, E_INSECURE_URL */
    int32_t open;    /* ANIMALDETECT_OK if a request without the key may go there, E_INSECURE_URL */
};

enum ad_redirect_action {
    AD_REDIRECT_FOLLOW, /* with the API key */
    AD_REDIRECT_LEAVE,  /* to a foreign origin, without it */
    AD_REDIRECT_REFUSE
};

/* `*why`: how a sentence goes on that has named the new origin; "" unless refused. */
enum ad_redirect_action ad_redirect_decide(const struct ad_redirected *asked, const char **why);

/* How many bytes of `url` lie behind the base URL, the slash included; 0 when it does not begin with that. */
size_t ad_redirect_behind(const char *base_url, const char *url);

/* Does `target` end like `url`, whose last `behind` bytes lie behind the base URL?  `behind` again, or 0. */
size_t ad_redirect_keeps(const char *url, size_t behind, const char *target);

#endif
