/* SPDX-License-Identifier: MIT */
/*
 * Detects codings of a response that were not requested.  The library requests none and decodes none: a few bytes can
 * expand to hours of work.
 */
#ifndef AD_TRANSPORT_CODING_H
#define AD_TRANSPORT_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "transport/transport.h"

enum ad_coding_kind { AD_CODING_NONE, AD_CODING_CONTENT, AD_CODING_TRANSFER };

struct ad_coding {
    enum ad_coding_kind kind;
    char name[24]; /* printable, truncated if longer */
};

/*
 * Checks one header.  Keeps the first coding other than `identity` (and, for a transfer coding, `chunked`); a transfer
 * coding takes precedence over a content coding.
 */
void ad_coding_header(struct ad_coding *coding, const char *name, size_t name_size, const char *value,
                      size_t value_size);

/*
 * Concludes a transfer whose response cannot be read.  If the body is not needed, or the response is a refusal, the
 * status is used (AD_NET_OK, with a message); else AD_NET_CODED.  The body is cleared.
 */
void ad_coding_conclude(const struct ad_coding *coding, struct ad_transfer *transfer, int http_status);

#endif
