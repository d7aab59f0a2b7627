/* SPDX-License-Identifier: MIT */
/*
 * Reads single values of untrusted JSON tolerantly.  A quoted number is read as a number; a number where text is
 * expected is read as its digits.  What cannot be read is absent, never 0 and never an error.  A NULL value is absent.
 * ANIMALDETECT_OK, or ANIMALDETECT_E_NO_MEMORY, since treating it as absent would give a wrong value.
 */
#ifndef AD_PROTOCOL_LOOSE_H
#define AD_PROTOCOL_LOOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

#define AD_LOOSE_EXACT 9007199254740992.0 /* 2^53: a double holds every integer up to here */

/* A text, or the digits of a number; NULL when absent.  Trailing NULs are removed, others become U+FFFD. */
AD_CHECKED int32_t ad_loose_text(const json_t *value, struct ad_arena *arena, const char **out);

AD_CHECKED int32_t ad_loose_number(const json_t *value, bool *has, double *out);

/* 4000.0 and "4000" are integers too; 0.5 is not. */
AD_CHECKED int32_t ad_loose_integer(const json_t *value, bool *has, int64_t *out);

#endif
