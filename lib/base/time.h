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

/* CLOCK_MONOTONIC in whole milliseconds: never negative, never going back. */
int64_t ad_time_now_ms(void);

/* The moment `timeout_ms` (not negative) from now, on the same clock: for pthread_cond_timedwait. */
struct timespec ad_time_after(int64_t timeout_ms);

/* Seconds since 1970 by the wall clock, 0 when unknown. */
int64_t ad_time_wall_s(void);

#endif
