/* SPDX-License-Identifier: MIT */
/*
 * The table of the options: what each is called, takes, means, and where it counts.
 */
#ifndef TOOL_OPTIONS_TABLE_H
#define TOOL_OPTIONS_TABLE_H

#include "options.h"

enum value_kind {
    VALUE_SWITCH,
    VALUE_TEXT,
    VALUE_NUMBER,
    VALUE_WHOLE,
    VALUE_YES_NO,
    VALUE_WORD,
    VALUE_LOCATION,
    VALUE_ZONE
};

struct option_row {
    const char *name;
    char letter; /* 0: none */
    int kind;
    int commands; /* bits of enum command */
    double least;
    double most;
    const char *argument; /* for --help; of VALUE_WORD the words, split by "|" */
    const char *help;
};

extern const struct option_row option_rows[OPTIONS];

#endif
