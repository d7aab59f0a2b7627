/* SPDX-License-Identifier: MIT */
/*
 * The monotonic clocks and the wall clock.  Timers must never depend on a clock that can be set: they would jump.
 */
#include "base/time.h"

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now = {0};

    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ad_time_now_ms(void)
{
    return clock_ms(AD_TIME_CLOCK);
}

int64_t ad_time_awake_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

struct timespec ad_time_after(clockid_t clock, int64_t timeout_ms)
{
    struct timespec then = {0};

    (void)clock_gettime(clock, &then);
    then.tv_sec += (time_t)(timeout_ms / 1000);
    then.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (then.tv_nsec >= 1000000000) {
        then.tv_nsec -= 1000000000;
        then.tv_sec++;
    }
    return then;
}

int64_t ad_time_wall_s(void)
{
    time_t now = time(NULL);

    return now > 0 ? (int64_t)now : 0;
}
