/* SPDX-License-Identifier: MIT */
/*
 * A fleet at a service that deviates from its contract in every way that the model supports, and three outages of an
 * hour. Every image gets a correct result, or the service itself failed it repeatedly; only jobs that the service
 * itself denied are billed twice.
 *
 *     test_deviations [IMAGES]        2,000 by default; the build passes 20,000
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "api/client.h"
#include "engine/operator.h"
#include "kit/world/world.h"
#include "testing/service/draw.h"
#include "testing/service/service.h"

#define KEY "sk_test_deviations_0123456789"
#define NEW_KEY "sk_test_deviations_after_the_outage"
#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define IMAGE_SIZE 300
#define LIMIT 0.2 /* minimum score in a result */

/* Since the start. Images get through between the outages, at image_count / 20 requests a minute. */
#define NETWORK_GONE_MS (15 * MINUTE_MS)
#define PORTAL_MS (90 * MINUTE_MS)
#define KEY_REVOKED_MS (165 * MINUTE_MS)

/* Each of these affects a twentieth of its requests or jobs. */
static const char *const FAULTS[] = {
    "any:html:status=200:edge=1:begin=5400000:end=9000000", /* PORTAL_MS, for an hour */
    "any:503:p=0.05",
    "any:reset-before:p=0.05",
    "any:reset-after:p=0.05",
    "any:truncate:p=0.05",
    "any:delay:ms=3000:p=0.05",
    "api:html:p=0.05",
    "api:odd:p=0.05",
    "api:307:to=old:p=0.05",
    "fetch:303:to=storage:p=0.05",
    "submit:404:p=0.05",
    "poll:404:p=0.05",
    "fetch:404:p=0.05",
    "fetch:409:p=0.05",
    "upload:400:code=ExpiredToken:p=0.05",
    "upload:403:p=0.05",
};

/* Jobs that the test itself finishes oddly, by the number of the job at the service. */
enum odd_end { ENDS_ITSELF, EXPIRES, TAKES_HOURS };

struct fleet {
    struct svc *svc;
    struct world *world;
    struct operator_host *host;
    int64_t begin_ms;
    size_t looked_at;   /* the service's jobs below this index have been processed, or are in `submitted` */
    size_t waiting[64]; /* to be submitted */
    size_t waiting_count;
    size_t *slow; /* TAKES_HOURS, in the order in which they finish */
    int64_t *slow_until_ms;
    size_t slow_count;
    size_t slow_ended;
    int64_t odd_results;
    bool key_revoked;
    bool key_replaced;
};

static int64_t image_count = 2000;

static void make_image(int64_t number, uint8_t image[IMAGE_SIZE])
{
    static const uint8_t begin[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};

    memset(image, (int)(number & 0xff), IMAGE_SIZE);
    memcpy(image, begin, sizeof begin);
    memcpy(image + sizeof begin, &number, sizeof number);
}

static animaldetect_job *job_of(void *context, int64_t number)
{
    struct fleet *fleet = context;
    animaldetect_job *job = NULL;
    uint8_t image[IMAGE_SIZE];
    char name[32];

    make_image(number, image);
    snprintf(name, sizeof name, "%06lld.jpg", (long long)number);
    assert_int_equal(animaldetect_job_new(fleet->host->client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, image, sizeof image), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_filename(job, name), ANIMALDETECT_OK);
    return job;
}

/* What the service detects in the image, as a result shows it. */
static json_t *expected_of(int64_t number)
{
    uint8_t image[IMAGE_SIZE];
    uint8_t digest[crypto_hash_sha256_BYTES];
    json_t *all;
    json_t *list = json_array();
    json_t *seen;
    size_t i;

    make_image(number, image);
    crypto_hash_sha256(digest, image, sizeof image);
    all = svc_draw_annotations(digest);
    json_array_foreach(all, i, seen)
    {
        if (json_number_value(json_object_get(seen, "score")) < LIMIT)
            continue;
        json_object_del(seen, "top_candidates");
        json_array_append(list, seen);
    }
    json_decref(all);
    return list;
}

static bool equal_as_text(const json_t *a, const json_t *b)
{
    char *x = json_dumps(a, JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    char *y = json_dumps(b, JSON_SORT_KEYS | JSON_REAL_PRECISION(12));
    bool equal = x != NULL && y != NULL && strcmp(x, y) == 0;

    free(x);
    free(y);
    return equal;
}

/* One field is odd: everything else is present. No odd form affects the labels. */
static bool holds_labels(const char *text, const json_t *expected)
{
    const json_t *seen;
    size_t i;

    if (strstr(text, "\"annotations\":null") != NULL)
        return true;
    json_array_foreach(expected, i, seen)
    {
        text = strstr(text, json_string_value(json_object_get(seen, "label")));
        if (text == NULL)
            return false;
    }
    return true;
}

static const char *judge(void *context, int64_t number, animaldetect_job *job)
{
    struct fleet *fleet = context;
    size_t size = 0;
    const char *text = animaldetect_job_result_json(job, &size);
    animaldetect_result *result = NULL;
    json_t *expected = expected_of(number);
    json_t *got = text == NULL ? NULL : json_loadb(text, size, 0, NULL);
    bool equal = equal_as_text(json_object_get(got, "annotations"), expected);
    const char *wrong = NULL;

    if (animaldetect_job_result(job, &result) != ANIMALDETECT_OK)
        wrong = "without a result";
    else if (!equal && (text == NULL || !holds_labels(text, expected)))
        wrong = "the result of another image";
    else if (equal && animaldetect_result_count(result) != json_array_size(expected))
        wrong = "the typed view shows something else than the bytes";
    fleet->odd_results += !equal;
    animaldetect_result_free(result);
    json_decref(got);
    json_decref(expected);
    return wrong;
}

static int64_t passed_ms(const struct fleet *fleet)
{
    return world_now_ms(fleet->world) - fleet->begin_ms;
}

static enum odd_end odd_end_of(size_t job)
{
    if (job % 20 == 3)
        return EXPIRES;
    return job % 40 == 17 ? TAKES_HOURS : ENDS_ITSELF;
}

static bool bend(struct fleet *fleet, size_t job)
{
    const char *id = svc_job_id(fleet->svc, job);
    const char *state = svc_job_state(fleet->svc, id, world_wall_ms(fleet->world));

    if (strcmp(state, "awaiting_upload") == 0)
        return false;
    if (strcmp(state, "queued") != 0 && strcmp(state, "running") != 0)
        return true; /* too late: it has finished */
    if (odd_end_of(job) == EXPIRES)
        return svc_job_force_state(fleet->svc, id, "expired", NULL, NULL);
    fleet->slow = realloc(fleet->slow, (fleet->slow_count + 1) * sizeof *fleet->slow);
    fleet->slow_until_ms = realloc(fleet->slow_until_ms, (fleet->slow_count + 1) * sizeof *fleet->slow_until_ms);
    fleet->slow[fleet->slow_count] = job;
    fleet->slow_until_ms[fleet->slow_count++] = passed_ms(fleet) + 5 * HOUR_MS;
    return svc_job_force_state(fleet->svc, id, "running", NULL, NULL);
}

static void bend_jobs(struct fleet *fleet)
{
    size_t kept = 0;

    for (size_t i = 0; i < fleet->waiting_count; i++)
        if (!bend(fleet, fleet->waiting[i]))
            fleet->waiting[kept++] = fleet->waiting[i];
    fleet->waiting_count = kept;
    for (; fleet->looked_at < svc_job_total(fleet->svc) && fleet->waiting_count < 64; fleet->looked_at++)
        if (odd_end_of(fleet->looked_at) != ENDS_ITSELF)
            fleet->waiting[fleet->waiting_count++] = fleet->looked_at;
    while (fleet->slow_ended < fleet->slow_count && fleet->slow_until_ms[fleet->slow_ended] <= passed_ms(fleet))
        svc_job_force_state(fleet->svc, svc_job_id(fleet->svc, fleet->slow[fleet->slow_ended++]), "succeeded", NULL,
                            NULL);
}

/* A person ends the third outage. */
static void tend_key(struct fleet *fleet)
{
    if (!fleet->key_revoked && passed_ms(fleet) >= KEY_REVOKED_MS) {
        fleet->key_revoked = true;
        svc_revoke_key(fleet->svc, KEY);
    }
    if (fleet->key_replaced || passed_ms(fleet) < KEY_REVOKED_MS + HOUR_MS)
        return;
    fleet->key_replaced = true;
    svc_add_key(fleet->svc, NEW_KEY, image_count / 20);
    assert_int_equal(animaldetect_client_hold_reason(fleet->host->client), ANIMALDETECT_HOLD_ACCOUNT);
    assert_int_equal(animaldetect_client_set_api_key(fleet->host->client, NEW_KEY), ANIMALDETECT_OK);
    operator_account_is_back(fleet->host);
}

static void open_fleet(struct fleet *fleet)
{
    struct svc_config service;
    struct world_config net;
    animaldetect_client *client = NULL;
    char error[256];

    svc_config_default(&service);
    world_config_default(&net);
    service.api_key = KEY;
    service.rpm = image_count / 20;
    service.fail_probability = 0.05;
    service.stuck_share = 0.025; /* and as many for five hours, see bend */
    service.unknown_share = 0.05;
    service.lost_submit_share = 0.05;
    service.key_in_use_share = 0.05;
    service.key_in_use_ms = 20000;
    service.key_in_use_retry_after_s = 2;
    service.late_job_ms = 300;
    service.late_result_status = 202;
    service.late_result_ms = 400;
    service.job_ttl_ms = 2 * DAY_MS;
    fleet->svc = svc_new(&service);
    for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++)
        if (!svc_add_fault(fleet->svc, FAULTS[i], error, sizeof error))
            fail_msg("%s", error);
    fleet->world = world_new(fleet->svc, &net);
    fleet->begin_ms = world_now_ms(fleet->world);
    world_outage(fleet->world, fleet->begin_ms + NETWORK_GONE_MS, fleet->begin_ms + NETWORK_GONE_MS + HOUR_MS,
                 AD_NET_CONNECT);
    assert_int_equal(ad_client_new_over(world_factory, fleet->world, 1, &client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(client, KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_rate_limit(client, (int32_t)service.rpm, 0), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_max_jobs(client, image_count / 5), ANIMALDETECT_OK);
    fleet->host->client = client;
}

static void check_service(const struct fleet *fleet)
{
    /* A submit after a portal answered its upload: only the service can know. */
    size_t forgiven = svc_violation_count_of(fleet->svc, "submit_before_upload");

    for (size_t i = 0; i < 1000 && svc_violation(fleet->svc, i) != NULL; i++)
        if (strncmp(svc_violation(fleet->svc, i), "submit_before_upload", 20) != 0)
            print_message("violation: %s\n", svc_violation(fleet->svc, i));
    assert_int_equal(svc_violation_count(fleet->svc), forgiven);
    if (world_violations(fleet->world) > 0)
        fail_msg("the network saw a violation: %s", world_violation(fleet->world));
    /* A job that the service denied for a minute is run again, and may still succeed. */
    assert_true(svc_count(fleet->svc, SVC_COUNT_BILLED_TWICE) <=
                (uint64_t)fleet->host->ended[-ANIMALDETECT_E_NOT_FOUND]);
    assert_int_equal(svc_count(fleet->svc, SVC_COUNT_LIMITED), 0);
}

static void print_figures(const struct fleet *fleet)
{
    const struct operator_host *host = fleet->host;
    uint64_t polls = svc_count(fleet->svc, SVC_COUNT_POLLS);

    print_message(
        "%lld images in %.1f virtual hours: %lld calls, %lld reruns, %lld set aside, %llu requests of the API, "
        "%.2f polls a job, %lld odd results, %llu jobs\n",
        (long long)host->count, (double)passed_ms(fleet) / HOUR_MS, (long long)host->calls, (long long)host->reruns,
        (long long)host->set_aside, (unsigned long long)svc_count(fleet->svc, SVC_COUNT_API_REQUESTS),
        (double)polls / (double)svc_count(fleet->svc, SVC_COUNT_JOBS), (long long)fleet->odd_results,
        (unsigned long long)svc_count(fleet->svc, SVC_COUNT_JOBS));
    for (int i = 1; i < OPERATOR_STATUSES; i++)
        if (host->ended[i] > 0)
            print_message("  %s: %lld\n", animaldetect_status_name(-i), (long long)host->ended[i]);
}

static void every_image_completes_with_its_true_outcome(void **state)
{
    struct operator_host *host = calloc(1, sizeof *host);
    struct operator_image *images = calloc((size_t)image_count, sizeof *images);
    struct fleet fleet = {.host = host};

    (void)state;
    assert_true(host != NULL && images != NULL);
    open_fleet(&fleet);
    host->context = &fleet;
    host->job_of = job_of;
    host->judge = judge;
    operator_begin(host, images, image_count);
    for (;;) {
        operator_step(host, passed_ms(&fleet));
        if (operator_is_done(host))
            break;
        (void)animaldetect_client_wait(host->client, 1000);
        bend_jobs(&fleet);
        tend_key(&fleet);
        world_forget(fleet.world);
    }
    print_figures(&fleet);
    if (host->wrong[0] != '\0')
        fail_msg("%s", host->wrong);
    assert_true(host->set_aside <= image_count / 500);
    assert_true(fleet.odd_results <= image_count * 8 / 100);
    assert_true(fleet.key_replaced);
    check_service(&fleet);
    animaldetect_client_free(host->client);
    world_free(fleet.world);
    svc_free(fleet.svc);
    free(fleet.slow);
    free(fleet.slow_until_ms);
    free(images);
    free(host);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(every_image_completes_with_its_true_outcome)};

    if (argc > 1)
        image_count = strtol(argv[1], NULL, 10);
    if (argc > 2 || image_count < 200)
        return 2;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
