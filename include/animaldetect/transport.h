/* SPDX-License-Identifier: MIT */
/** @file
 * Custom transports: replace libcurl with your own HTTP stack, or with a network in memory for tests.
 *
 * Make an `animaldetect_transport`, register callbacks one by one, and give it to a client. For each request the start
 * callback gets an `animaldetect_exchange`: read the request from it, send it in whatever way, at once or later, on any
 * thread, put the response in, and end it with exactly one of `animaldetect_exchange_complete` and
 * `animaldetect_exchange_fail`. The library does the rest: request and stall timeouts, retries, pacing and polls.
 *
 * A setter of a transport returns ANIMALDETECT_E_STATE once a client uses the transport.
 *
 * What a transport must do:
 *  - It sends the request to the URL as given, with exactly these headers and the Content-Length that follows from the
 *    body. It does not follow redirects. It verifies https; the proxy and the certificates set on the client do not
 *    apply to it.
 *  - The API key is in the Authorization header, which is there only when the library has checked that the URL is of a
 *    trusted origin. An upload URL never gets it. Do not log headers.
 *  - A callback runs with the client locked: it must not block, and a call on the client or its jobs from inside returns
 *    ANIMALDETECT_E_BUSY. The functions of this header may be called there.
 *  - `animaldetect_exchange_read_body` and `animaldetect_exchange_rewind_body` on another thread wait for the client's
 *    lock: called with a lock held that a callback takes, they deadlock. The other functions of this header never block.
 */
#ifndef ANIMALDETECT_TRANSPORT_H
#define ANIMALDETECT_TRANSPORT_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A set of callbacks that carry requests. Free with `animaldetect_transport_free`. */
typedef struct animaldetect_transport animaldetect_transport;
/** One request and its answer. Owned by the transport from the start callback until it ends it. */
typedef struct animaldetect_exchange animaldetect_exchange;

/** How an exchange failed below HTTP, for `animaldetect_exchange_fail`. It decides whether the request may be repeated.
 */
enum animaldetect_failure {
    ANIMALDETECT_FAILURE_CONNECT = 1, /**< no connection: the request was certainly not sent */
    ANIMALDETECT_FAILURE_BROKEN = 2,  /**< the connection broke: the request may have had its effect */
    ANIMALDETECT_FAILURE_TIMEOUT = 3, /**< the peer was too slow: likewise */
    ANIMALDETECT_FAILURE_TLS = 4,     /**< handshake or certificate refused: not sent, not tried again */
    ANIMALDETECT_FAILURE_REFUSED = 5  /**< the transport cannot carry such a request: not tried again */
};

/**
 * Begins a request. The transport owns the exchange from here on and must end it exactly once, here or later.
 *
 * @param user      what was given to `animaldetect_transport_new`
 * @param exchange  the request
 * @return  0 when it was begun (or has ended already), else ANIMALDETECT_E_NO_MEMORY or another negative status: the
 *          exchange is then not the transport's, and must not have been ended
 */
typedef int32_t (*animaldetect_transport_start_callback)(void *user, animaldetect_exchange *exchange);

/**
 * Tells that nobody waits for an exchange any more. The transport must still end it, here or later; how does not
 * matter. Another thread of the transport may just have ended it: the handle stays valid until this callback returns,
 * and no function but the getters may then be called on it.
 *
 * @param user      what was given to `animaldetect_transport_new`
 * @param exchange  the request
 */
typedef void (*animaldetect_transport_cancel_callback)(void *user, animaldetect_exchange *exchange);

/**
 * Reads a clock. May be called from any thread, locked or not.
 *
 * @param user  what was given to `animaldetect_transport_new`
 * @return  milliseconds, not negative
 */
typedef int64_t (*animaldetect_transport_clock_callback)(void *user);

/**
 * Runs at the beginning of each turn of a client: a transport without threads does what it has ready.
 *
 * @param user  what was given to `animaldetect_transport_new`
 */
typedef void (*animaldetect_transport_poll_callback)(void *user);

/**
 * Runs, with the client unlocked, when a thread is about to block because nothing is to be done. Here a virtual clock
 * moves on, or a transport without threads waits for its own sockets.
 *
 * @param user        what was given to `animaldetect_transport_new`
 * @param timeout_ms  how long nothing is to be done, on the transport's clock; -1 for no limit
 * @return  how long the library may block after this, in real milliseconds: 0 to look again at once, INT64_MAX for as
 *          long as it likes; or a negative status, which ends the host's wait with it
 */
typedef int64_t (*animaldetect_transport_idle_callback)(void *user, int64_t timeout_ms);

/**
 * Runs once, when neither the host nor a client nor an exchange uses the transport any more.
 *
 * @param user  what was given to `animaldetect_transport_new`
 */
typedef void (*animaldetect_transport_release_callback)(void *user);

/**
 * Makes a transport without callbacks. It needs at least `animaldetect_transport_set_start`.
 *
 * @param user  handed to each callback; must live until the release callback, or, without one, until the last client
 *              that uses the transport was freed and the last exchange has ended
 * @param out   receives the transport; owned by the caller, free with `animaldetect_transport_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_transport_new(void *user, animaldetect_transport **out);

/**
 * Gives the caller's handle back. Clients that use the transport keep it alive, and so do exchanges that have not
 * ended.
 *
 * @threads any; the release callback may run in here
 */
ANIMALDETECT_API void animaldetect_transport_free(animaldetect_transport *transport);

/**
 * Sets what begins a request. Needed.
 *
 * @param callback  the callback
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_start(animaldetect_transport *transport,
                                                          animaldetect_transport_start_callback callback);

/**
 * Sets what hears of canceled and timed out requests. Without it they go on, and their answers are dropped.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_cancel(animaldetect_transport *transport,
                                                           animaldetect_transport_cancel_callback callback);

/**
 * Sets the clock that all timeouts, pauses and polls go by, in place of the system's. A transport with a clock of its
 * own needs `animaldetect_transport_set_idle` as well, which moves that clock on. A host that watches the descriptor
 * then hears of time only through `animaldetect_transport_wake`.
 *
 * @param callback  the clock: it never goes back; its zero is anywhere. NULL for the system's
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_clock(animaldetect_transport *transport,
                                                          animaldetect_transport_clock_callback callback);

/**
 * Sets the wall clock, in milliseconds since 1970, in place of the system's. It is looked at only to read the date in a
 * Retry-After header of an answer without a Date header.
 *
 * @param callback  the clock; it answers 0 when it does not know. NULL for the system's
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_wall_clock(animaldetect_transport *transport,
                                                               animaldetect_transport_clock_callback callback);

/**
 * Sets what runs at the beginning of each turn.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_poll(animaldetect_transport *transport,
                                                         animaldetect_transport_poll_callback callback);

/**
 * Sets what runs before a thread blocks.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_idle(animaldetect_transport *transport,
                                                         animaldetect_transport_idle_callback callback);

/**
 * Sets what hears that nobody uses the transport any more, so that `user` can be freed.
 *
 * @param callback  the callback, or NULL for none
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_release(animaldetect_transport *transport,
                                                            animaldetect_transport_release_callback callback);

/**
 * Sets where the clients on this transport take chance from (the spread of retries and polls), so that a course over a
 * clock of its own can be repeated. Keys that must be unguessable stay random.
 *
 * @param seed  any number; 0 for a random one (default)
 */
ANIMALDETECT_API int32_t animaldetect_transport_set_seed(animaldetect_transport *transport, uint64_t seed);

/**
 * Makes a client carry its requests over this transport in place of libcurl. Only before its first use. One transport
 * may serve any number of clients.
 *
 * @param transport  the transport, kept alive by the client until it is freed; NULL for libcurl again
 * @return  also ANIMALDETECT_E_INVALID_ARGUMENT when the start callback is missing, or a clock has no idle callback
 */
ANIMALDETECT_API int32_t animaldetect_client_set_transport(animaldetect_client *client,
                                                           animaldetect_transport *transport);

/**
 * Makes every client on this transport look again: waits return to their work, descriptors become readable. For a clock
 * of its own that has moved on, and for a transport whose poll callback has work.
 *
 * @threads any, also inside a callback
 */
ANIMALDETECT_API int32_t animaldetect_transport_wake(animaldetect_transport *transport);

/**
 * When the first of the clients on this transport wants to be processed, on the transport's clock.
 *
 * @return  milliseconds; a time that has passed when there is work now, -1 when only an answer (or nothing) can bring
 *          work, or ANIMALDETECT_E_INVALID_ARGUMENT
 * @threads any, also inside a callback
 */
ANIMALDETECT_API int64_t animaldetect_transport_due_ms(const animaldetect_transport *transport);

#ifdef __cplusplus
}
#endif

#endif
