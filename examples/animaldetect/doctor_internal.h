/* SPDX-License-Identifier: MIT */
/*
 * What the files of the doctor share: its findings, one line each.
 */
#ifndef TOOL_DOCTOR_INTERNAL_H
#define TOOL_DOCTOR_INTERNAL_H

#include "options.h"

enum { SAY_INDENT = 14 };

struct findings {
    int bad;
    bool key; /* refused */
};

/* `what` has seven letters at most. */
__attribute__((format(printf, 4, 5))) void say(struct findings *findings, bool is_good, const char *what,
                                               const char *format, ...);

/* The Redis of --quota: its settings, its clock, and the state of the quota, which is only read. */
void check_redis(struct findings *findings, const struct options *options);

#endif
