/* SPDX-License-Identifier: MIT */
/*
 * Where the next request of a job goes when its last answer was a redirect.  It belongs to the call while the job waits
 * for its turn, and to the exchange from its start on: whatever comes of that, the request after it starts from the
 * ordinary URL again.
 */
#ifndef AD_ENGINE_HOP_H
#define AD_ENGINE_HOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In one allocation, freed with free. */
struct ad_hop {
    size_t behind;  /* bytes of `url` behind the base URL, if all redirects so far were for good; else 0 */
    uint32_t count; /* redirects of this request, this one included */
    bool get;       /* a 303 was among them: without body */
    bool foreign;   /* out of the service, without the API key */
    char url[];
};

#endif
