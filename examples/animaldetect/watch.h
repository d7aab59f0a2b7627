/* SPDX-License-Identifier: MIT */
/*
 * `run` forever: what is there is sent, then what comes, when it has been unchanged for a while.  Made for a gateway:
 * waits for the network without end, and after a power cut goes on with the same ledger.
 */
#ifndef TOOL_WATCH_H
#define TOOL_WATCH_H

#include "options.h"

int command_watch(const struct options *options);

#endif
