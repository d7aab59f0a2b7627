/* SPDX-License-Identifier: MIT */
/*
 * Results from a queue into a ledger.  A record leaves the queue after its commit: it may come twice, and is the same
 * row.
 */
#ifndef TOOL_COLLECT_H
#define TOOL_COLLECT_H

#include "options.h"

int command_collect(const struct options *options);

#endif
