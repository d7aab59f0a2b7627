/* SPDX-License-Identifier: MIT */
/*
 * The subsecond part of a file's times, whose name differs between systems; and 64-bit file sizes.
 */
#ifndef AD_BASE_FILE_H
#define AD_BASE_FILE_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

_Static_assert(sizeof(off_t) >= sizeof(int64_t), "build with -D_FILE_OFFSET_BITS=64, as meson does");

/* `which` is m (modified) or c (changed). */
#if defined(AD_HAS_ST_MTIM)
#define AD_NANOSECONDS(facts, which) ((uint32_t)(facts)->st_##which##tim.tv_nsec)
#elif defined(AD_HAS_ST_MTIMESPEC)
#define AD_NANOSECONDS(facts, which) ((uint32_t)(facts)->st_##which##timespec.tv_nsec)
#else
#define AD_NANOSECONDS(facts, which) UINT32_C(0)
#endif

#endif
