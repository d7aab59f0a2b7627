/* SPDX-License-Identifier: MIT */
/*
 * Carries out the delivery plan of a response on a real connection: delay, stall, reset, short or slow bodies.
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
 * To be called from the access handler until the connection ends: once with a new response, and again each time the
 * connection was woken.  Takes the response's body.  What it returns the handler returns.
 */
enum MHD_Result emu_deliver(struct emu_timers *timers, struct MHD_Connection *connection,
                            struct emu_delivery *delivery, struct svc_response *response);

#endif
