/* SPDX-License-Identifier: MIT */
/*
 * Which calls are allowed when: none from inside a callback (E_REENTRANT), none in a forked child (E_FORKED), never two
 * calls on one job, and steps only in order.
 */
#include "engine/harness.h"
#include "kit/message.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static animaldetect_job *probe_job;
static const char *probe_wrong;
static int32_t probe_wanted;
static int probe_runs;

#define PROBE(call)                                                                                                    \
    do {                                                                                                               \
        if ((call) != probe_wanted)                                                                                    \
            probe_wrong = #call;                                                                                       \
    } while (0)

static void probe_client(animaldetect_client *client)
{
    animaldetect_job *out = NULL;
    int64_t number = 0;

    PROBE(animaldetect_client_set_api_key(client, "sk_test_other"));
    PROBE(animaldetect_client_set_base_url(client, "https://a.example"));
    PROBE(animaldetect_client_add_trusted_origin(client, "https://a.example"));
    PROBE(animaldetect_client_set_ca_pem(client, "-----BEGIN CERTIFICATE-----", 27));
    PROBE(animaldetect_client_set_proxy(client, ""));
    PROBE(animaldetect_client_set_user_agent(client, "a"));
    PROBE(animaldetect_client_set_connect_timeout_ms(client, 1));
    PROBE(animaldetect_client_set_stall_timeout_ms(client, 1));
    PROBE(animaldetect_client_set_request_timeout_ms(client, 1));
    PROBE(animaldetect_client_set_max_requests(client, 1));
    PROBE(animaldetect_client_set_rate_limit(client, 1, 1));
    PROBE(animaldetect_client_set_max_tries(client, 1));
    PROBE(animaldetect_client_set_poll_mode(client, 0));
    PROBE(animaldetect_client_set_poll_bounds_ms(client, 10, 10));
    PROBE(animaldetect_client_set_allow_insecure_http(client, 1));
    PROBE(animaldetect_client_set_checksum_field(client, "a"));
    PROBE(animaldetect_client_set_max_image_bytes(client, 1));
    PROBE(animaldetect_client_set_max_answer_bytes(client, 1024));
    PROBE(animaldetect_client_set_log(client, 0, NULL, NULL, NULL));
    PROBE(animaldetect_client_fd(client));
    PROBE(animaldetect_client_process(client));
    PROBE(animaldetect_client_next_done(client, &out));
    PROBE((int32_t)animaldetect_client_timeout_ms(client));
    PROBE(animaldetect_client_wait(client, 0));
    PROBE(animaldetect_client_wakeup(client));
    PROBE((int32_t)animaldetect_client_in_flight(client));
    PROBE(animaldetect_client_statistic(client, 0, &number));
    PROBE(animaldetect_client_latency_ms(client, 0, 0.5, &number));
    PROBE(animaldetect_job_new(client, "detect", &out));
    PROBE(animaldetect_job_restore(client, "{}", 2, &out));
    PROBE(animaldetect_job_attach(client, "a", &out));
}

static void probe_calls(animaldetect_job *job)
{
    char *text = NULL;

    PROBE(animaldetect_job_create(job));
    PROBE(animaldetect_job_create_async(job));
    PROBE(animaldetect_job_upload(job));
    PROBE(animaldetect_job_upload_async(job));
    PROBE(animaldetect_job_submit(job));
    PROBE(animaldetect_job_submit_async(job));
    PROBE(animaldetect_job_poll(job));
    PROBE(animaldetect_job_poll_async(job));
    PROBE(animaldetect_job_fetch(job));
    PROBE(animaldetect_job_fetch_async(job));
    PROBE(animaldetect_job_run(job));
    PROBE(animaldetect_job_run_async(job));
    PROBE(animaldetect_job_wait(job, 0));
    PROBE(animaldetect_job_cancel(job));
    PROBE(animaldetect_job_save(job, &text, NULL));
}

static void probe_setters(animaldetect_job *job)
{
    PROBE(animaldetect_job_set_file(job, "a"));
    PROBE(animaldetect_job_set_bytes(job, "a", 1));
    PROBE(animaldetect_job_set_bytes_borrowed(job, "a", 1, NULL, NULL));
    PROBE(animaldetect_job_set_source_url(job, "https://a.example"));
    PROBE(animaldetect_job_set_filename(job, "a"));
    PROBE(animaldetect_job_set_content_type(job, "a/b"));
    PROBE(animaldetect_job_set_sha256(job, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
    PROBE(animaldetect_job_set_client_reference_id(job, "a"));
    PROBE(animaldetect_job_set_idempotency_key(job, "a"));
    PROBE(animaldetect_job_set_rerun(job, 1));
    PROBE(animaldetect_job_set_call_timeout_ms(job, 1));
    PROBE(animaldetect_job_set_threshold(job, 0.5));
    PROBE(animaldetect_job_set_country(job, "a"));
    PROBE(animaldetect_job_set_classify(job, 1));
    PROBE(animaldetect_job_set_metadata(job, 1));
    PROBE(animaldetect_job_set_smooth_herd(job, 1));
    PROBE(animaldetect_job_set_top_candidate(job, 1));
    PROBE(animaldetect_job_set_location(job, 1, 1));
    PROBE(animaldetect_job_set_option_json(job, "a", "1"));
}

/* Getters work everywhere; their values are not checked. */
static void read_all(const animaldetect_job *job)
{
    (void)animaldetect_job_client(job);
    (void)animaldetect_job_user_data(job);
    (void)animaldetect_job_status(job);
    (void)animaldetect_job_state(job);
    (void)animaldetect_job_state_text(job);
    (void)animaldetect_job_stage(job);
    (void)animaldetect_job_message(job);
    (void)animaldetect_job_http_status(job);
    (void)animaldetect_job_service_code(job);
    (void)animaldetect_job_service_message(job);
    (void)animaldetect_job_request_id(job);
    (void)animaldetect_job_failed_step(job);
    (void)animaldetect_job_retry_after_ms(job);
    (void)animaldetect_job_upload_sent(job);
    (void)animaldetect_job_upload_total(job);
    (void)animaldetect_job_attempts(job);
    (void)animaldetect_job_polls(job);
    (void)animaldetect_job_step_ms(job, ANIMALDETECT_STEP_CREATE);
    (void)animaldetect_job_expires_at(job);
    (void)animaldetect_job_upload_expires_at(job);
    (void)animaldetect_job_id(job);
    (void)animaldetect_job_operation(job);
    (void)animaldetect_job_filename(job);
    (void)animaldetect_job_path(job);
    (void)animaldetect_job_source_url(job);
    (void)animaldetect_job_client_reference_id(job);
    (void)animaldetect_job_rerun_number(job);
    (void)animaldetect_job_priority(job);
    (void)animaldetect_job_note(job);
    (void)animaldetect_job_result_json(job, NULL);
    (void)animaldetect_job_idempotency_key(job);
    (void)animaldetect_job_sha256(job);
}

static void probe_all(animaldetect_client *client, int32_t wanted)
{
    probe_wanted = wanted;
    probe_runs++;
    probe_client(client);
    probe_calls(probe_job);
    probe_setters(probe_job);
    read_all(probe_job);
}

static void probe_begin(animaldetect_job *job)
{
    probe_job = job;
    probe_wrong = NULL;
    probe_runs = 0;
}

static void probe_end(void)
{
    assert_true(probe_runs > 0);
    if (probe_wrong != NULL)
        fail_msg("another answer than %s: %s", animaldetect_status_name(probe_wanted), probe_wrong);
}

static void in_log(struct host *host)
{
    probe_all(host->client, ANIMALDETECT_E_REENTRANT);
    animaldetect_client_free(host->client);
}

static void every_call_from_inside_the_log_callback_is_refused(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "create:503:n=1");
    job = host_image_job(host);
    probe_begin(job);
    host->in_log = in_log;
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    host->in_log = NULL;
    probe_end();
}

static animaldetect_job *to_free[4];

static void free_in_log(struct host *host)
{
    (void)host;
    for (size_t i = 0; i < sizeof to_free / sizeof *to_free; i++) {
        animaldetect_job_free(to_free[i]);
        to_free[i] = NULL;
    }
}

/* A garbage collector can run at any point. Two of these jobs are in flight, two were never started. */
static void jobs_may_be_freed_from_inside_a_callback(struct host *host)
{
    animaldetect_job *job;
    animaldetect_job *out = NULL;

    host_fault(host, "create:503:n=4");
    for (size_t i = 0; i < 4; i++) {
        uint8_t image[4] = {0xff, 0xd8, 0xff, (uint8_t)i};

        assert_int_equal(animaldetect_job_new(host->client, "detect", &to_free[i]), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_job_set_bytes(to_free[i], image, sizeof image), ANIMALDETECT_OK);
    }
    assert_int_equal(animaldetect_job_run_async(to_free[0]), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run_async(to_free[1]), ANIMALDETECT_OK);
    job = host_image_job(host);
    host->in_log = free_in_log;
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    host->in_log = NULL;
    assert_null(to_free[0]);
    assert_int_equal(animaldetect_client_next_done(host->client, &out), ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_client_in_flight(host->client), 0);
}

struct tape {
    animaldetect_client *client;
    size_t at;
};

static int64_t read_tape(void *user, uint8_t *buffer, size_t size)
{
    struct tape *tape = user;
    size_t got = tape->at + size > 3000 ? 3000 - tape->at : size;

    probe_all(tape->client, ANIMALDETECT_E_REENTRANT);
    memset(buffer, 0xff, got);
    if (tape->at == 0)
        memcpy(buffer, "\xff\xd8\xff", 3);
    tape->at += got;
    return (int64_t)got;
}

static int32_t rewind_tape(void *user)
{
    struct tape *tape = user;

    tape->at = 0;
    probe_all(tape->client, ANIMALDETECT_E_REENTRANT);
    return 0;
}

static void every_call_from_inside_a_reader_is_refused(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    struct tape tape = {.client = host->client};

    assert_int_equal(animaldetect_job_set_reader(job, 3000, read_tape, rewind_tape, &tape, NULL), ANIMALDETECT_OK);
    probe_begin(job);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_true(probe_runs >= 3);
    probe_end();
}

/* Runs in a child; returns 0 on success. */
static int child_of(struct host *host)
{
    alarm(20);
    probe_all(host->client, ANIMALDETECT_E_FORKED);
    for (int i = 0; i < host->slot_count; i += 2)
        animaldetect_job_free(host->slots[i].job);
    animaldetect_client_free(host->client);
    for (int i = 1; i < host->slot_count; i += 2)
        animaldetect_job_free(host->slots[i].job);
    if (probe_wrong != NULL)
        fprintf(stderr, "not E_FORKED: %s\n", probe_wrong);
    return probe_wrong == NULL ? 0 : 1;
}

static void a_forked_child_can_do_nothing_and_harms_nothing(struct host *host)
{
    animaldetect_job *jobs[3];
    int status;
    pid_t child;

    for (int i = 0; i < 3; i++) {
        jobs[i] = host_image_job(host);
        host_start(host, jobs[i], HOST_RUN);
    }
    HOST_UNTIL(host, world_count(host->world, "upload") == 1);
    assert_true(world_active(host->world) > 0);
    probe_begin(jobs[0]);
    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(child_of(host));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(host_finish(host, jobs[i]), ANIMALDETECT_OK);
}

static void one_call_is_in_flight_per_job(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_start(host, job, HOST_RUN), ANIMALDETECT_OK);
    for (int call = HOST_CREATE; call < HOST_CALLS; call++)
        assert_int_equal(host_start(host, job, (enum host_call)call), ANIMALDETECT_E_BUSY);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_BUSY);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_AGAIN);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void setters_are_over_once_a_call_was_started(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_filename(job, "a.jpg"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_threshold(job, 0.5), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_bytes(job, "a", 1), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_rerun(job, 1), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_call_timeout_ms(job, 60000), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_user_data(job, host), ANIMALDETECT_OK);
    assert_ptr_equal(animaldetect_job_user_data(job), host);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "https://a.example"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_client_set_log(host->client, 0, NULL, NULL, NULL), ANIMALDETECT_OK);
}

static void exactly_one_input_is_taken(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");

    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_bytes(job, "\xff\xd8\xff", 3), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, "\xff\xd8\xff", 3), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_file(job, "/tmp/a.jpg"), ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_source_url(job, "https://a.example/a.jpg"), ANIMALDETECT_E_STATE);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

static void steps_out_of_order_are_refused_and_send_nothing(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    for (int call = HOST_UPLOAD; call <= HOST_FETCH; call++)
        assert_int_equal(host_do(host, job, (enum host_call)call), ANIMALDETECT_E_STATE);
    assert_int_equal(world_count(host->world, "any"), 0);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_SUBMIT), ANIMALDETECT_E_STATE);
    assert_int_equal(host_do(host, job, HOST_FETCH), ANIMALDETECT_E_STATE);
    assert_true(strlen(message_of(host->client)) > 0);
    assert_int_equal(world_count(host->world, "any"), 1);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
}

static void the_words_of_a_refusal_are_copied_whole_or_cut(struct host *host)
{
    char words[256] = "x";
    char few[5] = "xxxx";
    size_t length;

    host_open(host);
    assert_int_equal(animaldetect_client_copy_message(host->client, words, sizeof words), 0);
    assert_string_equal(words, "");
    assert_int_equal(animaldetect_client_set_base_url(host->client, "no URL"), ANIMALDETECT_E_INVALID_ARGUMENT);
    length = animaldetect_client_copy_message(host->client, words, sizeof words);
    assert_string_equal(words, message_of(host->client));
    assert_true(length == strlen(words) && length > sizeof few);
    assert_int_equal(animaldetect_client_copy_message(host->client, few, sizeof few), length);
    assert_int_equal(strlen(few), sizeof few - 1);
    assert_memory_equal(few, words, sizeof few - 1);
    assert_int_equal(animaldetect_client_copy_message(host->client, NULL, 0), length);
    assert_int_equal(animaldetect_client_copy_message(NULL, words, sizeof words), 0);
    assert_string_equal(words, "");
}

static void without_a_key_nothing_starts(struct host *host)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;

    host_open(host);
    assert_int_equal(ad_client_new_over(world_factory, host->world, 1, &client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_new(client, "detect", &job), ANIMALDETECT_OK);
    animaldetect_job_set_bytes(job, "\xff\xd8\xff", 3);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_NO_API_KEY);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_E_NO_API_KEY);
    animaldetect_client_free(client);
    animaldetect_job_free(job);
    assert_int_equal(world_count(host->world, "any"), 0);
}

static void texts_read_during_a_call_stay_valid_until_it_ends(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    const char *url;
    const char *id;
    const char *status;
    char copy[1024];

    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    host_start(host, job, HOST_RUN);
    url = animaldetect_job_upload_expires_at(job);
    id = animaldetect_job_id(job);
    status = animaldetect_job_state_text(job);
    snprintf(copy, sizeof copy, "%s|%s|%s", url, id, status);
    HOST_UNTIL(host, world_count(host->world, "poll") == 2);
    {
        char now[1024];

        snprintf(now, sizeof now, "%s|%s|%s", url, id, status);
        assert_string_equal(now, copy);
    }
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(every_call_from_inside_the_log_callback_is_refused),
        SCENARIO(jobs_may_be_freed_from_inside_a_callback),
        SCENARIO(every_call_from_inside_a_reader_is_refused),
        SCENARIO(a_forked_child_can_do_nothing_and_harms_nothing),
        SCENARIO(one_call_is_in_flight_per_job),
        SCENARIO(setters_are_over_once_a_call_was_started),
        SCENARIO(exactly_one_input_is_taken),
        SCENARIO(steps_out_of_order_are_refused_and_send_nothing),
        SCENARIO(the_words_of_a_refusal_are_copied_whole_or_cut),
        SCENARIO(without_a_key_nothing_starts),
        SCENARIO(texts_read_during_a_call_stay_valid_until_it_ends),
    };

    return HOST_MAIN(list);
}
