/* SPDX-License-Identifier: MIT */
/*
 * Refusals of the API key and the account, see the account part of hold.h.
 */
#include "engine/account.h"

#include "engine/call.h"
#include "engine/retry.h"

bool ad_account_holds(const struct ad_engine *engine, const animaldetect_job *job)
{
    const struct ad_account_hold *account = &engine->hold.account;

    if (account->status == ANIMALDETECT_OK || job->call.past_hold || job->call.step == ANIMALDETECT_STEP_UPLOAD)
        return false;
    return account->all || job->call.step == ANIMALDETECT_STEP_CREATE;
}

void ad_account_fail_blocked(struct ad_engine *engine, animaldetect_job *job)
{
    ad_call_refuse(engine, job, engine->hold.account.status,
                   "the service rejected the API key or the account; nothing was sent");
}

/* An image that is not hashed yet counts as waiting for its create. */
static bool waits_held(const struct ad_engine *engine, const animaldetect_job *job)
{
    if (job->call.activity == AD_ACTIVITY_HASHING)
        return engine->hold.account.status != ANIMALDETECT_OK && !job->call.past_hold && job->remote.id == NULL;
    return job->call.activity == AD_ACTIVITY_WAITING && ad_account_holds(engine, job);
}

/* Fails the calls of blocked threads: one of these threads may have to end the hold, or the host may wait for all. */
static void fail_blocked_calls(struct ad_engine *engine)
{
    for (struct ad_list_node *node = engine->flight.root.next; node != &engine->flight.root; node = node->next) {
        animaldetect_job *job = AD_OWNER(node, animaldetect_job, call.flight);

        if (job->call.blocks && waits_held(engine, job))
            ad_account_fail_blocked(engine, job);
    }
}

void ad_account_refused(struct ad_exchange *exchange, int32_t status)
{
    struct ad_engine *engine = exchange->engine;
    struct ad_account_hold *account = &engine->hold.account;
    bool create = exchange->step_number == ANIMALDETECT_STEP_CREATE;
    struct ad_account_hold before = *account;

    if (exchange->key_number != account->key) {
        ad_retry_remember(exchange, status, NULL);
        ad_call_again(engine, exchange->job);
        return;
    }
    ad_hold_refused(account, status, create, engine->now_ms);
    if (before.status == ANIMALDETECT_OK && account->status != ANIMALDETECT_OK)
        ad_exchange_log(
            exchange, ANIMALDETECT_LOG_ERROR,
            "creates are held until the host sets an API key or calls resume: ", animaldetect_status_text(status));
    ad_retry_end(exchange, status, NULL);
    if (before.status != account->status || before.all != account->all)
        fail_blocked_calls(engine);
}
