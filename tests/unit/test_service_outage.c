/* SPDX-License-Identifier: MIT */
/*
 * Faults that last for a time, and responses from in front of the service: outages, portals, long waits.
 */
#include <string.h>

#include "unit/service_kit.h"

static int create(struct client *client)
{
    return client_create(client, TESTING_PAYLOAD, "k");
}

static void a_fault_may_have_a_beginning_and_an_end(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:503:begin=1000:end=2000");
    assert_int_equal(create(&client), 201);
    client.now_ms += 999;
    assert_int_equal(create(&client), 200);
    client.now_ms += 1;
    assert_int_equal(create(&client), 503);
    client.now_ms += 999;
    assert_int_equal(create(&client), 503);
    client.now_ms += 1;
    assert_int_equal(create(&client), 200);
    client_stop(&client);
}

static void the_time_may_come_again_and_counts_what_it_meets_only(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:503:end=1000:repeat=5000:from=1");
    assert_int_equal(create(&client), 201);
    client.now_ms += 2000;
    assert_int_equal(create(&client), 200);
    client.now_ms += 3000;
    assert_int_equal(create(&client), 503);
    client.now_ms += 1000;
    assert_int_equal(create(&client), 200);
    client_stop(&client);
}

static void a_response_at_the_edge_checks_neither_key_nor_limit(void **state)
{
    struct svc_config config;
    struct client client;

    (void)state;
    client_config(&config);
    config.rpm = 1;
    client_start(&client, &config);
    client_fault(&client, "any:html:status=200:edge=1:end=1000");
    client.key = "sk_test_other";
    assert_int_equal(create(&client), 200);
    assert_non_null(strstr(client.last.body, "<title>Sign in to the network</title>"));
    assert_string_equal(svc_response_header(&client.last, "Content-Type"), "text/html");
    client.key = TESTING_KEY;
    assert_int_equal(create(&client), 200);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UNAUTHORIZED), 0);
    client.now_ms += 1000;
    assert_int_equal(create(&client), 201);
    assert_int_equal(create(&client), 429);
    client_stop(&client);
}

static void the_edge_comes_before_what_the_service_would_do(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:500:after_effect=1");
    client_fault(&client, "create:402:edge=1");
    assert_int_equal(create(&client), 402);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_JOBS), 0);
    client_stop(&client);
}

static void an_upload_at_the_edge_is_not_judged(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    create(&client);
    svc_expire_upload(client.svc, client.job);
    client_fault(&client, "any:html:status=511:edge=1:n=1");
    assert_int_equal(client_upload(&client), 511);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UPLOADS_EXPIRED), 0);
    assert_int_equal(client_upload(&client), 400);
    client_stop(&client);
}

static void html_comes_with_any_status(void **state)
{
    static const struct {
        const char *spec;
        int status;
        const char *title;
        const char *location;
    } rows[] = {{"create:html", 502, "502 Bad Gateway", NULL},
                {"create:html:status=503", 503, "503 Service Unavailable", NULL},
                {"create:html:status=403", 403, "Sign in to the network", NULL},
                {"create:html:status=511", 511, "Sign in to the network", NULL},
                {"create:html:status=302", 302, "Sign in to the network", "https://foreign.example/v1/jobs"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *location;
        struct client client;

        client_start(&client, NULL);
        client_fault(&client, rows[i].spec);
        assert_int_equal(create(&client), rows[i].status);
        assert_non_null(strstr(client.last.body, rows[i].title));
        location = svc_response_header(&client.last, "Location");
        assert_string_equal(location ? location : "", rows[i].location ? rows[i].location : "");
        client_stop(&client);
    }
}

static void a_wait_may_be_days_in_seconds_or_years_as_a_date(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "create:429:n=1:retry_after=413999");
    client_fault(&client, "create:503:from=1:retry_date=94608000");
    create(&client);
    assert_string_equal(svc_response_header(&client.last, "Retry-After"), "413999");
    create(&client);
    assert_string_equal(svc_response_header(&client.last, "Retry-After"), "Mon, 14 Jan 2030 08:00:00 GMT");
    client_stop(&client);
}

static void a_fault_401_counts_as_unauthorized(void **state)
{
    struct client client;

    (void)state;
    client_start(&client, NULL);
    client_fault(&client, "api:401");
    assert_int_equal(create(&client), 401);
    assert_int_equal(svc_count(client.svc, SVC_COUNT_UNAUTHORIZED), 1);
    client_stop(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_may_have_a_beginning_and_an_end),
        cmocka_unit_test(the_time_may_come_again_and_counts_what_it_meets_only),
        cmocka_unit_test(a_response_at_the_edge_checks_neither_key_nor_limit),
        cmocka_unit_test(the_edge_comes_before_what_the_service_would_do),
        cmocka_unit_test(an_upload_at_the_edge_is_not_judged),
        cmocka_unit_test(html_comes_with_any_status),
        cmocka_unit_test(a_wait_may_be_days_in_seconds_or_years_as_a_date),
        cmocka_unit_test(a_fault_401_counts_as_unauthorized),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
