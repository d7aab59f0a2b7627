/* SPDX-License-Identifier: MIT */
/*
 * What the host does when a call has completed. In an ordinary seed nothing, or the same call again at once. In a seed
 * with deviations it follows the next steps that doc/faults.md names for each status: later again, another key, a
 * rerun.
 */
#include "engine/sim/host.h"

#include <inttypes.h>
#include <string.h>

#define SECOND_MS INT64_C(1000)
#define HOUR_MS INT64_C(3600000)
#define DAY_MS (24 * HOUR_MS)
#define AGAINS 30 /* maximum calls per image in a life, except the last one */
#define PATIENT 3 /* calls with the same status before another job is tried or the status is accepted */

enum next_step {
    NEXT_END,   /* the image is finished */
    NEXT_AGAIN, /* the same call, later */
    NEXT_RERUN
};

/* What may fail a call under injected faults; any other failure is the library's own bug. */
static bool is_weather(int32_t status)
{
    static const int32_t fine[] = {
        ANIMALDETECT_E_CANCELED,       ANIMALDETECT_E_CALL_TIMEOUT,  ANIMALDETECT_E_NETWORK, ANIMALDETECT_E_TIMEOUT,
        ANIMALDETECT_E_RATE_LIMITED,   ANIMALDETECT_E_SERVICE,       ANIMALDETECT_E_HTTP,    ANIMALDETECT_E_PROTOCOL,
        ANIMALDETECT_E_UPLOAD_EXPIRED, ANIMALDETECT_E_UPLOAD_REFUSED};

    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if (fine[i] == status)
            return true;
    return false;
}

/* Another job of the same image; only if it is certain that the previous job is not about to finish. */
static enum next_step another(const struct life *life, const struct slot *slot, bool is_final)
{
    const struct sim_plan *plan = &life->sim->plan;
    int32_t number = animaldetect_job_rerun_number(slot->job);

    if (!is_final && plan->workers > 1)
        return NEXT_AGAIN; /* the other worker may be about to get its result */
    return number < plan->odd.reruns + (slot->image->changed ? 1 : 0) ? NEXT_RERUN : NEXT_END;
}

/* First polls again; another job only a day after the submit, whatever the host's timeout is. */
static enum next_step after_overdue(struct life *life, const struct slot *slot, struct sim_image *image)
{
    int64_t now_ms = world_now_ms(life->sim->world);
    int64_t patience_ms = life->sim->plan.odd.processing_timeout_ms < DAY_MS ? 25 * HOUR_MS : HOUR_MS;

    if (image->overdue_ms < 0)
        image->overdue_ms = now_ms;
    if (now_ms - image->overdue_ms < patience_ms || slot->refused < PATIENT)
        return NEXT_AGAIN;
    if (life->sim->plan.workers > 1)
        return NEXT_END;
    return another(life, slot, false);
}

static enum next_step decide(struct life *life, struct slot *slot, struct sim_image *image, int32_t status)
{
    enum next_step next;

    switch (status) {
    case ANIMALDETECT_OK:
        return NEXT_END;
    case ANIMALDETECT_E_JOB_FAILED:
    case ANIMALDETECT_E_JOB_EXPIRED:
    case ANIMALDETECT_E_FILE_CHANGED:
        return another(life, slot, true);
    case ANIMALDETECT_E_OVERDUE:
        return after_overdue(life, slot, image);
    case ANIMALDETECT_E_NO_INPUT:
        sim_set_image(slot);
        return NEXT_AGAIN;
    case ANIMALDETECT_E_STATE_UNKNOWN:
        if (slot->refused < PATIENT)
            return NEXT_AGAIN;
        return life->sim->plan.workers > 1 ? NEXT_END : another(life, slot, false);
    case ANIMALDETECT_E_UPLOAD_EXPIRED:
        if (slot->refused < PATIENT || life->sim->plan.service.replay == SVC_REPLAY_FRESH)
            return NEXT_AGAIN;
        return life->sim->plan.workers > 1 ? NEXT_END : another(life, slot, false);
    case ANIMALDETECT_E_CONFLICT:
    case ANIMALDETECT_E_NOT_FOUND:
        next = sim_chance(&life->sim->follow, 0.5) ? another(life, slot, false) : NEXT_AGAIN;
        return next == NEXT_END ? NEXT_AGAIN : next; /* it is temporary */
    default:
        return NEXT_AGAIN;
    }
}

static void rerun(struct life *life, struct worker *worker, struct slot *slot, int32_t status)
{
    struct sim_image *image = &life->sim->images[slot - worker->slots];
    bool lacks_bytes;

    MUST(animaldetect_job_rerun(slot->job));
    lacks_bytes = image->input == SIM_BYTES || image->input == SIM_BORROWED || image->input == SIM_READER;
    if (lacks_bytes)
        sim_set_image(slot);
    image->overdue_ms = -1;
    if (image->most_rerun < animaldetect_job_rerun_number(slot->job))
        image->most_rerun = animaldetect_job_rerun_number(slot->job);
    /* Including expired jobs: they may have succeeded before. */
    if (status != ANIMALDETECT_E_JOB_FAILED)
        image->doubtful++;
    /* Before the next call: a host that dies now must not make a third job. */
    sim_write_down(image, slot->job);
    slot->refused = 0;
    sim_say(life->sim, "image %d: rerun %" PRId32, (int)(slot - worker->slots),
            animaldetect_job_rerun_number(slot->job));
}

/* 10 s, 20 s, 40 s ... up to an hour, plus up to half of it. */
static int64_t wait_ms(struct life *life, const struct slot *slot)
{
    int64_t wait = 10 * SECOND_MS;

    for (int i = 0; i < slot->refused && wait < HOUR_MS; i++)
        wait *= 2;
    return wait + ad_rng_upto(&life->sim->follow, wait / 2);
}

static void follow(struct life *life, struct worker *worker, int number, int32_t status)
{
    struct sim *sim = life->sim;
    struct slot *slot = &worker->slots[number];
    struct sim_image *image = &sim->images[number];
    int64_t now_ms = world_now_ms(sim->world);
    enum next_step next;

    slot->refused = status == slot->last ? slot->refused + 1 : 1;
    slot->last = status;
    next = decide(life, slot, image, status);
    SIM_CHECK(sim_has_reason(&sim->plan, status, life->fair), "image %d: %s without a reason: %s", number,
              animaldetect_status_name(status), animaldetect_job_message(slot->job));
    if (next == NEXT_END) {
        /* A finding of another worker, or of an earlier job, stays; a result takes precedence over a failure. */
        if (!image->ended || status == ANIMALDETECT_OK)
            image->status = status;
        image->ended = true;
        return;
    }
    if (image->ended || (!life->fair && slot->agains++ >= AGAINS))
        return;
    if (next == NEXT_RERUN)
        rerun(life, worker, slot, status);
    slot->again_ms = next == NEXT_RERUN && sim_chance(&sim->follow, 0.5) ? now_ms : now_ms + wait_ms(life, slot);
}

/* URLs that expire before they can be used: one call gets three of them, and the next call may succeed. */
static bool helps_again(const struct life *life, int32_t status)
{
    return life->fair && status == ANIMALDETECT_E_UPLOAD_EXPIRED && life->sim->plan.service.replay == SVC_REPLAY_FRESH;
}

static void conclude(struct life *life, struct slot *slot, int number, int32_t status)
{
    struct sim_image *image = &life->sim->images[number];
    bool lasting = sim_is_lasting(life->sim, status) && (life->fair || status != ANIMALDETECT_E_UPLOAD_EXPIRED);

    if (helps_again(life, status)) {
        slot->again_ms = world_now_ms(life->sim->world);
        return;
    }
    SIM_CHECK(lasting || (!life->fair && is_weather(status)), "image %d: %s: %s", number,
              animaldetect_status_name(status), animaldetect_job_message(slot->job));
    if (!lasting)
        return;
    /* One worker may get no upload URL while the other one has it. */
    if (image->ended && (status == ANIMALDETECT_E_UPLOAD_EXPIRED || image->status == ANIMALDETECT_E_UPLOAD_EXPIRED))
        status = status == ANIMALDETECT_E_UPLOAD_EXPIRED ? image->status : status;
    else
        SIM_CHECK(!image->ended || image->status == status, "image %d ended with %s and with %s", number,
                  animaldetect_status_name(image->status), animaldetect_status_name(status));
    image->ended = true;
    image->status = status;
}

void sim_ended(struct life *life, struct worker *worker, int number, int32_t status)
{
    struct sim *sim = life->sim;
    struct sim_image *image = &sim->images[number];
    struct slot *slot = &worker->slots[number];

    SIM_CHECK(slot->running, "image %d was handed out twice", number);
    slot->running = false;
    worker->running--;
    sim_say(sim, "image %d: %s %s", number, animaldetect_status_name(status), animaldetect_job_message(slot->job));
    sim_check_image(sim, image, slot->job, status);
    /* Where the host is never late, a call timeout is exact to the millisecond. */
    SIM_CHECK(life->fair || image->call_timeout_ms < 0 || sim->plan.late_chance > 0 || life->drive == SIM_TIMEOUT ||
                  world_now_ms(sim->world) - slot->begun_ms <= image->call_timeout_ms + 1,
              "a call with a timeout of %" PRId64 " ms took %" PRId64 " ms", image->call_timeout_ms,
              world_now_ms(sim->world) - slot->begun_ms);
    if (sim->plan.odd.any) {
        follow(life, worker, number, status);
        return;
    }
    conclude(life, slot, number, status);
    if (!image->ended && !life->fair && life->drive != SIM_BLOCKING && sim_chance(&sim->rng, sim->plan.again_chance)) {
        MUST(animaldetect_job_run_async(slot->job));
        sim_started(life, worker, slot);
    }
}

/* A rejected host asks for another key, or pays. */
static void mind_account(struct life *life, struct worker *worker)
{
    struct sim *sim = life->sim;
    int64_t now_ms = world_now_ms(sim->world);

    if (worker->resume_ms <= now_ms) {
        worker->resume_ms = INT64_MAX;
        worker->hold.reason = -1;
        sim_say(sim, "the host ends the hold");
        if (sim_chance(&sim->follow, 0.5))
            MUST(animaldetect_client_set_api_key(worker->client, SIM_KEY));
        else
            MUST(animaldetect_client_resume(worker->client));
    }
    if (worker->resume_ms == INT64_MAX && animaldetect_client_hold_reason(worker->client) == ANIMALDETECT_HOLD_ACCOUNT)
        worker->resume_ms = now_ms + sim_between(&sim->follow, SECOND_MS, HOUR_MS);
}

void sim_mind(struct life *life, struct worker *worker)
{
    int64_t now_ms = world_now_ms(life->sim->world);

    if (life->sim->plan.odd.any)
        mind_account(life, worker);
    for (int i = 0; i < life->sim->plan.image_count && life->drive != SIM_BLOCKING; i++) {
        struct slot *slot = &worker->slots[i];

        if (slot->job == NULL || slot->again_ms > now_ms)
            continue;
        slot->again_ms = INT64_MAX;
        if (life->sim->images[i].ended)
            continue;
        MUST(animaldetect_job_run_async(slot->job));
        sim_started(life, worker, slot);
    }
}

int64_t sim_minds_ms(const struct worker *worker)
{
    int64_t least = worker->resume_ms;

    for (int i = 0; i < SIM_IMAGES; i++)
        if (worker->slots[i].job != NULL && worker->slots[i].again_ms < least)
            least = worker->slots[i].again_ms;
    return least;
}

int sim_put_off(const struct worker *worker)
{
    int count = 0;

    for (int i = 0; i < SIM_IMAGES; i++)
        count += worker->slots[i].job != NULL && worker->slots[i].again_ms != INT64_MAX;
    return count;
}
