/* SPDX-License-Identifier: MIT */
/*
 * TLS: whose certificate is trusted, and that nothing is sent to anyone else.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "live/certificate.h"
#include "live/echo.h"
#include "live/transport_kit.h"

static const struct ad_curl_config trusting = {.user_agent = "kit/1",
                                               .settings.proxy = "",
                                               .settings.ca_pem = TEST_CERTIFICATE,
                                               .settings.ca_pem_size = sizeof TEST_CERTIFICATE - 1,
                                               .settings.max_connections = 8};

/* A GET of the TLS server under the host name `host`; the requests that the server received are in `requests`. */
static enum ad_net outcome_of(const struct ad_curl_config *config, const char *host, int *requests)
{
    struct echo *echo = echo_open_tls();
    struct exchange exchange;
    struct kit kit;
    enum ad_net net;

    kit_open(&kit, config);
    exchange_init(&exchange, "GET", echo_port(echo), "/");
    (void)snprintf(exchange.url, sizeof exchange.url, "https://%s:%u/?signature=1", host, echo_port(echo));
    exchange.transfer.bearer = TEST_KEY;
    kit_run(&kit, &exchange);
    net = exchange.transfer.net;
    *requests = echo_requests(echo);
    exchange_free(&exchange);
    kit_close(&kit);
    echo_close(echo);
    return net;
}

static void given_certificate_is_trusted(void **state)
{
    int requests;

    (void)state;
    assert_int_equal(outcome_of(&trusting, "127.0.0.1", &requests), AD_NET_OK);
    assert_int_equal(requests, 1);
}

static void certificate_file_is_trusted(void **state)
{
    struct ad_curl_config config = trusting;
    char path[] = "/tmp/animaldetect-ca-XXXXXX";
    int fd = mkstemp(path);
    int requests;

    (void)state;
    assert_int_equal(write(fd, TEST_CERTIFICATE, sizeof TEST_CERTIFICATE - 1), sizeof TEST_CERTIFICATE - 1);
    close(fd);
    config.settings.ca_pem = NULL;
    config.settings.ca_file = path;
    assert_int_equal(outcome_of(&config, "127.0.0.1", &requests), AD_NET_OK);
    assert_int_equal(requests, 1);
    config.settings.ca_pem = OTHER_CERTIFICATE;
    config.settings.ca_pem_size = sizeof OTHER_CERTIFICATE - 1;
    assert_int_equal(outcome_of(&config, "127.0.0.1", &requests), AD_NET_TLS);
    unlink(path);
}

static void stranger_is_refused_before_anything_is_sent(void **state)
{
    struct ad_curl_config config = trusting;
    int requests;

    (void)state;
    config.settings.ca_pem = OTHER_CERTIFICATE;
    config.settings.ca_pem_size = sizeof OTHER_CERTIFICATE - 1;
    assert_int_equal(outcome_of(&config, "127.0.0.1", &requests), AD_NET_TLS);
    assert_int_equal(requests, 0);
    config.settings.ca_pem = NULL;
    assert_int_equal(outcome_of(&config, "127.0.0.1", &requests), AD_NET_TLS);
    assert_int_equal(requests, 0);
}

static void certificate_of_another_host_is_refused(void **state)
{
    int requests;

    (void)state;
    assert_int_equal(outcome_of(&trusting, "localhost", &requests), AD_NET_TLS);
    assert_int_equal(requests, 0);
}

static void unreadable_certificates_are_a_tls_error(void **state)
{
    struct ad_curl_config config = trusting;
    int requests;

    (void)state;
    config.settings.ca_pem = NULL;
    config.settings.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(outcome_of(&config, "127.0.0.1", &requests), AD_NET_TLS);
    config.settings.ca_pem = "no certificate";
    config.settings.ca_pem_size = strlen(config.settings.ca_pem);
    assert_int_equal(outcome_of(&config, "127.0.0.1", &requests), AD_NET_TLS);
    assert_int_equal(requests, 0);
}

static void big_bodies_go_both_ways(void **state)
{
    enum { SIZE = 3000000 };
    struct echo *echo = echo_open_tls();
    uint8_t *bytes = calloc(1, SIZE);
    struct exchange exchange;
    struct kit kit;

    (void)state;
    kit_open(&kit, &trusting);
    for (int i = 0; i < 4; i++) {
        exchange_init(&exchange, i % 2 == 0 ? "PUT" : "GET", echo_port(echo), "/");
        (void)snprintf(exchange.url, sizeof exchange.url, "https://127.0.0.1:%u/bytes/3000000", echo_port(echo));
        if (i % 2 == 0)
            exchange_source(&exchange, bytes, SIZE);
        kit_run(&kit, &exchange);
        assert_int_equal(exchange.transfer.net, AD_NET_OK);
        assert_int_equal(exchange.transfer.answer.size, 3000000);
        exchange_free(&exchange);
    }
    assert_int_equal(echo_connections(echo), 1);
    kit_close(&kit);
    free(bytes);
    echo_close(echo);
}

/* A TLS close_notify in the child would close the parent's connection. */
static void forked_child_says_nothing_on_the_parents_connection(void **state)
{
    struct echo *echo = echo_open_tls();
    struct exchange exchange;
    struct kit kit;
    int status = -1;
    pid_t child;

    (void)state;
    kit_open(&kit, &trusting);
    exchange_init(&exchange, "GET", echo_port(echo), "/");
    (void)snprintf(exchange.url, sizeof exchange.url, "https://127.0.0.1:%u/", echo_port(echo));
    kit_run(&kit, &exchange);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        kit.transport->ops->close(kit.transport, true);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    exchange.done = 0;
    kit_run(&kit, &exchange);

    assert_int_equal(exchange.transfer.net, AD_NET_OK);
    assert_int_equal(echo_connections(echo), 1);
    exchange_free(&exchange);
    kit_close(&kit);
    echo_close(echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_certificate_is_trusted),
        cmocka_unit_test(certificate_file_is_trusted),
        cmocka_unit_test(stranger_is_refused_before_anything_is_sent),
        cmocka_unit_test(certificate_of_another_host_is_refused),
        cmocka_unit_test(unreadable_certificates_are_a_tls_error),
        cmocka_unit_test(big_bodies_go_both_ways),
        cmocka_unit_test(forked_child_says_nothing_on_the_parents_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
