/* SPDX-License-Identifier: MIT */
/*
 * See clock.h.  Must never be replaced by a clock that can be set: timers would jump.
 */
#include "transport/clock.h"

#include <time.h>

int64_t ad_clock_ms(void)
{
    struct timespec now = {0};

    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ad_clock_wall_s(void)
{
    time_t now = time(NULL);

    return now > 0 ? (int64_t)now : 0;
}
