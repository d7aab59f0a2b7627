/* SPDX-License-Identifier: MIT */
/*
 * Applies a good response to the job, one function per step.
 */
#ifndef AD_ENGINE_APPLY_H
#define AD_ENGINE_APPLY_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "engine/core.h"
#include "protocol/hints.h"

/* A good response, as received; all borrowed. */
struct ad_answer {
    int32_t http_status;
    const char *bytes;
    size_t size;
    const struct ad_hints *hints;
};

/*
 * Each: ANIMALDETECT_OK, or the status that the call fails with, and its reason in `problem`: E_PROTOCOL,
 * E_UNTRUSTED_URL, E_INSECURE_URL, E_UPLOAD_EXPIRED, E_ANSWER_TOO_LARGE, E_NO_MEMORY; of a poll also E_OVERDUE,
 * E_STATE_UNKNOWN.  Sends nothing.
 */
AD_CHECKED int32_t ad_apply_create(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem);
AD_CHECKED int32_t ad_apply_upload(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem);
AD_CHECKED int32_t ad_apply_submit(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem);
AD_CHECKED int32_t ad_apply_poll(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem);
AD_CHECKED int32_t ad_apply_fetch(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                        struct ad_problem *problem);

#endif
