/* SPDX-License-Identifier: MIT */
/*
 * Time: the only place of the library that reads a clock.  Who has a moment in mind says it in milliseconds.  Logic
 * does not ask: it gets its time passed in, from a transport.
 */
#ifndef AD_BASE_TIME_H
#define AD_BASE_TIME_H

#include <stdint.h>
#include <time.h>

#define AD_TIME_NEVER INT64_MAX

/*
 * The clock of ad_time_now_ms.  A quota's window, a wait that the service asked for, a URL's life and the host's
 * timeouts go on while the machine is suspended, so where a clock counts that time, it is the one.  (On macOS
 * CLOCK_MONOTONIC counts it.)
 */
#if defined(CLOCK_BOOTTIME) && !defined(AD_PORTABLE)
#define AD_TIME_CLOCK CLOCK_BOOTTIME
#else
#define AD_TIME_CLOCK CLOCK_MONOTONIC
#endif

/* Whole milliseconds, suspends included: never negative, never going back. */
int64_t ad_time_now_ms(void);

/* The same without suspends, as libcurl counts: for the silence of a peer, which a suspend of ours does not show. */
int64_t ad_time_awake_ms(void);

/* The moment `timeout_ms` (not negative, at most a day) from now on a clock. */
struct timespec ad_time_after(clockid_t clock, int64_t timeout_ms);

/* Seconds since 1970 by the wall clock, 0 when unknown. */
int64_t ad_time_wall_s(void);

#endif
