/* SPDX-License-Identifier: MIT */
/*
 * See permit_host.h. The times of settled permits are kept until the source has logged them, so that calls may be lost.
 */
#include "engine/permit_host.h"

#include <assert.h>
#include <string.h>

#include "base/time.h"

#define AT_LEAST_MS 500 /* between calls of a client that has permits or has settled some */
#define GIVE_UP_MS 2000 /* on a call; a later reply is ignored */
#define PIECE 16        /* a report split into several calls loses nothing */

bool permit_host_begin(struct permit_host *host, animaldetect_client *client, int32_t number,
                       const struct permit_source_rule *rule, struct ad_rng *rng)
{
    memset(host, 0, sizeof *host);
    host->client = client;
    host->rng = rng;
    host->number = number;
    host->life_ms = rule->life_ms;
    return animaldetect_client_set_permits(client, 1) == ANIMALDETECT_OK &&
           animaldetect_client_set_permit_lag_ms(client, rule->lag_ms) == ANIMALDETECT_OK;
}

static void pull(struct permit_host *host, int64_t now_ms)
{
    int64_t ages_ms[PIECE];
    int64_t wait_ms = 0;
    int32_t limited = 0;
    int32_t count;

    do {
        int32_t status = animaldetect_client_report_permits(host->client, ages_ms, PIECE, &count, &host->outstanding);

        assert(status == ANIMALDETECT_OK && host->unknown + count <= PERMIT_HOST_UNKNOWN);
        (void)status;
        for (int32_t i = 0; i < count; i++)
            host->settled_ms[host->unknown++] = now_ms - ages_ms[i];
    } while (count == PIECE);
    (void)animaldetect_client_permits_wanted(host->client, &host->wanted);
    (void)animaldetect_client_take_rate_limits(host->client, &limited, &wait_ms);
    host->rate_limits += limited;
    host->limited += limited;
    if (limited > 0)
        host->wait_until_ms = now_ms + wait_ms;
}

static int64_t due_ms(const struct permit_host *host)
{
    int64_t due = AD_TIME_NEVER;

    if (host->rate_limits > 0)
        return 0;
    if (host->wanted > 0)
        due = host->again_ms;
    if ((host->outstanding > 0 || host->unknown > 0) && host->called_ms + AT_LEAST_MS < due)
        due = host->called_ms + AT_LEAST_MS;
    return due;
}

static void write_ask(struct permit_host *host, struct permit_ask *ask, int64_t now_ms)
{
    ask->client = host->number;
    ask->number = ++host->calls;
    ask->wanted = host->wanted;
    ask->before = host->before;
    ask->count = host->unknown < PERMIT_ASK_AGES ? host->unknown : PERMIT_ASK_AGES;
    ask->outstanding = host->outstanding + host->unknown - ask->count;
    for (int32_t i = 0; i < ask->count; i++)
        ask->ages_ms[i] = now_ms - host->settled_ms[i];
    ask->rate_limits = host->told = host->rate_limits;
    ask->wait_ms = host->wait_until_ms > now_ms ? host->wait_until_ms - now_ms : 0;
}

bool permit_host_look(struct permit_host *host, struct permit_ask *ask, int64_t now_ms)
{
    int32_t returned;

    if (host->calling && now_ms >= host->called_ms + GIVE_UP_MS) {
        host->calling = false;
        host->again_ms = now_ms + 100 + ad_rng_upto(host->rng, 400);
    }
    /* Returning permits is optional, and must be safe at any time. */
    if (ad_rng_upto(host->rng, 199) == 0)
        (void)animaldetect_client_return_permits(host->client, 1, &returned);
    pull(host, now_ms);
    if (host->calling || now_ms < due_ms(host))
        return false;
    write_ask(host, ask, now_ms);
    host->calling = true;
    host->called_ms = now_ms;
    return true;
}

bool permit_host_reply(struct permit_host *host, const struct permit_reply *reply, int64_t now_ms)
{
    int64_t life_ms = host->life_ms - (now_ms - host->called_ms);
    int32_t known = (int32_t)(reply->known - host->before);

    if (!host->calling || reply->number != host->calls)
        return true;
    host->calling = false;
    host->unknown -= known;
    memmove(host->settled_ms, host->settled_ms + known, (size_t)host->unknown * sizeof host->settled_ms[0]);
    host->before = reply->known;
    host->rate_limits -= host->told;
    host->again_ms = now_ms + reply->again_ms / 2 + ad_rng_upto(host->rng, reply->again_ms / 2);
    if (reply->granted > 0 && life_ms > 0 &&
        animaldetect_client_grant_permits(host->client, reply->granted, life_ms) != ANIMALDETECT_OK)
        return false;
    if (reply->hold_ms == 0)
        return true;
    if (animaldetect_client_hold_requests(host->client, reply->hold_ms) != ANIMALDETECT_OK)
        return false;
    if (host->limited == 0)
        host->held = animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_RATE_LIMIT;
    return true;
}

int64_t permit_host_next_ms(const struct permit_host *host)
{
    return host->calling ? host->called_ms + GIVE_UP_MS : due_ms(host);
}
