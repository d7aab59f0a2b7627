/* SPDX-License-Identifier: MIT */
/*
 * Measures a JSON text before it is parsed: depth, longest token, number of values.  Bounds the time and memory of
 * parsing.
 */
#ifndef AD_PROTOCOL_JSON_OUTLINE_H
#define AD_PROTOCOL_JSON_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

/* What one pass over the text finds. */
struct ad_json_outline {
    size_t depth;   /* maximum depth */
    size_t longest; /* bytes of the longest token, including quotes */
    size_t values;  /* at least as many as the parser would create */
    size_t open;    /* brackets and strings still open at the end */
    bool large;     /* contains a number that may be as large as the largest double */
};

/* For text that is not JSON, valid up to the first error, where the parser stops. */
struct ad_json_outline ad_json_outline_of(const char *text, size_t size);

#endif
