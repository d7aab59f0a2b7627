/* SPDX-License-Identifier: MIT */
/*
 * Reads the response headers that matter: Retry-After, Date, RateLimit-*, X-RateLimit-* and the request id.  Takes one
 * header at a time as the response arrives.  Fixed size, never fails: what cannot be parsed counts as absent.
 */
#ifndef AD_PROTOCOL_HINTS_H
#define AD_PROTOCOL_HINTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/mask.h"

#define AD_REQUEST_ID_SIZE 96

struct ad_hints {
    const struct ad_mask *mask; /* for the texts; borrowed */
    int64_t retry_after_s;      /* in seconds; -1 */
    int64_t retry_date_s;       /* as a date, seconds since 1970; -1 */
    int64_t date_s;             /* Date of the response; -1 */
    int64_t limit;          /* requests per window; -1 */
    int64_t window_ms;      /* the window of `limit`; -1 */
    int64_t remaining;      /* -1 */
    int64_t reset_ms;       /* from now; -1. A value that can only be seconds since 1970 is converted by Date. */
    int64_t reset_date_s;   /* such a value before conversion to reset_ms, which needs Date; -1 */
    char request_id[AD_REQUEST_ID_SIZE]; /* "" when absent; clean and masked */
    uint8_t request_id_rank;             /* rank of the header it came from: the lowest wins */
};

void ad_hints_init(struct ad_hints *hints, const struct ad_mask *mask);
void ad_hints_header(struct ad_hints *hints, const char *name, size_t name_size, const char *value, size_t value_size);

/*
 * How long to wait from now, at most a day; -1 if the response did not say.  A date is relative to the Date of the
 * response, or without one to `wall_s` (our wall clock in seconds since 1970; 0 if unknown, in which case a date is
 * ignored).
 */
int64_t ad_hints_retry_after_ms(const struct ad_hints *hints, int64_t wall_s);

#endif
