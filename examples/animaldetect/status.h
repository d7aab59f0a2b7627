/* SPDX-License-Identifier: MIT */
/*
 * A summary of a ledger: images by folder, state and species, and why some failed, with what to correct.
 */
#ifndef TOOL_STATUS_H
#define TOOL_STATUS_H

#include "options.h"

int command_status(const struct options *options);

#endif
