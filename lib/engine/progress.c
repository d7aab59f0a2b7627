/* SPDX-License-Identifier: MIT */
/*
 * The rules of progress.h.  Times that outlive the process are by the service's clock, all others by ours: a jump of
 * the service's clock must not end jobs that this process has submitted.
 */
#include "engine/progress.h"

#include <inttypes.h>
#include <string.h>

#include "engine/flow.h"
#include "protocol/expiry.h"
#include "protocol/json.h"

/* A submit counts as lost after this many responses that still say awaiting_upload, and this much time. */
#define LOST_POLLS 3
#define LOST_MS 60000
#define LOST_MOST 2

/* An unknown state: a result is requested after this many responses and this much time, and again after as many. */
#define UNKNOWN_POLLS 3
#define UNKNOWN_MS 60000
#define LAST_POLL_MS 600000 /* one more poll before the service drops a job, however rare its polls are */
#define ERROR_MS 300000     /* an error that persists this long with an unknown state is final if there is no result */
#define DENIALS 3           /* a definite "no result" counts this much, an uncertain one, such as a 503, counts 1 */

void ad_progress_submitted(const struct ad_engine *engine, animaldetect_job *job, const struct ad_hints *hints)
{
    struct ad_progress *progress = &job->remote.progress;
    uint8_t resubmits = progress->resubmits;

    memset(progress, 0, sizeof *progress);
    progress->resubmits = resubmits;
    progress->submitted_ms = engine->now_ms;
    progress->submitted_s = hints->date_s > 0 ? hints->date_s : 0;
}

/*
 * The service accepted a submit but its queue has lost it: it is sent again, at most twice.  Not at once, since the
 * service may show the old state for a moment.
 */
static void check_lost_submit(animaldetect_job *job, int32_t state, int64_t there_ms)
{
    struct ad_progress *progress = &job->remote.progress;

    if (state != ANIMALDETECT_STATE_AWAITING_UPLOAD) {
        progress->resubmit = false; /* it was sent, and its response was lost */
        return;
    }
    if (progress->idle_polls < UINT8_MAX)
        progress->idle_polls++;
    if (progress->idle_polls >= LOST_POLLS && there_ms >= LOST_MS && progress->resubmits < LOST_MOST &&
        job->call.goal > AD_GOAL_POLL) {
        progress->resubmits++;
        progress->resubmit = true;
    }
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Since when all responses have had the same error, 0 for no error. */
static int64_t error_since(const struct ad_engine *engine, const animaldetect_job *job,
                           const struct ad_job_answer *said)
{
    if (said->error_code == NULL && said->error_message == NULL)
        return 0;
    if (job->remote.progress.error_ms != 0 && same(said->error_code, job->remote.error_code) &&
        same(said->error_message, job->remote.error_message))
        return job->remote.progress.error_ms;
    return engine->now_ms;
}

/* An unknown state is never taken for final by itself: it may mean anything. */
static int32_t check_unknown_state(const struct ad_engine *engine, animaldetect_job *job,
                                   const struct ad_job_answer *said, struct ad_problem *problem)
{
    struct ad_progress *progress = &job->remote.progress;
    int64_t asked_ms;
    bool ended;

    if (said->state != ANIMALDETECT_STATE_OTHER) {
        progress->unknown_ms = progress->error_ms = 0;
        progress->unknown_polls = 0;
        progress->check_result = false;
        return ANIMALDETECT_OK;
    }
    if (progress->unknown_ms == 0)
        progress->unknown_ms = engine->now_ms;
    if (progress->unknown_polls < UINT8_MAX)
        progress->unknown_polls++;
    progress->error_ms = error_since(engine, job, said);
    if (job->call.goal <= AD_GOAL_POLL)
        return ANIMALDETECT_OK;
    ended = progress->error_ms != 0 && engine->now_ms - progress->error_ms >= ERROR_MS;
    asked_ms = progress->result_checked_ms > progress->unknown_ms ? progress->result_checked_ms : progress->unknown_ms;
    if ((ended || progress->unknown_polls >= UNKNOWN_POLLS) && engine->now_ms - asked_ms >= UNKNOWN_MS)
        progress->check_result = true;
    if (!ended || job->call.denials < DENIALS)
        return ANIMALDETECT_OK;
    progress->check_result = false;
    (void)ad_problem_set(problem, "unknown state \"%.64s\" with this error for 5 minutes: %.128s", said->state_text,
                         said->error_message != NULL ? said->error_message : said->error_code);
    return ANIMALDETECT_E_STATE_UNKNOWN;
}

/* How long the service has had the job; starts now if nothing else is known. */
static int64_t time_there_ms(const struct ad_engine *engine, animaldetect_job *job, const struct ad_hints *hints)
{
    struct ad_progress *progress = &job->remote.progress;

    if (progress->submitted_ms == 0 && progress->submitted_s != 0 && hints->date_s > 0)
        return hints->date_s > progress->submitted_s ? (hints->date_s - progress->submitted_s) * 1000 : 0;
    if (progress->submitted_ms == 0) {
        progress->submitted_ms = engine->now_ms;
        if (progress->submitted_s == 0 && hints->date_s > 0)
            progress->submitted_s = hints->date_s;
    }
    return engine->now_ms - progress->submitted_ms;
}

/*
 * Whether the job is overdue.  A job that still awaits its upload is not, until its submit was repeated as often as
 * allowed.
 */
static bool is_overdue(const struct ad_engine *engine, const animaldetect_job *job, int32_t state, int64_t there_ms)
{
    int64_t limit_ms = engine->config->processing_timeout_ms;

    if (state == ANIMALDETECT_STATE_AWAITING_UPLOAD && job->remote.progress.resubmits < LOST_MOST)
        return false;
    return limit_ms >= 0 && there_ms >= limit_ms && job->call.goal > AD_GOAL_POLL;
}

/* Converts the time when the service drops the job from its clock to ours. */
static void check_expiry(const struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *said,
                         const struct ad_hints *hints)
{
    int64_t end_s = ad_expiry_read(said->expires_at);

    if (end_s >= 0 && hints->date_s > 0)
        job->remote.progress.expires_ms = engine->now_ms + (end_s - hints->date_s) * 1000;
}

int64_t ad_progress_due_ms(const animaldetect_job *job, int64_t due_ms)
{
    int64_t last_ms = job->remote.progress.expires_ms - LAST_POLL_MS;
    bool known = job->remote.progress.expires_ms != 0;

    return known && due_ms > last_ms && job->remote.plan.poll_ms < last_ms ? last_ms : due_ms;
}

int32_t ad_progress_polled(const struct ad_engine *engine, animaldetect_job *job, const struct ad_job_answer *said,
                           const struct ad_hints *hints, struct ad_problem *problem)
{
    int64_t there_ms;
    int32_t status;

    if (ad_flow_stage_of(said->state) >= ANIMALDETECT_STAGE_FINISHED ||
        (job->remote.stage < ANIMALDETECT_STAGE_SUBMITTED &&
         ad_flow_stage_of(said->state) < ANIMALDETECT_STAGE_SUBMITTED))
        return ANIMALDETECT_OK;
    check_expiry(engine, job, said, hints);
    there_ms = time_there_ms(engine, job, hints);
    check_lost_submit(job, said->state, there_ms);
    status = check_unknown_state(engine, job, said, problem);
    if (status != ANIMALDETECT_OK || !is_overdue(engine, job, said->state, there_ms))
        return status;
    /* Not before a result was requested: it may exist, whatever the state means. */
    if (said->state == ANIMALDETECT_STATE_OTHER && job->call.denials == 0) {
        job->remote.progress.check_result = job->remote.progress.last_check = true;
        return ANIMALDETECT_OK;
    }
    job->remote.progress.resubmit = job->remote.progress.check_result = false;
    (void)ad_problem_set(problem,
                         "still \"%.64s\" %" PRId64
                         " s after its submit: not finished within the processing timeout; run the job again later",
                         said->state_text, there_ms / 1000);
    return ANIMALDETECT_E_OVERDUE;
}

void ad_progress_no_result(const struct ad_engine *engine, animaldetect_job *job, bool clear)
{
    job->call.denials = (uint8_t)(clear || job->call.denials >= DENIALS ? DENIALS : job->call.denials + 1);
    /* The next response decides; nothing else is due. */
    if (job->remote.progress.last_check)
        ad_poll_plan_pull(&job->remote.plan);
    job->remote.progress.check_result = job->remote.progress.last_check = false;
    job->remote.progress.result_checked_ms = engine->now_ms;
    job->remote.progress.unknown_polls = 0;
}
