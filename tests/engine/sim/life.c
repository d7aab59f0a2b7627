/* SPDX-License-Identifier: MIT */
/*
 * One life of the host program: it starts from its saved state, gives its images to the library, drives the library in
 * one of five ways, and ends when all images are finished or when it is killed.
 */
#include "engine/sim/host.h"

#include <inttypes.h>
#include <sys/epoll.h>
#include <unistd.h>

#define HOUR_MS INT64_C(3600000)

static bool is_killed(const struct life *life)
{
    return life->kill_ms >= 0 && world_now_ms(life->sim->world) - life->begin_ms >= life->kill_ms;
}

/* When the host acts by itself. */
static int64_t minds_ms(const struct life *life)
{
    int64_t least = INT64_MAX;

    for (int i = 0; i < life->worker_count; i++) {
        int64_t own = sim_minds_ms(&life->workers[i]);

        least = own < least ? own : least;
    }
    return least;
}

/* Whether the host dies before the next event. */
static bool dies_first(const struct life *life)
{
    int64_t next = world_next_ms(life->sim->world);
    int64_t minds = minds_ms(life);

    return life->kill_ms >= 0 && (minds < next ? minds : next) - life->begin_ms > life->kill_ms;
}

/* Calls in flight, and calls that are still to be made. */
static int count_open(const struct life *life, int *running)
{
    int open = 0;

    *running = 0;
    for (int i = 0; i < life->worker_count; i++) {
        *running += life->workers[i].running;
        open += life->workers[i].running + sim_put_off(&life->workers[i]);
    }
    return open;
}

/* False when nothing would ever happen. */
static bool pass_time(struct life *life)
{
    struct world *world = life->sim->world;
    int64_t minds = minds_ms(life);

    if (minds > world_next_ms(world) || minds == INT64_MAX)
        return world_advance(world);
    if (minds > world_now_ms(world))
        world_skip(world, minds - world_now_ms(world));
    return true;
}

static bool take_one(struct life *life, struct worker *worker)
{
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_client_next_done(worker->client, &job);

    if (status == ANIMALDETECT_AGAIN)
        return false;
    MUST(status);
    for (int i = 0; i < life->sim->plan.image_count; i++) {
        if (worker->slots[i].job == job) {
            sim_ended(life, worker, i, animaldetect_job_status(job));
            return true;
        }
    }
    sim_fail("a job was handed out that is not ours");
}

static void watch(const struct life *life, struct worker *worker)
{
    struct epoll_event event = {.events = EPOLLIN};

    if (life->drive == SIM_EDGE)
        event.events |= (uint32_t)EPOLLET;
    worker->outer = epoll_create1(EPOLL_CLOEXEC);
    SIM_CHECK(worker->outer >= 0 &&
                  epoll_ctl(worker->outer, EPOLL_CTL_ADD, animaldetect_client_fd(worker->client), &event) == 0,
              "the descriptor cannot be watched");
}

/* A wakeup of an event loop: collects all completions, or only one where the host is edge-triggered. */
static bool turn(struct life *life, struct worker *worker)
{
    struct epoll_event event;

    if (life->drive != SIM_TIMEOUT && epoll_wait(worker->outer, &event, 1, 0) == 0)
        return false;
    MUST(animaldetect_client_process(worker->client));
    while (take_one(life, worker) && life->drive != SIM_EDGE)
        ;
    sim_dabble(life, worker);
    return true;
}

/* Without a descriptor: polls often while requests are on the wire, otherwise when the next one is due. */
static void sleep_by_timeout(struct life *life)
{
    struct world *world = life->sim->world;
    int64_t most = life->sim->plan.odd.any && world_active(world) == 0 ? HOUR_MS : 50;
    int64_t wait = most;
    int64_t minds = minds_ms(life);

    for (int i = 0; i < life->worker_count; i++) {
        int64_t own = animaldetect_client_timeout_ms(life->workers[i].client);

        SIM_CHECK(own >= -1, "timeout_ms says %" PRId64, own);
        if (own >= 0 && own < wait)
            wait = own;
    }
    if (minds != INT64_MAX && minds - world_now_ms(world) < wait)
        wait = minds - world_now_ms(world);
    world_skip(world, wait > 0 ? wait : 1);
}

static bool turn_all(struct life *life)
{
    bool any = false;

    for (int i = 0; i < life->worker_count; i++) {
        sim_mind(life, &life->workers[i]);
        any = turn(life, &life->workers[i]) || any;
    }
    return any;
}

static void drive_by_events(struct life *life)
{
    int idle = 0; /* loop iterations in a row without a wakeup */

    while (!is_killed(life)) {
        int64_t now = world_now_ms(life->sim->world);
        int64_t minds = minds_ms(life);
        bool any = turn_all(life);
        int running;

        idle = any || minds <= now ? 0 : idle + 1;
        if (count_open(life, &running) == 0)
            break;
        if (life->drive == SIM_TIMEOUT)
            sleep_by_timeout(life);
        else if (!any && dies_first(life))
            break;
        else if (!any)
            SIM_CHECK(
                pass_time(life),
                "%d calls are in flight and nothing would ever happen; %d requests are on the wire, the timeout is "
                "%" PRId64 " ms, and %s ended call was left",
                running, world_active(life->sim->world), animaldetect_client_timeout_ms(life->workers[0].client),
                take_one(life, &life->workers[0]) ? "an" : "no");
        SIM_CHECK(any || idle < 3 || world_now_ms(life->sim->world) > now || life->drive == SIM_TIMEOUT,
                  "work is due and no host is woken");
    }
}

/* How long a blocking call may last: until the host dies or has something else to do; -1: no limit. */
static int64_t time_left(const struct life *life)
{
    int64_t now = world_now_ms(life->sim->world);
    int64_t left = life->kill_ms < 0 ? INT64_MAX : life->kill_ms - (now - life->begin_ms);
    int64_t minds = minds_ms(life);

    if (minds != INT64_MAX && minds - now < left)
        left = minds > now ? minds - now : 0;
    return left == INT64_MAX ? -1 : left;
}

static void drive_by_wait(struct life *life)
{
    struct worker *worker = &life->workers[0];
    int running;

    while (count_open(life, &running) > 0 && !is_killed(life)) {
        int64_t left;
        int32_t status;

        sim_mind(life, worker);
        left = time_left(life);
        if (worker->running == 0) {
            world_skip(life->sim->world, left);
            continue;
        }
        status = animaldetect_client_wait(worker->client, left);
        SIM_CHECK(status == ANIMALDETECT_OK || (status == ANIMALDETECT_AGAIN && left >= 0), "wait says %s",
                  animaldetect_status_name(status));
        while (take_one(life, worker))
            ;
        sim_dabble(life, worker);
    }
}

/* One image after the other in blocking calls; between them the host sleeps. */
static void block_on(struct life *life, struct worker *worker, int number)
{
    struct world *world = life->sim->world;
    struct slot *slot = &worker->slots[number];

    sim_take_up(life, worker, number);
    do {
        slot->again_ms = INT64_MAX;
        sim_mind(life, worker);
        sim_started(life, worker, slot);
        sim_ended(life, worker, number, animaldetect_job_run(slot->job));
        sim_dabble(life, worker);
        if (slot->again_ms != INT64_MAX && slot->again_ms > world_now_ms(world))
            world_skip(world, slot->again_ms - world_now_ms(world));
    } while (slot->again_ms != INT64_MAX && !is_killed(life));
    slot->again_ms = INT64_MAX;
}

static void drive_by_blocking(struct life *life)
{
    for (int i = 0; i < life->sim->plan.image_count && !is_killed(life); i++)
        if (!life->sim->images[i].ended)
            block_on(life, &life->workers[0], i);
}

void sim_live(struct sim *sim)
{
    struct life life = {.sim = sim, .worker_count = sim->plan.workers, .drive = sim->plan.drive[sim->life]};

    if (sim->plan.odd.off_ms[sim->life] > 0)
        world_skip(sim->world, sim->plan.odd.off_ms[sim->life]);
    life.begin_ms = world_now_ms(sim->world);
    life.kill_ms = sim->plan.kill_ms[sim->life];
    life.fair = sim->life + 1 == sim->plan.lives;
    if (life.drive == SIM_BLOCKING || life.drive == SIM_WAIT)
        life.worker_count = 1;
    sim_say(sim, "life %d: drive %d, %d workers, killed after %" PRId64 " ms", sim->life, (int)life.drive,
            life.worker_count, life.kill_ms);
    for (int i = 0; i < life.worker_count; i++)
        sim_open_worker(&life, &life.workers[i]);
    for (int i = 0; i < life.worker_count && life.drive != SIM_BLOCKING; i++)
        for (int k = 0; k < sim->plan.image_count; k++)
            if (!sim->images[k].ended)
                sim_start(&life, &life.workers[i], k);
    if (life.drive == SIM_LEVEL || life.drive == SIM_EDGE)
        for (int i = 0; i < life.worker_count; i++)
            watch(&life, &life.workers[i]);
    if (life.drive == SIM_BLOCKING)
        drive_by_blocking(&life);
    else if (life.drive == SIM_WAIT)
        drive_by_wait(&life);
    else
        drive_by_events(&life);
    for (int i = 0; i < life.worker_count; i++)
        sim_close_worker(&life, &life.workers[i]);
    svc_client_restarted(sim->svc);
}
