/* SPDX-License-Identifier: MIT */
/*
 * What is lent and for how long: release functions are called exactly once, after the last use and without a lock; a
 * reader's own error number is returned to the host; a text that a getter returned stays valid until the next call of
 * its job completes. Under ASan, a text that is freed too early is an error.
 */
#include <pthread.h>

#include "engine/harness.h"
#include "kit/message.h"

static const uint8_t IMAGE[64] = {0xff, 0xd8, 0xff, 0xe0};

/* Runs on release: counts, and checks whether the library may be called. */
struct loan {
    animaldetect_client *client; /* NULL: not called */
    int released;
    bool was_locked;
    size_t read;
    int64_t failure; /* what `read` returns; 0: bytes */
    int32_t rewind_failure;
};

static void release(void *user)
{
    struct loan *loan = user;

    loan->released++;
    if (loan->client != NULL && animaldetect_client_in_flight(loan->client) < 0)
        loan->was_locked = true;
}

static void check_released(const struct loan *loan)
{
    assert_int_equal(loan->released, 1);
    assert_false(loan->was_locked);
}

static int64_t read_image(void *user, uint8_t *buffer, size_t size)
{
    struct loan *loan = user;
    size_t left = sizeof IMAGE - loan->read;

    if (loan->failure != 0)
        return loan->failure;
    size = size < left ? size : left;
    memcpy(buffer, IMAGE + loan->read, size);
    loan->read += size;
    return (int64_t)size;
}

static int32_t rewind_image(void *user)
{
    struct loan *loan = user;

    loan->read = 0;
    return loan->rewind_failure;
}

static void ignore(void *user, const animaldetect_log_record *record)
{
    (void)user;
    (void)record;
}

/* ---- release functions ---- */

static void borrowed_bytes_are_given_back_when_the_job_is_freed(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    struct loan loan = {.client = host->client};

    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, IMAGE, sizeof IMAGE, &loan, release), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(loan.released, 0);
    host_free(host, job);
    check_released(&loan);
}

static void a_reader_is_given_back_when_the_job_is_freed_in_flight(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    struct loan loan = {.client = host->client};

    assert_int_equal(animaldetect_job_set_reader(job, sizeof IMAGE, read_image, rewind_image, &loan, release),
                     ANIMALDETECT_OK);
    host_start(host, job, HOST_RUN);
    HOST_UNTIL(host, world_count(host->world, "upload") == 1);
    host_free(host, job);
    check_released(&loan);
}

static void nothing_is_given_back_by_a_setter_that_fails(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    struct loan loan = {0};

    assert_int_equal(animaldetect_job_set_reader(job, 0, read_image, NULL, &loan, release),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, NULL, 4, &loan, release),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_job_set_bytes(job, IMAGE, sizeof IMAGE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, IMAGE, sizeof IMAGE, &loan, release),
                     ANIMALDETECT_E_STATE);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(NULL, IMAGE, sizeof IMAGE, &loan, release),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_client_set_log(host->client, 99, ignore, &loan, release),
                     ANIMALDETECT_E_INVALID_ARGUMENT);
    host_free(host, job);
    assert_int_equal(loan.released, 0);
}

static void an_input_that_is_replaced_is_given_back(struct host *host)
{
    animaldetect_job *job = host_job(host, "detect");
    struct loan first = {.client = host->client};
    struct loan second = {.client = host->client};
    struct loan wrong = {0};

    assert_int_equal(animaldetect_job_set_bytes(job, IMAGE, sizeof IMAGE), ANIMALDETECT_OK);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    job = host_save_and_restore(host, job);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, IMAGE, sizeof IMAGE, &first, release), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, IMAGE, 3, &wrong, release),
                     ANIMALDETECT_E_INVALID_ARGUMENT); /* different size */
    assert_int_equal(first.released, 0);
    assert_int_equal(animaldetect_job_set_reader(job, sizeof IMAGE, read_image, rewind_image, &second, release),
                     ANIMALDETECT_OK);
    check_released(&first);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(second.released, 0);
    host_free(host, job);
    check_released(&second);
    assert_int_equal(wrong.released, 0);
}

static void a_log_is_given_back_when_it_is_replaced_and_when_the_client_is_freed(struct host *host)
{
    struct loan first = {0};
    struct loan second = {0};
    animaldetect_client *client = NULL;

    host_open(host);
    first.client = host->client;
    assert_int_equal(ad_client_new_over(world_factory, host->world, 1, &client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_log(client, ANIMALDETECT_LOG_DEBUG, ignore, &first, release),
                     ANIMALDETECT_OK);
    assert_int_equal(first.released, 0);
    assert_int_equal(animaldetect_client_set_log(client, ANIMALDETECT_LOG_NONE, NULL, &second, release),
                     ANIMALDETECT_OK);
    check_released(&first);
    assert_int_equal(second.released, 0);
    animaldetect_client_free(client);
    check_released(&second);
}

/* The loan outlives the client when the job does. */
static void a_job_gives_back_after_its_client_was_freed(struct host *host)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    struct loan loan = {0};

    host_open(host);
    assert_int_equal(ad_client_new_over(world_factory, host->world, 1, &client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_new(client, "detect", &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(job, IMAGE, sizeof IMAGE, &loan, release), ANIMALDETECT_OK);
    animaldetect_client_free(client);
    assert_int_equal(loan.released, 0);
    animaldetect_job_free(job);
    check_released(&loan);
}

static animaldetect_job *to_free;

static void free_another(void *user)
{
    ((struct loan *)user)->released++;
    animaldetect_job_free(to_free);
    to_free = NULL;
}

static void a_release_function_may_call_the_library(struct host *host)
{
    animaldetect_job *one = host_job(host, "detect");
    struct loan outer = {0};
    struct loan inner = {.client = host->client};

    assert_int_equal(animaldetect_job_new(host->client, "detect", &to_free), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(to_free, IMAGE, 1, &inner, release), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(one, IMAGE, 1, &outer, free_another), ANIMALDETECT_OK);
    host_free(host, one);
    assert_int_equal(outer.released, 1);
    check_released(&inner);
}

/* A release function that blocks on the client whose wait called it: another job, and a new completion. */
struct blocking {
    struct host *host;
    animaldetect_job *doomed; /* freed by the first log record */
    animaldetect_job *other;
    int32_t ran;
    int32_t waited;
    int released;
};

static void block(void *user)
{
    struct blocking *blocking = user;

    blocking->released++;
    blocking->ran = animaldetect_job_run(blocking->other);
    blocking->waited = animaldetect_client_wait(blocking->host->client, 0);
}

static void free_the_doomed(void *user, const animaldetect_log_record *record)
{
    struct blocking *blocking = user;

    (void)record;
    animaldetect_job_free(blocking->doomed);
    blocking->doomed = NULL;
}

static void a_release_function_may_block_on_the_client_that_waits(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    struct blocking blocking = {.host = host, .other = host_image_job(host), .ran = 1, .waited = 1};

    assert_int_equal(animaldetect_job_new(host->client, "detect", &blocking.doomed), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes_borrowed(blocking.doomed, IMAGE, 3, &blocking, block), ANIMALDETECT_OK);
    assert_int_equal(
        animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_DEBUG, free_the_doomed, &blocking, NULL),
        ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(blocking.released, 1);
    assert_int_equal(blocking.ran, ANIMALDETECT_OK);
    assert_int_equal(blocking.waited, ANIMALDETECT_AGAIN);
    assert_int_equal(animaldetect_client_set_log(host->client, ANIMALDETECT_LOG_NONE, NULL, NULL, NULL),
                     ANIMALDETECT_OK);
}

/* ---- a reader's own error number ---- */

static void a_readers_own_number_is_the_status_of_the_call(struct host *host)
{
    static const struct {
        int64_t failure;
        int32_t status;
    } cases[] = {
        {-1, ANIMALDETECT_E_READER},
        {-999, ANIMALDETECT_E_READER},
        {-1000, -1000},
        {-5005, -5005},
        {INT32_MIN, INT32_MIN},
        {(int64_t)INT32_MIN - 1, ANIMALDETECT_E_READER},
        {INT64_MIN, ANIMALDETECT_E_READER},
        {ANIMALDETECT_E_CANCELED, ANIMALDETECT_E_READER},
    };

    host_open(host);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct loan loan = {.failure = cases[i].failure};
        animaldetect_job *job = host_job(host, "detect");

        assert_int_equal(animaldetect_job_set_reader(job, sizeof IMAGE, read_image, rewind_image, &loan, NULL),
                         ANIMALDETECT_OK);
        assert_int_equal(host_do(host, job, HOST_RUN), cases[i].status);
        host_expect(host, job, cases[i].status, "the read callback failed");
        assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_PREPARE);
        host_free(host, job);
    }
    assert_int_equal(world_count(host->world, "any"), 0);
}

static void a_readers_own_number_comes_from_an_upload_and_a_rewind_too(struct host *host)
{
    struct loan loan = {0};
    animaldetect_job *job = host_job(host, "detect");

    animaldetect_job_set_reader(job, sizeof IMAGE, read_image, rewind_image, &loan, NULL);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    loan.failure = -7001;
    assert_int_equal(host_do(host, job, HOST_RUN), -7001);
    assert_int_equal(animaldetect_job_failed_step(job), ANIMALDETECT_STEP_UPLOAD);
    loan.failure = 0;
    loan.rewind_failure = -7002;
    assert_int_equal(host_do(host, job, HOST_RUN), -7002);
    loan.rewind_failure = -3;
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_READER);
    loan.rewind_failure = 0;
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
}

/* ---- texts ---- */

#define TEXTS 12

static void read_texts(const animaldetect_job *job, const char *texts[TEXTS])
{
    const char *all[TEXTS] = {
        animaldetect_job_message(job),         animaldetect_job_service_code(job),
        animaldetect_job_service_message(job), animaldetect_job_request_id(job),
        animaldetect_job_state_text(job),      animaldetect_job_id(job),
        animaldetect_job_expires_at(job),      animaldetect_job_upload_expires_at(job),
        animaldetect_job_idempotency_key(job), animaldetect_job_sha256(job),
        animaldetect_job_filename(job),        animaldetect_job_operation(job),
    };

    memcpy(texts, all, sizeof all);
}

/* Like a host that reads a failure, starts the next call, and only then prints. */
static void texts_of_a_call_stay_until_the_next_one_completes(struct host *host)
{
    animaldetect_job *job;
    const char *texts[TEXTS];
    char copies[TEXTS][512] = {{0}};

    host_open(host);
    world_answer(host->world, "upload", 1, 400, "x-request-id: r-77",
                 "<Error><Code>Odd</Code><Message>no such day</Message></Error>");
    job = host_image_job(host);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_E_UPLOAD_REFUSED);
    read_texts(job, texts);
    for (int i = 0; i < TEXTS; i++) {
        assert_non_null(texts[i]);
        snprintf(copies[i], sizeof copies[i], "%s", texts[i]);
    }
    host_start(host, job, HOST_RUN);
    for (int step = 0; step < 3; step++) {
        static const char *const routes[] = {"upload", "submit", "poll"};

        HOST_UNTIL(host, world_count(host->world, routes[step]) == (step == 0 ? 2 : 1));
        for (int i = 0; i < TEXTS; i++)
            assert_string_equal(texts[i], copies[i]);
    }
    assert_string_equal(animaldetect_job_message(job), "");
    assert_null(animaldetect_job_service_code(job));
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
}

static void a_result_stays_until_the_next_call_completes(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    const char *json;
    size_t size = 0;
    char *copy;

    assert_null(animaldetect_job_result_json(job, &size));
    assert_int_equal(size, 0);
    assert_null(animaldetect_job_result_json(NULL, NULL));
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    json = animaldetect_job_result_json(job, &size);
    assert_int_equal(strlen(json), size);
    assert_int_equal(json[0], '{');
    copy = strdup(json);
    host_start(host, job, HOST_FETCH);
    assert_string_equal(json, copy);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    free(copy);
}

static void a_result_of_detections_says_so(struct host *host)
{
    animaldetect_job *job = host_image_job(host);
    animaldetect_result *result = NULL;

    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_result_kind(result), ANIMALDETECT_RESULT_DETECTIONS);
    assert_string_equal(animaldetect_result_json(result, NULL), animaldetect_job_result_json(job, NULL));
    animaldetect_result_free(result);
    assert_int_equal(animaldetect_result_kind(NULL), ANIMALDETECT_RESULT_OTHER);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(borrowed_bytes_are_given_back_when_the_job_is_freed),
        SCENARIO(a_reader_is_given_back_when_the_job_is_freed_in_flight),
        SCENARIO(nothing_is_given_back_by_a_setter_that_fails),
        SCENARIO(an_input_that_is_replaced_is_given_back),
        SCENARIO(a_log_is_given_back_when_it_is_replaced_and_when_the_client_is_freed),
        SCENARIO(a_job_gives_back_after_its_client_was_freed),
        SCENARIO(a_release_function_may_call_the_library),
        SCENARIO(a_release_function_may_block_on_the_client_that_waits),
        SCENARIO(a_readers_own_number_is_the_status_of_the_call),
        SCENARIO(a_readers_own_number_comes_from_an_upload_and_a_rewind_too),
        SCENARIO(texts_of_a_call_stay_until_the_next_one_completes),
        SCENARIO(a_result_stays_until_the_next_call_completes),
        SCENARIO(a_result_of_detections_says_so),
    };

    return HOST_MAIN(list);
}
