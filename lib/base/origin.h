/* SPDX-License-Identifier: MIT */
/*
 * Where a URL points: scheme, host and port, compared after normalization (RFC 6454 section 4).  Splitting and
 * resolving are libcurl's.
 */
#ifndef AD_BASE_ORIGIN_H
#define AD_BASE_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

#define AD_HOST_SIZE 256

struct ad_origin {
    char host[AD_HOST_SIZE]; /* lower case, without a trailing dot; IPv6 in brackets, normalized */
    uint16_t port;           /* never 0 */
    bool https;
};

/*
 * ANIMALDETECT_OK; ANIMALDETECT_E_INVALID_ARGUMENT for anything but an absolute http(s) URL with a host, without user
 * info, without control characters, blanks, backslashes or bytes above 126, at most 8,192 bytes;
 * ANIMALDETECT_E_NO_MEMORY.
 * What libcurl would read differently from other parsers is refused, not guessed.  `out` is set on success only.
 */
AD_CHECKED int32_t ad_origin_parse(const char *url, struct ad_origin *out);

/*
 * Does `url` begin with the very scheme, host and port of `base_url`, which ad_base_url_normalize or ad_origin_format
 * wrote?  Then it has that origin, and needs no splitting.  False says nothing: the same origin can be written in other ways.
 */
bool ad_origin_begins(const char *base_url, const char *url);

bool ad_origin_equal(const struct ad_origin *a, const struct ad_origin *b);

/* localhost, *.localhost, 127.0.0.0/8 in plain dotted form, [::1]. */
bool ad_origin_is_loopback(const struct ad_origin *origin);

/* "https://host:port", the port left out when it is the scheme's own. */
#define AD_ORIGIN_TEXT_SIZE (AD_HOST_SIZE + 16)
void ad_origin_format(const struct ad_origin *origin, char *out, size_t size);

/*
 * A base URL without trailing slashes, scheme and host normalized, as a new string from malloc; NULL on failure.
 * Errors as ad_origin_parse; a query or fragment is ANIMALDETECT_E_INVALID_ARGUMENT.
 */
AD_CHECKED int32_t ad_base_url_normalize(const char *url, char **out);

/*
 * The URL that `reference` means in an answer to a request of `url`, which ad_origin_parse takes (RFC 3986 section 5):
 * an absolute URL, "//host/x", "/x", "x", "../x", "?x"; dot segments are resolved, a fragment is cut off.  What
 * comes out is taken by ad_origin_parse, whose errors are these.  A new string from malloc; NULL on failure.
 */
AD_CHECKED int32_t ad_url_resolve(const char *url, const char *reference, char **out);

#endif
