/* SPDX-License-Identifier: MIT */
/*
 * Images that share one uplink, with upload URLs that live for seconds or minutes: what is drawn for it, and what must
 * hold. Half of such seeds are otherwise like all seeds; the others are calm: one life without faults, in which every
 * image crosses the link once and none waits for long. Drawn from a separate generator, so that the other seeds stay
 * unchanged.
 */
#include "engine/sim/sim.h"

#include <inttypes.h>

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)
#define STEP_MS 10
#define LEAST_BPS 16000
#define MOST_BPS 4000000
#define LEAST_LOW_BPS 8000
#define LEAST_LIFE_MS (8 * SECOND_MS)
#define MOST_LIFE_MS (900 * SECOND_MS)
#define LIFE_UPLOADS 8 /* of the largest image, alone on the slowest link, that fit in the life of a URL */
#define RELAY_BYTES 262144
#define ROUNDS 10 /* round trips until a link of any length is fully used, plus those of the last response */

static int64_t draw_bps(struct ad_rng *rng)
{
    int64_t bps = LEAST_BPS;

    while (bps < MOST_BPS && sim_chance(rng, 0.8))
        bps *= 2;
    return sim_between(rng, bps / 2 > LEAST_BPS ? bps / 2 : LEAST_BPS, bps);
}

static int64_t slowest_bps(const struct sim_plan *plan)
{
    return plan->net.link_low_bps > 0 ? plan->net.link_low_bps : plan->net.link_bps;
}

/* A URL life that no image of this plan exceeds if it is sent at once. */
static int64_t draw_life_ms(const struct sim_plan *plan, struct ad_rng *rng)
{
    int64_t round_ms = plan->net.latency_ms + plan->net.jitter_ms;
    int64_t least_ms = LIFE_UPLOADS * (round_ms + SIM_LARGEST * SECOND_MS / slowest_bps(plan));

    if (least_ms < LEAST_LIFE_MS)
        least_ms = LEAST_LIFE_MS;
    return sim_between(rng, least_ms, sim_chance(rng, 0.5) ? 2 * least_ms : least_ms + MOST_LIFE_MS);
}

/* One host that only waits for its images, and a service without a limit. */
static void calm_down(struct sim_plan *plan, struct ad_rng *rng)
{
    plan->lives = plan->workers = 1;
    plan->kill_ms[0] = -1;
    plan->drive[0] = (enum sim_drive)sim_between(rng, SIM_WAIT, SIM_TIMEOUT);
    plan->fault_count = 0;
    plan->has_429 = plan->has_effect = plan->limit_known = false;
    plan->net.connect_failure = 0;
    plan->service.rpm = 0;
    plan->service.shared_jobs = false;
    plan->max_requests = (int32_t)sim_between(rng, 8, 32);
    plan->image_count = (int)sim_between(rng, SIM_IMAGES / 2, SIM_IMAGES);
    plan->cancel_chance = plan->swap_chance = plan->late_chance = plan->control_chance = plan->shift_chance = 0;
}

void sim_uplink_draw(struct sim_plan *plan)
{
    struct ad_rng rng;
    struct world_config *net = &plan->net;

    ad_rng_seed(&rng, plan->seed ^ UINT64_C(0x0b11e4a7));
    if (plan->odd.any || !sim_chance(&rng, 0.2))
        return;
    net->upload_bps = 0;
    net->link_bps = draw_bps(&rng);
    if (sim_chance(&rng, 0.3))
        net->link_low_bps = net->link_bps / 10 > LEAST_LOW_BPS ? net->link_bps / 10 : LEAST_LOW_BPS;
    net->link_early = sim_chance(&rng, 0.3) ? RELAY_BYTES : 0;
    net->link_hides = sim_chance(&rng, 0.2);
    plan->service.upload_ttl_ms = draw_life_ms(plan, &rng);
    plan->calm_link = sim_chance(&rng, 0.5);
    if (plan->calm_link)
        calm_down(plan, &rng);
}

/* How long the link takes for this many bytes, from the start. */
static int64_t link_ms(const struct sim_plan *plan, uint64_t bytes)
{
    int64_t left = (int64_t)bytes;
    int64_t now_ms = 0;

    for (; left > 0; now_ms += STEP_MS) {
        bool is_low = plan->net.link_low_bps > 0 && now_ms / MINUTE_MS % 2 == 1;

        left -= (is_low ? plan->net.link_low_bps : plan->net.link_bps) * STEP_MS / SECOND_MS;
    }
    return now_ms;
}

/* How much of the link the uploads used, and how long they took. */
static uint64_t count_sent(const struct sim *sim, int64_t *took_ms)
{
    int64_t begin_ms = sim->plan.net.start_ms;
    uint64_t sent = 0;

    *took_ms = 0;
    for (size_t i = 0; i < world_request_count(sim->world); i++) {
        const struct world_request *request = world_request_at(sim->world, i);

        if (request->route != SVC_ROUTE_UPLOAD)
            continue;
        sent += request->sent;
        *took_ms = request->end_ms - begin_ms > *took_ms ? request->end_ms - begin_ms : *took_ms;
    }
    return sent;
}

void sim_uplink_check_end(const struct sim *sim)
{
    const struct sim_plan *plan = &sim->plan;
    int64_t round_ms = plan->net.latency_ms + plan->net.jitter_ms;
    uint64_t bytes = 0;
    uint64_t sent;
    int64_t took_ms;
    int64_t most_ms;

    if (!plan->calm_link)
        return;
    for (int i = 0; i < plan->image_count; i++)
        bytes += sim->images[i].input == SIM_SOURCE_URL ? 0 : sim->images[i].size;
    sent = count_sent(sim, &took_ms);
    most_ms = link_ms(plan, bytes) * 11 / 10 + ROUNDS * round_ms + 5 * SECOND_MS;
    SIM_CHECK(sent <= bytes + bytes / 50, "%" PRIu64 " bytes were sent for images of %" PRIu64, sent, bytes);
    SIM_CHECK(took_ms <= most_ms, "the uploads took %" PRId64 " ms, at most %" PRId64 " on this link", took_ms,
              most_ms);
}
