/* SPDX-License-Identifier: MIT */
/*
 * What a run would do, without doing it: nothing is sent, and the ledger is not touched.
 */
#ifndef TOOL_DRY_RUN_H
#define TOOL_DRY_RUN_H

#include "options.h"

/* The exit code: 1 when something could not be read. */
int dry_run(const struct options *options);

#endif
