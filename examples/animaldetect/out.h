/* SPDX-License-Identifier: MIT */
/*
 * A file or folder that is written atomically: created under a temporary name beside it, synced, renamed.
 */
#ifndef TOOL_OUT_H
#define TOOL_OUT_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

struct out {
    char name[PATH_MAX];      /* where it shall be */
    char temporary[PATH_MAX]; /* where it is written; "" for standard output */
    FILE *file;               /* NULL of a folder */
    bool is_folder;
};

/* False with a word on stderr. `name` NULL or "-" is standard output, of a file only. */
bool out_open(struct out *out, const char *name, bool is_folder);

/* Puts it in its place; false with a word on stderr, and what was there before is there still. */
bool out_finish(struct out *out);

/* Leaves what was there before. */
void out_cancel(struct out *out);

#endif
