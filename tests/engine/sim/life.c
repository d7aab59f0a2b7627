/* SPDX-License-Identifier: MIT */
/*
 * One life of the host program: it starts with what it had written down, hands its images to the library, drives it in
 * one of five ways, and ends when all images have ended or when it is killed.
 */
#include "engine/sim/sim.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "api/client.h"

#define LIFE_MS (INT64_C(5) * 24 * 3600 * 1000) /* longer than this, and something is stuck */
#define TURNS 3000000
#define SWAPS 100 /* of a job in a life: who starts anew forever never uses up the tries, and some services never help */

struct slot {
    animaldetect_job *job;
    const struct sim_image *image;
    size_t read_at; /* of a reader */
    int64_t begun_ms;
    int swaps;
    bool running;
};

struct worker {
    animaldetect_client *client;
    int outer; /* epoll set of the edge- and level-triggered hosts, -1 none */
    struct slot slots[SIM_IMAGES];
    int running;
};

struct life {
    struct sim *sim;
    struct worker workers[SIM_WORKERS];
    int worker_count;
    enum sim_drive drive;
    int64_t begin_ms;
    int64_t kill_ms;
    bool fair;
};

static bool is_killed(const struct life *life)
{
    return life->kill_ms >= 0 && world_now_ms(life->sim->world) - life->begin_ms >= life->kill_ms;
}

/* Does the host die before anything happens next? */
static bool dies_first(const struct life *life)
{
    return life->kill_ms >= 0 && world_next_ms(life->sim->world) - life->begin_ms > life->kill_ms;
}

static int64_t read_image(void *user, uint8_t *buffer, size_t size)
{
    struct slot *slot = user;
    size_t left = slot->image->size - slot->read_at;
    size_t piece = size < left ? size : left;

    memcpy(buffer, slot->image->bytes + slot->read_at, piece);
    slot->read_at += piece;
    return (int64_t)piece;
}

static int32_t rewind_image(void *user)
{
    ((struct slot *)user)->read_at = 0;
    return 0;
}

static int32_t set_input(animaldetect_job *job, struct slot *slot)
{
    const struct sim_image *image = slot->image;

    switch (image->input) {
    case SIM_BYTES:
        return animaldetect_job_set_bytes(job, image->bytes, image->size);
    case SIM_BORROWED:
        return animaldetect_job_set_bytes_borrowed(job, image->bytes, image->size);
    case SIM_FILE:
        return animaldetect_job_set_file(job, image->path);
    case SIM_READER:
        slot->read_at = 0;
        return animaldetect_job_set_reader(job, read_image, rewind_image, slot, image->size);
    case SIM_SOURCE_URL:
    case SIM_INPUTS:
    default:
        break;
    }
    return ANIMALDETECT_OK;
}

#define MUST(call) SIM_CHECK((call) == ANIMALDETECT_OK, "%s: %s", #call, animaldetect_client_message(worker->client))

static animaldetect_job *new_job(struct worker *worker, struct slot *slot, int number)
{
    const struct sim_image *image = slot->image;
    animaldetect_job *job = NULL;
    char text[64];

    MUST(animaldetect_job_new(worker->client, image->operation, &job));
    if (image->input == SIM_SOURCE_URL) {
        snprintf(text, sizeof text, "https://images.example/%d.jpg", number);
        MUST(animaldetect_job_set_source_url(job, text));
    } else {
        MUST(set_input(job, slot));
        snprintf(text, sizeof text, "img_%04d.jpg", number);
        MUST(animaldetect_job_set_filename(job, text));
    }
    if ((image->options & 1) != 0)
        MUST(animaldetect_job_set_threshold(job, 0.25));
    if ((image->options & 2) != 0)
        MUST(animaldetect_job_set_country(job, "DEU"));
    if ((image->options & 4) != 0)
        MUST(animaldetect_job_set_classify(job, 1));
    snprintf(text, sizeof text, "reference-%d", number);
    if ((image->options & 8) != 0)
        MUST(animaldetect_job_set_client_reference_id(job, text));
    return job;
}

/* From what was written down.  An image that was not a file is handed over again; after its upload that is refused. */
static animaldetect_job *restored_job(struct worker *worker, struct slot *slot)
{
    const struct sim_image *image = slot->image;
    animaldetect_job *job = NULL;
    int32_t status;

    MUST(animaldetect_job_restore(worker->client, image->saved, image->saved_size, &job));
    if (image->input == SIM_BYTES || image->input == SIM_BORROWED || image->input == SIM_READER) {
        status = set_input(job, slot);
        SIM_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_E_STATE, "a restored job refuses its image: %s",
                  animaldetect_status_name(status));
    }
    return job;
}

static void write_down(struct sim_image *image, const animaldetect_job *job)
{
    char *text = NULL;
    size_t size = 0;

    SIM_CHECK(animaldetect_job_save(job, &text, &size) == ANIMALDETECT_OK, "a job cannot be saved");
    SIM_CHECK(strstr(text, SIM_KEY) == NULL, "the API key is in a saved job");
    free(image->saved);
    image->saved = malloc(size);
    if (image->saved == NULL)
        abort();
    memcpy(image->saved, text, size);
    image->saved_size = size;
    animaldetect_text_free(text);
}

/* Makes the job of an image, from the notes or anew. */
static void take_up(struct life *life, struct worker *worker, int number)
{
    struct sim *sim = life->sim;
    struct sim_image *image = &sim->images[number];
    struct slot *slot = &worker->slots[number];
    bool restored = image->saved != NULL && sim_chance(&sim->rng, 0.8);

    slot->image = image;
    slot->job = restored ? restored_job(worker, slot) : new_job(worker, slot, number);
    sim_say(sim, "image %d: %s%s", number, restored ? "restored" : "new", image->saved != NULL ? ", with notes" : "");
    MUST(animaldetect_job_set_deadline_ms(slot->job, life->fair ? -1 : image->deadline_ms));
}

static void started(struct life *life, struct worker *worker, struct slot *slot)
{
    slot->begun_ms = world_now_ms(life->sim->world);
    slot->running = true;
    worker->running++;
}

static void start(struct life *life, struct worker *worker, int number)
{
    take_up(life, worker, number);
    MUST(animaldetect_job_run_async(worker->slots[number].job));
    started(life, worker, &worker->slots[number]);
}

/* What may end a call in bad weather; anything else would be the library's own fault. */
static bool is_weather(int32_t status)
{
    static const int32_t fine[] = {ANIMALDETECT_E_CANCELED, ANIMALDETECT_E_DEADLINE, ANIMALDETECT_E_NETWORK,
                                   ANIMALDETECT_E_TIMEOUT, ANIMALDETECT_E_RATE_LIMITED, ANIMALDETECT_E_SERVICE,
                                   ANIMALDETECT_E_HTTP, ANIMALDETECT_E_PROTOCOL, ANIMALDETECT_E_UPLOAD_EXPIRED,
                                   ANIMALDETECT_E_UPLOAD_REFUSED};

    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        if (fine[i] == status)
            return true;
    return false;
}

static void ended(struct life *life, struct worker *worker, int number)
{
    struct sim *sim = life->sim;
    struct sim_image *image = &sim->images[number];
    struct slot *slot = &worker->slots[number];
    int32_t status = animaldetect_job_status(slot->job);
    bool lasting = sim_is_lasting(sim, status) && (life->fair || status != ANIMALDETECT_E_UPLOAD_EXPIRED);

    SIM_CHECK(slot->running, "image %d was handed out twice", number);
    slot->running = false;
    worker->running--;
    sim_say(sim, "image %d: %s %s", number, animaldetect_status_name(status), animaldetect_job_message(slot->job));
    sim_check_image(sim, image, slot->job);
    /* Where nobody comes late, a deadline is kept to the millisecond. */
    SIM_CHECK(life->fair || image->deadline_ms < 0 || sim->plan.late_chance > 0 || life->drive == SIM_TIMEOUT ||
                  world_now_ms(sim->world) - slot->begun_ms <= image->deadline_ms + 1,
              "a call with a deadline of %" PRId64 " ms took %" PRId64 " ms", image->deadline_ms,
              world_now_ms(sim->world) - slot->begun_ms);
    SIM_CHECK(lasting || (!life->fair && is_weather(status)), "image %d: %s: %s", number,
              animaldetect_status_name(status), animaldetect_job_message(slot->job));
    if (!lasting)
        return;
    /* One worker may be told of no upload URL while the other one has it. */
    if (image->ended && (status == ANIMALDETECT_E_UPLOAD_EXPIRED || image->status == ANIMALDETECT_E_UPLOAD_EXPIRED))
        status = status == ANIMALDETECT_E_UPLOAD_EXPIRED ? image->status : status;
    else
        SIM_CHECK(!image->ended || image->status == status, "image %d ended with %s and with %s", number,
              animaldetect_status_name(image->status), animaldetect_status_name(status));
    image->ended = true;
    image->status = status;
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
            ended(life, worker, i);
            if (!life->sim->images[i].ended && !life->fair && sim_chance(&life->sim->rng, life->sim->plan.again_chance)) {
                MUST(animaldetect_job_run_async(job));
                started(life, worker, &worker->slots[i]);
            }
            return true;
        }
    }
    sim_fail("a job was handed out that is not ours");
}

/* Frees a job in the middle of its call and goes on with another one made from what it said. */
static void swap(struct life *life, struct worker *worker, int number)
{
    struct sim_image *image = &life->sim->images[number];
    struct slot *slot = &worker->slots[number];

    write_down(image, slot->job);
    animaldetect_job_free(slot->job);
    worker->running--;
    slot->swaps++;
    slot->job = restored_job(worker, slot);
    MUST(animaldetect_job_set_deadline_ms(slot->job, life->fair ? -1 : image->deadline_ms));
    MUST(animaldetect_job_run_async(slot->job));
    started(life, worker, slot);
    sim_say(life->sim, "image %d: swapped", number);
}

/* What a host does besides: writes down, changes its mind, comes late. */
static void dabble(struct life *life, struct worker *worker)
{
    struct sim *sim = life->sim;
    const struct sim_plan *plan = &sim->plan;
    int number = (int)ad_rng_upto(&sim->rng, plan->image_count - 1);
    struct slot *slot = &worker->slots[number];

    sim->turns++;
    SIM_CHECK(sim->turns < TURNS, "%ld turns and no end", sim->turns);
    SIM_CHECK(world_now_ms(sim->world) - life->begin_ms < LIFE_MS, "nothing has ended for days");
    sim_check_turn(sim);
    if (slot->job == NULL)
        return;
    sim_check_identity(sim, &sim->images[number], slot->job);
    if (sim_chance(&sim->rng, plan->save_chance))
        write_down(&sim->images[number], slot->job);
    if (life->fair)
        return;
    if (slot->running && sim_chance(&sim->rng, plan->swap_chance) && slot->swaps < SWAPS)
        swap(life, worker, number);
    if (slot->running && sim_chance(&sim->rng, plan->cancel_chance)) {
        sim_say(sim, "image %d: canceled", number);
        (void)animaldetect_job_cancel(slot->job);
    }
    if (sim_chance(&sim->rng, plan->late_chance))
        world_skip(sim->world, sim_between(&sim->rng, 1, 20000));
}

static void open_worker(struct life *life, struct worker *worker)
{
    const struct sim_plan *plan = &life->sim->plan;

    memset(worker, 0, sizeof *worker);
    worker->outer = -1;
    SIM_CHECK(ad_client_new_over(world_factory, life->sim->world, ad_rng_u64(&life->sim->rng), &worker->client) ==
                  ANIMALDETECT_OK,
              "no client");
    MUST(animaldetect_client_set_api_key(worker->client, SIM_KEY));
    MUST(animaldetect_client_set_max_active(worker->client, plan->max_active));
    MUST(animaldetect_client_set_poll_mode(worker->client, plan->poll_mode));
    if (plan->limit_known)
        MUST(animaldetect_client_set_rate_limit(worker->client, (int32_t)plan->service.rpm, 0));
    if (plan->service.checksum_field != NULL)
        MUST(animaldetect_client_set_checksum_field(worker->client, plan->service.checksum_field));
    if (life->fair)
        MUST(animaldetect_client_set_retry_limit(worker->client, plan->service.replay == SVC_REPLAY_FRESH ? 1000 : 50));
    else if (plan->retry_limit > 0)
        MUST(animaldetect_client_set_retry_limit(worker->client, plan->retry_limit));
}

static void close_worker(struct life *life, struct worker *worker)
{
    if (worker->outer >= 0)
        close(worker->outer);
    for (int i = 0; i < life->sim->plan.image_count; i++)
        animaldetect_job_free(worker->slots[i].job);
    SIM_CHECK(animaldetect_client_in_flight(worker->client) == 0, "freed jobs are still in flight");
    animaldetect_client_free(worker->client);
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

/* A wake of an event loop: all that is done, or one job only where events come as edges. */
static bool turn(struct life *life, struct worker *worker)
{
    struct epoll_event event;

    if (life->drive != SIM_TIMEOUT && epoll_wait(worker->outer, &event, 1, 0) == 0)
        return false;
    MUST(animaldetect_client_process(worker->client));
    while (take_one(life, worker) && life->drive != SIM_EDGE)
        ;
    dabble(life, worker);
    return true;
}

static void sleep_by_timeout(struct life *life)
{
    int64_t wait = 50;

    for (int i = 0; i < life->worker_count; i++) {
        int64_t own = animaldetect_client_timeout_ms(life->workers[i].client);

        SIM_CHECK(own >= -1, "timeout_ms says %" PRId64, own);
        if (own >= 0 && own < wait)
            wait = own;
    }
    world_skip(life->sim->world, wait > 0 ? wait : 1);
}

static void drive_by_events(struct life *life)
{
    int running = 1;
    int idle = 0; /* loops in a row without a wake */

    while (running > 0 && !is_killed(life)) {
        int64_t now = world_now_ms(life->sim->world);
        bool any = false;

        for (int i = 0; i < life->worker_count; i++)
            any = turn(life, &life->workers[i]) || any;
        idle = any ? 0 : idle + 1;
        running = 0;
        for (int i = 0; i < life->worker_count; i++)
            running += life->workers[i].running;
        if (running == 0)
            break;
        if (life->drive == SIM_TIMEOUT)
            sleep_by_timeout(life);
        else if (!any && dies_first(life))
            break;
        else if (!any)
            SIM_CHECK(
                world_advance(life->sim->world),
                "%d calls are in flight and nothing would ever happen; %d requests are on the wire, the timeout is "
                "%" PRId64 " ms, and %s ended call was left",
                running, world_active(life->sim->world), animaldetect_client_timeout_ms(life->workers[0].client),
                take_one(life, &life->workers[0]) ? "an" : "no");
        SIM_CHECK(any || idle < 3 || world_now_ms(life->sim->world) > now || life->drive == SIM_TIMEOUT,
                  "work is due and no host is woken");
    }
}

static void drive_by_wait(struct life *life)
{
    struct worker *worker = &life->workers[0];

    while (worker->running > 0 && !is_killed(life)) {
        int64_t left = life->kill_ms < 0 ? -1 : life->kill_ms - (world_now_ms(life->sim->world) - life->begin_ms);
        int32_t status = animaldetect_client_wait(worker->client, left);

        SIM_CHECK(status == ANIMALDETECT_OK || (status == ANIMALDETECT_AGAIN && left >= 0), "wait says %s",
                  animaldetect_status_name(status));
        while (take_one(life, worker))
            ;
        dabble(life, worker);
    }
}

static void drive_by_blocking(struct life *life)
{
    struct worker *worker = &life->workers[0];

    for (int i = 0; i < life->sim->plan.image_count && !is_killed(life); i++) {
        if (life->sim->images[i].ended)
            continue;
        take_up(life, worker, i);
        started(life, worker, &worker->slots[i]);
        (void)animaldetect_job_run(worker->slots[i].job);
        ended(life, worker, i);
        dabble(life, worker);
    }
}

void sim_live(struct sim *sim)
{
    struct life life = {.sim = sim, .worker_count = sim->plan.workers, .drive = sim->plan.drive[sim->life]};

    life.begin_ms = world_now_ms(sim->world);
    life.kill_ms = sim->plan.kill_ms[sim->life];
    life.fair = sim->life + 1 == sim->plan.lives;
    if (life.drive == SIM_BLOCKING || life.drive == SIM_WAIT)
        life.worker_count = 1;
    sim_say(sim, "life %d: drive %d, %d workers, killed after %" PRId64 " ms", sim->life, (int)life.drive,
            life.worker_count, life.kill_ms);
    for (int i = 0; i < life.worker_count; i++)
        open_worker(&life, &life.workers[i]);
    for (int i = 0; i < life.worker_count && life.drive != SIM_BLOCKING; i++)
        for (int k = 0; k < sim->plan.image_count; k++)
            if (!sim->images[k].ended)
                start(&life, &life.workers[i], k);
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
        close_worker(&life, &life.workers[i]);
    svc_client_restarted(sim->svc);
}
