/* SPDX-License-Identifier: MIT */
/*
 * Admission: which request goes next, by class (steps.h) and, within a class, in order of arrival.
 */
#include "engine/admit.h"

#include <animaldetect/control.h>

#include "engine/account.h"
#include "engine/call.h"
#include "engine/exchange.h"
#include "engine/offline.h"
#include "engine/quota.h"
#include "engine/unread.h"

#define PRESSURE_MS 500 /* how often the planner is told that images wait */
#define LATE_SHARE 100  /* while images wait, one in this many requests polls a straggler */

/*
 * By Little's law more images in flight would only wait, and be polled while they do.  Images that are in flight have a
 * queue of their own: behind a create that is gated here they would deadlock.
 */
static bool create_is_gated(struct ad_engine *engine, const animaldetect_job *job)
{
    int64_t rate = ad_quota_rate_per_minute_x1000(engine);

    return rate != 0 && !ad_quota_is_idle(engine) &&
           engine->window >=
               ad_planner_in_flight_target(&engine->planner, rate, ad_planner_operation(job->input.operation));
}

/*
 * Whether the host has paused this class.  While creates are paused, an image whose job exists at the service is
 * finished.
 */
static bool is_paused(const struct ad_engine *engine, int which)
{
    switch ((enum animaldetect_pause)engine->config->paused) {
    case ANIMALDETECT_PAUSE_NONE:
        return false;
    case ANIMALDETECT_PAUSE_CREATES:
        return which == AD_CLASS_CREATE || which == AD_CLASS_FREE_CREATE;
    case ANIMALDETECT_PAUSE_UPLOADS:
        return which == AD_CLASS_UPLOAD;
    case ANIMALDETECT_PAUSE_ALL:
        break;
    }
    return true;
}

/* Uploads that cannot complete before their URL expires get a fresh one first. */
static animaldetect_job *first_upload(struct ad_engine *engine)
{
    animaldetect_job *job = ad_uploads_next(engine);

    for (; job != NULL && ad_uploads_is_too_late(engine, job); job = ad_uploads_next(engine)) {
        job->remote.need_target = true;
        job->call.refreshes++;
        ad_call_schedule(engine, job);
    }
    return job;
}

static animaldetect_job *first_create(struct ad_engine *engine, bool *gated)
{
    animaldetect_job *job = ad_uploads_next_create(engine);

    engine->link_bound = job == NULL;
    if (job != NULL && !job->call.past_hold && create_is_gated(engine, job)) {
        *gated = true;
        return NULL;
    }
    return job;
}

static bool is_full(const struct ad_engine *engine)
{
    return engine->active >= engine->config->max_requests;
}

/* Checked last, since it may grow the share for the request. */
static bool has_connection(struct ad_engine *engine, int which)
{
    return ad_parts_admit(&engine->parts, which == AD_CLASS_UPLOAD ? AD_SIDE_STORAGE : AD_SIDE_API,
                          engine->config->max_requests, engine->now_ms, &engine->parts_ms);
}

static void admit_job(struct ad_engine *engine, animaldetect_job *job, bool probe)
{
    const struct ad_step *step = ad_step_of(job->call.step);
    int64_t *counters = engine->statistics.counters;
    bool paced = ad_step_is_paced(job);
    struct ad_file_fault fault;
    int32_t status;

    ad_queue_remove(&engine->waiting[job->call.queue_class], job);
    job->call.activity = AD_ACTIVITY_WIRE;
    if (job->call.step == ANIMALDETECT_STEP_CREATE && ad_hashing_count_new(&engine->hashing) > 0)
        engine->more = true; /* there is room for an image that is not hashed yet */
    if (paced)
        ad_quota_take(engine);
    status = ad_exchange_start(engine, job, &fault);
    if (status != ANIMALDETECT_OK) {
        if (paced)
            ad_quota_untake(engine);
        if (step->traits.storage)
            ad_unread(engine, job, status, &fault);
        else
            ad_call_refuse(engine, job, status, fault.reason);
        /* Its slot and its place in the window are free for a class that was passed over already. */
        if (ad_engine_waiting(engine) > 0)
            engine->more = true;
        return;
    }
    if (job->call.queue_class == AD_CLASS_LATE_POLL)
        engine->since_late = 0;
    else if (paced && engine->since_late < LATE_SHARE)
        engine->since_late++;
    job->call.exchange->probe = probe;
    job->call.exchange->permit = paced && ad_quota_needs_permits(engine);
    engine->hold.probing = engine->hold.probing || probe;
    counters[step->counter]++;
    counters[ANIMALDETECT_STAT_FRESH_URLS] += job->call.queue_class == AD_CLASS_FRESH_URL;
    counters[ANIMALDETECT_STAT_RETRIES] += job->call.pending != NULL;
    job->call.attempts++;
    if (job->call.step == ANIMALDETECT_STEP_CREATE && job->call.goal == AD_GOAL_RUN && !job->call.in_window) {
        job->call.in_window = true;
        engine->window++;
    }
}

static void report_pressure(struct ad_engine *engine, bool pressed)
{
    if (pressed == engine->pressed && !(pressed && engine->now_ms - engine->pressed_ms >= PRESSURE_MS))
        return;
    engine->pressed = pressed;
    engine->pressed_ms = engine->now_ms;
    ad_planner_pressure(&engine->planner, pressed, engine->now_ms);
}

/* Moves polls that have become hot while they waited to the hot class. */
static void heat_polls(struct ad_engine *engine)
{
    struct ad_queue *polls = &engine->waiting[AD_CLASS_POLL];
    animaldetect_job *job;

    if (ad_queue_first(&engine->waiting[AD_CLASS_CREATE]) == NULL)
        return;
    while ((job = ad_queue_first(polls)) != NULL &&
           ad_step_of(job->call.step)->class_of(engine, job) == AD_CLASS_HOT_POLL) {
        ad_queue_remove(polls, job);
        job->call.queue_class = AD_CLASS_HOT_POLL;
        ad_queue_add(&engine->waiting[AD_CLASS_HOT_POLL], job, false);
    }
}

/* The first request of a class that only quota can hold back; NULL when there is none. */
static animaldetect_job *first_free(struct ad_engine *engine, int which, bool *gated)
{
    animaldetect_job *job = ad_queue_first(&engine->waiting[which]);

    for (; job != NULL && job->call.blocks && ad_account_holds(engine, job);
         job = ad_queue_first(&engine->waiting[which]))
        ad_account_fail_blocked(engine, job);
    if (job == NULL || is_full(engine) || is_paused(engine, which) || ad_account_holds(engine, job))
        return NULL;
    if (which == AD_CLASS_UPLOAD)
        job = first_upload(engine);
    else if (which == AD_CLASS_CREATE)
        job = first_create(engine, gated);
    return job != NULL && has_connection(engine, which) ? job : NULL;
}

/*
 * When a probe may test whether the service's hold still applies; AD_TIME_NEVER without a hold, or while a probe is
 * out.
 */
static int64_t service_probe_ms(struct ad_engine *engine)
{
    if (engine->hold.probing || !ad_quota_lets_probe(engine) ||
        ad_pacer_hold_until_ms(&engine->pacer, engine->now_ms) == 0)
        return AD_TIME_NEVER;
    return engine->hold.service.asked_ms + engine->config->max_retry_after_ms;
}

/* When an API request may probe the network: within quota, or together with a probe of the service's hold. */
static int64_t quota_of_probe_ms(struct ad_engine *engine, const animaldetect_job *job)
{
    int64_t ready_ms = ad_step_is_paced(job) ? ad_quota_ready_ms(engine) : 0;
    int64_t probe_ms = service_probe_ms(engine);

    return ready_ms < probe_ms ? ready_ms : probe_ms;
}

/*
 * Probes take the classes in turn, since one class may go to a host that alone is down.  API requests come first, since
 * a storage may be up while the service is not.  But an upload does not need quota.
 */
static animaldetect_job *choose_probe(struct ad_engine *engine, int64_t *quota_ms)
{
    animaldetect_job *job = NULL;
    animaldetect_job *upload;
    bool gated;

    for (int i = 1; i <= AD_CLASSES && job == NULL; i++) {
        int which = (engine->hold.network.asked + i) % AD_CLASSES;

        job = which == AD_CLASS_UPLOAD ? NULL : first_free(engine, which, &gated);
    }
    *quota_ms = job == NULL ? 0 : quota_of_probe_ms(engine, job);
    if (job != NULL && *quota_ms <= engine->now_ms)
        return job;
    upload = first_free(engine, AD_CLASS_UPLOAD, &gated);
    if (upload == NULL)
        return job;
    *quota_ms = 0;
    return upload;
}

/* Without a network one request at a time is sent.  Returns when the next one may go. */
static int64_t admit_offline(struct ad_engine *engine)
{
    struct ad_network_hold *network = &engine->hold.network;
    int64_t ready;
    animaldetect_job *job = choose_probe(engine, &ready);

    ad_hold_network_seen(network, job != NULL || engine->hold.probing, engine->now_ms);
    if (job == NULL || engine->hold.probing)
        return 0; /* its completion causes an iteration */
    if (network->probe_ms > ready)
        ready = network->probe_ms;
    if (ready > engine->now_ms)
        return ready;
    network->asked = job->call.queue_class;
    if (ad_step_is_paced(job))
        engine->hold.service.asked_ms = engine->now_ms;
    admit_job(engine, job, true);
    return 0;
}

/* Sends one API request during a hold.  Returns when the next one may go. */
static int64_t admit_during_wait(struct ad_engine *engine, animaldetect_job *job, int64_t ready_ms)
{
    int64_t probe_ms = service_probe_ms(engine);

    if (probe_ms <= engine->now_ms) {
        engine->hold.service.asked_ms = engine->now_ms;
        admit_job(engine, job, true);
        probe_ms = AD_TIME_NEVER;
    }
    return ready_ms < probe_ms ? ready_ms : probe_ms;
}

/* The next request of a class.  Stragglers get a small share ahead of new images, and what is left after all others. */
static animaldetect_job *first_in_turn(struct ad_engine *engine, int which, bool *gated)
{
    animaldetect_job *job = NULL;

    if (which == AD_CLASS_CREATE && engine->since_late >= LATE_SHARE)
        job = first_free(engine, AD_CLASS_LATE_POLL, gated);
    return job != NULL ? job : first_free(engine, which, gated);
}

/* When to check an upload again that the link had no capacity for, 0: none waits for that. */
static int64_t again_for_uploads(const struct ad_engine *engine)
{
    if (ad_queue_first(&engine->waiting[AD_CLASS_UPLOAD]) == NULL || is_paused(engine, AD_CLASS_UPLOAD) ||
        is_full(engine))
        return 0;
    return ad_uploads_again_ms(engine);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms == 0 || (b_ms != 0 && b_ms < a_ms) ? b_ms : a_ms;
}

/* Normal admission, without a network hold.  Returns when quota allows the next request. */
static int64_t admit_in_order(struct ad_engine *engine, int32_t budget)
{
    int64_t ready = 0;
    bool gated = false;
    bool sent = false;

    heat_polls(engine);
    for (int which = 0; which < AD_CLASSES; which++) {
        animaldetect_job *job;

        while ((job = first_in_turn(engine, which, &gated)) != NULL) {
            bool paced = ad_step_is_paced(job);

            if (paced && ready == 0) {
                ready = ad_quota_ready_ms(engine);
                if (ready != 0)
                    ready = admit_during_wait(engine, job, ready);
            }
            if (paced && ready != 0)
                break;
            if (budget-- == 0 || (sent && ad_engine_slice_is_over(engine))) {
                engine->more = true;
                return 0;
            }
            admit_job(engine, job, false);
            sent = true; /* at least one per iteration, however busy the network is */
        }
    }
    report_pressure(engine, ad_queue_first(&engine->waiting[AD_CLASS_CREATE]) != NULL && (gated || ready != 0));
    return sooner(ready, again_for_uploads(engine));
}

static int64_t admit_some(struct ad_engine *engine, int32_t budget)
{
    return engine->hold.network.on ? admit_offline(engine) : admit_in_order(engine, budget);
}

int64_t ad_admit(struct ad_engine *engine, int32_t budget)
{
    int64_t ready_ms;

    if (engine->hold.giving_up > 0 && ad_offline_give_up(engine)) {
        engine->more = true;
        return 0;
    }
    engine->parts_ms = 0;
    ready_ms = admit_some(engine, budget);
    if (engine->parts_ms == 0 || (ready_ms != 0 && ready_ms < engine->parts_ms))
        return ready_ms;
    return engine->parts_ms;
}
