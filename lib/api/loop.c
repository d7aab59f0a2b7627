/* SPDX-License-Identifier: MIT */
/*
 * The public functions of loop.h: descriptor, process, next_done, wait, wakeup.
 */
#include <animaldetect/loop.h>

#include "api/guard.h"
#include "api/wait.h"
#include "engine/iteration.h"

/* Enters, and creates the transport if necessary. */
static int32_t enter_running(animaldetect_client *client)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    status = ad_client_open(client);
    if (status != ANIMALDETECT_OK)
        ad_unlock(client);
    return status;
}

int32_t animaldetect_client_fd(animaldetect_client *client)
{
    int32_t answer = enter_running(client);

    if (answer != ANIMALDETECT_OK)
        return answer;
    answer = client->engine.transport->reactor->ops->fd(client->engine.transport->reactor);
    ad_unlock(client);
    return answer;
}

int32_t animaldetect_client_process(animaldetect_client *client)
{
    int32_t status = enter_running(client);

    if (status != ANIMALDETECT_OK)
        return status;
    ad_engine_iterate(&client->engine);
    ad_waiters_notify(client);
    /* This iteration may have cleared a signal that was meant for a thread blocked as driver. */
    if (client->driving)
        ad_engine_signal(&client->engine);
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_next_done(animaldetect_client *client, animaldetect_job **out)
{
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running)
        *out = ad_engine_take(&client->engine);
    ad_unlock(client);
    return *out == NULL ? ANIMALDETECT_AGAIN : ANIMALDETECT_OK;
}

int64_t animaldetect_client_timeout_ms(animaldetect_client *client)
{
    int64_t answer = ad_enter(client);

    if (answer != ANIMALDETECT_OK)
        return answer;
    answer = client->running ? ad_engine_timeout_ms(&client->engine) : -1;
    ad_unlock(client);
    return answer;
}

int32_t animaldetect_client_wait(animaldetect_client *client, int64_t timeout_ms)
{
    int32_t status;

    if (timeout_ms < -1)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    status = enter_running(client);
    if (status != ANIMALDETECT_OK)
        return status;
    status = ad_wait(client, NULL, timeout_ms);
    ad_unlock(client);
    return status;
}

int32_t animaldetect_client_wakeup(animaldetect_client *client)
{
    int32_t status = enter_running(client);
    struct ad_list_node *node;

    if (status != ANIMALDETECT_OK)
        return status;
    client->wakeups++;
    client->wakeup_pending = true;
    for (node = client->waiters.root.next; node != &client->waiters.root; node = node->next) {
        struct ad_waiter *waiter = AD_OWNER(node, struct ad_waiter, node);

        if (waiter->job != NULL)
            break; /* threads that wait for any job come first */
        client->wakeup_pending = false;
        waiter->signaled = true;
        pthread_cond_signal(&waiter->wake);
    }
    ad_engine_signal(&client->engine);
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int64_t animaldetect_client_in_flight(animaldetect_client *client)
{
    int64_t answer = ad_enter(client);

    if (answer != ANIMALDETECT_OK)
        return answer;
    answer = client->running ? (int64_t)client->engine.flight.count : 0;
    ad_unlock(client);
    return answer;
}
