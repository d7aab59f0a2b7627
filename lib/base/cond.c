/* SPDX-License-Identifier: MIT */
/*
 * Three ways to wait on a monotonic clock: POSIX's condition clock, macOS's relative timeout, and where neither exists
 * the wall clock in slices so short that setting it does no harm.
 */
#include "base/cond.h"

#include "base/time.h"

#if defined(AD_HAS_COND_CLOCK) || defined(AD_HAS_COND_RELATIVE)
#define SLICE_MS (INT64_C(24) * 3600 * 1000) /* fits any time_t */
#else
#define SLICE_MS 1000
#endif

int ad_cond_init(pthread_cond_t *cond)
{
#ifdef AD_HAS_COND_CLOCK
    pthread_condattr_t monotonic;
    int failed = pthread_condattr_init(&monotonic);

    if (failed != 0)
        return failed;
    failed = pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    if (failed == 0)
        failed = pthread_cond_init(cond, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return failed;
#else
    return pthread_cond_init(cond, NULL);
#endif
}

void ad_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex, int64_t timeout_ms)
{
    struct timespec until;

    if (timeout_ms < 0) {
        (void)pthread_cond_wait(cond, mutex);
        return;
    }
    if (timeout_ms > SLICE_MS)
        timeout_ms = SLICE_MS;
#if defined(AD_HAS_COND_CLOCK)
    until = ad_time_after(CLOCK_MONOTONIC, timeout_ms);
    (void)pthread_cond_timedwait(cond, mutex, &until);
#elif defined(AD_HAS_COND_RELATIVE)
    until = (struct timespec){.tv_sec = (time_t)(timeout_ms / 1000), .tv_nsec = (long)(timeout_ms % 1000) * 1000000};
    (void)pthread_cond_timedwait_relative_np(cond, mutex, &until);
#else
    until = ad_time_after(CLOCK_REALTIME, timeout_ms);
    (void)pthread_cond_timedwait(cond, mutex, &until);
#endif
}
