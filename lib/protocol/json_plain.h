/* SPDX-License-Identifier: MIT */
/*
 * Plain JSON, what an ordinary serializer writes, into jansson's values in one pass.
 *
 * jansson's parser takes about 150 instructions a byte, and was a third of the CPU time of a job.  This reader takes
 * 30, the values included, and judges nothing: what it reads, jansson would read the same, and on anything else it
 * gives up and leaves the text to jansson.  It gives up on an escape, a name of more than 63 bytes, NaN, an integer of
 * more than 18 digits, bytes that are no UTF-8, a document above one of the bounds, and whatever is no JSON.
 */
#ifndef AD_PROTOCOL_JSON_PLAIN_H
#define AD_PROTOCOL_JSON_PLAIN_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/*
 * An object or an array, within the bounds of json.h and AD_JSON_MAX_DEPTH.  Of a doubled name the last value counts,
 * as with jansson.  ANIMALDETECT_OK, with NULL in `*out` when it gave up; ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_json_plain(const char *text, size_t size, json_t **out);

#endif
