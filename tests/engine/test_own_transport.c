/* SPDX-License-Identifier: MIT */
/*
 * A custom transport, using only the public interface: a service of five responses that runs on a second thread, in
 * real time. It shows what a host relies on: who sees the key, who owns an exchange, what a failure means.
 */
#include <animaldetect/animaldetect.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/message.h"

#define KEY "sk_test_own_transport"
#define ID "5fd3825f-0000-4000-8000-000000000001"
#define API "https://api.animaldetect.com/v1/jobs"
#define STORAGE "https://storage.example/bucket/image?signature=secret"
#define MAX_QUEUE 64
#define IMAGE_SIZE 100000

static const char CREATED[] =
    "{\"job_id\":\"" ID "\",\"operation\":\"detect\",\"status\":\"awaiting_upload\",\"upload\":{\"method\":\"PUT\","
    "\"url\":\"" STORAGE "\",\"headers\":{\"Content-Type\":\"image/jpeg\"},\"expires_at\":\"2036-06-17T13:15:00Z\"},"
    "\"submit_url\":\"" API "/" ID "/submit\",\"status_url\":\"" API "/" ID "\",\"result_url\":\"" API "/" ID
    "/result\"}";
static const char QUEUED[] = "{\"job_id\":\"" ID "\",\"status\":\"queued\"}";
static const char SUCCEEDED[] = "{\"job_id\":\"" ID "\",\"status\":\"succeeded\"}";
static const char RESULT[] = "{\"annotations\":[{\"label\":\"red fox\",\"score\":0.75}]}";

struct host {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t worker;
    animaldetect_transport *transport;
    animaldetect_client *client;
    animaldetect_exchange *queue[MAX_QUEUE];
    size_t count;
    int hold_uploads; /* uploads stay queued until they are canceled or `stop` */
    int held;
    int started;
    int refuse_next; /* start returns an error this many times */
    int fail_submit; /* the response of the first submit is lost */
    int submits;
    int canceled;
    int released;
    int key_at_api;
    int key_elsewhere;
    uint64_t image_bytes;
    uint64_t sent_before; /* bytes of the image sent on a connection that broke; the URL may be used once */
    int stop;
};

static void answer(animaldetect_exchange *exchange, int32_t status, const char *body)
{
    assert_int_equal(animaldetect_exchange_set_status(exchange, status), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_exchange_add_header(exchange, "X-Request-Id", "own-1"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_exchange_add_body(exchange, body, strlen(body)), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_exchange_complete(exchange), ANIMALDETECT_OK);
}

/* Resends below the library, as HTTP stacks do on a kept connection that turns out to be dead. */
static void send_before(const struct host *host, animaldetect_exchange *exchange)
{
    uint8_t piece[4096];
    uint64_t sent = 0;

    while (sent < host->sent_before)
        sent += (uint64_t)animaldetect_exchange_read_body(exchange, piece, sizeof piece);
    assert_int_equal(animaldetect_exchange_rewind_body(exchange), ANIMALDETECT_OK);
}

/* Reads the image on this thread, piece by piece. */
static void store(struct host *host, animaldetect_exchange *exchange)
{
    uint8_t piece[4096];
    int64_t got;

    if (host->sent_before > 0)
        send_before(host, exchange);
    while ((got = animaldetect_exchange_read_body(exchange, piece, sizeof piece)) > 0)
        host->image_bytes += (uint64_t)got;
    if (got == 0)
        answer(exchange, host->sent_before > 0 ? 412 : 200, "");
    else
        assert_int_equal(animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, "no image"),
                         ANIMALDETECT_OK);
}

static int ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);

    return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

static void serve(struct host *host, animaldetect_exchange *exchange)
{
    const char *url = animaldetect_exchange_url(exchange);
    const char *key = animaldetect_exchange_header(exchange, "authorization");
    int at_api = strncmp(url, API, strlen(API)) == 0;

    host->key_at_api += at_api && key != NULL && strcmp(key, "Bearer " KEY) == 0;
    host->key_elsewhere += !at_api && key != NULL;
    if (strcmp(url, STORAGE) == 0) {
        store(host, exchange);
    } else if (strcmp(url, API) == 0) {
        answer(exchange, 201, CREATED);
    } else if (ends_with(url, "/submit")) {
        assert_int_equal(animaldetect_exchange_may_resend(exchange), 0);
        if (host->submits++ < host->fail_submit)
            assert_int_equal(animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, "gone"),
                             ANIMALDETECT_OK);
        else
            answer(exchange, 202, QUEUED);
    } else if (ends_with(url, "/result")) {
        answer(exchange, 200, RESULT);
    } else {
        answer(exchange, 200, SUCCEEDED);
    }
}

static animaldetect_exchange *next(struct host *host)
{
    animaldetect_exchange *exchange = NULL;

    pthread_mutex_lock(&host->lock);
    for (;;) {
        size_t i = 0;

        while (i < host->count && host->hold_uploads && !host->stop &&
               strcmp(animaldetect_exchange_method(host->queue[i]), "PUT") == 0)
            i++;
        if (i < host->count) {
            exchange = host->queue[i];
            memmove(&host->queue[i], &host->queue[i + 1], (--host->count - i) * sizeof host->queue[0]);
            break;
        }
        if (host->stop)
            break;
        host->held = host->count > 0;
        pthread_cond_broadcast(&host->changed);
        pthread_cond_wait(&host->changed, &host->lock);
    }
    pthread_mutex_unlock(&host->lock);
    return exchange;
}

static void *work(void *context)
{
    struct host *host = context;
    animaldetect_exchange *exchange;

    while ((exchange = next(host)) != NULL)
        serve(host, exchange);
    return NULL;
}

static int32_t start(void *user, animaldetect_exchange *exchange)
{
    struct host *host = user;
    int32_t status = ANIMALDETECT_OK;

    assert_int_equal(animaldetect_client_process(host->client), ANIMALDETECT_E_REENTRANT);
    pthread_mutex_lock(&host->lock);
    host->started++;
    if (host->refuse_next > 0) {
        host->refuse_next--;
        status = ANIMALDETECT_E_SYSTEM;
    } else {
        assert_true(host->count < MAX_QUEUE);
        host->queue[host->count++] = exchange;
        pthread_cond_broadcast(&host->changed);
    }
    pthread_mutex_unlock(&host->lock);
    return status;
}

static void cancel(void *user, animaldetect_exchange *exchange)
{
    struct host *host = user;

    pthread_mutex_lock(&host->lock);
    host->canceled++;
    assert_int_equal(animaldetect_exchange_is_canceled(exchange), 1);
    for (size_t i = 0; i < host->count; i++) {
        if (host->queue[i] == exchange) {
            memmove(&host->queue[i], &host->queue[i + 1], (--host->count - i) * sizeof host->queue[0]);
            assert_int_equal(animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, NULL), ANIMALDETECT_OK);
            break;
        }
    }
    pthread_mutex_unlock(&host->lock);
}

static void release(void *user)
{
    ((struct host *)user)->released++;
}

static void open_host(struct host *host)
{
    memset(host, 0, sizeof *host);
    pthread_mutex_init(&host->lock, NULL);
    pthread_cond_init(&host->changed, NULL);
    assert_int_equal(animaldetect_transport_new(host, release, &host->transport), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_start(host->transport, start), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_cancel(host->transport, cancel), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_seed(host->transport, 7), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_new(&host->client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(host->client, KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(host->client, 10, 10), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(host->client, host->transport), ANIMALDETECT_OK);
    animaldetect_transport_free(host->transport);
    assert_int_equal(host->released, 0);
    assert_int_equal(pthread_create(&host->worker, NULL, work, host), 0);
}

static void stop_worker(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    host->stop = 1;
    pthread_cond_broadcast(&host->changed);
    pthread_mutex_unlock(&host->lock);
    pthread_join(host->worker, NULL);
}

static void close_host(struct host *host)
{
    animaldetect_client_free(host->client);
    stop_worker(host);
    assert_int_equal(host->released, 1);
    pthread_mutex_destroy(&host->lock);
    pthread_cond_destroy(&host->changed);
}

static animaldetect_job *make_job(struct host *host)
{
    static uint8_t image[IMAGE_SIZE] = {0xff, 0xd8, 0xff, 0xe0};
    animaldetect_job *job = NULL;

    assert_int_equal(animaldetect_job_new(host->client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, image, sizeof image), ANIMALDETECT_OK);
    return job;
}

static void assert_fox(const animaldetect_job *job)
{
    animaldetect_result *result = NULL;

    assert_int_equal(animaldetect_job_result(job, &result), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_result_count(result), 1);
    assert_string_equal(animaldetect_detection_label(animaldetect_result_at(result, 0)), "red fox");
    animaldetect_result_free(result);
}

static void an_image_goes_through_a_transport_on_another_thread(void **state)
{
    struct host host;
    animaldetect_job *job;

    (void)state;
    open_host(&host);
    job = make_job(&host);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_fox(job);
    assert_true(host.image_bytes == IMAGE_SIZE);
    assert_string_equal(animaldetect_job_request_id(job), "own-1");
    animaldetect_job_free(job);
    close_host(&host);
}

static void the_key_is_shown_for_the_trusted_origin_only(void **state)
{
    struct host host;
    animaldetect_job *job;

    (void)state;
    open_host(&host);
    job = make_job(&host);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    animaldetect_job_free(job);
    close_host(&host);
    assert_int_equal(host.key_elsewhere, 0);
    assert_int_equal(host.key_at_api, host.started - 1); /* every request but the upload */
}

static void a_lost_response_to_a_submit_is_polled_for_not_submitted_again(void **state)
{
    struct host host;
    animaldetect_job *job;

    (void)state;
    open_host(&host);
    host.fail_submit = 1;
    job = make_job(&host);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_fox(job);
    animaldetect_job_free(job);
    close_host(&host);
    assert_int_equal(host.submits, 1);
}

/* Only an upload that was sent whole may be stored. */
static void an_image_that_a_transport_sends_twice_may_be_stored_by_the_first(void **state)
{
    static const uint64_t sent[] = {IMAGE_SIZE, IMAGE_SIZE / 2};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct host host;
        animaldetect_job *job;

        open_host(&host);
        host.sent_before = sent[i];
        job = make_job(&host);
        assert_int_equal(animaldetect_job_run(job), i == 0 ? ANIMALDETECT_OK : ANIMALDETECT_E_UPLOAD_REFUSED);
        assert_true(host.image_bytes == IMAGE_SIZE);
        animaldetect_job_free(job);
        close_host(&host);
    }
}

static void wait_until_held(struct host *host)
{
    pthread_mutex_lock(&host->lock);
    while (!host->held)
        pthread_cond_wait(&host->changed, &host->lock);
    pthread_mutex_unlock(&host->lock);
}

static void *run_job(void *job)
{
    (void)animaldetect_job_run(job);
    return NULL;
}

static void a_canceled_job_cancels_its_exchange(void **state)
{
    struct host host;
    animaldetect_job *job;
    pthread_t thread;

    (void)state;
    open_host(&host);
    host.hold_uploads = 1;
    job = make_job(&host);
    assert_int_equal(pthread_create(&thread, NULL, run_job, job), 0);
    wait_until_held(&host);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    pthread_join(thread, NULL);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_E_CANCELED);
    animaldetect_job_free(job);
    close_host(&host);
    assert_int_equal(host.canceled, 1);
}

/* Without a cancel callback the transport is not notified; the exchange is ignored until the transport ends it. */
static void an_exchange_outlives_its_client_until_the_transport_ends_it(void **state)
{
    struct host host;
    animaldetect_job *job;
    pthread_t thread;
    uint8_t byte;

    (void)state;
    open_host(&host);
    assert_int_equal(animaldetect_transport_set_cancel(host.transport, NULL), ANIMALDETECT_E_STATE);
    animaldetect_client_free(host.client);
    stop_worker(&host);
    assert_int_equal(host.released, 1);

    memset(&host, 0, sizeof host);
    pthread_mutex_init(&host.lock, NULL);
    pthread_cond_init(&host.changed, NULL);
    assert_int_equal(animaldetect_transport_new(&host, release, &host.transport), ANIMALDETECT_OK);
    animaldetect_transport_set_start(host.transport, start);
    assert_int_equal(animaldetect_client_new(&host.client), ANIMALDETECT_OK);
    animaldetect_client_set_api_key(host.client, KEY);
    assert_int_equal(animaldetect_client_set_transport(host.client, host.transport), ANIMALDETECT_OK);
    animaldetect_transport_free(host.transport);
    host.hold_uploads = 1;
    assert_int_equal(pthread_create(&host.worker, NULL, work, &host), 0);
    job = make_job(&host);
    assert_int_equal(pthread_create(&thread, NULL, run_job, job), 0);
    wait_until_held(&host);
    assert_int_equal(animaldetect_job_cancel(job), ANIMALDETECT_OK);
    pthread_join(thread, NULL);
    animaldetect_job_free(job);
    animaldetect_client_free(host.client);
    assert_int_equal(host.released, 0);
    assert_int_equal(host.count, 1);
    assert_int_equal(animaldetect_exchange_is_canceled(host.queue[0]), 1);
    assert_true(animaldetect_exchange_read_body(host.queue[0], &byte, 1) == ANIMALDETECT_E_CANCELED);
    stop_worker(&host); /* which processes the upload that was held */
    assert_int_equal(host.released, 1);
    pthread_mutex_destroy(&host.lock);
    pthread_cond_destroy(&host.changed);
}

/*
 * The child has the parent's handles and none of its threads: it must neither hang nor end what the parent waits for.
 */
static void a_forked_child_frees_its_copy_and_the_parent_goes_on(void **state)
{
    struct host host;
    animaldetect_job *job;
    pthread_t thread;
    pid_t child;
    int status = 0;

    (void)state;
    open_host(&host);
    host.hold_uploads = 1;
    job = make_job(&host);
    assert_int_equal(pthread_create(&thread, NULL, run_job, job), 0);
    wait_until_held(&host);
    child = fork();
    if (child == 0) {
        uint8_t byte;
        int64_t got = animaldetect_exchange_read_body(host.queue[0], &byte, 1);

        animaldetect_client_free(host.client);
        animaldetect_job_free(job);
        _exit(got == ANIMALDETECT_E_FORKED ? 0 : 1);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    pthread_mutex_lock(&host.lock);
    host.hold_uploads = 0;
    pthread_cond_broadcast(&host.changed);
    pthread_mutex_unlock(&host.lock);
    pthread_join(thread, NULL);
    assert_int_equal(animaldetect_job_status(job), ANIMALDETECT_OK);
    animaldetect_job_free(job);
    close_host(&host);
}

static void a_transport_that_never_responds_is_timed_out_by_the_library(void **state)
{
    struct host host;
    animaldetect_job *job;

    (void)state;
    open_host(&host);
    host.hold_uploads = 1;
    assert_int_equal(animaldetect_client_set_stall_timeout_ms(host.client, 30), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_tries(host.client, 1), ANIMALDETECT_OK);
    job = make_job(&host);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_TIMEOUT);
    assert_non_null(strstr(animaldetect_job_message(job), "no byte moved for 30 ms"));
    animaldetect_job_free(job);
    close_host(&host);
    assert_int_equal(host.canceled, 1);
}

static void a_start_that_is_refused_leaves_nothing_behind(void **state)
{
    struct host host;
    animaldetect_job *job;

    (void)state;
    open_host(&host);
    host.refuse_next = 1;
    job = make_job(&host);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_SYSTEM);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_fox(job);
    animaldetect_job_free(job);
    close_host(&host);
}

static int64_t read_nothing(void *user, uint8_t *buffer, size_t size)
{
    (void)user;
    if (size > 4)
        size = 4;
    memcpy(buffer, "\xff\xd8\xff\xe0", size);
    return -7;
}

static int32_t rewind_nothing(void *user)
{
    (void)user;
    return 0;
}

static void an_image_that_cannot_be_read_is_the_readers_failure(void **state)
{
    static const char sha[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    struct host host;
    animaldetect_job *job = NULL;

    (void)state;
    open_host(&host);
    assert_int_equal(animaldetect_job_new(host.client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_reader(job, 4, read_nothing, rewind_nothing, NULL, NULL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_content_type(job, "image/jpeg"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_filename(job, "a.jpg"), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_sha256(job, sha), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_E_READER);
    animaldetect_job_free(job);
    close_host(&host);
}

static int64_t zero(void *user)
{
    (void)user;
    return 0;
}

static void an_incomplete_transport_is_refused_with_a_message(void **state)
{
    animaldetect_transport *transport = NULL;
    animaldetect_client *client = NULL;

    (void)state;
    assert_int_equal(animaldetect_transport_new(NULL, NULL, &transport), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_new(&client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(client, transport), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_transport_set_start(transport, NULL), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_int_equal(animaldetect_transport_set_start(transport, start), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_clock(transport, zero), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(client, transport), ANIMALDETECT_E_INVALID_ARGUMENT);
    assert_non_null(strstr(message_of(client), "idle"));
    assert_int_equal(animaldetect_transport_set_clock(transport, NULL), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(client, transport), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(client, NULL), ANIMALDETECT_OK); /* libcurl again */
    animaldetect_transport_free(transport);
    animaldetect_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_image_goes_through_a_transport_on_another_thread),
        cmocka_unit_test(the_key_is_shown_for_the_trusted_origin_only),
        cmocka_unit_test(a_lost_response_to_a_submit_is_polled_for_not_submitted_again),
        cmocka_unit_test(an_image_that_a_transport_sends_twice_may_be_stored_by_the_first),
        cmocka_unit_test(a_canceled_job_cancels_its_exchange),
        cmocka_unit_test(an_exchange_outlives_its_client_until_the_transport_ends_it),
        cmocka_unit_test(a_forked_child_frees_its_copy_and_the_parent_goes_on),
        cmocka_unit_test(a_transport_that_never_responds_is_timed_out_by_the_library),
        cmocka_unit_test(a_start_that_is_refused_leaves_nothing_behind),
        cmocka_unit_test(an_image_that_cannot_be_read_is_the_readers_failure),
        cmocka_unit_test(an_incomplete_transport_is_refused_with_a_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
