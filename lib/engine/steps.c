/* SPDX-License-Identifier: MIT */
/*
 * The table of steps, and the admission classes that depend on more than the step.
 */
#include "engine/steps.h"

#include "engine/hop.h"

static enum ad_class class_of_create(const struct ad_engine *engine, const animaldetect_job *job)
{
    (void)engine;
    if (job->remote.id != NULL)
        return AD_CLASS_FRESH_URL;
    return job->call.goal != AD_GOAL_RUN || job->call.in_window ? AD_CLASS_FREE_CREATE : AD_CLASS_CREATE;
}

static enum ad_class class_of_upload(const struct ad_engine *engine, const animaldetect_job *job)
{
    (void)engine;
    (void)job;
    return AD_CLASS_UPLOAD;
}

static enum ad_class class_of_submit(const struct ad_engine *engine, const animaldetect_job *job)
{
    (void)engine;
    (void)job;
    return AD_CLASS_SUBMIT;
}

static enum ad_class class_of_poll(const struct ad_engine *engine, const animaldetect_job *job)
{
    if (job->remote.ask_first || job->call.goal == AD_GOAL_POLL)
        return AD_CLASS_HOT_POLL;
    if (ad_list_holds(&job->call.straggler))
        return ad_poll_plan_is_pulled(&job->remote.plan) ? AD_CLASS_HOT_POLL : AD_CLASS_LATE_POLL;
    return ad_planner_is_hot(&engine->planner, ad_planner_operation(job->input.operation), &job->remote.plan,
                             engine->now_ms)
               ? AD_CLASS_HOT_POLL
               : AD_CLASS_POLL;
}

static enum ad_class class_of_fetch(const struct ad_engine *engine, const animaldetect_job *job)
{
    (void)engine;
    (void)job;
    return AD_CLASS_FETCH;
}

/* The rows. "suffices": the status of a success is enough, the body is ignored. "409": what that status means. */
/* clang-format off */
#define API false
#define STORAGE true
#define ROWS(NAME, REQUEST)                                                                                            \
    NAME(NONE, "none")                                                                                                 \
    NAME(PREPARE, "prepare")                                                                                           \
    /*      step    name      counted          paced  suffices where    idempotent  409    class            request */ \
    REQUEST(CREATE, "create", REQUESTS_CREATE, true,  false,   API,     true,       KEY,   class_of_create, create)    \
    REQUEST(UPLOAD, "upload", REQUESTS_UPLOAD, false, true,    STORAGE, true,       FINAL, class_of_upload, upload)    \
    REQUEST(SUBMIT, "submit", REQUESTS_SUBMIT, true,  true,    API,     false,      STATE, class_of_submit, submit)    \
    REQUEST(POLL,   "poll",   REQUESTS_POLL,   true,  false,   API,     true,       FINAL, class_of_poll,   poll)    \
    REQUEST(FETCH,  "fetch",  REQUESTS_FETCH, true,  false,   API,     true,       EARLY, class_of_fetch,  fetch)
/* clang-format on */

#define NAME_ROW(step, text) [ANIMALDETECT_STEP_##step] = {.name = (text), .counter = -1},
#define REQUEST_ROW(step, text, stat, is_paced, suffices, storage, idempotent, conflict, class_function, request) \
    [ANIMALDETECT_STEP_##step] = {.name = (text),                                                                 \
                                  .counter = ANIMALDETECT_STAT_##stat,                                            \
                                  .paced = (is_paced),                                                            \
                                  .status_suffices = (suffices),                                                  \
                                  .traits = {(storage), (idempotent), AD_CONFLICT_##conflict},                    \
                                  .class_of = (class_function),                                                   \
                                  .build = ad_request_##request,                                                  \
                                  .apply = ad_apply_##request},

static const struct ad_step TABLE[] = {ROWS(NAME_ROW, REQUEST_ROW)};

_Static_assert(sizeof TABLE / sizeof TABLE[0] == AD_STEP_COUNT, "AD_STEP_COUNT counts the rows");

#define NAME_CASE(step, ...) case ANIMALDETECT_STEP_##step:

const struct ad_step *ad_step_of(int32_t step)
{
    /* No default: a step without a row does not compile (-Werror=switch). */
    switch ((enum animaldetect_step)step) {
        ROWS(NAME_CASE, NAME_CASE)
        return &TABLE[step];
    }
    return &TABLE[ANIMALDETECT_STEP_NONE];
}

bool ad_step_has_request(int32_t step)
{
    return ad_step_of(step)->build != NULL;
}

bool ad_step_is_paced(const animaldetect_job *job)
{
    return ad_step_of(job->call.step)->paced && !ad_hop_is_foreign(job->call.hop);
}

const char *animaldetect_step_name(int32_t step)
{
    return step >= 0 && step < AD_STEP_COUNT ? ad_step_of(step)->name : "other";
}
