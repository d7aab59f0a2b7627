/* SPDX-License-Identifier: MIT */
/*
 * What a ledger says, for a person: how many images stand where, by folder and by species, and why some failed with
 * what to do about it.
 */
#ifndef TOOL_STATUS_H
#define TOOL_STATUS_H

#include "options.h"

int command_status(const struct options *options);

#endif
