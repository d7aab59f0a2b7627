/* SPDX-License-Identifier: MIT */
/*
 * A parsed result: the raw bytes and views into them.  Immutable once read, with an atomic reference count.
 */
#ifndef AD_PROTOCOL_RESULT_H
#define AD_PROTOCOL_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include <animaldetect/result.h>

#include "base/check.h"
#include "protocol/answer.h"

/*
 * Copies `json`; any complete JSON is a result.  ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL (not JSON, or truncated;
 * problem says why), ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_result_read(const char *json, size_t size, animaldetect_result **out, struct ad_problem *problem);
animaldetect_result *ad_result_reference(animaldetect_result *result); /* NULL is allowed */
void ad_result_release(animaldetect_result *result);                   /* NULL is allowed */

#endif
