/* SPDX-License-Identifier: MIT */
/*
 * Tests the gateway of examples/ on libanimaldetect-mock, as its author would: hours of outage and power losses on a
 * virtual clock. Nothing here sleeps.
 */
#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <animaldetect/mock.h>
#include <cmocka.h>

#include "../../examples/gateway.h"

#define HOUR_MS INT64_C(3600000)
#define STEPS_MAX 200000

struct host {
    animaldetect_mock *mock;
    struct gateway gateway;
    char folder[sizeof "/tmp/animaldetect-gateway-XXXXXX"];
};

/* ---- the host ---- */

static void power_up(struct host *host)
{
    animaldetect_client *client = NULL;

    assert_int_equal(animaldetect_mock_new_client(host->mock, &client), ANIMALDETECT_OK);
    assert_int_equal(gateway_open(&host->gateway, client, "gate"), 0);
}

/* The client goes without cleanup; only the state on disk is left. */
static void lose_power(struct host *host)
{
    gateway_close(&host->gateway);
}

static int open_host(void **state)
{
    struct host *host = calloc(1, sizeof *host);

    assert_non_null(host);
    strcpy(host->folder, "/tmp/animaldetect-gateway-XXXXXX");
    assert_non_null(mkdtemp(host->folder));
    assert_int_equal(chdir(host->folder), 0);
    assert_int_equal(animaldetect_mock_new(&host->mock), ANIMALDETECT_OK);
    *state = host;
    return 0;
}

static int remove_one(const char *path, const struct stat *what, int kind, struct FTW *place)
{
    (void)what;
    (void)kind;
    (void)place;
    return remove(path);
}

/* Every test must have kept the service's contract. */
static int close_host(void **state)
{
    struct host *host = *state;

    for (size_t i = 0; i < animaldetect_mock_violation_count(host->mock); i++)
        print_message("violation: %s\n", animaldetect_mock_violation(host->mock, i));
    assert_int_equal(animaldetect_mock_violation_count(host->mock), 0);
    gateway_close(&host->gateway);
    animaldetect_mock_free(host->mock);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(nftw(host->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(host);
    return 0;
}

static int64_t now_ms(const struct host *host)
{
    return animaldetect_mock_now_ms(host->mock);
}

/* Processes one event, of the service or of the gateway's own timer. */
static void step(struct host *host)
{
    int64_t sleep_ms = gateway_sleep_ms(&host->gateway, now_ms(host));

    if (animaldetect_mock_step(host->mock) < 0)
        assert_int_equal(animaldetect_mock_advance_ms(host->mock, sleep_ms > 0 ? sleep_ms : 1000), ANIMALDETECT_OK);
    assert_int_equal(gateway_process(&host->gateway, now_ms(host)), ANIMALDETECT_OK);
}

#define UNTIL(host, condition)                       \
    do {                                             \
        for (int steps = 0; !(condition); steps++) { \
            assert_true(steps < STEPS_MAX);          \
            step(host);                              \
        }                                            \
    } while (0)

static void live(struct host *host, int64_t ms)
{
    int64_t until = now_ms(host) + ms;

    UNTIL(host, now_ms(host) >= until);
}

/* Exact to the millisecond, for times of power loss. */
static void live_exactly(struct host *host, int64_t ms)
{
    for (int64_t i = 0; i < ms; i++) {
        assert_int_equal(gateway_process(&host->gateway, now_ms(host)), ANIMALDETECT_OK);
        assert_int_equal(animaldetect_mock_advance_ms(host->mock, 1), ANIMALDETECT_OK);
    }
}

/* ---- images and folders ---- */

static void put_bytes(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(name, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Each name is another image. */
static void put_image(const char *name)
{
    uint8_t image[300] = {0xff, 0xd8, 0xff, 0xe0};

    (void)snprintf((char *)image + 4, sizeof image - 4, "%s", name);
    put_bytes(name, image, sizeof image);
}

static void put_images(const char *prefix, int count)
{
    char name[64];

    for (int i = 0; i < count; i++) {
        (void)snprintf(name, sizeof name, "%s_%03d.jpg", prefix, i);
        put_image(name);
    }
}

/* How many files of a folder have this suffix. */
static long files(const char *folder, const char *end)
{
    DIR *listing = opendir(folder);
    const struct dirent *entry;
    long count = 0;

    assert_non_null(listing);
    while ((entry = readdir(listing)) != NULL) {
        size_t length = strlen(entry->d_name);

        count +=
            entry->d_name[0] != '.' && length >= strlen(end) && strcmp(entry->d_name + length - strlen(end), end) == 0;
    }
    closedir(listing);
    return count;
}

static void assert_all_done(long count)
{
    assert_int_equal(files("done", ".jpg"), count);
    assert_int_equal(files("done", ".json"), count);
    assert_int_equal(files("journal", ""), 0);
    assert_int_equal(files("aside", ""), 0);
    assert_int_equal(files(".", ".jpg"), 0);
}

/* ---- requests that the service received ---- */

/* Requests with this response. */
static size_t answered(const struct host *host, const char *route, int32_t http_status)
{
    size_t count = 0;

    for (size_t i = 0; i < animaldetect_mock_request_count(host->mock, route); i++)
        count +=
            animaldetect_mock_request_http_status(animaldetect_mock_request_at(host->mock, route, i)) == http_status;
    return count;
}

/* Whether the request is a create for an image whose name has this prefix. */
static bool creates(const struct host *host, size_t index, const char *prefix)
{
    const char *body = animaldetect_mock_request_body(animaldetect_mock_request_at(host->mock, "create", index));
    char wanted[64];

    (void)snprintf(wanted, sizeof wanted, "\"%s_", prefix);
    return body != NULL && strstr(body, wanted) != NULL;
}

/* ---- the tests ---- */

static void the_gate_camera_passes_all_that_wait_for_quota(void **state)
{
    struct host *host = *state;
    size_t before;
    int64_t in_flight;

    assert_int_equal(animaldetect_mock_set_rate_limit(host->mock, 30), ANIMALDETECT_OK);
    put_images("field", 100); /* more than the client accepts */
    power_up(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->gateway.client, 30, 0), ANIMALDETECT_OK);
    live(host, 60000);
    before = animaldetect_mock_request_count(host->mock, "create");
    assert_in_range(before, 1, 30);
    assert_int_equal(gateway_process(&host->gateway, now_ms(host)), ANIMALDETECT_OK);
    in_flight = animaldetect_client_in_flight(host->gateway.client);
    put_images("gate", 3);
    gateway_scan(&host->gateway);
    assert_int_equal(gateway_process(&host->gateway, now_ms(host)), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_in_flight(host->gateway.client), in_flight + 3); /* there was room for them */
    UNTIL(host, animaldetect_mock_request_count(host->mock, "create") >= before + 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(creates(host, before + i, "gate"), i < 3);
    UNTIL(host, host->gateway.succeeded == 103);
    assert_all_done(103);
    assert_int_equal(answered(host, "any", 429), 0);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 103);
}

static void a_drain_finishes_what_has_begun_and_the_next_life_the_rest(void **state)
{
    struct host *host = *state;
    size_t begun;

    assert_int_equal(animaldetect_mock_set_rate_limit(host->mock, 30), ANIMALDETECT_OK);
    put_images("field", 20);
    power_up(host);
    assert_int_equal(animaldetect_client_set_rate_limit(host->gateway.client, 30, 0), ANIMALDETECT_OK);
    UNTIL(host, animaldetect_mock_request_count(host->mock, "create") == 4);
    gateway_drain(&host->gateway);
    UNTIL(host, gateway_is_drained(&host->gateway));
    begun = animaldetect_mock_job_count(host->mock);
    assert_int_equal(begun, 4);
    assert_int_equal(host->gateway.succeeded, 4);
    assert_int_equal(files("done", ".json"), 4);
    assert_int_equal(files(".", ".jpg"), 16);
    lose_power(host);
    assert_int_equal(animaldetect_mock_advance_ms(host->mock, 60000), ANIMALDETECT_OK);
    power_up(host);
    UNTIL(host, host->gateway.succeeded == 16);
    assert_all_done(20);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 20);
    assert_int_equal(answered(host, "create", 200), 0);
}

/*
 * Whenever the first life ends, each image has one create and one upload: no request whose response was on disk is
 * repeated. A create whose response was lost gets a 200 when it is repeated.
 */
static void power_may_be_lost_at_any_moment(void **state)
{
    (void)state;
    for (int64_t moment = 0; moment < 1400; moment += 13) {
        void *other = NULL;
        struct host *host;

        open_host(&other);
        host = other;
        put_images("field", 3);
        power_up(host);
        live_exactly(host, moment);
        lose_power(host);
        power_up(host);
        UNTIL(host, files(".", ".jpg") == 0);
        assert_all_done(3);
        assert_int_equal(animaldetect_mock_job_count(host->mock), 3);
        assert_int_equal(answered(host, "create", 201) + answered(host, "create", 200), 3);
        assert_int_equal(answered(host, "upload", 200), 3);
        close_host(&other);
    }
}

/* A life lasts only as long as one more stage takes: the journal alone keeps the progress. */
static void a_gateway_that_loses_power_all_the_time_still_gets_on(void **state)
{
    struct host *host = *state;

    put_images("field", 10);
    power_up(host);
    for (int life = 0; life < 1000 && files(".", ".jpg") > 0; life++) {
        live_exactly(host, 101);
        lose_power(host);
        power_up(host);
    }
    assert_all_done(10);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 10);
    assert_int_equal(answered(host, "create", 201) + answered(host, "create", 200), 10);
    assert_int_equal(answered(host, "upload", 200), 10);
}

static void an_outage_of_hours_loses_no_image(void **state)
{
    struct host *host = *state;

    put_images("field", 50);
    power_up(host);
    live(host, 500);
    assert_int_equal(animaldetect_mock_fail(host->mock, "any", 0, ANIMALDETECT_FAILURE_CONNECT), ANIMALDETECT_OK);
    for (int hour = 0; hour < 5; hour++) {
        char prefix[16];

        (void)snprintf(prefix, sizeof prefix, "hour%d", hour);
        put_images(prefix, 10);
        gateway_scan(&host->gateway);
        live(host, HOUR_MS);
    }
    assert_int_equal(files("aside", ""), 0);
    assert_int_equal(animaldetect_mock_clear_faults(host->mock), ANIMALDETECT_OK);
    live(host, HOUR_MS);
    assert_all_done(100);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 100);
}

static void a_bad_image_is_set_aside_and_the_others_go_on(void **state)
{
    struct host *host = *state;

    put_images("field", 3);
    put_bytes("field_empty.jpg", "", 0);
    put_bytes("field_text.jpg", "no image", 8);
    put_bytes("field_\xff.jpg", "no image, no name", 17);
    power_up(host);
    UNTIL(host, host->gateway.succeeded == 3 && host->gateway.set_aside == 3);
    assert_int_equal(files("aside", ".jpg"), 3);
    assert_int_equal(files("aside", ".txt"), 3);
    assert_int_equal(files("journal", ""), 0);
    assert_int_equal(host->gateway.retry_at_ms, 0);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 3);
}

/* Forces the newest job of the service into a state. */
static void end_newest(struct host *host, const char *how)
{
    size_t count = animaldetect_mock_job_count(host->mock);
    const char *id = animaldetect_mock_job_id(host->mock, count - 1);

    UNTIL(host, strcmp(animaldetect_mock_job_state(host->mock, id), "running") == 0 ||
                    strcmp(animaldetect_mock_job_state(host->mock, id), "queued") == 0);
    assert_int_equal(animaldetect_mock_set_job_state(host->mock, id, how), ANIMALDETECT_OK);
}

static void a_job_that_failed_is_run_again_with_the_next_number(void **state)
{
    struct host *host = *state;

    put_image("field_000.jpg");
    power_up(host);
    UNTIL(host, animaldetect_mock_job_count(host->mock) == 1);
    end_newest(host, "expired");
    UNTIL(host, host->gateway.succeeded == 1);
    assert_all_done(1);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 2);
}

/* Power is lost as each run fails: the numbers are on disk, so that there are exactly three runs. */
static void an_image_whose_jobs_always_fail_is_set_aside_after_three(void **state)
{
    struct host *host = *state;

    put_image("field_000.jpg");
    power_up(host);
    for (size_t run = 1; run <= 3; run++) {
        UNTIL(host, animaldetect_mock_job_count(host->mock) == run);
        end_newest(host, "failed");
        lose_power(host);
        power_up(host);
    }
    UNTIL(host, host->gateway.set_aside == 1);
    assert_int_equal(files("aside", ".jpg"), 1);
    assert_int_equal(files("journal", ""), 0);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 3);
}

/* A portal answers every request; no response is the service's. */
static void the_answers_of_a_captive_portal_keep_every_image(void **state)
{
    static const int32_t statuses[] = {200, 302, 401, 403, 404, 407, 511};
    struct host *host = *state;
    long count = 0;

    power_up(host);
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char prefix[16];

        (void)snprintf(prefix, sizeof prefix, "field%d", (int)statuses[i]);
        put_images(prefix, 3);
        gateway_scan(&host->gateway);
        live(host, 300); /* some already have their job */
        assert_int_equal(animaldetect_mock_answer(host->mock, "any", 0, statuses[i],
                                                  "Content-Type: text/html\nLocation: http://portal.example/",
                                                  "<html>Please log in</html>"),
                         ANIMALDETECT_OK);
        live(host, HOUR_MS);
        assert_int_equal(files("aside", ""), 0);
        assert_int_equal(animaldetect_mock_clear_faults(host->mock), ANIMALDETECT_OK);
        live(host, HOUR_MS);
        count += 3;
        assert_all_done(count);
        assert_int_equal(animaldetect_mock_job_count(host->mock), count);
    }
}

static void a_refused_key_keeps_the_images_until_it_is_exchanged(void **state)
{
    struct host *host = *state;

    assert_int_equal(animaldetect_mock_set_api_key(host->mock, "sk_test_of_tomorrow"), ANIMALDETECT_OK);
    put_images("field", 5);
    power_up(host);
    assert_int_equal(animaldetect_client_set_api_key(host->gateway.client, "sk_test_of_yesterday"), ANIMALDETECT_OK);
    live(host, HOUR_MS);
    UNTIL(host, gateway_sleep_ms(&host->gateway, now_ms(host)) > 300000);
    assert_true(host->gateway.alarms >= 1);
    assert_int_equal(files(".", ".jpg"), 5);
    assert_int_equal(files("aside", ""), 0);
    assert_int_equal(animaldetect_client_set_api_key(host->gateway.client, "sk_test_of_tomorrow"), ANIMALDETECT_OK);
    gateway_retry(&host->gateway);
    live(host, 20000); /* at once, not when the gateway would have retried */
    assert_all_done(5);
    assert_int_equal(animaldetect_mock_job_count(host->mock), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_host, close_host)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_gate_camera_passes_all_that_wait_for_quota),
        TEST(a_drain_finishes_what_has_begun_and_the_next_life_the_rest),
        cmocka_unit_test(power_may_be_lost_at_any_moment),
        TEST(a_gateway_that_loses_power_all_the_time_still_gets_on),
        TEST(an_outage_of_hours_loses_no_image),
        TEST(a_bad_image_is_set_aside_and_the_others_go_on),
        TEST(a_job_that_failed_is_run_again_with_the_next_number),
        TEST(an_image_whose_jobs_always_fail_is_set_aside_after_three),
        TEST(the_answers_of_a_captive_portal_keep_every_image),
        TEST(a_refused_key_keeps_the_images_until_it_is_exchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
