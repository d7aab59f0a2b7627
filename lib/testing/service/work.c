/* SPDX-License-Identifier: MIT */
/*
 * Submitted work: detects jobs that repeat an earlier one, and images that are billed twice.  Two jobs are the same
 * work if their payloads and their content (the stored bytes, or the source URL) are equal.  An image is billed when a
 * job that will succeed is submitted, and twice when two jobs of one operation are.
 */
#include <stdlib.h>
#include <string.h>

#include "testing/service/internal.h"

#define OVERDUE_MS INT64_C(86400000)

struct svc_work {
    uint8_t name[2 * SVC_DIGEST_SIZE]; /* payload, content */
    const struct svc_job *last;
};

struct svc_bill {
    uint8_t name[SVC_DIGEST_SIZE + 1]; /* content, operation */
    uint64_t jobs;
};

static struct svc_work *work_of(struct svc *svc, const struct svc_job *job)
{
    uint8_t name[2 * SVC_DIGEST_SIZE];
    struct svc_work *work;

    memcpy(name, job->payload, SVC_DIGEST_SIZE);
    memcpy(name + SVC_DIGEST_SIZE, job->digest, SVC_DIGEST_SIZE);
    work = svc_table_get(&svc->works, name, sizeof(name));
    if (work)
        return work;
    work = svc_alloc(sizeof(*work));
    memcpy(work->name, name, sizeof(name));
    svc_table_put(&svc->works, work->name, sizeof(work->name), work);
    return work;
}

static struct svc_bill *bill_of(struct svc *svc, const struct svc_job *job)
{
    uint8_t name[SVC_DIGEST_SIZE + 1];
    struct svc_bill *bill;

    memcpy(name, job->digest, SVC_DIGEST_SIZE);
    name[SVC_DIGEST_SIZE] = (uint8_t)job->operation;
    bill = svc_table_get(&svc->bills, name, sizeof(name));
    if (bill)
        return bill;
    bill = svc_alloc(sizeof(*bill));
    memcpy(bill->name, name, sizeof(name));
    svc_table_put(&svc->bills, bill->name, sizeof(bill->name), bill);
    return bill;
}

static bool will_succeed(const struct svc_job *job)
{
    if (job->forced)
        return job->forced_state == SVC_SUCCEEDED;
    return job->queued_ms >= 0 && !job->fails && job->done_ms < job->expires_ms;
}

void svc_work_bill(struct svc *svc, struct svc_job *job)
{
    struct svc_bill *bill;

    if (will_succeed(job) == job->billed)
        return;
    bill = bill_of(svc, job);
    job->billed = !job->billed;
    if (job->billed && ++bill->jobs == 2)
        svc->counts[SVC_COUNT_BILLED_TWICE]++;
    else if (!job->billed && --bill->jobs == 1)
        svc->counts[SVC_COUNT_BILLED_TWICE]--;
}

/* A client may run the same work again if its job failed, or the service denied it or gave no clear outcome. */
static bool may_be_repeated(const struct svc_job *job, int64_t now_ms)
{
    enum svc_state state = svc_job_state_at(job, now_ms);

    if (state == SVC_FAILED || state == SVC_EXPIRED)
        return true;
    if (job->result_told)
        return false;
    return job->excused || job->stuck || job->word || (state != SVC_SUCCEEDED && now_ms - job->queued_ms >= OVERDUE_MS);
}

void svc_work_restore(struct svc *svc, struct svc_job *job)
{
    work_of(svc, job)->last = job;
    svc_work_bill(svc, job);
}

void svc_work_submitted(struct svc *svc, struct svc_job *job, int64_t now_ms)
{
    const struct svc_job *last = work_of(svc, job)->last;

    if (last && last != job && !svc->config.allow_equal_payloads && !may_be_repeated(last, now_ms))
        svc_violate(svc, "duplicate_payload", "%s repeats %s", job->id, last->id);
    svc_work_restore(svc, job);
}

void svc_work_excuse(struct svc *svc, struct svc_job *job)
{
    if (job)
        job->result_told = false; /* the response may have been lost: a client that asks again has no result */
    if (!job || job->excused)
        return;
    job->excused = true;
    svc_journal_excuse(svc, job);
}

static void free_values(struct svc_table *table)
{
    for (size_t i = 0; i < table->capacity; i++)
        free(table->entries[i].value);
    svc_table_free(table);
}

void svc_work_free(struct svc *svc)
{
    free_values(&svc->works);
    free_values(&svc->bills);
}
