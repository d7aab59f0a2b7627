/* SPDX-License-Identifier: MIT */
/*
 * Delivers a response on a real connection as planned: delay, stall, reset, short or slow bodies.
 */
#ifndef TESTING_EMULATOR_DELIVER_H
#define TESTING_EMULATOR_DELIVER_H

#include <microhttpd.h>

#include "testing/emulator/timers.h"
#include "testing/service/service.h"

enum emu_step { EMU_STEP_NEW, EMU_STEP_DELAYED, EMU_STEP_STALLED, EMU_STEP_SENT };

struct emu_delivery {
    enum emu_step step;
    int64_t due_ms; /* end of the delay */
};

/*
 * Called from the access handler until the connection ends: once with a new response, and again each time the
 * connection was woken.  Takes ownership of the response's body.  The handler returns the result.
 */
enum MHD_Result emu_deliver(struct emu_timers *timers, struct MHD_Connection *connection,
                            struct emu_delivery *delivery, struct svc_response *response);

#endif
