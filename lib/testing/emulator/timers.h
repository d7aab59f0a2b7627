/* SPDX-License-Identifier: MIT */
/*
 * Wakes suspended connections when due, from its own thread.  A suspended connection is woken exactly once: when it is
 * due, when its peer has gone, or when the emulator closes.
 */
#ifndef TESTING_EMULATOR_TIMERS_H
#define TESTING_EMULATOR_TIMERS_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

struct emu_timers;

/* `wake` is called after each resume, from the timers' thread.  NULL if no thread can be created. */
struct emu_timers *emu_timers_new(void (*wake)(void *context), void *context);
void emu_timers_free(struct emu_timers *timers);

/* Suspends the connection until `due_ms` (emu_clock_ms; INT64_MAX: no time).  False when closing. */
bool emu_timers_park(struct emu_timers *timers, struct MHD_Connection *connection, int64_t due_ms);

/* Wakes everything and refuses new ones. */
void emu_timers_close(struct emu_timers *timers);

int64_t emu_clock_ms(void); /* monotonic */

#endif
