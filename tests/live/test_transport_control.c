/* SPDX-License-Identifier: MIT */
/*
 * Uses of a transport by the engine besides exchanges: aborting, starting and aborting from inside `done`, timers and
 * signals, budgets, and closing in a forked child.
 */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "animaldetect/types.h"
#include "live/echo.h"
#include "live/transport_kit.h"
#include "transport/curl/private.h"

/* Two exchanges; the first one's `done` acts on the second. */
struct pair {
    struct kit *kit;
    struct exchange first;
    struct exchange second;
};

static struct pair *pair_of(struct exchange *exchange)
{
    return exchange->context;
}

static void abort_other(struct exchange *exchange)
{
    struct pair *pair = pair_of(exchange);
    struct exchange *other = exchange == &pair->first ? &pair->second : &pair->first;

    pair->kit->transport->ops->abort(pair->kit->transport, &other->transfer);
    other->then = NULL;
}

static void start_second(struct exchange *exchange)
{
    struct pair *pair = pair_of(exchange);

    kit_start(pair->kit, &pair->second);
}

static void pair_init(struct pair *pair, struct kit *kit, struct echo *echo, const char *first, const char *second)
{
    pair->kit = kit;
    exchange_init(&pair->first, "GET", echo_port(echo), first);
    exchange_init(&pair->second, "GET", echo_port(echo), second);
    pair->first.context = pair;
    pair->second.context = pair;
}

static void pair_free(struct pair *pair)
{
    exchange_free(&pair->first);
    exchange_free(&pair->second);
}

static void aborted_exchange_is_never_done(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct pair pair;

    pair_init(&pair, kit, echo, "/hold", "/");
    kit_start(kit, &pair.first);
    while (echo_requests(echo) == 0)
        kit_turn(kit);
    kit->transport->ops->abort(kit->transport, &pair.first.transfer);

    kit_run(kit, &pair.second);

    assert_int_equal(pair.first.done, 0);
    assert_null(pair.first.transfer.slot);
    assert_int_equal(pair.second.transfer.net, AD_NET_OK);
    pair_free(&pair);
    echo_close(echo);
}

static void exchange_can_be_aborted_before_it_was_driven(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct pair pair;

    pair_init(&pair, kit, echo, "/", "/");
    kit_start(kit, &pair.first);
    kit->transport->ops->abort(kit->transport, &pair.first.transfer);
    kit_run(kit, &pair.second);

    assert_int_equal(pair.first.done, 0);
    assert_int_equal(echo_requests(echo), 1);
    pair_free(&pair);
    echo_close(echo);
}

static void aborting_one_in_flight_after_another_was_taken(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct pair pair;

    pair_init(&pair, kit, echo, "/", "/hold");
    kit_start(kit, &pair.second);
    while (echo_requests(echo) == 0)
        kit_turn(kit);
    pair.first.then = abort_other;
    kit_run(kit, &pair.first);

    assert_int_equal(pair.second.done, 0);
    assert_null(pair.second.transfer.slot);
    pair_free(&pair);
    echo_close(echo);
}

/*
 * Both have completed, neither was collected: whichever is collected first aborts the other one, whose completion is
 * queued in libcurl. Two URLs that libcurl rejects complete in the same iteration, without a network.
 */
static void completion_that_was_not_taken_goes_with_the_abort(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct pair pair;

    for (int32_t budget = 1; budget <= 2; budget++) {
        kit->budget = budget;
        pair_init(&pair, kit, echo, "/", "/");
        pair.first.transfer.url = "ftp://127.0.0.1/";
        pair.second.transfer.url = "ftp://127.0.0.1/";
        pair.first.then = abort_other;
        pair.second.then = abort_other;
        kit_start(kit, &pair.first);
        kit_start(kit, &pair.second);
        while (pair.first.done + pair.second.done == 0)
            kit_turn(kit);
        while (kit_drive(kit, 8))
            ;
        assert_int_equal(pair.first.done + pair.second.done, 1);
        pair_free(&pair);
    }
    echo_close(echo);
}

static void transfer_can_be_started_after_another_was_taken(void **state)
{
    struct echo *echo = echo_open();
    struct pair pair;

    pair_init(&pair, *state, echo, "/", "/bytes/9");
    pair.first.then = start_second;
    kit_run(*state, &pair.first);
    kit_finish(*state, &pair.second);

    assert_int_equal(pair.second.transfer.answer.size, 9);
    assert_int_equal(echo_connections(echo), 1);
    pair_free(&pair);
    echo_close(echo);
}

static void completed_transfers_wait_to_be_taken(void **state)
{
    enum { COUNT = 5 };
    struct kit *kit = *state;
    struct exchange all[COUNT];
    int told = 0;

    for (int i = 0; i < COUNT; i++) {
        exchange_init(&all[i], "GET", 1, "/");
        all[i].transfer.url = "ftp://127.0.0.1/";
        kit_start(kit, &all[i]);
    }
    while (told < COUNT) {
        int before = told;
        bool more = kit_drive(kit, 2);

        told = 0;
        for (int i = 0; i < COUNT; i++)
            told += all[i].done;
        assert_in_range(told - before, 0, 2);
        assert_true(more || told == COUNT);
    }
    for (int i = 0; i < COUNT; i++)
        exchange_free(&all[i]);
}

static void armed_time_ends_block(void **state)
{
    struct kit *kit = *state;
    struct ad_transport *transport = kit->transport;
    int64_t deadline_ms = transport->ops->now_ms(transport) + 3;

    kit->deadline_ms = deadline_ms;
    transport->ops->arm(transport, deadline_ms);
    do {
        kit_turn(kit);
    } while (transport->ops->now_ms(transport) < deadline_ms);
    kit->deadline_ms = AD_TIME_NEVER;
    transport->ops->arm(transport, AD_TIME_NEVER);
    transport->reactor->ops->signal(transport->reactor);
    kit_turn(kit);
    assert_true(transport->ops->now_ms(transport) >= deadline_ms);
    assert_true(transport->ops->wall_s(transport) > 1700000000);
}

static bool key_is_in_a_pooled_slot(const struct kit *kit)
{
    struct ad_curl *curl = (struct ad_curl *)(void *)kit->transport;
    const struct ad_slot *slot;

    assert_int_equal(curl->active.count, 0);
    assert_int_equal(curl->idle.count, 1);
    slot = AD_OWNER(ad_list_first(&curl->idle), struct ad_slot, node);
    assert_true(slot->header_text_size > strlen(TEST_KEY));
    return memmem(slot->header_text, slot->header_text_size, TEST_KEY, strlen(TEST_KEY)) != NULL;
}

static void key_is_wiped_when_the_exchange_ends(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct pair pair;

    pair_init(&pair, kit, echo, "/", "/hold");
    pair.first.transfer.bearer = TEST_KEY;
    pair.second.transfer.bearer = TEST_KEY;
    kit_run(kit, &pair.first);
    assert_false(key_is_in_a_pooled_slot(kit));

    kit_start(kit, &pair.second);
    kit->transport->ops->abort(kit->transport, &pair.second.transfer);

    assert_false(key_is_in_a_pooled_slot(kit));
    pair_free(&pair);
    echo_close(echo);
}

/* After the last exchange nothing remains that could wake a host, kept-alive connections included. */
static void idle_transport_is_silent(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct exchange exchange;
    const struct ad_curl *curl = (const struct ad_curl *)(const void *)kit->transport;
    struct pollfd host = {.fd = kit->transport->reactor->ops->fd(kit->transport->reactor), .events = POLLIN};

    exchange_init(&exchange, "GET", echo_port(echo), "/");
    kit_run(kit, &exchange);
    while (kit_drive(kit, 8))
        ;
    kit->transport->reactor->ops->acknowledge(kit->transport->reactor);

    assert_int_equal(poll(&host, 1, 0), 0);
    assert_true(curl->curl_ms == AD_TIME_NEVER);
    assert_true(curl->engine_ms == AD_TIME_NEVER);

    exchange_free(&exchange);
    echo_close(echo);
}

/*
 * The child frees its copies; the parent's kept-alive connection and its exchange on the wire continue. The child exits
 * by a signal, so that no leak checker sees libcurl's handles, which are leaked on purpose.
 */
static void close_in_a_forked_child_leaves_the_parent_alone(void **state)
{
    struct kit *kit = *state;
    struct echo *echo = echo_open();
    struct pair pair;
    int status = -1;
    pid_t child;

    pair_init(&pair, kit, echo, "/bytes/3000000", "/");
    kit_start(kit, &pair.first);
    while (echo_requests(echo) == 0)
        kit_turn(kit);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        kit->transport->ops->close(kit->transport, true);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

    kit_finish(kit, &pair.first);
    kit_run(kit, &pair.second);

    assert_int_equal(pair.first.transfer.net, AD_NET_OK);
    assert_int_equal(pair.second.transfer.net, AD_NET_OK);
    assert_int_equal(echo_connections(echo), 1);
    pair_free(&pair);
    echo_close(echo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ALL_WAYS(aborted_exchange_is_never_done),
        IN_ALL_WAYS(exchange_can_be_aborted_before_it_was_driven),
        IN_ALL_WAYS(aborting_one_in_flight_after_another_was_taken),
        IN_ALL_WAYS(completion_that_was_not_taken_goes_with_the_abort),
        IN_ALL_WAYS(transfer_can_be_started_after_another_was_taken),
        IN_ALL_WAYS(completed_transfers_wait_to_be_taken),
        IN_ALL_WAYS(armed_time_ends_block),
        IN_ALL_WAYS(key_is_wiped_when_the_exchange_ends),
        cmocka_unit_test_setup_teardown(idle_transport_is_silent, kit_setup_epoll, kit_teardown),
        IN_ALL_WAYS(close_in_a_forked_child_leaves_the_parent_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
