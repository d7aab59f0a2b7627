/* SPDX-License-Identifier: MIT */
/*
 * sim [--seeds N] [--from S] [--show]: plays seeds one after the other; the first failure ends it, with the command
 * that plays it again.  Prints how many held.
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

#define TWICE 50          /* so many of the seeds are played twice, to see that the course is the same */
#define SECONDS_EACH 120U /* of real time: a course takes milliseconds, so this is a loop without end */

/* The world aborts with words of its own when a contract is broken; an alarm is a hang. */
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
    SIM_CHECK(show || heap_live() == blocks, /* stdio takes a buffer when it is shown */
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
    (void)sim_run(0, false); /* whatever libraries keep from their first use is there before it is counted */
    for (uint64_t i = 0; i < seeds; i++)
        play(from + i, show, i < TWICE);
    printf("ok %" PRIu64 " seeds from %" PRIu64 "\n", seeds, from);
    return 0;
}
