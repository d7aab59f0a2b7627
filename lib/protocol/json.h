/* SPDX-License-Identifier: MIT */
/*
 * Strict JSON in and canonical JSON out, over jansson: what answers, results, payloads and saved jobs share.
 * Depth is bounded before jansson recurses, and an allocation that fails inside jansson is never a wrong value; memory
 * handed out is this library's own, whatever allocator jansson uses.
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
 * Bounds of a document.  A result of 700 animals with five candidates each has 50,000 values in 0.9 MB; jansson takes
 * about 12 ns a byte, and reads the longest token twice (see json.c), so that no document takes much more than 20 ms.
 */
#define AD_JSON_MAX_VALUES 50000 /* names of members not counted */
#define AD_JSON_MAX_SIZE (1280 * 1024)
#define AD_JSON_MAX_TOKEN (256 * 1024)

/* Writes the words and answers ANIMALDETECT_E_PROTOCOL, so that a reader can `return` it. */
int32_t ad_problem_set(struct ad_problem *problem, const char *format, ...) __attribute__((format(printf, 2, 3)));
void ad_problem_clear(struct ad_problem *problem);

/*
 * One JSON value of any type.  Duplicate names, NUL, invalid UTF-8, trailing bytes, numbers that do not fit and more
 * than `max_depth` levels are refused.  What is larger than the bounds above is not parsed, whoever sends it: it would
 * cost a hundred times its size in memory, and hold the host's loop for longer than a loop can wait.
 * ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL, ANIMALDETECT_E_ANSWER_TOO_LARGE (above a bound), ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_json_load(const char *text, size_t size, size_t max_depth, json_t **out,
                                struct ad_problem *problem);

/*
 * A response of the service, read for what can be read: of a doubled name the last value counts, NUL is taken, and what
 * is no JSON for a slip of the service's serializer is mended (json_mend.h).  ANIMALDETECT_OK;
 * ANIMALDETECT_E_PROTOCOL: it is no complete JSON; ANIMALDETECT_E_ANSWER_TOO_LARGE: it is complete, and above one of
 * the bounds or nested too deep; ANIMALDETECT_E_NO_MEMORY.
 */
AD_CHECKED int32_t ad_json_load_lenient(const char *text, size_t size, json_t **out, struct ad_problem *problem);

/* Sorted keys, no blanks, reals with at most 15 significant digits.  Errors as ad_buf_add. */
AD_CHECKED int32_t ad_json_dump(const json_t *value, struct ad_buf *out);

/* A member of an object; NULL when it is absent or null. */
const json_t *ad_json_member(const json_t *object, const char *name);

/*
 * A text member, NULL when absent or null; `path` stands before the name in the problem's words, such as "upload.".
 * ANIMALDETECT_OK, ANIMALDETECT_E_PROTOCOL when it is no string.
 */
AD_CHECKED int32_t ad_json_get_text(const json_t *object, const char *path, const char *name, const char **out,
                     struct ad_problem *problem);

#endif
