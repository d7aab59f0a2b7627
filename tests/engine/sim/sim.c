/* SPDX-License-Identifier: MIT */
/*
 * The course of one seed: a world, the lives of the host in it, the checks at the end.
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

static void show_plan(const struct sim *sim)
{
    const struct sim_plan *plan = &sim->plan;

    sim_say(sim, "%d images, %d lives, %d workers, processing %s, rpm %" PRId64 "%s, upload ttl %" PRId64
            ", replay %d, submit %d, retries %d, active %d", plan->image_count, plan->lives, plan->workers, plan->processing,
            plan->service.rpm, plan->limit_known ? " (known)" : "", plan->service.upload_ttl_ms,
            (int)plan->service.replay, (int)plan->service.submit, (int)plan->retry_limit, (int)plan->max_active);
    for (int i = 0; i < plan->fault_count; i++)
        sim_say(sim, "fault %s", plan->faults[i]);
}

uint64_t sim_run(uint64_t seed, bool show)
{
    struct sim *sim = calloc(1, sizeof *sim);
    uint64_t trace;
    char error[256];

    sim_seed = seed;
    if (sim == NULL)
        abort();
    sim->show = show;
    current = sim;
    sim_plan_draw(&sim->plan, seed);
    ad_rng_seed(&sim->rng, seed ^ UINT64_C(0x40057));
    sim->svc = svc_new(&sim->plan.service);
    SIM_CHECK(sim->svc != NULL, "the plan makes no service");
    sim->world = world_new(sim->svc, &sim->plan.net);
    sim_images_make(sim);
    show_plan(sim);
    for (int i = 0; i < sim->plan.fault_count; i++)
        SIM_CHECK(svc_add_fault(sim->svc, sim->plan.faults[i], error, sizeof error), "%s", error);
    for (sim->life = 0; sim->life < sim->plan.lives; sim->life++) {
        if (sim->life + 1 == sim->plan.lives)
            svc_clear_faults(sim->svc);
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
