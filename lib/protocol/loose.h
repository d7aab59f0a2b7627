/* SPDX-License-Identifier: MIT */
/*
 * Single values of foreign JSON, taken for what they mean.  A number in quotes is a number, a number where a text is
 * due is its digits.  What cannot be read is absent, never 0 and never an error.  ANIMALDETECT_OK, or
 * ANIMALDETECT_E_NO_MEMORY: a value that is absent for lack of memory would be a wrong one.  A NULL value is absent.
 */
#ifndef AD_PROTOCOL_LOOSE_H
#define AD_PROTOCOL_LOOSE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/check.h"

#define AD_LOOSE_EXACT 9007199254740992.0 /* 2^53: up to here a double holds every integer */

/* A text, or the digits of a number; NULL when absent.  NULs at its end are dropped, others become U+FFFD. */
AD_CHECKED int32_t ad_loose_text(const json_t *value, struct ad_arena *arena, const char **out);

AD_CHECKED int32_t ad_loose_number(const json_t *value, bool *has, double *out);

/* 4000.0 and "4000" are integers too; 0.5 is none. */
AD_CHECKED int32_t ad_loose_integer(const json_t *value, bool *has, int64_t *out);

#endif
