/* SPDX-License-Identifier: MIT */
/*
 * Compares the hold that a client reports with the requests that it sends: while it is held and no request was due,
 * none is sent; probes are few; and there are no unnecessary wakeups. Only for hosts that see every iteration, and for
 * one client: the world counts the requests of all clients.
 */
#include "engine/sim/host.h"

#include <inttypes.h>
#include <stdlib.h>

#define LINK_LOOK_MS 50 /* while an upload waits for the link */
#define MINUTE_MS 60000
#define NEAR_MS 1500 /* held_until is exact to one second */
#define PROBES 8     /* until they are a minute apart */
#define MOST_TRIES 30

/* Requests that the hold applies to. */
static int count_begun(const struct sim *sim, int32_t reason)
{
    if (reason == ANIMALDETECT_HOLD_ACCOUNT)
        return world_count(sim->world, "create");
    if (reason == ANIMALDETECT_HOLD_NETWORK)
        return world_count(sim->world, "any");
    /* A result may have been fetched from another origin. */
    return world_count(sim->world, "create") + world_count(sim->world, "submit") + world_count(sim->world, "poll");
}

static int count_asking(const struct worker *worker)
{
    int count = 0;

    for (int i = 0; i < SIM_IMAGES; i++)
        count += worker->slots[i].running && worker->slots[i].asks;
    return count;
}

static void begin(struct worker *worker, const struct sim *sim, int32_t reason, int64_t until_ms)
{
    worker->hold = (struct sim_hold){.reason = reason,
                                     .until_ms = until_ms,
                                     .since_ms = world_now_ms(sim->world),
                                     .begun = count_begun(sim, reason),
                                     .running = worker->running,
                                     .asking = count_asking(worker),
                                     .turns = sim->turns};
}

static void check_words(const struct sim *sim, int32_t reason, int64_t until_ms)
{
    int64_t now_ms = world_wall_ms(sim->world);

    SIM_CHECK((until_ms == -1) == (reason == ANIMALDETECT_HOLD_ACCOUNT), "hold %" PRId32 " until %" PRId64, reason,
              until_ms);
    if (sim->plan.net.no_wall)
        return;
    SIM_CHECK((until_ms == 0) == (reason == ANIMALDETECT_HOLD_NONE), "hold %" PRId32 " until %" PRId64, reason,
              until_ms);
    SIM_CHECK(until_ms <= 0 || until_ms > now_ms - NEAR_MS, "hold %" PRId32 " until %" PRId64 " ms ago", reason,
              now_ms - until_ms);
}

/*
 * Until the next probe: about a minute for the network, otherwise what the service asked for, up to the host's limit.
 */
static void check_length(const struct sim *sim, int32_t reason, int64_t until_ms)
{
    int64_t left_ms = until_ms - world_wall_ms(sim->world);
    int64_t most_ms =
        reason == ANIMALDETECT_HOLD_NETWORK ? MINUTE_MS + MINUTE_MS / 10 : sim->plan.odd.max_retry_after_ms;

    if (!sim->plan.net.no_wall && sim->plan.odd.any)
        SIM_CHECK(left_ms <= most_ms + NEAR_MS, "hold %" PRId32 " for %" PRId64 " ms", reason, left_ms);
}

/*
 * Each call may wake the host for its retry and its timeout; beyond that only requests and responses wake it, and
 * checks of the link while uploads wait for bandwidth, which no hold of the API stops.
 */
static void check_turns(const struct sim *sim, const struct sim_hold *hold, int64_t passed_ms, int begun)
{
    int64_t most = 200 + 8 * (int64_t)(begun + hold->hurries + hold->running) + passed_ms / 500;

    if (hold->reason != ANIMALDETECT_HOLD_NETWORK)
        most += passed_ms / LINK_LOOK_MS;
    SIM_CHECK(sim->turns - hold->turns <= most, "hold %" PRId32 ": the host was woken %ld times in %" PRId64 " ms",
              hold->reason, sim->turns - hold->turns, passed_ms);
}

/*
 * Account: a call on a rejected job sends again, and so does a request that was sent with the previous key. Network: a
 * call that wakes while no other waits probes at once, and its probe restarts the sequence of delays.
 */
static int64_t most_of(const struct sim *sim, const struct worker *worker, int64_t passed_ms)
{
    const struct sim_hold *hold = &worker->hold;

    switch (hold->reason) {
    case ANIMALDETECT_HOLD_ACCOUNT:
        return (int64_t)(hold->hurries + hold->asking) * MOST_TRIES + sim->plan.max_requests;
    case ANIMALDETECT_HOLD_NETWORK:
        return (int64_t)PROBES * (hold->hurries + 1 + hold->running) + passed_ms / MINUTE_MS;
    default:
        return 0;
    }
}

static void check_sent(const struct sim *sim, const struct worker *worker, enum sim_drive drive)
{
    const struct sim_hold *hold = &worker->hold;
    int64_t passed_ms = world_now_ms(sim->world) - hold->since_ms;
    int64_t most = most_of(sim, worker, passed_ms);
    int begun = count_begun(sim, hold->reason) - hold->begun;

    SIM_CHECK(begun <= most, "hold %" PRId32 ": %d requests in %" PRId64 " ms, %" PRId64 " are right", hold->reason,
              begun, passed_ms, most);
    if (drive != SIM_TIMEOUT) /* that host polls as often as it likes */
        check_turns(sim, hold, passed_ms, begun);
}

void sim_check_hold(struct life *life, struct worker *worker)
{
    struct sim *sim = life->sim;
    struct sim_hold *hold = &worker->hold;
    int32_t reason = animaldetect_client_hold_reason(worker->client);
    int64_t until_ms = animaldetect_client_held_until_ms(worker->client);
    bool same = reason == hold->reason;

    check_words(sim, reason, until_ms);
    if (life->worker_count > 1 || life->drive < SIM_LEVEL)
        return;
    /* For these two, a different end, or a time after the previous end, means another hold. */
    if (reason == ANIMALDETECT_HOLD_RATE_LIMIT || reason == ANIMALDETECT_HOLD_SERVICE)
        same = same && !sim->plan.net.no_wall && llabs(until_ms - hold->until_ms) <= NEAR_MS &&
               world_wall_ms(sim->world) < hold->until_ms - NEAR_MS;
    if (!same) {
        begin(worker, sim, reason, until_ms);
        return;
    }
    hold->until_ms = until_ms;
    if (reason == ANIMALDETECT_HOLD_NONE)
        return;
    if (until_ms > 0)
        check_length(sim, reason, until_ms);
    check_sent(sim, worker, life->drive);
}
