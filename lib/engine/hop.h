/* SPDX-License-Identifier: MIT */
/*
 * The URL of a job's next request after a redirect.  It belongs to the call while the job is queued, then to the
 * exchange. Whatever the outcome, the request after that starts from the ordinary URL again.
 */
#ifndef AD_ENGINE_HOP_H
#define AD_ENGINE_HOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One allocation, freed with free. */
struct ad_hop {
    size_t behind;  /* bytes of `url` after the base URL, if all redirects so far were permanent; else 0 */
    uint32_t count; /* redirects of this request, including this one */
    bool get;       /* a 303 was among them: no body */
    bool foreign;   /* outside the service, without the API key */
    char url[];
};

/* NULL, the ordinary URL, is not foreign. */
static inline bool ad_hop_is_foreign(const struct ad_hop *hop)
{
    return hop != NULL && hop->foreign;
}

#endif
