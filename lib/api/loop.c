/* SPDX-License-Identifier: MIT */
/*
 * The public functions of loop.h and statistics.h: descriptor, process, next_done, wait, wakeup, counters.
 */
#include <animaldetect/loop.h>
#include <animaldetect/statistics.h>

#include "api/guard.h"
#include "api/wait.h"
#include "engine/iteration.h"
#include "engine/steps.h"

/* Enters, and makes the transport if need be. */
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
    /* This iteration may have taken back a signal that was meant for a thread that is blocked as driver. */
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
            break; /* those who wait for any job are in front */
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

/* A gauge is read where it is known; the rest are counters. */
static int64_t statistic(const struct ad_engine *engine, int32_t which)
{
    int64_t now = ad_engine_clock_ms(engine);
    int64_t until;

    switch ((enum animaldetect_statistic)which) {
    case ANIMALDETECT_STAT_CALLS_IN_FLIGHT:
        return (int64_t)engine->flight.count;
    case ANIMALDETECT_STAT_REQUESTS_ACTIVE:
        return engine->active;
    case ANIMALDETECT_STAT_REQUESTS_WAITING:
        return ad_engine_waiting(engine);
    case ANIMALDETECT_STAT_PACE_PER_MINUTE:
        return ad_pacer_rate_per_minute_x1000(&engine->pacer) / 1000;
    case ANIMALDETECT_STAT_FROZEN_MS:
        until = ad_pacer_frozen_until_ms(&engine->pacer, now);
        return until > now ? until - now : 0;
    case ANIMALDETECT_STAT_REQUESTS_CREATE:
    case ANIMALDETECT_STAT_REQUESTS_UPLOAD:
    case ANIMALDETECT_STAT_REQUESTS_SUBMIT:
    case ANIMALDETECT_STAT_REQUESTS_POLL:
    case ANIMALDETECT_STAT_REQUESTS_RESULT:
    case ANIMALDETECT_STAT_RETRIES:
    case ANIMALDETECT_STAT_RATE_LIMITED:
    case ANIMALDETECT_STAT_BYTES_SENT:
    case ANIMALDETECT_STAT_BYTES_RECEIVED:
    case ANIMALDETECT_STAT_CALLS_SUCCEEDED:
    case ANIMALDETECT_STAT_CALLS_FAILED:
    case ANIMALDETECT_STAT_CALLS_CANCELED:
    case ANIMALDETECT_STAT_JOBS_SUCCEEDED:
    case ANIMALDETECT_STAT_JOBS_FAILED:
    case ANIMALDETECT_STAT_JOBS_EXPIRED:
    case ANIMALDETECT_STAT_REPLAYS:
    case ANIMALDETECT_STAT_TURNS:
        break;
    }
    return engine->statistics.counters[which];
}

int32_t animaldetect_client_statistic(animaldetect_client *client, int32_t which, int64_t *out)
{
    int32_t status;

    if (out == NULL || which < 0 || which >= AD_STATISTICS)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running)
        *out = statistic(&client->engine, which);
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_latency_ms(animaldetect_client *client, int32_t step, double quantile, int64_t *out_ms)
{
    bool known = step == ANIMALDETECT_STEP_NONE || ad_step_has_request(step);
    int32_t status;

    if (out_ms == NULL || !known || !(quantile >= 0.0 && quantile <= 1.0))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out_ms = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (!client->running || !ad_latency_quantile(&client->engine.statistics.latencies[step], quantile, out_ms))
        status = ANIMALDETECT_ABSENT;
    ad_unlock(client);
    return status;
}
