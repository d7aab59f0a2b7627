/* SPDX-License-Identifier: MIT */
/*
 * Puts images on a queue.
 *
 * Where a run of it stands is kept in Redis, as the number of the files that it has come past and a digest of them all:
 * one that was interrupted goes on where it was, if the files before are still the same, and begins again otherwise,
 * which costs requests and no bill.  What Redis may lose when it crashes, the last seconds, is sent again.
 */
#ifndef TOOL_ENQUEUE_H
#define TOOL_ENQUEUE_H

#include "options.h"

int command_enqueue(const struct options *options);

#endif
