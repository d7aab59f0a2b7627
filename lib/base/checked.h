/* SPDX-License-Identifier: MIT */
/*
 * Overflow-checked arithmetic on sizes and integers.  For every size or number that comes from outside, or doubles.
 */
#ifndef AD_BASE_CHECKED_H
#define AD_BASE_CHECKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All return true and set `out` if the result fits.  On false, `out` must not be read. */
static inline bool ad_size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool ad_size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool ad_i64_add(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool ad_i64_mul(int64_t a, int64_t b, int64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

#endif
