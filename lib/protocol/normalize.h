/* SPDX-License-Identifier: MIT */
/*
 * Gives an option its one form, so that two ways to write the same value are one payload and one key.
 *
 * Two rules: -0.0 is 0.0 wherever it stands, and a country has no blanks at its ends and, if it is a code of two or
 * three letters, capital letters ("us " is "US").  Any other number stays as it is, 180 and -180 degrees too.  Each
 * rule changes the key of inputs that were sent without it, so a new one belongs in the CHANGELOG.
 *
 * For the setters alone.  The options of a restored job stay as they were saved: the service may know that payload,
 * under the saved key or under the one that is derived from it.
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
