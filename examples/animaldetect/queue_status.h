/* SPDX-License-Identifier: MIT */
/*
 * queue status: how much is in a queue, who works on it, and what was given up.
 */
#ifndef TOOL_QUEUE_STATUS_H
#define TOOL_QUEUE_STATUS_H

#include "options.h"

int command_queue(const struct options *options);

#endif
