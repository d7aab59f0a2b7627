/* SPDX-License-Identifier: MIT */
/*
 * Options that make the service deviate from its contract: their values, and shorthands for faults. All return false for invalid values.
 */
#ifndef TESTING_EMULATOR_DEVIATIONS_H
#define TESTING_EMULATOR_DEVIATIONS_H

#include "testing/emulator/options.h"

#define EMU_MAX_MS INT64_C(1000000000000)

bool emu_add_fault(struct emu_options *options, const char *spec); /* borrowed */

bool emu_take_stuck(struct emu_options *options, const char *text);         /* P[:MS] */
bool emu_take_unknown_state(struct emu_options *options, const char *text); /* P[:WORD[:FORM]] */
bool emu_take_key_in_use(struct emu_options *options, const char *text);    /* P:MS[:SECONDS] */
bool emu_take_late_results(struct emu_options *options, const char *text);  /* FORM:MS */
bool emu_take_odd_fields(struct emu_options *options, const char *text);    /* P */
bool emu_take_outage(struct emu_options *options, const char *text);        /* FROM:TO:KIND[:EVERY] */
bool emu_take_move(struct emu_options *options, const char *text);          /* CODE:PLACE */

#endif
