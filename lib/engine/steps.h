/* SPDX-License-Identifier: MIT */
/*
 * The steps of a job as one table.  A row says how the step's request is built, its class, how its response is judged
 * and applied.  A new step is one row in steps.c; a value of enum animaldetect_step without a row, or a row without a
 * column, does not compile.
 */
#ifndef AD_ENGINE_STEPS_H
#define AD_ENGINE_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include <animaldetect/types.h>

#include "engine/apply.h"
#include "engine/core.h"
#include "engine/step_count.h"
#include "protocol/request.h"
#include "protocol/verdict.h"

struct ad_step {
    const char *name;
    int32_t counter;         /* enum animaldetect_statistic of its requests; from here on: for steps with a request */
    bool paced;              /* counts against the API's quota */
    bool status_suffices;    /* the status of a success is enough; the body is ignored */
    struct ad_traits traits; /* how its response is judged */
    enum ad_class (*class_of)(const struct ad_engine *engine, const animaldetect_job *job);
    int32_t (*build)(const struct ad_request_facts *facts, struct ad_request *out, const char **reason);
    int32_t (*apply)(struct ad_engine *engine, animaldetect_job *job, const struct ad_answer *answer,
                     struct ad_problem *problem);
};

/* By enum animaldetect_step; any other number gives the row of NONE. */
const struct ad_step *ad_step_of(int32_t step);

bool ad_step_has_request(int32_t step);

/* Whether the job's next request counts against the API's quota. */
bool ad_step_is_paced(const animaldetect_job *job);

#endif
