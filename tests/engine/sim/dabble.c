/* SPDX-License-Identifier: MIT */
/*
 * What the host does between iterations: saves, changes its mind, is late, pauses, changes the network; and its images
 * change.
 */
#include "engine/sim/host.h"

#include <inttypes.h>

#define LIFE_MS (INT64_C(5) * 24 * 3600 * 1000) /* a longer life means that something is stuck */
#define LONG_LIFE_MS (100 * LIFE_MS)            /* the same where jobs take days, one after the other */
#define TURNS 3000000
/*
 * Limit per job and life: a host that keeps restoring a job never exhausts the attempts, and some services never
 * recover.
 */
#define SWAPS 100

/* Frees a job in the middle of its call and continues with another one, restored from its saved text. */
static void swap(struct life *life, struct worker *worker, int number)
{
    struct sim_image *image = &life->sim->images[number];
    struct slot *slot = &worker->slots[number];

    sim_write_down(image, slot->job);
    animaldetect_job_free(slot->job);
    worker->running--;
    slot->swaps++;
    slot->job = sim_restored_job(worker, slot);
    MUST(animaldetect_job_set_call_timeout_ms(slot->job, life->fair ? -1 : image->call_timeout_ms));
    MUST(animaldetect_job_run_async(slot->job));
    sim_started(life, worker, slot);
    sim_say(life->sim, "image %d: swapped", number);
}

/* While paused, sends nothing, however many requests are due. */
static void pause_for_a_while(struct life *life, struct worker *worker)
{
    struct sim *sim = life->sim;
    int32_t what = (int32_t)ad_rng_upto(&sim->control, ANIMALDETECT_PAUSE_ALL);
    int before = world_count(sim->world, what == ANIMALDETECT_PAUSE_UPLOADS ? "upload" : "any");

    MUST(animaldetect_client_set_paused(worker->client, what));
    if (sim->plan.late_chance > 0)
        world_skip(sim->world, sim_between(&sim->control, 1, 20000));
    MUST(animaldetect_client_process(worker->client));
    if (what >= ANIMALDETECT_PAUSE_UPLOADS)
        SIM_CHECK(world_count(sim->world, what == ANIMALDETECT_PAUSE_UPLOADS ? "upload" : "any") == before,
                  "a paused client has sent something");
    MUST(animaldetect_client_set_paused(worker->client, ANIMALDETECT_PAUSE_NONE));
    worker->hold.hurries++;
}

static void control(struct life *life, struct worker *worker, animaldetect_job *job)
{
    struct sim *sim = life->sim;

    switch (ad_rng_upto(&sim->control, sim->plan.odd.any ? 3 : 2)) {
    case 0:
        MUST(animaldetect_job_set_priority(job, (int32_t)sim_between(&sim->control, -2, 2)));
        break;
    case 1:
        MUST(animaldetect_client_network_changed(worker->client));
        worker->hold.hurries++;
        break;
    case 2:
        pause_for_a_while(life, worker);
        break;
    default:
        MUST(animaldetect_client_resume(worker->client));
        worker->hold.reason = -1;
        break;
    }
}

/* Once each: the host that detects the change makes one more run of it. */
static void change_file(struct life *life, int number)
{
    struct sim *sim = life->sim;
    struct sim_image *image = &sim->images[number];

    if (image->input != SIM_FILE || image->changed || image->ended ||
        !sim_chance(&sim->follow, sim->plan.odd.change_chance))
        return;
    sim_say(sim, "image %d: its file changes", number);
    sim_image_change(sim, image);
}

/* As on a card whose inode numbers are not stable: nobody detects the change. */
static void shift_file(struct life *life, int number)
{
    struct sim *sim = life->sim;
    struct sim_image *image = &sim->images[number];

    if (image->input != SIM_FILE || !sim_chance(&sim->files, sim->plan.shift_chance))
        return;
    sim_say(sim, "image %d: its file is another one", number);
    sim_image_shift(image, sim_chance(&sim->files, 0.5));
}

void sim_dabble(struct life *life, struct worker *worker)
{
    struct sim *sim = life->sim;
    const struct sim_plan *plan = &sim->plan;
    int number = (int)ad_rng_upto(&sim->rng, plan->image_count - 1);
    struct slot *slot = &worker->slots[number];

    sim->turns++;
    SIM_CHECK(sim->turns < TURNS, "%ld turns and no end", sim->turns);
    SIM_CHECK(world_now_ms(sim->world) - life->begin_ms < (plan->odd.any ? LONG_LIFE_MS : LIFE_MS),
              "nothing has ended for days");
    sim_check_turn(sim);
    sim_check_hold(life, worker);
    if (slot->job == NULL)
        return;
    sim_check_identity(sim, &sim->images[number], slot->job);
    shift_file(life, number);
    if (sim_chance(&sim->rng, plan->save_chance))
        sim_write_down(&sim->images[number], slot->job);
    if (life->fair)
        return;
    if (slot->running && sim_chance(&sim->rng, plan->swap_chance) && slot->swaps < SWAPS)
        swap(life, worker, number);
    if (slot->running && sim_chance(&sim->rng, plan->cancel_chance)) {
        sim_say(sim, "image %d: canceled", number);
        (void)animaldetect_job_cancel(slot->job);
    }
    change_file(life, number);
    if (sim_chance(&sim->control, plan->control_chance))
        control(life, worker, slot->job);
    if (sim_chance(&sim->rng, plan->late_chance))
        world_skip(sim->world, sim_between(&sim->rng, 1, 20000));
}
