/* SPDX-License-Identifier: MIT */
/*
 * The simulation of quota_sim.h. One image: create, upload (not counted), submit, polls, result. Each counted request
 * takes 10 to 60 ms in each direction; the service decides on arrival. Requests are admitted in the engine's order:
 * result, submit, poll of a job that is probably done, create while fewer jobs are in flight than Little's law
 * requires, other polls. A competitor's polls are all in one class and precede creates.
 */
#include "quota_sim.h"

#include <stdlib.h>
#include <string.h>

#include "engine/pacer.h"
#include "quota_events.h"

#define UPLOAD_MS 300
#define PRESSURE_MS 500
#define OPERATION 0
#define NEVER INT64_MAX
#define HOT 0.5

struct job {
    struct ad_poll_plan plan;
    int64_t finish_ms; /* at the service; NEVER before the submit arrives */
    int64_t due_ms;    /* of the next poll */
    int64_t sent_ms;   /* of the request on the wire */
    int polls;
    bool polling; /* a poll is on the wire */
    bool refused; /* the request on the wire got a 429 */
    bool found;   /* the poll on the wire found the job done */
};

struct world {
    const struct quota_run *run;
    struct ad_rng rng;
    struct ad_pacer pacer;
    struct ad_planner planner;
    struct quota_events events;
    struct quota_list jobs_waiting[QUOTA_CALLS]; /* for submit, for fetch */
    struct quota_list active;                    /* waiting for the service */
    struct job *jobs;
    size_t job_count;
    size_t job_room;
    size_t in_flight;
    size_t backlog;
    int64_t now;
    int64_t worker_free_ms;
    struct quota_window window;
    double *delays;
    size_t delay_count;
    size_t delay_room;
    uint64_t polls;
    uint64_t images;
    uint64_t throttled;
    bool failed;
};

static bool is_ours(const struct quota_run *run)
{
    return run->policy == QUOTA_PLANNER || run->policy == QUOTA_PRICED;
}

static int64_t next_poll(struct world *world, const struct job *job)
{
    int64_t gap = world->run->interval_ms;

    if (is_ours(world->run))
        return ad_planner_next_ms(&world->planner, OPERATION, &job->plan);
    if (world->run->policy == QUOTA_EXPONENTIAL) {
        gap = job->polls > 4 ? 20000 : (int64_t)1000 << job->polls;
        gap = gap / 2 + ad_rng_upto(&world->rng, gap / 2);
    }
    return job->plan.poll_ms + gap;
}

static void send_call(struct world *world, enum quota_call call, size_t index)
{
    ad_pacer_take(&world->pacer, world->now);
    world->jobs[index].sent_ms = world->now;
    if (!quota_events_push(&world->events, world->now + 10 + ad_rng_upto(&world->rng, 50), QUOTA_ARRIVE, call, index))
        world->failed = true;
}

static void measure(struct world *world, const struct job *job)
{
    if (world->now < world->run->warm_ms)
        return;
    world->polls += (uint64_t)job->polls;
    if (world->delay_count == world->delay_room) {
        size_t room = world->delay_room * 2 + 1024;
        double *grown = realloc(world->delays, room * sizeof(*grown));

        if (grown == NULL) {
            world->failed = true;
            return;
        }
        world->delays = grown;
        world->delay_room = room;
    }
    world->delays[world->delay_count++] = (double)(world->now - job->finish_ms);
}

static void arrive(struct world *world, enum quota_call call, size_t index)
{
    struct job *job = &world->jobs[index];

    job->refused = !quota_window_count(&world->window, world->now);
    if (job->refused)
        world->throttled++;
    else if (call == QUOTA_SUBMIT)
        job->finish_ms = quota_finish_ms(world->run, world->now, &world->worker_free_ms, &world->rng);
    else if (call == QUOTA_STATUS)
        job->found = job->finish_ms <= world->now;
    if (!quota_events_push(&world->events, world->now + 10 + ad_rng_upto(&world->rng, 50), QUOTA_ANSWER, call, index))
        world->failed = true;
}

static void status_answer(struct world *world, size_t index)
{
    struct job *job = &world->jobs[index];

    job->polling = false;
    job->polls++;
    ad_planner_observed(&world->planner, OPERATION, &job->plan, job->found, -1, world->now);
    if (!job->found) {
        job->due_ms = next_poll(world, job);
        return;
    }
    measure(world, job);
    quota_list_remove(&world->active, index);
    if (!quota_list_push(&world->jobs_waiting[QUOTA_RESULT], index))
        world->failed = true;
}

static void answer(struct world *world, enum quota_call call, size_t index)
{
    struct job *job = &world->jobs[index];

    if (job->refused) {
        ad_pacer_throttled(&world->pacer, job->sent_ms, world->now, 5000);
        job->polling = false;
        if (call != QUOTA_STATUS && !quota_list_push(&world->jobs_waiting[call], index))
            world->failed = true;
        return;
    }
    switch (call) {
    case QUOTA_CREATE:
        if (!quota_events_push(&world->events, world->now + UPLOAD_MS, QUOTA_UPLOADED, call, index))
            world->failed = true;
        break;
    case QUOTA_SUBMIT:
        ad_poll_plan_submitted(&job->plan, world->now, &world->rng);
        job->due_ms = next_poll(world, job);
        if (!quota_list_push(&world->active, index))
            world->failed = true;
        break;
    case QUOTA_STATUS:
        status_answer(world, index);
        break;
    default:
        world->in_flight--;
        world->images += world->now >= world->run->warm_ms;
        break;
    }
}

static bool create_job(struct world *world, size_t *index)
{
    if (world->job_count == world->job_room) {
        size_t room = world->job_room * 2 + 1024;
        struct job *grown = realloc(world->jobs, room * sizeof(*grown));

        if (grown == NULL) {
            world->failed = true;
            return false;
        }
        world->jobs = grown;
        world->job_room = room;
    }
    *index = world->job_count++;
    memset(&world->jobs[*index], 0, sizeof(world->jobs[*index]));
    world->jobs[*index].finish_ms = NEVER;
    world->in_flight++;
    if (world->backlog > 0)
        world->backlog--;
    return true;
}

/*
 * The due poll to send: the planner's most likely to find its job done, a competitor's longest overdue. False: none is
 * due.
 */
static bool pick_poll(struct world *world, size_t *index, double *likely)
{
    double best = -1.0;

    for (size_t i = 0; i < world->active.count; i++) {
        struct job *job = &world->jobs[world->active.at[i]];
        double value;

        if (job->polling || job->due_ms > world->now)
            continue;
        if (is_ours(world->run)) {
            /* The price may have risen since the time was computed. */
            job->due_ms = next_poll(world, job);
            if (job->due_ms > world->now)
                continue;
            value = ad_planner_p_done(&world->planner, OPERATION, &job->plan, world->now);
        } else {
            value = 1.0 + (double)(world->now - job->due_ms);
        }
        if (value > best) {
            best = value;
            *index = world->active.at[i];
        }
    }
    *likely = best;
    return best >= 0.0;
}

static bool may_create(const struct world *world)
{
    int64_t rate = ad_pacer_rate_per_minute_x1000(&world->pacer);

    if (world->run->every_ms > 0 && world->backlog == 0)
        return false;
    return world->in_flight < (size_t)ad_planner_in_flight_target(&world->planner, rate, OPERATION);
}

/* Sends the most urgent request; false when there is none. */
static bool send_one(struct world *world)
{
    size_t index = 0;
    size_t poll = 0;
    double likely = 0.0;

    if (quota_list_shift(&world->jobs_waiting[QUOTA_RESULT], &index)) {
        send_call(world, QUOTA_RESULT, index);
    } else if (quota_list_shift(&world->jobs_waiting[QUOTA_SUBMIT], &index)) {
        send_call(world, QUOTA_SUBMIT, index);
    } else if (quota_list_shift(&world->jobs_waiting[QUOTA_CREATE], &index)) {
        send_call(world, QUOTA_CREATE, index);
    } else {
        bool found = pick_poll(world, &poll, &likely);

        if ((!found || likely < HOT) && may_create(world) && create_job(world, &index)) {
            send_call(world, QUOTA_CREATE, index);
        } else if (found) {
            world->jobs[poll].polling = true;
            send_call(world, QUOTA_STATUS, poll);
        } else {
            return false;
        }
    }
    return true;
}

static void handle(struct world *world, const struct quota_event *event)
{
    switch (event->kind) {
    case QUOTA_ARRIVE:
        arrive(world, event->call, event->job);
        break;
    case QUOTA_ANSWER:
        answer(world, event->call, event->job);
        break;
    case QUOTA_UPLOADED:
        if (!quota_list_push(&world->jobs_waiting[QUOTA_SUBMIT], event->job))
            world->failed = true;
        break;
    case QUOTA_NEW_IMAGE:
        world->backlog++;
        world->failed |=
            !quota_events_push(&world->events, world->now + world->run->every_ms, QUOTA_NEW_IMAGE, QUOTA_CREATE, 0);
        break;
    default:
        if (world->run->policy == QUOTA_PLANNER)
            ad_planner_pressure(&world->planner, world->run->per_minute > 0 && world->run->every_ms == 0, world->now);
        world->failed |= !quota_events_push(&world->events, world->now + PRESSURE_MS, QUOTA_TICK, QUOTA_CREATE, 0);
        break;
    }
}

/* The next time at which something can happen. */
static int64_t next_moment(const struct world *world, bool wants)
{
    int64_t next = quota_events_first_ms(&world->events);
    int64_t ready = ad_pacer_ready_ms(&world->pacer, world->now);

    if (wants && ready > 0 && ready < next)
        next = ready;
    for (size_t i = 0; !wants && i < world->active.count; i++) {
        const struct job *job = &world->jobs[world->active.at[i]];

        if (!job->polling && job->due_ms < next)
            next = job->due_ms > world->now ? job->due_ms : world->now + 1;
    }
    return next;
}

static void run_until_end(struct world *world)
{
    while (world->now < world->run->end_ms && !world->failed) {
        struct quota_event event;
        bool wants = true;

        while (quota_events_pop(&world->events, world->now, &event))
            handle(world, &event);
        while (wants && ad_pacer_ready_ms(&world->pacer, world->now) == 0)
            wants = send_one(world);
        world->now = next_moment(world, wants);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static void sum_up(struct world *world, struct quota_figures *figures)
{
    double minutes = (double)(world->run->end_ms - world->run->warm_ms) / 60000.0;
    double sum = 0.0;

    memset(figures, 0, sizeof(*figures));
    figures->images = world->images;
    figures->throttled = world->throttled;
    figures->images_per_minute = (double)world->images / minutes;
    if (world->delay_count == 0)
        return;
    for (size_t i = 0; i < world->delay_count; i++)
        sum += world->delays[i];
    qsort(world->delays, world->delay_count, sizeof(*world->delays), by_value);
    figures->polls_per_job = (double)world->polls / (double)world->delay_count;
    figures->delay_mean_ms = sum / (double)world->delay_count;
    figures->delay_p95_ms = world->delays[world->delay_count * 95 / 100];
}

bool quota_simulate(const struct quota_run *run, struct quota_figures *figures)
{
    struct world *world = calloc(1, sizeof(*world));
    bool good;

    if (world == NULL)
        return false;
    world->run = run;
    ad_rng_seed(&world->rng, run->seed);
    ad_pacer_init(&world->pacer, run->per_minute, 0, 0);
    ad_planner_init(&world->planner, run->policy == QUOTA_PRICED ? AD_PLANNER_BALANCED : run->mode);
    if (run->policy == QUOTA_PRICED)
        world->planner.price_ms = run->price_ms;
    world->failed = !quota_window_init(&world->window, run->per_minute) ||
                    !quota_events_push(&world->events, 0, QUOTA_TICK, QUOTA_CREATE, 0) ||
                    (run->every_ms > 0 && !quota_events_push(&world->events, 0, QUOTA_NEW_IMAGE, QUOTA_CREATE, 0));
    run_until_end(world);
    good = !world->failed;
    sum_up(world, figures);
    for (int i = 0; i < QUOTA_CALLS; i++)
        quota_list_free(&world->jobs_waiting[i]);
    quota_list_free(&world->active);
    quota_events_free(&world->events);
    quota_window_free(&world->window);
    free(world->jobs);
    free(world->delays);
    free(world);
    return good;
}
