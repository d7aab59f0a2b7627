/* SPDX-License-Identifier: MIT */
/*
 * Holds: without a network, with a rejected key or account, and while the service asks clients to wait.
 */
#include "harness.h"

#define JOBS 40
#define FOREVER (INT64_C(1) << 60)

static int64_t since_start(struct host *host)
{
    return world_now_ms(host->world) - host->net.start_ms;
}

static void start_jobs(struct host *host, animaldetect_job **jobs, int count)
{
    for (int i = 0; i < count; i++) {
        jobs[i] = host_image_job(host);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
}

static int count_ended(animaldetect_job **jobs, int count, int32_t status)
{
    int ended = 0;

    for (int i = 0; i < count; i++)
        ended += animaldetect_job_status(jobs[i]) == status;
    return ended;
}

static void finish_jobs(struct host *host, animaldetect_job **jobs, int count, int32_t status)
{
    for (int i = 0; i < count; i++)
        if (host_finish(host, jobs[i]) != status)
            fail_msg("job %d: %s: %s", i, animaldetect_status_name(animaldetect_job_status(jobs[i])),
                     animaldetect_job_message(jobs[i]));
}

/* ---- network ---- */

static void an_outage_only_delays(struct host *host)
{
    static const enum ad_net kinds[] = {AD_NET_CONNECT, AD_NET_CONNECT_TIMEOUT, AD_NET_TLS};
    animaldetect_job *jobs[JOBS];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        int before;

        host_again(host);
        assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
        world_outage(host->world, host->net.start_ms + 900, host->net.start_ms + 100000, kinds[i]);
        start_jobs(host, jobs, JOBS);
        HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_NETWORK);
        assert_in_range(animaldetect_client_held_until_ms(host->client), world_wall_ms(host->world) - 1000,
                        world_wall_ms(host->world) + 2000);
        before = world_count(host->world, "any");
        HOST_UNTIL(host, since_start(host) >= 99000);
        /* 40 jobs do not probe, one request does: after 1, 2, 4, 8, 16, 32, 60 s */
        assert_in_range(world_count(host->world, "any") - before, 3, 7 + JOBS);
        assert_in_range(world_active(host->world), 0, 1);
        finish_jobs(host, jobs, JOBS, ANIMALDETECT_OK);
        assert_in_range(since_start(host), 100000, 220000);
        assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
        assert_int_equal(animaldetect_client_held_until_ms(host->client), 0);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), JOBS);
    }
}

static enum ad_net again_by;

static void away_again(void *user)
{
    struct world *world = user;

    world_outage(world, 0, world_now_ms(world) + 60000, again_by);
}

/* One request gets through, and all others hit the next outage. */
static void an_outage_that_comes_back_only_delays(struct host *host)
{
    static const enum ad_net kinds[] = {AD_NET_CONNECT, AD_NET_CONNECT_TIMEOUT, AD_NET_TLS};
    animaldetect_job *jobs[JOBS];

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        host_again(host);
        again_by = kinds[i];
        assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
        world_outage(host->world, 0, FOREVER, kinds[i]);
        for (int k = 0; k < JOBS; k++) {
            jobs[k] = host_image_job(host);
            assert_int_equal(host_start(host, jobs[k], HOST_CREATE), ANIMALDETECT_OK);
        }
        HOST_UNTIL(host, since_start(host) >= 10000 && world_active(host->world) == 0);
        world_on_effect(host->world, "create", world_count(host->world, "create") + 1, away_again, host->world);
        world_outage(host->world, 0, 0, AD_NET_OK);
        finish_jobs(host, jobs, JOBS, ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), JOBS);
        assert_in_range(since_start(host), 70000, 140000);
    }
}

static void the_patience_ends_and_each_call_says_why(struct host *host)
{
    animaldetect_job *jobs[JOBS];

    host_open(host);
    assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, 30000), ANIMALDETECT_OK);
    world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
    start_jobs(host, jobs, JOBS);
    finish_jobs(host, jobs, JOBS, ANIMALDETECT_E_NETWORK);
    assert_in_range(since_start(host), 30000, 32000);
    for (int i = 0; i < JOBS; i++)
        assert_non_null(strstr(animaldetect_job_message(jobs[i]), "could not connect"));
    assert_int_equal(animaldetect_status_scope(ANIMALDETECT_E_NETWORK), ANIMALDETECT_SCOPE_NETWORK);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_NETWORK), 1);
    assert_int_equal(animaldetect_status_is_retriable(ANIMALDETECT_E_TLS), 1);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);

    /* and the next call has the whole offline patience again */
    host_do(host, jobs[0], HOST_RUN);
    assert_in_range(since_start(host), 60000, 65000);
    world_outage(host->world, 0, 0, AD_NET_OK);
    assert_int_equal(host_do(host, jobs[0], HOST_RUN), ANIMALDETECT_OK);
}

/* A gateway without a battery for its clock: no certificate is valid until the clock is set. */
static void a_clock_before_2020_is_named_where_certificates_are_refused(struct host *host)
{
    static const struct {
        int64_t wall_ms;
        bool no_wall;
        const char *words;
    } ROWS[] = {
        {INT64_C(61000), false, "the clock of this machine is wrong (1970-01-01): certificate refused"},
        {INT64_C(1577836799000) - 3600000, false,
         "the clock of this machine is wrong (2019-12-31): certificate refused"},
        {INT64_C(1577836800000), false, "(certificate refused)"},
        {INT64_C(61000), true, "(certificate refused)"},
    };
    animaldetect_job *jobs[JOBS];

    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        host->net.wall_ms = ROWS[i].wall_ms;
        host->net.no_wall = ROWS[i].no_wall;
        host_again(host);
        assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, 30000), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
        world_outage(host->world, 0, FOREVER, AD_NET_TLS);
        start_jobs(host, jobs, JOBS);
        HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_NETWORK);
        finish_jobs(host, jobs, JOBS, ANIMALDETECT_E_TLS);
        assert_in_range(since_start(host), 30000, 32000);
        for (int k = 0; k < JOBS; k++)
            if (strstr(animaldetect_job_message(jobs[k]), ROWS[i].words) == NULL)
                fail_msg("row %zu: %s", i, animaldetect_job_message(jobs[k]));
        assert_int_equal(animaldetect_status_scope(ANIMALDETECT_E_TLS), ANIMALDETECT_SCOPE_NETWORK);
    }
}

static void patience_without_end_outlasts_days(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, -1), ANIMALDETECT_OK);
    world_outage(host->world, 0, host->net.start_ms + 5 * INT64_C(86400000), AD_NET_CONNECT);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    /* at most 66 s apart */
    assert_in_range(world_count(host->world, "create"), 5 * 1440 * 8 / 10, 5 * 1440 + 20);
}

/* A proxy that started before its own uplink: it accepts connections and drops them. */
static void a_probe_that_breaks_off_is_a_probe_that_failed(struct host *host)
{
    animaldetect_job *jobs[JOBS];
    int before;

    host_open(host);
    assert_int_equal(animaldetect_client_set_max_tries(host->client, 2), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, 600000), ANIMALDETECT_OK);
    world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
    start_jobs(host, jobs, JOBS);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_NETWORK);
    world_outage(host->world, 0, FOREVER, AD_NET_BROKEN);
    before = world_count(host->world, "any");
    HOST_UNTIL(host, since_start(host) >= 590000);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NETWORK);
    /* after 1, 2, 4, 8, 16, 32, 60, 60 ... s */
    assert_in_range(world_count(host->world, "any") - before, 10, 16);
    finish_jobs(host, jobs, JOBS, ANIMALDETECT_E_NETWORK);
    assert_in_range(since_start(host), 600000, 605000);
}

/* A submit may still have had its effect: it uses up no attempt, but the state is polled first. */
static void a_submit_that_breaks_off_as_a_probe_asks_first(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
    for (int nth = 1; nth <= 6; nth++)
        world_net(host->world, "submit", nth, AD_NET_CONNECT);
    assert_true(svc_add_fault(host->svc, "submit:reset-after:n=1", NULL, 0));
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
    assert_int_equal(svc_violation_count(host->svc), 0);
}

static void without_patience_a_network_that_is_not_there_uses_up_tries(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, 0), ANIMALDETECT_OK);
    world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_NETWORK, "after 6 attempts");
    assert_int_equal(world_count(host->world, "create"), 6);
}

static void one_connection_that_fails_among_many_holds_nothing(struct host *host)
{
    animaldetect_job *jobs[JOBS];

    host_open(host);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    for (int i = 6; i < JOBS * 5; i += 5)
        world_net(host->world, "any", i, AD_NET_CONNECT);
    start_jobs(host, jobs, JOBS);
    while (animaldetect_client_in_flight(host->client) > 0) {
        assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
        for (int i = 0; i < JOBS; i++)
            if (animaldetect_job_status(jobs[i]) != ANIMALDETECT_AGAIN)
                host_finish(host, jobs[i]);
        if (count_ended(jobs, JOBS, ANIMALDETECT_OK) < JOBS)
            host_step(host);
    }
    assert_int_equal(count_ended(jobs, JOBS, ANIMALDETECT_OK), JOBS);
}

/* Another origin of the service is gone for good: its jobs do not wait forever while the others continue. */
static void a_place_that_is_away_while_the_service_is_there_uses_up_tries(struct host *host)
{
    animaldetect_job *good;
    animaldetect_job *bad = host_image_job(host);

    assert_int_equal(host_do(host, bad, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, bad, HOST_UPLOAD), ANIMALDETECT_OK);
    for (int nth = 1; nth <= 50; nth++)
        world_net(host->world, "submit", nth, AD_NET_CONNECT);
    assert_int_equal(host_start(host, bad, HOST_RUN), ANIMALDETECT_OK);
    for (int i = 0; i < 60 && animaldetect_job_status(bad) == ANIMALDETECT_AGAIN; i++) {
        good = host_image_job(host);
        assert_int_equal(host_do(host, good, HOST_CREATE), ANIMALDETECT_OK);
        host_free(host, good);
        for (int k = 0; k < 5 && animaldetect_job_status(bad) == ANIMALDETECT_AGAIN; k++)
            host_step(host);
    }
    assert_int_equal(host_finish(host, bad), ANIMALDETECT_E_NETWORK);
    assert_in_range(world_count(host->world, "submit"), 6, 40);
}

static void a_storage_that_is_away_uses_up_tries(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_net(host->world, "upload", 0, AD_NET_CONNECT);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_NETWORK, "upload");
    assert_int_equal(host_do(host, host_image_job(host), HOST_CREATE), ANIMALDETECT_OK);
}

/* A host that pays by the megabyte does not probe with whole images. */
static void no_image_is_sent_to_look_for_a_network(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "upload", 0, 403, "Content-Type: text/html",
                 "<!DOCTYPE html><html><head><title>Blocked</title></head><body>no uploads here</body></html>");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_NETWORK, "Blocked");
    assert_in_range(world_count(host->world, "upload"), 2, 7);

    host_again(host);
    job = host_image_job(host);
    world_outage(host->world, host->net.start_ms + 60, host->net.start_ms + 100000, AD_NET_CONNECT);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(world_count(host->world, "upload"), 1, 4);
}

static void a_call_timeout_during_an_outage_says_so(struct host *host)
{
    animaldetect_job *jobs[4];

    host_open(host);
    world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
    for (int i = 0; i < 4; i++) {
        jobs[i] = host_image_job(host);
        animaldetect_job_set_call_timeout_ms(jobs[i], 20000);
        assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    for (int i = 0; i < 4; i++) {
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_E_CALL_TIMEOUT);
        assert_non_null(strstr(animaldetect_job_message(jobs[i]), "could not connect"));
    }
    assert_in_range(since_start(host), 20000, 20500);
}

static void another_network_is_probed_at_once(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    int64_t back;

    for (int how = 0; how < 2; how++) {
        host_again(host);
        job = host_image_job(host);
        assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, -1), ANIMALDETECT_OK);
        world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
        assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
        HOST_UNTIL(host, since_start(host) >= 1000000 && world_active(host->world) == 0);
        world_outage(host->world, 0, 0, AD_NET_OK);
        assert_int_equal(how == 0 ? animaldetect_client_network_changed(host->client)
                                  : animaldetect_client_resume(host->client),
                         ANIMALDETECT_OK);
        back = world_now_ms(host->world);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
        assert_in_range(world_request_of(host->world, "create", -1)->start_ms - back, 0, 10);
    }
}

/* The offline patience is that of calls: a client that had nothing to send meanwhile has used up none of it. */
static void patience_runs_only_while_a_call_waits(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
    animaldetect_job_set_call_timeout_ms(job, 10000);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_CALL_TIMEOUT);
    world_skip(host->world, 3600000);
    animaldetect_job_set_call_timeout_ms(job, -1);
    world_outage(host->world, 0, world_now_ms(host->world) + 60000, AD_NET_CONNECT);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

static void a_shorter_patience_counts_at_once(struct host *host)
{
    for (int64_t patience = 0; patience <= 1000; patience += 1000) {
        animaldetect_job *job;
        int64_t changed;

        host_again(host);
        job = host_image_job(host);
        assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, -1), ANIMALDETECT_OK);
        world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
        assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
        HOST_UNTIL(host, since_start(host) >= 600000 && world_active(host->world) == 0);
        assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NETWORK);
        assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, patience), ANIMALDETECT_OK);
        changed = world_now_ms(host->world);
        if (patience == 0)
            assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
        HOST_UNTIL(host, world_active(host->world) == 1);
        assert_in_range(world_now_ms(host->world) - changed, 0, 10);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_E_NETWORK);
        /* without offline patience the attempts remain */
        assert_in_range(world_now_ms(host->world) - changed, 0, patience == 0 ? 60000 : 1000);
    }
}

/* Two failures an hour apart are not an outage of an hour. */
static void a_failure_long_ago_uses_up_no_patience(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_net(host->world, "create", 1, AD_NET_CONNECT);
    world_net(host->world, "create", 2, AD_NET_CONNECT);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, "create") == 1 && world_active(host->world) == 0);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    world_skip(host->world, 3600000);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "create"), 3);
}

/* A thread that cancels a call in an outage leaves no iteration without a waiting call. */
static void patience_begins_anew_after_a_cancel(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_outage(host->world, 0, FOREVER, AD_NET_CONNECT);
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_NETWORK &&
                         world_active(host->world) == 0);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_E_CANCELED);
    world_skip(host->world, 3600000);
    world_outage(host->world, 0, world_now_ms(host->world) + 60000, AD_NET_CONNECT);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

/* ---- account ---- */

static int refusals(struct host *host)
{
    int refused = 0;

    for (size_t i = 0; i < world_request_count(host->world); i++)
        refused += world_request_at(host->world, i)->status == 401 || world_request_at(host->world, i)->status == 402;
    return refused;
}

static void a_refused_key_holds_creates_until_there_is_another(struct host *host)
{
    animaldetect_job *jobs[JOBS];

    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 2), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(host->client, "sk_test_revoked_0123456789"), ANIMALDETECT_OK);
    start_jobs(host, jobs, JOBS);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_ACCOUNT);
    assert_int_equal(animaldetect_client_held_until_ms(host->client), -1);
    for (int i = 0; i < 20 && world_next_ms(host->world) != AD_TIME_NEVER; i++)
        host_step(host);
    assert_in_range(refusals(host), 1, 2);
    assert_in_range(count_ended(jobs, JOBS, ANIMALDETECT_E_UNAUTHORIZED), 1, 2);
    assert_int_equal(animaldetect_client_set_api_key(host->client, HOST_KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
    for (int i = 0; i < JOBS; i++) {
        host_finish(host, jobs[i]);
        if (animaldetect_job_status(jobs[i]) == ANIMALDETECT_E_UNAUTHORIZED)
            assert_int_equal(host_do(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
    }
    assert_int_equal(count_ended(jobs, JOBS, ANIMALDETECT_OK), JOBS);
}

static void an_account_that_cannot_pay_holds_creates_and_finishes_the_rest(struct host *host)
{
    animaldetect_job *jobs[JOBS];
    animaldetect_job *first = host_image_job(host);

    assert_int_equal(animaldetect_client_set_max_requests(host->client, 4), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_CREATE), ANIMALDETECT_OK);
    for (int nth = 2; nth <= 3; nth++)
        world_answer(host->world, "create", nth, 402, NULL, "{\"error\":{\"message\":\"no credit\"}}");
    start_jobs(host, jobs, JOBS);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_ACCOUNT);
    assert_int_equal(host_do(host, first, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_ACCOUNT);
    assert_in_range(refusals(host), 1, 2);
    assert_int_equal(animaldetect_client_resume(host->client), ANIMALDETECT_OK);
    for (int i = 0; i < JOBS; i++)
        host_finish(host, jobs[i]);
    assert_in_range(count_ended(jobs, JOBS, ANIMALDETECT_OK), JOBS - 2, JOBS - 1);
}

/* 500 polls must not all ask the service whether a revoked key is still revoked. */
static void a_key_that_is_revoked_under_way_is_not_asked_about_by_each_job(struct host *host)
{
    static animaldetect_job *jobs[200];

    host->service.processing = "fixed:30000";
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 4), ANIMALDETECT_OK);
    start_jobs(host, jobs, 200);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_SUBMITS) == 200);
    svc_revoke_key(host->svc, HOST_KEY);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_ACCOUNT);
    while (world_next_ms(host->world) != AD_TIME_NEVER && since_start(host) < 3600000)
        host_step(host);
    assert_in_range(refusals(host), 3, 7);
    svc_add_key(host->svc, "sk_test_second_0123456789", 0);
    assert_int_equal(animaldetect_client_set_api_key(host->client, "sk_test_second_0123456789"), ANIMALDETECT_OK);
    for (int i = 0; i < 200; i++) {
        host_finish(host, jobs[i]);
        if (animaldetect_job_status(jobs[i]) == ANIMALDETECT_E_UNAUTHORIZED)
            assert_int_equal(host_do(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_status(jobs[i]), ANIMALDETECT_OK);
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 200);
}

/* Rejected, but for a key that the client has replaced since. */
static void a_refusal_of_the_key_before_is_no_refusal(struct host *host)
{
    for (int route = 0; route < 4; route++) {
        static const char *const routes[] = {"create", "submit", "poll", "fetch"};
        animaldetect_job *job;

        host_again(host);
        world_answer(host->world, routes[route], 1, 401, NULL, "{\"error\":\"unknown key\"}");
        job = host_image_job(host);
        assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
        HOST_UNTIL(host, world_count(host->world, routes[route]) == 1);
        assert_int_equal(animaldetect_client_set_api_key(host->client, HOST_KEY), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        assert_int_equal(world_count(host->world, "submit"), route == 1 ? 2 : 1);
    }
}

/* It was on the wire when the hold started, and waits afterwards. */
static void a_blocking_call_that_comes_to_wait_in_a_hold_is_refused(struct host *host)
{
    animaldetect_job *other = host_image_job(host);
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "create", 1, 401, NULL, "{\"error\":\"unknown key\"}");
    world_answer(host->world, "create", 2, 503, NULL, "");
    assert_int_equal(host_start(host, other, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_UNAUTHORIZED);
    assert_non_null(strstr(animaldetect_job_message(job), "nothing was sent"));
    assert_int_equal(host_finish(host, other), ANIMALDETECT_E_UNAUTHORIZED);
    assert_int_equal(world_count(host->world, "create"), 2);
}

/* A program with one thread and blocking calls must not hang in its second image. */
static void a_blocking_call_is_refused_instead_of_waiting_for_its_own_thread(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *next = host_image_job(host);

    world_answer(host->world, "create", 1, 401, NULL, "{\"error\":\"unknown key\"}");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_UNAUTHORIZED);
    assert_int_equal(animaldetect_job_run(next), ANIMALDETECT_E_UNAUTHORIZED);
    assert_non_null(strstr(animaldetect_job_message(next), "nothing was sent"));
    assert_int_equal(world_count(host->world, "create"), 1);
    /* a minute later it probes for all: waiting requests of other calls continue */
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    world_skip(host->world, 61000);
    assert_int_equal(animaldetect_job_run(next), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
}

/* A probe must not queue behind requests that wait for its response. */
static void who_asks_again_passes_all_that_wait(struct host *host)
{
    for (int32_t priority = -1; priority <= 1; priority++) {
        animaldetect_job *jobs[4];
        animaldetect_job *asks;

        host_again(host);
        asks = host_image_job(host);
        assert_int_equal(animaldetect_job_set_priority(asks, priority), ANIMALDETECT_OK);
        world_answer(host->world, "create", 1, 402, NULL, "{\"error\":\"no credit\"}");
        assert_int_equal(host_do(host, asks, HOST_RUN), ANIMALDETECT_E_PAYMENT_REQUIRED);
        for (int i = 0; i < 4; i++) {
            jobs[i] = host_image_job(host);
            assert_int_equal(animaldetect_job_set_priority(jobs[i], i % 3 - 1), ANIMALDETECT_OK);
            assert_int_equal(host_start(host, jobs[i], HOST_RUN), ANIMALDETECT_OK);
        }
        for (int i = 0; i < 20 && world_next_ms(host->world) != AD_TIME_NEVER; i++)
            host_step(host);
        assert_int_equal(world_count(host->world, "create"), 1);
        assert_int_equal(host_start(host, asks, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_priority(asks, priority + 1), ANIMALDETECT_OK);
        assert_int_equal(host_start(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(host_finish(host, asks), ANIMALDETECT_OK);
        finish_jobs(host, jobs, 4, ANIMALDETECT_OK);
    }
}

/* It waits after the hold has started, behind a call that no thread blocks in. */
static void a_thread_is_told_wherever_its_call_stands(struct host *host)
{
    animaldetect_job *refused = host_image_job(host);
    animaldetect_job *waits = host_image_job(host);

    world_answer(host->world, "create", 1, 402, NULL, "{\"error\":\"no credit\"}");
    world_answer(host->world, "create", 2, 503, "Retry-After: 5", "");
    world_answer(host->world, "create", 3, 503, "Retry-After: 10", "");
    assert_int_equal(host_start(host, refused, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_start(host, waits, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(host_image_job(host)), ANIMALDETECT_E_PAYMENT_REQUIRED);
    assert_int_equal(world_count(host->world, "create"), 3);
    assert_int_equal(host_finish(host, refused), ANIMALDETECT_E_PAYMENT_REQUIRED);
    assert_int_equal(animaldetect_client_resume(host->client), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, waits), ANIMALDETECT_OK);
}

/* The key may poll but not create: a successful poll does not predict the next create. */
static void a_good_poll_does_not_let_refused_creates_go(struct host *host)
{
    static animaldetect_job *jobs[200];

    host->service.processing = "fixed:30000";
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
    for (int nth = 20; nth <= 200; nth++)
        world_answer(host->world, "create", nth, 401, NULL, "{\"error\":\"no such right\"}");
    start_jobs(host, jobs, 200);
    while (world_next_ms(host->world) != AD_TIME_NEVER && since_start(host) < 3600000)
        host_step(host);
    assert_int_equal(refusals(host), 1);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_ACCOUNT);
    assert_in_range(count_ended(jobs, 200, ANIMALDETECT_OK), 19, 19);
    assert_int_equal(animaldetect_client_stop(host->client), ANIMALDETECT_OK);
    for (int i = 0; i < 200; i++)
        host_finish(host, jobs[i]);
}

/* These jobs take all the room that the quota leaves for images, and wait for the probe's response. */
static void who_asks_again_needs_no_room(struct host *host)
{
    animaldetect_job *jobs[JOBS];

    host->service.processing = "fixed:60000";
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 4), ANIMALDETECT_OK);
    start_jobs(host, jobs, JOBS);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_SUBMITS) == JOBS);
    assert_int_equal(animaldetect_client_set_rate_limit(host->client, 60, 0), ANIMALDETECT_OK);
    svc_revoke_key(host->svc, HOST_KEY);
    while (world_next_ms(host->world) != AD_TIME_NEVER && since_start(host) < 3600000)
        host_step(host);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_ACCOUNT);
    world_skip(host->world, 61000);
    assert_int_equal(animaldetect_job_run(host_image_job(host)), ANIMALDETECT_E_UNAUTHORIZED);
    assert_int_equal(world_count(host->world, "create"), JOBS + 1);
    svc_add_key(host->svc, "sk_test_second_0123456789", 0);
    assert_int_equal(animaldetect_client_set_api_key(host->client, "sk_test_second_0123456789"), ANIMALDETECT_OK);
    for (int i = 0; i < JOBS; i++)
        host_finish(host, jobs[i]);
}

/* ---- the service ---- */

static void a_retry_after_of_days_is_probed(struct host *host)
{
    static const char *const headers[] = {"Retry-After: 413999", "Retry-After: Fri, 31 Dec 2100 23:59:59 GMT"};

    for (int i = 0; i < 4; i++) {
        animaldetect_job *jobs[JOBS];
        int32_t status = i < 2 ? 429 : 503;
        int refused = 0;

        host_again(host);
        world_answer(host->world, "create", 1, status, headers[i % 2], "");
        world_answer(host->world, "create", 2, status, headers[i % 2], "");
        assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
        start_jobs(host, jobs, JOBS);
        HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) != ANIMALDETECT_HOLD_NONE);
        assert_int_equal(animaldetect_client_hold_reason(host->client),
                         status == 429 ? ANIMALDETECT_HOLD_RATE_LIMIT : ANIMALDETECT_HOLD_SERVICE);
        assert_in_range(animaldetect_client_held_until_ms(host->client), world_wall_ms(host->world) + 590000,
                        world_wall_ms(host->world) + 601000);
        finish_jobs(host, jobs, JOBS, ANIMALDETECT_OK);
        for (size_t k = 0; k < world_request_count(host->world); k++)
            refused += world_request_at(host->world, k)->status == status;
        assert_int_equal(refused, 2);
        /* two probes, ten minutes apart */
        assert_in_range(since_start(host), 1200000, 3600000);
        assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_NONE);
    }
}

static void a_probe_with_a_shorter_retry_after_waits_for_less(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_set_max_retry_after_ms(host->client, 60000), ANIMALDETECT_OK);
    world_answer(host->world, "create", 1, 429, "Retry-After: 80000", "");
    world_answer(host->world, "create", 2, 429, "Retry-After: 5", "");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(world_request_of(host->world, "create", 2)->start_ms - host->net.start_ms, 60000, 61000);
    assert_in_range(world_request_of(host->world, "create", 3)->start_ms - host->net.start_ms, 65000, 67000);
}

/* There is time for a probe, although not for the whole wait. */
static void a_call_timeout_behind_the_next_probe_ends_nothing(struct host *host)
{
    for (int32_t status = 429; status <= 503; status += 503 - 429) {
        animaldetect_job *job;

        host_again(host);
        job = host_image_job(host);
        assert_int_equal(animaldetect_client_set_max_retry_after_ms(host->client, 60000), ANIMALDETECT_OK);
        animaldetect_job_set_call_timeout_ms(job, 600000);
        world_answer(host->world, "create", 1, status, "Retry-After: 80000", "");
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_in_range(since_start(host), 60000, 100000);
    }
}

/* The successful response to a request that was sent before the service asked clients to wait. */
static void an_answer_from_before_ends_no_wait(struct host *host)
{
    animaldetect_job *jobs[5];

    host->net.latency_ms = 8000;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_retry_after_ms(host->client, 3000), ANIMALDETECT_OK);
    world_answer(host->world, "create", 1, 429, "Retry-After: 80000", "");
    world_answer(host->world, "create", 2, 429, "Retry-After: 80000", "");
    start_jobs(host, jobs, 1);
    HOST_UNTIL(host, world_active(host->world) == 1);
    world_skip(host->world, 6000);
    jobs[1] = host_image_job(host);
    assert_int_equal(host_start(host, jobs[1], HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_active(host->world) == 2);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_RATE_LIMIT);
    start_jobs(host, jobs + 2, 3);
    /* the first is polled before the second gets its response */
    HOST_UNTIL(host, world_count(host->world, "create") == 3);
    assert_int_equal(world_request_of(host->world, "create", 2)->end_ms, -1);
    HOST_UNTIL(host, world_request_of(host->world, "create", 3)->end_ms >= 0);
    assert_true(world_request_of(host->world, "create", 2)->end_ms >= 0);
    assert_int_equal(world_request_of(host->world, "create", 3)->status, 201);
    assert_int_equal(animaldetect_client_hold_reason(host->client), ANIMALDETECT_HOLD_RATE_LIMIT);
    finish_jobs(host, jobs, 5, ANIMALDETECT_OK);
}

/*
 * The network fails while the API waits for a day: uploads probe the network, and the service's wait is probed as
 * before.
 */
static void an_outage_within_a_wait_is_noticed_to_end(struct host *host)
{
    animaldetect_job *jobs[4];

    host_open(host);
    world_answer(host->world, "create", 4, 429, "Retry-After: 80000", "");
    start_jobs(host, jobs, 4);
    HOST_UNTIL(host, world_count(host->world, "create") == 4);
    world_outage(host->world, 0, world_now_ms(host->world) + 60000, AD_NET_CONNECT);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_NETWORK);
    HOST_UNTIL(host, svc_count(host->svc, SVC_COUNT_UPLOADS) == 3);
    assert_in_range(since_start(host), 60000, 140000);
    finish_jobs(host, jobs, 4, ANIMALDETECT_OK);
    assert_in_range(since_start(host), 600000, 700000);
}

static void a_retry_after_uses_up_no_attempts(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
    for (int nth = 1; nth <= 20; nth++)
        world_answer(host->world, "create", nth, nth % 2 == 0 ? 429 : 503, "Retry-After: 40", "");
    for (int nth = 1; nth <= 20; nth++)
        world_answer(host->world, "poll", nth, nth % 2 == 0 ? 429 : 503, "Retry-After: 40", "");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_in_range(since_start(host), 40 * 40000, 50 * 40000);
}

/* The response to a submit, which may have had its effect, asked for the wait. */
static void a_submit_that_met_a_busy_service_asks_first(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    host_fault(host, "submit:503:after_effect=1:n=1:retry_after=100");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 1);
    assert_in_range(since_start(host), 100000, 140000);
}

static void a_short_wait_of_a_busy_service_holds_one_call_only(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "create", 1, 503, "Retry-After: 20", "");
    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, "create") == 1 && world_active(host->world) == 0);
    assert_int_equal(host_do(host, host_image_job(host), HOST_CREATE), ANIMALDETECT_OK);
    assert_in_range(since_start(host), 0, 15000);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void a_call_timeout_names_what_was_waited_for(struct host *host)
{
    animaldetect_job *first;
    animaldetect_job *second;

    host_open(host);
    first = host_image_job(host);
    second = host_image_job(host);
    assert_int_equal(animaldetect_client_set_max_requests(host->client, 1), ANIMALDETECT_OK);
    world_answer(host->world, "create", 0, 429, "Retry-After: 413999", "");
    animaldetect_job_set_call_timeout_ms(second, 5000);
    assert_int_equal(host_start(host, first, HOST_RUN), ANIMALDETECT_OK);
    HOST_UNTIL(host, animaldetect_client_hold_reason(host->client) == ANIMALDETECT_HOLD_RATE_LIMIT);
    assert_int_equal(host_do(host, second, HOST_RUN), ANIMALDETECT_E_CALL_TIMEOUT);
    host_expect(host, second, ANIMALDETECT_E_CALL_TIMEOUT, "a wait requested by the service");
    animaldetect_job_cancel(first);
    host_finish(host, first);

    host->service.processing = "fixed:600000";
    host_again(host);
    first = host_image_job(host);
    animaldetect_job_set_call_timeout_ms(first, 30000);
    assert_int_equal(host_do(host, first, HOST_RUN), ANIMALDETECT_E_CALL_TIMEOUT);
    host_expect(host, first, ANIMALDETECT_E_CALL_TIMEOUT, "the job is \"queued\"");
}

static void settings_of_holds_have_their_ranges(struct host *host)
{
    static const int64_t bad_patience[] = {-2, INT64_MIN, INT64_C(2592000001), INT64_MAX};
    static const int64_t bad_timeout[] = {-2, 0, 1, 999, INT64_C(2592000001), INT64_MAX, INT64_MIN};
    static const int64_t bad_wait[] = {-1, 0, 999, 86400001, INT64_MAX, INT64_MIN};

    host_open(host);
    for (size_t i = 0; i < sizeof bad_patience / sizeof bad_patience[0]; i++)
        assert_int_equal(animaldetect_client_set_offline_patience_ms(host->client, bad_patience[i]),
                         ANIMALDETECT_E_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof bad_timeout / sizeof bad_timeout[0]; i++)
        assert_int_equal(animaldetect_client_set_processing_timeout_ms(host->client, bad_timeout[i]),
                         ANIMALDETECT_E_INVALID_ARGUMENT);
    for (size_t i = 0; i < sizeof bad_wait / sizeof bad_wait[0]; i++)
        assert_int_equal(animaldetect_client_set_max_retry_after_ms(host->client, bad_wait[i]),
                         ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_set_processing_timeout_ms(host->client, -1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_hold_reason(NULL), ANIMALDETECT_HOLD_NONE);
    assert_int_equal(animaldetect_client_held_until_ms(NULL), 0);
    assert_int_equal(animaldetect_client_resume(NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(an_outage_only_delays),
        SCENARIO(an_outage_that_comes_back_only_delays),
        SCENARIO(the_patience_ends_and_each_call_says_why),
        SCENARIO(a_clock_before_2020_is_named_where_certificates_are_refused),
        SCENARIO(patience_without_end_outlasts_days),
        SCENARIO(a_probe_that_breaks_off_is_a_probe_that_failed),
        SCENARIO(a_submit_that_breaks_off_as_a_probe_asks_first),
        SCENARIO(without_patience_a_network_that_is_not_there_uses_up_tries),
        SCENARIO(one_connection_that_fails_among_many_holds_nothing),
        SCENARIO(a_place_that_is_away_while_the_service_is_there_uses_up_tries),
        SCENARIO(a_storage_that_is_away_uses_up_tries),
        SCENARIO(no_image_is_sent_to_look_for_a_network),
        SCENARIO(a_call_timeout_during_an_outage_says_so),
        SCENARIO(another_network_is_probed_at_once),
        SCENARIO(patience_runs_only_while_a_call_waits),
        SCENARIO(a_shorter_patience_counts_at_once),
        SCENARIO(a_failure_long_ago_uses_up_no_patience),
        SCENARIO(patience_begins_anew_after_a_cancel),
        SCENARIO(a_refused_key_holds_creates_until_there_is_another),
        SCENARIO(an_account_that_cannot_pay_holds_creates_and_finishes_the_rest),
        SCENARIO(a_key_that_is_revoked_under_way_is_not_asked_about_by_each_job),
        SCENARIO(a_refusal_of_the_key_before_is_no_refusal),
        SCENARIO(a_blocking_call_that_comes_to_wait_in_a_hold_is_refused),
        SCENARIO(a_blocking_call_is_refused_instead_of_waiting_for_its_own_thread),
        SCENARIO(who_asks_again_passes_all_that_wait),
        SCENARIO(a_thread_is_told_wherever_its_call_stands),
        SCENARIO(a_good_poll_does_not_let_refused_creates_go),
        SCENARIO(who_asks_again_needs_no_room),
        SCENARIO(a_retry_after_of_days_is_probed),
        SCENARIO(a_probe_with_a_shorter_retry_after_waits_for_less),
        SCENARIO(a_call_timeout_behind_the_next_probe_ends_nothing),
        SCENARIO(an_answer_from_before_ends_no_wait),
        SCENARIO(an_outage_within_a_wait_is_noticed_to_end),
        SCENARIO(a_retry_after_uses_up_no_attempts),
        SCENARIO(a_submit_that_met_a_busy_service_asks_first),
        SCENARIO(a_short_wait_of_a_busy_service_holds_one_call_only),
        SCENARIO(a_call_timeout_names_what_was_waited_for),
    };
    static const struct host_scenario once[] = {SCENARIO(settings_of_holds_have_their_ranges)};

    return HOST_MAIN(list) + HOST_MAIN_ONCE(once);
}
