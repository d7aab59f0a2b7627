/* SPDX-License-Identifier: MIT */
/*
 * What the event loop examples share: the next image from the command line, starting it, and printing how it ended.
 * Nothing in here blocks.  At most `window` images are in flight, so that a directory of any size needs bounded memory.
 */
#ifndef EXAMPLES_BATCH_H
#define EXAMPLES_BATCH_H

#include <dirent.h>

#include <animaldetect/animaldetect.h>

struct batch {
    animaldetect_client *client;
    char **names;       /* files and directories still to come, NULL at the end */
    const char *folder; /* the directory being read */
    DIR *listing;       /* of it, or NULL */
    long window;
    long in_flight;
    long succeeded;
    long failed;
};

/* Reads the command line and makes the client; 0, or the exit code after a word on stderr. */
int batch_open(struct batch *batch, int argc, char **argv);

/* Starts images until the window is full or none is left. */
void batch_start_more(struct batch *batch);

/* Prints the line of a job whose call has ended, frees it and starts more. */
void batch_finish(struct batch *batch, animaldetect_job *job);

/* Prints the summary, frees everything; the exit code. */
int batch_close(struct batch *batch);

#endif
