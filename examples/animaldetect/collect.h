/* SPDX-License-Identifier: MIT */
/*
 * Results from a queue into a ledger.  A record leaves the queue after its commit: it may come twice, and is the same
 * row.
 */
#ifndef TOOL_COLLECT_H
#define TOOL_COLLECT_H

#include "ledger.h"
#include "options.h"
#include "queue_entry.h"

/*
 * Writes one record to the ledger (collect_record.c), in the current group. False when the ledger cannot be written; a
 * record that says nothing is left out.
 */
bool collect_record(struct ledger *ledger, const struct asked_list *asked, const struct record *record);

int command_collect(const struct options *options);

#endif
