/* SPDX-License-Identifier: MIT */
/*
 * Scheme, host and port of a URL, compared after normalization (RFC 6454 section 4). libcurl does the parsing and
 * resolving.
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
 * ANIMALDETECT_OK; ANIMALDETECT_E_INVALID_ARGUMENT for anything but an absolute http(s) URL of at most 8,192 bytes,
 * with a host, without user info, control characters, blanks, backslashes or bytes above 126; ANIMALDETECT_E_NO_MEMORY.
 * What libcurl would read differently from other parsers is refused, not guessed.  `out` is set on success only.
 */
AD_CHECKED int32_t ad_origin_parse(const char *url, struct ad_origin *out);

/*
 * Whether `url` starts with exactly the scheme, host and port of `base_url`, as written by ad_base_url_normalize or
 * ad_origin_format.  If so it has that origin and need not be parsed.  False proves nothing: the same origin can be
 * spelled in other ways.
 */
bool ad_origin_begins(const char *base_url, const char *url);

bool ad_origin_equal(const struct ad_origin *a, const struct ad_origin *b);

/* localhost, *.localhost, 127.0.0.0/8 in plain dotted form, [::1]. */
bool ad_origin_is_loopback(const struct ad_origin *origin);

/* "https://host:port", without the port if it is the default of the scheme. */
#define AD_ORIGIN_TEXT_SIZE (AD_HOST_SIZE + 16)
void ad_origin_format(const struct ad_origin *origin, char *out, size_t size);

/*
 * A base URL without trailing slashes, with scheme and host normalized, as a new string from malloc; NULL on failure.
 * Errors as ad_origin_parse; also ANIMALDETECT_E_INVALID_ARGUMENT for a query or fragment.
 */
AD_CHECKED int32_t ad_base_url_normalize(const char *url, char **out);

/*
 * Resolves `reference`, found in a response to a request of `url`, to a URL (RFC 3986 section 5): an absolute URL,
 * "//host/x", "/x", "x", "../x", "?x".  Dot segments are resolved, a fragment is removed. ad_origin_parse accepts `url`
 * and the result; errors as there.  A new string from malloc; NULL on failure.
 */
AD_CHECKED int32_t ad_url_resolve(const char *url, const char *reference, char **out);

#endif
