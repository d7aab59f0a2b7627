/* SPDX-License-Identifier: MIT */
/*
 * Canceling and freeing at every stage: each call completes once, nothing is left on the wire, and a new run of the
 * same image finds its job.
 */
#include "engine/harness.h"

static const char *const ROUTES[] = {"create", "upload", "submit", "poll", "fetch"};

/* Starts a job and drives until the first request of a route is on the wire. */
static animaldetect_job *until_on_wire(struct host *host, const char *route)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, route) == 1);
    return job;
}

static void cancel_ends_a_call_with_a_request_on_the_wire(struct host *host)
{
    for (size_t i = 0; i < 5; i++) {
        animaldetect_job *job;

        host_again(host);
        job = until_on_wire(host, ROUTES[i]);
        assert_int_equal(world_active(host->world), 1);
        assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
        assert_int_equal(world_active(host->world), 0);
        assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
        host_expect(host, job, ANIMALDETECT_E_CANCELED, "cancel");
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_CANCELED), 1);
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_ACTIVE), 0);
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_IN_FLIGHT), 0);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
}

static bool effect_seen;

static void note_effect(void *user)
{
    (void)user;
    effect_seen = true;
}

/* The service has processed the request, but the host canceled before the response arrived. */
static void cancel_after_the_effect_never_makes_a_second_job_or_submit(struct host *host)
{
    for (size_t i = 0; i < 5; i++) {
        animaldetect_job *job;

        host_again(host);
        effect_seen = false;
        world_on_effect(host->world, ROUTES[i], 1, note_effect, NULL);
        job = host_image_job(host);
        host_start(host, job, HOST_RUN);
        HOST_UNTIL(host, effect_seen);
        animaldetect_job_cancel(job);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
    }
}

/* The response that the host canceled said "succeeded": polling once more is correct, and no violation. */
static void cancel_before_the_last_status_arrives_asks_again(struct host *host)
{
    animaldetect_job *job;

    host->service.processing = "fixed:100";
    host_open(host);
    effect_seen = false;
    world_on_effect(host->world, "poll", 1, note_effect, NULL);
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, effect_seen);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "poll"), 2);
}

static void cancel_ends_a_call_that_was_not_driven_yet(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_E_STATE);
    host_start(host, job, HOST_RUN);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(world_count(host->world, "any"), 0);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

static void cancel_ends_hashing_backoff_and_the_wait_between_polls(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    uint8_t *image = host_image(4000000, 1);

    animaldetect_job_set_bytes_borrowed(job, image, 4000000, NULL, NULL);
    host_start(host, job, HOST_RUN);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "any"), 0);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);

    host_fault(host, "create:503:n=1:retry_after=60");
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "create") == 1 && world_active(host->world) == 0);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);

    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, animaldetect_job_stage(job) == ANIMALDETECT_STAGE_SUBMITTED && world_active(host->world) == 0);
    animaldetect_job_cancel(job);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    free(image);
}

static void cancel_after_the_end_changes_nothing(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_CALLS_CANCELED), 0);
}

static void a_canceled_job_that_waits_for_a_place_leaves_the_others_alone(struct host *host)
{
    animaldetect_job *jobs[5];

    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
    for (int i = 0; i < 5; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    HOST_UNTIL(host, world_count(host->world, "create") == 1);
    animaldetect_job_cancel(jobs[3]);
    for (int i = 0; i < 5; i++)
        assert_int_equal(host_finish(host, jobs[i]), i == 3 ? ANIMALDETECT_E_CANCELED : ANIMALDETECT_OK);
}

static void free_of_a_job_in_flight_takes_it_off_the_wire_and_out_of_the_hands(struct host *host)
{
    for (size_t i = 0; i < 5; i++) {
        animaldetect_job *job;
        animaldetect_job *other;

        host_again(host);
        job = until_on_wire(host, ROUTES[i]);
        host_free(host, job);
        assert_int_equal(world_active(host->world), 0);
        assert_int_equal(animaldetect_client_in_flight(host->client), 0);
        other = host_image_job(host);
        assert_int_equal(host_do(host, other, HOST_RUN), ANIMALDETECT_OK);
    }
}

static void free_of_an_ended_job_that_was_not_taken_hands_out_nothing(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *out = job;

    host_start(host, job, HOST_RUN);
    animaldetect_job_cancel(job);
    host_free(host, job);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_AGAIN);
    assert_null(out);
}

static void free_of_the_client_ends_jobs_in_flight_and_leaves_them_valid(struct host *host)
{
    animaldetect_job *jobs[6];
    animaldetect_result *result = NULL;

    for (int i = 0; i < 6; i++)
        jobs[i] = host_image_job(host);
    assert_int_equal(host_do(host, jobs[0], HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_result(jobs[0], &result), ANIMALDETECT_OK);
    for (int i = 1; i < 6; i++)
        host_start(host, jobs[i], HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "create") > 3);
    animaldetect_client_free(host->client);
    host->client = NULL;
    assert_int_equal(world_active(host->world), 0);
    for (int i = 1; i < 6; i++) {
        char *saved = NULL;

        assert_int_equal(animaldetect_job_status(jobs[i]), ANIMALDETECT_E_CANCELED);
        assert_int_equal(animaldetect_job_run(jobs[i]), ANIMALDETECT_E_CLIENT_FREED);
        assert_int_equal(animaldetect_job_run_async(jobs[i]), ANIMALDETECT_E_CLIENT_FREED);
        assert_string_equal(animaldetect_job_message(jobs[i]), "the client was freed");
        assert_int_equal(animaldetect_job_wait(jobs[i], -1), ANIMALDETECT_E_CLIENT_FREED);
        assert_int_equal(animaldetect_job_cancel(jobs[i]), ANIMALDETECT_E_CLIENT_FREED);
        assert_null(animaldetect_job_client(jobs[i]));
        assert_int_equal(animaldetect_job_save(jobs[i], &saved, NULL), ANIMALDETECT_OK);
        animaldetect_text_free(saved);
    }
    assert_int_equal(animaldetect_job_stage(jobs[0]), ANIMALDETECT_STAGE_FETCHED);
    for (int i = 0; i < 6; i++)
        host_free(host, jobs[i]);
    assert_true(animaldetect_result_json(result, NULL) != NULL);
    animaldetect_result_free(result);
}

static void every_free_accepts_null(struct host *host)
{
    host_open(host);
    animaldetect_client_free(NULL);
    animaldetect_job_free(NULL);
    animaldetect_result_free(NULL);
    animaldetect_text_free(NULL);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(cancel_ends_a_call_with_a_request_on_the_wire),
        SCENARIO(cancel_after_the_effect_never_makes_a_second_job_or_submit),
        SCENARIO(cancel_before_the_last_status_arrives_asks_again),
        SCENARIO(cancel_ends_a_call_that_was_not_driven_yet),
        SCENARIO(cancel_ends_hashing_backoff_and_the_wait_between_polls),
        SCENARIO(cancel_after_the_end_changes_nothing),
        SCENARIO(a_canceled_job_that_waits_for_a_place_leaves_the_others_alone),
        SCENARIO(free_of_a_job_in_flight_takes_it_off_the_wire_and_out_of_the_hands),
        SCENARIO(free_of_an_ended_job_that_was_not_taken_hands_out_nothing),
        SCENARIO(free_of_the_client_ends_jobs_in_flight_and_leaves_them_valid),
        SCENARIO(every_free_accepts_null),
    };

    return HOST_MAIN(list);
}
