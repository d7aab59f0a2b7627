/* SPDX-License-Identifier: MIT */
/*
 * The only place of the library that reads a clock.  Everything below the transport gets its time passed in.
 */
#ifndef AD_TRANSPORT_CLOCK_H
#define AD_TRANSPORT_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in whole milliseconds: never negative, never going back. */
int64_t ad_clock_ms(void);

/* Seconds since 1970 by the wall clock, 0 when unknown. */
int64_t ad_clock_wall_s(void);

#endif
