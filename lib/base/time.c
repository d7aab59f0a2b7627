/* SPDX-License-Identifier: MIT */
/*
 * The monotonic clock and the wall clock.  Must never use a clock that can be set where a timer depends on it: timers
 * would jump.
 */
#include "base/time.h"

int64_t ad_time_now_ms(void)
{
    struct timespec now = {0};

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct timespec ad_time_after(int64_t timeout_ms)
{
    struct timespec then = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &then);
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
