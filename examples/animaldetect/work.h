/* SPDX-License-Identifier: MIT */
/*
 * `animaldetect work`: sends images of the queue until it is stopped or, with --drain, until the queue is empty.
 */
#ifndef TOOL_WORK_H
#define TOOL_WORK_H

#include "options.h"

int command_work(const struct options *options);

#endif
