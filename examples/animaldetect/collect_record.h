/* SPDX-License-Identifier: MIT */
/*
 * One record of the queue into the ledger.
 */
#ifndef TOOL_COLLECT_RECORD_H
#define TOOL_COLLECT_RECORD_H

#include "ledger.h"
#include "queue_entry.h"

/*
 * Writes one record to the ledger, in the current group. False when the ledger cannot be written; a record that says
 * nothing is left out.
 */
bool collect_record(struct ledger *ledger, const struct asked_list *asked, const struct record *record);

#endif
