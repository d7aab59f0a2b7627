/* SPDX-License-Identifier: MIT */
/*
 * What the event loop examples share: starting the next image, a line for each, and the exit code. Nothing in here
 * blocks. The client holds at most `window` images, so that a folder of any size needs bounded memory.
 */
#ifndef EXAMPLES_BATCH_H
#define EXAMPLES_BATCH_H

#include <animaldetect/animaldetect.h>

#include "files.h"

struct batch {
    animaldetect_client *client;
    struct files files;
    animaldetect_job *next; /* had no room when it was to be started */
    int32_t held_by;        /* a value of `enum animaldetect_hold`: the one that was said */
    int32_t refused;        /* the status with which the key or the account was refused */
    size_t succeeded;
    size_t failed;
};

/* Reads the command line and makes the client; 0, or the exit code after a word on stderr. */
int batch_open(struct batch *batch, int argc, char **argv);

/* Starts images until the client takes no more or none is left. */
void batch_start_more(struct batch *batch);

/* Prints the line of a job whose call has ended, frees it, and starts more. */
void batch_finish(struct batch *batch, animaldetect_job *job);

/*
 * Prints the summary, frees everything. The exit code: 0 every image succeeded, 1 some failed, or something could not
 * be read or written, or is not done, 3 the key or the account was refused.
 */
int batch_close(struct batch *batch);

#endif
