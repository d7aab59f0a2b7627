/* SPDX-License-Identifier: MIT */
/*
 * Where an upload goes: the "upload" object of the service.  One allocation, freed when the image is uploaded.
 */
#ifndef AD_ENGINE_TARGET_H
#define AD_ENGINE_TARGET_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "protocol/answer.h"

struct ad_target {
    struct ad_target *next; /* in a list of retired ones */
    const char *method;
    const char *url;
    const char *expires_at; /* NULL when absent */
    int64_t ends_ms;        /* when an upload must have completed, by our clock; 0: unknown */
    size_t header_count;
    struct ad_header headers[]; /* followed by the texts */
};

/*
 * Copies an upload target.  E_PROTOCOL for a method or header that must not be sent (`problem` says why), E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_target_new(const struct ad_job_answer *answer, struct ad_target **out,
                                 struct ad_problem *problem);

/* Frees a list. */
void ad_target_free_all(struct ad_target *first);

#endif
