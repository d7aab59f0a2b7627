/* SPDX-License-Identifier: MIT */
/*
 * Normalizes option values, so that two spellings of the same value give the same payload and the same key.
 *
 * Two rules: -0.0 becomes 0.0 at any depth; a country loses leading and trailing blanks and, if it is a code of two or
 * three letters, is capitalized ("us " is "US").  Other numbers are unchanged, also 180 and -180 degrees.  Each rule
 * changes the key of inputs that were sent before it existed, so a new one belongs in the CHANGELOG.
 *
 * Only setters use this.  The options of a restored job stay as saved: the service may know that payload, under the
 * saved key or under the one derived from it.
 */
#ifndef AD_PROTOCOL_NORMALIZE_H
#define AD_PROTOCOL_NORMALIZE_H

#include <jansson.h>
#include <stdint.h>

#include "base/check.h"

#define AD_OPTION_COUNTRY "country"

/* Changes `value` of the option `name` in place; at most AD_OPTION_MAX_DEPTH deep.  ANIMALDETECT_OK, E_NO_MEMORY. */
AD_CHECKED int32_t ad_option_normalize(const char *name, json_t *value);

#endif
