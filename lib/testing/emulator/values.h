/* SPDX-License-Identifier: MIT */
/*
 * Parses values of the command line, completely and within their ranges, or not at all.  All return false for invalid
 * values.
 */
#ifndef TESTING_EMULATOR_VALUES_H
#define TESTING_EMULATOR_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool emu_take_word(const char *text, const char *const *words, int *out); /* `words` ends with NULL */
bool emu_take_number(const char *text, int64_t low, int64_t high, int64_t *out);
bool emu_take_seconds(const char *text, int64_t low, int64_t *out_ms);
bool emu_take_share(const char *text, double *out); /* 0 to 1 */
bool emu_take_seed(const char *text, uint64_t *out);
bool emu_take_text(const char *text, const char **out); /* borrowed, not empty */
bool emu_take_address(const char *text, const char **out);

/* Splits a copy of the text at colons.  Returns the number of parts; 0 if there are more than `most`. */
size_t emu_split(const char *text, char *copy, size_t copy_size, char *parts[], size_t most);

#endif
