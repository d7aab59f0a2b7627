/* SPDX-License-Identifier: MIT */
/*
 * Repairs JSON that a strict parser rejects: an error of a serializer must not make a paid result unreadable.  Works on
 * a copy; the original bytes are kept unchanged.
 *
 *   a byte order mark                                 removed
 *   NaN, Infinity, None, 01, 1e999, any bare word     null
 *   an integer of more than 18 digits                 the same number as a real
 *   half of a surrogate pair, an invalid UTF-8 byte   U+FFFD
 *   a raw control character in a string               escaped
 *   a NUL in a member name                            U+FFFD
 *   a backslash that starts no escape                 an escaped backslash
 */
#ifndef AD_PROTOCOL_JSON_MEND_H
#define AD_PROTOCOL_JSON_MEND_H

#include <stddef.h>

#include "base/buf.h"
#include "base/check.h"

/* Appends the repaired text of an object or array to `out`.  Errors as ad_buf_add. */
AD_CHECKED int32_t ad_json_mend(const char *text, size_t size, struct ad_buf *out);

#endif
