/* SPDX-License-Identifier: MIT */
/*
 * Foreign JSON that a strict parser refuses, rewritten so that it reads.  What a service's serializer lets slip must
 * not make a paid result unreadable.  Works on a copy; the service's bytes stay what they are.
 *
 *   a byte order mark                                 left out
 *   NaN, Infinity, None, 01, 1e999, any bare word     null
 *   an integer of more than 18 digits                 the same number as a real
 *   half of a surrogate pair, a byte that is no UTF-8 U+FFFD
 *   a raw control character in a string               its escape
 *   a NUL in the name of a member                     U+FFFD
 *   a backslash before a letter that needs none       the backslash itself
 */
#ifndef AD_PROTOCOL_JSON_MEND_H
#define AD_PROTOCOL_JSON_MEND_H

#include <stddef.h>

#include "base/buf.h"
#include "base/check.h"

/* Appends the mended text of an object or an array to `out`.  Errors as ad_buf_add. */
AD_CHECKED int32_t ad_json_mend(const char *text, size_t size, struct ad_buf *out);

#endif
