/* SPDX-License-Identifier: MIT */
/*
 * A worker of the host: its client, and its jobs, restored from saved state or new.
 */
#include "engine/sim/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/client.h"

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
        return animaldetect_job_set_bytes_borrowed(job, image->bytes, image->size, NULL, NULL);
    case SIM_FILE:
        return animaldetect_job_set_file(job, image->path);
    case SIM_READER:
        slot->read_at = 0;
        return animaldetect_job_set_reader(job, image->size, read_image, rewind_image, slot, NULL);
    case SIM_SOURCE_URL:
    case SIM_INPUTS:
    default:
        break;
    }
    return ANIMALDETECT_OK;
}

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
    if (image->rerun > 0)
        MUST(animaldetect_job_set_rerun(job, image->rerun));
    snprintf(text, sizeof text, "reference-%d", number);
    if ((image->options & 8) != 0)
        MUST(animaldetect_job_set_client_reference_id(job, text));
    return job;
}

void sim_set_image(struct slot *slot)
{
    int32_t status = set_input(slot->job, slot);

    SIM_CHECK(status == ANIMALDETECT_OK || status == ANIMALDETECT_E_STATE, "a job refuses its image: %s",
              animaldetect_status_name(status));
}

/* Restores the job from its saved text. Sets an image that was not a file again; after its upload that is rejected. */
animaldetect_job *sim_restored_job(struct worker *worker, struct slot *slot)
{
    const struct sim_image *image = slot->image;
    animaldetect_job *job = NULL;

    MUST(animaldetect_job_restore(worker->client, image->saved, image->saved_size, &job));
    slot->job = job;
    if (image->input == SIM_BYTES || image->input == SIM_BORROWED || image->input == SIM_READER)
        sim_set_image(slot);
    return job;
}

void sim_write_down(struct sim_image *image, const animaldetect_job *job)
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
    image->rerun = animaldetect_job_rerun_number(job);
    animaldetect_text_free(text);
}

/*
 * Deletes the saved text of a job of other bytes that nobody continues: restoring it would lead to a second run of an
 * image that already has a job.
 */
static void tear_up(struct sim_image *image)
{
    free(image->saved);
    image->saved = NULL;
    image->saved_size = 0;
}

void sim_take_up(struct life *life, struct worker *worker, int number)
{
    struct sim *sim = life->sim;
    struct sim_image *image = &sim->images[number];
    struct slot *slot = &worker->slots[number];
    bool restored = image->saved != NULL && sim_chance(&sim->rng, 0.8);

    slot->image = image;
    slot->again_ms = INT64_MAX;
    slot->job = restored ? sim_restored_job(worker, slot) : new_job(worker, slot, number);
    sim_say(sim, "image %d: %s%s", number, restored ? "restored" : "new", image->saved != NULL ? ", with notes" : "");
    if (!restored && image->changed)
        tear_up(image);
    MUST(animaldetect_job_set_call_timeout_ms(slot->job, life->fair ? -1 : image->call_timeout_ms));
}

void sim_started(struct life *life, struct worker *worker, struct slot *slot)
{
    slot->begun_ms = world_now_ms(life->sim->world);
    slot->running = true;
    slot->asks = animaldetect_client_hold_reason(worker->client) == ANIMALDETECT_HOLD_ACCOUNT;
    worker->running++;
    worker->hold.hurries++;
}

void sim_start(struct life *life, struct worker *worker, int number)
{
    sim_take_up(life, worker, number);
    MUST(animaldetect_job_run_async(worker->slots[number].job));
    sim_started(life, worker, &worker->slots[number]);
}

static void set_patience(const struct sim_deviations *odd, struct worker *worker)
{
    MUST(animaldetect_client_set_offline_patience_ms(worker->client, odd->patience_ms));
    MUST(animaldetect_client_set_processing_timeout_ms(worker->client, odd->processing_timeout_ms));
    MUST(animaldetect_client_set_max_retry_after_ms(worker->client, odd->max_retry_after_ms));
}

void sim_open_worker(struct life *life, struct worker *worker)
{
    const struct sim_plan *plan = &life->sim->plan;

    memset(worker, 0, sizeof *worker);
    worker->outer = -1;
    worker->resume_ms = INT64_MAX;
    SIM_CHECK(ad_client_new_over(world_factory, life->sim->world, ad_rng_u64(&life->sim->rng), &worker->client) ==
                  ANIMALDETECT_OK,
              "no client");
    MUST(animaldetect_client_set_api_key(worker->client, SIM_KEY));
    MUST(animaldetect_client_set_max_requests(worker->client, plan->max_requests));
    MUST(animaldetect_client_set_poll_mode(worker->client, plan->poll_mode));
    if (plan->limit_known)
        MUST(animaldetect_client_set_rate_limit(worker->client, (int32_t)plan->service.rpm, 0));
    if (plan->service.checksum_field != NULL)
        MUST(animaldetect_client_set_checksum_field(worker->client, plan->service.checksum_field));
    if (plan->odd.any)
        set_patience(&plan->odd, worker);
    /* A host that repeats calls needs no unlimited attempts. */
    if (life->fair && !plan->odd.any)
        MUST(animaldetect_client_set_max_tries(worker->client, plan->service.replay == SVC_REPLAY_FRESH ? 1000 : 50));
    else if (plan->max_tries > 0)
        MUST(animaldetect_client_set_max_tries(worker->client, plan->max_tries));
}

void sim_close_worker(struct life *life, struct worker *worker)
{
    if (worker->outer >= 0)
        close(worker->outer);
    for (int i = 0; i < life->sim->plan.image_count; i++)
        animaldetect_job_free(worker->slots[i].job);
    SIM_CHECK(animaldetect_client_in_flight(worker->client) == 0, "freed jobs are still in flight");
    animaldetect_client_free(worker->client);
}
