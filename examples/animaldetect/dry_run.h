/* SPDX-License-Identifier: MIT */
/*
 * Shows what a run would do: nothing is sent, and the ledger is not changed.
 */
#ifndef TOOL_DRY_RUN_H
#define TOOL_DRY_RUN_H

#include "options.h"

/* The exit code: 1 when something could not be read. */
int dry_run(const struct options *options);

#endif
