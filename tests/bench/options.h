/* SPDX-License-Identifier: MIT */
/* The options of the benches on virtual time. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>

struct options {
    bool quick;
    bool json;
    const char *svg; /* the figure's file, or NULL */
};

/* [--quick] [--json] [--svg FILE]. False, with the usage on stderr, when there is anything else. */
bool options_read(int argc, char **argv, struct options *out);

#endif
