/* SPDX-License-Identifier: MIT */
/*
 * Direct control and inspection for tests, beyond what a client of the real service can do.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

static void set_text(char **place, const char *text)
{
    if (!text)
        return;
    free(*place);
    *place = svc_copy(text);
}

bool svc_job_force_state(struct svc *svc, const char *id, const char *state, const char *code, const char *message)
{
    struct svc_job *job = svc_job_find(svc, id);
    enum svc_state forced = svc_state_from(state);

    if (!job || forced == SVC_STATE_END)
        return false;
    job->forced = true;
    job->forced_state = forced;
    if (forced == SVC_AWAITING)
        job->queued_ms = -1;
    set_text(&job->error_code, code);
    set_text(&job->error_message, message);
    svc_work_bill(svc, job);
    svc_journal_force(svc, job);
    return true;
}

bool svc_expire_upload(struct svc *svc, const char *id)
{
    struct svc_job *job = svc_job_find(svc, id);

    if (!job)
        return false;
    job->min_generation = ++svc->generation;
    svc_journal_expire(svc, job);
    return true;
}

void svc_expire_all_uploads(struct svc *svc)
{
    svc->min_generation = ++svc->generation;
    svc_journal_expire(svc, NULL);
}

void svc_client_restarted(struct svc *svc)
{
    svc->life++;
}

void svc_answer_lost(struct svc *svc, const char *id)
{
    struct svc_job *job = svc_job_find(svc, id);

    if (job)
        job->end_told = 0;
}

void svc_set_error_form(struct svc *svc, enum svc_error_form form)
{
    svc->config.error_form = form;
}

void svc_set_clock_skew(struct svc *svc, int64_t skew_ms)
{
    svc->config.clock_skew_ms = skew_ms;
}

size_t svc_job_total(const struct svc *svc)
{
    return svc->job_count;
}

const char *svc_job_id(const struct svc *svc, size_t index)
{
    return index < svc->job_count ? svc->jobs[index]->id : NULL;
}

const char *svc_job_state(const struct svc *svc, const char *id, int64_t now_ms)
{
    const struct svc_job *job = svc_job_find(svc, id);

    return job ? svc_state_name(svc_job_state_at(job, now_ms)) : NULL;
}

const uint8_t *svc_job_digest(const struct svc *svc, const char *id)
{
    const struct svc_job *job = svc_job_find(svc, id);

    return job != NULL && job->uploaded ? job->digest : NULL;
}

int64_t svc_job_done_ms(const struct svc *svc, const char *id)
{
    const struct svc_job *job = svc_job_find(svc, id);

    return job && job->queued_ms >= 0 ? job->done_ms : -1;
}
