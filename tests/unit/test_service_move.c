/* SPDX-License-Identifier: MIT */
/*
 * Redirects: where they point, that a request at the target is answered, and results served by the storage.
 */
#include <stdio.h>
#include <string.h>

#include "unit/service_kit.h"

#define NEW_JOBS "https://api.animaldetect.com/v1/jobs"
#define OLD_JOBS "https://www.animaldetect.com/api/v1/jobs"

/* A create at a given URL. */
static int create_at(struct client *client, const char *url)
{
    const struct svc_header headers[] = {
        {"Authorization", "Bearer " TESTING_KEY}, {"Content-Type", "application/json"}, {"Idempotency-Key", "k"}};

    return client_send(client, "POST", url, headers, 3, TESTING_PAYLOAD);
}

/* The same for a front end without URLs. */
static int create_at_host(struct client *client, const char *host, const char *target)
{
    const struct svc_header headers[] = {{"Host", host},
                                         {"Authorization", "Bearer " TESTING_KEY},
                                         {"Content-Type", "application/json"},
                                         {"Idempotency-Key", "k"}};
    const struct svc_request request = {.method = "POST",
                                        .place = SVC_API,
                                        .target = target,
                                        .headers = headers,
                                        .header_count = 4,
                                        .body = TESTING_PAYLOAD,
                                        .body_size = strlen(TESTING_PAYLOAD)};

    svc_response_clear(&client->last);
    json_decref(client->json);
    svc_handle(client->svc, &request, client->now_ms, &client->last);
    client->json = client->last.body ? json_loads(client->last.body, 0, NULL) : NULL;
    return client->last.status;
}

static const char *location(const struct client *client)
{
    return svc_response_header(&client->last, "Location");
}

static void an_origin_moves_to_the_other_permanently(void **state)
{
    static const struct {
        const char *spec, *from, *to;
        int status;
    } rows[] = {{"api:301:to=api", OLD_JOBS, NEW_JOBS, 301},
                {"api:302:to=api", OLD_JOBS, NEW_JOBS, 302},
                {"api:303:to=old", NEW_JOBS, OLD_JOBS, 303},
                {"api:307:to=old", NEW_JOBS, OLD_JOBS, 307},
                {"api:308:to=https%3A//api.animaldetect.com/v1", OLD_JOBS, NEW_JOBS, 308}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct client client;

        client_start(&client, NULL);
        client_fault(&client, rows[i].spec);
        assert_int_equal(create_at(&client, rows[i].from), rows[i].status);
        assert_string_equal(location(&client), rows[i].to);
        assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), 0);
        assert_int_equal(create_at(&client, rows[i].to), 201);
        /* A response given there contains URLs there. */
        assert_memory_equal(client_text(&client, "status_url"), rows[i].to, strlen(rows[i].to));
        assert_int_equal(svc_route_count(client.svc, SVC_ROUTE_CREATE, 3), 1);
        client_stop(&client);
    }
}

static void a_relative_redirect_names_the_other_base(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "api:308:to=/api/v1");
    assert_int_equal(create_at(&client, NEW_JOBS), 308);
    assert_string_equal(location(&client), "/api/v1/jobs");
    assert_int_equal(create_at(&client, "https://api.animaldetect.com/api/v1/jobs"), 201);
    client_stop(&client);
}

static void every_route_keeps_its_path(void **state)
{
    struct client client;
    char wanted[256];

    (void)state;
    client_start(&client, NULL);
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client_fault(&client, "api:307:to=old");
    client_status(&client);
    (void)snprintf(wanted, sizeof(wanted), OLD_JOBS "/%s", client.job);
    assert_string_equal(location(&client), wanted);
    client_result(&client);
    (void)snprintf(wanted, sizeof(wanted), OLD_JOBS "/%s/result", client.job);
    assert_string_equal(location(&client), wanted);
    client_submit(&client);
    (void)snprintf(wanted, sizeof(wanted), OLD_JOBS "/%s/submit", client.job);
    assert_string_equal(location(&client), wanted);
    client_stop(&client);
}

static void a_front_without_urls_is_identified_by_its_host(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "api:308:to=http%3A//localhost%3A8080");
    assert_int_equal(create_at_host(&client, "127.0.0.1:8080", "/v1/jobs"), 308);
    assert_string_equal(location(&client), "http://localhost:8080/v1/jobs");
    assert_int_equal(create_at_host(&client, "LocalHost:8080", "/v1/jobs"), 201);
    assert_memory_equal(client_text(&client, "status_url"), "http://localhost:8080/v1/jobs/", 30);
    client_stop(&client);
}

static void an_older_origin_must_be_there(void **state)
{
    struct svc_config config;
    struct client client;
    char error[200] = "";

    (void)state;
    client_config(&config);
    config.old_api_origin = NULL;
    client_start(&client, &config);
    assert_false(svc_add_fault(client.svc, "api:308:to=old", error, sizeof(error)));
    assert_non_null(strstr(error, "no older origin"));
    client_stop(&client);
}

static void redirects_cost_requests_of_the_limit(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.rpm = 1;
    client_start(&client, &config);
    client_fault(&client, "api:308:to=api");
    assert_int_equal(create_at(&client, OLD_JOBS), 308);
    assert_int_equal(create_at(&client, NEW_JOBS), 429);
    client_stop(&client);
}

/* Follows the redirect of a result, with the given headers. */
static int follow(struct client *client, const struct svc_header *headers, size_t count, const char *method)
{
    char url[1024];

    (void)snprintf(url, sizeof(url), "%s", location(client));
    assert_memory_equal(url, "https://storage.googleapis.com/animal_detect/jobs/", 50);
    return client_send(client, method, url, headers, count, NULL);
}

static void a_result_may_be_handed_out_by_the_storage_without_a_key(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "fetch:303:to=storage");
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 1000;
    client_status(&client);
    assert_int_equal(client_result(&client), 303);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_RESULTS), 0);
    assert_int_equal(follow(&client, NULL, 0, "GET"), 200);
    assert_true(json_is_array(client_value(&client, "annotations")));
    assert_int_equal(svc_count(client.svc, SVC_COUNT_RESULTS), 1);
    assert_int_equal(svc_route_count(client.svc, SVC_ROUTE_FETCH, 2), 1);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
}

static void a_key_at_the_handed_out_result_is_a_violation(void **state)
{
    const struct svc_header headers[] = {{"Authorization", "Bearer " TESTING_KEY}};
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "fetch:302:to=storage");
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 1000;
    client_result(&client);
    follow(&client, headers, 1, "GET");
    assert_int_equal(svc_violation_count_of(client.svc, "key_at_storage"), 1);
    client_stop(&client);
}

static void a_handed_out_result_needs_its_signature_method_time_and_success(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "fetch:302:to=storage");
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client_result(&client);
    assert_int_equal(follow(&client, NULL, 0, "GET"), 404);
    assert_int_equal(svc_violation_count_of(client.svc, "result_before_success"), 1);
    client_result(&client);
    assert_int_equal(follow(&client, NULL, 0, "PUT"), 403);
    assert_int_equal(svc_violation_count_of(client.svc, "bad_method"), 1);
    client_result(&client);
    client.now_ms += 900000;
    assert_int_equal(follow(&client, NULL, 0, "GET"), 400);
    assert_int_equal(client_send(&client, "GET",
                                 "https://storage.googleapis.com/animal_detect/jobs/x/result?X-Expires=1", NULL, 0,
                                 NULL),
                     403);
    client_stop(&client);
}

/* As at the service itself: a client that sees an unknown state may check whether there is a result. */
static void a_result_behind_an_unknown_state_may_be_fetched_from_the_storage(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.unknown_share = 1;
    config.unknown_form = SVC_UNKNOWN_BARE;
    client_start(&client, &config);
    client_fault(&client, "fetch:302:to=storage");
    client_begin_job(&client, TESTING_PAYLOAD, "k");
    client.now_ms += 1000;
    client_result(&client);
    assert_int_equal(follow(&client, NULL, 0, "GET"), 404);
    assert_int_equal(svc_violation_count(client.svc), 0);
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_origin_moves_to_the_other_permanently),
        cmocka_unit_test(a_relative_redirect_names_the_other_base),
        cmocka_unit_test(every_route_keeps_its_path),
        cmocka_unit_test(a_front_without_urls_is_identified_by_its_host),
        cmocka_unit_test(an_older_origin_must_be_there),
        cmocka_unit_test(redirects_cost_requests_of_the_limit),
        cmocka_unit_test(a_result_may_be_handed_out_by_the_storage_without_a_key),
        cmocka_unit_test(a_key_at_the_handed_out_result_is_a_violation),
        cmocka_unit_test(a_handed_out_result_needs_its_signature_method_time_and_success),
        cmocka_unit_test(a_result_behind_an_unknown_state_may_be_fetched_from_the_storage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
