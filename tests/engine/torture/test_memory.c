/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of every scenario fails once: the library's, jansson's and libsodium's. Nothing crashes or leaks;
 * each call fails with a status that says so, or still succeeds; and the client is usable afterwards. libcurl's own
 * allocations are in test_memory_curl.c.
 */
#include "engine/torture/scenarios.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "kit/heap.h"

#define SECONDS_EACH 30U

static const char *playing = "";
static long failing;

static void on_signal(int number)
{
    char line[160];
    int size = snprintf(line, sizeof line, "allocation %ld of %s: %s\n", failing, playing,
                        number == SIGALRM ? "does not end" : "crashed");

    (void)!write(STDERR_FILENO, line, (size_t)size);
    _exit(1);
}

static void relax(void)
{
    heap_fail_at(0);
}

/* The first run, with 0, makes the allocations that libraries keep from their first use. */
static void play(struct torture *torture, const struct scenario *scenario, long nth, long *calls, long *reported)
{
    long blocks = heap_live();
    int32_t status;

    failing = nth;
    torture->again = ANIMALDETECT_OK;
    (void)alarm(SECONDS_EACH);
    heap_fail_at(nth);
    status = scenario->play(torture);
    *calls = heap_calls();
    heap_fail_at(0);
    (void)alarm(0);
    if (!torture_is_honest(status))
        fail_msg("allocation %ld of %s: %s: %s", nth, scenario->name, animaldetect_status_name(status), torture->words);
    if (torture->again != ANIMALDETECT_OK)
        fail_msg("allocation %ld of %s: the next try: %s: %s", nth, scenario->name,
                 animaldetect_status_name(torture->again), torture->words);
    if (nth > 0 && heap_live() != blocks)
        fail_msg("allocation %ld of %s: %ld blocks before, %ld after", nth, scenario->name, blocks, heap_live());
    *reported += status != ANIMALDETECT_OK;
}

/* After a failure the count restarts, so the loop ends with a run without a failure. */
static void every_allocation_may_fail(void **state)
{
    const struct scenario *scenario = *state;
    struct torture torture;
    long reported = 0;
    long calls = 0;
    long nth = 1;

    if (!heap_is_counted())
        skip(); /* a sanitizer's allocator is in use */
    playing = scenario->name;
    torture_relax = relax;
    torture_begin(&torture);
    play(&torture, scenario, 0, &calls, &reported);
    play(&torture, scenario, 0, &calls, &reported);
    for (long count = calls; nth <= count; nth++) {
        play(&torture, scenario, nth, &calls, &reported);
        if (nth == count && calls > count)
            count = calls;
    }
    print_message("%s: %ld allocations, %ld failures were reported\n", scenario->name, nth - 1, reported);
    assert_true(reported > 0);
    torture_end(&torture);
}

int main(void)
{
    if (!heap_curl_begin())
        return 1;
    (void)signal(SIGALRM, on_signal);
    (void)signal(SIGSEGV, on_signal);
    (void)signal(SIGABRT, on_signal);
    return torture_each_scenario("every_allocation_may_fail", every_allocation_may_fail);
}
