/* SPDX-License-Identifier: MIT */
/*
 * The faults of a fleet: at the source, with clients, on the network; and another user of the key.
 */
#include "base/time.h"
#include "engine/permit_fleet_internal.h"

/* One fault after the other, with quiet periods in between. */
static void source_trouble(struct fleet_run *run)
{
    int64_t now_ms = fleet_now(run);

    if (now_ms < run->trouble_ms)
        return;
    if (run->stopped && run->forgets) {
        permit_source_lose(run->source, now_ms);
        run->lost_ms = now_ms;
        run->figures->losses++;
    }
    if (run->stopped || run->slow) {
        run->stopped = run->slow = run->forgets = false;
        run->trouble_ms = now_ms + fleet_between(run, 5 * SECOND_MS, 60 * SECOND_MS);
        return;
    }
    run->slow = ad_rng_unit(&run->rng) < 0.5;
    run->stopped = !run->slow;
    run->forgets = run->stopped && ad_rng_unit(&run->rng) < 0.3;
    run->trouble_ms = now_ms + (run->slow ? fleet_between(run, 5 * SECOND_MS, 40 * SECOND_MS)
                                          : fleet_between(run, 200, 30 * SECOND_MS));
}

/* A client dies, or a dead one is replaced. */
static void deaths(struct fleet_run *run)
{
    struct fleet_member *member = &run->members[fleet_between(run, 0, PERMIT_FLEET_CLIENTS - 1)];

    if (fleet_now(run) < run->death_ms)
        return;
    run->death_ms = fleet_now(run) + fleet_between(run, 5 * SECOND_MS, 60 * SECOND_MS);
    if (member->host.client == NULL) {
        fleet_join(run, member);
    } else if (run->numbers < PERMIT_SOURCE_CLIENTS) {
        fleet_die(run, member);
        run->figures->deaths++;
    }
}

/* Requests that break off without the client knowing whether they arrived. */
static void outages(struct fleet_run *run)
{
    int64_t now_ms = fleet_now(run);

    if (now_ms < run->outage_ms)
        return;
    world_outage(run->world, now_ms, now_ms + fleet_between(run, 100, 4 * SECOND_MS), AD_NET_BROKEN);
    run->outage_ms = now_ms + fleet_between(run, 10 * SECOND_MS, 60 * SECOND_MS);
}

/* Another user of the same key. */
static void foreign(struct fleet_run *run)
{
    struct svc_header header = {"Authorization", "Bearer " FLEET_KEY};
    struct svc_request request = {
        .method = "GET", .url = "https://api.animaldetect.com/v1/account", .headers = &header, .header_count = 1};

    while (run->foreign < run->fleet->foreign && fleet_now(run) >= run->foreign_ms) {
        struct svc_response response;

        svc_handle(run->svc, &request, world_wall_ms(run->world), &response);
        run->foreign_limited += response.status == 429;
        svc_response_clear(&response);
        run->foreign++;
        run->foreign_ms += 100;
    }
}

void fleet_trouble(struct fleet_run *run)
{
    foreign(run);
    if (!run->feeding)
        return;
    if ((run->fleet->troubles & PERMIT_FLEET_SOURCE) != 0)
        source_trouble(run);
    if ((run->fleet->troubles & PERMIT_FLEET_DEATHS) != 0)
        deaths(run);
    if ((run->fleet->troubles & PERMIT_FLEET_OUTAGES) != 0)
        outages(run);
}
