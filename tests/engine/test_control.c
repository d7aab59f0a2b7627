/* SPDX-License-Identifier: MIT */
/*
 * Control of a whole client: stop, pause, the limit on jobs, priorities, network changes, early cancellation.
 */
#include <animaldetect/control.h>

#include "engine/harness.h"
#include "kit/message.h"

#define MANY 20

/* Processes everything that is due for a while. */
static void live_on(struct host *host, int64_t ms)
{
    int64_t until = world_now_ms(host->world) + ms;

    while (world_now_ms(host->world) < until) {
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
        world_skip(host->world, 10);
    }
}

/* ---- stop ---- */

static void stop_ends_every_call_and_loses_none(struct host *host)
{
    animaldetect_job *jobs[MANY];
    char *saved[MANY] = {NULL};

    host->net.upload_bps = 20000;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 4), ANIMALDETECT_OK);
    for (int i = 0; i < MANY; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    HOST_UNTIL(host, world_count(host->world, "submit") >= 3);
    assert_true(world_active(host->world) > 0);
    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    assert_int_equal(world_active(host->world), 0);
    for (int i = 0; i < MANY; i++) {
        int32_t status = host_finish(host, jobs[i]);

        assert_true(status == ANIMALDETECT_E_CANCELED || status == ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_save(jobs[i], &saved[i], NULL), ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    host_restart(host);
    for (int i = 0; i < MANY; i++) {
        animaldetect_job *job = NULL;

        assert_int_equal(animaldetect_job_restore(host->client, saved[i], strlen(saved[i]), &job), ANIMALDETECT_OK);
        host_adopt(host, job);
        if (animaldetect_job_stage(job) < ANIMALDETECT_STAGE_UPLOADED) {
            uint8_t *image = host_image(2000, (unsigned)i + 1);

            (void)animaldetect_job_set_bytes(job, image, 2000);
            free(image);
        }
        animaldetect_text_free(saved[i]);
    }
}

static void a_stopped_client_starts_nothing(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *done = NULL;
    char *text = NULL;

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_E_CANCELED);
    assert_string_equal(animaldetect_job_message(job), "the client was stopped");
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_client_next_done(host->client, &done), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_CREATED);
    assert_int_equal(animaldetect_job_save(job, &text, NULL), ANIMALDETECT_OK);
    animaldetect_text_free(text);
    assert_int_equal(world_count(host->world, "any"), 1);
}

/* Completions of the stop are collected before a wait reports that there are no more. */
static void a_wait_hands_out_what_a_stop_has_ended(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *done = NULL;

    host_start(host, job, HOST_RUN);
    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_client_next_done(host->client, &done), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_E_CANCELED);
}

static void a_client_may_be_stopped_before_its_first_use(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_E_CANCELED);
}

/* ---- pause ---- */

static void paused_creates_drain_what_has_begun(struct host *host)
{
    animaldetect_job *begun;
    animaldetect_job *later;

    host_fault(host, "upload:400:code=ExpiredToken:n=1"); /* the drained job needs its own create */
    begun = host_image_job(host);
    later = host_image_job(host);
    host_start(host, begun, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "upload") == 1);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_CREATES), ANIMALDETECT_OK);
    host_start(host, later, HOST_RUN);
    if (host->drive == HOST_BLOCKING)
        assert_int_equal(host_finish(host, begun), ANIMALDETECT_OK);
    else
        live_on(host, 60000);
    assert_int_equal(animaldetect_job_stage(begun), ANIMALDETECT_STAGE_FETCHED);
    assert_int_equal(animaldetect_job_stage(later), ANIMALDETECT_STAGE_NEW);
    assert_int_equal(world_count(host->world, "create"), 2);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, later), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, begun), ANIMALDETECT_OK);
}

static void paused_uploads_hold_uploads_only(struct host *host)
{
    animaldetect_job *begun = host_image_job(host);
    animaldetect_job *later = host_image_job(host);

    host_start(host, begun, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "poll") == 1);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_UPLOADS), ANIMALDETECT_OK);
    host_start(host, later, HOST_RUN);
    live_on(host, 60000);
    assert_int_equal(animaldetect_job_stage(begun), ANIMALDETECT_STAGE_FETCHED);
    assert_int_equal(animaldetect_job_stage(later), ANIMALDETECT_STAGE_CREATED);
    assert_int_equal(world_count(host->world, "upload"), 1);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, later), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, begun), ANIMALDETECT_OK);
}

static void a_client_that_is_paused_sends_nothing_and_sleeps(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    int64_t iterations;
    int requests;

    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "poll") == 2);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_ALL), ANIMALDETECT_OK);
    live_on(host, 60000); /* requests on the wire complete */
    requests = world_count(host->world, "any");
    assert_int_equal(world_active(host->world), 0);
    iterations = host_stat(host, ANIMALDETECT_STAT_ITERATIONS);
    assert_int_equal(animaldetect_client_timeout_ms(host->client), -1);
    assert_int_equal(animaldetect_client_wait(host->client, 600000), ANIMALDETECT_AGAIN);
    assert_true(host_stat(host, ANIMALDETECT_STAT_ITERATIONS) <= iterations + 2);
    assert_int_equal(world_count(host->world, "any"), requests);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void an_unknown_pause_is_refused(struct host *host)
{
    host_open(host);
    assert_int_equal(animaldetect_client_set_paused(host->client, 4), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_set_paused(host->client, -1), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_string_equal(message_of(host->client), "unknown value of enum animaldetect_pause");
}

/* ---- the limit ---- */

static void no_more_calls_are_taken_than_the_host_permits(struct host *host)
{
    animaldetect_job *jobs[4];

    host_open(host);
    assert_int_equal(animaldetect_client_set_max_jobs(host->client, 3), ANIMALDETECT_OK);
    for (int i = 0; i < 4; i++)
        jobs[i] = host_image_job(host);
    for (int i = 0; i < 3; i++)
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, jobs[3], HOST_RUN), ANIMALDETECT_E_QUEUE_FULL);
    assert_int_equal(animaldetect_job_run(jobs[3]), ANIMALDETECT_E_QUEUE_FULL);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_QUEUE_FULL), 1);
    assert_int_equal(animaldetect_job_stage(jobs[3]), ANIMALDETECT_STAGE_NEW);
    assert_int_equal(host_finish(host, jobs[0]), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, jobs[3], HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_jobs(host->client, 1), ANIMALDETECT_OK); /* jobs in the client stay */
    for (int i = 1; i < 4; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_jobs(host->client, -1), ANIMALDETECT_E_INVALID_ARGUMENT);
}

/* ---- priorities ---- */

static const char *created(struct host *host, int nth)
{
    static char reference[64];
    const char *found = strstr(world_request_of(host->world, "create", nth)->body, "\"client_reference_id\":\"");

    assert_non_null(found);
    assert_int_equal(sscanf(found, "\"client_reference_id\":\"%63[^\"]", reference), 1);
    return reference;
}

static animaldetect_job *job_with(struct host *host, const char *reference, int32_t priority)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_job_set_client_reference_id(job, reference), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_priority(job, priority), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_priority(job), priority);
    return job;
}

static void the_smaller_number_goes_first_and_equal_ones_in_order(struct host *host)
{
    static const struct {
        const char *name;
        int32_t priority;
    } given[] = {{"plain 1", 0}, {"late 1", 7},        {"plain 2", 0}, {"last", INT32_MAX}, {"gate 1", -5},
                 {"late 2", 7},  {"first", INT32_MIN}, {"plain 3", 0}, {"gate 2", -5}};
    static const char *const expected[] = {"first",   "gate 1", "gate 2", "plain 1", "plain 2",
                                           "plain 3", "late 1", "late 2", "last"};
    animaldetect_job *jobs[9];

    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 1), ANIMALDETECT_OK);
    for (size_t i = 0; i < 9; i++) {
        jobs[i] = job_with(host, given[i].name, given[i].priority);
        host_start(host, jobs[i], HOST_CREATE);
    }
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    for (int i = 0; i < 9; i++)
        assert_string_equal(created(host, i + 1), expected[i]);
}

/* A gate camera's image arrives while a hundred others wait for quota. */
static void a_late_image_of_importance_passes_those_that_wait(struct host *host)
{
    animaldetect_job *jobs[30];
    animaldetect_job *gate;
    char name[16];

    host_open(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 1), ANIMALDETECT_OK);
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "%d", i);
        jobs[i] = job_with(host, name, i % 3); /* three priorities */
        host_start(host, jobs[i], HOST_CREATE);
    }
    HOST_UNTIL(host, world_count(host->world, "create") == 5);
    gate = job_with(host, "gate", -1);
    host_start(host, gate, HOST_CREATE);
    assert_int_equal(animaldetect_job_set_priority(jobs[29], -2), ANIMALDETECT_OK); /* and one gets a higher priority */
    assert_int_equal(animaldetect_job_set_priority(jobs[3], 9), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, gate), ANIMALDETECT_OK);
    assert_string_equal(created(host, 6), "29");
    assert_string_equal(created(host, 7), "gate");
    for (int i = 0; i < 30; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 31);
}

static void a_priority_is_saved_and_orders_the_other_requests_too(struct host *host)
{
    animaldetect_job *jobs[3];
    animaldetect_job *again = NULL;
    char *text = NULL;

    host_open(host);
    for (int i = 0; i < 3; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_do(host, jobs[i], HOST_CREATE), ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_UPLOADS), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
    for (int i = 0; i < 3; i++)
        host_start(host, jobs[i], HOST_UPLOAD);
    assert_int_equal(animaldetect_job_set_priority(jobs[2], -1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_NONE), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, jobs[2]), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_stage(jobs[0]), ANIMALDETECT_STAGE_CREATED);
    assert_int_equal(animaldetect_job_stage(jobs[1]), ANIMALDETECT_STAGE_CREATED);
    assert_int_equal(animaldetect_job_save(jobs[2], &text, NULL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_restore(host->client, text, strlen(text), &again), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_priority(again), -1);
    animaldetect_job_free(again);
    animaldetect_text_free(text);
    assert_int_equal(host_finish(host, jobs[0]), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, jobs[1]), ANIMALDETECT_OK);
}

/* ---- network changes ---- */

/* The old network had no route, or a captive portal. */
static void a_new_network_is_tried_at_once(struct host *host)
{
    for (int portal = 0; portal < 2; portal++) {
        animaldetect_job *job;
        int64_t now;

        host_again(host);
        for (int i = 1; i <= 4; i++) {
            if (portal)
                world_answer(host->world, "create", i, 403, NULL, "<html><title>Log in</title></html>");
            else
                world_net(host->world, "create", i, AD_NET_CONNECT);
        }
        job = host_image_job(host);
        host_start(host, job, HOST_RUN);
        HOST_UNTIL(host, world_count(host->world, "create") == 4 && world_active(host->world) == 0);
        now = world_now_ms(host->world);
        assert_int_equal(animaldetect_client_network_changed(host->client), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
        assert_int_equal(world_request_of(host->world, "create", 5)->start_ms, now);
    }
}

/* Requests that wait because of the service continue to wait. */
static void a_new_network_shortens_no_wait_that_the_service_asked_for(struct host *host)
{
    static const char *const faults[] = {"create:503:retry_after=20:n=1", "create:408:retry_after=20:n=1"};

    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        animaldetect_job *job;
        int64_t now;

        host_again(host);
        host_fault(host, faults[i]);
        job = host_image_job(host);
        host_start(host, job, HOST_RUN);
        HOST_UNTIL(host, world_count(host->world, "create") == 1 && world_active(host->world) == 0);
        now = world_now_ms(host->world);
        assert_int_equal(animaldetect_client_network_changed(host->client), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
        assert_true(world_request_of(host->world, "create", 2)->start_ms >= now + 19000);
    }
}

static void a_client_that_was_not_used_takes_control_too(struct host *host)
{
    host_open(host);
    assert_int_equal(animaldetect_client_network_changed(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_paused(host->client, ANIMALDETECT_PAUSE_ALL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_paused(NULL, 0), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_network_changed(NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_stop(NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
}

/* ---- cancellation before the call ---- */

static void a_cancel_just_before_the_blocking_call_is_not_lost(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_CANCELED);
    assert_string_equal(animaldetect_job_message(job), "the call was canceled before it began");
    assert_int_equal(world_count(host->world, "any"), 0);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK); /* it takes effect once */
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_poll(job), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_job_poll(job), ANIMALDETECT_OK);
}

static void a_start_forgets_a_cancel_that_came_before_it(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_poll(job), ANIMALDETECT_OK);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(stop_ends_every_call_and_loses_none),
        SCENARIO(a_stopped_client_starts_nothing),
        SCENARIO(a_wait_hands_out_what_a_stop_has_ended),
        SCENARIO(a_client_may_be_stopped_before_its_first_use),
        SCENARIO(paused_creates_drain_what_has_begun),
        SCENARIO(paused_uploads_hold_uploads_only),
        SCENARIO(a_client_that_is_paused_sends_nothing_and_sleeps),
        SCENARIO(an_unknown_pause_is_refused),
        SCENARIO(no_more_calls_are_taken_than_the_host_permits),
        SCENARIO(the_smaller_number_goes_first_and_equal_ones_in_order),
        SCENARIO(a_late_image_of_importance_passes_those_that_wait),
        SCENARIO(a_priority_is_saved_and_orders_the_other_requests_too),
        SCENARIO(a_new_network_is_tried_at_once),
        SCENARIO(a_new_network_shortens_no_wait_that_the_service_asked_for),
        SCENARIO(a_client_that_was_not_used_takes_control_too),
        SCENARIO(a_cancel_just_before_the_blocking_call_is_not_lost),
        SCENARIO(a_start_forgets_a_cancel_that_came_before_it),
    };

    return HOST_MAIN(list);
}
