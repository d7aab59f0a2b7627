/* SPDX-License-Identifier: MIT */
/*
 * The public functions of permits.h.
 */
#include <animaldetect/permits.h>

#include <stdlib.h>

#include "api/guard.h"
#include "engine/permits.h"
#include "engine/quota.h"

#define DAY_MS INT64_C(86400000)
#define MOST_PERMITS 1000000
#define MOST_REQUESTS 10000000

static int32_t leave_with(animaldetect_client *client, int32_t status)
{
    ad_unlock(client);
    return status;
}

static int32_t refuse(animaldetect_client *client, int32_t status, const char *message)
{
    return leave_with(client, ad_client_refuse(client, status, "%s", message));
}

static int32_t configured(animaldetect_client *client)
{
    if (client->running)
        ad_quota_configure(&client->engine);
    return leave_with(client, ANIMALDETECT_OK);
}

/* Never freed before the client: requests sent with permits are settled even after permits are turned off. */
static bool has_permits(animaldetect_client *client)
{
    struct ad_config *config = &client->config;

    if (config->permits != NULL)
        return true;
    config->permits = malloc(sizeof *config->permits);
    if (config->permits == NULL)
        return false;
    if (client->running) /* otherwise the engine does it, with its clock */
        ad_permits_init(config->permits, ad_engine_clock_ms(&client->engine));
    return true;
}

int32_t animaldetect_client_set_permits(animaldetect_client *client, int32_t on)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (on != 0 && on != 1)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "permits must be 1 (on) or 0 (off)");
    if (on == 1 && !has_permits(client))
        return refuse(client, ANIMALDETECT_E_NO_MEMORY, "out of memory for the permits");
    client->config.needs_permits = on == 1;
    return configured(client);
}

int32_t animaldetect_client_set_permit_share(animaldetect_client *client, int32_t requests_per_minute, int64_t after_ms)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (requests_per_minute < 0 || requests_per_minute > MOST_REQUESTS)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                      "the permit share must be 0 to 10,000,000 requests per minute");
    if (after_ms < AD_PACER_WINDOW_MS || after_ms > DAY_MS)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                      "the delay before the permit share applies must be 60,000 to 86,400,000 ms");
    client->config.permit_share = requests_per_minute;
    client->config.permit_share_after_ms = after_ms;
    return configured(client);
}

int32_t animaldetect_client_set_permit_lag_ms(animaldetect_client *client, int64_t lag_ms)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (lag_ms < 100 || lag_ms > 600000)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the permit lag must be 100 to 600,000 ms");
    client->config.permit_lag_ms = lag_ms;
    return leave_with(client, ANIMALDETECT_OK);
}

int32_t animaldetect_client_permits_wanted(animaldetect_client *client, int32_t *out)
{
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running && !client->stopped)
        *out = ad_quota_wanted(&client->engine);
    return leave_with(client, ANIMALDETECT_OK);
}

int32_t animaldetect_client_grant_permits(animaldetect_client *client, int32_t count, int64_t life_ms)
{
    int32_t status = ad_enter(client);
    int64_t now_ms;

    if (status != ANIMALDETECT_OK)
        return status;
    if (count < 1 || count > MOST_PERMITS)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the number of permits must be 1 to 1,000,000");
    if (life_ms < 1 || life_ms > 3600000)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the lifetime of permits must be 1 to 3,600,000 ms");
    if (!client->running || !client->config.needs_permits)
        return refuse(client, ANIMALDETECT_E_STATE, "permits are off, or no job was started yet");
    now_ms = ad_engine_clock_ms(&client->engine);
    ad_permits_grant(client->config.permits, count, now_ms + life_ms, now_ms);
    ad_engine_signal(&client->engine);
    return leave_with(client, ANIMALDETECT_OK);
}

int32_t animaldetect_client_return_permits(animaldetect_client *client, int32_t count, int32_t *out)
{
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (count < 0)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the number of permits must be 0 or more");
    if (client->running && client->config.permits != NULL)
        *out = ad_permits_return(client->config.permits, count, ad_engine_clock_ms(&client->engine));
    return leave_with(client, ANIMALDETECT_OK);
}

int32_t animaldetect_client_report_permits(animaldetect_client *client, int64_t *ages_ms, int32_t capacity,
                                           int32_t *out_settled, int32_t *out_outstanding)
{
    int64_t outstanding = 0;
    int32_t status;

    if (out_settled == NULL || out_outstanding == NULL || capacity < 0 || (ages_ms == NULL && capacity > 0))
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out_settled = *out_outstanding = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running && client->config.permits != NULL)
        *out_settled = ad_permits_report(client->config.permits, ages_ms, capacity, &outstanding,
                                         ad_engine_clock_ms(&client->engine));
    *out_outstanding = outstanding > INT32_MAX ? INT32_MAX : (int32_t)outstanding;
    return leave_with(client, ANIMALDETECT_OK);
}

int32_t animaldetect_client_take_rate_limits(animaldetect_client *client, int32_t *out_count, int64_t *out_wait_ms)
{
    int32_t status;

    if (out_count == NULL || out_wait_ms == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out_count = 0;
    *out_wait_ms = 0;
    status = ad_enter(client);
    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running && client->config.permits != NULL) {
        *out_count = ad_permits_take_limited(client->config.permits);
        *out_wait_ms = ad_engine_held_ms(&client->engine);
    }
    return leave_with(client, ANIMALDETECT_OK);
}

int32_t animaldetect_client_hold_requests(animaldetect_client *client, int64_t wait_ms)
{
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (wait_ms < 0 || wait_ms > DAY_MS)
        return refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT, "the wait must be 0 to 86,400,000 ms");
    if (!client->running)
        return refuse(client, ANIMALDETECT_E_STATE, "no job was started yet on this client");
    ad_engine_hold_requests(&client->engine, wait_ms);
    return leave_with(client, ANIMALDETECT_OK);
}
