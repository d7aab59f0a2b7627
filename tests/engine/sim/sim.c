/* SPDX-License-Identifier: MIT */
/*
 * The run of one seed: a world, the lives of the host in it, and the checks at the end.
 */
#include "engine/sim/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t sim_seed;
static struct sim *current;

void sim_fail(const char *format, ...)
{
    va_list arguments;

    if (current != NULL && current->show)
        sim_trace(current);
    printf("not ok seed %" PRIu64 ": ", sim_seed);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\nplay it again: tests/engine/sim/run --from %" PRIu64 " --seeds 1 --show\n", sim_seed);
    fflush(stdout);
    _Exit(1);
}

void sim_say(const struct sim *sim, const char *format, ...)
{
    va_list arguments;

    if (!sim->show)
        return;
    printf("%8" PRId64 "           ", world_now_ms(sim->world));
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

static void show_deviations(const struct sim *sim)
{
    const struct sim_deviations *odd = &sim->plan.odd;
    const struct svc_config *service = &sim->plan.service;

    sim_say(sim,
            "stuck %.2f %" PRId64 ", unknown %.2f form %d, ttl %" PRId64
            ", lost submits %.2f, keys in use %.2f %" PRId64 ", late job %" PRId64 ", late result %d %" PRId64
            ", rate window %d, file changes %.2f",
            service->stuck_share, service->stuck_ms, service->unknown_share, (int)service->unknown_form,
            service->job_ttl_ms, service->lost_submit_share, service->key_in_use_share, service->key_in_use_ms,
            service->late_job_ms, service->late_result_status, service->late_result_ms, (int)service->rate_window,
            odd->change_chance);
    sim_say(sim,
            "outage %" PRId64 " to %" PRId64 " net %d, reruns %" PRId32 ", patience %" PRId64
            ", processing timeout %" PRId64 ", max retry after %" PRId64,
            odd->outage_from_ms, odd->outage_until_ms, (int)odd->outage, odd->reruns, odd->patience_ms,
            odd->processing_timeout_ms, odd->max_retry_after_ms);
    for (int i = 0; i < odd->lasting_count; i++)
        sim_say(sim, "lasting %s", odd->lasting[i]);
}

static void show_plan(const struct sim *sim)
{
    const struct sim_plan *plan = &sim->plan;

    sim_say(sim,
            "%d images, %d lives, %d workers, processing %s, rpm %" PRId64 "%s, upload ttl %" PRId64
            ", replay %d, submit %d, retries %d, active %d",
            plan->image_count, plan->lives, plan->workers, plan->processing, plan->service.rpm,
            plan->limit_known ? " (known)" : "", plan->service.upload_ttl_ms, (int)plan->service.replay,
            (int)plan->service.submit, (int)plan->max_tries, (int)plan->max_requests);
    for (int i = 0; i < plan->fault_count; i++)
        sim_say(sim, "fault %s", plan->faults[i]);
    if (plan->odd.any)
        show_deviations(sim);
}

static void add_faults(const struct sim *sim, const char specs[][SIM_SPEC], int count)
{
    char error[256];

    for (int i = 0; i < count; i++)
        SIM_CHECK(svc_add_fault(sim->svc, specs[i], error, sizeof error), "%s", error);
}

static void begin_outage(struct sim *sim)
{
    const struct sim_deviations *odd = &sim->plan.odd;
    int64_t begin_ms = world_now_ms(sim->world);

    if (odd->outage_from_ms >= 0)
        world_outage(sim->world, begin_ms + odd->outage_from_ms, begin_ms + odd->outage_until_ms, odd->outage);
}

uint64_t sim_run(uint64_t seed, bool show)
{
    struct sim *sim = calloc(1, sizeof *sim);
    uint64_t trace;

    sim_seed = seed;
    if (sim == NULL)
        abort();
    sim->show = show;
    current = sim;
    sim_plan_draw(&sim->plan, seed);
    ad_rng_seed(&sim->rng, seed ^ UINT64_C(0x40057));
    ad_rng_seed(&sim->control, seed ^ UINT64_C(0xc0117201));
    ad_rng_seed(&sim->follow, seed ^ UINT64_C(0xf0110e));
    ad_rng_seed(&sim->files, seed ^ UINT64_C(0xf11e5));
    sim->svc = svc_new(&sim->plan.service);
    SIM_CHECK(sim->svc != NULL, "the plan makes no service");
    sim->world = world_new(sim->svc, &sim->plan.net);
    sim_images_make(sim);
    show_plan(sim);
    add_faults(sim, sim->plan.odd.lasting, sim->plan.odd.lasting_count);
    add_faults(sim, sim->plan.faults, sim->plan.fault_count);
    begin_outage(sim);
    for (sim->life = 0; sim->life < sim->plan.lives; sim->life++) {
        if (sim->life + 1 == sim->plan.lives) {
            svc_clear_faults(sim->svc);
            add_faults(sim, sim->plan.odd.lasting, sim->plan.odd.lasting_count);
        }
        sim_live(sim);
    }
    sim_check_end(sim);
    trace = sim->trace;
    sim_images_free(sim);
    world_free(sim->world);
    svc_free(sim->svc);
    current = NULL;
    free(sim);
    return trace;
}
