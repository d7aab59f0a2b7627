/* SPDX-License-Identifier: MIT */
/*
 * Decides whether a redirect (301, 302, 303, 307, 308) is followed, and how.  Pure.
 *
 *   the API, to a trusted origin          followed, at most AD_REDIRECT_HOPS times per request
 *   a result, to any other https origin   followed once, without the API key; a further redirect is refused
 *   anything else, and any storage        refused, with a message that names the origin
 *
 * 301, 302, 307 and 308 keep method and body, so a create is repeated under the same key; 303 becomes a GET. 301 and
 * 308 are permanent: if the path after the base URL is unchanged, the base URL has moved.
 */
#ifndef AD_PROTOCOL_REDIRECT_H
#define AD_PROTOCOL_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define AD_REDIRECT_HOPS 3

/*
 * The Location of a response, read header by header like struct ad_hints.  Its buffer is separate since few responses
 * have a Location: only those need the memory.
 */
struct ad_location {
    struct ad_buf text; /* the first one wins */
    int32_t status;     /* ANIMALDETECT_OK; E_NO_MEMORY, E_ANSWER_TOO_LARGE, E_INVALID_ARGUMENT: unusable */
};

void ad_location_init(struct ad_location *location);
void ad_location_header(struct ad_location *location, const char *name, size_t name_size, const char *value,
                        size_t value_size);
void ad_location_free(struct ad_location *location); /* reusable afterwards */

bool ad_redirect_is_one(int32_t http_status);
bool ad_redirect_is_for_good(int32_t http_status);

struct ad_redirected {
    bool storage;    /* the request went to a storage */
    bool result;     /* the request fetches a result */
    bool foreign;    /* an earlier redirect already led outside the service */
    uint32_t hops;   /* redirects of this request so far */
    int32_t trusted; /* ANIMALDETECT_OK if the new URL may receive the API key, E_UNTRUSTED_URL, E_INSECURE_URL */
    int32_t open;    /* ANIMALDETECT_OK if it may receive a request without the key, E_INSECURE_URL */
};

enum ad_redirect_action {
    AD_REDIRECT_FOLLOW, /* with the API key */
    AD_REDIRECT_LEAVE,  /* to a foreign origin, without the API key */
    AD_REDIRECT_REFUSE
};

/* `*why`: completes a sentence that starts with the name of the new origin; "" unless refused. */
enum ad_redirect_action ad_redirect_decide(const struct ad_redirected *asked, const char **why);

/* The number of bytes of `url` after the base URL, including the slash; 0 if it does not start with the base URL. */
size_t ad_redirect_behind(const char *base_url, const char *url);

/* `behind` if the last `behind` bytes of `url`, those after the base URL, are also the end of `target`; else 0. */
size_t ad_redirect_keeps(const char *url, size_t behind, const char *target);

#endif
