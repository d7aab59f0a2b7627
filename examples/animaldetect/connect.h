/* SPDX-License-Identifier: MIT */
/*
 * Configures the client and the jobs from the options.
 */
#ifndef TOOL_CONNECT_H
#define TOOL_CONNECT_H

#include <animaldetect/animaldetect.h>

#include "options.h"

enum exit_code { EXIT_DONE = 0, EXIT_SOME_FAILED = 1, EXIT_USAGE = 2, EXIT_KEY = 3, EXIT_GO_ON = 4 };

#define DEFAULT_JOBS 1000
#define DEFAULT_MAX_BYTES 10485760.0

/* EXIT_DONE with a client, or an exit code after a word on stderr. */
int connect_client(const struct options *options, animaldetect_client **client);

/* A job that asks what the options say, without its image. */
int32_t connect_job(animaldetect_client *client, const struct options *options, animaldetect_job **job);

#endif
