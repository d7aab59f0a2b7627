/* SPDX-License-Identifier: MIT */
/*
 * Options of animaldetect-emulator.
 */
#ifndef TESTING_EMULATOR_OPTIONS_H
#define TESTING_EMULATOR_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testing/service/service.h"

#define EMU_MAX_FAULTS 64
#define EMU_FAULT_SIZE 256

struct emu_options {
    struct svc_config config; /* texts point into argv and the environment; origins are set later */
    const char *bind_address;
    int64_t port;
    int64_t storage_port;
    int64_t threads;
    const char *answers;
    const char *ledger; /* NULL: stdout */
    const char *state;
    const char *public_api_url;
    const char *public_storage_url;
    const char *faults[EMU_MAX_FAULTS];
    size_t fault_count;
    char made_faults[EMU_MAX_FAULTS][EMU_FAULT_SIZE]; /* of options that are shorthand for a fault */
    char unknown_state[64];
    bool quiet;
};

extern const char emu_help[];

enum emu_parse { EMU_PARSE_RUN, EMU_PARSE_HELP, EMU_PARSE_BAD };

/* Writes help to stdout, or an error message to stderr. */
enum emu_parse emu_options_parse(struct emu_options *options, int argc, char **argv);

#endif
