/* SPDX-License-Identifier: MIT */
/*
 * A run whose create and fetch are redirected, with every allocation failing once: no crash, no leak, E_NO_MEMORY or
 * success, and the same call on the same job succeeds afterwards. Over a custom transport that responds at once, so
 * that each allocation counted is this library's, or made for it by jansson, libsodium or libcurl's URL parser.
 */
#include <animaldetect/animaldetect.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kit/heap.h"

#define KEY "sk_test_memory_redirect"
#define OLD "https://api.animaldetect.com/v1/jobs"
#define NEW "https://www.animaldetect.com/api/v1/jobs"
#define ELSEWHERE "https://bucket.example/result?sig=1"
#define MOST 5000 /* allocations of a run */

static const char CREATED[] =
    "{\"job_id\":\"7\",\"status\":\"awaiting_upload\",\"upload\":{\"url\":\"https://storage.example/7\"}}";
static const uint8_t IMAGE[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};

struct answer {
    const char *url;
    int32_t status;
    const char *location;
    const char *body;
};

static const struct answer ANSWERS[] = {
    {OLD, 308, NEW, ""},
    {NEW, 201, NULL, CREATED},
    {"https://storage.example/7", 200, NULL, ""},
    {NEW "/7/submit", 202, NULL, "{\"status\":\"queued\"}"},
    {OLD "/7/submit", 202, NULL, "{\"status\":\"queued\"}"},
    {NEW "/7", 200, NULL, "{\"status\":\"succeeded\"}"},
    {OLD "/7", 200, NULL, "{\"status\":\"succeeded\"}"},
    {NEW "/7/result", 302, ELSEWHERE, ""},
    {OLD "/7/result", 302, ELSEWHERE, ""},
    {ELSEWHERE, 200, NULL, "{\"annotations\":[]}"},
};

static int elsewhere;

static int32_t start(void *user, animaldetect_exchange *exchange)
{
    const char *url = animaldetect_exchange_url(exchange);
    const struct answer *answer = ANSWERS;
    uint8_t piece[64];
    int32_t status;

    (void)user;
    while (strcmp(answer->url, url) != 0)
        assert_true(++answer < ANSWERS + sizeof ANSWERS / sizeof ANSWERS[0]);
    if (strcmp(url, ELSEWHERE) == 0) {
        elsewhere++;
        assert_null(animaldetect_exchange_header(exchange, "Authorization"));
    }
    if (strcmp(animaldetect_exchange_method(exchange), "PUT") == 0)
        while (animaldetect_exchange_read_body(exchange, piece, sizeof piece) > 0)
            continue;
    status = animaldetect_exchange_set_status(exchange, answer->status);
    if (status == ANIMALDETECT_OK && answer->location != NULL)
        status = animaldetect_exchange_add_header(exchange, "Location", answer->location);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_exchange_add_body(exchange, answer->body, strlen(answer->body));
    return animaldetect_exchange_complete(exchange) == ANIMALDETECT_OK ? ANIMALDETECT_OK : status;
}

static void cancel(void *user, animaldetect_exchange *exchange)
{
    (void)user;
    (void)animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_BROKEN, NULL);
}

static animaldetect_client *open_client(void)
{
    animaldetect_transport *transport = NULL;
    animaldetect_client *client = NULL;

    assert_int_equal(animaldetect_client_new(&client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(client, KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_new(NULL, NULL, &transport), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_start(transport, start), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_transport_set_cancel(transport, cancel), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_transport(client, transport), ANIMALDETECT_OK);
    animaldetect_transport_free(transport);
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(client, 10, 10), ANIMALDETECT_OK);
    return client;
}

/* The number of allocations of a run in which the nth has failed. */
static long run_once(long nth, int *failed)
{
    animaldetect_client *client = open_client();
    animaldetect_job *job = NULL;
    int32_t status;
    long calls;

    assert_int_equal(animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, IMAGE, sizeof IMAGE), ANIMALDETECT_OK);
    heap_fail_at(nth);
    status = animaldetect_job_run(job);
    calls = heap_calls();
    heap_fail_at(0);
    if (status != ANIMALDETECT_OK && status != ANIMALDETECT_E_NO_MEMORY)
        fail_msg("allocation %ld: %s: %s", nth, animaldetect_status_name(status), animaldetect_job_message(job));
    *failed += status != ANIMALDETECT_OK;
    elsewhere = 0;
    if (status != ANIMALDETECT_OK && animaldetect_job_run(job) != ANIMALDETECT_OK)
        fail_msg("after allocation %ld: %s", nth, animaldetect_job_message(job));
    assert_true(status == ANIMALDETECT_OK || elsewhere == 1);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return calls;
}

static void every_allocation_of_a_redirected_run_fails_once(void **state)
{
    int failed = 0;
    long calls = run_once(0, &failed);
    long live = heap_live();

    (void)state;
    assert_int_equal(failed, 0);
    assert_true(calls < MOST);
    for (long nth = 1; nth <= calls; nth++) {
        (void)run_once(nth, &failed);
        if (heap_live() != live)
            fail_msg("allocation %ld: %ld blocks in place of %ld", nth, heap_live(), live);
    }
    assert_true(!heap_is_counted() || failed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_of_a_redirected_run_fails_once)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
