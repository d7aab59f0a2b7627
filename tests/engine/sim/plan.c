/* SPDX-License-Identifier: MIT */
/*
 * Turns a seed into a plan. Every choice is drawn in a fixed order from one generator, so a seed keeps its meaning as
 * long as this file does not change. Deviations from the contract are drawn in deviate.c.
 */
#include "engine/sim/sim.h"

#include <stdio.h>
#include <string.h>

bool sim_chance(struct ad_rng *rng, double p)
{
    return ad_rng_unit(rng) < p;
}

int64_t sim_between(struct ad_rng *rng, int64_t least, int64_t most)
{
    return least + ad_rng_upto(rng, most - least);
}

static void draw_processing(struct sim_plan *plan, struct ad_rng *rng)
{
    switch (ad_rng_upto(rng, 3)) {
    case 0:
        snprintf(plan->processing, sizeof plan->processing, "fixed:%d", (int)sim_between(rng, 1, 30000));
        break;
    case 1:
        snprintf(plan->processing, sizeof plan->processing, "lognormal:%d:%.1f", (int)sim_between(rng, 500, 60000),
                 0.2 + ad_rng_unit(rng));
        break;
    case 2:
        snprintf(plan->processing, sizeof plan->processing, "bimodal:%d:%d:%.1f", (int)sim_between(rng, 100, 3000),
                 (int)sim_between(rng, 10000, 90000), 0.1 + 0.8 * ad_rng_unit(rng));
        break;
    default:
        snprintf(plan->processing, sizeof plan->processing, "fifo:%d", (int)sim_between(rng, 100, 5000));
        break;
    }
    plan->service.processing = plan->processing;
}

static void draw_service(struct sim_plan *plan, struct ad_rng *rng)
{
    struct svc_config *service = &plan->service;

    svc_config_default(service);
    service->api_key = SIM_KEY;
    service->seed = ad_rng_u64(rng);
    draw_processing(plan, rng);
    service->queue_share = ad_rng_unit(rng);
    service->fail_probability = sim_chance(rng, 0.2) ? 0.3 : 0.0;
    if (sim_chance(rng, 0.1)) {
        service->odd_status = "warming_up";
        service->odd_status_ms = sim_between(rng, 100, 20000);
    }
    if (sim_chance(rng, 0.3))
        service->rpm = sim_between(rng, 5, 600);
    service->window = sim_chance(rng, 0.5) ? SVC_WINDOW_SLIDING : SVC_WINDOW_FIXED;
    service->retry_after = (enum svc_retry_after)ad_rng_upto(rng, 2);
    service->rate_headers = (enum svc_rate_headers)ad_rng_upto(rng, 2);
    service->clock_skew_ms = sim_chance(rng, 0.2) ? sim_between(rng, -600000, 600000) : 0;
    service->poll_hint_s = sim_chance(rng, 0.2) ? sim_between(rng, 1, 20) : 0;
    service->checksum_field = sim_chance(rng, 0.3) ? "sha256" : NULL;
    service->upload_ttl_ms = sim_chance(rng, 0.3) ? sim_between(rng, 1000, 60000) : 900000;
    service->expired_as_403 = sim_chance(rng, 0.5);
    service->replay = (enum svc_replay_form)(sim_chance(rng, 0.7) ? SVC_REPLAY_FRESH : ad_rng_upto(rng, 2));
    service->submit = (enum svc_submit_form)ad_rng_upto(rng, 3);
    service->result_early_status = sim_chance(rng, 0.5) ? 409 : 404;
    service->error_form = (enum svc_error_form)ad_rng_upto(rng, 3);
    service->old_info = sim_chance(rng, 0.3);
    service->extra_fields = sim_chance(rng, 0.3);
}

static void draw_net(struct sim_plan *plan, struct ad_rng *rng)
{
    struct world_config *net = &plan->net;

    world_config_default(net);
    net->seed = ad_rng_u64(rng);
    /* Zero latency is a separate case: requests then complete in the iteration that started them. */
    net->latency_ms = sim_chance(rng, 0.2) ? 0 : sim_between(rng, 1, 800);
    net->jitter_ms = net->latency_ms == 0 ? 0 : sim_between(rng, 0, 800);
    net->upload_bps = sim_chance(rng, 0.5) ? sim_between(rng, 2000, 2000000) : 0;
    net->connect_failure = sim_chance(rng, 0.3) ? 0.2 * ad_rng_unit(rng) : 0.0;
    /* Where a stale replay fails an image for good, the last message must be about that. */
    if (plan->service.replay != SVC_REPLAY_FRESH)
        net->connect_failure = 0.0;
    net->no_wall = sim_chance(rng, 0.1);
}

static void draw_faults(struct sim_plan *plan, struct ad_rng *rng)
{
    static const char *const routes[] = {"create", "upload", "submit", "poll", "fetch", "api", "any"};
    static const char *const kinds[] = {"500",
                                        "503",
                                        "reset-before",
                                        "reset-after",
                                        "reset-after",
                                        "stall",
                                        "truncate",
                                        "malformed",
                                        "wrong-length",
                                        "429",
                                        "408",
                                        "html",
                                        "503:after_effect=1",
                                        "stall:after_effect=1",
                                        "502:retry_after=2",
                                        "429:retry_after=5",
                                        "delay:ms=7000",
                                        "slow:bps=300",
                                        "429:retry_after=40"};

    plan->fault_count = (int)ad_rng_upto(rng, SIM_FAULTS);
    for (int i = 0; i < plan->fault_count; i++) {
        const char *kind = kinds[ad_rng_upto(rng, (int64_t)(sizeof kinds / sizeof kinds[0]) - 1)];

        /* Faults act together, and no client can handle a 429 whose request still has its effect. */
        if (plan->has_429 && strstr(kind, "after_effect=1") != NULL)
            kind = "500";
        if (plan->has_effect && strstr(kind, "429") != NULL)
            kind = "503";
        plan->has_429 = plan->has_429 || strstr(kind, "429") != NULL;
        plan->has_effect = plan->has_effect || strstr(kind, "after_effect=1") != NULL;
        snprintf(plan->faults[i], SIM_SPEC, "%s:%s:p=%.3f", routes[ad_rng_upto(rng, 6)], kind,
                 0.02 + 0.28 * ad_rng_unit(rng));
    }
    if (sim_chance(rng, 0.2) && plan->fault_count < SIM_FAULTS)
        snprintf(plan->faults[plan->fault_count++], SIM_SPEC, "upload:early:status=503:p=0.2");
}

static void draw_host(struct sim_plan *plan, struct ad_rng *rng)
{
    plan->lives = 1 + (int)ad_rng_upto(rng, SIM_LIVES - 1);
    for (int i = 0; i < plan->lives; i++) {
        plan->drive[i] = (enum sim_drive)ad_rng_upto(rng, SIM_DRIVES - 1);
        plan->kill_ms[i] = i + 1 < plan->lives && sim_chance(rng, 0.7) ? sim_between(rng, 0, 60000) : -1;
    }
    plan->workers = sim_chance(rng, 0.15) ? 2 : 1;
    plan->limit_known = plan->service.rpm > 0 && sim_chance(rng, 0.7);
    plan->max_tries = sim_chance(rng, 0.5) ? (int32_t)sim_between(rng, 1, 30) : 0;
    plan->max_requests = (int32_t)(sim_chance(rng, 0.5) ? sim_between(rng, 1, 4) : sim_between(rng, 5, 32));
    plan->poll_mode = (int32_t)ad_rng_upto(rng, 2);
    plan->save_chance = sim_chance(rng, 0.6) ? 0.3 * ad_rng_unit(rng) : 0.0;
    plan->cancel_chance = sim_chance(rng, 0.3) ? 0.01 : 0.0;
    plan->swap_chance = sim_chance(rng, 0.3) ? 0.01 : 0.0;
    plan->again_chance = sim_chance(rng, 0.5) ? 0.7 : 0.0;
    plan->late_chance = sim_chance(rng, 0.3) ? 0.05 : 0.0;
    plan->control_chance = plan->seed % 3 == 0 ? 0.05 : 0.0;
    plan->shift_chance = plan->seed % 4 < 2 ? 0.02 : 0.0;
}

void sim_plan_draw(struct sim_plan *plan, uint64_t seed)
{
    struct ad_rng rng;

    memset(plan, 0, sizeof *plan);
    plan->seed = seed;
    ad_rng_seed(&rng, seed);
    draw_service(plan, &rng);
    draw_net(plan, &rng);
    draw_faults(plan, &rng);
    draw_host(plan, &rng);
    plan->image_count = 1 + (int)ad_rng_upto(&rng, sim_chance(&rng, 0.5) ? 4 : SIM_IMAGES - 1);
    /* A worker cannot know what response the other one got, and whether it has submitted meanwhile. */
    plan->service.shared_jobs = plan->workers > 1;
    sim_deviations_draw(plan);
    sim_uplink_draw(plan);
}
