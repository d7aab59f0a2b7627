/* SPDX-License-Identifier: MIT */
/*
 * The time of this program.
 */
#include "clock.h"

#include <time.h>

/* As the library's clock. (On macOS CLOCK_MONOTONIC counts a suspend.) */
#ifdef CLOCK_BOOTTIME
#define TOOL_CLOCK CLOCK_BOOTTIME
#else
#define TOOL_CLOCK CLOCK_MONOTONIC
#endif

int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(TOOL_CLOCK, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
