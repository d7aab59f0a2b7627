/* SPDX-License-Identifier: MIT */
/*
 * What must hold, whatever happens: see doc/testing.md for the list.
 */
#include "engine/sim/sim.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void check_text(const char *text)
{
    SIM_CHECK(strstr(text, SIM_KEY) == NULL && strstr(text, "X-Signature=") == NULL && strpbrk(text, "\r\n") == NULL,
              "a secret or a line end in: %s", text);
}

/* The key and the id belong to the image forever. */
void sim_check_identity(struct sim *sim, struct sim_image *image, animaldetect_job *job)
{
    const char *key = animaldetect_job_idempotency_key(job);
    const char *id = animaldetect_job_id(job);
    int number = (int)(image - sim->images);

    if (key != NULL && image->key[0] == '\0')
        snprintf(image->key, sizeof image->key, "%s", key);
    SIM_CHECK(key == NULL || strcmp(key, image->key) == 0, "image %d had key %s and has %s", number, image->key, key);
    if (id != NULL && image->job_id[0] == '\0')
        snprintf(image->job_id, sizeof image->job_id, "%s", id);
    SIM_CHECK(id == NULL || strcmp(id, image->job_id) == 0, "image %d had job %s and has %s", number, image->job_id, id);
    for (int i = 0; id != NULL && i < sim->plan.image_count; i++)
        SIM_CHECK(&sim->images[i] == image || strcmp(sim->images[i].job_id, id) != 0, "images %d and %d share job %s",
                  number, i, id);
}

static void check_result(const struct sim_image *image, animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    const char *text;
    json_t *document;
    bool filter = strncmp(image->operation, "filter", 6) == 0;

    SIM_CHECK(animaldetect_job_result(job, &result) == ANIMALDETECT_OK, "a job that succeeded has no result");
    text = animaldetect_result_json(result, NULL);
    document = json_loads(text, 0, NULL);
    SIM_CHECK(document != NULL, "the result is no JSON: %s", text);
    SIM_CHECK(json_is_array(json_object_get(document, filter ? "detections" : "annotations")),
              "the result of %s has another shape: %s", image->operation, text);
    json_decref(document);
    animaldetect_result_free(result);
}

void sim_check_image(struct sim *sim, struct sim_image *image, animaldetect_job *job)
{
    int32_t status = animaldetect_job_status(job);
    const char *message = animaldetect_job_message(job);

    check_text(message);
    SIM_CHECK((status == ANIMALDETECT_OK) == (*message == '\0'), "status %" PRId32 " with message \"%s\"", status,
              message);
    SIM_CHECK(status != ANIMALDETECT_AGAIN, "a call that ended says that it is running");
    sim_check_identity(sim, image, job);
    if (status == ANIMALDETECT_OK)
        check_result(image, job);
}

bool sim_is_lasting(const struct sim *sim, int32_t status)
{
    const struct svc_config *service = &sim->plan.service;

    /* A service whose replay names no fresh upload URL cannot be helped once the first one has expired. */
    return status == ANIMALDETECT_OK || (status == ANIMALDETECT_E_JOB_FAILED && service->fail_probability > 0) ||
           (status == ANIMALDETECT_E_UPLOAD_EXPIRED && service->replay != SVC_REPLAY_FRESH);
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 29);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; text != NULL && *text != '\0'; text++)
        hash = mix(hash, (unsigned char)*text);
    return hash;
}

void sim_trace(struct sim *sim)
{
    static const char *const routes[] = {"create", "upload", "submit", "status", "result", "other"};

    for (size_t i = 0; i < world_request_count(sim->world); i++) {
        const struct world_request *request = world_request_at(sim->world, i);

        sim->trace = mix(sim->trace, (uint64_t)request->start_ms);
        sim->trace = mix(sim->trace, (uint64_t)request->end_ms);
        sim->trace = mix(sim->trace, (uint64_t)(request->status * 16 + (int)request->route));
        sim->trace = mix_text(sim->trace, request->url);
        if (sim->show)
            printf("%8" PRId64 " %8" PRId64 "  %-6s %3" PRId32 " net %d%s  %.90s\n", request->start_ms, request->end_ms,
                   routes[request->route], request->status, (int)request->net, request->aborted ? " aborted" : "",
                   request->url);
    }
}

void sim_check_turn(struct sim *sim)
{
    SIM_CHECK(svc_violation_count(sim->svc) == 0, "the service saw a violation: %s", svc_violation(sim->svc, 0));
    SIM_CHECK(world_violations(sim->world) == 0, "the network saw a violation: %s", world_violation(sim->world));
    SIM_CHECK(svc_job_total(sim->svc) <= (size_t)sim->plan.image_count, "%zu jobs for %d images",
              svc_job_total(sim->svc), sim->plan.image_count);
    SIM_CHECK(sim->plan.workers > 1 || world_active(sim->world) <= sim->plan.max_active,
              "%d requests on the wire, %d allowed", world_active(sim->world), (int)sim->plan.max_active);
}

void sim_check_end(struct sim *sim)
{
    int failed = 0;

    sim_check_turn(sim);
    sim_trace(sim);
    for (int i = 0; i < sim->plan.image_count; i++) {
        const struct sim_image *image = &sim->images[i];

        SIM_CHECK(image->ended, "image %d never ended", i);
        SIM_CHECK(sim_is_lasting(sim, image->status),
                  "image %d ended in fair weather with %s", i, animaldetect_status_name(image->status));
        failed += image->status != ANIMALDETECT_OK;
    }
    SIM_CHECK(svc_job_total(sim->svc) == (size_t)sim->plan.image_count, "%zu jobs for %d images",
              svc_job_total(sim->svc), sim->plan.image_count);
    /* One client that lived through all of it and knew the limit never met it. */
    if (sim->plan.limit_known && sim->plan.lives == 1 && sim->plan.workers == 1 && !sim->plan.has_429)
        SIM_CHECK(svc_count(sim->svc, SVC_COUNT_LIMITED) == 0 &&
                      svc_max_in_window(sim->svc) <= (uint64_t)sim->plan.service.rpm,
                  "%" PRIu64 " answers 429, %" PRIu64 " requests in 60 s where %" PRId64 " are allowed",
                  svc_count(sim->svc, SVC_COUNT_LIMITED), svc_max_in_window(sim->svc), sim->plan.service.rpm);
    sim_say(sim, "end: %d images, %d failed by the service, %zu requests", sim->plan.image_count, failed,
            world_request_count(sim->world));
}
