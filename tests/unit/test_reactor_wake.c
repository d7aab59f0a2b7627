/* SPDX-License-Identifier: MIT */
/*
 * The promises of reactor.h about waking and about processes, tested with both kinds. Every time is long past, far
 * away, or waited for by a condition.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "unit/reactor_kit.h"

static void past_deadline_ends_block_at_once(void **state)
{
    (void)state;
    arm(0);
    block();
    arm(ad_time_now_ms() - 1);
    block();
    assert_false(collect(8));
    assert_int_equal(kit.seen, 0);
}

static void deadline_ends_block_when_it_has_come(void **state)
{
    int64_t deadline_ms = ad_time_now_ms() + 5;

    (void)state;
    arm(deadline_ms);
    do {
        block();
        (void)collect(8);
    } while (ad_time_now_ms() < deadline_ms);
    /* A reactor without a timer would never have returned. */
    assert_true(ad_time_now_ms() >= deadline_ms);
}

static void later_deadline_replaces_an_earlier_one(void **state)
{
    int64_t early_ms = ad_time_now_ms() + 2;

    (void)state;
    arm(early_ms);
    arm(ad_time_now_ms() + HOUR_MS);
    arm(early_ms + 3);
    do {
        block();
        (void)collect(8);
    } while (ad_time_now_ms() < early_ms + 3);
    assert_true(ad_time_now_ms() >= early_ms + 3);
}

static void signal_ends_block_until_acknowledged(void **state)
{
    (void)state;
    kit.reactor->ops->signal(kit.reactor);
    kit.reactor->ops->signal(kit.reactor);
    block();
    block();
    assert_false(collect(8));
    block();

    kit.reactor->ops->acknowledge(kit.reactor);
    kit.reactor->ops->acknowledge(kit.reactor);

    kit.reactor->ops->signal(kit.reactor);
    block();
}

static void *signal_thread(void *reactor)
{
    ((struct ad_reactor *)reactor)->ops->signal(reactor);
    return NULL;
}

static void signal_of_another_thread_ends_block(void **state)
{
    pthread_t thread;

    (void)state;
    kit.reactor->ops->prepare(kit.reactor);
    assert_int_equal(pthread_create(&thread, NULL, signal_thread, kit.reactor), 0);
    assert_int_equal(kit.reactor->ops->block(kit.reactor, -1), ANIMALDETECT_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* The lock is released during `block`: a descriptor added then must not wait for the next `block`. */
static void descriptor_added_after_prepare_ends_block(void **state)
{
    int ends[2];

    (void)state;
    make_pipe(ends);
    feed(ends[1]);
    kit.reactor->ops->prepare(kit.reactor);
    watch(ends[0], AD_READABLE);

    assert_int_equal(kit.reactor->ops->block(kit.reactor, -1), ANIMALDETECT_OK);

    assert_false(collect(8));
    assert_int_equal(kit.seen, 1);
    shut_pipe(ends);
}

static void earlier_deadline_after_prepare_ends_block(void **state)
{
    (void)state;
    arm(ad_time_now_ms() + HOUR_MS);
    kit.reactor->ops->prepare(kit.reactor);
    arm(0);
    assert_int_equal(kit.reactor->ops->block(kit.reactor, -1), ANIMALDETECT_OK);
}

static void descriptors_are_closed_on_exec(void **state)
{
    bool was_open[256];
    struct ad_reactor *other = NULL;
    int opened = 0;

    (void)state;
    for (int fd = 0; fd < 256; fd++)
        was_open[fd] = fcntl(fd, F_GETFD) >= 0;
    if (kit.reactor->ops->fd(kit.reactor) == ANIMALDETECT_E_UNSUPPORTED)
        assert_int_equal(ad_reactor_poll_new(&other), ANIMALDETECT_OK);
    else
        assert_int_equal(ad_reactor_epoll_new(&other), ANIMALDETECT_OK);

    for (int fd = 0; fd < 256; fd++) {
        int flags = fcntl(fd, F_GETFD);

        if (flags < 0 || was_open[fd])
            continue;
        assert_true((flags & FD_CLOEXEC) != 0);
        opened++;
    }

    assert_true(opened >= 3);
    other->ops->close(other);
    for (int fd = 0; fd < 256; fd++)
        assert_int_equal(fcntl(fd, F_GETFD) >= 0, was_open[fd]);
}

/* A child that closes its copy must not remove the parent's watches. */
static void close_in_a_forked_child_leaves_the_parent_alone(void **state)
{
    int ends[2];
    int status = -1;
    pid_t child;

    (void)state;
    make_pipe(ends);
    watch(ends[0], AD_READABLE);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        kit.reactor->ops->close(kit.reactor);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);

    feed(ends[1]);
    block();
    assert_false(collect(8));

    assert_int_equal(kit.seen, 1);
    shut_pipe(ends);
}

static void poll_kind_has_no_descriptor_for_a_host(void **state)
{
    (void)state;
    assert_int_equal(kit.reactor->ops->fd(kit.reactor), ANIMALDETECT_E_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        OF_BOTH(past_deadline_ends_block_at_once),
        OF_BOTH(deadline_ends_block_when_it_has_come),
        OF_BOTH(later_deadline_replaces_an_earlier_one),
        OF_BOTH(signal_ends_block_until_acknowledged),
        OF_BOTH(signal_of_another_thread_ends_block),
        OF_BOTH(descriptor_added_after_prepare_ends_block),
        OF_BOTH(earlier_deadline_after_prepare_ends_block),
        OF_BOTH(descriptors_are_closed_on_exec),
        OF_BOTH(close_in_a_forked_child_leaves_the_parent_alone),
        cmocka_unit_test_setup_teardown(poll_kind_has_no_descriptor_for_a_host, open_poll, shut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
