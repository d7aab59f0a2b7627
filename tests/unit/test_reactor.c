/* SPDX-License-Identifier: MIT */
/*
 * The promises of reactor.h about descriptors, tested with both kinds: pipes and socket pairs, without any time.
 */
#include <sys/socket.h>

#include "unit/reactor_kit.h"

static void readable_descriptor_ends_block_and_is_reported(void **state)
{
    int ends[2];

    (void)state;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    assert_false(collect(8));
    assert_int_equal(kit.seen, 0);

    feed(ends[1]);
    block();
    assert_false(collect(8));

    assert_int_equal(kit.seen, 1);
    assert_int_equal(kit.seen_fd[0], ends[0]);
    assert_int_equal(kit.seen_events[0], AD_READABLE);
    shut_pipe(ends);
}

static void watched_events_can_be_changed(void **state)
{
    int ends[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    feed(ends[1]);
    watch(ends[0], AD_WRITABLE);
    (void)collect(1);
    assert_int_equal(kit.seen_events[0], AD_WRITABLE);

    watch(ends[0], AD_READABLE);
    (void)collect(1);
    assert_int_equal(kit.seen_events[0], AD_READABLE);

    feed(ends[1]);
    watch(ends[0], AD_READABLE | AD_WRITABLE);
    (void)collect(1);
    assert_int_equal(kit.seen_events[0], AD_READABLE | AD_WRITABLE);
    shut_pipe(ends);
}

static void hangup_is_reported_as_trouble(void **state)
{
    int ends[2];

    (void)state;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    close(ends[1]);
    block();

    (void)collect(1);

    assert_int_equal(kit.seen, 1);
    assert_true((kit.seen_events[0] & AD_TROUBLE) != 0);
    watch(ends[0], 0);
    close(ends[0]);
}

/* A caller that stopped early gets the others first next time, in the order in which they were found, each once. */
static void what_was_not_processed_comes_first_the_next_time(void **state)
{
    int pipes[3][2];
    bool told[3] = {false};

    (void)state;
    kit.enough = true;
    for (int i = 0; i < 3; i++) {
        make_pipe(pipes[i]);
        watch(pipes[i][0], AD_READABLE);
        feed(pipes[i][1]);
    }
    for (int turn = 0; turn < 3; turn++) {
        assert_true(collect(8));
        assert_int_equal(kit.seen, 1);
        for (int i = 0; i < 3; i++) {
            if (kit.seen_fd[0] != pipes[i][0])
                continue;
            assert_false(told[i]);
            told[i] = true;
            feed(pipes[i][1]); /* ready again: earlier ones of the batch still come first */
        }
    }
    assert_true(told[0] && told[1] && told[2]);
    for (int i = 0; i < 3; i++)
        shut_pipe(pipes[i]);
}

/* A descriptor that is no longer watched is not reported, although it was found ready. */
static void what_was_not_processed_can_be_forgotten(void **state)
{
    int pipes[2][2];
    int other;

    (void)state;
    kit.enough = true;
    for (int i = 0; i < 2; i++) {
        make_pipe(pipes[i]);
        watch(pipes[i][0], AD_READABLE);
        feed(pipes[i][1]);
    }
    assert_true(collect(8));
    other = kit.seen_fd[0] == pipes[0][0] ? pipes[1][0] : pipes[0][0];
    watch(other, 0);
    assert_false(collect(8));
    assert_int_equal(kit.seen, 0);
    for (int i = 0; i < 2; i++)
        shut_pipe(pipes[i]);
}

static void forgotten_descriptor_is_silent(void **state)
{
    int ends[2];

    (void)state;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    feed(ends[1]);

    watch(ends[0], 0);

    assert_false(collect(8));
    assert_int_equal(kit.seen, 0);
    shut_pipe(ends);
}

static void forgetting_what_is_closed_or_unknown_is_no_error(void **state)
{
    int ends[2];

    (void)state;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    shut_pipe(ends);

    watch(ends[0], 0);
    watch(ends[1], 0);
    watch(100000, 0);

    assert_false(collect(8));
    assert_int_equal(kit.seen, 0);
}

static void budget_bounds_one_collect_and_starves_nobody(void **state)
{
    int ends[3][2];
    bool told[3] = {false};

    (void)state;
    kit.drain = false;
    for (int i = 0; i < 3; i++) {
        make_pipe(ends[i]);
        watch(ends[i][0], AD_READABLE);
        feed(ends[i][1]);
    }

    for (int turn = 0; turn < 3; turn++) {
        assert_true(collect(1));
        assert_int_equal(kit.seen, 1);
        for (int i = 0; i < 3; i++)
            told[i] = told[i] || kit.seen_fd[0] == ends[i][0];
    }

    for (int i = 0; i < 3; i++) {
        assert_true(told[i]);
        watch(ends[i][0], 0);
        shut_pipe(ends[i]);
    }
}

static void what_was_not_drained_is_reported_again_or_as_more(void **state)
{
    int ends[2];

    (void)state;
    kit.drain = false;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    feed(ends[1]);

    assert_true(collect(5));
    assert_int_equal(kit.seen, 5);

    kit.drain = true;
    assert_false(collect(5));
    assert_int_equal(kit.seen, 1);
    shut_pipe(ends);
}

static void descriptor_forgotten_while_collecting_is_not_reported(void **state)
{
    int ends[4][2];

    (void)state;
    kit.forget_from = 0;
    for (int i = 0; i < 4; i++) {
        make_pipe(ends[i]);
        watch(ends[i][0], AD_READABLE);
        feed(ends[i][1]);
        kit.others[kit.other_count++] = ends[i][0];
    }

    assert_false(collect(8));

    assert_int_equal(kit.seen, 1);
    for (int i = 0; i < 4; i++)
        shut_pipe(ends[i]);
}

static void many_descriptors_are_all_reported(void **state)
{
    enum { MANY = 150 };
    int ends[MANY][2];
    size_t told = 0;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        make_pipe(ends[i]);
        watch(ends[i][0], AD_READABLE);
        feed(ends[i][1]);
    }

    while (collect(40))
        told += kit.seen;
    told += kit.seen;

    assert_int_equal(told, MANY);
    for (int i = 0; i < MANY; i += 2) {
        watch(ends[i][0], 0);
        feed(ends[i][1]);
        feed(ends[i + 1][1]);
    }
    told = 0;
    while (collect(40))
        told += kit.seen;
    told += kit.seen;
    assert_int_equal(told, MANY / 2);
    for (int i = 0; i < MANY; i++)
        shut_pipe(ends[i]);
}

/* The number of a descriptor that was closed without being forgotten is reused for another file. */
static void reused_number_is_watched_anew(void **state)
{
    int old[2];
    int fresh[2];

    (void)state;
    make_pipe(old);
    watch(old[0], AD_READABLE);
    make_pipe(fresh);
    assert_int_equal(dup2(fresh[0], old[0]), old[0]);

    watch(old[0], AD_READABLE);
    feed(fresh[1]);
    block();
    (void)collect(1);

    assert_int_equal(kit.seen, 1);
    assert_int_equal(kit.seen_fd[0], old[0]);
    watch(old[0], 0);
    shut_pipe(old);
    shut_pipe(fresh);
}

/* A number that was forgotten while its file stayed open elsewhere (a dup) is reused. */
static void forgotten_number_can_be_watched_again(void **state)
{
    int ends[2];

    (void)state;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    watch(ends[0], 0);
    watch(ends[0], AD_READABLE);
    feed(ends[1]);

    assert_false(collect(8));

    assert_int_equal(kit.seen, 1);
    shut_pipe(ends);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_BOTH(readable_descriptor_ends_block_and_is_reported),
        OF_BOTH(watched_events_can_be_changed),
        OF_BOTH(hangup_is_reported_as_trouble),
        OF_BOTH(what_was_not_processed_comes_first_the_next_time),
        OF_BOTH(what_was_not_processed_can_be_forgotten),
        OF_BOTH(forgotten_descriptor_is_silent),
        OF_BOTH(forgetting_what_is_closed_or_unknown_is_no_error),
        OF_BOTH(budget_bounds_one_collect_and_starves_nobody),
        OF_BOTH(what_was_not_drained_is_reported_again_or_as_more),
        OF_BOTH(descriptor_forgotten_while_collecting_is_not_reported),
        OF_BOTH(many_descriptors_are_all_reported),
        OF_BOTH(reused_number_is_watched_anew),
        OF_BOTH(forgotten_number_can_be_watched_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
