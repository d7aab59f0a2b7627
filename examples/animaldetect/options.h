/* SPDX-License-Identifier: MIT */
/*
 * The options of all commands, from one table: the command line, the configuration file and --help are made from it.
 * The command line takes precedence over the file. Every value is checked before any work starts.
 */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum option_number {
    /* what is asked of the service: part of what makes two images the same work */
    OPT_OPERATION,
    OPT_THRESHOLD,
    OPT_COUNTRY,
    OPT_LOCATION,
    OPT_CLASSIFY,
    OPT_TOP_CANDIDATES,
    OPT_SMOOTH_HERD,
    OPT_METADATA,
    OPT_REFERENCE,
    OPT_ASKED_END, /* no option: the end of these */
    /* what is retried */
    OPT_RETRY = OPT_ASKED_END,
    OPT_RERUN,
    OPT_RERUN_ALL,
    OPT_NEW_OPTIONS,
    OPT_VERIFY,
    OPT_SEND_BROKEN,
    /* the ledger */
    OPT_LEDGER,
    OPT_MOVED,
    /* how it is sent */
    OPT_RPM,
    OPT_QUOTA,
    OPT_SHARE,
    OPT_JOBS,
    OPT_POLL,
    OPT_PATIENCE,
    OPT_MAX_SIZE,
    OPT_PROXY,
    OPT_CA,
    OPT_SERVICE,
    OPT_KEY_FILE,
    /* the work queue */
    OPT_QUEUE,
    OPT_ROOT,
    OPT_URGENT,
    OPT_BOUND,
    OPT_TRIES,
    OPT_IDLE,
    OPT_DRAIN,
    OPT_TAKE_OVER,
    /* what comes out */
    OPT_DRY_RUN,
    OPT_PRICE,
    OPT_OUTPUT,
    OPT_FORMAT,
    OPT_TIMEZONE,
    OPT_HIDE_PEOPLE,
    OPT_SETTLE,
    OPT_QUIET,
    OPT_CONFIG,
    OPT_HELP,
    OPTIONS
};

enum command {
    COMMAND_RUN = 1,
    COMMAND_EXPORT = 2,
    COMMAND_PREVIEW = 4,
    COMMAND_WATCH = 8,
    COMMAND_STATUS = 16,
    COMMAND_DOCTOR = 32,
    COMMAND_ENQUEUE = 64,
    COMMAND_WORK = 128,
    COMMAND_COLLECT = 256,
    COMMAND_QUEUE = 512
};

struct options {
    int command;
    const char *values[OPTIONS]; /* NULL: not said; "yes" of a switch */
    char **inputs;
    int input_count;
    char *file; /* the text of the configuration file, which values point into */
};

/* Reads the arguments behind the command's name; 0, or an exit code after a word on stderr. -1: help was printed. */
int options_read(struct options *options, int command, int argc, char **argv);
void options_free(struct options *options);

bool options_has(const struct options *options, int which);
/* A checked number, or `otherwise` when the option was not given. */
double options_number(const struct options *options, int which, double otherwise);
/* yes or no, or `otherwise` */
bool options_yes(const struct options *options, int which, bool otherwise);
/* "LAT,LON" of OPT_LOCATION; false when it was not given. */
bool options_location(const struct options *options, double *latitude, double *longitude);

/* One text that is the same for the same question to the service: "operation=detect\n" and so on. To be freed. */
char *options_asked(const struct options *options);
/* The options of such a text, which is split into lines and borrowed; false when one of them is not known here. */
bool options_from_asked(struct options *options, char *text);

/* The name of a command, and the table for --help and the man page's test. */
const char *options_command_name(int command);
void options_help(int command, FILE *out);

/* Words of the tool on stderr, in one form: "animaldetect: ..." */
__attribute__((format(printf, 1, 2))) void complain(const char *format, ...);

#endif
