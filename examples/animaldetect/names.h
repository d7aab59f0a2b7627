/* SPDX-License-Identifier: MIT */
/*
 * The numbers of species in MegaDetector files.  A number once given stays with its taxonomy, in the ledger, from run
 * to run: Timelapse merges a second file only then.  Names are made unique, as it wants them.
 */
#ifndef TOOL_NAMES_H
#define TOOL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "ledger.h"

struct names;

struct names *names_open(struct ledger *ledger);
void names_free(struct names *names);

/* The number of a label with its taxonomy ("id;class;order;family;genus;species;label"); -1 when out of memory. */
int names_number(struct names *names, const char *label, const char *taxonomy);

/* All that were given, in order of their numbers; NULL past the last one. */
size_t names_count(const struct names *names);
const char *names_label(const struct names *names, size_t number);
const char *names_taxonomy(const struct names *names, size_t number);

/* Writes new ones to the ledger. */
bool names_keep(struct names *names);

#endif
