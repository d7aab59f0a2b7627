/* SPDX-License-Identifier: MIT */
/*
 * The few answer headers that matter: Retry-After, Date, RateLimit-*, X-RateLimit-* and the request id.
 * Fed header by header while an answer arrives, fixed size, never fails: what cannot be read is as if it were absent.
 */
#ifndef AD_PROTOCOL_HINTS_H
#define AD_PROTOCOL_HINTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/mask.h"

#define AD_REQUEST_ID_SIZE 96

struct ad_hints {
    const struct ad_mask *mask; /* for the texts; borrowed */
    int64_t retry_after_s;  /* seconds form; -1 */
    int64_t retry_date_s;   /* date form, seconds since 1970; -1 */
    int64_t date_s;         /* the answer's own Date; -1 */
    int64_t limit;          /* requests per window; -1 */
    int64_t window_ms;      /* the window the limit is per; -1 */
    int64_t remaining;      /* -1 */
    int64_t reset_ms;       /* from now; -1.  Values that can only be a time since 1970 are read against Date. */
    int64_t reset_date_s;   /* such a value itself; becomes reset_ms as soon as Date is there; -1 */
    char request_id[AD_REQUEST_ID_SIZE]; /* "" when absent; clean, masked */
    uint8_t request_id_rank; /* which header gave it: the lowest wins */
};

void ad_hints_init(struct ad_hints *hints, const struct ad_mask *mask);
void ad_hints_header(struct ad_hints *hints, const char *name, size_t name_size, const char *value, size_t value_size);

/*
 * How long to wait from now, -1 when nothing was said.  A date is anchored to the answer's Date; without one to
 * `wall_s` (the host's own idea of seconds since 1970; 0 when unknown: the date is then ignored).  Never negative
 * otherwise, at most a day.
 */
int64_t ad_hints_retry_after_ms(const struct ad_hints *hints, int64_t wall_s);

#endif
