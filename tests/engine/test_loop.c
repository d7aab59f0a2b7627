/* SPDX-License-Identifier: MIT */
/*
 * The promises of the event loop: every completion is collected once and in order, no wakeup without work, nobody waits
 * forever, and a host without a descriptor works too.
 */
#include "engine/harness.h"

static void ends_are_handed_out_in_the_order_in_which_they_came(struct host *host)
{
    animaldetect_job *jobs[3];
    animaldetect_job *out = NULL;

    for (int i = 0; i < 3; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(animaldetect_job_run_async(jobs[i]), ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_client_in_flight(host->client), 3);
    animaldetect_job_cancel(jobs[2]);
    animaldetect_job_cancel(jobs[0]);
    animaldetect_job_cancel(jobs[1]);
    assert_int_equal(animaldetect_client_in_flight(host->client), 3);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_OK);
    assert_ptr_equal(out, jobs[2]);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_OK);
    assert_ptr_equal(out, jobs[0]);
    assert_int_equal(animaldetect_job_wait(jobs[1], -1), ANIMALDETECT_E_CANCELED);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_AGAIN);
    assert_null(out);
    assert_int_equal(animaldetect_client_in_flight(host->client), 0);
}

static void an_end_that_was_not_taken_keeps_the_job_busy(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *out = NULL;

    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    animaldetect_job_cancel(job);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_E_BUSY);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
}

static void a_wait_with_an_end_at_hand_moves_the_other_jobs_on(struct host *host)
{
    animaldetect_job *ended = host_image_job(host);
    animaldetect_job *other = host_image_job(host);

    assert_int_equal(animaldetect_job_run_async(ended), ANIMALDETECT_OK);
    animaldetect_job_cancel(ended);
    assert_int_equal(animaldetect_job_run_async(other), ANIMALDETECT_OK);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_CREATE), 0);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_OK);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REQUESTS_CREATE), 1);
}

static void a_wait_that_times_out_leaves_the_call_running(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    int64_t begin = world_now_ms(host->world);

    assert_int_equal(animaldetect_job_wait(job, 0), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_wait(job, 0), ANIMALDETECT_AGAIN);
    assert_int_equal(world_now_ms(host->world), begin);
    assert_int_equal(animaldetect_job_wait(job, 500), ANIMALDETECT_AGAIN);
    assert_int_equal(world_now_ms(host->world), begin + 500);
    assert_int_equal(animaldetect_client_wait(host->client, 500), ANIMALDETECT_AGAIN);
    assert_int_equal(world_now_ms(host->world), begin + 1000);
    assert_int_equal(animaldetect_job_wait(job, -2), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_wait(job, -1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_wait(job, -1), ANIMALDETECT_OK);
}

static void a_wakeup_ends_the_next_wait_once(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_wakeup(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wakeup(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_client_wait(host->client, -1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_wait(job, 0), ANIMALDETECT_OK);
}

static void a_wakeup_does_not_end_the_wait_for_a_job(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_wakeup(host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_wait(job, -1), ANIMALDETECT_OK);
}

/* The outer loop gets no event from an idle client. */
static void an_idle_client_makes_no_turn(struct host *host)
{
    int64_t turns;

    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    while (world_next_ms(host->world) != AD_TIME_NEVER) {
        assert_true(world_advance(host->world));
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    }
    turns = host_stat(host, ANIMALDETECT_STAT_ITERATIONS);
    world_skip(host->world, 3600000);
    assert_int_equal(world_next_ms(host->world), AD_TIME_NEVER);
    assert_int_equal(animaldetect_client_timeout_ms(host->client), -1);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_ITERATIONS), turns);
}

/* While a job is being processed, iterations happen only for its polls. */
static void a_waiting_job_costs_turns_for_its_polls_only(struct host *host)
{
    animaldetect_job *job;
    int64_t turns;
    int polls;

    host->service.processing = "fixed:600000";
    host_open(host);
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "poll") == 3 && world_active(host->world) == 0);
    turns = host_stat(host, ANIMALDETECT_STAT_ITERATIONS);
    polls = world_count(host->world, "poll");
    HOST_UNTIL(host, world_count(host->world, "poll") == polls + 10 && world_active(host->world) == 0);
    assert_true(host_stat(host, ANIMALDETECT_STAT_ITERATIONS) - turns <= 10 * 4);
}

static void a_host_without_a_descriptor_polls_by_timeout(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *out = NULL;
    int guard = 0;

    host->net.no_fd = true;
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(animaldetect_client_fd(host->client), ANIMALDETECT_E_UNSUPPORTED);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    while (animaldetect_client_next_done(host->client, &out) == ANIMALDETECT_AGAIN && guard++ < 100000) {
        int64_t timeout = animaldetect_client_timeout_ms(host->client);

        world_skip(host->world, timeout < 0 || timeout > 20 ? 20 : timeout);
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    }
    assert_ptr_equal(out, job);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
}

/* A host that sleeps for the returned timeout must come back for work that a call between two iterations left. */
static void the_timeout_is_0_after_a_start_a_cancel_and_a_freed_slot(struct host *host)
{
    animaldetect_job *first;
    animaldetect_job *second;

    host->net.no_fd = true;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
    first = host_image_job(host);
    second = host_image_job(host);
    assert_int_equal(animaldetect_job_create_async(first), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_create_async(second), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_timeout_ms(host->client), 0);
    while (world_active(host->world) == 0 || animaldetect_client_timeout_ms(host->client) == 0)
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    /* the first is on the wire, the second waits for its slot */
    host_free(host, first);
    assert_int_equal(animaldetect_client_timeout_ms(host->client), 0);
    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "create"), 2);
    assert_int_equal(animaldetect_job_wait(second, -1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_timeout_ms(host->client), 0);
}

static void a_late_host_loses_nothing(struct host *host)
{
    animaldetect_job *jobs[20];
    int done = 0;

    for (int i = 0; i < 20; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    for (int guard = 0; done < 20 && guard < 1000; guard++) {
        animaldetect_job *out = NULL;

        world_skip(host->world, 7000);
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
        while (animaldetect_client_next_done(host->client, &out) == ANIMALDETECT_OK)
            done += animaldetect_job_status(out) == ANIMALDETECT_OK;
    }
    assert_int_equal(done, 20);
    for (int i = 0; i < host->slot_count; i++)
        host->slots[i].taken = host->slots[i].started;
}

static void a_call_that_ends_without_a_request_is_handed_out_like_any_other(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void two_clients_in_one_world_do_not_see_each_others_jobs(struct host *host)
{
    animaldetect_client *other = NULL;
    animaldetect_job *job = NULL;
    animaldetect_job *out = NULL;

    assert_int_equal(host_start(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(ad_client_new_over(world_factory, host->world, 5, &other), ANIMALDETECT_OK);
    animaldetect_client_set_api_key(other, HOST_KEY);
    assert_int_equal(animaldetect_job_new(other, "filter", &job), ANIMALDETECT_OK);
    animaldetect_job_set_bytes(job, "\xff\xd8\xff", 3);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_wait(host->slots[0].job, -1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_job_wait(job, -1), ANIMALDETECT_OK);
    animaldetect_client_free(other);
    animaldetect_job_free(job);
}

/* A machine on which each request takes a millisecond to start: the host gets its thread back in between. */
static void one_iteration_has_its_time_and_leaves_the_rest_for_the_next(struct host *host)
{
    int before = 0;

    host->net.start_cost_ms = 1;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 200), ANIMALDETECT_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(host_start(host, host_image_job(host), HOST_CREATE), ANIMALDETECT_OK);
    while (world_count(host->world, "create") < 100) {
        assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_OK);
        assert_in_range(world_count(host->world, "create") - before, 1, AD_SLICE_MS);
        before = world_count(host->world, "create");
        if (before < 100)
            assert_int_equal(animaldetect_client_timeout_ms(host->client), 0);
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(host_finish(host, host->slots[i].job), ANIMALDETECT_OK);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(ends_are_handed_out_in_the_order_in_which_they_came),
        SCENARIO(an_end_that_was_not_taken_keeps_the_job_busy),
        SCENARIO(one_iteration_has_its_time_and_leaves_the_rest_for_the_next),
        SCENARIO(a_wait_with_an_end_at_hand_moves_the_other_jobs_on),
        SCENARIO(a_wait_that_times_out_leaves_the_call_running),
        SCENARIO(a_wakeup_ends_the_next_wait_once),
        SCENARIO(a_wakeup_does_not_end_the_wait_for_a_job),
        SCENARIO(an_idle_client_makes_no_turn),
        SCENARIO(a_waiting_job_costs_turns_for_its_polls_only),
        SCENARIO(a_host_without_a_descriptor_polls_by_timeout),
        SCENARIO(the_timeout_is_0_after_a_start_a_cancel_and_a_freed_slot),
        SCENARIO(a_late_host_loses_nothing),
        SCENARIO(a_call_that_ends_without_a_request_is_handed_out_like_any_other),
        SCENARIO(two_clients_in_one_world_do_not_see_each_others_jobs),
    };

    return HOST_MAIN(list);
}
