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

/* [--quick] [--json] [--svg FILE]. For any other argument prints the usage to stderr and returns false. */
bool options_read(int argc, char **argv, struct options *out);

#endif
