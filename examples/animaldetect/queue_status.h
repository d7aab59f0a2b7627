/* SPDX-License-Identifier: MIT */
/*
 * queue status: the length of a queue, its workers, and its dead letters.
 */
#ifndef TOOL_QUEUE_STATUS_H
#define TOOL_QUEUE_STATUS_H

#include "options.h"

int command_queue(const struct options *options);

#endif
