/* SPDX-License-Identifier: MIT */
/*
 * How deep a text is, how long its tokens are and how many its values, told before it is parsed.  It bounds the work
 * and the memory of parsing.
 */
#ifndef AD_PROTOCOL_JSON_OUTLINE_H
#define AD_PROTOCOL_JSON_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>

/* What one look over the text tells before it is parsed. */
struct ad_json_outline {
    size_t depth;   /* deepest place */
    size_t longest; /* bytes of the longest token, quotes included */
    size_t values;  /* at least as many as the parser would make */
    size_t open;    /* brackets and strings that are open at the end */
    bool large;     /* has a number that may be as large as the largest double */
};

/* For text that is not JSON the answer still holds up to the first error, which is where the parser stops. */
struct ad_json_outline ad_json_outline_of(const char *text, size_t size);

#endif
