/* SPDX-License-Identifier: MIT */
/*
 * Where the API key and the image may be sent: never a byte to an untrusted origin, never the key to the storage, never
 * plain http unless it is loopback or permitted, and to the storage exactly what the service specified.
 */
#include "engine/harness.h"

#include <stdio.h>

#define API "https://api.animaldetect.com"

static void a_foreign_url_of_the_service_is_refused_before_a_byte_is_sent(struct host *host)
{
    animaldetect_job *job;

    host_fault(host, "create:foreign-url:n=1");
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_UNTRUSTED_URL, "create");
    assert_int_equal(world_count(host->world, "any"), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_FOREIGN), 0);
}

static void one_foreign_url_among_good_ones_is_refused_too(struct host *host)
{
    static const char *const names[] = {"\"submit_url\":\"https://api", "\"status_url\":\"https://api",
                                        "\"result_url\":\"https://api"};
    static const char *const foreign[] = {"\"submit_url\":\"https://evil", "\"status_url\":\"https://evil",
                                          "\"result_url\":\"https://evil"};

    for (size_t i = 0; i < 3; i++) {
        animaldetect_job *job;

        host_again(host);
        world_rewrite(host->world, "create", 1, names[i], foreign[i]);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        host_expect(host, job, ANIMALDETECT_E_UNTRUSTED_URL,
                    "_url is at https://evil.animaldetect.com: the origin is not trusted");
        assert_int_equal(world_count(host->world, "any"), 1);
    }
}

static void urls_that_only_look_trusted_are_refused(struct host *host)
{
    static const char *const origins[] = {
        "https://api.animaldetect.com.evil.example",
        "https://api.animaldetect.com@evil.example",
        "https://evil.example/api.animaldetect.com",
        "https://api.animaldetect.com:444",
        "http://api.animaldetect.com",
        "https://user:pw@api.animaldetect.com",
        "https://api.animaldetect.com\\\\@evil.example",
        "https://api_animaldetect.com",
    };

    for (size_t i = 0; i < sizeof origins / sizeof origins[0]; i++) {
        char to[160];
        animaldetect_job *job;

        host_again(host);
        snprintf(to, sizeof to, "\"status_url\":\"%s", origins[i]);
        world_rewrite(host->world, "create", 1, "\"status_url\":\"" API, to);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        if (animaldetect_job_status(job) != ANIMALDETECT_E_UNTRUSTED_URL &&
            animaldetect_job_status(job) != ANIMALDETECT_E_PROTOCOL)
            fail_msg("%s: %s", origins[i], animaldetect_status_name(animaldetect_job_status(job)));
        assert_int_equal(world_count(host->world, "any"), 1);
    }
}

static void a_foreign_url_in_a_status_answer_is_refused(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_rewrite(host->world, "poll", 1, "\"result_url\":\"https://api", "\"result_url\":\"https://evil");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_UNTRUSTED_URL, NULL);
    assert_int_equal(world_count(host->world, "fetch"), 0);
}

static void both_official_hosts_are_trusted_while_the_base_is_official(struct host *host)
{
    static const char *const bases[] = {"https://api.animaldetect.com/v1", "https://www.animaldetect.com/api/v1"};
    static const char *const answers[] = {"https://www.animaldetect.com", "https://api.animaldetect.com"};

    for (size_t i = 0; i < 2; i++) {
        host_close(host);
        host->service.answer_origin = answers[i];
        host_open(host);
        assert_int_equal(animaldetect_client_set_base_url(host->client, bases[i]), ANIMALDETECT_OK);
        assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
        assert_memory_equal(world_request_of(host->world, "create", 1)->url, bases[i], strlen(bases[i]));
        assert_memory_equal(world_request_of(host->world, "submit", 1)->url, answers[i], strlen(answers[i]));
    }
}

static void an_added_origin_is_trusted_and_no_other(struct host *host)
{
    animaldetect_job *job;

    host->service.api_origin = "https://jobs.example.com:8443";
    host->service.answer_origin = "https://eu.jobs.example.com";
    host->service.old_api_origin = "https://eu.jobs.example.com";
    host_open(host);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "https://jobs.example.com:8443/v1/"),
                     ANIMALDETECT_OK);
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_UNTRUSTED_URL, NULL);

    host_again(host);
    animaldetect_client_set_base_url(host->client, "https://jobs.example.com:8443/v1");
    assert_int_equal(animaldetect_client_add_trusted_origin(host->client, "https://eu.jobs.example.com"),
                     ANIMALDETECT_OK);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
}

static void plain_http_is_for_loopback_or_with_permission(struct host *host)
{
    static const char *const loopback[] = {"http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:80/v1"};

    host_open(host);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(animaldetect_client_set_base_url(host->client, loopback[i]), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "http://api.animaldetect.com/v1"),
                     ANIMALDETECT_E_INSECURE_URL);
    assert_int_equal(animaldetect_client_add_trusted_origin(host->client, "http://jobs.example.com"),
                     ANIMALDETECT_E_INSECURE_URL);
    assert_int_equal(animaldetect_client_set_allow_insecure_http(host->client, 1), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_base_url(host->client, "http://jobs.example.com/v1"), ANIMALDETECT_OK);
}

static void an_upload_url_in_plain_http_is_refused(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_rewrite(host->world, "create", 1, "https://storage", "http://storage");
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_INSECURE_URL, "upload.url");
    assert_int_equal(world_count(host->world, "upload"), 0);
}

/* With a service on https, neither image nor key may be sent in clear to whatever listens on this machine. */
static void a_service_that_is_not_on_loopback_may_not_name_loopback_in_plain_http(struct host *host)
{
    static const char *const targets[] = {"http://127.0.0.1:2375", "http://localhost:2375", "http://[::1]:2375",
                                          "http://127.1.2.3"};

    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
        for (int late = 0; late < 2; late++) {
            char to[160];
            animaldetect_job *job;

            host_again(host);
            snprintf(to, sizeof to, late ? "\"submit_url\":\"%s" : "%s", targets[i]);
            assert_int_equal(animaldetect_client_add_trusted_origin(host->client, targets[i]), ANIMALDETECT_OK);
            world_rewrite(host->world, "create", 1, late ? "\"submit_url\":\"" API : "https://storage.googleapis.com",
                          to);
            job = host_image_job(host);
            host_do(host, job, HOST_RUN);
            host_expect(host, job, ANIMALDETECT_E_INSECURE_URL, targets[i]);
            assert_int_equal(world_count(host->world, "any"), 1);
        }
}

static void a_service_on_loopback_behind_https_may_not_name_plain_http_either(struct host *host)
{
    animaldetect_job *job;

    host->service.api_origin = "https://127.0.0.1:8443";
    host->service.storage_origin = "http://127.0.0.1:8081";
    host->net.storage_origin = "http://127.0.0.1:8081";
    host_open(host);
    animaldetect_client_set_base_url(host->client, "https://127.0.0.1:8443/v1");
    job = host_image_job(host);
    host_do(host, job, HOST_RUN);
    host_expect(host, job, ANIMALDETECT_E_INSECURE_URL, "upload.url is at http://127.0.0.1:8081");
    assert_int_equal(world_count(host->world, "upload"), 0);
}

static void a_loopback_service_may_use_plain_http_for_all(struct host *host)
{
    host->service.api_origin = "http://127.0.0.1:8080";
    host->service.storage_origin = "http://127.0.0.1:8081";
    host->net.storage_origin = "http://127.0.0.1:8081";
    host_open(host);
    animaldetect_client_set_base_url(host->client, "http://127.0.0.1:8080/v1");
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
}

static void the_storage_gets_exactly_the_method_and_headers_that_were_returned(struct host *host)
{
    const struct world_request *upload;

    host->service.upload_header_name = "x-goog-content-length-range";
    host->service.upload_header_value = "0,10485760";
    host_open(host);
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    upload = world_request_of(host->world, "upload", 1);
    assert_string_equal(upload->method, "PUT");
    assert_null(upload->bearer);
    assert_string_equal(upload->headers, "Content-Type: image/jpeg\nx-goog-content-length-range: 0,10485760\n");

    host_close(host);
    host->service.upload_method = "POST";
    assert_int_equal(host_do(host, host_image_job(host), HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(world_request_of(host->world, "upload", 1)->method, "POST");
}

static void a_content_type_is_added_only_when_none_was_returned(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    world_rewrite(host->world, "create", 1, "\"headers\":{\"Content-Type\":\"image/jpeg\"}", "\"headers\":{}");
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    assert_string_equal(world_request_of(host->world, "upload", 1)->headers, "Content-Type: image/jpeg\n");
}

static void upload_headers_that_must_not_be_sent_are_refused(struct host *host)
{
    static const char *const headers[] = {
        "\"Authorization\":\"Bearer x\"",
        "\"authorization\":\"x\"",
        "\"Proxy-Authorization\":\"x\"",
        "\"Cookie\":\"a=b\"",
        "\"Host\":\"evil.example\"",
        "\"Transfer-Encoding\":\"chunked\"",
        "\"Connection\":\"close\"",
        "\"Expect\":\"100-continue\"",
        "\"Content-Length\":\"7\"",
        "\"X-A\":\"a\\r\\nB: c\"",
        "\"X-A\":\"a\\nB: c\"",
        "\"X A\":\"b\"",
        "\"X-A:\":\"b\"",
        "\"\":\"b\"",
        "\"X-A\\r\\nB\":\"c\"",
        "\"X-A\":\"\\u0000\"",
    };

    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        char to[200];
        animaldetect_job *job;

        host_again(host);
        snprintf(to, sizeof to, "\"headers\":{%s,", headers[i]);
        world_rewrite(host->world, "create", 1, "\"headers\":{", to);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        if (animaldetect_job_status(job) != ANIMALDETECT_E_PROTOCOL)
            fail_msg("%s: %s", headers[i], animaldetect_status_name(animaldetect_job_status(job)));
        assert_int_equal(world_count(host->world, "upload"), 0);
    }
}

static void upload_methods_other_than_put_and_post_are_refused(struct host *host)
{
    static const char *const methods[] = {"\"DELETE\"", "\"GET\"", "\"PATCH\"", "\"PUT /x\"", "7", "\"\""};

    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        char to[64];
        animaldetect_job *job;

        host_again(host);
        snprintf(to, sizeof to, "\"method\":%s", methods[i]);
        world_rewrite(host->world, "create", 1, "\"method\":\"PUT\"", to);
        job = host_image_job(host);
        host_do(host, job, HOST_RUN);
        if (animaldetect_job_status(job) != ANIMALDETECT_E_PROTOCOL)
            fail_msg("%s: %s", methods[i], animaldetect_status_name(animaldetect_job_status(job)));
        assert_int_equal(world_count(host->world, "upload"), 0);
    }
}

static void the_key_is_on_every_api_request_and_may_be_exchanged_meanwhile(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    svc_add_key(host->svc, "sk_test_second", 0);
    assert_int_equal(host_do(host, job, HOST_CREATE), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(host->client, "sk_test_second"), ANIMALDETECT_OK);
    svc_revoke_key(host->svc, HOST_KEY);
    assert_int_equal(host_do(host, job, HOST_RUN), ANIMALDETECT_OK);
    for (size_t i = 0; i < world_request_count(host->world); i++) {
        const struct world_request *request = world_request_at(host->world, i);

        if (request->route == SVC_ROUTE_UPLOAD)
            assert_null(request->bearer);
        else
            assert_string_equal(request->bearer, i == 0 ? HOST_KEY : "sk_test_second");
    }
}

/* Requests on the wire when the key is replaced keep the key that they started with. */
static void a_request_on_the_wire_keeps_its_key(struct host *host)
{
    animaldetect_job *job = host_image_job(host);

    svc_add_key(host->svc, "sk_test_second", 0);
    assert_int_equal(host_start(host, job, HOST_CREATE), ANIMALDETECT_OK);
    HOST_UNTIL(host, world_count(host->world, "create") == 1);
    assert_int_equal(animaldetect_client_set_api_key(host->client, "sk_test_second"), ANIMALDETECT_OK);
    assert_int_equal(host_finish(host, job), ANIMALDETECT_OK);
    assert_int_equal(world_count(host->world, "create"), 1);
    assert_int_equal(svc_count(host->svc, SVC_COUNT_UNAUTHORIZED), 0);
    assert_int_equal(svc_violation_count(host->svc), 0);
}

int main(void)
{
    static const struct host_scenario list[] = {
        SCENARIO(a_request_on_the_wire_keeps_its_key),
        SCENARIO(a_foreign_url_of_the_service_is_refused_before_a_byte_is_sent),
        SCENARIO(one_foreign_url_among_good_ones_is_refused_too),
        SCENARIO(urls_that_only_look_trusted_are_refused),
        SCENARIO(a_foreign_url_in_a_status_answer_is_refused),
        SCENARIO(both_official_hosts_are_trusted_while_the_base_is_official),
        SCENARIO(an_added_origin_is_trusted_and_no_other),
        SCENARIO(plain_http_is_for_loopback_or_with_permission),
        SCENARIO(an_upload_url_in_plain_http_is_refused),
        SCENARIO(a_service_that_is_not_on_loopback_may_not_name_loopback_in_plain_http),
        SCENARIO(a_service_on_loopback_behind_https_may_not_name_plain_http_either),
        SCENARIO(a_loopback_service_may_use_plain_http_for_all),
        SCENARIO(the_storage_gets_exactly_the_method_and_headers_that_were_returned),
        SCENARIO(a_content_type_is_added_only_when_none_was_returned),
        SCENARIO(upload_headers_that_must_not_be_sent_are_refused),
        SCENARIO(upload_methods_other_than_put_and_post_are_refused),
        SCENARIO(the_key_is_on_every_api_request_and_may_be_exchanged_meanwhile),
    };

    return HOST_MAIN(list);
}
