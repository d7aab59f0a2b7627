/* SPDX-License-Identifier: MIT */
/*
 * Uses of the library by a host, as small scenarios that can be repeated while something fails. Each one creates its
 * own client, talks to the emulator through real libcurl, releases everything, and reports its outcome.
 */
#ifndef ENGINE_TORTURE_SCENARIOS_H
#define ENGINE_TORTURE_SCENARIOS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <animaldetect/animaldetect.h>

#include "kit/emulator.h"

struct torture {
    struct emulator *emulator;
    char path[64];     /* a file with an image */
    uint32_t image;    /* number of the next image; a file always contains the same image */
    int32_t again;     /* status of the second attempt, after a failure; ANIMALDETECT_OK when none was needed */
    char words[1024];  /* error message of the first failure */
};

struct scenario {
    const char *name;
    int32_t (*play)(struct torture *torture);
};

extern const struct scenario SCENARIOS[];
extern const size_t SCENARIO_COUNT;

/* A group of tests, one for each scenario, which is the test's state; returns the exit code for main. */
int torture_each_scenario(const char *group, CMUnitTestFunction test);

/* Starts the emulator and writes the file; processing takes no time. */
void torture_begin(struct torture *torture);
/* Fails the test when the service saw a violation, or more jobs than images. */
void torture_end(struct torture *torture);

/*
 * Whether a call that ran out of memory may fail with this status. A callback that has no memory for a socket can only
 * report to libcurl that there is no connection.
 */
bool torture_is_honest(int32_t status);

/* Called before a scenario retries: from here on nothing may fail. */
extern void (*torture_relax)(void);

#endif
