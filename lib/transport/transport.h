/* SPDX-License-Identifier: MIT */
/*
 * What the engine needs of the world: a clock, exchanges, and something to wait on. a transport never
 * sees a job.
 *
 * The engine calls every function with the client's lock held, from one thread at a time, except `block` and `signal`.
 * A transfer is owned by the engine from before `start` until its `done` callback or `abort` has returned.
 * `done` and `on_header` are called from inside `drive` only, never from inside `start` or `abort`.
 * `done` may start and abort transfers.
 */
#ifndef AD_TRANSPORT_TRANSPORT_H
#define AD_TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "protocol/verdict.h"
#include "transport/body.h"

struct ad_transport;
struct ad_transfer;

#define AD_TRANSFER_MAX_HEADERS 40
#define AD_TIME_NEVER INT64_MAX

/* How long one part of an iteration may take before it leaves the rest to the next: the host's loop lends us a moment. */
#define AD_SLICE_MS 10
/* How often a transport checks for silence: it ends a transfer after 1 to 1 1/8 times the stall timeout. */
#define AD_CHECKS_PER_TIMEOUT 8

struct ad_transfer_callbacks {
    /* One header of the final answer, without line end; names in any case.  Not for 1xx answers or trailers. */
    void (*on_header)(struct ad_transfer *transfer, const char *name, size_t name_size, const char *value,
                      size_t value_size);
    /* Once: the exchange has ended, `net`, `http_status`, `answer` and `error_text` are set. */
    void (*done)(struct ad_transfer *transfer);
};

struct ad_transfer {
    /* Set by the engine before `start`; borrowed until the end. */
    const struct ad_transfer_callbacks *callbacks;
    const char *method; /* "GET", "POST", "PUT" */
    const char *url;
    const char *bearer; /* API key for an Authorization header, or NULL.  Only ever set for a trusted origin. */
    struct ad_header headers[AD_TRANSFER_MAX_HEADERS]; /* clean; names are tokens */
    size_t header_count;
    const char *body_bytes; /* a body in memory ... */
    size_t body_size;
    struct ad_body body;   /* ... or from a source (body.ops not NULL), or neither */
    uint64_t answer_limit; /* bytes */
    bool body_optional;    /* the status says all that is needed of the answer */
    int64_t connect_timeout_ms;
    int64_t stall_timeout_ms;   /* no byte moved either way for this long */
    int64_t request_timeout_ms; /* of the whole exchange; 0: none */
    int64_t answer_timeout_ms;  /* from the answer's beginning and the body's end to the answer's end; 0: none */
    /*
     * The request must go out at most once in this exchange.  Without it a transport may send it again by itself when a
     * kept connection turns out to be dead; for a request that is not idempotent that would be a second effect.
     */
    bool once;

    /* Set by the transport. */
    enum ad_net net;
    int32_t body_status; /* for AD_NET_BODY: what the source answered */
    int32_t http_status;
    uint64_t sent;        /* body bytes handed to the network in this try; may be read at any time */
    struct ad_buf answer; /* initialised and freed by the engine */
    /*
     * The transport's words, no URL and no secret; "" when it has none.  With AD_NET_OK: why an answer whose status
     * counts comes without its body.
     */
    char error_text[192];

    void *slot; /* the transport's own */
};

struct ad_transport_ops {
    /* Monotonic milliseconds, never going back; the zero is anywhere but not negative. */
    int64_t (*now_ms)(struct ad_transport *transport);
    /*
     * Seconds since 1970 by the host's wall clock, 0 when unknown.  Used only to read a Retry-After date without a
     * Date.
     */
    int64_t (*wall_s)(struct ad_transport *transport);

    /*
     * Begins an exchange.  ANIMALDETECT_OK or E_NO_MEMORY / E_SYSTEM: then nothing was started and `done` is not
     * called.
     */
    int32_t (*start)(struct ad_transport *transport, struct ad_transfer *transfer);
    /* Ends one early, without `done`.  Legal while it is in progress, also from inside another one's `done`. */
    void (*abort)(struct ad_transport *transport, struct ad_transfer *transfer);
    /*
     * Moves bytes that are ready, never blocks, calls `done` for what ended: at most `budget` of them.  True when more
     * is ready.
     */
    bool (*drive)(struct ad_transport *transport, int32_t budget);

    /*
     * The engine wants to be driven at this time (now_ms scale; AD_TIME_NEVER for not at all): `fd` and `block` see to
     * it.
     */
    void (*arm)(struct ad_transport *transport, int64_t deadline_ms);
    /*
     * Makes `fd` readable (until `acknowledge`) and ends a `block` in progress, or the next one.  Any thread, lock or
     * not.
     */
    void (*signal)(struct ad_transport *transport);
    /* Takes back what `signal` did. */
    void (*acknowledge)(struct ad_transport *transport);
    /*
     * Makes `fd` readable, a new edge each time, or no longer so, for what concerns the host's loop only (ended calls
     * that were not taken): `block` takes no notice, or a thread that waits for one job would spin while another's end
     * lies there.
     */
    void (*announce)(struct ad_transport *transport, bool there);

    /* Under the lock, before `block`: gathers what `block` needs while others change the transport. */
    void (*prepare)(struct ad_transport *transport);
    /*
     * Without the lock, one thread at a time: returns when `drive` has work, the armed time has come, `signal` was
     * called, or after `timeout_ms` (-1: no limit).  Early returns are legal.  ANIMALDETECT_OK or E_SYSTEM.
     */
    int32_t (*block)(struct ad_transport *transport, int64_t timeout_ms);

    /* One descriptor, readable while `block` would return at once; E_UNSUPPORTED where there is none. */
    int32_t (*fd)(struct ad_transport *transport);

    /*
     * Frees everything; every transfer was aborted before.  `forked`: in a child of the process that made it; touches
     * no connection, only memory and this process's descriptors.  Transfers may then be in progress: they are dropped,
     * and must not be aborted (an abort would speak to the peer).
     */
    void (*close)(struct ad_transport *transport, bool forked);
};

/* The head of every transport's own struct. */
struct ad_transport {
    const struct ad_transport_ops *ops;
};

#endif
