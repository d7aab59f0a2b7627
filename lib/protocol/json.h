/* SPDX-License-Identifier: MIT */
/*
 * Strict JSON input and canonical JSON output over jansson, for responses, results, payloads and saved jobs.  Depth is
 * bounded before jansson recurses.  A failed allocation inside jansson never yields a wrong value.  Returned memory is
 * this library's own, whatever allocator jansson uses.
 */
#ifndef AD_PROTOCOL_JSON_H
#define AD_PROTOCOL_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/check.h"
#include "protocol/answer.h"

/*
 * Bounds of a document.  A result of 700 animals with five candidates each has 50,000 values in 0.9 MB. jansson takes
 * about 12 ns per byte and reads the longest token twice (see json.c), so parsing takes at most about 20 ms.
 */
#define AD_JSON_MAX_VALUES 50000 /* excluding member names */
#define AD_JSON_MAX_SIZE (1280 * 1024)
#define AD_JSON_MAX_TOKEN (256 * 1024)

/* Writes the message and returns ANIMALDETECT_E_PROTOCOL, so that a reader can `return` it. */
int32_t ad_problem_set(struct ad_problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ad_problem_clear(struct ad_problem *problem);

/*
 * Parses one JSON value of any type.  Rejects duplicate names, NUL, invalid UTF-8, trailing bytes, numbers out of range
 * and more than `max_depth` levels.  Text above the bounds is not parsed, whoever sent it: it would need a hundred
 * times its size in memory and block the host's event loop for too long. ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL,
 * ANIMALDETECT_E_ANSWER_TOO_LARGE (above a bound), ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_json_load(const char *text, size_t size, size_t max_depth, json_t **out,
                                struct ad_problem *problem);

/*
 * Parses a response of the service, tolerantly: the last of duplicate names wins, NUL is accepted, and the usual errors
 * of serializers are repaired (json_mend.h).  ANIMALDETECT_OK; ANIMALDETECT_E_PROTOCOL: not complete JSON;
 * ANIMALDETECT_E_ANSWER_TOO_LARGE: complete, but above a bound or nested too deep; ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_json_load_lenient(const char *text, size_t size, json_t **out, struct ad_problem *problem);

/* Sorted keys, no blanks, reals with at most 15 significant digits.  Errors as ad_buf_add. */
AD_CHECKED int32_t ad_json_dump(const json_t *value, struct ad_buf *out);

/* A member of an object; NULL when it is absent or null. */
const json_t *ad_json_member(const json_t *object, const char *name);

/*
 * A text member, NULL when absent or null.  `path` precedes the name in the error message, such as "upload.".
 * ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL if it is not a string.
 */
AD_CHECKED int32_t ad_json_get_text(const json_t *object, const char *path, const char *name, const char **out,
                     struct ad_problem *problem);

#endif
