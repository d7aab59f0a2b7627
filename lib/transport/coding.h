/* SPDX-License-Identifier: MIT */
/*
 * Finds codings of an answer that nobody asked for.  The library asks for none, so none is ever decoded: a few bytes
 * can unpack to hours of work.
 */
#ifndef AD_TRANSPORT_CODING_H
#define AD_TRANSPORT_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "transport/transport.h"

enum ad_coding_kind { AD_CODING_NONE, AD_CODING_CONTENT, AD_CODING_TRANSFER };

struct ad_coding {
    enum ad_coding_kind kind;
    char name[24]; /* printable; cut when it is longer */
};

/*
 * Looks at one header.  Kept is the first coding that is not `identity` (and, of a transfer, not `chunked`); one of a
 * transfer wins over one of the content.
 */
void ad_coding_header(struct ad_coding *coding, const char *name, size_t name_size, const char *value,
                      size_t value_size);

/*
 * Ends a transfer whose answer cannot be read: where the body is not needed, and for a refusal, the status counts
 * (AD_NET_OK, with words); else it is AD_NET_CODED.  The answer is emptied.
 */
void ad_coding_conclude(const struct ad_coding *coding, struct ad_transfer *transfer, int http_status);

#endif
