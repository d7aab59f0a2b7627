/* SPDX-License-Identifier: MIT */
/*
 * Opens the ledger for the commands that only read it, also while a run works on it.
 */
#ifndef TOOL_READER_H
#define TOOL_READER_H

#include "ledger.h"
#include "options.h"
#include "place.h"

/* The ledger of PATH's folder, or of --ledger; its root in `place`. NULL after a word on stderr. */
struct ledger *reader_open(const struct options *options, struct place *place);

#endif
