/* SPDX-License-Identifier: MIT */
/*
 * What a host does with the library, in small pieces that can be played again and again while something fails.  Each one
 * makes its own client, talks to the emulator through real libcurl, gives everything back, and says how it went.
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
    uint32_t image;    /* number of the image that is sent next; a file is always the same image */
    int32_t again;     /* how the second try went, after a failure; ANIMALDETECT_OK when none was needed */
    char words[1024];  /* of the first failure */
};

struct scenario {
    const char *name;
    int32_t (*play)(struct torture *torture);
};

extern const struct scenario SCENARIOS[];
extern const size_t SCENARIO_COUNT;

/* A group of tests, one for each scenario, which is the test's state; answers what main does. */
int torture_each_scenario(const char *group, CMUnitTestFunction test);

/* The emulator and the file; the processing takes no time. */
void torture_begin(struct torture *torture);
/* Fails the test when the service saw a violation, or more jobs than images. */
void torture_end(struct torture *torture);

/*
 * May a call for which memory was missing end so?  A callback that has no memory for a socket can only tell libcurl that
 * there is no connection.
 */
bool torture_is_honest(int32_t status);

/* Called when a scenario is about to try once more: from here on nothing may fail any more. */
extern void (*torture_relax)(void);

#endif
