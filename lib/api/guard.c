/* SPDX-License-Identifier: MIT */
/*
 * Lock, ownership, references, fork check; see guard.h for the table.
 */
#include "api/guard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cond.h"
#include "transport/custom/custom.h"

/* An address unique among living threads identifies the thread: one word, independent of the thread library. */
static uintptr_t self(void)
{
    static _Thread_local char here;

    return (uintptr_t)&here;
}

bool ad_is_forked(const animaldetect_client *client)
{
    return ad_fork_mark_is_foreign(&client->process);
}

bool ad_is_inside(const animaldetect_client *client)
{
    return atomic_load_explicit(&client->owner, memory_order_relaxed) == self();
}

/*
 * A mutex is not fair: the driving thread unlocks and locks again long before a sleeping thread is awake, and with work
 * left over it does so for seconds, while a cancel waits.  So every thread that waits for the lock holds the turnstile,
 * where the driver must queue too.
 */
void ad_lock(animaldetect_client *client)
{
    pthread_mutex_lock(&client->turnstile);
    pthread_mutex_lock(&client->lock);
    pthread_mutex_unlock(&client->turnstile);
    atomic_store_explicit(&client->owner, self(), memory_order_relaxed);
}

/*
 * A callback may free a job in the middle of an iteration, so freed jobs are only collected while the lock is held.
 * Loops, because forgetting a job may run a callback of the host's transport, which may free another one.
 */
static animaldetect_job *forget_freed(animaldetect_client *client)
{
    animaldetect_job *gone = NULL;

    while (client->freed != NULL) {
        animaldetect_job *job = client->freed;

        client->freed = job->next_freed;
        job->next_freed = gone;
        gone = job;
        if (!client->running || job->call.activity == AD_ACTIVITY_IDLE)
            continue;
        ad_engine_forget(&client->engine, job);
        ad_engine_signal(&client->engine); /* others may have waited for its slot */
    }
    return gone;
}

static void give_lock_back(animaldetect_client *client)
{
    atomic_store_explicit(&client->owner, 0, memory_order_relaxed);
    pthread_mutex_unlock(&client->lock);
}

/* Not locked.  Frees the struct with the last reference. */
static void drop_references(animaldetect_client *client, uint64_t count)
{
    bool forked = ad_is_forked(client);
    bool last;

    if (!forked)
        ad_lock(client);
    client->references -= count;
    last = client->references == 0;
    if (!forked)
        give_lock_back(client); /* the thread that freed a job has collected it */
    if (!last)
        return;
    ad_config_free(&client->config);
    ad_environment_free(&client->environment);
    /* In a child the lock may be held by a thread that does not exist there. */
    if (!forked) {
        if (client->host_transport != NULL)
            ad_custom_transport_release(client->host_transport);
        pthread_mutex_destroy(&client->turnstile);
        pthread_mutex_destroy(&client->lock);
        pthread_cond_destroy(&client->left);
    }
    ad_fork_mark_free(&client->process);
    free(client);
}

void ad_client_release(animaldetect_client *client)
{
    drop_references(client, 1);
}

void ad_unlock(animaldetect_client *client)
{
    animaldetect_job *gone = client->freed == NULL ? NULL : forget_freed(client);
    struct ad_release *owed = client->releases;
    uint64_t count = 0;

    client->releases = NULL;
    give_lock_back(client);
    for (; gone != NULL; count++) {
        animaldetect_job *next = gone->next_freed;

        ad_job_destroy(gone);
        gone = next;
    }
    if (count > 0)
        drop_references(client, count);
    ad_release_run(owed);
}

int32_t ad_enter(animaldetect_client *client)
{
    if (client == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    if (ad_is_forked(client))
        return ANIMALDETECT_E_FORKED;
    if (ad_is_inside(client))
        return ANIMALDETECT_E_REENTRANT;
    ad_lock(client);
    if (client->closed) {
        ad_unlock(client);
        return ANIMALDETECT_E_CLIENT_FREED;
    }
    return ANIMALDETECT_OK;
}

bool ad_peek(animaldetect_client *client)
{
    if (ad_is_inside(client) || ad_is_forked(client))
        return false;
    ad_lock(client);
    return true;
}

void ad_sleep(animaldetect_client *client, pthread_cond_t *wake, int64_t timeout_ms)
{
    atomic_store_explicit(&client->owner, 0, memory_order_relaxed);
    ad_cond_wait(wake, &client->lock, timeout_ms);
    atomic_store_explicit(&client->owner, self(), memory_order_relaxed);
}

int32_t ad_client_refuse(animaldetect_client *client, int32_t status, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(client->message, sizeof client->message, format, arguments);
    va_end(arguments);
    return status;
}
