/* SPDX-License-Identifier: MIT */
/*
 * The rules of hold.h, as functions of time.  Nothing is sent or completed here.
 */
#include "engine/hold.h"

#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#define ROW_OFFLINE 3   /* consecutive failures: a single connection may fail on any network */
#define SILENCE_MS 1000 /* and nothing received for this long: many connections may fail at the same moment */
#define PROBE_FIRST_MS 1000
#define PROBE_MOST_MS 60000
#define ROW_GAP_MS 70000 /* longer than between two probes: nothing was sent meanwhile, so a new sequence starts */
#define REFUSALS_ALL 3   /* consecutive refusals of the key: it is not a problem of one job */
#define ASK_AGAIN_MS 60000

void ad_hold_init(struct ad_hold *hold)
{
    memset(hold, 0, sizeof *hold);
}

/*
 * 1 s, 2 s, 4 s ... 60 s, plus up to a tenth: a fleet that lost its network at one moment must not return at one
 * moment.
 */
static int64_t probe_wait(uint8_t failed, struct ad_rng *rng)
{
    int64_t wait = PROBE_FIRST_MS;

    for (uint8_t i = 0; i < failed && wait < PROBE_MOST_MS; i++)
        wait *= 2;
    if (wait > PROBE_MOST_MS)
        wait = PROBE_MOST_MS;
    return wait + ad_rng_upto(rng, wait / 10);
}

/* The last probe is sent when the patience ends, not a minute later. */
static void bound_probe(struct ad_network_hold *network, int64_t patience_ms)
{
    if (network->on && patience_ms >= 0 && network->probe_ms - network->since_ms > patience_ms)
        network->probe_ms = network->since_ms + patience_ms;
}

bool ad_hold_network_failed(struct ad_network_hold *network, const struct ad_config *config,
                            const struct ad_network_failure *failure, int64_t now_ms, struct ad_rng *rng)
{
    int64_t patience_ms = config->offline_patience_ms;

    if (failure->sent_ms - network->failed_ms > ROW_GAP_MS)
        network->row = 0;
    if (network->row == 0)
        network->since_ms = now_ms;
    if (network->row < INT32_MAX)
        network->row++;
    network->failed_ms = now_ms;
    network->status = failure->status;
    (void)snprintf(network->message, sizeof network->message, "%s", failure->message);
    if (patience_ms >= 0 && now_ms - network->since_ms >= patience_ms)
        return true;
    if (!network->on && network->row >= ROW_OFFLINE &&
        (network->responses == 0 || now_ms - network->response_ms >= SILENCE_MS)) {
        network->on = true;
        network->idle = false;
        network->probes = 0;
        network->probe_ms = now_ms + probe_wait(0, rng);
    } else if (network->on && failure->probe) {
        if (network->probes < UINT8_MAX)
            network->probes++;
        network->probe_ms = now_ms + probe_wait(network->probes, rng);
    }
    bound_probe(network, patience_ms);
    return false;
}

void ad_hold_network_end(struct ad_network_hold *network)
{
    network->on = network->idle = false;
    network->row = 0;
    network->probes = 0;
}

bool ad_hold_network_responded(struct ad_network_hold *network, int64_t now_ms)
{
    bool was_on = network->on;

    ad_hold_network_end(network);
    network->responses++;
    network->response_ms = now_ms;
    if (was_on)
        network->back = network->responses;
    return was_on;
}

void ad_hold_network_patience(struct ad_network_hold *network, const struct ad_config *config)
{
    if (config->offline_patience_ms == 0)
        ad_hold_network_end(network);
    else
        bound_probe(network, config->offline_patience_ms);
}

void ad_hold_network_seen(struct ad_network_hold *network, bool waiting, int64_t now_ms)
{
    if (waiting && network->idle) {
        network->since_ms = now_ms;
        ad_hold_network_probe_now(network, now_ms);
    }
    network->idle = !waiting;
}

void ad_hold_network_probe_now(struct ad_network_hold *network, int64_t now_ms)
{
    network->probes = 0;
    network->probe_ms = now_ms;
}

void ad_hold_refused(struct ad_account_hold *account, int32_t status, bool create, int64_t now_ms)
{
    if (status == ANIMALDETECT_E_UNAUTHORIZED && account->refusals < INT32_MAX)
        account->refusals++;
    account->refused_ms = now_ms;
    account->creates = account->creates || create;
    if (account->refusals >= REFUSALS_ALL)
        account->all = true;
    if (create || account->all)
        account->status = status;
}

void ad_hold_accepted(struct ad_account_hold *account, bool create)
{
    /* A key that is accepted for a poll may keep polling; that says nothing about creates or the account's balance. */
    account->refusals = 0;
    account->all = false;
    if (create || !account->creates)
        ad_hold_resume(account);
}

void ad_hold_resume(struct ad_account_hold *account)
{
    account->status = ANIMALDETECT_OK;
    account->refusals = 0;
    account->creates = account->all = false;
}

bool ad_hold_refuses(const struct ad_account_hold *account, bool create, int64_t now_ms)
{
    return account->status != ANIMALDETECT_OK && (create || account->all) &&
           now_ms - account->refused_ms < ASK_AGAIN_MS;
}
