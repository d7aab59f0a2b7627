/* SPDX-License-Identifier: MIT */
/*
 * Blocking waits: which thread drives, and how the role is handed over.
 */
#include "api/wait.h"

#include "api/guard.h"
#include "base/cond.h"
#include "engine/iteration.h"

static int64_t clock_ms(animaldetect_client *client)
{
    return ad_engine_clock_ms(&client->engine);
}

static void wake_waiter(struct ad_waiter *waiter)
{
    waiter->signaled = true;
    pthread_cond_signal(&waiter->wake);
}

static bool wait_is_over(const animaldetect_client *client, const animaldetect_job *job)
{
    if (job == NULL)
        return ad_list_first(&client->engine.done) != NULL;
    return job->call.activity == AD_ACTIVITY_IDLE || job->call.activity == AD_ACTIVITY_DONE;
}

/* Wakes a sleeping thread to become the driver. */
static void hand_over(animaldetect_client *client)
{
    struct ad_list_node *node = ad_list_first(&client->waiters);

    if (node != NULL && !client->driving)
        wake_waiter(AD_OWNER(node, struct ad_waiter, node));
}

/* Wakes one more thread that waits for any job; those are first in the list, see enlist. */
static void wake_any(animaldetect_client *client)
{
    struct ad_list_node *node = client->waiters.root.next;

    for (; node != &client->waiters.root; node = node->next) {
        struct ad_waiter *waiter = AD_OWNER(node, struct ad_waiter, node);

        if (waiter->job != NULL)
            return;
        if (!waiter->signaled) {
            wake_waiter(waiter);
            return;
        }
    }
}

static void notify_one(animaldetect_client *client, const animaldetect_job *job)
{
    if (job->waiter != NULL) {
        wake_waiter(job->waiter);
        return;
    }
    wake_any(client);
}

/* The newest completions are at the end of the done queue.  None of them was collected yet: that needs the lock. */
void ad_waiters_notify(animaldetect_client *client)
{
    struct ad_list *done = &client->engine.done;
    struct ad_list_node *node = done->root.previous;

    for (; client->notified < client->engine.completions && node != &done->root; node = node->previous) {
        notify_one(client, AD_OWNER(node, animaldetect_job, call.queue));
        client->notified++;
    }
    client->notified = client->engine.completions;
}

/* Whether release functions are pending.  They may want to block on this client themselves. */
static bool is_owed(const animaldetect_client *client)
{
    return client->freed != NULL || client->releases != NULL;
}

/* Iterates, and blocks in the transport when there is nothing to do. */
static int32_t wait_drive(animaldetect_client *client, animaldetect_job *job, int64_t timeout_ms)
{
    struct ad_transport *transport = client->engine.transport;
    int32_t status;

    ad_engine_iterate(&client->engine);
    ad_waiters_notify(client);
    if (wait_is_over(client, job) || is_owed(client))
        return ANIMALDETECT_OK;
    /* When work is left, `block` returns at once; other threads get the lock in between. */
    transport->reactor->ops->prepare(transport->reactor);
    client->driving = true;
    ad_unlock(client);
    status = ad_transport_block(transport, timeout_ms);
    ad_lock(client);
    client->driving = false;
    return status;
}

static void enlist(animaldetect_client *client, struct ad_waiter *waiter, animaldetect_job *job)
{
    waiter->job = job;
    waiter->signaled = false;
    ad_list_node_init(&waiter->node);
    (void)ad_cond_init(&waiter->wake);
    if (job == NULL)
        ad_list_prepend(&client->waiters, &waiter->node);
    else
        ad_list_append(&client->waiters, &waiter->node);
    if (job != NULL && job->waiter == NULL)
        job->waiter = waiter;
}

/* Wakes another thread that waits for the same job: it gets the same completion. */
static void pass_on(animaldetect_client *client, struct ad_waiter *waiter)
{
    animaldetect_job *job = waiter->job;
    struct ad_list_node *node;

    if (job == NULL || job->waiter != waiter)
        return;
    job->waiter = NULL;
    for (node = client->waiters.root.next; node != &client->waiters.root; node = node->next) {
        struct ad_waiter *other = AD_OWNER(node, struct ad_waiter, node);

        if (other->job == job) {
            job->waiter = other;
            wake_waiter(other);
            return;
        }
    }
}

static void delist(animaldetect_client *client, struct ad_waiter *waiter)
{
    ad_list_remove(&client->waiters, &waiter->node);
    pass_on(client, waiter);
    pthread_cond_destroy(&waiter->wake);
    hand_over(client);
    if (waiter->job == NULL && client->running && ad_list_first(&client->engine.done) != NULL)
        wake_any(client); /* there may be more completions than this one was woken for */
    if (client->closed && ad_list_first(&client->waiters) == NULL)
        pthread_cond_broadcast(&client->left);
}

/* Frees what callbacks have released, or drives, or sleeps while another thread drives. */
static int32_t wait_turn(animaldetect_client *client, struct ad_waiter *waiter, int64_t left)
{
    int32_t status = ANIMALDETECT_OK;

    if (is_owed(client)) { /* while this thread is not the driver that others depend on */
        ad_unlock(client);
        ad_lock(client);
    } else if (!client->driving) {
        status = wait_drive(client, waiter->job, left);
    } else if (left != 0 && !waiter->signaled) {
        ad_sleep(client, &waiter->wake, left);
    }
    waiter->signaled = false;
    return status;
}

static int32_t wait_loop(animaldetect_client *client, struct ad_waiter *waiter, int64_t timeout_ms)
{
    uint64_t wakeups = client->wakeups;
    int64_t until = AD_TIME_NEVER;
    int32_t status = ANIMALDETECT_OK;

    if (timeout_ms >= 0 && timeout_ms < AD_TIME_NEVER - clock_ms(client))
        until = clock_ms(client) + timeout_ms;
    for (bool first = true; status == ANIMALDETECT_OK; first = false) {
        int64_t left = until == AD_TIME_NEVER ? -1 : until - clock_ms(client);

        if (client->closed)
            return ANIMALDETECT_E_CLIENT_FREED;
        if (wait_is_over(client, waiter->job))
            return ANIMALDETECT_OK;
        if (client->stopped && waiter->job == NULL)
            return ANIMALDETECT_E_CANCELED;
        if (waiter->job == NULL && (client->wakeups != wakeups || client->wakeup_pending)) {
            client->wakeup_pending = false;
            return ANIMALDETECT_AGAIN;
        }
        if (left <= 0 && until != AD_TIME_NEVER && !first)
            return ANIMALDETECT_AGAIN;
        if (left < 0 && until != AD_TIME_NEVER)
            left = 0;
        status = wait_turn(client, waiter, left);
    }
    return status;
}

int32_t ad_wait(animaldetect_client *client, animaldetect_job *job, int64_t timeout_ms)
{
    struct ad_waiter waiter;
    int32_t status;

    if (!client->running)
        return ANIMALDETECT_E_STATE;
    if (wait_is_over(client, job)) {
        /* Other jobs must progress even if the host leaves completions uncollected and waits again. */
        if (job == NULL && !client->driving) {
            ad_engine_iterate(&client->engine);
            ad_waiters_notify(client);
        }
        return ANIMALDETECT_OK;
    }
    enlist(client, &waiter, job);
    status = wait_loop(client, &waiter, timeout_ms);
    delist(client, &waiter);
    return status;
}

void ad_waiters_wake(animaldetect_client *client)
{
    for (struct ad_list_node *node = client->waiters.root.next; node != &client->waiters.root; node = node->next)
        wake_waiter(AD_OWNER(node, struct ad_waiter, node));
    if (client->running)
        ad_engine_signal(&client->engine);
}

void ad_waiters_drain(animaldetect_client *client)
{
    ad_waiters_wake(client);
    while (ad_list_first(&client->waiters) != NULL)
        ad_sleep(client, &client->left, -1);
}
