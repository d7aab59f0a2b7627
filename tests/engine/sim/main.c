/* SPDX-License-Identifier: MIT */
/*
 * sim [--seeds N] [--from S] [--show]: runs seeds one after the other, stops at the first failure, and prints the
 * command that reproduces it. Prints how many passed.
 */
#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/sim/sim.h"
#include "kit/heap.h"

#define TWICE 50          /* this many seeds are run twice, to check that both runs are the same */
#define SECONDS_EACH 120U /* real time; a run takes milliseconds, so a timeout means a hang */

/* The world aborts with its own message when a contract is broken; an alarm means a hang. */
static void on_signal(int number)
{
    char line[160];
    int size = snprintf(line, sizeof line,
                        "not ok seed %" PRIu64 ": %s\nplay it again: tests/engine/sim/run --from %" PRIu64
                        " --seeds 1 --show\n",
                        sim_seed, number == SIGALRM ? "does not end" : "crashed", sim_seed);

    (void)!write(STDOUT_FILENO, line, (size_t)size);
    _exit(1);
}

static int count_descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int count = 0;

    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count;
}

static void play(uint64_t seed, bool show, bool twice)
{
    int descriptors = count_descriptors();
    long blocks = heap_live();
    uint64_t trace;

    (void)alarm(SECONDS_EACH);
    trace = sim_run(seed, show);
    SIM_CHECK(count_descriptors() == descriptors, "%d descriptors before, %d after", descriptors, count_descriptors());
    SIM_CHECK(show || heap_live() == blocks, /* stdio allocates a buffer when it prints */
              "%ld blocks of memory before, %ld after", blocks, heap_live());
    if (twice)
        SIM_CHECK(sim_run(seed, false) == trace, "two courses of one seed differ");
    (void)alarm(0);
}

int main(int argc, char **argv)
{
    uint64_t seeds = 1000;
    uint64_t from = 1;
    bool show = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc) {
            seeds = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--from") == 0 && i + 1 < argc) {
            from = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--show") == 0) {
            show = true;
        } else {
            fprintf(stderr, "usage: %s [--seeds N] [--from S] [--show]\n", argv[0]);
            return 2;
        }
    }
    (void)signal(SIGABRT, on_signal);
    (void)signal(SIGSEGV, on_signal);
    (void)signal(SIGALRM, on_signal);
    (void)sim_run(0, false); /* libraries keep allocations from their first use: make these before counting */
    for (uint64_t i = 0; i < seeds; i++)
        play(from + i, show, i < TWICE);
    printf("ok %" PRIu64 " seeds from %" PRIu64 "\n", seeds, from);
    return 0;
}
