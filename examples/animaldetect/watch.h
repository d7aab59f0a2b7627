/* SPDX-License-Identifier: MIT */
/*
 * `run` forever: sends the existing files, then each new file once it has been unchanged for a while. Made for a
 * gateway: waits for the network forever, and continues with the same ledger after a power loss.
 */
#ifndef TOOL_WATCH_H
#define TOOL_WATCH_H

#include "options.h"

int command_watch(const struct options *options);

#endif
