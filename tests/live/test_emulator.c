/* SPDX-License-Identifier: MIT */
/*
 * The emulator over real sockets: its first output, its shutdown, and that a client observes each delivery plan. Every
 * wait ends by an event; the timeouts only make a broken emulator fail instead of hanging.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "live/emulator_ask.h"

#define CROWD 300

/* Up to four options after the usual ones; NULL where there are fewer. */
static struct emulator *start(const char *a, const char *b, const char *c, const char *d)
{
    const char *const arguments[] = {"--processing", "fixed:0", a, b, c, d, NULL};

    return emulator_start(arguments);
}

static void it_says_where_it_listens_and_ends_with_its_ledger(void **state)
{
    struct emulator *emulator;
    json_t *ledger;

    (void)state;
    emulator = start(NULL, NULL, NULL, NULL);
    assert_memory_equal(emulator_url(emulator), "http://127.0.0.1:", 17);
    assert_string_equal(emulator_url(emulator) + strlen(emulator_url(emulator)) - 3, "/v1");
    assert_memory_equal(emulator_storage_url(emulator), "http://127.0.0.1:", 17);
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, 10000).status, 201);
    ledger = emulator_stop(emulator);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(ledger, "counts"), "jobs")), 1);
    json_decref(ledger);
}

static void a_reset_is_a_reset(void **state)
{
    struct emulator *emulator;

    (void)state;
    emulator = start("--fault", "create:reset-after:n=1", NULL, NULL);
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, 10000).code, CURLE_RECV_ERROR);
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, 10000).status, 200);
    json_decref(emulator_stop(emulator));
}

static void a_stall_never_responds_and_does_not_block_the_shutdown(void **state)
{
    struct emulator *emulator;

    (void)state;
    emulator = start("--fault", "create:stall", NULL, NULL);
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, 300).code, CURLE_OPERATION_TIMEDOUT);
    json_decref(emulator_stop(emulator));
}

static void short_bodies_end_early_and_long_ones_are_cut_by_their_length(void **state)
{
    struct emulator *emulator;
    struct answer answer;
    size_t half;

    (void)state;
    emulator = start("--fault", "create:truncate:n=1", "--fault", "create:wrong-length:from=1:n=1");
    answer = ask(emulator, "/jobs", PAYLOAD, 10000);
    assert_int_equal(answer.code, CURLE_PARTIAL_FILE);
    half = answer.size;
    answer = ask(emulator, "/jobs", PAYLOAD, 10000);
    assert_int_equal(answer.code, CURLE_OK);
    assert_int_equal(answer.size, half);
    answer = ask(emulator, "/jobs", PAYLOAD, 10000);
    assert_true(answer.size / 2 == half);
    json_decref(emulator_stop(emulator));
}

static void slow_and_late_answers_are_whole(void **state)
{
    struct emulator *emulator;
    struct answer late;
    struct answer plain;

    (void)state;
    emulator = start("--fault", "create:slow:bps=4000:from=1:n=1", "--fault", "create:delay:ms=50:from=1:n=1");
    ask(emulator, "/jobs", PAYLOAD, 10000);
    late = ask(emulator, "/jobs", PAYLOAD, 10000);
    plain = ask(emulator, "/jobs", PAYLOAD, 10000);
    assert_int_equal(late.code, CURLE_OK);
    assert_string_equal(late.body, plain.body);
    json_decref(emulator_stop(emulator));
}

static void a_killed_one_knows_its_jobs_again(void **state)
{
    char path[] = "/tmp/emulator-state-XXXXXX";
    int file = mkstemp(path);
    struct emulator *emulator;

    (void)state;
    assert_true(file >= 0);
    close(file);
    emulator = start("--state", path, NULL, NULL);
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, 10000).status, 201);
    emulator_kill(emulator);
    emulator = start("--state", path, NULL, NULL);
    assert_int_equal(ask(emulator, "/jobs", PAYLOAD, 10000).status, 200);
    json_decref(emulator_stop(emulator));
    unlink(path);
}

static int connect_to(const struct emulator *emulator)
{
    const char *port = strrchr(emulator_url(emulator), ':') + 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 10};
    int client = socket(AF_INET, SOCK_STREAM, 0);

    assert_true(client >= 0);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
    return client;
}

/* The process is stopped until all requests are in its sockets, so that they are ready at once. */
static void a_crowd_that_asks_at_once_is_answered(void **state)
{
    static const char request[] =
        "GET /v1/jobs/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " EMULATOR_KEY "\r\n\r\n";
    struct emulator *emulator;
    int clients[CROWD];
    char answer[1024];

    (void)state;
    emulator = start(NULL, NULL, NULL, NULL);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; round == 0 && i < CROWD; i++)
            clients[i] = connect_to(emulator);
        emulator_signal(emulator, SIGSTOP);
        for (int i = 0; i < CROWD; i++)
            assert_int_equal(write(clients[i], request, sizeof(request) - 1), sizeof(request) - 1);
        emulator_signal(emulator, SIGCONT);
        for (int i = 0; i < CROWD; i++)
            assert_true(read(clients[i], answer, sizeof(answer)) > 0);
    }
    for (int i = 0; i < CROWD; i++)
        close(clients[i]);
    json_decref(emulator_stop(emulator));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_where_it_listens_and_ends_with_its_ledger),
        cmocka_unit_test(a_reset_is_a_reset),
        cmocka_unit_test(a_stall_never_responds_and_does_not_block_the_shutdown),
        cmocka_unit_test(short_bodies_end_early_and_long_ones_are_cut_by_their_length),
        cmocka_unit_test(slow_and_late_answers_are_whole),
        cmocka_unit_test(a_killed_one_knows_its_jobs_again),
        cmocka_unit_test(a_crowd_that_asks_at_once_is_answered),
    };

    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
