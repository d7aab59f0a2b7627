/* SPDX-License-Identifier: MIT */
/*
 * Signals.
 */
#include "stop.h"

#include <signal.h>

static volatile sig_atomic_t wanted;

static void on_signal(int number)
{
    wanted = number == SIGINT && wanted == STOP_NOT ? STOP_FINISH : STOP_NOW;
    if (wanted == STOP_NOW)
        (void)signal(number, SIG_DFL);
}

void stop_listen(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

int stop_wanted(void)
{
    return wanted;
}
