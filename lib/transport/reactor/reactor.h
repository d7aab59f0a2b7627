/* SPDX-License-Identifier: MIT */
/*
 * Watches descriptors and one deadline: what a socket transport waits on.  Two implementations of one vtable: epoll
 * (Linux: one descriptor that a host can watch) and portable poll (no such descriptor).
 *
 * All functions are called with the owner's lock held, except `block`, `signal` and `is_signaled`, which any thread may
 * call.
 */
#ifndef AD_TRANSPORT_REACTOR_H
#define AD_TRANSPORT_REACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

#define AD_READABLE 1
#define AD_WRITABLE 2
#define AD_TROUBLE 4 /* error or hang-up */

struct ad_reactor;

/* False: stop for now. */
typedef bool (*ad_reactor_ready)(void *context, int fd, int events);

struct ad_reactor_ops {
    /* events: AD_READABLE | AD_WRITABLE; 0 forgets the descriptor (which may be closed already: not an error). */
    int32_t (*watch)(struct ad_reactor *reactor, int fd, int events);
    /*
     * Calls `ready` for at most `budget` ready descriptors, never blocks.  True when more may be ready: those come
     * first the next time.
     */
    bool (*collect)(struct ad_reactor *reactor, int32_t budget, ad_reactor_ready ready, void *context);
    void (*arm)(struct ad_reactor *reactor, int64_t deadline_ms); /* ad_time_now_ms; AD_TIME_NEVER disarms */
    /* Makes `fd` readable until `acknowledge`, and ends the current or next `block`. */
    void (*signal)(struct ad_reactor *reactor);
    /* Undoes `signal`. */
    void (*acknowledge)(struct ad_reactor *reactor);
    bool (*is_signaled)(struct ad_reactor *reactor);
    /*
     * Makes `fd` readable, with a new edge each time, or ends that.  For the host's event loop only (uncollected
     * completions): `block` ignores it, or a thread that waits for one job would spin while another completion is
     * uncollected.
     */
    void (*announce)(struct ad_reactor *reactor, bool there);
    /* Under the lock, before `block`: copies what `block` needs, since others may change the reactor meanwhile. */
    void (*prepare)(struct ad_reactor *reactor);
    /*
     * Without the lock, one thread at a time: returns when a descriptor is ready, the armed time has come, `signal` was
     * called, or after `timeout_ms` (-1: no limit).  May return early.  ANIMALDETECT_OK or E_SYSTEM.
     */
    int32_t (*block)(struct ad_reactor *reactor, int64_t timeout_ms);
    /* One descriptor, readable whenever `block` would return at once; E_UNSUPPORTED if there is none. */
    int32_t (*fd)(struct ad_reactor *reactor);
    void (*close)(struct ad_reactor *reactor);
};

struct ad_reactor {
    const struct ad_reactor_ops *ops;
};

/*
 * ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM; epoll also E_UNSUPPORTED on systems other than
 * Linux.
 */
AD_CHECKED int32_t ad_reactor_epoll_new(struct ad_reactor **out);
AD_CHECKED int32_t ad_reactor_poll_new(struct ad_reactor **out);

/* The best one for this system. */
AD_CHECKED int32_t ad_reactor_new(struct ad_reactor **out);
const char *ad_reactor_name(void); /* of the one that ad_reactor_new creates */

#endif
