/* SPDX-License-Identifier: MIT */
/** @file
 * Custom transports: replace libcurl with your own HTTP stack, or with a network in memory for tests.
 *
 * Make an `animaldetect_transport`, register callbacks one by one, and give it to a client. For each request the start
 * callback gets an `animaldetect_exchange`: read the request from it, send it at once or later, on any thread, put the
 * response in, and end it with exactly one of `animaldetect_exchange_complete` and `animaldetect_exchange_fail`. The
 * library does the rest: request and stall timeouts, retries, pacing and polls.
 *
 * A setter of a transport returns ANIMALDETECT_E_STATE once a client uses the transport.
 *
 * A transport must follow these rules:
 *  - It sends the request to the URL as given, with exactly these headers and the Content-Length that follows from the
 *    body. It does not follow redirects. It verifies https; the proxy and the certificates set on the client do not
 *    apply to it; the headers that the host added do: they are among those of the request.
 *  - The API key is in the Authorization header, which is there only when the library has checked that the URL is of a
 *    trusted origin. An upload URL never gets it. Do not log headers.
 *  - A callback runs with the client locked: it must not block, and a call on the client or its jobs from inside
 *    returns ANIMALDETECT_E_REENTRANT. The functions of this header may be called there.
 *  - `animaldetect_exchange_read_body` and `animaldetect_exchange_rewind_body` on another thread wait for the client's
 *    lock: called with a lock held that a callback takes, they deadlock. The other functions of this header never
 *    block.
 */
#ifndef ANIMALDETECT_TRANSPORT_H
#define ANIMALDETECT_TRANSPORT_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A set of callbacks that send requests. Free with `animaldetect_transport_free`. */
typedef struct animaldetect_transport animaldetect_transport;
/** One request and its response. Owned by the transport from the start callback until the transport ends it. */
typedef struct animaldetect_exchange animaldetect_exchange;

/** How an exchange failed below HTTP, for `animaldetect_exchange_fail`. Decides whether the request may be retried. */
enum animaldetect_failure {
    ANIMALDETECT_FAILURE_CONNECT = 1, /**< no connection: the request was certainly not sent */
    ANIMALDETECT_FAILURE_BROKEN = 2,  /**< the connection broke: the request may have had its effect */
    ANIMALDETECT_FAILURE_TIMEOUT = 3, /**< the peer was too slow: the request may have had its effect */
    ANIMALDETECT_FAILURE_TLS = 4,     /**< handshake or certificate rejected: not sent, not retried */
    ANIMALDETECT_FAILURE_REFUSED = 5  /**< the transport cannot send such a request: not retried */
};

/**
 * Starts a request. The transport owns the exchange from here on and must end it exactly once, here or later.
 *
 * @param user      the pointer passed to `animaldetect_transport_new`
 * @param exchange  the request
 * @return  0 when it was started (or has ended already), else ANIMALDETECT_E_NO_MEMORY or another negative status: the
 *          transport then does not own the exchange, and must not have ended it
 */
typedef int32_t (*animaldetect_transport_start_callback)(void *user, animaldetect_exchange *exchange);

/**
 * Notifies that an exchange was canceled. The transport must still end it, here or later, in either way. Another thread
 * of the transport may just have ended it: the handle stays valid until this callback returns, and only the getters may
 * then be called on it.
 *
 * @param user      the pointer passed to `animaldetect_transport_new`
 * @param exchange  the request
 */
typedef void (*animaldetect_transport_cancel_callback)(void *user, animaldetect_exchange *exchange);

/**
 * Reads a clock. May be called from any thread, locked or not.
 *
 * @param user  the pointer passed to `animaldetect_transport_new`
 * @return  milliseconds, not negative
 */
typedef int64_t (*animaldetect_transport_clock_callback)(void *user);

/**
 * Runs at the beginning of each iteration of a client: a transport without threads does the work that is ready.
 *
 * @param user  the pointer passed to `animaldetect_transport_new`
 */
typedef void (*animaldetect_transport_poll_callback)(void *user);

/**
 * Runs, with the client unlocked, when a thread is about to block because there is no work. Here a virtual clock
 * advances, or a transport without threads waits for its own sockets.
 *
 * @param user        the pointer passed to `animaldetect_transport_new`
 * @param timeout_ms  how long there is no work, on the transport's clock; -1 for no limit
 * @return  how long the library may block after this, in real milliseconds: 0 to check again at once, INT64_MAX for no
 *          limit; or a negative status, with which the wait of the host then returns
 */
typedef int64_t (*animaldetect_transport_idle_callback)(void *user, int64_t timeout_ms);

/**
 * Makes a transport without callbacks. It needs at least `animaldetect_transport_set_start`.
 *
 * @param user     passed to each callback
 * @param release  called with `user` when neither the host nor a client nor an exchange uses the transport any more;
 *                 NULL for none
 * @param out      receives the transport; owned by the caller, free with `animaldetect_transport_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_transport_new(void *user, animaldetect_release_callback release,
                                                    animaldetect_transport **out);

/**
 * Releases the caller's handle. Clients that use the transport keep it alive, and so do exchanges that have not ended.
 *
 * @threads any; the release callback may run inside this call
 */
ANIMALDETECT_API void animaldetect_transport_free(animaldetect_transport *transport);

/**
 * Sets the callback that starts a request. Required.
 *
 * @param callback  the callback
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_start(animaldetect_transport *transport,
                                                          animaldetect_transport_start_callback callback);

/**
 * Sets the callback that is notified of canceled and timed out requests. Without it such requests continue, and their
 * responses are dropped.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_cancel(animaldetect_transport *transport,
                                                           animaldetect_transport_cancel_callback callback);

/**
 * Sets the clock for all timeouts, pauses and polls, in place of the system's. A transport with a clock of its own
 * needs `animaldetect_transport_set_idle` as well, which advances that clock. A host that watches the descriptor is
 * then notified that time has passed only by `animaldetect_transport_wake`.
 *
 * @param callback  the clock: it is monotonic, its zero is arbitrary. NULL for the system's
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_clock(animaldetect_transport *transport,
                                                          animaldetect_transport_clock_callback callback);

/**
 * Sets the wall clock, in milliseconds since 1970, in place of the system's. It is used only to interpret the date in a
 * Retry-After header of a response without a Date header.
 *
 * @param callback  the clock; it returns 0 when the time is not known. NULL for the system's
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_wall_clock(animaldetect_transport *transport,
                                                               animaldetect_transport_clock_callback callback);

/**
 * Sets the callback that runs at the beginning of each iteration.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_poll(animaldetect_transport *transport,
                                                         animaldetect_transport_poll_callback callback);

/**
 * Sets the callback that runs before a thread blocks.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_idle(animaldetect_transport *transport,
                                                         animaldetect_transport_idle_callback callback);

/**
 * Seeds the random generator of the clients on this transport (the jitter of retries and polls), so that a run on a
 * virtual clock is reproducible. Keys that must be unguessable stay random.
 *
 * @param seed  any number; 0 for a random one (default)
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_seed(animaldetect_transport *transport, uint64_t seed);

/**
 * Makes a client send its requests through this transport in place of libcurl. Only before its first use. One transport
 * may serve any number of clients.
 *
 * @param transport  the transport, kept alive by the client until it is freed; NULL for libcurl again
 * @return  also ANIMALDETECT_E_STATE after the client's first use, ANIMALDETECT_E_INVALID_ARGUMENT (a missing start
 *          callback, or a clock without idle callback, too)
 */
ANIMALDETECT_API int32_t animaldetect_client_set_transport(animaldetect_client *client,
                                                           animaldetect_transport *transport);

/**
 * Makes every client on this transport check for work: blocked waits resume, descriptors become readable. For a clock
 * of its own that has advanced, and for a transport whose poll callback has work.
 *
 * @threads any, also inside a callback
 */
ANIMALDETECT_API int32_t animaldetect_transport_wake(animaldetect_transport *transport);

/**
 * When the first of the clients on this transport needs to be processed, on the transport's clock.
 *
 * @return  milliseconds; a time in the past when there is work now, -1 when only a response (or nothing) can bring
 *          work, or ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any, also inside a callback
 */
ANIMALDETECT_API int64_t animaldetect_transport_due_ms(const animaldetect_transport *transport);

#ifdef __cplusplus
}
#endif

#endif
