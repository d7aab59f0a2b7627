/* SPDX-License-Identifier: MIT */
/*
 * What the event loop examples share: the next image from the command line, starting it, and what becomes of it by the
 * scope of its status.  Nothing in here blocks.  The client holds at most `window` images, so that a directory of any
 * size needs bounded memory.
 */
#ifndef EXAMPLES_BATCH_H
#define EXAMPLES_BATCH_H

#include <dirent.h>

#include <animaldetect/animaldetect.h>

#include "detect_print.h"

struct batch {
    animaldetect_client *client;
    char **names;            /* files and directories still to come, NULL at the end */
    const char *folder;      /* the directory being read */
    DIR *listing;            /* of it, or NULL */
    animaldetect_job *ready; /* to be started before any new image; the user data of a job is the next one */
    animaldetect_job *again; /* to be started when all others have ended */
    long rounds;             /* how often that may still be done */
    int32_t refused;         /* the status with which the key or the account was refused */
    struct report report;
};

/* Reads the command line and makes the client; 0, or the exit code after a word on stderr. */
int batch_open(struct batch *batch, int argc, char **argv);

/* Starts images until the client takes no more or none is left. */
void batch_start_more(struct batch *batch);

/* Prints the line of a job whose call has ended, or keeps it for another try, and starts more. */
void batch_finish(struct batch *batch, animaldetect_job *job);

/* Prints the summary, frees everything; the exit code. */
int batch_close(struct batch *batch);

#endif
