/* SPDX-License-Identifier: MIT */
/*
 * What the service already knows: replays in every state, expired upload URLs, submits whose response was lost, unknown
 * states, and jobs that fail or expire.
 */
#include "engine/harness.h"

/* A second handle with the same payload as the first image job of the world. */
static animaldetect_job *twin(struct host *host)
{
    animaldetect_job *job = host_job(host, ANIMALDETECT_OPERATION_DETECT);
    uint8_t *image = host_image(2000, 1);

    animaldetect_job_set_client_reference_id(job, "image-1");
    animaldetect_job_set_bytes(job, image, 2000);
    free(image);
    return job;
}

static const char *const STATES[] = {"awaiting_upload", "queued", "running", "succeeded"};

static void a_replay_goes_on_from_the_state_that_the_job_is_in(struct host *host)
{
    for (size_t i = 0; i < 4; i++) {
        animaldetect_job *first;
        animaldetect_job *second;

        host_again(host);
        first = host_image_job(host);
        assert_int_equal(host_do(host, first, HOST_CREATE), ANIMALDETECT_OK);
        if (i > 0) {
            assert_int_equal(host_do(host, first, HOST_UPLOAD), ANIMALDETECT_OK);
            assert_int_equal(host_do(host, first, HOST_SUBMIT), ANIMALDETECT_OK);
            world_skip(host->world, i == 1 ? 10 : i == 2 ? 2000 : 4000);
        }
        assert_string_equal(svc_job_state(host->svc, svc_job_id(host->svc, 0), world_wall_ms(host->world)), STATES[i]);
        host_free(host, first);
        second = twin(host);
        assert_int_equal(host_do(host, second, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
        assert_int_equal(host_stat(host, ANIMALDETECT_STAT_REPLAYS), 1);
        if (i == 3)
            assert_int_equal(world_count(host->world, "poll"), 0);
    }
}

static void a_replay_of_a_failed_or_expired_job_says_so(struct host *host)
{
    static const char *const states[] = {"failed", "expired"};

    for (size_t i = 0; i < 2; i++) {
        animaldetect_job *job;

        host_again(host);
        assert_int_equal(host_do(host, host_image_job(host), HOST_CREATE), ANIMALDETECT_OK);
        svc_job_force_state(host->svc, svc_job_id(host->svc, 0), states[i], "bad_image", "cannot be decoded");
        job = twin(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, i == 0 ? ANIMALDETECT_E_JOB_FAILED : ANIMALDETECT_E_JOB_EXPIRED,
                    " (in an earlier run; use a rerun to start a new one)");
        assert_int_equal(strstr(animaldetect_job_message(job), "cannot be decoded") != NULL, i == 0);
        assert_int_equal(world_count(host->world, "upload"), 0);
        job = host_image_job(host);
        assert_int_equal(animaldetect_job_set_rerun(job, 1), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 2);
    }
}

/*
 * The final state in a replay, after a fresh upload URL was requested, is the job's own and not that of an earlier run.
 */
static void the_end_of_this_run_is_not_called_an_earlier_one(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    svc_expire_all_uploads(host->svc);
    svc_job_force_state(host->svc, svc_job_id(host->svc, 0), "expired", NULL, NULL);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_JOB_EXPIRED, NULL);
    assert_int_equal(world_count(host->world, "create"), 2);
    assert_null(strstr(animaldetect_job_message(job), "earlier"));
}

static void an_expired_upload_url_is_refreshed_under_the_same_key(struct host *host)
{
    for (int form = 0; form < 2; form++) {
        animaldetect_job *job;

        host_close(host);
        host->service.expired_as_403 = form == 1;
        host_open(host);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        svc_expire_all_uploads(host->svc);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_REPLAYS), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS_EXPIRED), 1);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_UPLOADS), 1);
    }
}

static void an_upload_url_that_expires_by_itself_is_refreshed_too(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    world_skip(host->world, 3600000);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void without_a_fresh_upload_url_the_call_fails(struct host *host)
{
    static const enum svc_replay_form forms[] = {SVC_REPLAY_STALE, SVC_REPLAY_NO_UPLOAD};

    for (size_t i = 0; i < 2; i++) {
        animaldetect_job *job;

        host_close(host);
        host->service.replay = forms[i];
        host_open(host);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
        svc_expire_all_uploads(host->svc);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_UPLOAD_EXPIRED, NULL);
        assert_true(world_count(host->world, "create") <= 6);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
}

static void the_message_of_an_expired_signature_names_its_time(struct host *host)
{
    animaldetect_job *job;

    host->service.replay = SVC_REPLAY_STALE;
    host_open(host);
    world_answer(host->world, "upload", 0, 403, NULL,
                 "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired</Message>"
                 "<Details>The signature expired at 2026-06-17T13:15:00.000Z</Details></Error>");
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_UPLOAD_EXPIRED,
                "upload: storage answered 403 (signature expired at 13:15:00Z) after ");
    host_expect(host, job, ANIMALDETECT_E_UPLOAD_EXPIRED, animaldetect_job_id(job));
}

static void a_submit_whose_answer_was_lost_asks_first(struct host *host)
{
    static const char *const faults[] = {"submit:reset-after:n=1", "submit:503:after_effect=1:n=1",
                                         "submit:stall:after_effect=1:n=1", "submit:truncate:n=1"};

    for (size_t i = 0; i < 4; i++) {
        animaldetect_job *job;

        host_again(host);
        host_fault(host, faults[i]);
        job = host_image_job(host);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
        assert_int_equal(world_count(host->world, "submit"), 1);
        assert_int_equal(svc_violation_count_of(host->svc, "double_submit"), 0);
    }
}

static void a_submit_that_had_no_effect_is_made_again_after_asking(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "submit:reset-before:n=1");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 2);
    assert_true(world_request_of(host->world, "poll", 1)->start_ms <
                world_request_of(host->world, "submit", 2)->start_ms);
}

static void a_submit_that_was_made_by_somebody_else_is_no_error(struct host *host)
{
    animaldetect_job *first = host_image_job(host);
    animaldetect_job *second;

    host_close(host);
    host->service.shared_jobs = true;
    host_open(host);
    first = host_image_job(host);
    second = twin(host);
    assert_int_equal(host_do(host, first, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, second, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
}

static void a_host_that_allows_one_try_may_still_ask_after_a_refused_submit(struct host *host)
{
    animaldetect_job *first;
    animaldetect_job *second;

    host->service.shared_jobs = true;
    host_open(host);
    assert_int_equal(animaldetect_client_set_max_tries(host->client, 1), ANIMALDETECT_OK);
    first = host_image_job(host);
    second = twin(host);
    assert_int_equal(host_do(host, first, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_UPLOAD), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, second, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, first, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "submit"), 2);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_SUBMITS), 1);
}

static void an_image_that_the_service_lost_is_uploaded_again(struct host *host)
{
    animaldetect_job *job;

    /* The storage responds 200 but has nothing; the submit then gets 400 upload_missing. */
    host->violations_expected = true;
    host_open(host);
    world_answer(host->world, "upload", 1, 200, NULL, "");
    world_rewrite(host->world, "submit", 1, "upload_missing", "invalid_state");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "upload"), 2);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

/* A portal answers the upload with a page, and the service then reports that the upload is missing. */
static void a_page_that_answers_an_upload_loses_no_image(struct host *host)
{
    animaldetect_job *job;

    host->violations_expected = true;
    host_open(host);
    world_answer(host->world, "upload", 1, 200, "Content-Type: text/html", "<html><title>Sign in</title></html>");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "upload"), 2);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void a_state_word_of_tomorrow_means_not_finished(struct host *host)
{
    animaldetect_job *job;

    host->service.odd_status = "paused_by_moon";
    host->service.odd_status_ms = 20000;
    host_open(host);
    job = host_image_job(host);
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, animaldetect_job_polls(job) == 1);
    assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_OTHER);
    assert_string_equal(animaldetect_job_state_text(job), "paused_by_moon");
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void a_word_of_tomorrow_ends_at_the_call_timeout_only(struct host *host)
{
    animaldetect_job *job;

    host->service.odd_status = "paused_by_moon";
    host->service.odd_status_ms = INT64_C(86400000);
    host->service.processing = "fixed:86400000";
    host_open(host);
    host->violations_expected = true; /* the library fetches in a state that the model knows as unfinished */
    job = host_image_job(host);
    animaldetect_job_set_call_timeout_ms(job, 3600000);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_CALL_TIMEOUT, NULL);
}

static void fields_of_tomorrow_are_no_error_and_stay_in_the_raw_json(struct host *host)
{
    animaldetect_result *result = NULL;
    animaldetect_job *job;

    host->service.extra_fields = true;
    host->service.old_info = true;
    host_open(host);
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_null(animaldetect_result_model_id(result));
    assert_non_null(animaldetect_result_model_version(result));
    animaldetect_result_free(result);
}

static void a_failed_job_carries_the_services_reason(struct host *host)
{
    animaldetect_job *job;

    host->service.fail_probability = 1;
    host_open(host);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_JOB_FAILED, "the image could not be decoded");
    assert_int_equal(animaldetect_job_state(job), ANIMALDETECT_STATE_FAILED);
    assert_int_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_FINISHED);
    assert_string_equal(animaldetect_job_service_code(job), "processing_failed");
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_JOBS_FAILED), 1);
    /* A final state is not polled again. */
    int polls = world_count(host->world, "poll");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_JOB_FAILED, "the image could not be decoded");
    assert_int_equal(world_count(host->world, "poll"), polls);
    assert_int_equal(host_do(host, job, HOST_FETCH), ANIMALDETECT_E_JOB_FAILED);
}

static void an_expired_job_says_so(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, animaldetect_job_stage(job) == ANIMALDETECT_STAGE_SUBMITTED);
    svc_job_force_state(host->svc, animaldetect_job_id(job), "expired", NULL, NULL);
    host_finish(host, job);
    host_expect(host, job, ANIMALDETECT_E_JOB_EXPIRED, NULL);
    assert_int_equal(host_stat(host, ANIMALDETECT_STAT_JOBS_EXPIRED), 1);
}

static void a_result_that_lags_behind_the_status_is_asked_for_again(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_answer(host->world, "fetch", 1, 409, NULL, "{\"error\":{\"code\":\"not_ready\",\"message\":\"soon\"}}");
    world_answer(host->world, "fetch", 2, 409, NULL, "");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "fetch"), 3);
}

static void a_key_in_use_is_waited_for_and_a_key_with_another_payload_is_final(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_job *other;

    world_answer(host->world, "create", 1, 409, NULL, "{\"error\":{\"code\":\"idempotency_in_progress\"}}");
    assert_int_equal(animaldetect_job_set_idempotency_key(job, "camera-a-1"), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(animaldetect_job_idempotency_key(job), "camera-a-1");
    other = host_image_job(host);
    animaldetect_job_set_idempotency_key(other, "camera-a-1");
    host_do(host, other, HOST_RUN);
    host_expect(host, other, ANIMALDETECT_E_CONFLICT, "different payload");
    assert_int_equal(svc_count(host->svc, SVC_COUNT_CONFLICTS), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
}

static void a_rerun_is_another_job_and_the_same_number_finds_it_again(struct host *host)
{
    static const int32_t numbers[] = {0, 1, 1, 2, 0};

    host->service.allow_equal_payloads = true;
    host_open(host);
    for (size_t i = 0; i < 5; i++) {
        animaldetect_job *job = twin(host);

        assert_int_equal(animaldetect_job_set_rerun(job, numbers[i]), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    }
    assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 3);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_REPLAYS), 2);
}

/* Each step that reads a job: a response about another job leaves ours unchanged, and the next run polls ours. */
static void an_answer_about_another_job_is_used_by_no_step(struct host *host)
{
    static const struct {
        const char *route;
        int status;
        const char *body;
    } rows[] = {
        {"submit", 200, "{\"job_id\":\"another\",\"status\":\"succeeded\"}"},
        {"submit", 202, "{\"job_id\":\"another\",\"status\":\"failed\",\"error\":{\"message\":\"not ours\"}}"},
        {"poll", 200, "{\"job_id\":\"another\",\"status\":\"succeeded\"}"},
        {"poll", 200, "{\"job_id\":\"another\",\"status\":\"expired\"}"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        animaldetect_job *job;

        host_again(host);
        world_answer(host->world, rows[i].route, 1, rows[i].status, NULL, rows[i].body);
        job = host_image_job(host);
        if (strcmp(rows[i].route, "submit") == 0) {
            host_do(host, job, HOST_RUN);
            host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "the response is for a different job id");
            assert_int_not_equal(animaldetect_job_stage(job), ANIMALDETECT_STAGE_FINISHED);
        }
        assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK); /* a poll is repeated by itself */
        assert_true(world_count(host->world, "poll") >= 2 || strcmp(rows[i].route, "submit") == 0);
        assert_int_equal(svc_count(host->svc, SVC_COUNT_JOBS), 1);
    }
}

static void a_replay_that_names_another_job_than_ours_is_refused(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "upload:400:code=ExpiredToken:n=1");
    world_answer(host->world, "create", 2, 200, NULL,
                 "{\"job_id\":\"another\",\"status\":\"succeeded\","
                 "\"status_url\":\"https://api.animaldetect.com/v1/jobs/another\","
                 "\"result_url\":\"https://api.animaldetect.com/v1/jobs/another/result\"}");
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_PROTOCOL, "the response is for a different job id");
    assert_string_equal(animaldetect_job_id(job), svc_job_id(host->svc, 0));
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_replay_goes_on_from_the_state_that_the_job_is_in),
        SCENARIO(a_replay_of_a_failed_or_expired_job_says_so),
        SCENARIO(the_end_of_this_run_is_not_called_an_earlier_one),
        SCENARIO(an_expired_upload_url_is_refreshed_under_the_same_key),
        SCENARIO(an_upload_url_that_expires_by_itself_is_refreshed_too),
        SCENARIO(without_a_fresh_upload_url_the_call_fails),
        SCENARIO(the_message_of_an_expired_signature_names_its_time),
        SCENARIO(a_submit_whose_answer_was_lost_asks_first),
        SCENARIO(a_submit_that_had_no_effect_is_made_again_after_asking),
        SCENARIO(a_submit_that_was_made_by_somebody_else_is_no_error),
        SCENARIO(a_host_that_allows_one_try_may_still_ask_after_a_refused_submit),
        SCENARIO(an_image_that_the_service_lost_is_uploaded_again),
        SCENARIO(a_page_that_answers_an_upload_loses_no_image),
        SCENARIO(a_state_word_of_tomorrow_means_not_finished),
        SCENARIO(a_word_of_tomorrow_ends_at_the_call_timeout_only),
        SCENARIO(fields_of_tomorrow_are_no_error_and_stay_in_the_raw_json),
        SCENARIO(a_failed_job_carries_the_services_reason),
        SCENARIO(an_expired_job_says_so),
        SCENARIO(a_result_that_lags_behind_the_status_is_asked_for_again),
        SCENARIO(a_key_in_use_is_waited_for_and_a_key_with_another_payload_is_final),
        SCENARIO(a_rerun_is_another_job_and_the_same_number_finds_it_again),
        SCENARIO(an_answer_about_another_job_is_used_by_no_step),
        SCENARIO(a_replay_that_names_another_job_than_ours_is_refused),
    };

    return HOST_MAIN(list);
}
