/* SPDX-License-Identifier: MIT */
/*
 * Controls a whole client: stop, pause, network change, holds.
 */
#include <animaldetect/control.h>

#include "api/guard.h"
#include "api/wait.h"

int32_t animaldetect_client_stop(animaldetect_client *client)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    client->stopped = true;
    if (client->running) {
        ad_engine_cancel_all(&client->engine);
        ad_waiters_notify(client);
    }
    ad_waiters_wake(client); /* threads that wait for any job may have nothing left to wait for */
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_set_paused(animaldetect_client *client, int32_t what)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (what < ANIMALDETECT_PAUSE_NONE || what > ANIMALDETECT_PAUSE_ALL) {
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "unknown value of enum animaldetect_pause");
    } else {
        client->config.paused = what;
        if (client->running)
            ad_engine_signal(&client->engine);
    }
    ad_unlock(client);
    return status;
}

int32_t animaldetect_client_network_changed(animaldetect_client *client)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running)
        ad_engine_network_changed(&client->engine);
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_resume(animaldetect_client *client)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running)
        ad_engine_resume(&client->engine);
    ad_unlock(client);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_hold_reason(animaldetect_client *client)
{
    int32_t reason = ANIMALDETECT_HOLD_NONE;
    bool locked;

    if (client == NULL)
        return reason;
    locked = ad_peek(client);
    if (client->running)
        reason = ad_engine_hold(&client->engine).reason;
    if (locked)
        ad_unlock(client);
    return reason;
}

int64_t animaldetect_client_held_until_ms(animaldetect_client *client)
{
    int64_t until_ms = 0;
    bool locked;

    if (client == NULL)
        return 0;
    locked = ad_peek(client);
    if (client->running)
        until_ms = ad_engine_hold(&client->engine).until_ms;
    if (locked)
        ad_unlock(client);
    return until_ms;
}
