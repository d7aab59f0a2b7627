/* SPDX-License-Identifier: MIT */
/*
 * The files of a command line, one at a time: each file, and every file below each folder except hidden ones. Folders
 * are read incrementally. What cannot be read is reported on stderr and counted.
 */
#ifndef EXAMPLES_FILES_H
#define EXAMPLES_FILES_H

#include <stddef.h>

struct files {
    char **names;          /* still to come, NULL at the end */
    struct folder *folder; /* the one that is being read, NULL between two names */
    size_t unreadable;
};

/* The next file's path, to be freed; NULL when there is none any more. */
char *files_next(struct files *files);

/* Closes what is open when not all files were taken. */
void files_close(struct files *files);

#endif
