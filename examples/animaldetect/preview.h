/* SPDX-License-Identifier: MIT */
/*
 * The preview page: a folder with index.html, which is always the same, and data.js with the contents of the ledger.
 * The page needs no network; the images stay where they are, and are named relative to the page.
 */
#ifndef TOOL_PREVIEW_H
#define TOOL_PREVIEW_H

#include "ledger.h"
#include "options.h"

/* Writes the page of an open ledger to --output; an exit code. */
int preview_write(struct ledger *ledger, const struct options *options, const char *root);

int command_preview(const struct options *options);

#endif
