/* SPDX-License-Identifier: MIT */
/*
 * Reads the clocks; no other file of the library does.  All times are in milliseconds.  Logic never reads a clock: its
 * time is passed in, from the transport.
 */
#ifndef AD_BASE_TIME_H
#define AD_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define AD_TIME_NEVER INT64_MAX

/*
 * The clock of ad_time_now_ms.  A quota window, a Retry-After, the lifetime of a URL and the host's timeouts continue
 * while the machine is suspended, so the clock counts suspended time where one does. (On macOS CLOCK_MONOTONIC does.)
 */
#if defined(CLOCK_BOOTTIME) && !defined(AD_PORTABLE)
#define AD_TIME_CLOCK CLOCK_BOOTTIME
#else
#define AD_TIME_CLOCK CLOCK_MONOTONIC
#endif

/* Whole milliseconds including suspends: never negative, never decreasing. */
int64_t ad_time_now_ms(void);

/*
 * The same without suspends, as libcurl counts.  For stalls of a peer: while we are suspended, its silence means
 * nothing.
 */
int64_t ad_time_awake_ms(void);

/* The time `timeout_ms` (not negative, at most a day) from now on a clock. */
struct timespec ad_time_after(clockid_t clock, int64_t timeout_ms);

/* Seconds since 1970 by the wall clock, 0 when unknown. */
int64_t ad_time_wall_s(void);

#endif
