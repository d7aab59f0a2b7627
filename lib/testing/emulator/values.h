/* SPDX-License-Identifier: MIT */
/*
 * Values of the command line, each read whole and in its range or not at all.  All return false for what is not
 * understood.
 */
#ifndef TESTING_EMULATOR_VALUES_H
#define TESTING_EMULATOR_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool emu_take_word(const char *text, const char *const *words, int *out); /* words end with NULL */
bool emu_take_number(const char *text, int64_t low, int64_t high, int64_t *out);
bool emu_take_seconds(const char *text, int64_t low, int64_t *out_ms);
bool emu_take_share(const char *text, double *out); /* 0 to 1 */
bool emu_take_seed(const char *text, uint64_t *out);
bool emu_take_text(const char *text, const char **out); /* borrowed, not empty */
bool emu_take_address(const char *text, const char **out);

/* The parts between colons, in a copy of the text.  How many there are; 0 when there are more than `most`. */
size_t emu_split(const char *text, char *copy, size_t copy_size, char *parts[], size_t most);

#endif
