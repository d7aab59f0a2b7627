/* SPDX-License-Identifier: MIT */
/*
 * Invariants of every run: see doc/testing.md for the list.
 */
#include "engine/sim/sim.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"

static void check_text(const char *text)
{
    SIM_CHECK(strstr(text, SIM_KEY) == NULL && strstr(text, "X-Signature=") == NULL && strpbrk(text, "\r\n") == NULL,
              "a secret or a line end in: %s", text);
}

static const struct sim_identity *same_id(const struct sim *sim, const struct sim_identity *own)
{
    for (int i = 0; i < sim->plan.image_count; i++) {
        for (int run = 0; run < SIM_RUNS; run++) {
            for (int k = 0; k < 2; k++) {
                const struct sim_identity *other = &sim->images[i].seen[run][k];

                if (other != own && strcmp(other->job_id, own->job_id) == 0)
                    return other;
            }
        }
    }
    return NULL;
}

/* Key and job id belong to the run of an image forever; a changed file is another image. */
void sim_check_identity(struct sim *sim, struct sim_image *image, animaldetect_job *job)
{
    const char *key = animaldetect_job_idempotency_key(job);
    const char *id = animaldetect_job_id(job);
    int32_t run = animaldetect_job_rerun_number(job);
    int number = (int)(image - sim->images);
    struct sim_identity *seen;

    if (key == NULL)
        return;
    SIM_CHECK(run >= 0 && run < SIM_RUNS, "image %d has rerun number %" PRId32, number, run);
    seen = image->seen[run];
    if (image->changed && strcmp(key, seen->key) != 0)
        seen++;
    if (seen->key[0] == '\0')
        snprintf(seen->key, sizeof seen->key, "%s", key);
    SIM_CHECK(strcmp(key, seen->key) == 0, "image %d had key %s and has %s", number, seen->key, key);
    SIM_CHECK(run == 0 || strcmp(key, image->seen[run - 1][0].key) != 0, "run %" PRId32 " of image %d has key %s again",
              run, number, key);
    if (id == NULL)
        return;
    if (seen->job_id[0] == '\0')
        snprintf(seen->job_id, sizeof seen->job_id, "%s", id);
    SIM_CHECK(strcmp(id, seen->job_id) == 0, "image %d had job %s and has %s", number, seen->job_id, id);
    SIM_CHECK(same_id(sim, seen) == NULL, "job %s of image %d belongs to another image or run", id, number);
}

static void check_result(const struct sim *sim, const struct sim_image *image, animaldetect_job *job)
{
    animaldetect_result *result = NULL;
    const char *text;
    json_t *document;
    bool filter = strncmp(image->operation, "filter", 6) == 0;

    SIM_CHECK(animaldetect_job_result(job, &result) == ANIMALDETECT_OK, "a job that succeeded has no result");
    text = animaldetect_result_json(result, NULL);
    if ((sim->plan.odd.kinds & SIM_HAS_ODD) != 0) {
        SIM_CHECK(strstr(text, filter ? "\"detections\"" : "\"annotations\"") != NULL,
                  "the result of %s has another shape: %s", image->operation, text);
        animaldetect_result_free(result);
        return;
    }
    document = json_loads(text, 0, NULL);
    SIM_CHECK(document != NULL, "the result is no JSON: %s", text);
    SIM_CHECK(json_is_array(json_object_get(document, filter ? "detections" : "annotations")),
              "the result of %s has another shape: %s", image->operation, text);
    json_decref(document);
    animaldetect_result_free(result);
}

/* "poll: still "running" after 1440 minutes: ..."; a failure before any step has no step in its message. */
static void check_words(const animaldetect_job *job, int32_t status, const char *message)
{
    static const char *const steps[] = {"", "prepare: ", "create: ", "upload: ", "submit: ", "poll: ", "fetch: "};
    int32_t step = animaldetect_job_failed_step(job);
    /* A call that was rejected before it started has no step; the job's step is that of the previous call. */
    bool refused = strstr(message, "nothing was sent") != NULL;
    const char *name = step >= 0 && step < (int32_t)(sizeof steps / sizeof steps[0]) ? steps[step] : "?";

    SIM_CHECK(refused || (strncmp(message, name, strlen(name)) == 0 && strlen(message) >= strlen(name) + 8),
              "%s in step %" PRId32 ": a message without step or cause: %s", animaldetect_status_name(status), step,
              message);
}

/* The service's state of the job must match the job's. */
static void check_bytes(const struct sim *sim, const animaldetect_job *job)
{
    const uint8_t *stored = svc_job_digest(sim->svc, animaldetect_job_id(job));
    const char *own = animaldetect_job_sha256(job);
    char hex[AD_DIGEST_HEX_SIZE];

    if (stored == NULL || own == NULL)
        return;
    ad_digest_hex(stored, hex);
    SIM_CHECK(strcmp(hex, own) == 0, "the image %s was processed as %s", hex, own);
}

/* The service must know the job and its state; a job that has expired since may have succeeded. */
static void check_end_of_job(const struct sim *sim, const animaldetect_job *job, int32_t status)
{
    const char *id = animaldetect_job_id(job);
    const char *state = id == NULL ? NULL : svc_job_state(sim->svc, id, world_wall_ms(sim->world));
    bool is_gone = state != NULL && strcmp(state, "expired") == 0;

    if (status == ANIMALDETECT_OK)
        SIM_CHECK(is_gone || (state != NULL && strcmp(state, "succeeded") == 0), "a result of a job that is %s",
                  state == NULL ? "unknown" : state);
    else if (status == ANIMALDETECT_E_JOB_FAILED)
        SIM_CHECK(is_gone || (state != NULL && strcmp(state, "failed") == 0), "a failure of a job that is %s",
                  state == NULL ? "unknown" : state);
    else if (status == ANIMALDETECT_E_JOB_EXPIRED)
        SIM_CHECK(is_gone, "an expiry of a job that is %s", state == NULL ? "unknown" : state);
}

void sim_check_image(struct sim *sim, struct sim_image *image, animaldetect_job *job, int32_t status)
{
    const char *message = animaldetect_job_message(job);

    check_text(message);
    SIM_CHECK((status == ANIMALDETECT_OK) == (*message == '\0'), "status %" PRId32 " with message \"%s\"", status,
              message);
    SIM_CHECK(status != ANIMALDETECT_AGAIN, "a call that ended says that it is running");
    sim_check_identity(sim, image, job);
    check_end_of_job(sim, job, status);
    if (status == ANIMALDETECT_OK) {
        check_bytes(sim, job);
        check_result(sim, image, job);
    }
    else
        check_words(job, status, message);
}

bool sim_is_lasting(const struct sim *sim, int32_t status)
{
    const struct svc_config *service = &sim->plan.service;

    /* A service whose replays return no fresh upload URL cannot be used once the first URL has expired. */
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
    static const char *const routes[] = {"create", "upload", "submit", "poll", "fetch", "other"};

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

/* One for each run of each content of an image that the host has started. */
static size_t most_jobs(const struct sim *sim)
{
    size_t most = 0;

    for (int i = 0; i < sim->plan.image_count; i++)
        most += (size_t)(sim->images[i].most_rerun + 1) * (sim->images[i].changed ? 2 : 1);
    return most;
}

/* Runs that the host started although the previous job may succeed; a file may have had other bytes by then. */
static uint64_t doubtful(const struct sim *sim)
{
    uint64_t count = 0;

    for (int i = 0; i < sim->plan.image_count; i++)
        count += (uint64_t)sim->images[i].doubtful;
    return count;
}

/* Only the submit detects that a portal took an upload: the service then responds that the upload is missing. */
static const char *violation(const struct sim *sim)
{
    size_t forgiven =
        (sim->plan.odd.kinds & SIM_HAS_PORTAL) != 0 ? svc_violation_count_of(sim->svc, "submit_before_upload") : 0;

    for (size_t i = 0; svc_violation_count(sim->svc) > forgiven && svc_violation(sim->svc, i) != NULL; i++)
        if (forgiven == 0 || strncmp(svc_violation(sim->svc, i), "submit_before_upload", 20) != 0)
            return svc_violation(sim->svc, i);
    return NULL;
}

void sim_check_turn(struct sim *sim)
{
    SIM_CHECK(violation(sim) == NULL, "the service saw a violation: %s", violation(sim));
    SIM_CHECK(world_violations(sim->world) == 0, "the network saw a violation: %s", world_violation(sim->world));
    SIM_CHECK(svc_job_total(sim->svc) <= most_jobs(sim), "%zu jobs for %d images", svc_job_total(sim->svc),
              sim->plan.image_count);
    SIM_CHECK(svc_count(sim->svc, SVC_COUNT_BILLED_TWICE) <= doubtful(sim), "%" PRIu64 " images are billed twice",
              svc_count(sim->svc, SVC_COUNT_BILLED_TWICE));
    SIM_CHECK(sim->plan.workers > 1 || world_active(sim->world) <= sim->plan.max_requests,
              "%d requests on the wire, %d allowed", world_active(sim->world), (int)sim->plan.max_requests);
}

void sim_check_end(struct sim *sim)
{
    int failed = 0;

    sim_check_turn(sim);
    sim_trace(sim);
    sim_uplink_check_end(sim);
    for (int i = 0; i < sim->plan.image_count; i++) {
        const struct sim_image *image = &sim->images[i];

        SIM_CHECK(image->ended, "image %d never ended", i);
        SIM_CHECK(sim->plan.odd.any || sim_is_lasting(sim, image->status), "image %d ended in the last life with %s", i,
                  animaldetect_status_name(image->status));
        failed += image->status != ANIMALDETECT_OK;
    }
    SIM_CHECK(svc_job_total(sim->svc) >= (size_t)sim->plan.image_count, "%zu jobs for %d images",
              svc_job_total(sim->svc), sim->plan.image_count);
    /* One client that lived through the whole run and knew the limit never exceeded it. */
    if (sim->plan.limit_known && sim->plan.lives == 1 && sim->plan.workers == 1 && !sim->plan.has_429)
        SIM_CHECK(svc_count(sim->svc, SVC_COUNT_LIMITED) == 0 &&
                      svc_max_in_window(sim->svc) <= (uint64_t)sim->plan.service.rpm,
                  "%" PRIu64 " answers 429, %" PRIu64 " requests in 60 s where %" PRId64 " are allowed",
                  svc_count(sim->svc, SVC_COUNT_LIMITED), svc_max_in_window(sim->svc), sim->plan.service.rpm);
    sim_say(sim, "end: %d images, %d failed by the service, %zu requests", sim->plan.image_count, failed,
            world_request_count(sim->world));
}
