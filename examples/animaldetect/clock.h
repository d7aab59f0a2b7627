/* SPDX-License-Identifier: MIT */
/*
 * Milliseconds of a clock that never goes back and counts the time for which the machine is suspended: a permit of a
 * shared quota ends then as well, and the age of what was settled goes on.
 */
#ifndef TOOL_CLOCK_H
#define TOOL_CLOCK_H

#include <stdint.h>

int64_t now_ms(void);

#endif
