/* SPDX-License-Identifier: MIT */
/*
 * SIGPIPE is sent to the thread that writes, so blocking it there is enough.  A signal caused by libcurl is consumed
 * before the mask is restored.
 */
#include "transport/curl/sigpipe.h"

#include <pthread.h>
#include <time.h>

static bool is_pending(void)
{
    sigset_t pending;

    return sigemptyset(&pending) == 0 && sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

struct ad_sigpipe ad_sigpipe_block(bool needed)
{
    struct ad_sigpipe sigpipe = {.blocked = false};
    sigset_t mask;

    if (!needed || is_pending())
        return sigpipe;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGPIPE);
    sigpipe.blocked = pthread_sigmask(SIG_BLOCK, &mask, &sigpipe.before) == 0;
    return sigpipe;
}

void ad_sigpipe_restore(const struct ad_sigpipe *sigpipe)
{
    sigset_t mask;
    int number;

    if (!sigpipe->blocked)
        return;
    (void)sigemptyset(&mask);
    (void)sigaddset(&mask, SIGPIPE);
    if (is_pending())
        (void)sigwait(&mask, &number);
    (void)pthread_sigmask(SIG_SETMASK, &sigpipe->before, NULL);
}
