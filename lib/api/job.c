/* SPDX-License-Identifier: MIT */
/*
 * Creates, frees and runs jobs.  The public steps are one line each over `start` and `run_to`.
 */
#include "api/job.h"

#include <animaldetect/job.h>

#include "api/wait.h"
#include "base/text.h"
#include "engine/flow.h"
#include "engine/rerun.h"
#include "protocol/rules.h"

int32_t ad_enter_job(animaldetect_job *job)
{
    int32_t status = job == NULL ? ANIMALDETECT_E_INVALID_ARGUMENT : ad_enter(job->client);

    if (status == ANIMALDETECT_E_CLIENT_FREED) {
        ad_lock(job->client);
        job->refusal = "the client was freed";
        ad_unlock(job->client);
    }
    return status;
}

animaldetect_job *ad_job_own(const animaldetect_job *job)
{
    return (animaldetect_job *)(uintptr_t)job;
}

bool ad_read_begin(const animaldetect_job *job)
{
    return ad_peek(job->client);
}

void ad_read_end(const animaldetect_job *job, bool locked)
{
    if (locked)
        ad_unlock(job->client);
}

animaldetect_job *ad_client_add_job(animaldetect_client *client, const char *operation)
{
    animaldetect_job *job = ad_job_new(operation);

    if (job == NULL)
        return NULL;
    job->client = client;
    client->references++;
    return job;
}

void ad_client_drop_job(animaldetect_client *client, animaldetect_job *job)
{
    client->references--;
    ad_job_destroy(job);
}

int32_t animaldetect_job_new(animaldetect_client *client, const char *operation, animaldetect_job **out)
{
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (operation == NULL || !ad_operation_is_good(operation))
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "the operation must be 1 to 64 letters, digits and underscores");
    else if ((*out = ad_client_add_job(client, operation)) == NULL)
        status = ANIMALDETECT_E_NO_MEMORY;
    ad_unlock(client);
    return status;
}

int32_t animaldetect_job_attach(animaldetect_client *client, const char *job_id, animaldetect_job **out)
{
    animaldetect_job *job = NULL;
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (job_id == NULL || ad_text_length(job_id, 128) > 128 || !ad_text_is_name(job_id, "-_")) {
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "the job id must be 1 to 128 letters, digits, '-' and '_'");
    } else if (ad_mask_finds(&client->mask, job_id)) {
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the job id contains the API key");
    } else {
        job = ad_client_add_job(client, NULL);
        status = job == NULL ? ANIMALDETECT_E_NO_MEMORY : ad_job_set_text(job, &job->remote.id, job_id);
    }
    if (status == ANIMALDETECT_OK && job != NULL) {
        job->remote.stage = ANIMALDETECT_STAGE_CREATED;
        job->remote.ask_first = true;
        job->input.restored = true;
        *out = job;
    } else if (job != NULL) {
        ad_client_drop_job(client, job);
    }
    ad_unlock(client);
    return status;
}

void animaldetect_job_free(animaldetect_job *job)
{
    animaldetect_client *client;
    bool inside;

    if (job == NULL)
        return;
    client = job->client;
    if (ad_is_forked(client)) {
        if (client->running)
            ad_engine_forget_forked(&client->engine, job);
        ad_job_destroy(job);
        ad_client_release(client);
        return;
    }
    inside = ad_is_inside(client);
    if (!inside)
        ad_lock(client);
    job->next_freed = client->freed;
    client->freed = job;
    if (!inside)
        ad_unlock(client);
}

/* Locked. */
static int32_t start(animaldetect_job *job, enum ad_goal goal, bool blocks)
{
    animaldetect_client *client = job->client;
    const char *why = "";
    int32_t status;

    if (client->stopped)
        return ad_job_refuse(job, ANIMALDETECT_E_CANCELED, "the client was stopped");
    if (job->call.activity == AD_ACTIVITY_DONE)
        return ad_job_refuse(job, ANIMALDETECT_E_BUSY,
                             "the completion of the previous call has not been collected (next_done or wait)");
    if (job->call.activity != AD_ACTIVITY_IDLE)
        return ad_job_refuse(job, ANIMALDETECT_E_BUSY, "a call is in flight on this job");
    if (client->key.text == NULL)
        return ad_job_refuse(job, ANIMALDETECT_E_NO_API_KEY, "no API key is set");
    status = ad_flow_check(job, goal, &why);
    if (status != ANIMALDETECT_OK)
        return ad_job_refuse(job, status, why);
    status = ad_client_open(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->config.max_jobs > 0 && client->engine.flight.count >= (uint64_t)client->config.max_jobs)
        return ad_job_refuse(job, ANIMALDETECT_E_QUEUE_FULL,
                             "the client has reached its limit of calls in flight: collect a completion first");
    job->engine = &client->engine;
    status = ad_engine_start(&client->engine, job, goal, blocks);
    ad_waiters_notify(client);
    return status;
}

static int32_t start_async(animaldetect_job *job, enum ad_goal goal)
{
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    job->cancel_next = false;
    status = start(job, goal, false);
    ad_unlock(job->client);
    return status;
}

int32_t ad_job_refuse(animaldetect_job *job, int32_t status, const char *message)
{
    job->refusal = message;
    return ad_client_refuse(job->client, status, "%s", message);
}

/* Returns the status of the completed call, or why there is none.  Locked. */
static int32_t take_end(animaldetect_job *job, int32_t waited)
{
    if (waited != ANIMALDETECT_OK)
        return waited;
    if (job->call.activity == AD_ACTIVITY_DONE)
        ad_engine_take_job(&job->client->engine, job);
    return job->call.status;
}

/* A blocking call that cannot wait must not leave the job in flight. */
static int32_t give_up(animaldetect_job *job)
{
    ad_engine_cancel(&job->client->engine, job);
    ad_waiters_notify(job->client);
    if (job->call.activity == AD_ACTIVITY_DONE)
        ad_engine_take_job(&job->client->engine, job);
    return ANIMALDETECT_E_SYSTEM;
}

/*
 * A blocked thread may be the one that would have to end the hold, so while the refusal is recent its call fails at
 * once.  Later one such call is sent again on behalf of all.
 */
static int32_t check_hold(animaldetect_job *job)
{
    animaldetect_client *client = job->client;
    int32_t status = client->running ? ad_engine_check_blocking(&client->engine, job) : ANIMALDETECT_OK;

    return status == ANIMALDETECT_OK
               ? status
               : ad_job_refuse(job, status,
                               "the service rejected the API key or the account a moment ago; nothing was sent");
}

/* The job was canceled before this thread could block. */
static int32_t refuse_canceled(animaldetect_job *job)
{
    job->cancel_next = false;
    return ad_job_refuse(job, ANIMALDETECT_E_CANCELED, "the call was canceled before it began");
}

static int32_t run_to(animaldetect_job *job, enum ad_goal goal)
{
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    status = job->cancel_next ? refuse_canceled(job) : check_hold(job);
    if (status == ANIMALDETECT_OK)
        status = start(job, goal, true);
    if (status == ANIMALDETECT_OK) {
        status = ad_wait(job->client, job, -1);
        status = status == ANIMALDETECT_E_SYSTEM ? give_up(job) : take_end(job, status);
    }
    ad_unlock(job->client);
    return status;
}

int32_t animaldetect_job_rerun(animaldetect_job *job)
{
    struct ad_release *owed = NULL;
    const char *why = NULL;
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (job->call.activity != AD_ACTIVITY_IDLE)
        status = ad_job_refuse(job, ANIMALDETECT_E_BUSY,
                               "a call is in flight on this job, or its completion has not been collected");
    else
        status = ad_job_rerun(job, &why, &owed);
    if (status == ANIMALDETECT_E_STATE)
        status = ad_job_refuse(job, status, why);
    if (status == ANIMALDETECT_OK)
        job->refusal = NULL;
    ad_release_defer(&job->client->releases, owed);
    ad_unlock(job->client);
    return status;
}

int32_t animaldetect_job_wait(animaldetect_job *job, int64_t timeout_ms)
{
    int32_t status;

    if (timeout_ms < -1)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    status = ad_enter_job(job);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!job->input.started)
        status = ANIMALDETECT_E_STATE;
    else
        status = take_end(job, ad_wait(job->client, job, timeout_ms));
    ad_unlock(job->client);
    return status;
}

int32_t animaldetect_job_cancel(animaldetect_job *job)
{
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (job->call.activity == AD_ACTIVITY_IDLE) {
        job->cancel_next = true;
    } else {
        ad_engine_cancel(&job->client->engine, job);
        ad_waiters_notify(job->client);
    }
    ad_unlock(job->client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_job_create(animaldetect_job *job)
{
    return run_to(job, AD_GOAL_CREATE);
}

int32_t animaldetect_job_create_async(animaldetect_job *job)
{
    return start_async(job, AD_GOAL_CREATE);
}

int32_t animaldetect_job_upload(animaldetect_job *job)
{
    return run_to(job, AD_GOAL_UPLOAD);
}

int32_t animaldetect_job_upload_async(animaldetect_job *job)
{
    return start_async(job, AD_GOAL_UPLOAD);
}

int32_t animaldetect_job_submit(animaldetect_job *job)
{
    return run_to(job, AD_GOAL_SUBMIT);
}

int32_t animaldetect_job_submit_async(animaldetect_job *job)
{
    return start_async(job, AD_GOAL_SUBMIT);
}

int32_t animaldetect_job_poll(animaldetect_job *job)
{
    return run_to(job, AD_GOAL_POLL);
}

int32_t animaldetect_job_poll_async(animaldetect_job *job)
{
    return start_async(job, AD_GOAL_POLL);
}

int32_t animaldetect_job_fetch(animaldetect_job *job)
{
    return run_to(job, AD_GOAL_FETCH);
}

int32_t animaldetect_job_fetch_async(animaldetect_job *job)
{
    return start_async(job, AD_GOAL_FETCH);
}

int32_t animaldetect_job_run(animaldetect_job *job)
{
    return run_to(job, AD_GOAL_RUN);
}

int32_t animaldetect_job_run_async(animaldetect_job *job)
{
    return start_async(job, AD_GOAL_RUN);
}
