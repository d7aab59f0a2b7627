/* SPDX-License-Identifier: MIT */
/*
 * A fast reader for JSON as an ordinary serializer writes it, into jansson's values, in one pass.
 *
 * jansson's parser takes about 150 instructions per byte, and was a third of the CPU time of a job.  This reader takes
 * 30, including the values.  What it accepts, jansson would read to the same values; on anything else it gives up and
 * leaves the text to jansson.  It gives up on an escape, a name of more than 63 bytes, NaN, an integer of more than 18
 * digits, invalid UTF-8, a document above one of the bounds, and anything that is not JSON.
 */
#ifndef AD_PROTOCOL_JSON_PLAIN_H
#define AD_PROTOCOL_JSON_PLAIN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/*
 * Reads an object or an array within the bounds of json.h and AD_JSON_MAX_DEPTH.  The last of duplicate names wins, as
 * in jansson.  ANIMALDETECT_OK, with NULL in `*out` when it gave up; ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_json_plain(const char *text, size_t size, json_t **out);

#endif
