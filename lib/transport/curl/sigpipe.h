/* SPDX-License-Identifier: MIT */
/*
 * Protects the host from SIGPIPE while libcurl may write to a connection that the peer has closed.  Only the calling
 * thread's mask is changed, then restored; a signal that was already pending stays pending.
 */
#ifndef AD_TRANSPORT_CURL_SIGPIPE_H
#define AD_TRANSPORT_CURL_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

struct ad_sigpipe {
    bool blocked;
    sigset_t before;
};

/* `needed` false: no effect. */
struct ad_sigpipe ad_sigpipe_block(bool needed);
void ad_sigpipe_restore(const struct ad_sigpipe *sigpipe);

#endif
