/* SPDX-License-Identifier: MIT */
/*
 * Results from a queue into a ledger. A record is removed from the queue after its commit: it may arrive twice, and is
 * then the same row.
 */
#ifndef TOOL_COLLECT_H
#define TOOL_COLLECT_H

#include "options.h"

int command_collect(const struct options *options);

#endif
